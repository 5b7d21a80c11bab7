"""The rules about which customer a value of a list means."""

from datetime import timedelta

from customer_groups.customers import Customer
from customer_groups.query import GroupQuery
from customer_groups.testing.contracts.expectations import expect
from customer_groups.testing.contracts.outcomes import OutcomeRules, outcomes_of
from customer_groups.testing.contracts.values import (
    CUSTOMERS,
    LOOKALIKES,
    NOON,
    A,
    B,
    group,
    join,
    member_keys,
)
from customer_groups.testing.driver import TENANTS

__all__ = ["ResolvingRules"]


class ResolvingRules(OutcomeRules):
    """`add_members`: codes, keys, and the directory that knows them."""

    def test_a_membership_stores_the_key(self) -> None:
        """Rule: people list codes; what becomes a member is the key of the customer.

        Usual cause: the code is stored, because in most hosts both are the same.

        Fix: ask the directory for the code, and store the key of who has it.
        """
        self._expect_outcomes("APART", "added", "k-apart")

    def test_a_code_is_no_key(self) -> None:
        """Rule: a listed code is compared with codes only, even where it is somebody's key.

        Usual cause: code and key are both looked up.

        Fix: resolve codes by `lookup`; where one customer's code is another's key, the code
        counts.
        """
        self._expect_outcomes("k-apart LEFT", "unknown added", "RIGHT")

    def test_codes_are_compared_character_by_character(self) -> None:
        """Rule: ``00123`` is not ``123``, ``c1`` is not ``C1``, and an accent counts.

        Usual cause: codes become numbers, or a collation of the host's table decides.

        Fix: compare codes exactly, after the storage found candidates.
        """
        known, others = LOOKALIKES[::2], LOOKALIKES[1::2]
        with self._groups([Customer(code) for code in known]) as groups:
            for code, listed in (("A", LOOKALIKES), ("B", LOOKALIKES[::-1])):
                groups.add(group(code))
                came = dict(zip(listed, outcomes_of(groups, group(code).code, listed), strict=True))
                expected = dict.fromkeys(known, "added") | dict.fromkeys(others, "unknown")
                expect("the outcome of each code", came, expected)
            expect("the members", member_keys(groups, A), sorted(known))

    def test_similar_codes_are_different_customers(self) -> None:
        """Rule: of two customers whose codes are similar, exactly the listed one joins.

        Usual cause: codes that meet in a collation, as duplicates or as each other.

        Fix: compare codes exactly, in the list and in the directory.
        """
        with self._groups([Customer(code) for code in LOOKALIKES]) as groups:
            groups.add(group())
            groups.add(group("B"))
            came = outcomes_of(groups, A, LOOKALIKES)
            expect("the outcomes of all codes", came, ["added"] * len(LOOKALIKES))
            outcomes_of(groups, B, LOOKALIKES[::2])
            expect("the members by half of them", member_keys(groups, B), sorted(LOOKALIKES[::2]))

    def test_customers_join_by_key(self) -> None:
        """Rule: with `by_key`, the values are keys, and never ambiguous.

        Usual cause: the option is ignored, or the key is resolved through its code.

        Fix: ask the directory by `by_keys`.
        """
        self._expect_outcomes(
            "k-twin-1 k-no-code k-new RIGHT k-old",
            "added added added added inactive",
            "RIGHT k-new k-no-code k-twin-1",
            by_key=True,
        )

    def test_a_key_is_no_code(self) -> None:
        """Rule: with `by_key`, a value that is only a code is `unknown`.

        Usual cause: code and key are both looked up.

        Fix: compare keys only.
        """
        self._expect_outcomes(
            "APART K-APART ONE ONE", "unknown unknown added duplicate", "ONE", by_key=True
        )

    def test_the_directory_is_asked_as_it_is_now(self) -> None:
        """Rule: only customers that the directory has now may join, under their codes of now.

        Usual cause: customers are copied when a store is opened first, and kept.

        Fix: ask the directory of this unit of work for every list.
        """
        later = [Customer("TWO", active=False), Customer("NEW"), Customer("MOVED", key="THREE")]
        with self._stores() as open_store:
            with open_store(TENANTS[0], CUSTOMERS).transaction() as work:
                work.groups.add(group())
            with open_store(TENANTS[0], later).transaction() as work:
                came = outcomes_of(work.groups, A, ["ONE", "TWO", "NEW", "THREE", "MOVED"])
                expected = ["unknown", "inactive", "added", "unknown", "added"]
                expect("outcomes after the customers changed", came, expected)
                expect("the members", member_keys(work.groups, A), ["NEW", "THREE"])

    def test_members_outlive_their_customers(self) -> None:
        """Rule: who is gone from the directory stays a member, and counts.

        Usual cause: a join with the customers, or a cascade from their table.

        Fix: read memberships alone.
        """
        with self._stores() as open_store:
            with open_store(TENANTS[0], CUSTOMERS).transaction() as work:
                work.groups.add(group())
                join(work.groups, A, "ONE", "k-apart", at=NOON - timedelta(1))
            with open_store(TENANTS[0], ()).transaction() as work:
                found = work.groups.find(GroupQuery(), limit=9).items
                expect("the number of customers", [each.customers for each in found], [2])
                expect("the members", member_keys(work.groups, A), ["ONE", "k-apart"])

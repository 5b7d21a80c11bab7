"""The rules about who leaves a group."""

from collections.abc import Sequence

from customer_groups.customers import Customer
from customer_groups.testing.contracts.base import RepositoryRules
from customer_groups.testing.contracts.expectations import expect
from customer_groups.testing.contracts.outcomes import outcomes_of
from customer_groups.testing.contracts.values import (
    CUSTOMERS,
    LOOKALIKES,
    NOON,
    A,
    B,
    group,
    join,
    lines,
    member_keys,
)
from customer_groups.testing.driver import TENANTS

__all__ = ["LeavingRules"]


class LeavingRules(RepositoryRules):
    """`remove_members`."""

    def _expect_removed(
        self,
        before: str,
        values: str,
        outcomes: str,
        after: str,
        *,
        by_key: bool = False,
        customers: Sequence[Customer] = CUSTOMERS,
    ) -> None:
        """Remove values, separated by spaces, from a group that was filled by keys."""
        members = [Customer(None, key=key) for key in before.split()]
        with self._stores() as open_store:
            with open_store(TENANTS[0], members).transaction() as work:
                work.groups.add(group())
                join(work.groups, A, *before.split())
            with open_store(TENANTS[0], customers).transaction() as work:
                groups = work.groups
                came = outcomes_of(
                    groups, A, values.split(), by_key=by_key, method="remove_members"
                )
                kind = "keys" if by_key else "codes"
                expect(f"outcomes of the {kind} {values}", came, outcomes.split())
                expect("the members who are left", member_keys(groups, A), after.split())

    def test_listed_members_leave(self) -> None:
        """Rule: members whose code is listed leave; the others stay.

        Usual cause: the code is compared with the key, or all members leave.

        Fix: resolve the code to a key, and delete that membership.
        """
        self._expect_removed("ONE TWO k-apart", "APART ONE", "removed removed", "TWO")

    def test_inactive_members_leave(self) -> None:
        """Rule: customers are removed whether they are active or not.

        Usual cause: the flag is looked at, as when customers join.

        Fix: ignore the flag, but where it tells which customer a repeated code means.
        """
        self._expect_removed("ASLEEP k-new k-old", "ASLEEP REUSED", "removed removed", "k-old")

    def test_who_is_no_member_cannot_leave(self) -> None:
        """Rule: a known customer who is not in the group is `not_a_member`.

        Usual cause: it counts as unknown, or as removed.

        Fix: tell a code that nobody has from a customer who is not a member.
        """
        self._expect_removed("ONE", "TWO NOBODY", "not_a_member unknown", "ONE")

    def test_repeated_and_ambiguous_codes_remove_nobody_else(self) -> None:
        """Rule: a repeated value is `duplicate`, a code that does not say who is `ambiguous`.

        Usual cause: all customers of the code leave, or the second value finds no member.

        Fix: classify values as when customers join.
        """
        self._expect_removed(
            "ONE k-twin-1 k-twin-2",
            "ONE ONE TWIN NOBODY NOBODY",
            "removed duplicate ambiguous unknown duplicate",
            "k-twin-1 k-twin-2",
        )

    def test_a_gone_customer_is_removed_by_its_key(self) -> None:
        """Rule: a value that is nobody's code, but the key of a member, means that member.

        Usual cause: what the directory does not know is `unknown` in every case.

        Fix: look for unknown values among the keys of the members.
        """
        self._expect_removed("gone ONE", "gone", "removed", "ONE")
        self._expect_removed("gone ONE", "gone", "removed", "ONE", by_key=True)

    def test_a_code_comes_before_a_key(self) -> None:
        """Rule: a value that is a code means the customer with that code, not a member's key.

        Usual cause: keys of members are searched first.

        Fix: ask the directory first; look at keys only where no customer has the code.
        """
        self._expect_removed("RIGHT", "RIGHT", "not_a_member", "RIGHT")
        self._expect_removed("RIGHT", "LEFT", "removed", "")
        self._expect_removed("TWIN", "TWIN", "ambiguous", "TWIN")

    def test_a_member_leaves_once(self) -> None:
        """Rule: where two values mean one member, the second one is `not_a_member`.

        Usual cause: both are counted as removed, and the number of customers drops twice.

        Fix: remember who left by an earlier line.
        """
        self._expect_removed("k-apart ONE", "APART k-apart", "removed not_a_member", "ONE")
        self._expect_removed("k-apart ONE", "k-apart APART", "removed not_a_member", "ONE")

    def test_customers_leave_by_key(self) -> None:
        """Rule: with `by_key`, the values are keys; a code that is no key removes nobody.

        Usual cause: the option is ignored, or an ambiguous code is in the way.

        Fix: compare keys only.
        """
        self._expect_removed(
            "k-twin-1 k-apart ONE",
            "k-twin-1 APART k-twin-2 TWIN",
            "removed unknown not_a_member unknown",
            "ONE k-apart",
            by_key=True,
        )

    def test_similar_keys_stay(self) -> None:
        """Rule: keys are compared character by character when members leave.

        Usual cause: a collation in the condition of the deletion.

        Fix: a binary collation on the key of memberships.
        """
        leaving, staying = LOOKALIKES[::2], sorted(LOOKALIKES[1::2])
        with self._groups([Customer(code) for code in LOOKALIKES]) as groups:
            groups.add(group())
            join(groups, A, *LOOKALIKES)
            groups.remove_members(A, lines(*leaving), at=NOON, by=None)
            expect("the members who are left", member_keys(groups, A), staying)

    def test_leaving_one_group_is_leaving_one_group(self) -> None:
        """Rule: customers stay in all other groups.

        Usual cause: the code of the group is missing in the condition of the deletion.

        Fix: delete by tenant, group and customer.
        """
        with self._groups() as groups:
            for code in (A, B):
                groups.add(group(code))
                join(groups, code, "ONE", "TWO")
            groups.remove_members(A, lines("ONE"), at=NOON, by=None)
            groups.replace_members(A, [], at=NOON, by=None)
            expect("the members of 'B'", member_keys(groups, B), ["ONE", "TWO"])

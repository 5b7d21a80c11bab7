"""The rules about customers who are looked up by code or key."""

from collections.abc import Collection, Mapping, Sequence

from customer_groups.customers import Customer, CustomerCode, CustomerQuery
from customer_groups.testing.contracts.directory_hooks import DirectoryRules
from customer_groups.testing.contracts.expectations import expect
from customer_groups.testing.contracts.values import LOOKALIKES, crowd, keys

__all__ = ["LookingUpRules"]

_MANY = 5_001
_PLAIN = (Customer("C1"), Customer("C2"), Customer("C3"))


def _codes(*texts: str) -> list[CustomerCode]:
    return [CustomerCode(text) for text in texts]


class LookingUpRules(DirectoryRules):
    """`lookup` and `by_keys`."""

    def _expect_lookup(
        self,
        customers: Sequence[Customer],
        codes: Collection[CustomerCode],
        expected: Mapping[str, Sequence[Customer]],
    ) -> None:
        with self._directory(customers) as directory:
            found = {code: [*having] for code, having in directory.lookup(codes).items()}
            wanted = {code: [*having] for code, having in expected.items()}
            expect(f"lookup({[*codes]})", found, wanted)

    def test_customers_are_found_by_code(self) -> None:
        """Rule: `lookup` answers for each code that some customer has, and leaves others out.

        Usual cause: an entry for every code, or an error for a missing one.

        Fix: put only those codes into the answer that were found.
        """
        one, two, _ = _PLAIN
        self._expect_lookup(_PLAIN, _codes("C2", "C9", "C1"), {"C1": [one], "C2": [two]})

    def test_codes_may_be_repeated_in_the_question(self) -> None:
        """Rule: order and repetitions of what is asked make no difference, and it may be nothing.

        Usual cause: a customer for each repetition, or a statement without values.

        Fix: ask for each code once, and not at all for none.
        """
        self._expect_lookup(_PLAIN, _codes("C1", "C1"), {"C1": _PLAIN[:1]})
        self._expect_lookup(_PLAIN, [], {})

    def test_all_customers_of_a_code_are_found(self) -> None:
        """Rule: any number of customers may have a code; all are returned, ordered by key.

        Usual cause: one customer for each code, the last one read.

        Fix: collect a list for each code, and order it by key in code-point order.
        """
        twins = [Customer("TWIN", key=key) for key in ("b", "B", "a", "10", "9")]
        expected = sorted(twins, key=lambda customer: customer.key)
        self._expect_lookup([*_PLAIN, *twins], _codes("TWIN"), {"TWIN": expected})

    def test_inactive_customers_are_found(self) -> None:
        """Rule: inactive customers are customers: they are returned, and said to be inactive.

        Usual cause: the host's own filter of archived rows.

        Fix: read all rows, and tell `active` from the flag.
        """
        asleep = Customer("C9", active=False)
        self._expect_lookup([*_PLAIN, asleep], _codes("C9"), {"C9": [asleep]})
        with self._directory([asleep]) as directory:
            found = dict(directory.by_keys(keys("C9")))
            expect("by_keys() of an inactive customer", found, {"C9": asleep})

    def test_codes_are_compared_character_by_character(self) -> None:
        """Rule: only customers whose code is exactly the one that was asked for are returned.

        Usual cause: the collation of the host's table, or codes that become numbers.

        Fix: compare codes in Python after the storage found candidates.
        """
        known = LOOKALIKES[::2]
        expected = {code: [Customer(code)] for code in known}
        self._expect_lookup([Customer(code) for code in known], _codes(*LOOKALIKES), expected)

    def test_similar_codes_belong_to_different_customers(self) -> None:
        """Rule: customers with similar codes are found by their own code only.

        Usual cause: the collation of the host's table.

        Fix: compare codes in Python after the storage found candidates.
        """
        expected = {code: [Customer(code)] for code in LOOKALIKES}
        self._expect_lookup([Customer(code) for code in LOOKALIKES], _codes(*LOOKALIKES), expected)

    def test_a_code_is_no_key(self) -> None:
        """Rule: `lookup` compares codes only, and `by_keys` keys only.

        Usual cause: one index for both.

        Fix: keep them apart; a customer's key may be the code of another.
        """
        left, right = Customer("LEFT", key="RIGHT"), Customer("RIGHT", key="LEFT")
        apart, nameless = Customer("APART", key="k1"), Customer(None, key="k2")
        with self._directory([left, right, apart, nameless]) as directory:
            asked = ("LEFT", "APART", "k1", "k2")
            found = {code: [*having] for code, having in directory.lookup(_codes(*asked)).items()}
            expect(f"lookup({asked})", found, {"LEFT": [left], "APART": [apart]})
            by_keys = dict(directory.by_keys(keys(*asked)))
            expect(f"by_keys({asked})", by_keys, {"LEFT": right, "k1": apart, "k2": nameless})

    def test_customers_are_returned_whole(self) -> None:
        """Rule: every method returns code, name, type, active and key as the host has them.

        Usual cause: a query that reads the code only, or a name that is trimmed.

        Fix: build the customer in one place.
        """
        full = Customer("C1", " Anna's ß 😀 ", "Owner", active=False, key="k1")
        bare = Customer(None, key="k2")
        with self._directory([full, bare]) as directory:
            expect(
                "lookup()", [*directory.lookup(_codes("C1")).get(CustomerCode("C1"), [])], [full]
            )
            found = dict(directory.by_keys(keys("k1", "k2")))
            expect("by_keys()", found, {"k1": full, "k2": bare})
            page = directory.search(CustomerQuery(), limit=10).items
            expect("search(), in any order", {*page}, {full, bare})

    def test_keys_are_compared_character_by_character(self) -> None:
        """Rule: `by_keys` returns customers with exactly these keys, and leaves others out.

        Usual cause: the collation of the host's table, or keys that become numbers.

        Fix: compare keys in Python after the storage found candidates.
        """
        known = LOOKALIKES[::2]
        with self._directory([Customer(code) for code in known]) as directory:
            asked = keys(*LOOKALIKES, *LOOKALIKES)
            expected = {key: Customer(key) for key in known}
            expect("by_keys()", dict(directory.by_keys(asked)), expected)
            expect("by_keys() of nobody", dict(directory.by_keys([])), {})

    def test_large_batches_are_looked_up_whole(self) -> None:
        """Rule: any number of codes and of keys may be asked for at once.

        Usual cause: a limit of the storage on bound values, or a last part that is forgotten.

        Fix: ask in parts, and put the answers together.
        """
        everybody = crowd(_MANY)
        with self._directory(everybody) as directory:
            asked = [customer.key for customer in everybody]
            found = directory.lookup([CustomerCode(key) for key in asked])
            expect("how many codes are found", len(found), _MANY)
            expect("how many keys are found", len(directory.by_keys(asked)), _MANY)

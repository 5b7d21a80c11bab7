"""The rules about customers who are picked from a list."""

from collections.abc import Mapping
from functools import partial

from customer_groups.customers import Customer, CustomerDirectory, CustomerQuery
from customer_groups.errors import InvalidCursorError, InvalidValueError
from customer_groups.testing.contracts.directory_hooks import DirectoryRules
from customer_groups.testing.contracts.expectations import expect, expect_error
from customer_groups.testing.contracts.values import all_items
from customer_groups.text import TextMatch, equals, starts_with

__all__ = ["PickingRules"]

_PLAIN = (Customer("C1"), Customer("C2"), Customer("C3"))
_NAMED = (
    Customer("A1", "Straße 1", "shop"),
    Customer("A2", "STRASSE 22", "office", active=False),
    Customer("B_1", "100% wool", "shop", active=False),
    Customer("B1", "Émile ﬁsh", "Shop"),
    Customer("b2", "", None),
)


def _all_found(directory: CustomerDirectory, query: CustomerQuery, limit: int) -> list[Customer]:
    return all_items(lambda after: directory.search(query, limit=limit, after=after))


class PickingRules(DirectoryRules):
    """`search` and `types`."""

    def _expect_found(self, queries: Mapping[CustomerQuery, str]) -> None:
        with self._directory(_NAMED) as directory:
            for query, expected in queries.items():
                found = {customer.code for customer in directory.search(query, limit=100).items}
                expect(f"the codes that search({query}) finds", found, {*expected.split()})

    def test_codes_and_names_are_searched_as_those_of_groups_are(self) -> None:
        """Rule: conditions on code and name are folded, taken literally, and keep their mode.

        Usual cause: LIKE patterns, ASCII-only lower-casing, or the database's own collation.

        Fix: decide by `CustomerQuery.accepts`, in Python where the storage cannot.
        """
        everybody = "A1 A2 B_1 B1 b2"
        names: dict[str | TextMatch, str] = {
            "strasse": "A1 A2",
            "raß": "A1 A2",
            "%": "B_1",
            "_": "",
        }
        names |= {"ÉMI": "B1", "FI": "B1", "": everybody}
        names |= {starts_with("STRASSE 2"): "A2", equals("straße 1"): "A1"}
        self._expect_found({CustomerQuery(name=text): found for text, found in names.items()})
        codes: dict[str | TextMatch, str] = {"a": "A1 A2", "B": "B_1 B1 b2", "_": "B_1", "%": ""}
        codes |= {"2": "A2 b2", "": everybody, starts_with("B_"): "B_1", equals("B2"): "b2"}
        self._expect_found({CustomerQuery(code=text): found for text, found in codes.items()})

    def test_type_and_activity_are_compared_exactly(self) -> None:
        """Rule: the type is compared character by character; None means any, as for `active`.

        Usual cause: a collation, or conditions that are joined by "or".

        Fix: compare exactly, and join all conditions by "and".
        """
        everybody = "A1 A2 B_1 B1 b2"
        self._expect_found(
            {
                CustomerQuery(): everybody,
                CustomerQuery(type="shop"): "A1 B_1",
                CustomerQuery(type="Shop"): "B1",
                CustomerQuery(type="sho"): "",
                CustomerQuery(active=True): "A1 B1 b2",
                CustomerQuery(active=False): "A2 B_1",
                CustomerQuery(type="shop", active=True, name="s", code="a"): "A1",
            }
        )

    def test_without_a_code_no_condition_on_it_holds(self) -> None:
        """Rule: a customer without a code satisfies no condition on the code, not even "".

        Usual cause: "nothing" is compared as an empty text.

        Fix: leave such customers out where there is a condition on the code.
        """
        nameless = Customer(None, "Anna", key="k1")
        with self._directory([nameless]) as directory:
            found = directory.search(CustomerQuery(code=""), limit=10).items
            expect("search(code='')", found, ())
            found = directory.search(CustomerQuery(name="anna"), limit=10).items
            expect("search(name='anna')", found, (nameless,))

    def test_pages_show_every_customer_once(self) -> None:
        """Rule: pages of any size show every customer once, in the same order, without total.

        Usual cause: an order that does not tell customers with the same code or name apart.

        Fix: let the order end in the key, and continue after it; a full last page has no cursor.
        """
        twins = [Customer(None, "Twin", key=f"k{number}") for number in range(7)]
        with self._directory(twins) as directory:
            query = CustomerQuery(name="twin")
            whole = directory.search(query, limit=100)
            expect("cursor and total of the only page", (whole.next, whole.total), (None, None))
            expect("who is found", {*whole.items}, {*twins})
            expect("how many are found", len(whole.items), len(twins))
            for limit in (1, 2, 3, 7):
                found = _all_found(directory, query, limit)
                expect(f"search() in pages of {limit}", found, [*whole.items])

    def test_limits_are_checked(self) -> None:
        """Rule: a limit below 1 or above 1,000 is refused with `InvalidValueError`.

        Usual cause: it reaches the storage, where 0 may mean "all".

        Fix: pass the limit to `checked_limit`.
        """
        with self._directory(_PLAIN) as directory:
            for limit in (0, -1, 1_001):
                expect_error(
                    f"search(limit={limit})",
                    partial(directory.search, CustomerQuery(), limit=limit),
                    InvalidValueError("limit", limit, "is out of bounds"),
                )
            expect(
                "who is found, limit=1000",
                len(directory.search(CustomerQuery(), limit=1_000).items),
                3,
            )

    def test_a_cursor_belongs_to_its_search(self) -> None:
        """Rule: a cursor of another search, or a damaged one, is refused.

        Usual cause: only a position is in the cursor.

        Fix: make cursors by `encode_cursor`, with all that they depend on.
        """
        refusal = InvalidCursorError("cursor", "", "does not belong here")
        with self._directory(_PLAIN) as directory:
            cursor = directory.search(CustomerQuery(), limit=1).next or ""
            expect_error(
                "search(active=True) with a cursor of search()",
                lambda: directory.search(CustomerQuery(active=True), limit=1, after=cursor),
                refusal,
            )
            for damaged in ("", cursor[:-1], "not a cursor of yours"):
                expect_error(
                    f"search() with the cursor {damaged!r}",
                    partial(directory.search, CustomerQuery(), limit=1, after=damaged),
                    refusal,
                )

    def test_types_are_listed_once(self) -> None:
        """Rule: `types` returns each type once, in code-point order, without "no type".

        Usual cause: one entry for each customer, a collation of a language, or None in it.

        Fix: sort the distinct types in Python.
        """
        with self._directory(_NAMED) as directory:
            expect("types()", directory.types(), ("Shop", "office", "shop"))
        with self._directory([Customer("C1")]) as directory:
            expect("types() where nobody has one", directory.types(), ())

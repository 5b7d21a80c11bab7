"""The rules about where a cursor works, and where it is refused."""

from functools import partial
from itertools import permutations

from customer_groups.customers import Customer
from customer_groups.errors import InvalidCursorError
from customer_groups.query import GroupOrder, GroupQuery
from customer_groups.repository import GroupRepository
from customer_groups.testing.contracts.base import RepositoryRules
from customer_groups.testing.contracts.expectations import expect_error, expect_that
from customer_groups.testing.contracts.values import MORNING, A, B, group, join
from customer_groups.text import contains, starts_with

__all__ = ["CursorRules"]

_LONGEST_CURSOR = 1_024
_REFUSAL = InvalidCursorError("cursor", "", "does not belong here")


def _fill(groups: GroupRepository) -> None:
    for code in (A, B):
        groups.add(group(code))
        join(groups, code, "ONE", "TWO", "THREE")


def _found(groups: GroupRepository, query: GroupQuery) -> str:
    """Return the cursor of a first page of groups."""
    return groups.find(query, limit=1).next or ""


def _listed(groups: GroupRepository) -> str:
    """Return the cursor of a first page of members."""
    return groups.members(A, limit=1).next or ""


def _damaged(cursor: str) -> dict[str, str]:
    middle = len(cursor) // 2
    other = "A" if cursor[middle : middle + 1] != "A" else "B"
    return {
        "empty": "",
        "of somebody else": "not a cursor of yours",
        "not even ASCII": "ü😀",
        "cut in half": cursor[:middle],
        "without its last character": cursor[:-1],
        "with another character in its middle": f"{cursor[:middle]}{other}{cursor[middle + 1 :]}",
        "with a character too many": f"{cursor[:middle]}!{cursor[middle:]}",
        "with a line break": f"{cursor}\n",
        "longer than any": cursor * 500,
    }


class CursorRules(RepositoryRules):
    """`find` and `members`: their cursors."""

    def test_cursors_are_short(self) -> None:
        """Rule: a cursor has at most 1,024 bytes, after the longest name and key too.

        Usual cause: the text of the search, or the last item as a whole, is in the cursor.

        Fix: put a digest of the search and the sort value into it, as `encode_cursor` does.
        """
        customers = [Customer(None, key="😀" * 139 + end) for end in "ab"]
        query = GroupQuery(name="ß", code="", order_by=GroupOrder.NAME)
        with self._groups(customers) as groups:
            for code, end in (("A", "a"), ("B", "b")):
                groups.add(group(code, "ß" * 95 + end))
            join(groups, A, *(customer.key for customer in customers))
            cursors = {"find()": _found(groups, query), "members()": _listed(groups)}
            for method, cursor in cursors.items():
                expect_that(f"{method} of more than one page has a cursor", cursor)
                size = len(cursor.encode())
                expect_that(
                    f"the cursor of {method} has at most 1,024 bytes, not {size:,}",
                    size <= _LONGEST_CURSOR,
                )

    def test_a_cursor_belongs_to_its_search(self) -> None:
        """Rule: a cursor of one search is refused by every other one.

        Usual cause: only the sort value is in the cursor, so it continues anything.

        Fix: put a digest of all conditions into it, and compare it.
        """
        with self._groups() as groups:
            _fill(groups)
            cursor = _found(groups, GroupQuery())
            others = [
                *(GroupQuery(name="Group"), GroupQuery(code="A"), GroupQuery(status="active")),
                GroupQuery(customer="ONE"),
            ]
            for other in others:
                expect_error(
                    f"{other} continued by the cursor of {GroupQuery()}",
                    partial(groups.find, other, limit=1, after=cursor),
                    _REFUSAL,
                )

    def test_a_cursor_belongs_to_its_conditions(self) -> None:
        """Rule: a cursor of one search is refused by another one, even if both find the same.

        Usual cause: the digest has the texts of the conditions, but not what is compared with
        them, or how: "contains" or "starts with".

        Fix: put every field of the query into the digest, each in its place.
        """
        queries = [
            *(GroupQuery(name=contains("x")), GroupQuery(name=starts_with("x"))),
            *(GroupQuery(code=contains("x")), GroupQuery(code=starts_with("x"))),
            *(GroupQuery(customer="ONE"), GroupQuery(customer="TWO")),
            *(GroupQuery(status="active"), GroupQuery(status="active", name="x")),
        ]
        with self._groups() as groups:
            for number in (1, 2):
                each = group(f"X{number}", f"X {number}")
                groups.add(each)
                join(groups, each.code, "ONE", "TWO")
            for own, other in permutations(queries, 2):
                expect_error(
                    f"{other} continued by the cursor of {own}",
                    partial(groups.find, other, limit=1, after=_found(groups, own)),
                    _REFUSAL,
                )

    def test_a_cursor_belongs_to_its_order(self) -> None:
        """Rule: a cursor of one order is refused in every other one.

        Usual cause: the order is not in the digest, or its direction is not.

        Fix: put the order into the digest as well.
        """
        with self._groups() as groups:
            _fill(groups)
            for own in GroupOrder:
                cursor = _found(groups, GroupQuery(order_by=own))
                for order in set(GroupOrder) - {own}:
                    expect_error(
                        f"find(order_by={order}) with a cursor of order_by={own}",
                        partial(groups.find, GroupQuery(order_by=order), limit=1, after=cursor),
                        _REFUSAL,
                    )

    def test_a_cursor_belongs_to_its_group(self) -> None:
        """Rule: a cursor of the members of one group is refused for another one.

        Usual cause: only the key is in the cursor.

        Fix: put the code of the group into the digest.
        """
        with self._groups() as groups:
            _fill(groups)
            cursor = _listed(groups)
            expect_error(
                "members('B') with a cursor of members('A')",
                lambda: groups.members(B, limit=1, after=cursor),
                _REFUSAL,
            )

    def test_a_cursor_belongs_to_its_time_of_adding(self) -> None:
        """Rule: a cursor of all members is refused for those of one import, and vice versa.

        Usual cause: `added_at` is not in the digest.

        Fix: put it there.
        """
        with self._groups() as groups:
            _fill(groups)
            cursor = _listed(groups)
            expect_error(
                "members(added_at=...) with a cursor of members()",
                lambda: groups.members(A, limit=1, added_at=MORNING, after=cursor),
                _REFUSAL,
            )
            of_import = groups.members(A, limit=1, added_at=MORNING).next
            expect_error(
                "members() with a cursor of members(added_at=...)",
                lambda: groups.members(A, limit=1, after=of_import),
                _REFUSAL,
            )

    def test_a_cursor_belongs_to_its_method(self) -> None:
        """Rule: `find` refuses a cursor of `members`, and `members` one of `find`.

        Usual cause: both put the same kind of text into their cursors.

        Fix: put the kind of list into the digest.
        """
        with self._groups() as groups:
            _fill(groups)
            of_find, of_members = _found(groups, GroupQuery()), _listed(groups)
            expect_error(
                "find() with a cursor of members()",
                lambda: groups.find(GroupQuery(), limit=1, after=of_members),
                _REFUSAL,
            )
            expect_error(
                "members() with a cursor of find()",
                lambda: groups.members(A, limit=1, after=of_find),
                _REFUSAL,
            )

    def test_a_cursor_belongs_to_its_tenant(self) -> None:
        """Rule: a cursor of one tenant is refused by another, for the same list.

        Usual cause: the tenant is not in the digest, or is taken from the cursor.

        Fix: put the tenant into the digest; take it from the repository only.
        """
        with self._two_tenants() as (north, south):
            for store in (north, south):
                store.run(lambda work: _fill(work.groups))
            of_find = north.run(lambda work: _found(work.groups, GroupQuery()))
            of_members = north.run(lambda work: _listed(work.groups))
            with south.transaction() as work:
                expect_error(
                    "find() with the cursor of another tenant",
                    lambda: work.groups.find(GroupQuery(), limit=1, after=of_find),
                    _REFUSAL,
                )
                expect_error(
                    "members() with the cursor of another tenant",
                    lambda: work.groups.members(A, limit=1, after=of_members),
                    _REFUSAL,
                )

    def test_damaged_cursors_are_refused(self) -> None:
        """Rule: what is no cursor, or not a whole one, is refused with `InvalidCursorError`.

        Usual cause: the error of the decoder passes, or an empty text counts as None.

        Fix: catch what decoding raises; let the digest cover the position.
        """
        with self._groups() as groups:
            _fill(groups)
            for how, cursor in _damaged(_found(groups, GroupQuery())).items():
                expect_error(
                    f"find() with a cursor that is {how}",
                    partial(groups.find, GroupQuery(), limit=1, after=cursor),
                    _REFUSAL,
                )
            for how, cursor in _damaged(_listed(groups)).items():
                expect_error(
                    f"members() with a cursor that is {how}",
                    partial(groups.members, A, limit=1, after=cursor),
                    _REFUSAL,
                )

"""The rules about the other conditions of a search, and about its totals."""

from collections.abc import Mapping
from itertools import combinations, product
from typing import Any

import attrs

from customer_groups.codes import parse_group_code
from customer_groups.customers import CustomerKey
from customer_groups.model import CustomerGroup, GroupStatus
from customer_groups.query import GroupOrder, GroupQuery, GroupSummary, matches
from customer_groups.repository import UnitOfWork
from customer_groups.testing.contracts.base import RepositoryRules
from customer_groups.testing.contracts.expectations import expect
from customer_groups.testing.contracts.values import (
    MORNING,
    NOON,
    A,
    B,
    C,
    codes_found,
    group,
    join,
    keys,
    summary_of,
)

__all__ = ["FilteringRules"]


_CONDITIONS: Mapping[str, Any] = {
    "code": "key",
    "name": "alpha",
    "status": GroupStatus.INACTIVE,
    "customer": "ONE",
}


def _variant(number: int) -> tuple[CustomerGroup, list[CustomerKey]]:
    """Return one of 16 groups and its members; each satisfies other conditions."""
    code = "KEY" if number & 1 else "OTHER"
    name = "Alpha" if number & 2 else "Beta"
    each = group(f"{code}-{number:02}", f"{15 - number:02} {name}")
    each = each.deactivated(at=NOON) if number & 4 else each
    return each, keys("ONE", "TWO") if number & 8 else keys("TWO")


class FilteringRules(RepositoryRules):
    """`find`: conditions that are no text, all of them together, and what is shown."""

    def test_without_conditions_all_groups_are_found(self) -> None:
        """Rule: the default search finds every group, inactive and empty ones too.

        Usual cause: a join with the memberships drops groups without members.

        Fix: read the groups, and the number of customers from the row of each.
        """
        with self._groups() as groups:
            groups.add(group("A"))
            groups.add(attrs.evolve(group("B"), status=GroupStatus.INACTIVE))
            groups.add(group("C"))
            join(groups, C, "ONE")
            expect("find() without conditions", codes_found(groups), ["A", "B", "C"])

    def test_status_is_a_condition(self) -> None:
        """Rule: with a status, only groups with that status are found.

        Usual cause: the condition is ignored, or inactive groups are always left out.

        Fix: compare the stored status; None means any.
        """
        with self._groups() as groups:
            groups.add(group("A"))
            groups.add(group("B"))
            groups.replace(groups.get(B).deactivated(at=NOON))
            found = codes_found(groups, GroupQuery(status=GroupStatus.ACTIVE))
            expect("the active groups", found, ["A"])
            found = codes_found(groups, GroupQuery(status=GroupStatus.INACTIVE))
            expect("the inactive groups", found, ["B"])

    def test_a_member_is_a_condition(self) -> None:
        """Rule: with a customer, only groups with that member are found, by its exact key.

        Usual cause: the code of the customer is compared, or a part of its key, or its case
        is ignored.

        Fix: compare the key of the membership exactly.
        """
        wanted = {
            "k-apart": ["A", "C"],
            "ONE": ["B", "C"],
            "APART": [],
            "one": [],
            "ON": [],
            "%": [],
        }
        with self._groups() as groups:
            for code, members in ((A, ["k-apart"]), (B, ["ONE"]), (C, ["ONE", "k-apart"])):
                groups.add(group(code))
                join(groups, code, *members)
            for key, codes in wanted.items():
                found = codes_found(groups, GroupQuery(customer=key))
                expect(f"the groups with the member {key!r}", found, codes)

    def test_all_conditions_must_hold(self) -> None:
        """Rule: a group is found only if it satisfies every condition of the search.

        Usual cause: conditions are joined by "or", or all but the last are lost.

        Fix: join them by "and".
        """
        with self._groups() as groups:
            for code, name in (("X1", "Key"), ("X2", "Key 2"), ("X3", "Other"), ("Y1", "Key 3")):
                groups.add(group(code, name))
                join(groups, parse_group_code(code), "ONE")
            inactive = groups.get(parse_group_code("X2")).deactivated(at=NOON)
            groups.replace(inactive)
            query = GroupQuery(code="x", name="key", status=GroupStatus.ACTIVE, customer="ONE")
            expect(f"find({query})", codes_found(groups, query), ["X1"])
            other = attrs.evolve(query, customer="TWO")
            expect(f"find({other})", codes_found(groups, other), [])

    def test_any_two_conditions_hold_on_every_page(self) -> None:
        """Rule: any two conditions find exactly the groups that satisfy both, page by page.

        Usual cause: one of two conditions is lost where they meet, or is applied after the
        page was cut.

        Fix: join all conditions by "and", and cut last.
        """
        with self._groups() as groups:
            stored = [_variant(number) for number in range(16)]
            for each, members in stored:
                groups.add(each)
                join(groups, each.code, *members)
            for order, pair in product(GroupOrder, combinations(_CONDITIONS.items(), 2)):
                query = attrs.evolve(GroupQuery(order_by=order), **dict(pair))
                found = [each for each, members in stored if matches(query, each, members)]
                first, *others = sorted(found, key=order.sort_key, reverse=order.descending)
                page = groups.find(query, limit=1)
                rest = groups.find(query, limit=9, after=page.next)
                shown = [[each.group for each in items] for items in (page.items, rest.items)]
                expect(f"find({query}), limit=1, and the rest", shown, [[first], others])

    def test_nothing_found_is_an_empty_page(self) -> None:
        """Rule: a search that finds nothing returns a page without items and without a cursor.

        Usual cause: an error is raised, or a cursor is made of no item.

        Fix: return an empty page; its total is 0 where that was asked for.
        """
        with self._groups() as groups:
            page = groups.find(GroupQuery(name="nothing"), limit=10, with_total=True)
            shown = (page.items, page.next, page.total)
            expect("items, next and total of an empty result", shown, ((), None, 0))

    def test_the_total_counts_what_the_search_finds(self) -> None:
        """Rule: with `with_total`, `total` is how many groups the search finds on all pages.

        Usual cause: conditions are left out of the count, or the page or the rest is counted.

        Fix: count with the same conditions, without limit and cursor.
        """
        with self._groups() as groups:
            for number in range(5):
                groups.add(group(f"KEY-{number}"))
                groups.add(group(f"OTHER-{number}"))
            query = GroupQuery(code="key")
            first = groups.find(query, limit=2, with_total=True)
            expect("the total on the first page", first.total, 5)
            second = groups.find(query, limit=2, after=first.next, with_total=True)
            expect("the total on the second page", second.total, 5)
            unasked = groups.find(query, limit=2)
            expect("the total that nobody asked for", unasked.total, None)

    def test_the_total_keeps_to_every_condition(self) -> None:
        """Rule: `total` counts by name, code, status and customer, by each of them alone, too.

        Usual cause: the statement that counts has no join with the memberships, or was not
        changed when a condition was added.

        Fix: count with the conditions that the page is read by.
        """
        totals = {
            GroupQuery(): 6,
            GroupQuery(code="key"): 5,
            GroupQuery(name="alpha"): 4,
            GroupQuery(status=GroupStatus.INACTIVE): 3,
            GroupQuery(customer="ONE"): 2,
            GroupQuery(customer="TWO"): 0,
        }
        with self._groups() as groups:
            for number in range(6):
                code = f"KEY-{number}" if number < totals[GroupQuery(code="key")] else "OTHER"
                name = "Alpha" if number < totals[GroupQuery(name="alpha")] else "Beta"
                each = group(code, f"{name} {number}")
                groups.add(each if number % 2 else each.deactivated(at=NOON))
                if number < totals[GroupQuery(customer="ONE")]:
                    join(groups, each.code, "ONE", "THREE")
            for query, total in totals.items():
                page = groups.find(query, limit=1, with_total=True)
                expect(f"the total of find({query}), limit=1", page.total, total)

    def test_the_total_is_counted_when_it_is_asked_for(self) -> None:
        """Rule: `total` counts what is there now, in this transaction and in later ones.

        Usual cause: totals are kept, and groups come and go.

        Fix: count again whenever somebody asks.
        """
        totals: list[int | None] = []

        def count(work: UnitOfWork) -> None:
            page = work.groups.find(GroupQuery(name="group"), limit=1, with_total=True)
            totals.append(page.total)

        with self._store() as store:
            with store.transaction() as work:
                count(work)
                work.groups.add(group("A"))
                count(work)
            store.run(count)
            with store.transaction() as work:
                work.groups.add(group("B"))
                count(work)
                work.groups.remove(A)
                count(work)
            store.run(lambda work: work.groups.remove(B))
            store.run(count)
        expect("the totals before and after each change", totals, [0, 1, 1, 2, 1, 0])

    def test_a_search_by_customer_shows_all_members(self) -> None:
        """Rule: a group that is found by a customer is shown with the number of all its members.

        Usual cause: the number is counted in the join by which the group is found.

        Fix: read it from the group's row, or count all memberships of the group.
        """
        with self._groups() as groups:
            for code, members in ((A, ["ONE", "TWO", "THREE"]), (B, ["TWO"]), (C, ["ONE"])):
                groups.add(group(code))
                join(groups, code, *members)
            found = groups.find(GroupQuery(customer="ONE"), limit=10).items
            expected = [
                GroupSummary(group(code), customers, 1, MORNING, "anna")
                for code, customers in ((A, 3), (C, 1))
            ]
            expect("find(customer='ONE')", [*found], expected)

    def test_what_is_found_shows_the_group_as_stored(self) -> None:
        """Rule: `find` shows the same group as `get` does, every field of it.

        Usual cause: a second, shorter list of columns.

        Fix: build the group in one place.
        """
        given = attrs.evolve(group(), attributes={"a": "b"}, updated_at=NOON, updated_by=None)
        with self._groups() as groups:
            groups.add(given)
            summary = summary_of(groups, A)
            expect("the group that find() shows", summary and summary.group, given)

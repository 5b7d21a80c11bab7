"""The rules about pages of groups and of members."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from itertools import cycle, product
from string import punctuation

import attrs

from customer_groups.codes import parse_group_code
from customer_groups.customers import Customer
from customer_groups.errors import InvalidValueError
from customer_groups.model import CustomerGroup, GroupStatus
from customer_groups.paging import MAX_PAGE
from customer_groups.query import GroupOrder, GroupQuery
from customer_groups.repository import GroupRepository
from customer_groups.testing.contracts.base import RepositoryRules
from customer_groups.testing.contracts.expectations import expect, expect_error, expect_that
from customer_groups.testing.contracts.values import (
    EVENING,
    MORNING,
    TICK,
    A,
    B,
    all_items,
    all_members,
    codes_found,
    crowd,
    group,
    join,
)
from customer_groups.testing.driver import TENANTS

__all__ = ["PagingRules"]

_NAMES = ("beta", "Alpha", "Éa", "e", "Ω", "\ufffd", "😀", "zeta")


def _some_groups() -> list[CustomerGroup]:
    """Return groups whose code, name and time of change put them into different orders."""
    return [
        attrs.evolve(group(f"G{number}", name), updated_at=MORNING + number // 3 * TICK)
        for number, name in enumerate(_NAMES)
    ]


def _move(name: str, updated_at: datetime, groups: GroupRepository, each: CustomerGroup) -> None:
    groups.replace(attrs.evolve(each, name=name, updated_at=updated_at))


def _remove(groups: GroupRepository, each: CustomerGroup) -> None:
    groups.remove(each.code)


_CHANGES: dict[str, Callable[[GroupRepository, CustomerGroup], None]] = {
    "moved to the front": partial(_move, "!", MORNING - TICK),
    "moved to the end": partial(_move, "\U0001f600\U0001f600", EVENING),
    "removed": _remove,
}


class PagingRules(RepositoryRules):
    """`find` and `members`: what stands on each page."""

    def test_pages_show_every_group_once(self) -> None:
        """Rule: pages of any size, one after the other, show what one large page shows.

        Usual cause: a cursor that compares sort value and code each on its own, so that rows
        are left out, or that repeats the last row, or offsets that are off by one.

        Fix: continue after the pair of sort value and code, compared as a pair.
        """
        with self._groups() as groups:
            for each in _some_groups():
                groups.add(each)
            for order in GroupOrder:
                query = GroupQuery(order_by=order)
                whole = [each.group.code for each in groups.find(query, limit=MAX_PAGE).items]
                for limit in (1, 2, 3, 7, 8):
                    found = codes_found(groups, query, limit=limit)
                    expect(f"find(order_by={order}) in pages of {limit}", found, whole)

    def test_groups_are_paged_through_whatever_they_are_called(self) -> None:
        """Rule: every character that a name or a code may have can stand where a page ends.

        Usual cause: sort value and code are joined to a cursor by a character that may stand
        in them; or a character of the last name means something to the storage.

        Fix: join them by a character that no name has, as `encode_cursor` does; bind values.
        """
        signs = cycle("._/-")
        every = {f"a{mark}b": f"G{next(signs)}{number}" for number, mark in enumerate(punctuation)}
        with self._groups() as groups:
            for name, code in every.items():
                groups.add(group(code, name))
            for order in GroupOrder:
                query = GroupQuery(order_by=order)
                whole = [each.group.code for each in groups.find(query, limit=MAX_PAGE).items]
                found = codes_found(groups, query, limit=1)
                expect(f"find(order_by={order}) of {list(every)}, limit=1", found, whole)

    def test_members_are_paged_through_whatever_their_keys_are(self) -> None:
        """Rule: every character that a key may have can stand where a page ends.

        Usual cause: a cursor of several parts, joined by a character that may stand in a key.

        Fix: join them by a character that no key has, as `encode_cursor` does; bind values.
        """
        names = sorted(f"k{mark}k" for mark in punctuation)
        with self._groups([Customer(None, key=name) for name in names]) as groups:
            groups.add(group())
            join(groups, A, *names)
            found = [member.customer for member in all_members(groups, A, limit=1)]
            expect("members(), limit=1", found, names)

    def test_pages_of_a_search_show_every_match_once(self) -> None:
        """Rule: conditions hold on every page, not only on the first.

        Usual cause: the condition of the cursor is joined to the others without brackets, or
        a page is filtered after it was cut.

        Fix: join all conditions by "and", and cut last.
        """
        with self._groups() as groups:
            for number in range(9):
                each = group(f"{'KEY' if number % 3 else 'OTHER'}-{number}")
                groups.add(each)
                if number % 2:
                    groups.replace(each.deactivated(at=MORNING + TICK))
            for order in GroupOrder:
                query = GroupQuery(code="key", status=GroupStatus.ACTIVE, order_by=order)
                found = sorted(codes_found(groups, query, limit=1))
                expect(f"find({query}) in pages of 1", found, ["KEY-2", "KEY-4", "KEY-8"])

    def test_pages_are_as_long_as_they_may_be(self) -> None:
        """Rule: a page has `limit` items, unless it is the last one.

        Usual cause: the look ahead for a next page shortens or lengthens the page.

        Fix: read one more than `limit`, and show `limit`.
        """
        with self._groups() as groups:
            for each in _some_groups()[:5]:
                groups.add(each)
            pages: list[int] = []
            after: str | None = None
            while not pages or (after and len(pages) < MAX_PAGE):
                page = groups.find(GroupQuery(), limit=2, after=after)
                pages.append(len(page.items))
                after = page.next
            expect("the lengths of the pages of 5 groups, limit=2", pages, [2, 2, 1])

    def test_the_last_page_has_no_cursor(self) -> None:
        """Rule: `next` is None exactly if there are no more items, on full pages, too.

        Usual cause: every full page gets a cursor.

        Fix: read one more than `limit` to know whether there are more.
        """
        with self._groups() as groups:
            for code in (A, B):
                groups.add(group(code))
            join(groups, A, "ONE", "TWO")
            find, members = partial(groups.find, GroupQuery()), partial(groups.members, A)
            for page_of in (find, members):
                what = f"{page_of.func.__name__}() of 2 items"
                expect_that(f"{what}, limit=1, has a cursor", page_of(limit=1).next is not None)
                expect(f"the cursor of {what}, limit=2", page_of(limit=2).next, None)
                expect(f"the cursor of {what}, limit=3", page_of(limit=3).next, None)

    def test_limits_are_checked(self) -> None:
        """Rule: a limit below 1 or above 1,000 is refused with `InvalidValueError`.

        Usual cause: 0 or a negative number reaches the storage, where it means "all", or a
        large one is silently lowered.

        Fix: pass the limit to `checked_limit`.
        """
        with self._groups() as groups:
            groups.add(group())
            for limit in (0, -1, 1_001):
                refusal = InvalidValueError("limit", limit, "is out of bounds")
                find = partial(groups.find, GroupQuery(), limit=limit)
                expect_error(f"find(limit={limit})", find, refusal)
                members = partial(groups.members, A, limit=limit)
                expect_error(f"members(limit={limit})", members, refusal)

    def test_a_page_may_hold_a_thousand_groups(self) -> None:
        """Rule: 1,000 groups fit on one page, and the next page goes on from there.

        Usual cause: a smaller limit of the storage, or of the adapter, cuts the page.

        Fix: ask the storage in parts where it does not give so much at once.
        """
        with self._groups() as groups:
            for number in range(1_001):
                groups.add(group(f"G{number:04}"))
            page = groups.find(GroupQuery(), limit=1_000, with_total=True)
            shown = (len(page.items), page.total, page.next is None)
            expect("length, total and end of a page of 1,001 groups", shown, (1_000, 1_001, False))
            rest = groups.find(GroupQuery(), limit=1_000, after=page.next)
            expect(
                "the codes on the last page", [each.group.code for each in rest.items], ["G1000"]
            )

    def test_a_page_may_hold_a_thousand_members(self) -> None:
        """Rule: 1,000 members fit on one page, and the next page goes on from there.

        Usual cause: a smaller limit of the storage, or of the adapter, cuts the page.

        Fix: ask the storage in parts where it does not give so much at once.
        """
        everybody = crowd(1_001)
        with self._groups(everybody) as groups:
            groups.add(group())
            join(groups, A, *(customer.key for customer in everybody))
            page = groups.members(A, limit=1_000)
            expect(
                "length and end of the page", (len(page.items), page.next is None), (1_000, False)
            )
            rest = groups.members(A, limit=1_000, after=page.next)
            last = [member.customer for member in rest.items]
            expect("the members on the last page", last, ["crowd-01000"])

    def test_pages_show_every_member_once(self) -> None:
        """Rule: members are listed by key in code-point order, the same in pages of any size.

        Usual cause: a collation of a language, or the order in which members were added.

        Fix: order by the key in a binary collation, and continue after the last key.
        """
        names = ("1", "10", "2", "A", "B", "a", "a b", "a-b", "ab", "é", "\uac00", "\ufffd", "😀")
        customers = [Customer(None, key=name) for name in names]
        with self._groups(customers) as groups:
            groups.add(group())
            join(groups, A, *names[::-1])
            for limit in (1, 2, 5, 100):
                found = [member.customer for member in all_members(groups, A, limit=limit)]
                expect(f"members() in pages of {limit}", found, [*names])

    def test_what_does_not_change_is_shown_once_while_others_write(self) -> None:
        """Rule: whatever is added, changed or removed between two pages, the rest appears once.

        Usual cause: pages are counted by offset, or the cursor looks for a group that is gone.

        Fix: let the cursor hold the sort value and code of the last item, and continue there.
        """
        with self._store() as store:
            with store.transaction() as work:
                for each in "BDFHJ":
                    work.groups.add(group(each))
            with store.transaction() as work:
                first = work.groups.find(GroupQuery(), limit=2)
            with store.transaction() as work:
                for added in "ACEZ":
                    work.groups.add(group(added))
                for removed in "BDH":
                    work.groups.remove(parse_group_code(removed))
            with store.transaction() as work:
                rest = all_items(
                    lambda after: work.groups.find(GroupQuery(), limit=1, after=after or first.next)
                )
            found = [each.group.code for each in (*first.items, *rest)]
            expect("B, D, then after writing the rest", found, ["B", "D", "E", "F", "J", "Z"])

    def test_a_page_goes_on_where_the_last_group_stood(self) -> None:
        """Rule: whatever becomes of the last group of a page, the others appear once, in order.

        Usual cause: the cursor names that group, and its sort value is read again when the
        next page is asked for; but it was renamed, changed or removed meanwhile.

        Fix: put the sort value into the cursor, as it was when the page was shown.
        """
        with self._groups() as groups:
            for order, (what, change) in product(GroupOrder, _CHANGES.items()):
                for each in _some_groups():
                    groups.add(each)
                query = GroupQuery(order_by=order)
                first = groups.find(query, limit=4)
                whole = [*first.items, *groups.find(query, limit=4, after=first.next).items]
                last = first.items[-1].group
                change(groups, last)
                rest = groups.find(query, limit=9, after=first.next)
                found = [each.group.code for each in (*first.items, *rest.items)]
                expect(
                    f"find(order_by={order}): the groups but {last.code!r}, which was {what}"
                    " after the first page",
                    [code for code in found if code != last.code],
                    [each.group.code for each in whole if each.group != last],
                )
                for code in codes_found(groups):
                    groups.remove(parse_group_code(code))

    def test_members_are_shown_once_while_others_write(self) -> None:
        """Rule: whoever joins or leaves between two pages, the other members appear once.

        Usual cause: pages are counted by offset.

        Fix: let the cursor hold the last key, and continue after it.
        """
        with self._store(crowd(8)) as store:
            with store.transaction() as work:
                work.groups.add(group())
                join(work.groups, A, *(f"crowd-{number:05}" for number in (1, 3, 5, 7)))
            with store.transaction() as work:
                first = work.groups.members(A, limit=2)
            with store.transaction() as work:
                leaving = [(1, "crowd-00001"), (2, "crowd-00003")]
                work.groups.remove_members(A, leaving, at=MORNING, by=None)
                join(work.groups, A, "crowd-00000", "crowd-00002", "crowd-00006")
            with store.transaction() as work:
                rest = work.groups.members(A, limit=9, after=first.next)
            found = [member.customer[-1] for member in (*first.items, *rest.items)]
            expect("1, 3, then after writing the rest", found, ["1", "3", "5", "6", "7"])

    def test_cursors_outlive_the_store(self) -> None:
        """Rule: a cursor works in a later transaction, of a store that was opened later.

        Usual cause: cursors name something that is kept in memory or in the transaction.

        Fix: put all that is needed to continue into the cursor.
        """
        with self._stores() as open_store:
            store = open_store(TENANTS[0], crowd(3))
            with store.transaction() as work:
                for code in "ABC":
                    work.groups.add(group(code))
                join(work.groups, A, *(customer.key for customer in crowd(3)))
                first = work.groups.find(GroupQuery(), limit=1)
                members = work.groups.members(A, limit=1)
            with open_store(TENANTS[0], ()).transaction() as work:
                found = work.groups.find(GroupQuery(), limit=9, after=first.next).items
                rest = work.groups.members(A, limit=9, after=members.next).items
            codes = [each.group.code for each in found]
            expect("the groups after the first one, another limit", codes, ["B", "C"])
            expect("the number of members after the first one", len(rest), 2)

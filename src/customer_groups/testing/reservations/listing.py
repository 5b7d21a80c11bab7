"""The rules about lists: reservations, the ledger and stocks, page by page."""

from collections.abc import Callable
from functools import partial
from itertools import product
from typing import TypeVar

from customer_groups.errors import InvalidCursorError, InvalidValueError
from customer_groups.paging import MAX_PAGE, Page
from customer_groups.reservations.asking import find_reservations, history
from customer_groups.reservations.model import LedgerEntry, ReservationState
from customer_groups.reservations.repository import ReservationWork
from customer_groups.reservations.reserving import release, reserve
from customer_groups.testing.contracts.expectations import expect, expect_error
from customer_groups.testing.contracts.values import EVENING, NOON, TICK, A, B, C, all_items
from customer_groups.testing.reservations.base import ReservationRepositoryRules
from customer_groups.testing.reservations.story import ON_HAND, STORY, tell
from customer_groups.testing.reservations.values import Options, X, Y, all_entries, all_reservations

__all__ = ["ListRules"]

T = TypeVar("T")

_TWO_STATES = [ReservationState.ACTIVE, ReservationState.RELEASED]
_FAR = 20
_LIMITS = (1, 2, 3, 5, MAX_PAGE)


def _expect_pages(what: str, fetch: Callable[..., Page[T]], expected: list[T]) -> None:
    """Refuse a list that is not the expected one on pages of any size."""
    for limit in _LIMITS:
        sized = partial(fetch, limit=limit)
        found = all_items(partial(_after, sized))
        expect(f"{what} on pages of {limit}", found, expected)


def _after(fetch: Callable[..., Page[T]], after: str | None) -> Page[T]:
    return fetch(after=after)


class ListRules(ReservationRepositoryRules):
    """Pages together have all that is asked for, in order, and each of it once."""

    def test_reservations_are_found(self) -> None:
        """Rule: a search finds what has the group, the stock and one of the states, in order.

        Usual cause: a condition is left out, or pages continue in another order.

        Fix: order by stock and id, and continue after both.
        """
        with self._work(ON_HAND) as work:
            tell(work)
            everything = all_reservations(work)
            ids = [(each.stock, each.id) for each in everything]
            expect("the order of all", ids, sorted(ids))
            groups, stocks = (None, A, B, C), (None, X, Y)
            states = [*([each] for each in ReservationState), [], _TWO_STATES]
            for code, stock, wanted in product(groups, stocks, states):
                fetch = partial(find_reservations, work, group=code, stock=stock, states=wanted)
                matching = [
                    each
                    for each in everything
                    if code in {None, each.group}
                    and stock in {None, each.stock}
                    and (not wanted or each.state in wanted)
                ]
                _expect_pages(f"find {code}, {stock}, {wanted}", fetch, matching)

    def test_the_ledger_comes_in_order(self) -> None:
        """Rule: the ledger is read by stock, version and line, of all or of one.

        Usual cause: versions and lines sort as text, or a condition is left out; or entries
        come by the times at which requests say that they were made.

        Fix: order by the three as numbers, and continue after all of them.
        """
        with self._work({X: 100, Y: 100}) as work:
            for number in range(_FAR):
                at = NOON - number * TICK
                reserve(work, A, (X, Y)[number % 2], 2, request_id=f"r{number}", at=at)
            for number in range(_FAR):
                release(work, f"r{number}", quantity=1, request_id=f"s{number}", at=NOON)
            everything = all_entries(work)
            expect(
                "the ledger",
                [(each.stock, each.version, each.line) for each in everything],
                [(stock, version, 1) for stock in (X, Y) for version in range(1, _FAR + 1)],
            )
            for stock, reservation in product((None, X), (None, "r2", "r3", "s2")):
                fetch = partial(history, work, stock=stock, reservation=reservation)
                matching = [
                    each
                    for each in everything
                    if stock in {None, each.stock} and reservation in {None, each.reservation}
                ]
                _expect_pages(f"history of {stock}, {reservation}", fetch, matching)

    def test_the_ledger_only_grows(self) -> None:
        """Rule: no request changes or removes an entry of an earlier one.

        Usual cause: entries are stored in place of others with the same version and line.

        Fix: insert entries, and nothing else; number them by the version of their stock.
        """
        with self._work(ON_HAND) as work:
            before: list[LedgerEntry] = []
            for number, step in enumerate(STORY.values()):
                step(work, NOON + number * TICK)
                after = all_entries(work)
                expect("what was there before", [e for e in after if e in before], before)
                before = after

    def test_a_reservation_knows_its_history(self) -> None:
        """Rule: the history of a reservation has all that concerned it, also after its end.

        Usual cause: entries are stored without their reservation.

        Fix: store every field of `LedgerEntry`.
        """
        with self._work(ON_HAND) as work:
            tell(work)
            found = [entry.request_id for entry in history(work, reservation="reserve").items]
            wanted = ["reserve", "consume", "unconsume", "release", "reallocate", "expire"]
            expect("what concerned it", found, wanted)
            everything = all_entries(work)
            own = [each for each in everything if each.reservation == "reserve"]
            expect("the entries", history(work, reservation="reserve").items, tuple(own))

    def test_stocks_are_listed(self) -> None:
        """Rule: each stock of which anything was ever promised is listed once, by key.

        Usual cause: stocks without anything promised now are left out.

        Fix: list the rows that `lock_stocks` writes.
        """
        with self._work({X: 9, Y: 9}) as work:
            expect("the stocks at first", work.reservations.stocks(limit=9), Page(()))
            for number, stock in enumerate((Y, X, Y)):
                reserve(work, A, stock, 1, request_id=f"r{number}")
                release(work, f"r{number}", request_id=f"s{number}")
            _expect_pages("the stocks", work.reservations.stocks, [X, Y])

    def test_limits_are_checked(self) -> None:
        """Rule: a page has 1 to 1,000 values; any other size is refused.

        Usual cause: the limit is passed on to the storage as it is.

        Fix: check it with `customer_groups.paging.checked_limit`.
        """
        with self._work({X: 9}) as work:
            reserve(work, A, X, 1, request_id="r")
            for fetch, limit in product(_lists(work), (0, -1, MAX_PAGE + 1)):
                ask = partial(fetch, limit=limit)
                expect_error(f"a page of {limit}", ask, InvalidValueError("", "", ""))

    def test_cursors_belong_to_their_list(self) -> None:
        """Rule: the cursor of another list or search is refused, and so is nonsense.

        Usual cause: the cursor is the place alone.

        Fix: make cursors with `encode_cursor`, with all that the list depends on.
        """
        with self._work({X: 9, Y: 9}) as work:
            for number in range(4):
                later: Options = {"valid_to": EVENING, "at": NOON}
                reserve(work, A, (X, Y)[number % 2], 1, request_id=f"r{number}", **later)
            fetches = _lists(work)
            cursors = [fetch(limit=1).next for fetch in fetches]
            expect("lists of one page", cursors.count(None), 0)
            tried = enumerate([*cursors, "nonsense", ""])
            for (own, fetch), (number, cursor) in product(enumerate(fetches), tried):
                if number != own:
                    ask = partial(fetch, limit=1, after=cursor)
                    expect_error("a strange cursor", ask, InvalidCursorError("", "", ""))


def _lists(work: ReservationWork) -> list[Callable[..., Page[object]]]:
    """Return lists that differ in what they are about, or in what is asked for."""
    return [
        partial(find_reservations, work),
        partial(find_reservations, work, group=A),
        partial(find_reservations, work, stock=X),
        partial(find_reservations, work, states=["active"]),
        partial(history, work),
        partial(history, work, stock=X),
        partial(history, work, stock=Y),
        partial(work.reservations.due, EVENING),
        work.reservations.stocks,
    ]

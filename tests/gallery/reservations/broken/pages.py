"""Pages that lose something, repeat something, or never end."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

import attrs

from customer_groups.adapters.memory.pages import page_of
from customer_groups.paging import MAX_PAGE, Page, checked_limit, decode_cursor, encode_cursor
from customer_groups.reservations.model import GroupReservation, LedgerEntry, StockKey
from customer_groups.reservations.repository import ReservationQuery
from gallery.reservations.adapter import Reservations
from gallery.reservations.cases import cases

__all__ = ["CASES"]

T = TypeVar("T")


def _all(page_after: Callable[[str | None], Page[T]]) -> list[T]:
    page = page_after(None)
    found = [*page.items]
    while page.next is not None:
        page = page_after(page.next)
        found += page.items
    return found


def _place(reservation: GroupReservation) -> tuple[str, str]:
    return (reservation.stock, reservation.id)


def _age(reservation: GroupReservation) -> tuple[str, str]:
    return (reservation.created_at.isoformat(), reservation.id)


class EndCountsIn(Reservations):
    """What ends now is not due before the next moment."""

    def due(self, now: datetime, *, limit: int, after: str | None = None) -> Page[GroupReservation]:
        """Return what was due a moment ago."""
        return super().due(now - timedelta(microseconds=1), limit=limit, after=after)


class BeginningsNotDue(Reservations):
    """Beginnings are not due, only ends are."""

    def due(self, now: datetime, *, limit: int, after: str | None = None) -> Page[GroupReservation]:
        """Return what has ended."""
        page = super().due(now, limit=limit, after=after)
        return attrs.evolve(page, items=tuple(each for each in page.items if each.is_due(now)))


class ExhaustedNotDue(Reservations):
    """What is exhausted never expires."""

    def due(self, now: datetime, *, limit: int, after: str | None = None) -> Page[GroupReservation]:
        """Return what has more."""
        page = super().due(now, limit=limit, after=after)
        return attrs.evolve(page, items=tuple(each for each in page.items if each.state.has_more))


class DueStarves(Reservations):
    """Those that wait are returned first each time, and nobody gets past them."""

    def due(self, now: datetime, *, limit: int, after: str | None = None) -> Page[GroupReservation]:
        """Return the first ones, wherever the last page ended."""
        del after
        return attrs.evolve(super().due(now, limit=limit), next=None)


class DueByOffset(Reservations):
    """The next page of what is due begins after so many, in a list that has changed meanwhile."""

    def due(self, now: datetime, *, limit: int, after: str | None = None) -> Page[GroupReservation]:
        """Skip as many as were returned before."""
        context = (self._groups.tenant, "due by offset")
        (skipped,) = ("0",) if after is None else decode_cursor(context, after)
        right = super().due
        found = _all(lambda after: right(now, limit=MAX_PAGE, after=after))
        end = int(skipped) + checked_limit(limit)
        more = encode_cursor(context, (str(end),)) if len(found) > end else None
        return Page(tuple(found[int(skipped) : end]), more)


class Searching(Reservations):
    """Searches among what a right search finds."""

    def found(self, query: ReservationQuery) -> list[GroupReservation]:
        """Return all that a search finds."""
        right = super().find
        return _all(lambda after: right(query, limit=MAX_PAGE, after=after))

    def context(self, query: ReservationQuery) -> tuple[str, ...]:
        """Return what a cursor is for."""
        return (self._groups.tenant, repr((query.group, query.stock, sorted(query.states))))


class FindRepeats(Searching):
    """The last reservation of a page is the first of the next one, too."""

    def find(
        self, query: ReservationQuery, *, limit: int, after: str | None = None
    ) -> Page[GroupReservation]:
        """Return a page that begins with the last one of the page before."""
        context = self.context(query)
        last = ("", "") if after is None else decode_cursor(context, after)
        rest = [each for each in self.found(query) if _place(each) >= last]
        shown = tuple(rest[: checked_limit(limit)])
        more = encode_cursor(context, _place(shown[-1])) if len(rest) > limit else None
        return Page(shown, more)


class FindLoses(Searching):
    """A page begins after the stock of the last reservation, not after its id."""

    def find(
        self, query: ReservationQuery, *, limit: int, after: str | None = None
    ) -> Page[GroupReservation]:
        """Return a page without those of the stock where the page before ended."""
        found, context = self.found(query), self.context(query)
        return page_of(found, lambda each: (each.stock,), context, limit=limit, after=after)


class FindIgnoresState(Reservations):
    """A search by states finds reservations in all states."""

    def find(
        self, query: ReservationQuery, *, limit: int, after: str | None = None
    ) -> Page[GroupReservation]:
        """Search without the states."""
        return super().find(attrs.evolve(query, states=frozenset()), limit=limit, after=after)


class FindInOrderOfAge(Searching):
    """A search returns the oldest reservations first."""

    def find(
        self, query: ReservationQuery, *, limit: int, after: str | None = None
    ) -> Page[GroupReservation]:
        """Return a page by age."""
        found, context = self.found(query), self.context(query)
        return page_of(found, _age, context, limit=limit, after=after)


class CursorOfAnything(Searching):
    """The cursor of one search is taken by any other, and by any tenant."""

    def find(
        self, query: ReservationQuery, *, limit: int, after: str | None = None
    ) -> Page[GroupReservation]:
        """Return a page after the place that a cursor names."""
        return page_of(self.found(query), _place, ("reservations",), limit=limit, after=after)


class AnyLimit(Reservations):
    """A page may be asked for with any limit."""

    def find(
        self, query: ReservationQuery, *, limit: int, after: str | None = None
    ) -> Page[GroupReservation]:
        """Return a page with a limit that is allowed."""
        return super().find(query, limit=min(max(limit, 1), MAX_PAGE), after=after)


class Reading(Reservations):
    """Reads what a right ledger has."""

    def entries(self, stock: StockKey | None, reservation: str | None) -> list[LedgerEntry]:
        """Return all entries."""
        right = super().ledger
        return _all(
            lambda after: right(stock=stock, reservation=reservation, limit=MAX_PAGE, after=after)
        )


class VersionsAsText(Reading):
    """The ledger is ordered by versions as text: the tenth change comes before the second."""

    def ledger(
        self,
        *,
        stock: StockKey | None = None,
        reservation: str | None = None,
        limit: int,
        after: str | None = None,
    ) -> Page[LedgerEntry]:
        """Return a page of the ledger by versions as text."""
        return page_of(
            self.entries(stock, reservation),
            lambda entry: (entry.stock, str(entry.version), str(entry.line)),
            (self._groups.tenant, repr((stock, reservation))),
            limit=limit,
            after=after,
        )


class LedgerByTime(Reading):
    """The ledger is ordered by the times that requests claim to be made at."""

    def ledger(
        self,
        *,
        stock: StockKey | None = None,
        reservation: str | None = None,
        limit: int,
        after: str | None = None,
    ) -> Page[LedgerEntry]:
        """Return a page of the ledger by time."""
        return page_of(
            self.entries(stock, reservation),
            lambda entry: (entry.stock, entry.at.isoformat(), f"{entry.version:020}.{entry.line}"),
            (self._groups.tenant, repr((stock, reservation))),
            limit=limit,
            after=after,
        )


class StocksOfReservations(Reservations):
    """Only stocks with reservations are listed, so those with orders alone are never reconciled."""

    def stocks(self, *, limit: int, after: str | None = None) -> Page[StockKey]:
        """Return the stocks of reservations."""
        return page_of(
            {each.stock for each in self.contents.reservations.values()},
            lambda stock: (stock,),
            (self._groups.tenant, "stocks"),
            limit=limit,
            after=after,
        )


CASES = cases(
    EndCountsIn,
    BeginningsNotDue,
    ExhaustedNotDue,
    DueStarves,
    DueByOffset,
    FindRepeats,
    FindLoses,
    FindIgnoresState,
    FindInOrderOfAge,
    CursorOfAnything,
    AnyLimit,
    VersionsAsText,
    LedgerByTime,
    StocksOfReservations,
)

"""The repository of reservations in memory."""

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from datetime import datetime

import attrs

from customer_groups.adapters.memory import InMemoryGroupRepository
from customer_groups.adapters.memory.pages import page_of
from customer_groups.codes import GroupCode
from customer_groups.paging import Page
from customer_groups.reservations.errors import (
    InsufficientStockError,
    RequestReusedError,
)
from customer_groups.reservations.limits import shortage_after
from customer_groups.reservations.memory.contents import (
    NotedRequest,
    ReservationContents,
    normal,
    total_of,
)
from customer_groups.reservations.model import Draw, GroupReservation, LedgerEntry, StockKey
from customer_groups.reservations.quantities import Scale
from customer_groups.reservations.repository import (
    Booking,
    ReservationQuery,
    StockAudit,
    StockTotals,
)

__all__ = ["InMemoryReservationRepository"]


class InMemoryReservationRepository:
    """A `ReservationRepository` beside the groups of one tenant.

    The transactions of the storage run one after the other, so whatever is read is locked.
    """

    def __init__(self, groups: InMemoryGroupRepository, scale: Scale) -> None:
        """Keep the reservations with these groups; `InMemoryReservations.bind` does this."""
        self._groups = groups
        self._scale = scale

    @property
    def contents(self) -> ReservationContents:
        """All that is stored now.

        Raises:
            TransactionClosedError: the transaction has ended.
        """
        return self._groups.other(ReservationContents)

    def begin(self, request_id: str, fingerprint: str) -> str | None:
        """Note a request, or return its answer; see `ReservationRepository.begin`."""
        noted = self.contents.requests.get(request_id)
        if noted is None:
            self._note(request_id, NotedRequest(fingerprint))
            return None
        if noted.fingerprint != fingerprint:
            raise RequestReusedError(request_id)
        return noted.answer

    def finish(self, request_id: str, answer: str) -> None:
        """Store the answer of a request; see `ReservationRepository.finish`."""
        noted = self.contents.requests[request_id]
        self._note(request_id, attrs.evolve(noted, answer=answer))

    def lock_gates(self, groups: Collection[GroupCode]) -> Mapping[GroupCode, bool]:
        """Return which gates are open; see `ReservationRepository.lock_gates`."""
        closed = self.closed_gates(groups)
        return {code: code not in closed for code in sorted(groups)}

    def set_gate(self, group: GroupCode, *, is_open: bool) -> None:
        """Open or close a gate; see `ReservationRepository.set_gate`."""
        others = self.contents.closed_gates - {group}
        closed = others if is_open else others | {group}
        self._keep(attrs.evolve(self.contents, closed_gates=closed))

    def closed_gates(self, groups: Collection[GroupCode]) -> frozenset[GroupCode]:
        """Return which gates are closed; see `ReservationRepository.closed_gates`."""
        return self.contents.closed_gates & set(groups)

    def lock_stocks(self, stocks: Collection[StockKey]) -> Mapping[StockKey, StockTotals]:
        """Count a change of each stock; see `ReservationRepository.lock_stocks`."""
        locked = {
            stock: attrs.evolve(before, version=before.version + 1)
            for stock, before in self.totals(stocks).items()
        }
        self._keep_totals(locked)
        return locked

    def totals(self, stocks: Collection[StockKey]) -> Mapping[StockKey, StockTotals]:
        """Return what is promised; see `ReservationRepository.totals`."""
        nothing = total_of(self._scale, ())
        return {stock: self.contents.totals.get(stock, nothing) for stock in sorted(stocks)}

    def get(
        self,
        reservations: Collection[str],
        *,
        lock: bool = False,  # noqa: ARG002 - all that is read is locked
    ) -> Mapping[str, GroupReservation]:
        """Return reservations by id; see `ReservationRepository.get`."""
        stored = self.contents.reservations
        return {each: stored[each] for each in sorted(reservations) if each in stored}

    def of_stocks(
        self,
        stocks: Collection[StockKey],
        *,
        lock: bool = False,  # noqa: ARG002 - all that is read is locked
    ) -> tuple[GroupReservation, ...]:
        """Return what stocks are held for; see `ReservationRepository.of_stocks`."""
        found = [
            each
            for each in self.contents.reservations.values()
            if each.stock in stocks and each.state.has_more
        ]
        return tuple(sorted(found, key=lambda each: (each.stock, each.order_of_consumption())))

    def of_group(
        self,
        group: GroupCode,
        *,
        lock: bool = False,  # noqa: ARG002 - all that is read is locked
    ) -> tuple[GroupReservation, ...]:
        """Return the open reservations of a group; see `ReservationRepository.of_group`."""
        return tuple(
            each
            for _, each in sorted(self.contents.reservations.items())
            if each.group == group and each.state.is_open
        )

    def due(self, now: datetime, *, limit: int, after: str | None = None) -> Page[GroupReservation]:
        """Return whose time has come; see `ReservationRepository.due`."""
        found = (
            each
            for each in self.contents.reservations.values()
            if each.is_due(now) or each.begins(now)
        )
        return page_of(
            found, _place, (self._groups.tenant, "due reservations"), limit=limit, after=after
        )

    def find(
        self, query: ReservationQuery, *, limit: int, after: str | None = None
    ) -> Page[GroupReservation]:
        """Return a page of reservations; see `ReservationRepository.find`."""
        asked = repr((query.group, query.stock, sorted(query.states)))
        return page_of(
            (each for each in self.contents.reservations.values() if _matches(query, each)),
            _place,
            (self._groups.tenant, "reservations", asked),
            limit=limit,
            after=after,
        )

    def draws(
        self,
        consumption: str,
        *,
        lock: bool = False,  # noqa: ARG002 - all that is read is locked
    ) -> tuple[Draw, ...]:
        """Return what a request consumed; see `ReservationRepository.draws`."""
        stored = sorted(self.contents.draws.items())
        return tuple(draw for (request_id, _), draw in stored if request_id == consumption)

    def book(self, booking: Booking) -> None:
        """Store all that a request changes; see `ReservationRepository.book`."""
        contents, scale = self.contents, self._scale
        reservations = {each.id: normal(scale, each) for each in booking.made + booking.changed}
        draws = {
            (each.consumption, each.line): normal(scale, each)
            for each in booking.drawn + booking.redrawn
        }
        self._keep(
            attrs.evolve(
                contents,
                totals={**contents.totals, **self._totals_after(booking)},
                reservations={**contents.reservations, **reservations},
                draws={**contents.draws, **draws},
                ledger=contents.ledger + tuple(normal(scale, each) for each in booking.entries),
            )
        )

    def ledger(
        self,
        *,
        stock: StockKey | None = None,
        reservation: str | None = None,
        limit: int,
        after: str | None = None,
    ) -> Page[LedgerEntry]:
        """Return a page of the ledger; see `ReservationRepository.ledger`."""
        found = (
            entry
            for entry in self.contents.ledger
            if stock in {None, entry.stock} and reservation in {None, entry.reservation}
        )
        context = (self._groups.tenant, "ledger", repr((stock, reservation)))
        return page_of(found, _place_in_ledger, context, limit=limit, after=after)

    def stocks(self, *, limit: int, after: str | None = None) -> Page[StockKey]:
        """Return a page of the stocks that were ever locked; see `ReservationRepository.stocks`."""
        return page_of(
            self.contents.totals,
            lambda stock: (stock,),
            (self._groups.tenant, "stocks"),
            limit=limit,
            after=after,
        )

    def audit(self, stocks: Collection[StockKey]) -> Mapping[StockKey, StockAudit]:
        """Return what is promised, added up anew; see `ReservationRepository.audit`."""
        return {
            stock: self._audited(stock, totals) for stock, totals in self.totals(stocks).items()
        }

    def correct(self, stock: StockKey, totals: StockTotals) -> None:
        """Store the totals of a stock; see `ReservationRepository.correct`."""
        version = self.totals([stock])[stock].version
        corrected = normal(self._scale, attrs.evolve(totals, version=version))
        self._keep_totals({stock: corrected})

    def atomic(self) -> AbstractContextManager[None]:
        """Return a context of changes kept or undone together, those of groups included."""
        return self._groups.atomic()

    def _keep(self, contents: ReservationContents) -> None:
        self._groups.keep_other(contents)

    def _note(self, request_id: str, noted: NotedRequest) -> None:
        requests = {**self.contents.requests, request_id: noted}
        self._keep(attrs.evolve(self.contents, requests=requests))

    def _keep_totals(self, changed: Mapping[StockKey, StockTotals]) -> None:
        totals = {**self.contents.totals, **changed}
        self._keep(attrs.evolve(self.contents, totals=totals))

    def _totals_after(self, booking: Booking) -> Mapping[StockKey, StockTotals]:
        changes = booking.changes()
        before = self.totals(changes)
        short = [
            shortage
            for stock, change in changes.items()
            if stock in booking.limits
            and (shortage := shortage_after(stock, before[stock], change, booking.limits[stock]))
        ]
        if short:
            raise InsufficientStockError(tuple(short))
        return {
            stock: attrs.evolve(
                total_of(self._scale, (before[stock], change)), version=before[stock].version
            )
            for stock, change in changes.items()
        }

    def _audited(self, stock: StockKey, totals: StockTotals) -> StockAudit:
        contents, scale = self.contents, self._scale
        ledger = total_of(scale, (entry for entry in contents.ledger if entry.stock == stock))
        held = sum(each.held for each in contents.reservations.values() if each.stock == stock)
        outstanding = sum(
            each.outstanding for each in contents.draws.values() if each.stock == stock
        )
        return StockAudit(totals, ledger, scale.kept(held), scale.kept(outstanding))


def _matches(query: ReservationQuery, reservation: GroupReservation) -> bool:
    return (
        query.group in {None, reservation.group}
        and query.stock in {None, reservation.stock}
        and (not query.states or reservation.state in query.states)
    )


def _place(reservation: GroupReservation) -> tuple[str, str]:
    return (reservation.stock, reservation.id)


def _place_in_ledger(entry: LedgerEntry) -> tuple[str, str, str]:
    # Padded, so that the texts of a cursor sort as the numbers do.
    return (entry.stock, f"{entry.version:020}", f"{entry.line:020}")

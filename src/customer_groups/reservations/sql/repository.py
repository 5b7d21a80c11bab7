"""The repository of reservations on a database."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from customer_groups.adapters.sql.session import SqlSession
from customer_groups.codes import GroupCode
from customer_groups.paging import Page
from customer_groups.reservations.errors import RequestReusedError
from customer_groups.reservations.model import (
    Draw,
    GroupReservation,
    LedgerEntry,
    StockKey,
)
from customer_groups.reservations.quantities import Scale
from customer_groups.reservations.repository import (
    Booking,
    ReservationQuery,
    StockAudit,
    StockTotals,
)
from customer_groups.reservations.sql.auditing import SqlAudit
from customer_groups.reservations.sql.rows import (
    draw_from_row,
    draw_values,
    entry_from_row,
    entry_values,
    reservation_from_row,
    reservation_values,
)
from customer_groups.reservations.sql.statements import ReservationStatements
from customer_groups.reservations.sql.stocks import SqlStocks
from customer_groups.reservations.sql.tenant_table import TenantTable

__all__ = ["SqlReservationRepository"]

_BY_STOCK = ("stock", "id")


class SqlReservationRepository:
    """A `ReservationRepository` in one transaction on a database."""

    def __init__(
        self,
        session: SqlSession,
        statements: ReservationStatements,
        tenant: str,
        scale: Scale,
    ) -> None:
        """Work on the reservations of one tenant; `SqlReservations.bind` does this."""
        tables = statements.tables
        self._session = session
        self._statements = statements
        self._scale = scale
        self._requests = TenantTable(session, tables.requests, tenant)
        self._gates = TenantTable(session, tables.gates, tenant)
        self._reservations = TenantTable(session, tables.reservations, tenant)
        self._draws = TenantTable(session, tables.draws, tenant)
        self._ledger = TenantTable(session, tables.ledger, tenant)
        self._stock_rows = TenantTable(session, tables.stocks, tenant)
        self._stocks = SqlStocks(self._stock_rows, statements, scale)
        self._audit = SqlAudit(session, tables, tenant, scale)

    def begin(self, request_id: str, fingerprint: str) -> str | None:
        """Note a request, or return its answer; see `ReservationRepository.begin`."""
        self._session.begin_writing()
        noted = {"request_id": request_id, "fingerprint": fingerprint}
        (stored,) = self._requests.rows(self._statements.note, noted)
        if stored.fingerprint != fingerprint:
            raise RequestReusedError(request_id)
        answer: str | None = stored.answer
        return answer

    def finish(self, request_id: str, answer: str) -> None:
        """Store the answer of a request; see `ReservationRepository.finish`."""
        answered = {"of_request_id": request_id, "answer": answer}
        self._requests.run(self._statements.finish, answered)

    def lock_gates(self, groups: Collection[GroupCode]) -> Mapping[GroupCode, bool]:
        """Lock gates, and return which are open; see `ReservationRepository.lock_gates`."""
        self._session.begin_writing()
        gates = {}
        for group in sorted(set(groups)):
            (row,) = self._gates.rows(self._statements.lock_gate, {"group_code": group})
            gates[group] = bool(row.is_open)
        return gates

    def set_gate(self, group: GroupCode, *, is_open: bool) -> None:
        """Open or close a gate; see `ReservationRepository.set_gate`."""
        gate = {"of_group_code": group, "is_open": int(is_open)}
        self._gates.run(self._statements.set_gate, gate)

    def closed_gates(self, groups: Collection[GroupCode]) -> frozenset[GroupCode]:
        """Return which gates are closed; see `ReservationRepository.closed_gates`."""
        rows = self._gates.select_among(self._statements.closed_gates, groups)
        return frozenset(row.group_code for row in rows)

    def lock_stocks(self, stocks: Collection[StockKey]) -> Mapping[StockKey, StockTotals]:
        """Lock stocks, and return their totals; see `ReservationRepository.lock_stocks`."""
        self._session.begin_writing()
        return self._stocks.lock(stocks)

    def totals(self, stocks: Collection[StockKey]) -> Mapping[StockKey, StockTotals]:
        """Return what is promised; see `ReservationRepository.totals`."""
        return self._stocks.totals(stocks)

    def get(
        self, reservations: Collection[str], *, lock: bool = False
    ) -> Mapping[str, GroupReservation]:
        """Return reservations by id; see `ReservationRepository.get`."""
        query = self._statements.reservations
        rows = self._reservations.select_among(query, reservations, lock=lock)
        return {row.id: self._reservation(row) for row in rows}

    def of_stocks(
        self, stocks: Collection[StockKey], *, lock: bool = False
    ) -> tuple[GroupReservation, ...]:
        """Return what stocks are held for; see `ReservationRepository.of_stocks`."""
        rows = self._reservations.select_among(self._statements.of_stocks, stocks, lock=lock)
        found = map(self._reservation, rows)
        return tuple(sorted(found, key=lambda each: (each.stock, each.order_of_consumption())))

    def of_group(self, group: GroupCode, *, lock: bool = False) -> tuple[GroupReservation, ...]:
        """Return the open reservations of a group; see `ReservationRepository.of_group`."""
        asked = {"of_group_code": group}
        rows = self._reservations.select(self._statements.of_group, asked, lock=lock)
        return tuple(map(self._reservation, rows))

    def due(self, now: datetime, *, limit: int, after: str | None = None) -> Page[GroupReservation]:
        """Return whose time has come; see `ReservationRepository.due`."""
        has_come = self._reservations.table.c.due_at <= now
        return self._page_of_reservations(
            ["due reservations"], {}, [has_come], limit=limit, after=after
        )

    def find(
        self, query: ReservationQuery, *, limit: int, after: str | None = None
    ) -> Page[GroupReservation]:
        """Return a page of reservations; see `ReservationRepository.find`."""
        states = sorted(state.value for state in query.states)
        where = [self._reservations.table.c.state.in_(states)] if states else []
        given = _named(group_code=query.group, stock=query.stock)
        asked = ["reservations", repr((query.group, query.stock, states))]
        return self._page_of_reservations(asked, given, where, limit=limit, after=after)

    def draws(self, consumption: str, *, lock: bool = False) -> tuple[Draw, ...]:
        """Return what a request consumed; see `ReservationRepository.draws`."""
        asked = {"of_consumption": consumption}
        rows = self._draws.select(self._statements.draws, asked, lock=lock)
        return tuple(draw_from_row(row, self._scale) for row in rows)

    def book(self, booking: Booking) -> None:
        """Store all that a request changes; see `ReservationRepository.book`."""
        self._session.begin_writing()
        run = self._statements
        self._stocks.book(booking)
        self._reservations.run_for_each(run.add_reservation, map(reservation_values, booking.made))
        changed = map(reservation_values, booking.changed)
        self._reservations.replace(run.change_reservation, ["id"], changed)
        self._draws.run_for_each(run.add_draw, map(draw_values, booking.drawn))
        redrawn = map(draw_values, booking.redrawn)
        self._draws.replace(run.change_draw, ["consumption", "line"], redrawn)
        self._ledger.run_for_each(run.add_entry, map(entry_values, booking.entries))

    def ledger(
        self,
        *,
        stock: StockKey | None = None,
        reservation: str | None = None,
        limit: int,
        after: str | None = None,
    ) -> Page[LedgerEntry]:
        """Return a page of the ledger; see `ReservationRepository.ledger`."""
        return self._ledger.page(
            ["ledger", repr((stock, reservation))],
            _named(stock=stock, reservation=reservation),
            ["stock", "version", "line"],
            lambda row: entry_from_row(row, self._scale),
            limit=limit,
            after=after,
        )

    def stocks(self, *, limit: int, after: str | None = None) -> Page[StockKey]:
        """Return a page of the stocks that were ever locked; see `ReservationRepository.stocks`."""
        return self._stock_rows.page(
            ["stocks"], {}, ["stock"], lambda row: StockKey(row.stock), limit=limit, after=after
        )

    def audit(self, stocks: Collection[StockKey]) -> Mapping[StockKey, StockAudit]:
        """Return what is promised, added up anew; see `ReservationRepository.audit`."""
        return self._audit.of(self._stocks.totals(stocks, lock=True))

    def correct(self, stock: StockKey, totals: StockTotals) -> None:
        """Store the totals of a stock; see `ReservationRepository.correct`."""
        self._stocks.correct(stock, totals)

    def atomic(self) -> AbstractContextManager[None]:
        """Return a context of changes kept or undone together, those of groups included."""
        return self._session.savepoint()

    def _reservation(self, row: sa.Row[Any]) -> GroupReservation:
        return reservation_from_row(row, self._scale)

    def _page_of_reservations(
        self,
        asked: list[str],
        given: Mapping[str, str],
        where: Sequence[sa.ColumnElement[bool]],
        *,
        limit: int,
        after: str | None,
    ) -> Page[GroupReservation]:
        return self._reservations.page(
            asked, given, _BY_STOCK, self._reservation, where=where, limit=limit, after=after
        )


def _named(**values: str | None) -> Mapping[str, str]:
    """Return the values that are given at all, by name."""
    return {name: value for name, value in values.items() if value is not None}

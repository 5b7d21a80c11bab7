"""The statements that requests run: building one takes longer than running it."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from customer_groups.adapters.sql.dialects import Dialect
from customer_groups.reservations.model import ReservationState
from customer_groups.reservations.sql.tables import ReservationTables
from customer_groups.reservations.sql.tenant_table import (
    inserting,
    is_among,
    is_of,
    selecting,
    updating,
)
from customer_groups.reservations.sql.types import Millionths

__all__ = ["ReservationStatements"]


class ReservationStatements:
    """All statements of the hot path, built once for some tables on an engine.

    `customer_groups.reservations.sql.tenant_table` says how their parameters are called.

    Attributes:
        tables: The tables.
        note: Notes a request, and returns its row; of one that is there, what is stored.
        finish: Stores an answer.
        lock_gate: Raises the fence of a gate, and returns its row.
        set_gate: Opens or closes a gate.
        closed_gates: Finds closed gates by group.
        lock_stock: Counts a change of a stock, and returns its row.
        totals: Finds stocks by key.
        promise: Adds ``more_held`` and ``more_outstanding``, where both together are then no
            more than ``most``, and what is outstanding no more than ``most_outstanding``.
        correct: Stores totals.
        reservations: Finds reservations by id.
        of_stocks: Finds planned and active reservations by stock.
        of_group: Finds the open reservations of a group.
        draws: Finds the draws of a consumption.
        add_reservation: Inserts a reservation.
        add_draw: Inserts a draw.
        add_entry: Inserts an entry of the ledger.
        change_reservation: Stores a reservation in place of the one with its id.
        change_draw: Stores a draw in place of the one with its consumption and line.
    """

    def __init__(self, tables: ReservationTables, dialect: Dialect) -> None:
        """Build them."""
        self.tables = tables
        self._requests(tables.requests, dialect)
        self._gates(tables.gates, dialect)
        self._stocks(tables.stocks, dialect)
        self._reservations(tables.reservations)
        self._draws(tables.draws)
        self.add_entry = inserting(tables.ledger.insert())

    def _requests(self, table: sa.Table, dialect: Dialect) -> None:
        # Only a write shows what is committed now on every engine.
        same = {"fingerprint": table.c.fingerprint}
        self.note = inserting(dialect.insert_or_change(table, same)).returning(table)
        self.finish = updating(table, "request_id")

    def _gates(self, table: sa.Table, dialect: Dialect) -> None:
        locked = _counting(table.c.fence, dialect)
        self.lock_gate = locked.values(is_open=1).returning(table)
        self.set_gate = updating(table, "group_code")
        self.closed_gates = selecting(table, is_among(table.c.group_code), table.c.is_open == 0)

    def _stocks(self, table: sa.Table, dialect: Dialect) -> None:
        locked = _counting(table.c.version, dialect)
        self.lock_stock = locked.values(held=0, outstanding=0).returning(table)
        self.totals = selecting(table, is_among(table.c.stock), order_by=["stock"])
        self.promise = _promising(table)
        self.correct = updating(table, "stock")

    def _reservations(self, table: sa.Table) -> None:
        has_more = _is_any(table.c.state, [each for each in ReservationState if each.has_more])
        is_open = _is_any(table.c.state, [each for each in ReservationState if each.is_open])
        self.reservations = selecting(table, is_among(table.c.id), order_by=["id"])
        self.of_stocks = selecting(table, is_among(table.c.stock), has_more, order_by=["stock"])
        self.of_group = selecting(table, is_of(table, "group_code"), is_open, order_by=["id"])
        self.add_reservation = inserting(table.insert())
        self.change_reservation = updating(table, "id")

    def _draws(self, table: sa.Table) -> None:
        self.draws = selecting(table, is_of(table, "consumption"), order_by=["line"])
        self.add_draw = inserting(table.insert())
        self.change_draw = updating(table, "consumption", "line")


def _is_any(state: sa.Column[str], states: Iterable[ReservationState]) -> sa.ColumnElement[bool]:
    # As literals, they are a part of the statement, which is not put together anew each time.
    return state.in_([sa.literal(each.value) for each in states])


def _counting(counter: sa.Column[int], dialect: Dialect) -> sa.Insert:
    """Return an insert of a row whose counter is 1; it raises that of a row that is there.

    Only a real write locks on every engine. In one statement, nobody comes between looking for
    the row and inserting it.
    """
    insert = dialect.insert_or_change(counter.table, {counter.name: counter + 1})
    return inserting(insert).values({counter.name: 1})


def _promising(table: sa.Table) -> sa.Update:
    column = table.c
    held, outstanding = _parameter("more_held"), _parameter("more_outstanding")
    both = sa.type_coerce(column.held + column.outstanding, Millionths)
    fits = both <= _parameter("most"), column.outstanding <= _parameter("most_outstanding")
    changed = {"held": column.held + held, "outstanding": column.outstanding + outstanding}
    return updating(table, "stock").where(*fits).values(changed)


def _parameter(name: str) -> sa.BindParameter[Any]:
    return sa.bindparam(name, type_=Millionths)

"""What is promised, added up anew from the reservations, the draws and the ledger."""

from collections.abc import Collection, Mapping
from decimal import Decimal

import attrs
import sqlalchemy as sa

from customer_groups.adapters.sql.parts import KEYS_AT_A_TIME, parts
from customer_groups.adapters.sql.session import SqlSession
from customer_groups.reservations.model import ReservationState, StockKey
from customer_groups.reservations.quantities import Quantity, Scale
from customer_groups.reservations.repository import StockAudit, StockTotals
from customer_groups.reservations.sql.tables import ReservationTables
from customer_groups.reservations.sql.types import Millionths

__all__ = ["SqlAudit", "holds", "outstanding_of_draw", "remaining"]

_NONE = (Decimal(0), Decimal(0))


def remaining(tables: ReservationTables) -> sa.ColumnElement[Quantity]:
    """Return how much of a reservation is not consumed; see `GroupReservation.remaining`."""
    column = tables.reservations.c
    return sa.type_coerce(column.quantity - column.consumed, Millionths)


def holds(tables: ReservationTables) -> sa.ColumnElement[bool]:
    """Return the condition that a reservation holds stock; see `GroupReservation.held`."""
    column = tables.reservations.c
    is_planned = column.state == ReservationState.PLANNED.value
    return sa.or_(
        column.state == ReservationState.ACTIVE.value,
        sa.and_(is_planned, column.holds_before_start == 1),
    )


def outstanding_of_draw(tables: ReservationTables) -> sa.ColumnElement[Quantity]:
    """Return how much of a draw is outstanding; see `Draw.outstanding`."""
    column = tables.draws.c
    outstanding = column.quantity - column.settled - column.returned
    return sa.type_coerce(outstanding, Millionths)


@attrs.frozen(eq=False)
class SqlAudit:
    """Adds up what is promised of the stocks of one tenant.

    Attributes:
        session: Where statements run.
        tables: The tables of the reservations.
        tenant: Whose stocks.
        scale: How finely quantities are counted.
    """

    session: SqlSession
    tables: ReservationTables
    tenant: str
    scale: Scale

    def of(self, totals: Mapping[StockKey, StockTotals]) -> Mapping[StockKey, StockAudit]:
        """Return the audits of stocks, given what is stored of each."""
        tables, ledger = self.tables, self.tables.ledger
        entries = self._sums(ledger, totals, ledger.c.held, ledger.c.outstanding)
        held = self._sums(tables.reservations, totals, remaining(tables), where=holds(tables))
        drawn = self._sums(tables.draws, totals, outstanding_of_draw(tables))
        return {
            stock: StockAudit(
                stored,
                ledger=self._totals(entries.get(stock, _NONE)),
                held=self.scale.kept(held.get(stock, _NONE)[0]),
                outstanding=self.scale.kept(drawn.get(stock, _NONE)[0]),
            )
            for stock, stored in totals.items()
        }

    def _totals(self, sums: tuple[Decimal, ...]) -> StockTotals:
        held, outstanding = (self.scale.kept(each) for each in sums)
        return StockTotals(held, outstanding)

    def _sums(
        self,
        table: sa.Table,
        stocks: Collection[StockKey],
        *quantities: sa.ColumnElement[Quantity],
        where: sa.ColumnElement[bool] | None = None,
    ) -> Mapping[StockKey, tuple[Decimal, ...]]:
        """Return the sums of quantities by stock."""
        sums = sa.select(table.c.stock, *map(sa.func.sum, quantities)).where(
            table.c.tenant == self.tenant, sa.true() if where is None else where
        )
        found: dict[StockKey, tuple[Decimal, ...]] = {}
        for part in parts(stocks, KEYS_AT_A_TIME):
            query = sums.where(table.c.stock.in_(part)).group_by(table.c.stock)
            for stock, *added in self.session.rows(self.session.dialect.deciding(query)):
                found[stock] = tuple(added)
        return found

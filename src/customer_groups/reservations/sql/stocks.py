"""What is promised of stocks: their rows are what everybody waits for."""

from collections.abc import Collection, Mapping
from contextlib import nullcontext

import attrs

from customer_groups.reservations.errors import InsufficientStockError, Shortage
from customer_groups.reservations.limits import shortage_after
from customer_groups.reservations.model import StockKey
from customer_groups.reservations.quantities import Quantity, Scale
from customer_groups.reservations.repository import Booking, StockTotals
from customer_groups.reservations.sql.rows import totals_from_row
from customer_groups.reservations.sql.statements import ReservationStatements
from customer_groups.reservations.sql.tenant_table import TenantTable
from customer_groups.reservations.sql.types import LARGEST_STORED

__all__ = ["SqlStocks"]


@attrs.frozen(eq=False)
class SqlStocks:
    """The stored totals of the stocks of one tenant.

    Attributes:
        rows: Their rows.
        statements: What runs on them.
        scale: How finely quantities are counted.
    """

    rows: TenantTable
    statements: ReservationStatements
    scale: Scale

    def lock(self, stocks: Collection[StockKey]) -> Mapping[StockKey, StockTotals]:
        """Lock stocks one after the other; see `ReservationRepository.lock_stocks`."""
        locked = {}
        for stock in sorted(set(stocks)):
            (row,) = self.rows.rows(self.statements.lock_stock, {"stock": stock})
            locked[stock] = totals_from_row(row, self.scale)
        return locked

    def totals(
        self, stocks: Collection[StockKey], *, lock: bool = False
    ) -> Mapping[StockKey, StockTotals]:
        """Return what is promised of each stock, by key; nothing of one that is not stored."""
        rows = self.rows.select_among(self.statements.totals, stocks, lock=lock)
        stored = {row.stock: totals_from_row(row, self.scale) for row in rows}
        zero = self.scale.normal(0)
        return {stock: stored.get(stock, StockTotals(zero, zero)) for stock in sorted(set(stocks))}

    def book(self, booking: Booking) -> None:
        """Add to what is promised what the entries of each stock come to.

        Raises:
            InsufficientStockError: some stocks would be promised beyond their limits.
        """
        changes = booking.changes()
        # What is refused of one stock alone has stored nothing.
        with self.rows.session.savepoint() if len(changes) > 1 else nullcontext():
            self._change(changes, booking.limits)

    def correct(self, stock: StockKey, totals: StockTotals) -> None:
        """Store totals, whatever they were."""
        corrected = {"held": totals.held, "outstanding": totals.outstanding}
        self.rows.run(self.statements.correct, {"of_stock": stock, **corrected})

    def _change(
        self, changes: Mapping[StockKey, StockTotals], limits: Mapping[StockKey, Quantity]
    ) -> None:
        short = [
            shortage
            for stock, change in changes.items()
            if (shortage := self._shortage_after(stock, change, limits.get(stock)))
        ]
        if short:
            raise InsufficientStockError(tuple(short))

    def _shortage_after(
        self, stock: StockKey, change: StockTotals, limit: Quantity | None
    ) -> Shortage | None:
        """Change the totals of a stock, unless that is more than it has: then return how much."""
        most = LARGEST_STORED if limit is None else min(limit, LARGEST_STORED)
        changed = {
            "of_stock": stock,
            "more_held": change.held,
            "more_outstanding": change.outstanding,
            "most": _most(most, change.held + change.outstanding),
            "most_outstanding": _most(most, change.outstanding),
        }
        if self.rows.run(self.statements.promise, changed).rowcount:
            return None
        return shortage_after(stock, self.totals([stock], lock=True)[stock], change, most)


def _most(limit: Quantity, more: Quantity) -> Quantity:
    """Return how much may be promised before so much more is; what falls has no limit."""
    return limit - more if more > 0 else LARGEST_STORED

"""What is promised of stocks: their rows are what everybody waits for."""

from collections.abc import Collection, Iterable, Mapping
from contextlib import nullcontext

import attrs

from customer_groups.reservations.errors import InsufficientStockError, Shortage
from customer_groups.reservations.model import LedgerEntry, StockKey
from customer_groups.reservations.quantities import Quantity, Scale
from customer_groups.reservations.repository import StockTotals
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

    def book(self, entries: Iterable[LedgerEntry], limits: Mapping[StockKey, Quantity]) -> None:
        """Add to what is promised what the entries of each stock come to.

        Raises:
            InsufficientStockError: some stocks would be promised beyond their limits.
        """
        changes = _changes(entries)
        # What is refused of one stock alone has stored nothing.
        with self.rows.session.savepoint() if len(changes) > 1 else nullcontext():
            self._change(changes, limits)

    def correct(self, stock: StockKey, totals: StockTotals) -> None:
        """Store totals, whatever they were."""
        corrected = {"held": totals.held, "outstanding": totals.outstanding}
        self.rows.run(self.statements.correct, {"of_stock": stock, **corrected})

    def _change(
        self, changes: Mapping[StockKey, StockTotals], limits: Mapping[StockKey, Quantity]
    ) -> None:
        short = [
            shortage
            for stock, change in sorted(changes.items())
            if (shortage := self._shortage_after(stock, change, limits.get(stock, LARGEST_STORED)))
        ]
        if short:
            raise InsufficientStockError(tuple(short))

    def _shortage_after(
        self, stock: StockKey, change: StockTotals, limit: Quantity
    ) -> Shortage | None:
        """Change the totals of a stock, unless that is more than it has: then return how much."""
        changed = {
            "of_stock": stock,
            "more_held": change.held,
            "more_outstanding": change.outstanding,
            "most": _most(limit, change.held + change.outstanding),
            "most_outstanding": _most(limit, change.outstanding),
        }
        if self.rows.run(self.statements.promise, changed).rowcount:
            return None
        return _shortage(stock, self.totals([stock], lock=True)[stock], change, limit)


def _changes(entries: Iterable[LedgerEntry]) -> Mapping[StockKey, StockTotals]:
    """Return what the entries of each stock come to, where that is not nothing."""
    changes: dict[StockKey, StockTotals] = {}
    for entry in entries:
        before = changes.get(entry.stock, StockTotals())
        changes[entry.stock] = StockTotals(
            before.held + entry.held, before.outstanding + entry.outstanding
        )
    return {stock: change for stock, change in changes.items() if change != StockTotals()}


def _most(limit: Quantity, more: Quantity) -> Quantity:
    """Return how much may be promised before so much more is; what falls has no limit."""
    return min(limit - more, LARGEST_STORED) if more > 0 else LARGEST_STORED


def _shortage(
    stock: StockKey, stored: StockTotals, change: StockTotals, limit: Quantity
) -> Shortage:
    """Return which limit a change breaks: that of all promises, or that of orders alone."""
    rises = (
        (stored.held + stored.outstanding, change.held + change.outstanding),
        (stored.outstanding, change.outstanding),
    )
    return next(
        Shortage(stock, more, max(0, limit - promised))
        for promised, more in rises
        if promised > _most(limit, more)
    )

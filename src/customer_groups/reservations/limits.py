"""Whether a change keeps to what may be promised of a stock; the same for every storage."""

from customer_groups.reservations.errors import Shortage
from customer_groups.reservations.model import StockKey
from customer_groups.reservations.quantities import Quantity
from customer_groups.reservations.repository import StockTotals

__all__ = ["shortage_after"]


def shortage_after(
    stock: StockKey, before: StockTotals, change: StockTotals, limit: Quantity
) -> Shortage | None:
    """Return what a change needs that is not there; None where it keeps to the limit.

    Neither all that is promised may rise above the limit, nor what is promised to orders alone.

    Args:
        stock: The stock.
        before: What is promised of it.
        change: What its entries come to; see `Booking.changes`.
        limit: How much may be promised.
    """
    for promised, more in (
        (before.held + before.outstanding, change.held + change.outstanding),
        (before.outstanding, change.outstanding),
    ):
        if more > 0 and promised + more > limit:
            return Shortage(stock, more, max(0, limit - promised))
    return None

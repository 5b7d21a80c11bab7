"""The lines of an order: stocks with quantities, as hosts pass them."""

import decimal
from collections.abc import Iterable, Mapping

from customer_groups.errors import InvalidValueError
from customer_groups.reservations.model import StockKey, parse_stock_key
from customer_groups.reservations.quantities import EXACT, Quantity, Scale, asked_for, to_units

__all__ = ["Line", "Lines", "added_up", "in_units", "parse_lines"]

Lines = Mapping[str, Quantity] | Mapping[StockKey, Quantity] | Iterable[tuple[str, Quantity]]
"""Stocks, each with how much of it; in pairs, a stock may come several times."""

Line = tuple[StockKey, Quantity]


def parse_lines(lines: Lines) -> tuple[Line, ...]:
    """Return the lines, checked but for the scale of the host.

    Raises:
        InvalidValueError: there are none, they are no pairs, or a stock or a quantity breaks
            its rules.
    """
    if not isinstance(lines, Iterable):
        raise InvalidValueError("lines", lines, "are no pairs of a stock and a quantity")
    pairs = lines.items() if isinstance(lines, Mapping) else lines
    parsed = tuple(_parse_line(pair) for pair in pairs)
    if not parsed:
        raise InvalidValueError("lines", (), "are none; pass at least one stock and quantity")
    return parsed


def in_units(lines: Iterable[Line]) -> list[tuple[StockKey, int]]:
    """Return the lines added up by stock, in a form that does not change with the scale."""
    total: dict[StockKey, int] = {}
    for stock, quantity in lines:
        total[stock] = total.get(stock, 0) + to_units(quantity)
    return sorted(total.items())


def added_up(lines: Iterable[Line], scale: Scale) -> Mapping[StockKey, Quantity]:
    """Return the lines added up by stock.

    Raises:
        InvalidValueError: one of them is finer than the scale.
    """
    total: dict[StockKey, Quantity] = {}
    with decimal.localcontext(EXACT):
        for stock, quantity in lines:
            total[stock] = total.get(stock, 0) + scale.checked(quantity)
    return total


def _parse_line(pair: tuple[str, Quantity]) -> Line:
    try:
        stock, quantity = pair
    except (TypeError, ValueError):
        reason = "is no pair of a stock and a quantity"
        raise InvalidValueError("line", pair, reason) from None
    return parse_stock_key(stock), asked_for(quantity)

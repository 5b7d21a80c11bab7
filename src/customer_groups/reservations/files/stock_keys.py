"""The stock that a row names: by its key, or by an item and a location."""

from collections.abc import Callable, Mapping

from customer_groups.errors import InvalidValueError
from customer_groups.reservations.files.cells import text_in

__all__ = ["StockKeyOf", "item_at_location", "stock_in"]

StockKeyOf = Callable[[str, str], str]
"""Makes the key of a stock of an item and a location, which is empty where there is none.

No two items and locations may have the same key.
"""


def item_at_location(item: str, location: str) -> str:
    r"""Return an item and a location in one text: ``item@location``, or the item alone.

    A ``@`` and a ``\`` that belong to one of them have a ``\`` in front, so no two of them
    have the same text.

    >>> item_at_location("4711", "Graz"), item_at_location("4711", "")
    ('4711@Graz', '4711')
    """
    return f"{_escaped(item)}@{_escaped(location)}" if location else _escaped(item)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("@", "\\@")


def stock_in(said: Mapping[str, object], stock_key: StockKeyOf) -> str:
    """Return the key of the stock that a row names; empty where it names none.

    Args:
        said: The cells of ``stock``, ``item`` and ``location``, as far as there are any.
        stock_key: Makes keys of items and locations.

    Raises:
        InvalidValueError: the row names a stock and an item or a location, or a cell is
            no text.
    """
    stock, item, location = (
        text_in(field, said.get(field)) for field in ("stock", "item", "location")
    )
    if stock and (item or location):
        reason = "stands beside an item or a location; leave out the one or the others"
        raise InvalidValueError("stock", stock, reason)
    return stock_key(item, location) if item else stock

"""What the cells of a row say: texts, quantities and times, exactly or not at all."""

import re
from datetime import datetime, tzinfo
from decimal import Context, Decimal

from customer_groups.errors import InvalidValueError
from customer_groups.files.cells import Unclear
from customer_groups.model import parse_time
from customer_groups.reservations.quantities import Quantity
from customer_groups.text import trim

__all__ = ["number_in", "quantity_in", "text_in", "time_in"]

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_WHOLE = re.compile(r"[0-9]{1,9}")

# A cell with a number is no code in these cases, and yet it says how many.
_NUMBERS_OF_SHEETS = {"fraction", "display_format", "leading_zeros"}
_AS_A_SHEET_SHOWS = Context(prec=15)


def text_in(field: str, cell: object) -> str:
    """Return the text of a cell, trimmed; empty where there is none.

    Raises:
        InvalidValueError: the cell holds something else.
    """
    if cell is None:
        return ""
    if isinstance(cell, Unclear):
        raise InvalidValueError(field, cell.raw, cell.message)
    if not isinstance(cell, str):
        raise InvalidValueError(field, cell, "is not text")
    return trim(cell)


def quantity_in(cell: object) -> Quantity:
    """Return the quantity in a cell: digits, and a point before decimal places.

    A number of a spreadsheet counts with 15 digits, as it is shown there: what stands behind
    them in the file comes from the binary form. A number with decimal places of JSON Lines is
    refused, as its reader has made a float of it.

    Raises:
        InvalidValueError: there is no quantity in it.
    """
    if type(cell) is int:
        return cell
    if isinstance(cell, Unclear) and cell.reason in _NUMBERS_OF_SHEETS:
        return _AS_A_SHEET_SHOWS.create_decimal(cell.raw)
    if isinstance(cell, float):
        reason = 'is not exact; write a number with decimal places as text, such as "2.5"'
        raise InvalidValueError("quantity", cell, reason)
    text = text_in("quantity", cell)
    if not _NUMBER.fullmatch(text):
        reason = "is not a number such as 1200 or 2.5, without separators of thousands"
        raise InvalidValueError("quantity", text, reason)
    return Decimal(text)


def number_in(field: str, cell: object) -> int:
    """Return the whole number in a cell.

    Raises:
        InvalidValueError: there is none in it.
    """
    if type(cell) is int:
        return cell
    text = text_in(field, cell)
    if not _WHOLE.fullmatch(text):
        raise InvalidValueError(field, text, "is not a whole number")
    return int(text)


def time_in(field: str, cell: object, zone: tzinfo) -> datetime:
    """Return the moment in a cell, as ISO 8601 writes it; of a day alone its beginning.

    Args:
        field: What the cell is about.
        cell: The cell; it may be a date of a spreadsheet.
        zone: The time zone of what names none.

    Raises:
        InvalidValueError: there is none in it, or it is not within the years 1 to 8999.
    """
    if isinstance(cell, Unclear) and cell.reason == "date":
        cell = cell.raw
    text = text_in(field, cell)
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        reason = "is neither a date such as 2026-12-31 nor a time such as 2026-12-31T18:00+01:00"
        raise InvalidValueError(field, text, reason) from None
    try:
        return parse_time(time if time.tzinfo else time.replace(tzinfo=zone))
    except InvalidValueError as error:
        raise InvalidValueError(field, text, error.reason) from None

"""Which column of a table holds the customers."""

from collections.abc import Sequence

import attrs

from customer_groups.errors import ColumnNotFoundError, InvalidValueError
from customer_groups.text import fold

__all__ = ["Column", "checked_column", "default_name", "find_column", "spelling"]

_CODE_SPELLINGS = frozenset(
    {
        "clientcode",
        "code",
        "custcode",
        "custid",
        "custno",
        "custnumber",
        "customer",
        "customercode",
        "customerid",
        "customerno",
        "customernr",
        "customernumber",
        "customerref",
    }
)
_KEY_SPELLINGS = frozenset({"custkey", "customerid", "customerkey", "id", "key"})
_LONGEST_SPELLING = 100


@attrs.frozen
class Column:
    """The place of a column.

    Attributes:
        index: Its position, counted from 0.
        is_named: Whether the cells that it was looked for in are names of columns.
    """

    index: int
    is_named: bool


def checked_column(column: str | int | None) -> str | int | None:
    """Return ``column`` if it may be the name or the position of a column, or is None.

    Raises:
        InvalidValueError: it may not.
    """
    is_position = type(column) is int and column >= 1
    is_name = isinstance(column, str) and column.strip() != ""
    if not (column is None or is_position or is_name):
        raise InvalidValueError("column", column, "is neither a name nor a position from 1")
    return column


def default_name(*, by_key: bool) -> str:
    """Return what we call the column of customers."""
    return "customer key" if by_key else "customer code"


def spelling(name: str) -> str:
    """Return what counts of the name of a column: its letters and digits, without case."""
    return "".join(filter(str.isalnum, fold(name[:_LONGEST_SPELLING])))


def find_column(
    cells: Sequence[str], column: str | int | None = None, *, by_key: bool = False
) -> Column:
    """Return the column of customers of a table, by the cells of its first row.

    Args:
        cells: The first row: names of columns, or the first values.
        column: The name of the column, exactly or but for case, spaces and punctuation; or
            its position from 1; or None for the only one, or the only one that has a usual
            name, such as "Customer No." or ``customer_code``.
        by_key: Whether the column is to hold keys instead of codes.

    Raises:
        ColumnNotFoundError: there is no such column, or several; the error lists them.
    """
    usual = _KEY_SPELLINGS if by_key else _CODE_SPELLINGS
    spellings = [spelling(cell) for cell in cells]
    if isinstance(column, str):
        exact = [index for index, cell in enumerate(cells) if cell.strip() == column.strip()]
        asked = spelling(column)
        alike = [index for index, spelt in enumerate(spellings) if spelt and spelt == asked]
        found = exact or alike
    elif column is not None:
        found = [column - 1] if column <= len(cells) else []
    elif len(cells) == 1:
        found = [0]
    else:
        found = [index for index, spelt in enumerate(spellings) if spelt in usual]
    if len(found) != 1:
        there = [cells[index] for index in found] or cells
        raise ColumnNotFoundError(column, tuple(there))
    index = found[0]
    return Column(index, isinstance(column, str) or spellings[index] in usual)

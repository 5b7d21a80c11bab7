"""Which column of a table holds the customers."""

from collections.abc import Collection, Sequence

import attrs

from customer_groups.errors import ColumnNotFoundError, InvalidValueError
from customer_groups.text import fold

__all__ = [
    "Column",
    "ColumnName",
    "checked_column",
    "default_name",
    "find_column",
    "spelling",
]

ColumnName = str | int | Collection[str] | None
"""A name, a position from 1, several names of which one is there, or None for a usual one."""

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


def checked_column(column: ColumnName) -> str | int | tuple[str, ...] | None:
    """Return ``column`` if it may be where a column is looked for; several names as a tuple.

    Raises:
        InvalidValueError: it may not.
    """
    if isinstance(column, str | int | None):
        is_position = type(column) is int and column >= 1
        if column is None or is_position or _is_name(column):
            return column
    elif isinstance(column, Collection):
        names = tuple(column)
        if names and all(map(_is_name, names)):
            return names
    raise InvalidValueError("column", column, "is neither a name nor a position from 1")


def _is_name(name: object) -> bool:
    return isinstance(name, str) and name.strip() != ""


def default_name(*, by_key: bool) -> str:
    """Return what we call the column of customers."""
    return "customer key" if by_key else "customer code"


def spelling(name: str) -> str:
    """Return what counts of the name of a column: its letters and digits, without case."""
    return "".join(filter(str.isalnum, fold(name[:_LONGEST_SPELLING])))


def find_column(
    cells: Sequence[str],
    column: str | int | tuple[str, ...] | None = None,
    *,
    by_key: bool = False,
    header: bool | None = None,
) -> Column:
    """Return the column of customers of a table, by the cells of its first row.

    Args:
        cells: The first row: names of columns, or the first values.
        column: The name of the column, exactly or but for case, spaces and punctuation, or
            several such names; or its position from 1; or None for the only one, or the only
            one that has a usual name, such as "Customer No." or ``customer_code``.
        by_key: Whether the column is to hold keys instead of codes.
        header: Whether the cells are names of columns; None for what they look like.

    Raises:
        ColumnNotFoundError: there is no such column, or several; the error lists them.
    """
    usual = _KEY_SPELLINGS if by_key else _CODE_SPELLINGS
    names = (column,) if isinstance(column, str) else column
    if isinstance(names, tuple):
        found = _places_of(names, cells)
    elif isinstance(names, int):
        found = [names - 1] if names <= len(cells) else []
    elif len(cells) == 1:
        found = [0]
    elif header is False:
        found = []
    else:
        found = [index for index, cell in enumerate(cells) if spelling(cell) in usual]
    if len(found) != 1:
        there = [cells[index] for index in found] or cells
        raise ColumnNotFoundError(column, tuple(there))
    (index,) = found
    if header is None:
        header = isinstance(names, tuple) or spelling(cells[index]) in usual
    return Column(index, header)


def _places_of(names: Collection[str], cells: Sequence[str]) -> list[int]:
    """Return where exactly these names stand, or if nowhere, where names like them do."""
    wanted = {name.strip() for name in names}
    exact = [index for index, cell in enumerate(cells) if cell.strip() in wanted]
    alike = {spelling(name) for name in names} - {""}
    return exact or [index for index, cell in enumerate(cells) if spelling(cell) in alike]

"""Which column of a table holds the customers."""

import unicodedata
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
    "usual_spellings",
]

ColumnName = str | int | Collection[str] | None
"""A name, a position from 1, several names of which one is there, or None for a usual one."""

# An ERP's table has one column of each: no "number", "account", "partner".
_ID_SPELLINGS = frozenset(
    {
        *("clientid", "custid", "customerid"),
        *("idclient", "idcliente", "idklienta", "klantid", "kundenid"),
    }
)
_CODE_SPELLINGS = _ID_SPELLINGS.union(
    ("client", "clientcode", "clientno", "clientnr", "clientnumber", "clientref"),
    ("code", "custcode", "custno", "custnr", "custnumber", "custref"),
    ("customer", "customercode", "customerno", "customernr", "customernumber", "customerref"),
    ("debtorcode", "debtorno", "debtornumber"),
    ("debitor", "debitornr", "debitornummer", "debitorennr", "debitorennummer"),
    ("kdnr", "kundencode", "kundennr", "kundennummer"),
    ("codeclient", "nclient", "noclient", "numclient", "numeroclient", "refclient"),
    ("codcliente", "codigocliente", "codigodecliente", "codigodocliente", "codicecliente"),
    ("ncliente", "nocliente", "numerocliente", "numerodecliente", "numerodocliente"),
    ("debiteurnr", "debiteurnummer", "debiteurennummer", "klantcode", "klantnr", "klantnummer"),
    ("kodklienta", "nrklienta", "numerklienta"),
)
_KEY_SPELLINGS = _ID_SPELLINGS.union(
    ("custkey", "customerkey", "id", "key", "kundenschlussel", "kundenschluessel")
)
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
    """Return what counts of the name of a column: letters and digits, no case, no accents."""
    decomposed = unicodedata.normalize("NFKD", fold(name[:_LONGEST_SPELLING]))
    return "".join(filter(str.isalnum, decomposed))


def usual_spellings(*, by_key: bool) -> frozenset[str]:
    """Return the `spelling`s by which the column of customers is recognised."""
    return _KEY_SPELLINGS if by_key else _CODE_SPELLINGS


def find_column(
    cells: Sequence[str],
    column: str | int | tuple[str, ...] | None = None,
    *,
    by_key: bool = False,
    header: bool | int | None = None,
) -> Column:
    """Return the column of customers of a table, by the cells of its first row.

    Args:
        cells: The first row: names of columns, or the first values.
        column: The name of the column, exactly or but for case, accents, spaces and
            punctuation, or several such names; or its position from 1; or None for the only
            one, or the only one that has a usual name, such as "Customer No.",
            ``customer_code`` or "Kundennummer".
        by_key: Whether the column is to hold keys instead of codes.
        header: Whether the cells are names of columns, or the number of their line; None for
            what they look like.

    Raises:
        ColumnNotFoundError: there is no such column, or several; the error lists them.
    """
    usual = usual_spellings(by_key=by_key)
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
    return Column(index, is_named=bool(header))


def _places_of(names: Collection[str], cells: Sequence[str]) -> list[int]:
    """Return where exactly these names stand, or if nowhere, where names like them do."""
    wanted = {name.strip() for name in names}
    exact = [index for index, cell in enumerate(cells) if cell.strip() in wanted]
    alike = {spelling(name) for name in names} - {""}
    return exact or [index for index, cell in enumerate(cells) if spelling(cell) in alike]

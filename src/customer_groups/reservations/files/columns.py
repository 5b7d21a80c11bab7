"""Which columns of a table say what of reservations."""

from collections.abc import Mapping, Sequence

import attrs

from customer_groups.errors import ColumnNotFoundError
from customer_groups.files.columns import ColumnName
from customer_groups.importing.columns import (
    FoundColumns,
    SaidColumns,
    checked_columns,
    find_fields,
)

__all__ = ["FIELDS", "STOCK_COLUMNS", "ReservationColumns"]

_NUMBERS = ("code", "no", "nr", "number", "id")

STOCK_COLUMNS = {
    "stock": {"stock", "stockkey"},
    "item": {of + what for of in ("item", "article", "product") for what in ("", *_NUMBERS)}
    | {"sku"},
    "location": {of + what for of in ("location", "warehouse", "site") for what in ("", *_NUMBERS)},
    "quantity": {"quantity", "qty", "amount"},
}
"""How the columns of a stock and of how much of it are usually spelled."""

_USUAL = {
    "id": {"id", "reservation", "reservationid", "requestid"},
    "group": {of + what for of in ("group", "customergroup") for what in ("", *_NUMBERS)},
    **STOCK_COLUMNS,
    "valid_from": {"from", "validfrom", "start", "startdate"},
    "valid_to": {"until", "to", "validto", "validuntil", "end", "enddate"},
    "priority": {"priority", "prio"},
    "holds_before_start": {"holdsbeforestart"},
}

FIELDS = tuple(_USUAL)
"""What a row may say of a reservation."""

_NEEDED = (("group",), ("quantity",), ("stock", "item"))


def _checked(columns: Mapping[str, ColumnName]) -> SaidColumns:
    return checked_columns(columns, FIELDS)


@attrs.frozen
class ReservationColumns:
    """The columns that hold the fields, as far as the caller says.

    Attributes:
        said: Columns by fields: the name, several names that it may have, or the position
            from 1; None for a field that is not to be read. A field that is not among them
            is recognised by the usual names of its column.
    """

    said: SaidColumns = attrs.field(factory=dict, converter=_checked)

    def among(self, names: Sequence[str], *, are_ordered: bool = True) -> FoundColumns:
        """Return where the `FIELDS` stand.

        Args:
            names: What all columns are called; none where the file is empty.
            are_ordered: Whether the columns have positions; the fields of objects have none.

        Raises:
            ColumnNotFoundError: a column that the caller named is not there; several may be
                the one of a field; or none says which group, stock or quantity is meant.
        """
        if not names:
            return FoundColumns(FIELDS, (), (None,) * len(FIELDS))
        found = find_fields(_USUAL, self.said, names, are_ordered=are_ordered)
        there = found.names_of_fields().keys()
        for alternatives in _NEEDED:
            if there.isdisjoint(alternatives):
                raise ColumnNotFoundError(alternatives, tuple(names))
        return found

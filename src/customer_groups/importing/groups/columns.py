"""Which columns of a table say what of groups and their customers."""

from collections.abc import Collection, Mapping, Sequence

import attrs

from customer_groups.errors import ColumnNotFoundError
from customer_groups.files.columns import ColumnName, spelling, usual_spellings
from customer_groups.importing.columns import (
    FoundColumns,
    SaidColumns,
    checked_columns,
    find_fields,
)

__all__ = ["FIELDS", "GroupColumns"]

FIELDS = ("group_code", "group_name", "status", "attributes", "customer_key", "customer_code")
"""What a row may say; the first four of its group, the others of its customer."""

_GROUP_FIELDS = ("group_code", "group_name")

_GROUP = ("group", "customergroup")
_CODE = ("code", "id", "no", "nr", "number", "ref")

_CUSTOMER_CODES = usual_spellings(by_key=False)
_CUSTOMER_KEYS = usual_spellings(by_key=True)
_ANYBODYS = {"code", "id", "key"}

_USUAL = {
    "group_code": {of + what for of in _GROUP for what in _CODE},
    "group_name": {of + what for of in _GROUP for what in ("", "name")},
    "status": {"status", *(f"{of}status" for of in _GROUP)},
    "attributes": {"attributes", *(f"{of}attributes" for of in _GROUP)},
    "customer_key": _CUSTOMER_KEYS - _CUSTOMER_CODES - _ANYBODYS,
    "customer_code": _CUSTOMER_CODES - _ANYBODYS,
}
_EXPORTED = {"group_code": "code", "group_name": "name"}


def _checked(columns: Mapping[str, ColumnName]) -> SaidColumns:
    return checked_columns(columns, FIELDS)


@attrs.frozen
class GroupColumns:
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
                the one of a field; or none says which group is meant.
        """
        if not names:
            return FoundColumns(FIELDS, (), (None,) * len(FIELDS))
        found = find_fields(self._usual(names), self.said, names, are_ordered=are_ordered)
        if found.names_of_fields().keys().isdisjoint(_GROUP_FIELDS):
            raise ColumnNotFoundError(("group code", "group name"), tuple(names))
        return found

    def _usual(self, names: Sequence[str]) -> Mapping[str, Collection[str]]:
        """Return how each column is spelled.

        A plain "code" beside a column of groups is the customer's. Where no other is the
        group's, "code" and "name" together are, as in our own export.
        """
        spellings = {spelling(name) for name in names}
        are_said = any(self.said.get(field) is not None for field in _GROUP_FIELDS)
        if are_said or any(spellings & _USUAL[field] for field in _GROUP_FIELDS):
            return {**_USUAL, "customer_code": {*_USUAL["customer_code"], "code"}}
        if spellings.issuperset(_EXPORTED.values()):
            return {**_USUAL, **{field: {name} for field, name in _EXPORTED.items()}}
        return _USUAL

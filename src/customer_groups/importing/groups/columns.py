"""Which columns of a table say what of groups and their customers."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import attrs

from customer_groups.errors import ColumnNotFoundError, InvalidValueError
from customer_groups.files.columns import (
    ColumnName,
    checked_column,
    find_column,
    spelling,
    usual_spellings,
)
from customer_groups.files.records import FullRow, Places, Record, fields_at

__all__ = ["FIELDS", "FoundColumns", "GroupColumns"]

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


_Column = str | int | tuple[str, ...] | None


def _checked(columns: Mapping[str, ColumnName]) -> Mapping[str, _Column]:
    unknown = [field for field in columns if field not in FIELDS]
    if unknown:
        reason = f"is none of: {', '.join(FIELDS)}"
        raise InvalidValueError("columns", unknown[0], reason)
    return {field: checked_column(column) for field, column in columns.items()}


@attrs.frozen
class FoundColumns:
    """The columns of one file.

    Attributes:
        names: What all of them are called.
        places: Where the `FIELDS` stand, in their order.
    """

    names: Sequence[str]
    places: Places

    def records(self, rows: Iterable[FullRow]) -> Iterator[Record]:
        """Yield the rows with their fields."""
        return (Record(line, fields_at(self.places, cells)) for line, cells in rows)

    def cells(self, field: str, rows: Iterable[FullRow]) -> Iterator[object]:
        """Yield the cells of one field; none where it has no column."""
        place = self.places[FIELDS.index(field)]
        if place is not None:
            for _, cells in rows:
                yield from fields_at((place,), cells)

    def names_of_fields(self) -> dict[str, str]:
        """Return what the column of each field is called, of those that are there."""
        return {
            field: self.names[place]
            for field, place in zip(FIELDS, self.places, strict=True)
            if place is not None
        }

    def ignored(self) -> tuple[str, ...]:
        """Return what the columns are called that are not read, as far as they have a name."""
        return tuple(
            name for place, name in enumerate(self.names) if name and place not in self.places
        )


@attrs.frozen
class GroupColumns:
    """The columns that hold the fields, as far as the caller says.

    Attributes:
        said: Columns by fields: the name, several names that it may have, or the position
            from 1; None for a field that is not to be read. A field that is not among them
            is recognised by the usual names of its column.
    """

    said: Mapping[str, _Column] = attrs.field(factory=dict, converter=_checked)

    def among(self, names: Sequence[str], *, are_ordered: bool = True) -> "FoundColumns":
        """Return where the `FIELDS` stand.

        Args:
            names: What all columns are called; none where the file is empty.
            are_ordered: Whether the columns have positions; the fields of objects have none.

        Raises:
            ColumnNotFoundError: a column that the caller named is not there; several may be
                the one of a field; or none says which group is meant.
        """
        if not names:
            return FoundColumns((), (None,) * len(FIELDS))
        if not are_ordered:
            self._require_no_position(names)
        usual = self._usual(names)
        places = {
            field: self._place_said(field, names)
            if field in self.said
            else _usual_place(usual[field], names)
            for field in FIELDS
        }
        if all(places[field] is None for field in _GROUP_FIELDS):
            raise ColumnNotFoundError(("group code", "group name"), tuple(names))
        return FoundColumns(names, tuple(places.values()))

    def _require_no_position(self, names: Sequence[str]) -> None:
        for column in self.said.values():
            if isinstance(column, int):
                raise ColumnNotFoundError(column, tuple(names))

    def _place_said(self, field: str, names: Sequence[str]) -> int | None:
        column = self.said[field]
        return None if column is None else find_column(names, column).index

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


def _usual_place(usual: Collection[str], names: Sequence[str]) -> int | None:
    """Return where the one column stands that is spelled in a usual way, if there is one."""
    found = [place for place, name in enumerate(names) if spelling(name) in usual]
    if len(found) > 1:
        candidates = tuple(names[place] for place in found)
        raise ColumnNotFoundError(candidates, candidates)
    return found[0] if found else None

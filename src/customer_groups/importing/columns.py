"""Which columns of a table hold which fields, be it said by the caller or found."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import attrs

from customer_groups.errors import ColumnNotFoundError, InvalidValueError
from customer_groups.files.columns import ColumnName, checked_column, find_column, spelling
from customer_groups.files.records import FullRow, Places, Record, fields_at

__all__ = ["FoundColumns", "SaidColumns", "checked_columns", "find_fields"]

SaidColumns = Mapping[str, str | int | tuple[str, ...] | None]
"""For a field the name of its column, several names that it may have, or its position from 1;
None where it is not to be read."""


def checked_columns(said: Mapping[str, ColumnName], fields: Collection[str]) -> SaidColumns:
    """Return what a caller says of columns, if it can be so.

    Args:
        said: Columns by fields.
        fields: The fields that there are.

    Raises:
        InvalidValueError: a field is none of them, or a column cannot be one.
    """
    unknown = [field for field in said if field not in fields]
    if unknown:
        reason = f"is none of: {', '.join(fields)}"
        raise InvalidValueError("columns", unknown[0], reason)
    return {field: checked_column(column) for field, column in said.items()}


@attrs.frozen
class FoundColumns:
    """The columns of one file.

    Attributes:
        fields: What a row may say.
        names: What all columns are called.
        places: Where the fields stand, in their order.
    """

    fields: Sequence[str]
    names: Sequence[str]
    places: Places

    def records(self, rows: Iterable[FullRow]) -> Iterator[Record]:
        """Yield the rows with their fields."""
        return (Record(line, fields_at(self.places, cells)) for line, cells in rows)

    def cells(self, field: str, rows: Iterable[FullRow]) -> Iterator[object]:
        """Yield the cells of one field; none where it has no column."""
        place = self.places[self.fields.index(field)]
        if place is not None:
            for _, cells in rows:
                yield from fields_at((place,), cells)

    def names_of_fields(self) -> dict[str, str]:
        """Return what the column of each field is called, of those that are there."""
        return {
            field: self.names[place]
            for field, place in zip(self.fields, self.places, strict=True)
            if place is not None
        }

    def ignored(self) -> tuple[str, ...]:
        """Return what the columns are called that are not read, as far as they have a name."""
        return tuple(
            name for place, name in enumerate(self.names) if name and place not in self.places
        )


def find_fields(
    usual: Mapping[str, Collection[str]],
    said: SaidColumns,
    names: Sequence[str],
    *,
    are_ordered: bool,
) -> FoundColumns:
    """Return where fields stand.

    Args:
        usual: For each field how its column usually is spelled.
        said: What the caller says of columns; a field that is not in it is recognised.
        names: What all columns are called.
        are_ordered: Whether the columns have positions; the fields of objects have none.

    Raises:
        ColumnNotFoundError: a column that the caller named is not there, or several may be
            the one of a field.
    """
    if not are_ordered:
        _require_no_position(said, names)
    places = [
        _place_said(said[field], names) if field in said else _usual_place(spellings, names)
        for field, spellings in usual.items()
    ]
    return FoundColumns(tuple(usual), names, places)


def _require_no_position(said: SaidColumns, names: Sequence[str]) -> None:
    for column in said.values():
        if isinstance(column, int):
            raise ColumnNotFoundError(column, tuple(names))


def _place_said(column: str | int | tuple[str, ...] | None, names: Sequence[str]) -> int | None:
    return None if column is None else find_column(names, column).index


def _usual_place(usual: Collection[str], names: Sequence[str]) -> int | None:
    """Return where the one column stands that is spelled in a usual way, if there is one."""
    found = [place for place, name in enumerate(names) if spelling(name) in usual]
    if len(found) > 1:
        candidates = tuple(names[place] for place in found)
        raise ColumnNotFoundError(candidates, candidates)
    return found[0] if found else None

"""From the rows of a table to records of named fields."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import attrs

from customer_groups.errors import LimitExceededError
from customer_groups.files.cells import Row, Single, Unclear, has_text, shown
from customer_groups.files.reading import Findings, Layout

__all__ = ["FullRow", "Places", "Record", "RecordReader", "RowReader", "fields_at"]

FullRow = tuple[int, Sequence[object]]
"""The physical line that a row begins on, and its cells, in the order of the columns."""

Places = Sequence[int | None]
"""Where each field stands in a row, counted from 0; None for a field that has no column."""


def fields_at(places: Places, cells: Sequence[object]) -> tuple[object, ...]:
    """Return the cells at these places, None where there is nothing."""
    there = len(cells)
    return tuple(cells[at] if at is not None and at < there else None for at in places)


@attrs.define
class RowReader:
    """Reads rows under a header, or rows that name their cells.

    Attributes:
        names: The names of the columns, in the order of the file, as far as it was read.
        are_objects: Whether the rows name their cells, so that columns have no position.
    """

    names: list[str] = attrs.field(factory=list, init=False)
    are_objects: bool = attrs.field(default=False, init=False)
    _known: set[str] = attrs.field(factory=set, init=False)

    def read(self, rows: Iterator[Row], layout: Layout, findings: Findings) -> Iterator[FullRow]:
        """Yield the rows that are not blank, so that no two columns are mixed up.

        Args:
            rows: What a reader yields.
            layout: What the caller says of the table; its limit of columns counts here.
            findings: Where to note blank lines, the header, and rows without columns.

        Raises:
            LimitExceededError: there are too many columns.
        """
        most = layout.limits.columns
        for line, cells in rows:
            if isinstance(cells, Single):
                _note_single(line, cells.value, findings)
            elif not has_text(cells.values() if isinstance(cells, Mapping) else cells):
                findings.blank_lines += 1
            elif isinstance(cells, Mapping):
                self.are_objects = True
                self._add_names([name for name in cells if name not in self._known], most)
                yield line, [cells.get(name) for name in self.names]
            elif not self.names:
                self._add_names([shown(cell) for cell in cells], most)
                findings.header_lines += 1
            elif findings.is_fixed_width and has_text(cells[len(self.names) :]):
                self._note_surplus(line, cells, findings)
            else:
                yield line, cells

    def _add_names(self, names: Sequence[str], most: int) -> None:
        self.names += names
        self._known.update(names)
        if len(self.names) > most:
            raise LimitExceededError("columns", most)

    def _note_surplus(self, line: int, cells: Sequence[object], findings: Findings) -> None:
        message = f"are {len(cells)} cells, where the first line has {len(self.names)}"
        findings.add_unreadable(line, list(map(shown, cells)), "too_many_cells", message)


def _note_single(line: int, value: object, findings: Findings) -> None:
    if isinstance(value, Unclear):
        findings.add_unreadable(line, value.raw, value.reason, value.message)
    else:
        findings.add_unreadable(line, value, "no_column", "stands alone, without columns")


@attrs.frozen
class Record:
    """A row whose columns are known.

    Attributes:
        line: The physical line that it begins on.
        fields: The cells that were asked for, None where there is nothing.
    """

    line: int
    fields: tuple[object, ...]


@attrs.define
class RecordReader:
    """Reads records as they come; an object may bring fields that those before it had not.

    Attributes:
        places: Finds the fields, given the names of all columns; it may raise.
    """

    places: Callable[[Sequence[str]], Places]
    _reader: RowReader = attrs.field(factory=RowReader, init=False)

    @property
    def names(self) -> Sequence[str]:
        """The names of the columns, in the order of the file, as far as it was read."""
        return self._reader.names

    def read(self, rows: Iterator[Row], layout: Layout, findings: Findings) -> Iterator[Record]:
        """Yield the records; every one has all fields.

        Args:
            rows: What a reader yields.
            layout: What the caller says of the table; its limit of columns counts here.
            findings: Where to note blank lines, the header, and rows without columns.

        Raises:
            ColumnNotFoundError: a field is not to be found.
            LimitExceededError: there are too many columns.
        """
        known = 0
        places: Places = ()
        for line, cells in self._reader.read(rows, layout, findings):
            if len(self.names) > known:
                known, places = len(self.names), self.places(self.names)
            yield Record(line, fields_at(places, cells))
        if len(self.names) > known:  # a header without rows has to have the fields as well
            self.places(self.names)

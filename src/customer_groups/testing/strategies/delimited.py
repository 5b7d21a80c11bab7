"""Delimited text, knowing what stands where."""

from collections.abc import Sequence

import attrs
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from customer_groups.files.dialects import guarded
from customer_groups.testing.strategies.layout import (
    CODE_COLUMNS,
    MOST_ROWS,
    OTHER_COLUMN,
    Layout,
    Row,
    Value,
    blank_rows,
)

__all__ = ["delimited_lists"]

_DELIMITERS = ",;\t|"
_TO_BE_QUOTED = frozenset(f'{_DELIMITERS}"\r\n=')  # "=" so that no value reads "sep=;"
_NOTES = ("x", "1,5;2", 'say "x"', "two\nlines", "=1+1")
_RAGGED = {"empty", "too_many_cells"}
_TELLS = ("named", "found", "sep=")


@attrs.frozen(kw_only=True)
class _Table:
    """How a table is written.

    Attributes:
        width: How many columns it has.
        place: Which of them is that of the customers, from 0.
        delimiter: What separates the cells.
        note: What stands in the other columns.
        is_quoted: Whether all cells are quoted, or only those that have to be.
        is_guarded: Whether what may be taken for a formula gets a ``'`` in front.
    """

    width: int
    place: int
    delimiter: str
    note: str
    is_quoted: bool
    is_guarded: bool

    def rows(self, values: SearchStrategy[Value]) -> SearchStrategy[Row]:
        """Generate rows: with a value, blank ones, and where it can be, ragged ones."""
        regular = values.map(lambda value: Row(self.line(self.around(value.text)), (value,)))
        blank = blank_rows(self.delimiter * (self.width - 1))
        if self.width == 1:
            return regular | blank
        return st.one_of(regular, blank, values.map(self._with_too_many_cells), self._empty())

    def line(self, cells: Sequence[str]) -> str:
        """Return a line of text."""
        return self.delimiter.join(map(self._written, cells))

    def around(self, text: str) -> list[str]:
        """Return a row of cells with ``text`` at its place."""
        return [*[self.note] * self.place, text, *[self.note] * (self.width - self.place - 1)]

    def _written(self, text: str) -> str:
        if self.is_guarded:
            text = _guarded(text)
        if self.is_quoted or not _TO_BE_QUOTED.isdisjoint(text):
            return '"' + text.replace('"', '""') + '"'
        return text

    def _with_too_many_cells(self, value: Value) -> Row:
        text = self.line([*self.around(value.text), "x"])
        return Row(text, (Value(value.text, "too_many_cells"),))

    def _empty(self) -> SearchStrategy[Row]:
        """Generate rows that have notes but no value, some of them because they end early."""
        cells = self.around("")
        lines = st.sampled_from([cells, cells[: self.place] or cells]).map(self.line)
        return lines.map(lambda line: Row(line, (Value("", "empty"),)))


def _tables() -> SearchStrategy[_Table]:
    return st.integers(1, 3).flatmap(
        lambda width: st.builds(
            _Table,
            width=st.just(width),
            place=st.integers(0, width - 1),
            delimiter=st.sampled_from(_DELIMITERS),
            note=st.sampled_from(_NOTES),
            is_quoted=st.booleans(),
            is_guarded=st.booleans(),
        )
    )


@st.composite
def delimited_lists(draw: st.DrawFn, values: SearchStrategy[Value]) -> Layout:
    """Generate tables of one column or several, with and without a header.

    Args:
        draw: Supplied by Hypothesis.
        values: The values.
    """
    table = draw(_tables())
    rows = draw(st.lists(table.rows(values), max_size=MOST_ROWS))
    options: dict[str, str | int] = {"dialect": "spreadsheet"} if table.is_guarded else {}

    if _needs_header(rows) or draw(st.booleans()):
        name = draw(st.sampled_from((*CODE_COLUMNS, OTHER_COLUMN)))
        rows = [draw(blank_rows()), Row(table.line(table.around(name)), is_header=True), *rows]
        if name == OTHER_COLUMN:
            options["column"] = name
    elif table.width > 1:
        options["column"] = table.place + 1

    tell = draw(st.sampled_from(_TELLS))
    if tell == "sep=":
        rows = [Row(f"sep={table.delimiter}", is_header=True), *rows]
    elif tell == "named" or not _is_obvious(table, rows):
        options["delimiter"] = table.delimiter
    return Layout(rows, options)


def _needs_header(rows: Sequence[Row]) -> bool:
    """Return whether the first values might themselves be taken for a header."""
    first = next((value for row in rows for value in row.values), None)
    if first is None:
        return False
    has_digit = any(character in "0123456789" for character in first.text)
    return first.malformed in _RAGGED or not has_digit  # no usual name of a column has a digit


def _guarded(text: str) -> str:
    """Return text with a guard, where it needs one and where it could have one."""
    written = guarded(text)
    needs_none = written == text
    return f"'{text}" if needs_none and text and not text[0].isalnum() else written


def _is_obvious(table: _Table, rows: Sequence[Row]) -> bool:
    """Return whether nothing but the delimiter can be taken for one."""
    misleading = _TO_BE_QUOTED - {table.delimiter}
    return table.width == 1 or not any(
        misleading & set(row.text) or any(value.malformed in _RAGGED for value in row.values)
        for row in rows
    )

"""From the rows of a table to the values in its column of customers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from customer_groups.errors import ColumnNotFoundError, HeaderNotFoundError, LimitExceededError
from customer_groups.files.cells import Row, Single, Unclear, has_text, shown
from customer_groups.files.columns import find_column
from customer_groups.files.reading import Findings, Layout
from customer_groups.outcomes import Entry

__all__ = ["read_values"]

_NOTHING = object()
_SHOWN_CHARACTERS = 60
_MAY_BE_TITLE = (
    "seems to be a title, as line {} has more columns;"
    " if so, name the line of the header, else the column"
)


def read_values(rows: Iterator[Row], layout: Layout, findings: Findings) -> Iterator[Entry]:
    """Yield the values of the column of customers and the lines of their rows.

    A value that is not text is yielded as it is, to be found malformed.

    Args:
        rows: What a reader yields.
        layout: What the caller says of the column.
        findings: Where to note the column, lines that hold no value, and values that cannot
            be had.

    Raises:
        HeaderNotFoundError: the names of the columns do not stand where the layout says; or
            it says nothing, and what seemed to be the only column has only a title.
        ColumnNotFoundError: the column is not there, or not to be told from others.
        LimitExceededError: the first row has too many columns.
    """
    first = _first_row(rows, layout.header_line, findings)
    if first is None:
        return
    line, cells = first
    if isinstance(cells, (Single, Mapping)):
        yield from _values_with_names(chain([first], rows), layout, findings)
    else:
        yield from _values_in_order((line, cells), rows, layout, findings)


def _first_row(rows: Iterable[Row], header_line: int | None, findings: Findings) -> Row | None:
    """Return the row that names the columns, or the first one with a value; None without any."""
    for line, cells in rows:
        if isinstance(cells, (Single, Mapping)):
            return line, cells
        if not has_text(cells):
            findings.blank_lines += 1
        elif header_line is None or line == header_line:
            return line, cells
        elif line < header_line:
            findings.header_lines += 1
        else:
            break
    if header_line is not None:
        raise HeaderNotFoundError(
            header_line, "has no names of columns; name the line of the header"
        )
    return None


def _values_in_order(
    first: tuple[int, Sequence[Any]],
    rows: Iterable[tuple[int, Any]],
    layout: Layout,
    findings: Findings,
) -> Iterator[Entry]:
    """Yield the values of a table, given its first row and those that follow it."""
    most_columns = layout.limits.columns
    names = [shown(cell) for cell in first[1]]
    if len(names) > most_columns:
        raise LimitExceededError("columns", most_columns)
    column = find_column(names, layout.column, by_key=layout.by_key, header=layout.header)
    index = column.index
    if column.is_named:
        findings.column = names[index]
        findings.header_lines += 1
    else:
        findings.column = index + 1
        rows = chain([first], rows)
    may_be_title = layout.column is None and len(names) == 1 and not findings.is_fixed_width
    most = len(names) if findings.is_fixed_width or may_be_title else most_columns
    for line, cells in rows:
        value = cells[index] if index < len(cells) else None
        if type(value) is str and len(cells) <= most and value.strip():  # nearly all
            yield line, value
        elif len(cells) > most and has_text(cells[most:]):
            if may_be_title:
                raise HeaderNotFoundError(first[0], _MAY_BE_TITLE.format(line))
            message = f"stands among {len(cells)} cells, where the first line has {most}"
            findings.add_unreadable(line, shown(value), "too_many_cells", message)
        elif not has_text(cells):
            findings.blank_lines += 1
        elif isinstance(value, Unclear):
            findings.add_unreadable(line, value.raw, value.reason, value.message)
        else:
            yield line, "" if value is None else value


def _values_with_names(
    rows: Iterable[Row], layout: Layout, findings: Findings
) -> Iterator[tuple[int, Any]]:
    """Yield the values of rows that name their cells; the first one decides which is meant."""
    name = ""
    for line, cells in rows:
        if isinstance(cells, Mapping):
            if findings.column is None:
                name = findings.column = _name_of_column(cells, layout)
            value = cells.get(name, _NOTHING)
        elif isinstance(cells, Single):
            value = cells.value
        else:
            findings.blank_lines += 1
            continue
        if value is _NOTHING:
            findings.add_unreadable(
                line, cells, "no_column", f"has no field {name[:_SHOWN_CHARACTERS]!r}"
            )
        elif isinstance(value, Unclear):
            findings.add_unreadable(line, value.raw, value.reason, value.message)
        else:
            yield line, value


def _name_of_column(first: Mapping[str, object], layout: Layout) -> str:
    names = tuple(first)
    if isinstance(layout.column, int):  # the fields of an object have no order
        raise ColumnNotFoundError(layout.column, names)
    return names[find_column(names, layout.column, by_key=layout.by_key).index]

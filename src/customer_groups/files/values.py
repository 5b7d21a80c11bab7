"""From the rows of a table to the values in its column of customers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from customer_groups.errors import ColumnNotFoundError, LimitExceededError
from customer_groups.files.cells import Row, Single, Unclear, has_text, shown
from customer_groups.files.columns import find_column
from customer_groups.files.reading import Findings, Layout
from customer_groups.outcomes import Entry

__all__ = ["read_values"]

_NOTHING = object()


def read_values(rows: Iterator[Row], layout: Layout, findings: Findings) -> Iterator[Entry]:
    """Yield the values of the column of customers and the lines of their rows.

    A value that is not text is yielded as it is, to be found malformed.

    Args:
        rows: What a reader yields.
        layout: What the caller says of the column.
        findings: Where to note the column, blank lines, and values that cannot be had.

    Raises:
        ColumnNotFoundError: the column is not there, or not to be told from others.
        LimitExceededError: the first row has too many columns.
    """
    for line, cells in rows:
        if not isinstance(cells, Sequence):
            yield from _values_with_names(chain([(line, cells)], rows), layout, findings)
        elif has_text(cells):
            yield from _values_in_order((line, cells), rows, layout, findings)
        else:
            findings.blank_lines += 1


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
    most = len(names) if findings.is_fixed_width else most_columns
    for line, cells in rows:
        value = cells[index] if index < len(cells) else None
        if len(cells) > most and has_text(cells[most:]):
            message = f"stands among {len(cells)} cells, where the first line has {most}"
            findings.add_unreadable(line, shown(value), "too_many_cells", message)
        elif (not value or str(value).isspace()) and not has_text(cells):
            findings.blank_lines += 1
        elif isinstance(value, Unclear):
            findings.add_unreadable(line, value.raw, value.reason, value.message)
        else:
            yield line, "" if value is None else value


def _values_with_names(
    rows: Iterable[Row], layout: Layout, findings: Findings
) -> Iterator[tuple[int, Any]]:
    """Yield the values of rows that name their cells; the first one decides which is meant."""
    name: str | None = None
    for line, cells in rows:
        if isinstance(cells, Mapping):
            if name is None:
                name = findings.column = _name_of_column(cells, layout)
            value = cells.get(name, _NOTHING)
        elif isinstance(cells, Single):
            value = cells.value
        else:
            findings.blank_lines += 1
            continue
        if value is _NOTHING:
            findings.add_unreadable(line, cells, "no_column", f"has no field {name!r}")
        elif isinstance(value, Unclear):
            findings.add_unreadable(line, value.raw, value.reason, value.message)
        else:
            yield line, value


def _name_of_column(first: Mapping[str, object], layout: Layout) -> str:
    names = tuple(first)
    if isinstance(layout.column, int):  # the fields of an object have no order
        raise ColumnNotFoundError(layout.column, names)
    return names[find_column(names, layout.column, by_key=layout.by_key).index]

"""JSON Lines: one JSON value on each line."""

import json
from collections.abc import Iterable, Iterator, Mapping

from customer_groups.errors import ColumnNotFoundError
from customer_groups.files.columns import find_column
from customer_groups.files.decoding import text_lines
from customer_groups.files.reading import Findings, Layout
from customer_groups.outcomes import Entry
from customer_groups.text import trim

__all__ = ["read_json_lines"]


def read_json_lines(pieces: Iterable[str], layout: Layout, findings: Findings) -> Iterator[Entry]:
    """Yield the values of JSON Lines and the lines that they stand on.

    A line holds the value itself, or an object that has it under the name of the column;
    the first object decides which that is. Numbers are not turned into text: nobody knows
    which zeros they lost. They are yielded as they are, to be found malformed.

    Raises:
        ColumnNotFoundError: the first object does not have the column.
        LimitExceededError: a line is too long.
    """
    name: str | None = None
    for number, line in enumerate(text_lines(pieces, layout.limits.record_characters), 1):
        if not trim(line):
            findings.blank_lines += 1
            continue
        try:
            value = json.loads(line)
        except (RecursionError, ValueError):  # or a number longer than Python reads
            findings.add_unreadable(number, line.rstrip("\r\n"), "not_json", "is not JSON")
            continue
        if isinstance(value, dict):
            if name is None:
                name = findings.column = _name_of_column(value, layout)
            if name not in value:
                findings.add_unreadable(number, value, "no_column", f"has no field {name!r}")
                continue
            value = value[name]
        yield number, value


def _name_of_column(first: Mapping[str, object], layout: Layout) -> str:
    names = tuple(first)
    if isinstance(layout.column, int):  # the fields of an object have no order
        raise ColumnNotFoundError(layout.column, names)
    return names[find_column(names, layout.column, by_key=layout.by_key).index]

"""Lists for tests: what a reader finds in a text."""

from collections.abc import Iterator
from typing import Any

import attrs

from customer_groups.files.reading import Findings, Layout, Reader
from customer_groups.files.sources import Readable, open_stream
from customer_groups.files.values import read_values

__all__ = ["EXACT", "Listed", "values_in"]

EXACT = Layout()
PLENTY = 10**9


@attrs.frozen
class Listed:
    """What was found.

    Attributes:
        values: Lines and values.
        findings: What the reader noted.
        unreadable: What it told of values that cannot be had.
    """

    values: list[tuple[int, Any]]
    findings: Findings
    unreadable: list[tuple[object, ...]]

    def __iter__(self) -> Iterator[Any]:
        yield self.values
        yield self.findings


def values_in(reader: Reader, source: str | Readable, layout: Layout = EXACT) -> Listed:
    """Read text, or an open file, to its end."""
    told: list[tuple[object, ...]] = []
    findings = Findings(lambda *what: told.append(what))
    with open_stream(source, PLENTY) as stream:
        rows = reader.rows(stream, layout, findings)
        return Listed(list(read_values(rows, layout, findings)), findings, told)

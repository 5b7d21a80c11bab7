"""Delimited text: records of cells, read by Python's csv module at its strictest."""

import csv
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from customer_groups.errors import (
    AmbiguousDelimiterError,
    LimitExceededError,
    MalformedFileError,
)
from customer_groups.files.cells import has_text, require_short
from customer_groups.files.decoding import BoundedText, text_lines
from customer_groups.files.dialects import Dialect, unguarded_rows
from customer_groups.files.formats import DELIMITED
from customer_groups.files.reading import Findings, Layout, read_text
from customer_groups.files.sources import Stream

__all__ = ["CANDIDATES", "DelimitedReader"]

CANDIDATES = (",", ";", "\t", "|")
"""What is recognised as a delimiter; others have to be named."""

_SAMPLE_LINES = 200
_SAMPLE_CHARACTERS = 1 << 16
_NO_DELIMITER = "\uffff"  # never part of a text
_SEPARATOR_LINE = re.compile(r"sep=([^\"\r\n])[\r\n]*", re.IGNORECASE)

_Record = tuple[int, list[str]]
"""The line where a record begins, and its cells."""


class DelimitedReader:
    """Reads CSV and the like.

    The delimiter is the one that the layout names, else the one that a first line ``sep=;``
    names, else the candidate that splits the first record, and most of the first ones into
    the same number of cells, else there is none. Where the layout names the line of the
    header, the records begin there, and what stands above comes as it is, one cell in each
    line. A quote within a cell that does not begin with one is part of it. Where the layout
    names the spreadsheet dialect, cells come without the ``'`` that it put in front.
    """

    name: Final = DELIMITED

    def rows(
        self, stream: Stream, layout: Layout, findings: Findings
    ) -> Iterator[tuple[int, list[str]]]:
        """Yield the records and the lines where they begin.

        Raises:
            AmbiguousDelimiterError: several delimiters fit equally well.
            MalformedFileError: a record is not well-formed; the error says where it begins.
            NotTextError: the input is another kind of file.
            LimitExceededError: a record or a cell is too long.
            UnreadableEncodingError: the bytes are in another encoding.
        """
        return chain.from_iterable(_parts(stream, layout, findings))


def _parts(stream: Stream, layout: Layout, findings: Findings) -> Iterator[Iterable[_Record]]:
    """Yield what stands above the header, and the records."""
    limits = layout.limits
    text = BoundedText(read_text(stream, layout, findings), limits.record_characters)
    named, lines = _separator_and_rest(text_lines(text, text.longest))
    first_line = 2 if named else 1
    findings.header_lines = first_line - 1
    findings.is_fixed_width = True
    above = range(first_line, layout.header_line or first_line)
    yield _uncut(zip(above, lines, strict=False), text)
    findings.delimiter, lines = _delimiter_and_lines(layout.delimiter or named, lines, text)
    rows = _records(lines, findings.delimiter, first_line + len(above), text)
    if limits.field_characters < csv.field_size_limit():
        rows = _with_short_cells(rows, limits.field_characters)
    yield unguarded_rows(rows) if layout.dialect is Dialect.SPREADSHEET else rows


def _uncut(lines: Iterable[tuple[int, str]], text: BoundedText) -> Iterator[_Record]:
    for number, line in lines:
        text.taken = 0
        yield number, [line]


def _with_short_cells(records: Iterable[_Record], longest: int) -> Iterator[_Record]:
    for line, cells in records:
        require_short(cells, longest)
        yield line, cells


def _separator_and_rest(lines: Iterator[str]) -> tuple[str | None, Iterator[str]]:
    """Return the delimiter that a first line names, if it does, and the lines after it."""
    for first in lines:
        named = _SEPARATOR_LINE.fullmatch(first)
        return (named[1], lines) if named else (None, chain([first], lines))
    return None, lines


def _delimiter_and_lines(
    delimiter: str | None, lines: Iterator[str], text: BoundedText
) -> tuple[str | None, Iterator[str]]:
    """Return the delimiter, found in the first lines if it is not known, and all lines."""
    if delimiter is not None:
        return delimiter, lines
    sample = list(_sample(lines, text))
    return _likely_delimiter(sample), chain(sample, lines)


def _records(
    lines: Iterable[str], delimiter: str | None, first_line: int, text: BoundedText
) -> Iterator[_Record]:
    """Yield the records, each with the line where it begins.

    Args:
        lines: The physical lines.
        delimiter: What separates the cells; None where there is only one.
        first_line: The number of the first line, from 1.
        text: What the lines come from; told where a record ends.

    Raises:
        MalformedFileError: a record is not well-formed; the error says where it begins.
        LimitExceededError: one is too long, or one of its cells.
    """
    records = csv.reader(lines, delimiter=delimiter or _NO_DELIMITER, strict=True)
    line = first_line
    try:
        for cells in records:
            text.taken = 0
            yield line, cells
            line = first_line + records.line_num
    except csv.Error as error:
        raise _error_of_ours(error, line) from None


def _error_of_ours(error: csv.Error, line: int) -> MalformedFileError | LimitExceededError:
    if "field limit" in str(error):  # the module has one error for everything
        return LimitExceededError("csv.field_size_limit", csv.field_size_limit())
    return MalformedFileError(line, "the record that begins here has a wrong quote")


def _sample(lines: Iterator[str], text: BoundedText) -> Iterator[str]:
    """Yield the first lines; none is part of a record yet."""
    characters = 0
    for number, line in enumerate(lines, 1):
        text.taken = 0
        yield line
        characters += len(line)
        if number == _SAMPLE_LINES or characters > _SAMPLE_CHARACTERS:
            return


def _likely_delimiter(sample: list[str]) -> str | None:
    """Return what separates the cells; None if nothing does.

    Raises:
        AmbiguousDelimiterError: several characters may be it.
    """
    scores = {delimiter: _score(sample, delimiter) for delimiter in CANDIDATES}
    best = max(scores.values())
    share, _ = best
    if share < 1 / 2:
        return None
    found = tuple(delimiter for delimiter, score in scores.items() if score == best)
    if len(found) > 1:
        raise AmbiguousDelimiterError(found)
    return found[0]


def _score(sample: list[str], delimiter: str) -> tuple[float, int]:
    """Return the usual number of cells, after the share of the records that have it."""
    try:
        records = [cells for cells in csv.reader(sample, delimiter=delimiter) if has_text(cells)]
    except csv.Error:
        return 0, 0
    sizes = [len(cells) for cells in records]
    usual = max(sizes, key=sizes.count, default=1)
    if usual == 1 or sizes[0] == 1:
        return 0, 0
    return sizes.count(usual) / len(sizes), usual

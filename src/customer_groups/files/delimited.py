"""Delimited text: records of cells, read by Python's csv module at its strictest."""

import csv
import re
from collections.abc import Iterable, Iterator
from itertools import chain

import attrs

from customer_groups.errors import LimitExceededError, MalformedFileError
from customer_groups.files.columns import find_column
from customer_groups.files.decoding import text_lines
from customer_groups.files.dialects import Dialect, unguarded
from customer_groups.files.reading import Findings, Layout
from customer_groups.outcomes import Entry
from customer_groups.text import trim

__all__ = ["CANDIDATES", "Records", "read_delimited"]

CANDIDATES = (",", ";", "\t", "|")
"""What is recognised as a delimiter; others have to be named."""

_SAMPLE_LINES = 200
_SAMPLE_CHARACTERS = 1 << 16
_NO_DELIMITER = "\uffff"  # never part of a text
_SEPARATOR_LINE = re.compile(r"sep=([^\"\r\n])[\r\n]*", re.IGNORECASE)

_Record = tuple[int, list[str]]
"""The line where a record begins, and its cells."""


def read_delimited(pieces: Iterable[str], layout: Layout, findings: Findings) -> Iterator[Entry]:
    """Yield the values of the column of customers and the lines where their records begin.

    The delimiter is the one that the layout names, else the one that a first line ``sep=;``
    names, else the candidate that splits the first record, and most of the first ones into
    the same number of cells, else there is none. Records are blank if all their cells are.

    Raises:
        MalformedFileError: a record is not well-formed; the error says where it begins.
        ColumnNotFoundError: the column is not there, or not to be told from others.
        LimitExceededError: a record is too long, or the first has too many columns.
    """
    records = Records.of(
        pieces, delimiter=layout.delimiter, longest=layout.limits.record_characters
    )
    findings.delimiter = records.delimiter
    findings.header_lines = records.first_line - 1
    return _values(iter(records), layout, findings)


@attrs.define
class Records:
    """The records of delimited text, each with the line where it begins.

    Attributes:
        lines: The physical lines, after the one that may name the delimiter.
        delimiter: What separates the cells; None where there is only one.
        longest: How many characters a record may have.
        first_line: The number of the first line, from 1.
    """

    lines: Iterable[str]
    delimiter: str | None
    longest: int
    first_line: int
    _characters: int = 0

    @classmethod
    def of(cls, pieces: Iterable[str], *, delimiter: str | None, longest: int) -> "Records":
        """Return the records of text.

        Args:
            pieces: The text, cut anywhere.
            delimiter: What separates the cells; None for what a first line ``sep=;`` names,
                else for what the first records tell.
            longest: How many characters a record may have.
        """
        lines = text_lines(pieces, longest)
        sample = list(_sample(lines))
        named = _SEPARATOR_LINE.fullmatch(sample[0]) if sample else None
        if named:
            del sample[0]
        found = delimiter or (named[1] if named else _likely_delimiter(sample))
        return cls(chain(sample, lines), found, longest, first_line=2 if named else 1)

    def __iter__(self) -> Iterator[_Record]:
        """Yield the records.

        Raises:
            MalformedFileError: one is not well-formed; the error says where it begins.
            LimitExceededError: one is too long.
        """
        separator = self.delimiter or _NO_DELIMITER
        records = csv.reader(self._bounded_lines(), delimiter=separator, strict=True)
        line = self.first_line
        try:
            for cells in records:
                self._characters = 0
                yield line, cells
                line = self.first_line + records.line_num
        except csv.Error:
            reason = "the record that begins here has a wrong quote, or a cell that is too long"
            raise MalformedFileError(line, reason) from None

    def _bounded_lines(self) -> Iterator[str]:
        for line in self.lines:
            self._characters += len(line)
            if self._characters > self.longest:
                raise LimitExceededError("record_characters", self.longest)
            yield line


def _sample(lines: Iterator[str]) -> Iterator[str]:
    characters = 0
    for number, line in enumerate(lines, 1):
        yield line
        characters += len(line)
        if number == _SAMPLE_LINES or characters > _SAMPLE_CHARACTERS:
            return


def _likely_delimiter(sample: list[str]) -> str | None:
    scores = {delimiter: _score(sample, delimiter) for delimiter in CANDIDATES}
    best = max(CANDIDATES, key=scores.__getitem__)
    share, _ = scores[best]
    return best if share >= 1 / 2 else None


def _score(sample: list[str], delimiter: str) -> tuple[float, int]:
    """Return the usual number of cells, after the share of the records that have it."""
    try:
        records = [cells for cells in csv.reader(sample, delimiter=delimiter) if _has_text(cells)]
    except csv.Error:
        return 0, 0
    sizes = [len(cells) for cells in records]
    usual = max(sizes, key=sizes.count, default=1)
    if usual == 1 or sizes[0] == 1:
        return 0, 0
    return sizes.count(usual) / len(sizes), usual


def _has_text(cells: Iterable[str]) -> bool:
    return any(map(trim, cells))


def _values(records: Iterator[_Record], layout: Layout, findings: Findings) -> Iterator[Entry]:
    for line, cells in records:
        if _has_text(cells):
            yield from _values_of_table((line, cells), records, layout, findings)
        else:
            findings.blank_lines += 1


def _values_of_table(
    first: _Record, records: Iterator[_Record], layout: Layout, findings: Findings
) -> Iterator[Entry]:
    """Yield the values of a table, given its first record and those that follow it."""
    width = len(first[1])
    if width > layout.limits.columns:
        raise LimitExceededError("columns", layout.limits.columns)
    is_guarded = layout.dialect is Dialect.SPREADSHEET
    names = [unguarded(cell) for cell in first[1]] if is_guarded else first[1]
    column = find_column(names, layout.column, by_key=layout.by_key)
    index = column.index
    if column.is_named:
        findings.column = names[index]
        findings.header_lines += 1
    else:
        findings.column = index + 1
        records = chain([first], records)
    for line, cells in records:
        value = cells[index] if index < len(cells) else ""
        if is_guarded:
            value = unguarded(value)
        if len(cells) > width and _has_text(cells[width:]):
            message = f"stands among {len(cells)} cells, where the first line has {width}"
            findings.add_unreadable(line, value, "too_many_cells", message)
        elif (not value or value.isspace()) and not _has_text(cells):
            findings.blank_lines += 1
        else:
            yield line, value

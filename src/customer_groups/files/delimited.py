"""Delimited text: records of cells, read by Python's csv module at its strictest."""

import csv
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

import attrs

from customer_groups.errors import LimitExceededError, MalformedFileError
from customer_groups.files.cells import has_text
from customer_groups.files.decoding import text_lines
from customer_groups.files.dialects import Dialect, unguarded
from customer_groups.files.formats import DELIMITED
from customer_groups.files.reading import Findings, Layout, read_text
from customer_groups.files.sources import Stream

__all__ = ["CANDIDATES", "DelimitedReader", "Records"]

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
    the same number of cells, else there is none. Where the layout names the spreadsheet
    dialect, cells come without the ``'`` that it put in front.
    """

    name: Final = DELIMITED

    def rows(
        self, stream: Stream, layout: Layout, findings: Findings
    ) -> Iterator[tuple[int, list[str]]]:
        """Yield the records and the lines where they begin.

        Raises:
            MalformedFileError: a record is not well-formed; the error says where it begins.
            LimitExceededError: a record is too long.
            UnreadableEncodingError: the bytes are in another encoding.
        """
        records = Records.of(
            read_text(stream, layout, findings),
            delimiter=layout.delimiter,
            longest=layout.limits.record_characters,
        )
        findings.delimiter = records.delimiter
        findings.is_fixed_width = True
        findings.header_lines = records.first_line - 1
        return _unguarded(records) if layout.dialect is Dialect.SPREADSHEET else iter(records)


def _unguarded(records: Iterable[_Record]) -> Iterator[_Record]:
    return ((line, [unguarded(cell) for cell in cells]) for line, cells in records)


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
        records = [cells for cells in csv.reader(sample, delimiter=delimiter) if has_text(cells)]
    except csv.Error:
        return 0, 0
    sizes = [len(cells) for cells in records]
    usual = max(sizes, key=sizes.count, default=1)
    if usual == 1 or sizes[0] == 1:
        return 0, 0
    return sizes.count(usual) / len(sizes), usual

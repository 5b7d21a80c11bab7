"""What every reader of a format is told, and what it tells."""

from abc import abstractmethod
from collections.abc import Iterator
from typing import Protocol

import attrs

from customer_groups.errors import InvalidValueError
from customer_groups.files.cells import Row
from customer_groups.files.columns import checked_column
from customer_groups.files.decoding import checked_encoding, text_pieces
from customer_groups.files.dialects import Dialect, parse_dialect
from customer_groups.files.limits import DEFAULT_LIMITS, Limits
from customer_groups.files.sources import Stream
from customer_groups.outcomes import OnMalformed

__all__ = ["Detected", "Findings", "Layout", "Reader", "read_text"]

_LAST_HEADER = 1_000


def _checked_delimiter(delimiter: str | None) -> str | None:
    is_character = isinstance(delimiter, str) and len(delimiter) == 1
    if delimiter is None or (is_character and delimiter not in '"\r\n'):
        return delimiter
    raise InvalidValueError("delimiter", delimiter, "is not one character that may separate cells")


def _checked_sheet(sheet: str | int | None) -> str | int | None:
    is_position = type(sheet) is int and sheet >= 1
    if sheet is None or isinstance(sheet, str) or is_position:
        return sheet
    raise InvalidValueError("sheet", sheet, "is neither a name nor a position from 1")


def _checked_header(header: bool | int | None) -> bool | int | None:  # noqa: FBT001 - or a line
    is_line = type(header) is int and 1 <= header <= _LAST_HEADER
    if header is None or isinstance(header, bool) or is_line:
        return header
    reason = f"is neither yes or no nor the number of a line up to {_LAST_HEADER:,}"
    raise InvalidValueError("header", header, reason)


@attrs.frozen(kw_only=True)
class Layout:
    """How a list is laid out, as far as the caller says; None for what is to be found.

    Attributes:
        encoding: The encoding of bytes that are text.
        delimiter: What separates the cells of delimited text.
        sheet: The name or the position, from 1, of the sheet of a spreadsheet.
        column: The name of the column of customers, several names that it may have, or its
            position, from 1.
        header: Whether the first row of a table names its columns; or the number of the line
            that does, where other lines stand above it.
        dialect: What was done to text that a spreadsheet would take for a formula; heeded
            in all but JSON Lines.
        by_key: Whether the values are keys instead of codes.
        limits: What the input may not go beyond.
    """

    encoding: str | None = attrs.field(default=None, converter=checked_encoding)
    delimiter: str | None = attrs.field(default=None, converter=_checked_delimiter)
    sheet: str | int | None = attrs.field(default=None, converter=_checked_sheet)
    column: str | int | tuple[str, ...] | None = attrs.field(default=None, converter=checked_column)
    header: bool | int | None = attrs.field(default=None, converter=_checked_header)
    dialect: Dialect = attrs.field(default=Dialect.EXACT, converter=parse_dialect)
    by_key: bool = False
    limits: Limits = DEFAULT_LIMITS

    @property
    def header_line(self) -> int | None:
        """The number of the line that names the columns, where the caller says it."""
        return self.header if type(self.header) is int else None

    def __attrs_post_init__(self) -> None:
        if self.header is False and isinstance(self.column, str | tuple):
            reason = "is a name, and there is no header to find it in; give its position"
            raise InvalidValueError("column", self.column, reason)


@attrs.frozen(kw_only=True)
class Detected:
    """How a list was laid out, be it said by the caller or found.

    Attributes:
        format: ``"pasted"``, ``"delimited"``, ``"xlsx"``, ``"jsonl"``, or what the caller's
            own reader is called; ``"values"``, where the source was the values themselves.
        encoding: The encoding of the text, where it came as bytes.
        delimiter: What separates cells; None where there is only one column.
        sheet: The name of the sheet of a spreadsheet.
        column: The name of the column of customers; its position, from 1, where it has
            none; None where the format has no columns.
    """

    format: str
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    column: str | int | None = None


def _tell_nobody(_line: int, _value: object, _reason: str, _message: str) -> None:
    pass


@attrs.define
class Findings:
    """What a reader finds beside the rows; complete when it has ended.

    Attributes:
        on_unreadable: Told of each value that cannot be had.
        encoding: As in `Detected`, like all up to ``column``.
        delimiter: As there.
        sheet: As there.
        column: As there; found by who looks for the values in the rows.
        is_fixed_width: Whether a row with more cells than the first one cannot be trusted: a
            surplus delimiter moves the cells after it, where notes beside a sheet do not.
        blank_lines: Lines, or rows, without anything in them.
        header_lines: Lines, or rows, that say what is in the others, or stand above these.
        unreadable: Values that could not be had.
    """

    on_unreadable: OnMalformed = _tell_nobody
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    column: str | int | None = None
    is_fixed_width: bool = False
    blank_lines: int = 0
    header_lines: int = 0
    unreadable: int = 0

    def add_unreadable(self, line: int, value: object, reason: str, message: str) -> None:
        """Note a value that cannot be had: one of the list, but not one of those yielded."""
        self.unreadable += 1
        self.on_unreadable(line, value, reason, message)

    def detected(self, format: str) -> Detected:
        """Return how the list was laid out, given what its format is called."""
        return Detected(
            format=format,
            encoding=self.encoding,
            delimiter=self.delimiter,
            sheet=self.sheet,
            column=self.column,
        )


class Reader(Protocol):
    """Reads the rows of one format.

    Hosts may write their own, for a format that we do not read, and pass it as ``format``.
    """

    @property
    @abstractmethod
    def name(self) -> str:
        """What a report calls the format."""

    @abstractmethod
    def rows(self, stream: Stream, layout: Layout, findings: Findings) -> Iterator[Row]:
        """Yield the rows, the one with the names of columns and blank ones included.

        Args:
            stream: The input: to be iterated, for pieces of bytes or text, or as a file.
            layout: What the caller says of it; a reader heeds what concerns its format, and
                ``layout.limits``.
            findings: Where to note what was found out.

        Raises:
            ImportFileError: the input cannot be read; one of its subclasses says why.
        """


def read_text(stream: Stream, layout: Layout, findings: Findings) -> Iterator[str]:
    """Decode a stream piece by piece, and note its encoding.

    Raises:
        UnreadableEncodingError: taking a piece does, where the bytes do not fit.
    """
    findings.encoding, pieces = text_pieces(iter(stream), layout.encoding)
    return pieces

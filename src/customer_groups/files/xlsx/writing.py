"""Spreadsheets of Excel: one table of nothing but text, written as it comes."""

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile

import attrs

from customer_groups.errors import InvalidValueError, UnwritableError
from customer_groups.files.dialects import Dialect
from customer_groups.files.target import Writable
from customer_groups.files.writing import WriteRows, in_dialect
from customer_groups.files.xlsx.escapes import can_be_in_attribute, in_cell
from customer_groups.files.xlsx.parts import (
    HEADER_STYLE,
    SHEET_END,
    TEXT_STYLE,
    parts_around,
    sheet_beginning,
    sheet_path,
)

__all__ = ["XlsxWriter"]

_MAX_ROWS = 1 << 20
_MAX_CELL = 32_767  # units of UTF-16
_MAX_SHEET = (1 << 31) - 1  # bytes that every reader can address
_ROWS_AT_A_TIME = 1_000
_WIDTHS = (10, 60)  # the narrowest and the widest column, in characters


def _checked_names(sheets: Sequence[str]) -> tuple[str, ...]:
    for name in sheets:
        if not can_be_in_attribute(name):
            raise InvalidValueError("sheet", name, "has a character that no name of a sheet has")
    return tuple(sheets)


@attrs.frozen(kw_only=True)
class XlsxWriter:
    """Writes XLSX.

    Every cell is text, a number too, and never a formula or a link; it stays text when
    somebody edits it. A cell that is None, or empty, is left out. The header is styled and
    stays in sight, and the columns are as wide as the first thousand rows need.

    Attributes:
        dialect: What is done to text that a spreadsheet would take for a formula. It would not,
            here, so this matters only where the table becomes CSV later.
        sheets: The names of the sheets. The table is on the last one, nothing on the others.
        header: Whether the first row names the columns.

    Raises:
        InvalidValueError: the name of a sheet has a control character, or another one that
            XML does not have.
    """

    dialect: Dialect = Dialect.EXACT
    sheets: Sequence[str] = attrs.field(default=("Sheet1",), converter=_checked_names)
    header: bool = True

    @property
    def encoding(self) -> None:
        """None: a spreadsheet is bytes."""

    @contextmanager
    def table(self, file: Writable, columns: Sequence[str]) -> Iterator[WriteRows]:
        """Yield what writes the rows; see `Writer.table`.

        That raises an `UnwritableError` for a text of more than 32,767 characters, after
        1,048,576 rows, and for more than 2 GiB.
        """
        with ZipFile(_InOrder(file), "w", ZIP_DEFLATED) as archive:
            for path, content in parts_around(self.sheets):
                with archive.open(path, "w") as part:
                    part.write(content.encode())
            with archive.open(sheet_path(len(self.sheets)), "w") as part:
                (names,) = in_dialect([columns], self.dialect)
                sheet = _Sheet(part, names, header=self.header)
                yield lambda rows: sheet.write_rows(in_dialect(rows, self.dialect))
                sheet.end()


class _InOrder(io.RawIOBase):
    """Takes bytes one after the other, so that a pipe is as good as a file."""

    def __init__(self, file: Writable) -> None:
        self._file = file

    def write(self, data: bytes, /) -> int:  # type: ignore[override]  # all that zipfile writes
        self._file.write(data)
        return len(data)


@attrs.define
class _Sheet:
    """A sheet on its way into its file."""

    part: IO[bytes]
    columns: Sequence[str]
    header: bool = attrs.field(kw_only=True)
    letters: Sequence[str] = attrs.field(init=False)
    rows: int = 0
    size: int = 0

    @letters.default
    def _letters_of_columns(self) -> list[str]:
        return [_letters(number) for number in range(1, len(self.columns) + 1)]

    def write_rows(self, rows: Iterable[Sequence[object]]) -> None:
        iterator = iter(rows)
        while batch := list(islice(iterator, _ROWS_AT_A_TIME)):
            texts = [["" if cell is None else str(cell) for cell in row] for row in batch]
            if not self.size:
                self._begin(texts)
            self._write("".join([self._row(row, TEXT_STYLE) for row in texts]))

    def end(self) -> None:
        if not self.size:
            self._begin([])
        self._write(SHEET_END)

    def _begin(self, first: Sequence[Sequence[str]]) -> None:
        """Write what stands before the rows, given the first of them."""
        shown = [self.columns, *first] if self.header else first
        widths = [_width(row[place] for row in shown) for place in range(len(self.columns))]
        self._write(sheet_beginning(widths, header=self.header))
        if self.header:
            self._write(self._row(self.columns, HEADER_STYLE))

    def _row(self, texts: Sequence[str], style: int) -> str:
        self.rows = row = self.rows + 1
        if row > _MAX_ROWS:
            raise UnwritableError(row, None, f"a sheet has at most {_MAX_ROWS:,} rows")
        if max(map(len, texts)) > _MAX_CELL // 2:
            self._require_fitting(texts)
        cells = [
            f'<c r="{letters}{row}" s="{style}" t="inlineStr">'
            f'<is><t xml:space="preserve">{in_cell(text)}</t></is></c>'
            for letters, text in zip(self.letters, texts, strict=True)
            if text
        ]
        return f'<row r="{row}">{"".join(cells)}</row>'

    def _require_fitting(self, texts: Sequence[str]) -> None:
        for column, text in zip(self.columns, texts, strict=True):
            if len(text.encode("utf-16-le", "surrogatepass")) // 2 > _MAX_CELL:
                reason = f"a cell has at most {_MAX_CELL:,} characters"
                raise UnwritableError(self.rows, column, reason)

    def _write(self, xml: str) -> None:
        data = xml.encode()
        self.size += len(data)
        if self.size > _MAX_SHEET:
            raise UnwritableError(self.rows, None, f"a sheet has at most {_MAX_SHEET:,} bytes")
        self.part.write(data)


def _letters(number: int) -> str:
    """Return what a column is called: A to Z, AA, AB and so on."""
    before, last = divmod(number - 1, 26)
    return (_letters(before) if before else "") + chr(ord("A") + last)


def _width(texts: Iterable[str]) -> int:
    """Return how many characters wide a column is to be."""
    narrowest, widest = _WIDTHS
    return min(max(narrowest, max(map(len, texts), default=0) + 2), widest)

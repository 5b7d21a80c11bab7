"""Errors about files that are read or written."""

from collections.abc import Sequence
from typing import Any

import attrs

from customer_groups.errors.base import CustomerGroupsError, shown

__all__ = [
    "AmbiguousDelimiterError",
    "ColumnNotFoundError",
    "HeaderNotFoundError",
    "ImportFileError",
    "LimitExceededError",
    "MalformedFileError",
    "NotTextError",
    "RejectsNotWrittenError",
    "SheetNotFoundError",
    "UnknownFormatError",
    "UnreadableEncodingError",
    "UnreadableWorkbookError",
    "UnwritableError",
]

_SHOWN_NAMES = 10
_REMEDIES = {
    "csv.field_size_limit": (
        "shorten that cell, or raise what Python's csv module allows in the whole process"
        " by csv.field_size_limit(...)"
    ),
}
"""What to do where a limit is not one of ours."""


def _listed(names: Sequence[str]) -> str:
    """Return names for a message, the first ones if there are many."""
    more = ", ..." if len(names) > _SHOWN_NAMES else ""
    return ", ".join(map(shown, names[:_SHOWN_NAMES])) + more


class ImportFileError(CustomerGroupsError, ValueError):
    """A file or text cannot be read as a list of customer codes."""


@attrs.define
class UnreadableEncodingError(ImportFileError):
    """The bytes are not text in the expected encoding.

    Attributes:
        encoding: The encoding that was tried.
        offset: How many bytes stand before the first one that does not fit.
        likely: An encoding to try, or None.
    """

    encoding: str
    offset: int
    likely: str | None = None

    def __str__(self) -> str:
        hint = f', perhaps encoding="{self.likely}"' if self.likely else ""
        return f"not {self.encoding} at byte {self.offset}; name the encoding that it has{hint}"


@attrs.define
class NotTextError(ImportFileError):
    """A file that was to be text is one of another kind.

    Attributes:
        kind: What it is.
        remedy: How to get text out of it.
    """

    kind: str
    remedy: str

    def __str__(self) -> str:
        return f"this is {self.kind}, not text; {self.remedy}"


@attrs.define
class UnknownFormatError(ImportFileError):
    """The format of a file is not named and cannot be told, or is not known.

    Attributes:
        name: The format, file name or suffix in question.
        formats: The formats that can be named.
    """

    name: str
    formats: tuple[str, ...]

    def __str__(self) -> str:
        known = ", ".join(self.formats)
        return f"the format of {shown(self.name)} is not known; name one of: {known}"


@attrs.define
class AmbiguousDelimiterError(ImportFileError):
    """Several characters separate the first lines equally well.

    Attributes:
        delimiters: These characters.
    """

    delimiters: tuple[str, ...]

    def __str__(self) -> str:
        there = " or ".join(map(shown, self.delimiters))
        return f"the delimiter may be {there}; name the one that it is"


@attrs.define
class HeaderNotFoundError(ImportFileError):
    """It is not clear in which line of a table the names of the columns stand.

    Attributes:
        line: The physical line, counted from 1, where they should stand.
        message: Why they seem not to stand there, and what to do; to be read after the line.
    """

    line: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line} {self.message}"


@attrs.define
class ColumnNotFoundError(ImportFileError):
    """A column that is needed is not there, or not to be told from others.

    Attributes:
        column: The column that was asked for, or the names that it might have had; None
            where it was to be recognised.
        columns: The columns that are there, or those that could be meant.
    """

    column: str | int | tuple[str, ...] | None
    columns: tuple[str, ...]

    def __str__(self) -> str:
        if not self.columns:
            return "there are no columns, because there is no line; check the file"
        if self.column is None:
            there = _listed(self.columns)
            return f"which column names the customers is not clear; name one of: {there}"
        names = self.column if isinstance(self.column, tuple) else (self.column,)
        asked = " or ".join(map(shown, dict.fromkeys(names)))
        if self.columns[0] in names:
            return f"several columns are called {asked}; give its position instead"
        return f"there is no column {asked}; name one of: {_listed(self.columns)}"


@attrs.define
class SheetNotFoundError(ImportFileError):
    """A workbook does not have the sheet that was asked for.

    Attributes:
        sheet: The name or the position that was asked for; None for the first visible sheet.
        sheets: The names of the sheets that can be read, in the order of the workbook.
    """

    sheet: str | int | None
    sheets: tuple[str, ...]

    def __str__(self) -> str:
        if not self.sheets:
            return "there is no sheet with cells in this workbook; check the file"
        there = _listed(self.sheets)
        if self.sheet is None:
            return f"all sheets are hidden; name one of: {there}"
        return f"there is no sheet {shown(self.sheet)}; name one of: {there}"


@attrs.define
class UnreadableWorkbookError(ImportFileError):
    """A file is not a workbook that can be read, or not one that is safe to read.

    Attributes:
        reason: What is wrong with it, or with which part of it.
    """

    reason: str

    def __str__(self) -> str:
        return (
            f"the workbook cannot be read: {self.reason};"
            " save it as .xlsx, without a password, and import that"
        )


@attrs.define
class MalformedFileError(ImportFileError):
    """The file breaks the rules of its own format.

    Attributes:
        line: The physical line, counted from 1, where that begins.
        reason: What is wrong there.
    """

    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}; correct the file and import it again"


@attrs.define
class LimitExceededError(ImportFileError):
    """The input is larger than the host allows.

    Attributes:
        limit: The name of the limit.
        maximum: Its value.
    """

    limit: str
    maximum: int

    def __str__(self) -> str:
        remedy = _REMEDIES.get(self.limit, "split it, or raise that limit")
        return f"the input exceeds the limit {self.limit} ({self.maximum}); {remedy}"


@attrs.define
class UnwritableError(CustomerGroupsError, ValueError):
    """The format of a file cannot hold what is to be written.

    Attributes:
        row: The row of the file, counted from 1.
        column: The name of the column; None where it is not about a single cell.
        reason: What does not fit.
    """

    row: int
    column: str | None
    reason: str

    def __str__(self) -> str:
        place = f"row {self.row}"
        if self.column is not None:
            place = f"{place}, column {shown(self.column)}"
        return f"{place}: {self.reason}; write less, or another format, such as csv"


@attrs.define
class RejectsNotWrittenError(CustomerGroupsError, RuntimeError):
    """An import is stored, but its rejects could not be written; the ``__cause__`` says why.

    Attributes:
        report: The report of the import, as it would have been returned.
        reason: What happened while they were written.
    """

    report: Any
    reason: str

    def __str__(self) -> str:
        return (
            f"the import is stored, but its rejects are not written: {self.reason};"
            " keep the report of this error, and write them by a dry run of the same list"
        )

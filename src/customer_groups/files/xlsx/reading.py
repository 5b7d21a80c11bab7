"""Workbooks in XLSX, read by ourselves."""

import os
from collections.abc import Iterator
from typing import BinaryIO

import attrs

from customer_groups.files.cells import Row
from customer_groups.files.dialects import Dialect, unguarded_rows
from customer_groups.files.limits import Limits
from customer_groups.files.reading import Findings, Layout
from customer_groups.files.sources import Stream
from customer_groups.files.xlsx.numbers import Numbers
from customer_groups.files.xlsx.package import open_package
from customer_groups.files.xlsx.sheet import read_rows
from customer_groups.files.xlsx.strings import SharedStrings
from customer_groups.files.xlsx.styles import read_formats
from customer_groups.files.xlsx.values import Values
from customer_groups.files.xlsx.workbook import open_workbook

__all__ = ["XlsxReader", "read_sheet"]


@attrs.frozen
class XlsxReader:
    """Reads a sheet of an XLSX file.

    All its rows are read, also those that are hidden, by a filter or by hand.

    Attributes:
        name: What a report calls the format.
    """

    name: str = "xlsx"

    def rows(self, stream: Stream, layout: Layout, findings: Findings) -> Iterator[Row]:
        """Yield the rows of the sheet that the layout names; see `read_sheet`.

        Rows that the file leaves out are counted as blank lines. Where the layout names the
        spreadsheet dialect, text comes without the ``'`` that it put in front.
        """
        file = stream.file()
        name, rows = read_sheet(file, sheet=layout.sheet, limits=layout.limits)
        findings.sheet = name
        if layout.dialect is Dialect.SPREADSHEET:
            rows = unguarded_rows(rows)
        last = 0
        for line, cells in rows:
            findings.blank_lines += line - last - 1
            last = line
            yield line, cells
        file.seek(0, os.SEEK_END)  # it is done with, and so is the progress


def read_sheet(
    file: BinaryIO, *, sheet: str | int | None, limits: Limits
) -> tuple[str, Iterator[Row]]:
    """Return the name of a sheet, and its rows in their order.

    Text is text, exactly as it is shown: in its runs, with its escapes resolved. A whole
    number up to 2**53 is its digits, unless its cell shows something else; then, and for all
    that is not text, it is `Unclear`. Rows are numbered as in the file; a row without cells
    is empty, and one that the file leaves out is not there.

    Args:
        file: The file, which can be read anywhere; it is left open.
        sheet: The name of the sheet; or its position, from 1, among the visible ones; None
            for the first visible one.
        limits: What the file may not go beyond.

    Raises:
        UnreadableWorkbookError: the file is not a workbook, or not one that is safe to read.
        SheetNotFoundError: it does not have the sheet.
        MalformedFileError: taking a row does, where the sheet cannot be understood.
        LimitExceededError: there is too much; taking a row may raise it, too.
    """
    package = open_package(file, limits)
    workbook = open_workbook(package)
    found = workbook.find(sheet)
    strings = SharedStrings(limits)
    if workbook.strings:
        strings.read(package.pieces(workbook.strings))
    formats = (
        read_formats(package.pieces_of_small(workbook.styles), limits) if workbook.styles else []
    )
    values = Values(strings, Numbers(formats, workbook.starts_in_1904))
    return found.name, read_rows(package.pieces(found.part), values, limits)

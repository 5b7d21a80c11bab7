"""What writes rejects as the list was, so that the same import reads them again."""

from collections.abc import Sequence

from customer_groups.files.delimited import CANDIDATES
from customer_groups.files.delimited_writer import DelimitedWriter
from customer_groups.files.formats import JSON_LINES, XLSX
from customer_groups.files.json_lines_writer import JsonLinesWriter
from customer_groups.files.reading import Detected, Layout
from customer_groups.files.writing import Writer
from customer_groups.files.xlsx.writing import XlsxWriter

__all__ = ["writer_like"]


def writer_like(layout: Layout, detected: Detected) -> Writer:
    """Return what writes a table that the same layout reads again.

    One in XLSX or JSON Lines is written in the same format, any other as delimited text.

    Args:
        layout: How a list was laid out, as far as its importer said.
        detected: How it was laid out, said or found.
    """
    has_header = layout.header is not False and layout.header_line is None
    if detected.format == JSON_LINES:
        return JsonLinesWriter(layout.encoding or "utf-8")
    if detected.format == XLSX:
        return XlsxWriter(dialect=layout.dialect, sheets=_sheets(layout.sheet), header=has_header)
    return DelimitedWriter(
        dialect=layout.dialect,
        delimiter=_delimiter(layout, detected),
        header=has_header,
        encoding=layout.encoding,
    )


def _sheets(sheet: str | int | None) -> Sequence[str]:
    """Return the names of as many sheets as it takes for the last to be the one asked for."""
    if isinstance(sheet, str):
        return [sheet]
    return [f"Sheet{number}" for number in range(1, (sheet or 1) + 1)]


def _delimiter(layout: Layout, detected: Detected) -> str:
    """Return a delimiter that is named again, or recognised."""
    found = detected.delimiter if detected.delimiter in CANDIDATES else None
    return layout.delimiter or found or CANDIDATES[0]

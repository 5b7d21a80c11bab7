"""Workbooks are read as the caller says, and no line of them is lost."""

import io

from customer_groups.files.dialects import Dialect
from customer_groups.files.reading import Layout
from customer_groups.files.xlsx.reading import XlsxReader
from files.xlsx.workbooks import book, inline
from lists import Listed, values_in


def read(rows: str, layout: Layout) -> Listed:
    """Return the values of a sheet, given its rows."""
    return values_in(XlsxReader(), io.BytesIO(book(rows)), layout)


def test_rows_that_a_sheet_leaves_out_are_blank_lines() -> None:
    """As those are that it has without anything in them."""
    rows = (
        f'<row r="3">{inline("A3", "code")}</row><row r="4"/>'
        f'<row r="7">{inline("A7", "C1")}</row><row r="8">{inline("A8", "C2")}</row>'
    )
    listed = read(rows, Layout())
    assert listed.values == [(7, "C1"), (8, "C2")]
    assert listed.findings.blank_lines == 5


def test_the_guard_of_delimited_text_comes_off_where_the_caller_says_so() -> None:
    """Somebody may have opened the text in a spreadsheet, and saved it as a workbook."""
    rows = "".join(
        f'<row r="{line}">{cell}</row>'
        for line, cell in enumerate(
            (
                inline("A1", "'code"),
                inline("A2", "'=1"),
                inline("A3", "''t Hooft"),
                '<c r="A4"><v>5</v></c>',
                '<c r="A5"><v>1.5</v></c>',
            ),
            1,
        )
    )
    exact = read(rows, Layout())
    assert exact.values == [(2, "'=1"), (3, "''t Hooft"), (4, "5")]
    spreadsheet = read(rows, Layout(dialect=Dialect.SPREADSHEET))
    assert spreadsheet.values == [(2, "=1"), (3, "'t Hooft"), (4, "5")]
    assert exact.findings.column == "'code"
    assert spreadsheet.findings.column == "code"
    assert exact.unreadable == spreadsheet.unreadable
    assert [what[2] for what in exact.unreadable] == ["fraction"]

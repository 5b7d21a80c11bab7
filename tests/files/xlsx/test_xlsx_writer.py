"""What is written as XLSX is what spreadsheet libraries read: all of it, and only text."""

import io
import re
import tempfile
from collections.abc import Iterable, Sequence
from itertools import repeat
from pathlib import Path

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from customer_groups.errors import InvalidValueError, UnwritableError
from customer_groups.files.dialects import Dialect
from customer_groups.files.reading import Findings, Layout
from customer_groups.files.sources import open_stream
from customer_groups.files.writing import Fields, open_table
from customer_groups.files.xlsx.reading import XlsxReader
from customer_groups.files.xlsx.writing import XlsxWriter

LONGEST = 32_767
MOST_ROWS = 1_048_576
ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
IN_XML = st.characters(
    codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"
)
ANY_TEXT = st.text(st.characters(exclude_categories=[]) | st.sampled_from("_x05DF<&;\r"))
ODD = ("_x000D_", "_xABCD\0", "_x0000_x0000_", "<r><t>x</t></r>", "]]>", "\r\n", " a ", "=1", "007")


def written(
    rows: Iterable[Sequence[object]],
    columns: Sequence[str] = ("code",),
    writer: XlsxWriter | None = None,
) -> io.BytesIO:
    """Return a spreadsheet."""
    file = io.BytesIO()
    with open_table(file, columns, writer or XlsxWriter()) as write_rows:
        write_rows(rows)
    file.seek(0)
    return file


def sheet_of(file: io.BytesIO) -> Worksheet:
    """Return the sheet that is shown, as openpyxl reads it."""
    sheet = openpyxl.load_workbook(file).active
    assert isinstance(sheet, Worksheet)
    return sheet


def decoded(text: object) -> str:
    """Return text of a cell by the rules of Excel, which openpyxl leaves to others."""
    return ESCAPE.sub(lambda found: chr(int(found[1], 16)), str(text or ""))


@given(st.lists(ANY_TEXT))
@example(list(ODD))
@example(["\ud800\udc00", "\ufffe\uffff", "x" * LONGEST, "😀" * (LONGEST // 2)])
def test_openpyxl_reads_what_was_written(texts: list[str]) -> None:
    """Any text at all, control characters and halves of surrogate pairs included."""
    sheet = sheet_of(written(enumerate(texts), ("place", "text")))
    assert [decoded(row[1]) for row in sheet.iter_rows(2, values_only=True)] == texts


@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff")))
)
@example(list(ODD))
def test_calamine_reads_what_was_written(texts: list[str]) -> None:
    """Any text; but it leaves escapes alone that stand for no character."""
    file = written(enumerate(texts), ("place", "text"))
    sheet = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0)
    assert [row[1] for row in sheet.to_python(skip_empty_area=False)[1:]] == texts


@pytest.mark.parametrize("dialect", Dialect)
@given(texts=st.lists(ANY_TEXT))
@example(texts=list(ODD))
@example(texts=["=1+1", "'=1+1", "'t Hooft", " @x", "'"])
def test_our_reader_reads_what_was_written(dialect: Dialect, texts: list[str]) -> None:
    """Any text at all, in both dialects, without the help of the test."""
    layout, findings = Layout(dialect=dialect), Findings(lambda *told: pytest.fail(str(told)))
    file = written(enumerate(texts), ("place", "text"), XlsxWriter(dialect=dialect))
    with open_stream(file, layout.limits.input_bytes) as stream:
        rows = list(XlsxReader().rows(stream, layout, findings))
    assert [[*cells, ""][1] for _, cells in rows[1:] if isinstance(cells, list)] == texts


def test_text_is_guarded_only_for_spreadsheets() -> None:
    """Names of columns, too; so it stays harmless when it is saved as CSV."""
    rows = [("C1", "=1+1"), ("'C2", None), ("-3", Fields({"=x": ""}))]
    for dialect, expected in {
        Dialect.EXACT: [("code", "=n"), *rows[:2], ("-3", '{"=x": ""}')],
        Dialect.SPREADSHEET: [
            *(("code", "'=n"), ("C1", "'=1+1"), ("''C2", None), ("'-3", '{"=x": ""}'))
        ],
    }.items():
        file = written(rows, ("code", "=n"), XlsxWriter(dialect=dialect))
        assert list(sheet_of(file).iter_rows(values_only=True)) == expected


def test_every_cell_is_text_and_stays_text() -> None:
    """Never a formula, a number, an error or a link; nor once somebody edits it."""
    texts = ["=1+1", "{=1}", "+1", "@SUM(A1)", "#N/A", "http://x", "1E5", "00123", "TRUE"]
    sheet = sheet_of(written([text] for text in [*texts, 7, Fields({"x": "Zoë"})]))
    cells = [row[0] for row in sheet.iter_rows(2)]
    assert [cell.value for cell in cells] == [*texts, "7", '{"x": "Zoë"}']
    assert {(cell.data_type, cell.number_format, cell.hyperlink) for cell in cells} == {
        ("s", "@", None)
    }
    assert sheet.column_dimensions["A"].number_format == "@"


def test_what_is_nothing_is_left_out() -> None:
    """None and empty text have no cell."""
    sheet = sheet_of(written([("", None, "x")], ("a", "b", "c")))
    assert [cell.coordinate for row in sheet.iter_rows(2) for cell in row if cell.value] == ["C2"]


def test_the_header_is_styled_and_stays_in_sight() -> None:
    """Bold, filled, and frozen."""
    sheet = sheet_of(written([["C1"]]))
    header = sheet["A1"]
    assert (header.value, header.font.b, header.fill.fill_type) == ("code", True, "solid")
    assert (sheet["A2"].font.b, sheet["A2"].fill.fill_type) == (False, None)
    assert sheet.freeze_panes == "A2"


def test_columns_are_as_wide_as_needed() -> None:
    """Within bounds, for the names and the first rows."""
    columns = ["a", "a name of twenty ...", "b", "c"]
    rows = [("", "", "x" * 31, "x" * 1_000), *repeat(("x" * 8, "", "", ""), 999), ("x" * 9,) * 4]
    sheet = sheet_of(written(rows, columns))
    assert [sheet.column_dimensions[name].width for name in "ABCD"] == [10, 22, 33, 60]


def test_a_table_may_have_no_rows() -> None:
    """Its header is there."""
    assert list(sheet_of(written([])).values) == [("code",)]


def test_there_may_be_no_header() -> None:
    """Then the first row is a row like the others."""
    for texts in ([], ["C1", "C2"]):
        sheet = sheet_of(written(([text] for text in texts), writer=XlsxWriter(header=False)))
        assert [cell.value for row in sheet.iter_rows() for cell in row if cell.value] == texts
        assert sheet.freeze_panes is None
        assert sheet["A1"].font.b is not True


def test_the_last_of_several_sheets_has_the_table() -> None:
    """It is the one that is shown; the others are empty."""
    names = ['"A" & B', "<=1>"]
    file = written([["C1"]], writer=XlsxWriter(sheets=names))
    workbook = openpyxl.load_workbook(file)
    assert workbook.sheetnames == names
    assert list(workbook[names[0]].values) == []
    assert list(workbook[names[1]].values) == [("code",), ("C1",)]
    assert workbook.active is workbook[names[1]]


@given(st.text(IN_XML | st.sampled_from("_x0041&<\"'\t\n\r")))
@example("_x0041_")
@example("a\tb\r\nc")
def test_a_sheet_is_found_under_its_name(name: str) -> None:
    """Our reader finds it, whatever that is: what looks like an escape is none there."""
    layout, findings = Layout(sheet=name), Findings()
    file = written([["C1"]], writer=XlsxWriter(sheets=["other " + name, name]))
    with open_stream(file, layout.limits.input_bytes) as stream:
        assert list(XlsxReader().rows(stream, layout, findings)) == [(1, ["code"]), (2, ["C1"])]
    assert findings.sheet == name


@pytest.mark.parametrize("name", ["a\0", "\x1b", "\ud800", "\uffff"])
def test_a_name_that_no_sheet_can_have(name: str) -> None:
    """It is refused before anything is written."""
    with pytest.raises(InvalidValueError, match="that no name of a sheet has"):
        XlsxWriter(sheets=["Sheet1", name])


def test_columns_have_letters() -> None:
    """After Z there are AA and AB, after ZZ there is AAA."""
    numbers = [str(number) for number in range(1, 704)]
    sheet = sheet_of(written([numbers], numbers))
    assert [sheet[place].value for place in ("Z2", "AA2", "AZ2", "BA2", "ZZ2", "AAA2")] == [
        *("26", "27", "52", "53", "702", "703")
    ]


@pytest.mark.parametrize("text", ["x" * (LONGEST + 1), "😀" * (LONGEST // 2 + 1)])
def test_text_that_is_too_long_is_refused(tmp_path: Path, text: str) -> None:
    """It is not cut, and the file stays as it was; characters count as Excel counts them."""
    path = tmp_path / "out.xlsx"
    path.write_bytes(b"old")
    with (
        pytest.raises(UnwritableError) as caught,
        open_table(path, ["code", "name"], XlsxWriter()) as write_rows,
    ):
        write_rows([("C1", "x"), ("C2", text)])
    assert (caught.value.row, caught.value.column) == (3, "name")
    assert "32,767 characters" in str(caught.value)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("header", [True, False])
def test_a_sheet_has_so_many_rows_and_no_more(header: bool) -> None:  # noqa: FBT001
    """As many as Excel has; one more is refused."""
    with (
        tempfile.TemporaryFile() as file,
        open_table(file, ["code"], XlsxWriter(header=header)) as write_rows,
    ):
        write_rows(repeat([""], MOST_ROWS - header))
        with pytest.raises(UnwritableError, match="at most 1,048,576 rows") as caught:
            write_rows([[""]])
    assert (caught.value.row, caught.value.column) == (MOST_ROWS + 1, None)


def test_a_sheet_has_so_many_bytes_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as every reader of zip files can address."""
    monkeypatch.setattr("customer_groups.files.xlsx.writing._MAX_SHEET", 10_000)
    written([["x" * 8_000]])
    with pytest.raises(UnwritableError, match="at most 10,000 bytes"):
        written([["x" * 10_000]])


def test_the_same_table_is_the_same_file() -> None:
    """There is no time in it."""
    assert written([["C1"]]).getvalue() == written([["C1"]]).getvalue()


def test_a_pipe_will_do() -> None:
    """Only writing is asked of a file, so it may stand anywhere in a stream."""

    class Pipe:
        """Takes bytes, and nothing else."""

        def __init__(self) -> None:
            self.taken = b""

        def write(self, data: bytes, /) -> None:
            """Take some."""
            self.taken += data

    pipe = Pipe()
    with open_table(pipe, ["code"], XlsxWriter()) as write_rows:
        write_rows([["C1"]])
    assert pipe.taken == written([["C1"]]).getvalue()

"""Rejects are written in the format of the list, so that the same import reads them again."""

import io
from typing import Any

import attrs
import pytest

from customer_groups.files.delimited import DelimitedReader
from customer_groups.files.dialects import Dialect
from customer_groups.files.json_lines import JsonLinesReader
from customer_groups.files.reading import Detected, Findings, Layout, Reader
from customer_groups.files.reject_table import write_rejects
from customer_groups.files.rejects import Rejects
from customer_groups.files.sources import open_stream
from customer_groups.files.values import read_values
from customer_groups.files.xlsx.reading import XlsxReader
from customer_groups.outcomes import Outcome

CODES = ["=X1", "00123", "O'Hara, Zoë", "1;2"]
NOTES = ("line", "outcome", "reason", "message")
DELIMITED = Detected(format="delimited", encoding=None, delimiter=",", sheet=None, column="code")


READERS: dict[str, Reader] = {
    reader.name: reader for reader in (DelimitedReader(), JsonLinesReader(), XlsxReader())
}


def written(layout: Layout, detected: Detected, values: list[Any] | None = None) -> io.BytesIO:
    """Return a file of rejects."""
    file = io.BytesIO()
    with Rejects() as rejects:
        for line, value in enumerate(CODES if values is None else values, 1):
            rejects.add_malformed(line, value, "not_text", "is not text")
        write_rejects(file, rejects, layout, detected)
    file.seek(0)
    return file


def read(file: io.BytesIO, layout: Layout, format: str) -> list[object]:
    """Return what an import with this layout finds in a file."""

    def refuse(*reject: object) -> None:
        pytest.fail(str(reject))

    findings = Findings(refuse)
    with open_stream(file, layout.limits.input_bytes) as stream:
        rows = READERS[format].rows(stream, layout, findings)
        return [value for _, value in read_values(rows, layout, findings)]


@pytest.mark.parametrize("format", ["delimited", "xlsx"])
@pytest.mark.parametrize(
    ("layout", "found"),
    [
        (Layout(), "Customer No."),
        (Layout(), 1),
        (Layout(header=True), "anything"),
        (Layout(header=True), "code"),
        (Layout(header=False), 1),
        (Layout(column="anything"), "Anything"),
        (Layout(column="anything"), None),
        (Layout(column=("kunde", "anything")), "Anything"),
        (Layout(column=("kunde", "anything"), header=True), "Kunde"),
        (Layout(column="line"), "line"),
        (Layout(column="outcome"), "OUTCOME"),
        (Layout(column=1), "code"),
        (Layout(column=3), 3),
        (Layout(column=3, header=True), "anything"),
        (Layout(column=3, header=False), 3),
        (Layout(column=9, header=False), 9),
    ],
)
def test_the_same_layout_reads_them_again(
    format: str, layout: Layout, found: str | int | None
) -> None:
    """However the column was found in the list."""
    detected = attrs.evolve(DELIMITED, format=format, column=found)
    assert read(written(layout, detected), layout, format) == CODES


def test_the_column_keeps_its_name_and_place() -> None:
    """And the notes follow, under names that differ from it."""
    layout = Layout(column="Line")
    lines = written(layout, attrs.evolve(DELIMITED, column="LINE"), ["x"]).getvalue().decode()
    assert (
        lines
        == "LINE,rejected line,outcome,reason,message\r\nx,1,malformed,not_text,is not text\r\n"
    )
    lines = (
        written(Layout(column=3), attrs.evolve(DELIMITED, column="no"), ["x"]).getvalue().decode()
    )
    assert lines == "line,outcome,no,reason,message\r\n1,malformed,x,not_text,is not text\r\n"


def test_a_column_that_nothing_tells_stands_alone() -> None:
    """Where there is neither a header nor a position, notes would be taken for values."""
    layout = Layout(header=False)
    assert written(layout, attrs.evolve(DELIMITED, column=1), ["x"]).getvalue() == b"x\r\n"


@pytest.mark.parametrize(
    ("found", "asked", "used"),
    [(";", None, ";"), ("#", "#", "#"), ("#", None, ","), (None, None, ",")],
)
def test_the_delimiter_is_found_again(found: str | None, asked: str | None, used: str) -> None:
    """It is the one of the list, if that is named again or recognised."""
    layout = Layout(delimiter=asked)
    file = written(layout, attrs.evolve(DELIMITED, delimiter=found))
    assert file.getvalue().startswith(f"code{used}line{used}".encode())
    assert read(file, layout, "delimited") == CODES


@pytest.mark.parametrize("dialect", Dialect)
def test_dialect_and_encoding_are_those_of_the_list(dialect: Dialect) -> None:
    """A guard is put in front only where it is taken off again."""
    layout = Layout(dialect=dialect, encoding="utf-16")
    file = written(layout, DELIMITED)
    assert ("'=X1" in file.getvalue().decode("utf-16")) is (dialect is Dialect.SPREADSHEET)
    assert read(file, layout, "delimited") == CODES


@pytest.mark.parametrize("format", READERS)
@pytest.mark.parametrize("dialect", Dialect)
def test_a_guard_comes_off_again_in_every_format(dialect: Dialect, format: str) -> None:
    """What is written in a dialect is read in it, and JSON Lines have none."""
    values = ["=X1", "'=X1", "'t Hooft", "plain"]
    layout, detected = Layout(dialect=dialect), attrs.evolve(DELIMITED, format=format)
    assert read(written(layout, detected, values), layout, format) == values


@pytest.mark.parametrize("sheet", [None, "Kunden & Co", 1, 3])
def test_the_sheet_is_found_again(sheet: str | int | None) -> None:
    """By its name, or by its position."""
    layout = Layout(sheet=sheet)
    file = written(layout, attrs.evolve(DELIMITED, format="xlsx"))
    assert read(file, layout, "xlsx") == CODES


@pytest.mark.parametrize("format", ["delimited", "xlsx"])
@pytest.mark.parametrize("column", ["code", 2, None])
@pytest.mark.parametrize("line", [1, 3])
def test_the_header_stands_where_it_stood(format: str, column: str | int | None, line: int) -> None:
    """Otherwise the first rejects would be taken for what stands above a header."""
    layout = Layout(header=line, column=column)
    file = written(layout, attrs.evolve(DELIMITED, format=format, column="code"))
    assert read(file, layout, format) == CODES


@pytest.mark.parametrize("found", ["code", "anything", None])
@pytest.mark.parametrize("layout", [Layout(), Layout(header=False)])
def test_json_stays_json(found: str | None, layout: Layout) -> None:
    """What was not text is none afterwards; a header makes no difference."""
    values = ["=X", 5, {"a": None}]
    file = written(layout, attrs.evolve(DELIMITED, format="jsonl", column=found), values)
    assert b'"reason": "not_text"' in file.getvalue()
    assert read(file, layout, "jsonl") == values


@pytest.mark.parametrize("format", ["pasted", "values", "a format of the host"])
def test_what_cannot_be_written_as_it_came_is_delimited(format: str) -> None:
    """Pasted text, values, and what the host reads itself."""
    file = written(Layout(), attrs.evolve(DELIMITED, format=format, delimiter=None, column=None))
    assert file.getvalue().startswith(b"customer code,line,outcome,")
    assert read(file, Layout(), "delimited") == CODES


def test_keys_are_called_keys() -> None:
    """So they are recognised when keys are imported again."""
    layout = Layout(by_key=True)
    file = written(layout, attrs.evolve(DELIMITED, column=None))
    assert file.getvalue().startswith(b"customer key,")
    assert read(file, layout, "delimited") == CODES


def test_what_the_storage_refused_is_there_too() -> None:
    """With the outcome and the reason."""
    file = io.BytesIO()
    with Rejects() as rejects:
        rejects.add_outcome(7, "C1", Outcome.UNKNOWN)
        write_rejects(file, rejects, Layout(), DELIMITED)
    assert file.getvalue().endswith(b"\r\nC1,7,unknown,unknown,no customer has it\r\n")

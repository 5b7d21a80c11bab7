"""Delimited text is written so that it can be read again, by machines and by spreadsheets."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.files.delimited_writer import DelimitedWriter
from customer_groups.files.dialects import Dialect, unguarded
from customer_groups.files.writing import Fields, open_table

SPREADSHEET = DelimitedWriter(dialect=Dialect.SPREADSHEET)


def written(writer: DelimitedWriter) -> str:
    """Return a table as text."""
    file = io.StringIO(newline="")
    with open_table(file, ("code", "=name"), writer) as write_rows:
        write_rows([("C1", '=1+1 "x", y')])
        write_rows(iter([("'C2", None), ("C\r3", 7)]))
    return file.getvalue()


def test_the_exact_dialect_changes_nothing() -> None:
    """CRLF line ends, quotes where they are needed, None as nothing."""
    text = written(DelimitedWriter())
    assert text == 'code,=name\r\nC1,"=1+1 ""x"", y"\r\n\'C2,\r\n"C\r3",7\r\n'


def test_the_spreadsheet_dialect_guards_every_text() -> None:
    """Names of columns, too; numbers stay numbers."""
    text = written(SPREADSHEET)
    assert text == 'code,\'=name\r\nC1,"\'=1+1 ""x"", y"\r\n\'\'C2,\r\n"C\r3",7\r\n'


def test_there_may_be_no_header() -> None:
    """Then the first row is the first row."""
    assert written(DelimitedWriter(header=False)).startswith("C1,")


@pytest.mark.parametrize("dialect", Dialect)
def test_fields_are_json(dialect: Dialect) -> None:
    """In one cell, with all characters as they are."""
    file = io.StringIO(newline="")
    with open_table(file, ["attributes"], DelimitedWriter(dialect=dialect)) as write_rows:
        write_rows([[Fields({"=x": "Zoë"})]])
    assert file.getvalue() == 'attributes\r\n"{""=x"": ""Zoë""}"\r\n'


@pytest.mark.parametrize(
    ("writer", "expected"),
    [
        (DelimitedWriter(), "é\r\n".encode()),
        (SPREADSHEET, "é\r\n".encode("utf-8-sig")),
        (DelimitedWriter(dialect=Dialect.SPREADSHEET, encoding="cp1252"), b"\xe9\r\n"),
    ],
)
def test_spreadsheets_get_a_byte_order_mark(
    tmp_path: Path, writer: DelimitedWriter, expected: bytes
) -> None:
    """Without it they read UTF-8 as something else; but a named encoding wins."""
    path = tmp_path / "out.csv"
    with open_table(path, ["é"], writer):
        pass
    assert path.read_bytes() == expected


def test_the_delimiter_can_be_chosen() -> None:
    """What is quoted depends on it."""
    file = io.StringIO(newline="")
    with open_table(file, ["a;b", "c,d"], DelimitedWriter(delimiter=";")):
        pass
    assert file.getvalue() == '"a;b";c,d\r\n'


@given(st.lists(st.tuples(st.text(), st.text())), st.sampled_from(Dialect))
def test_the_csv_module_reads_what_was_written(
    rows: list[tuple[str, str]], dialect: Dialect
) -> None:
    """Any text, NUL and line ends included."""
    file = io.StringIO(newline="")
    with open_table(file, ["a", "b"], DelimitedWriter(dialect=dialect)) as write_rows:
        write_rows(rows)
    file.seek(0)
    _, *read = csv.reader(file, strict=True)
    take_off = unguarded if dialect is Dialect.SPREADSHEET else str
    assert [tuple(map(take_off, row)) for row in read] == rows

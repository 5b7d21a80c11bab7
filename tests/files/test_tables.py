"""Tables are written in each format so that they can be read again."""

import csv
import io
import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from customer_groups.files.dialects import Dialect, unguarded
from customer_groups.files.tables import open_table

COLUMNS = ("code", "=name")
ROWS = [("C1", '=1+1 "x", y'), ("'C2", None), ("C\r3", 7)]


def written(format: str, dialect: Dialect = Dialect.EXACT) -> str:
    """Return the table as text."""
    file = io.StringIO(newline="")
    with open_table(file, COLUMNS, format=format, dialect=dialect) as write_rows:
        write_rows(ROWS[:1])
        write_rows(iter(ROWS[1:]))
    return file.getvalue()


def test_the_exact_dialect_changes_nothing() -> None:
    """CRLF line ends, quotes where they are needed, None as nothing."""
    assert written("csv") == 'code,=name\r\nC1,"=1+1 ""x"", y"\r\n\'C2,\r\n"C\r3",7\r\n'


def test_the_spreadsheet_dialect_guards_every_text() -> None:
    """Names of columns, too; numbers stay numbers."""
    text = written("csv", Dialect.SPREADSHEET)
    assert text == 'code,\'=name\r\nC1,"\'=1+1 ""x"", y"\r\n\'\'C2,\r\n"C\r3",7\r\n'


def test_json_lines_are_objects() -> None:
    """They have no dialect, and are ASCII whatever the text."""
    objects = [dict(zip(COLUMNS, row, strict=True)) for row in ROWS]
    for dialect in Dialect:
        lines = written("jsonl", dialect).splitlines()
        assert [json.loads(line) for line in lines] == objects
    file = io.BytesIO()
    with open_table(file, ["a"], format="jsonl") as write_rows:
        write_rows([["é\ud800\n"]])
    assert file.getvalue() == b'{"a": "\\u00e9\\ud800\\n"}\n'


def test_spreadsheets_get_a_byte_order_mark(tmp_path: Path) -> None:
    """Without it they read UTF-8 as something else; but a named encoding wins."""
    path = tmp_path / "out.csv"
    for dialect, encoding, expected in (
        (Dialect.EXACT, None, "é\r\n".encode()),
        (Dialect.SPREADSHEET, None, "é\r\n".encode("utf-8-sig")),
        (Dialect.SPREADSHEET, "cp1252", b"\xe9\r\n"),
    ):
        with open_table(path, ["é"], format="csv", dialect=dialect, encoding=encoding):
            pass
        assert path.read_bytes() == expected


def test_the_delimiter_can_be_chosen() -> None:
    """What is quoted depends on it."""
    file = io.StringIO(newline="")
    with open_table(file, ["a;b", "c,d"], format="delimited", delimiter=";"):
        pass
    assert file.getvalue() == '"a;b";c,d\r\n'


@given(st.lists(st.tuples(st.text(), st.text())), st.sampled_from(Dialect))
def test_the_csv_module_reads_what_was_written(
    rows: list[tuple[str, str]], dialect: Dialect
) -> None:
    """Any text, NUL and line ends included."""
    file = io.StringIO(newline="")
    with open_table(file, ["a", "b"], format="csv", dialect=dialect) as write_rows:
        write_rows(rows)
    file.seek(0)
    _, *read = csv.reader(file, strict=True)
    take_off = unguarded if dialect is Dialect.SPREADSHEET else str
    assert [tuple(map(take_off, row)) for row in read] == rows

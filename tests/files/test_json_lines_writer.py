"""JSON Lines are written as objects."""

import io
import json

from customer_groups.files.json_lines_writer import JsonLinesWriter
from customer_groups.files.writing import Fields, open_table


def test_json_lines_are_objects() -> None:
    """Numbers are numbers, nothing is null, and several values are an object."""
    columns, row = ("code", "customers", "by", "more"), ("=C1", 7, None, Fields({"x": "y"}))
    file = io.StringIO()
    with open_table(file, columns, JsonLinesWriter()) as write_rows:
        write_rows([row])
        write_rows(iter([row]))
    lines = file.getvalue().splitlines()
    assert [json.loads(line) for line in lines] == [dict(zip(columns, row, strict=True))] * 2


def test_json_lines_are_ascii() -> None:
    """Whatever the text, and whatever the encoding."""
    file = io.BytesIO()
    with open_table(file, ["a"], JsonLinesWriter("cp1252")) as write_rows:
        write_rows([["é\ud800\n"]])
    assert file.getvalue() == b'{"a": "\\u00e9\\ud800\\n"}\n'

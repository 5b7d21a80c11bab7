"""Tables, written row by row: as delimited text or as JSON Lines."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from customer_groups.files.dialects import Dialect, guarded
from customer_groups.files.formats import JSON_LINES
from customer_groups.files.target import Target, TextWriter, open_target

__all__ = ["Row", "WriteRows", "open_table"]

Row = Sequence[object]
WriteRows = Callable[[Iterable[Row]], None]


@contextmanager
def open_table(
    target: Target,
    columns: Sequence[str],
    *,
    format: str,
    dialect: Dialect = Dialect.EXACT,
    delimiter: str = ",",
    encoding: str | None = None,
) -> Iterator[WriteRows]:
    """Open a target for rows under a header, and yield the function that writes rows.

    Delimited text has CRLF at the end of a row, quotes where they are needed, and nothing in
    a cell that is None. JSON Lines have an object for each row, all in ASCII. The encoding
    is UTF-8 unless another is named; delimited text in the spreadsheet dialect then begins
    with the byte order mark that spreadsheets know UTF-8 by.

    Args:
        target: A path, replaced as a whole, or an open file.
        columns: The names of the columns, no two of them equal.
        format: ``"jsonl"`` for JSON Lines, anything else for delimited text.
        dialect: How text stands in the cells of delimited text.
        delimiter: What separates these cells.
        encoding: How text becomes bytes.
    """
    if format == JSON_LINES:
        with open_target(target, encoding or "utf-8") as file:
            yield _json_lines_to(file, columns)
    else:
        is_guarded = dialect is Dialect.SPREADSHEET
        default = "utf-8-sig" if is_guarded else "utf-8"
        with open_target(target, encoding or default) as file:
            write_rows = _delimited_text_to(file, delimiter, is_guarded=is_guarded)
            write_rows([columns])
            yield write_rows


def _json_lines_to(file: TextWriter, columns: Sequence[str]) -> WriteRows:
    def write_rows(rows: Iterable[Row]) -> None:
        for row in rows:
            file.write(json.dumps(dict(zip(columns, row, strict=True))) + "\n")

    return write_rows


def _delimited_text_to(file: TextWriter, delimiter: str, *, is_guarded: bool) -> WriteRows:
    writer = csv.writer(file, delimiter=delimiter, lineterminator="\r\n")

    def write_guarded_rows(rows: Iterable[Row]) -> None:
        writer.writerows([_guarded_cell(cell) for cell in row] for row in rows)

    return write_guarded_rows if is_guarded else writer.writerows


def _guarded_cell(cell: object) -> object:
    return guarded(cell) if isinstance(cell, str) else cell

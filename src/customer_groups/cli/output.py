"""How results, errors and progress are shown: on a terminal, in a pipe, as JSON."""

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TextIO

import click
from rich import box
from rich.console import Console
from rich.progress import Progress
from rich.table import Table as RichTable
from rich.text import Text

from customer_groups.cli.messages import message_of
from customer_groups.cli.result import Result, Table
from customer_groups.files.progress import OnProgress

__all__ = ["progress_bar", "show_error", "show_result"]

# What would break a line, steer a terminal or turn its text around.
_UNSAFE = re.compile("[\0-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def show_result(result: Result, *, as_json: bool) -> None:
    """Write a result to standard output, and its note and failure to standard error.

    Args:
        result: What to show.
        as_json: Whether to write its record, as one JSON object, and of the rest the failure.
    """
    if as_json:
        _write_json(result.record)
    else:
        _write_words(result)
    if result.failure:
        click.echo(f"Error: {result.failure}", err=True)


def _write_words(result: Result) -> None:
    out = sys.stdout
    if out.isatty():
        _show_on_terminal(result, out)
    else:
        out.write("\n\n".join(map(_plain, result.shown)) + "\n")
    out.flush()
    if result.note:
        click.echo(result.note, err=True)


def show_error(error: Exception, *, as_json: bool) -> None:
    """Write one line about an error to standard error.

    Args:
        error: What went wrong.
        as_json: Whether to write a JSON object with its type and message as well.
    """
    message = message_of(error)
    if as_json:
        _write_json({"error": {"type": type(error).__name__, "message": message}})
    click.echo(f"Error: {message}", err=True)


@contextmanager
def progress_bar(task: str, then: str = "") -> Iterator[OnProgress]:
    """Yield a function that is told how far a task is.

    It draws a bar on standard error where that is a terminal, and elsewhere does nothing.
    The bar is gone when the context ends.

    Args:
        task: What is going on.
        then: What is going on once all is done that is told of; empty for the same.
    """
    is_hidden = not sys.stderr.isatty()
    with Progress(console=Console(stderr=True), transient=True, disable=is_hidden) as bar:
        shown = bar.add_task(task, total=None)

        def tell(done: int, total: int | None) -> None:
            now = then if then and done == total else task
            bar.update(shown, completed=done, total=total, description=now)

        yield tell


def _write_json(record: object) -> None:
    click.echo(json.dumps(record))


def _show_on_terminal(result: Result, out: TextIO) -> None:
    console = Console(file=out)
    for part in result.shown:
        console.print(_drawn(part) if isinstance(part, Table) else Text(_safe(part)))


def _drawn(table: Table) -> RichTable:
    drawn = RichTable(box=box.SIMPLE_HEAD)
    for index, name in enumerate(table.columns):
        is_number = all(type(row[index]) is int for row in table.rows)
        drawn.add_column(name, justify="right" if is_number else "left", overflow="fold")
    for row in table.rows:
        drawn.add_row(*(Text(_cell(cell)) for cell in row))
    return drawn


def _plain(part: str | Table) -> str:
    if isinstance(part, str):
        return _safe(part)
    return "\n".join("\t".join(map(_cell, row)) for row in (part.columns, *part.rows))


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return _safe(str(value))


def _safe(text: str) -> str:
    encoding = sys.stdout.encoding
    return _UNSAFE.sub("\ufffd", text).encode(encoding, "replace").decode(encoding)

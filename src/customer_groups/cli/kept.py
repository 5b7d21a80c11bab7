"""Reports and plans in files, from one command to another."""

import json
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import click
from cattrs import BaseValidationError

from customer_groups.cli.options import source_at
from customer_groups.converters import make_converter
from customer_groups.errors import InvalidValueError
from customer_groups.files.target import open_target, require_writable

__all__ = ["keep", "keep_after_all", "read_kept", "require_place"]

T = TypeVar("T")


def require_place(file: Path | None, *others: str | Path | None) -> None:
    """Find out before anything is done whether `keep` can write there.

    Args:
        file: The path; None where nothing is to be kept.
        others: Other files of the command, which must not be replaced.

    Raises:
        click.UsageError: two of the files are the same one.
        OSError: the file cannot be written.
    """
    named = [Path(each).resolve() for each in (file, *others) if each is not None]
    if len(set(named)) < len(named):
        raise click.UsageError("one FILE is named twice")
    if file is not None:
        require_writable(file)


def keep(value: object, file: Path | None) -> None:
    """Write a report or a plan to a file, which is replaced as a whole.

    Args:
        value: The report or the plan.
        file: The path; None to do nothing.

    Raises:
        OSError: the file cannot be written.
    """
    if file is not None:
        with open_target(file) as out:
            out.write(json.dumps(make_converter().unstructure(value)))


def keep_after_all(value: object, file: Path | None) -> str:
    """Write the report of what is stored already; return what is to be said if that fails.

    Args:
        value: The report.
        file: The path; None to do nothing.
    """
    try:
        keep(value, file)
    except OSError as error:
        return f"it is stored, but the report is not: {file}: {error.strerror}"
    return ""


def read_kept(file: str, kind: type[T], name: str) -> T:
    """Return what `keep` wrote to a file.

    Args:
        file: The path of the file, or a hyphen for standard input.
        kind: The class of what it holds.
        name: What this is called.

    Raises:
        InvalidValueError: the file holds something else.
        OSError: the file cannot be read.
    """
    source = source_at(file)
    content = source.read_bytes() if isinstance(source, Path) else source.read()
    with suppress(BaseValidationError, RecursionError, ValueError):
        record = json.loads(content)
        if isinstance(record, dict):
            return make_converter().structure(record, kind)
    raise InvalidValueError("file", file, f"does not hold {name}; name one that does")

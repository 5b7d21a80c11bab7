"""What several commands have in common: their options, and files or standard streams."""

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, BinaryIO, TypedDict, TypeVar

import click

from customer_groups.files.columns import ColumnName
from customer_groups.files.dialects import Dialect
from customer_groups.files.formats import IMPORTS, PASTED
from customer_groups.importing import ImportMode
from customer_groups.model import GroupStatus
from customer_groups.paging import MAX_PAGE

__all__ = [
    "FILE",
    "LayoutOptions",
    "ListOptions",
    "actor",
    "by_key",
    "columns_option",
    "delimiter",
    "dialect",
    "dry_run",
    "group_conditions",
    "header_option",
    "is_standard",
    "list_options",
    "name_or_position",
    "output",
    "paging",
    "rejects_option",
    "report_option",
    "source_at",
    "strict",
    "table_options",
]

F = TypeVar("F", bound=Callable[..., Any])
FILE = click.Path(readable=False)  # whether it can be read is found out by reading it
_TAB = ("tab", r"\t")
_NAME_OR_POSITION = "NAME|NUMBER"
_STANDARD = "-"


class LayoutOptions(TypedDict):
    """How a table is laid out."""

    encoding: str | None
    delimiter: str | None
    sheet: str | int | None


class ListOptions(LayoutOptions):
    """What `list_options` says of a list, as an import takes it."""

    mode: str
    format: str | None
    column: ColumnName
    header: bool | int | None
    dialect: str
    by_key: bool


def is_standard(file: str) -> bool:
    """Return whether this stands for standard input or output."""
    return file == _STANDARD


def source_at(file: str) -> Path | BinaryIO:
    """Return the file to read from, or standard input."""
    return sys.stdin.buffer if is_standard(file) else Path(file)


def actor(command: F) -> F:
    """Add the option that says who makes a change."""
    option = click.option("--by", metavar="WHO", help="Who does it, to be stored with the change.")
    return option(command)


def table_options(command: F) -> F:
    """Add the options of every command that reads a table."""
    return _read_options([name for name in IMPORTS.names if name != PASTED])(command)


def _read_options(formats: Sequence[str]) -> Callable[[F], F]:
    return _all(
        click.option("--format", type=click.Choice(formats), help="Else by file name."),
        click.option("--encoding", help="Of text; else UTF-8, or what is marked in it."),
        delimiter,
        click.option(
            "--sheet",
            metavar=_NAME_OR_POSITION,
            type=name_or_position,
            help="Else the first visible one. A name of digits stands in double quotes.",
        ),
    )


def list_options(command: F) -> F:
    """Add the options of every command that reads a list of customers."""
    return _all(
        _read_options(IMPORTS.names),
        click.option(
            "--column",
            metavar=_NAME_OR_POSITION,
            type=name_or_position,
            multiple=True,
            callback=_one_or_several,
            help="Which holds the customers; repeat it for several names that it may have.",
        ),
        click.option(
            "--header",
            metavar="yes|no|LINE",
            type=header_option,
            help="Whether there is one, or on which line.",
        ),
        dialect,
        by_key,
        click.option(
            "--mode",
            type=click.Choice([each.value for each in ImportMode]),
            default=ImportMode.ADD.value,
            show_default=True,
            help="What the customers become: members, no longer members, or the only members.",
        ),
        rejects_option,
        strict,
    )(command)


def rejects_option(command: F) -> F:
    """Add the option that says where rejects are written."""
    option = click.option(
        "--rejects", type=output, metavar="FILE", help="Write the rejects, to be corrected."
    )
    return option(command)


def _columns_by_field(
    _context: click.Context, _option: click.Parameter, given: tuple[str, ...]
) -> dict[str, str | int | None]:
    columns: dict[str, str | int | None] = {}
    for text in given:
        field, is_given, column = text.partition("=")
        if not is_given:
            raise click.BadParameter(f"{text!r} is not of the form FIELD=COLUMN")
        columns[field] = name_or_position(column) if column else None
    return columns


def columns_option(command: F) -> F:
    """Add the option that says which column holds which field."""
    option = click.option(
        "--column",
        "columns",
        metavar="FIELD=COLUMN",
        multiple=True,
        callback=_columns_by_field,
        help="The name or number of the column of a field; without COLUMN it is not read.",
    )
    return option(command)


def name_or_position(text: str) -> str | int:
    """Return the name of a column or a sheet; or its position, from 1, if it is digits.

    A name may stand in double quotes; one of digits must.

    >>> name_or_position("Code"), name_or_position("2024"), name_or_position('"2024"')
    ('Code', 2024, '2024')
    """
    if quoted := re.fullmatch('"(.+)"', text, re.DOTALL):
        return quoted[1]
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else text


def header_option(text: str) -> bool | int:
    """Return whether there is a header, or the number of its line.

    Raises:
        click.BadParameter: it is neither.
    """
    if re.fullmatch("[0-9]{1,9}", text):
        return int(text)
    try:
        return {"yes": True, "no": False}[text]
    except KeyError:
        raise click.BadParameter("is neither yes nor no nor the number of a line") from None


def output(text: str) -> Path:
    """Return the path of a file to write.

    Raises:
        click.BadParameter: it is that of standard output, where people read of the command.
    """
    if is_standard(text):
        reason = "standard output is for what the command tells; name a file"
        raise click.BadParameter(reason)
    return Path(text)


def delimiter(command: F) -> F:
    """Add the option that says what separates cells."""
    option = click.option(
        "--delimiter",
        type=_delimiter,
        metavar="CHARACTER",
        help=r"What separates the cells; a tab is tab, or \t.",
    )
    return option(command)


def _delimiter(text: str) -> str:
    return "\t" if text in _TAB else text


def _one_or_several(
    _context: click.Context, _option: click.Parameter, columns: tuple[str | int, ...]
) -> str | int | tuple[str | int, ...] | None:
    if len(columns) > 1:
        return columns
    return columns[0] if columns else None


def dialect(command: F) -> F:
    """Add the option that says how text stands in a file."""
    option = click.option(
        "--dialect",
        type=click.Choice([each.value for each in Dialect]),
        default=Dialect.EXACT.value,
        show_default=True,
        help="Whether what a spreadsheet would take for a formula has ' in front.",
    )
    return option(command)


def by_key(command: F) -> F:
    """Add the option that says what stands for a customer."""
    option = click.option("--by-key", is_flag=True, help="Customers are given by key, not by code.")
    return option(command)


def strict(command: F) -> F:
    """Add the option that makes rejects a failure."""
    option = click.option("--strict", is_flag=True, help="Exit with 1 if there are rejects.")
    return option(command)


def dry_run(command: F) -> F:
    """Add the option that stores nothing."""
    option = click.option("--dry-run", is_flag=True, help="Do everything, report it, and undo it.")
    return option(command)


def report_option(command: F) -> F:
    """Add the option that says where the report of an import is kept."""
    option = click.option(
        "--report", type=output, metavar="FILE", help="Write the report, to undo the import."
    )
    return option(command)


def group_conditions(command: F) -> F:
    """Add the conditions that groups can be searched by."""
    return _all(
        click.option("--code", metavar="TEXT", help="What the code contains."),
        click.option("--name", metavar="TEXT", help="What the name contains."),
        click.option(
            "--status",
            type=click.Choice([each.value for each in GroupStatus]),
            help="Active, or inactive.",
        ),
        click.option("--customer", metavar="CODE", help="Who is a member."),
    )(command)


def paging(command: F) -> F:
    """Add the options of every command that shows a page."""
    return _all(
        click.option(
            "--limit",
            type=click.IntRange(1, MAX_PAGE),
            default=50,
            show_default=True,
            help="How many to show.",
        ),
        click.option("--after", metavar="CURSOR", help="Go on after this page."),
    )(command)


def _all(*options: Callable[[F], F]) -> Callable[[F], F]:
    def decorated(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return decorated

"""What several commands have in common: their options, and files or standard streams."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import click

from customer_groups.files.dialects import Dialect
from customer_groups.model import GroupStatus
from customer_groups.paging import MAX_PAGE

__all__ = [
    "FILE",
    "actor",
    "dialect",
    "group_conditions",
    "is_standard",
    "member_options",
    "paging",
    "source_at",
    "text_options",
]

F = TypeVar("F", bound=Callable[..., Any])
FILE = click.Path(readable=False)  # whether it can be read is found out by reading it
_STANDARD = "-"


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


def text_options(command: F) -> F:
    """Add the options of every command that reads a file."""
    return _all(
        click.option("--encoding", help="Of the file; else UTF-8, or what is marked in it."),
        click.option("--delimiter", metavar="CHARACTER", help="What separates the cells."),
    )(command)


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


def member_options(command: F) -> F:
    """Add the options of every command that changes the members of a group."""
    return _all(
        click.option("--by-key", is_flag=True, help="Customers are given by key, not by code."),
        click.option("--strict", is_flag=True, help="Exit with 1 if there are rejects."),
        actor,
    )(command)


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

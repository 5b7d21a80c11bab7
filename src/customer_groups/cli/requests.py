"""Requests: what makes a command that is run twice have one effect."""

import hashlib
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import click

__all__ = ["new_request", "request_of_content", "request_option"]

F = TypeVar("F", bound=Callable[..., Any])

_DIGITS = 20


def new_request() -> str:
    """Return the id of a request that nobody has made before."""
    return str(uuid.uuid4())


def request_of_content(source: Path | BinaryIO) -> str:
    """Return an id that files of the same content have; of what can be read once, a new one.

    Raises:
        OSError: the file cannot be read.
    """
    if not isinstance(source, Path) or not source.is_file():
        return new_request()
    with source.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:_DIGITS]


def request_option(command: F) -> F:
    """Add the option that identifies a request."""
    option = click.option(
        "--request-id",
        metavar="ID",
        default=new_request,
        help="The same again has no second effect; else a new one.",
    )
    return option(command)

"""Requests: what makes a command that is run twice have one effect."""

import hashlib
import json
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import click

__all__ = ["new_request", "request_of_content", "request_option"]

F = TypeVar("F", bound=Callable[..., Any])

_DIGITS = 20


def new_request() -> str:
    """Return the id of a request that nobody has made before."""
    return str(uuid.uuid4())


def request_of_content(source: Path | BinaryIO, reading: Mapping[str, object]) -> str:
    """Return an id that files of the same content have which are read in the same way.

    Args:
        source: The file; what can be read only once gets a new id each time.
        reading: The options that decide what is read, such as the sheet and the columns.

    Raises:
        OSError: the file cannot be read.
    """
    if not isinstance(source, Path) or not source.is_file():
        return new_request()
    with source.open("rb") as file:
        content = hashlib.file_digest(file, "sha256").hexdigest()
    read = json.dumps([content, reading], sort_keys=True, default=str)
    return hashlib.sha256(read.encode()).hexdigest()[:_DIGITS]


def request_option(command: F) -> F:
    """Add the option that identifies a request."""
    option = click.option(
        "--request-id",
        metavar="ID",
        default=new_request,
        help="The same again has no second effect; else a new one.",
    )
    return option(command)

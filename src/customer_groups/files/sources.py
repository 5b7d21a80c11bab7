"""Where a list comes from: opened, read piece by piece, counted and limited."""

import io
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import attrs

from customer_groups.errors import LimitExceededError

__all__ = ["Readable", "Source", "Stream", "open_stream"]

PIECE = 1 << 16


@runtime_checkable
class Readable(Protocol):
    """An open file, of bytes or of text, as far as it is used here."""

    def read(self, size: int, /) -> str | bytes:
        """Return up to ``size`` bytes or characters; nothing at the end."""


Source = str | os.PathLike[str] | Readable | Iterable[str]
"""Pasted text, the path of a file, an open file, or the values themselves."""


@attrs.define
class Stream:
    """Input on its way in.

    Attributes:
        pieces: What comes in: pieces of bytes, or pieces of text.
        most: How many bytes or characters may come.
        total: How many will come, where that is known.
        done: How many have come.
    """

    pieces: Iterable[Any]
    most: int
    total: int | None = None
    done: int = 0

    def __iter__(self) -> Iterator[Any]:
        for piece in self.pieces:
            self.done += len(piece)
            if self.done > self.most:
                raise LimitExceededError("input_bytes", self.most)
            yield piece


@contextmanager
def open_stream(source: str | os.PathLike[str] | Readable, most: int) -> Iterator[Stream]:
    """Open a source that is text, a path or a file; close only what was opened here.

    Args:
        source: Text, a path, or an open file, which is read from where it stands.
        most: How many bytes or characters may come; beyond, reading the stream raises a
            `LimitExceededError`.
    """
    if isinstance(source, str):
        yield Stream([source], most, len(source))
    elif isinstance(source, Readable):
        yield Stream(_pieces(source), most, _size(source))
    else:
        with Path(source).open("rb") as file:
            yield Stream(_pieces(file), most, _size(file))


def _pieces(file: Readable) -> Iterator[str | bytes]:
    while piece := file.read(PIECE):
        yield piece


def _size(file: object) -> int | None:
    """Return how many bytes are left in the file, if it can tell."""
    if not isinstance(file, io.RawIOBase | io.BufferedIOBase) or not file.seekable():
        return None
    here = file.tell()
    size = file.seek(0, os.SEEK_END) - here
    file.seek(here)
    return size

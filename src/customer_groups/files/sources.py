"""Where a list comes from: opened, read piece by piece, counted and limited."""

import io
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Protocol, runtime_checkable

import attrs

from customer_groups.errors import InvalidValueError, LimitExceededError

__all__ = ["FileSource", "Readable", "Source", "Stream", "open_stream"]

PIECE = 1 << 16


@runtime_checkable
class Readable(Protocol):
    """An open file, of bytes or of text, as far as it is used here."""

    def read(self, size: int, /) -> str | bytes:
        """Return up to ``size`` bytes or characters; nothing at the end."""


FileSource = str | os.PathLike[str] | Readable
"""Pasted text, the path of a file, or an open file."""

Source = FileSource | Iterable[str]
"""Pasted text, the path of a file, an open file, or the values themselves."""


@attrs.define
class Stream:
    """Input on its way in: iterated, for pieces of bytes or of text; or taken as a file.

    Attributes:
        source: What it comes from: text, or an open file.
        most: How many bytes or characters may come.
        total: How many will come, where that is known.
    """

    source: str | Readable
    most: int
    total: int | None = None
    _come: int = 0
    _file: BinaryIO | None = None
    _copy: BinaryIO | None = None

    @property
    def done(self) -> int:
        """How many have come; where it was taken as a file, the place where that is read."""
        return self._come if self._file is None else self._file.tell()

    def __iter__(self) -> Iterator[Any]:
        for piece in self._pieces():
            self._come += len(piece)
            if self._come > self.most:
                raise LimitExceededError("input_bytes", self.most)
            yield piece

    def _pieces(self) -> Iterator[str | bytes]:
        if isinstance(self.source, str):
            for begin in range(0, len(self.source), PIECE):
                yield self.source[begin : begin + PIECE]
        else:
            yield from _gathered(self.source)

    def file(self) -> BinaryIO:
        """Return the input as a file of bytes that can be read anywhere, from its beginning.

        It is closed with the stream. What cannot be read anywhere is copied to disk first.

        Raises:
            LimitExceededError: there is more than may come.
            InvalidValueError: the input is text.
        """
        if self.total is not None and self.total > self.most:
            raise LimitExceededError("input_bytes", self.most)
        if isinstance(self.source, io.BufferedIOBase) and _is_whole(self.source):
            file: BinaryIO = self.source  # type: ignore[assignment] # one in all but name
        else:
            file = self._copied()
        self._file = file
        return file

    def _copied(self) -> BinaryIO:
        self._copy = copy = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the stream
        for piece in self:
            if isinstance(piece, str):
                reason = "is text; open the file for reading bytes"
                raise InvalidValueError("source", piece[:50], reason)
            copy.write(piece)
        copy.seek(0)
        return copy

    def close(self) -> None:
        """Discard the copy, if one was made."""
        if self._copy is not None:
            self._copy.close()


@contextmanager
def open_stream(source: FileSource, most: int) -> Iterator[Stream]:
    """Open a source that is text, a path or a file; close only what was opened here.

    Args:
        source: Text, a path, or an open file, which is read from where it stands.
        most: How many bytes or characters may come; beyond, reading the stream raises a
            `LimitExceededError`.
    """
    if isinstance(source, os.PathLike):
        with Path(source).open("rb") as file, open_stream(file, most) as stream:
            yield stream
        return
    total = len(source) if isinstance(source, str) else _size(source)
    stream = Stream(source, most, total)
    try:
        yield stream
    finally:
        stream.close()


def _gathered(file: Readable) -> Iterator[Any]:
    """Yield whole pieces, however little the file gives at once; the last one may be shorter."""
    parts: list[Any] = []
    missing = PIECE
    while part := file.read(missing):
        parts.append(part)
        missing -= len(part)
        if missing <= 0:
            yield type(part)().join(parts)
            parts = []
            missing = PIECE
    if parts:
        yield type(parts[0])().join(parts)


def _is_whole(file: io.BufferedIOBase) -> bool:
    return file.seekable() and file.tell() == 0


def _size(file: object) -> int | None:
    """Return how many bytes are left in the file, if it can tell."""
    if not isinstance(file, io.RawIOBase | io.BufferedIOBase) or not file.seekable():
        return None
    here = file.tell()
    size = file.seek(0, os.SEEK_END) - here
    file.seek(here)
    return size

"""Where a file is written to: a path, replaced as a whole, or a file that is open already."""

import codecs
import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol, TextIO

import attrs

__all__ = [
    "Target",
    "TextWriter",
    "Writable",
    "is_same_file",
    "open_target",
    "require_writable",
]

_IF_UNENCODABLE = "backslashreplace"


class Writable(Protocol):
    """An open file, of text or of bytes, as far as it is used here."""

    def write(self, data: Any, /) -> object:  # noqa: ANN401 - text or bytes, not both
        """Write all of ``data``."""


class TextWriter(Protocol):
    """Takes text."""

    def write(self, text: str, /) -> object:
        """Write all of ``text``."""


Target = str | os.PathLike[str] | Writable
"""The path of a file, or a file that is open for writing text or bytes."""


@contextmanager
def open_target(target: Target, encoding: str = "utf-8") -> Iterator[TextWriter]:
    """Open a target for text; line ends are written as they are given.

    The file at a path changes all at once, when the context ends: everything is written to
    a new file beside it, forced to disk, and that file takes its place. If an exception
    leaves the context, nothing has changed. A pipe or a device is written to as it goes, and
    so is a file that the caller has opened, which is left open.

    Args:
        target: A path or an open file.
        encoding: How text becomes bytes, where bytes are wanted. A character that it does
            not have, such as half of a surrogate pair, is written as a backslash escape.

    Raises:
        OSError: the file cannot be written.
    """
    if isinstance(target, str | os.PathLike):
        # The target of a link is replaced, not the link.
        path = Path(os.path.realpath(target))
        opened = _replacement if path.is_file() or not path.exists() else _device
        with opened(path, encoding) as file:
            yield file
    elif _takes_text(target):
        yield target
    else:
        yield _EncodingWriter(target, codecs.getincrementalencoder(encoding)(_IF_UNENCODABLE))


def _takes_text(file: Writable) -> bool:
    try:
        file.write("")
    except TypeError:
        return False
    return True


@attrs.frozen
class _EncodingWriter:
    """Writes text to a file of bytes."""

    file: Writable
    encoder: codecs.IncrementalEncoder

    def write(self, text: str, /) -> None:
        self.file.write(self.encoder.encode(text))


def is_same_file(one: str | os.PathLike[str], other: str | os.PathLike[str]) -> bool:
    """Return whether two paths lead to one file that is there."""
    try:
        return Path(one).samefile(other)
    except OSError:
        return False


def require_writable(target: str | os.PathLike[str]) -> None:
    """Do nothing if `open_target` can open this path.

    Raises:
        OSError: it cannot.
    """
    path = Path(os.path.realpath(target))
    if path.is_file() or not path.exists():
        new = _name_beside(path)
        _created(new, path, "utf-8").close()
        new.unlink()
    elif path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(target))


def _device(path: Path, encoding: str) -> TextIO:
    return path.open("w", encoding=encoding, errors=_IF_UNENCODABLE, newline="")


def _name_beside(path: Path) -> Path:
    return path.with_name(f".{os.urandom(8).hex()}.tmp")


@contextmanager
def _replacement(path: Path, encoding: str) -> Iterator[TextWriter]:
    new = _name_beside(path)
    try:
        with _created(new, path, encoding) as file:
            if path.exists():  # what was private is private from the first byte
                shutil.copymode(path, new)
            yield file
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except BaseException:
        with suppress(OSError):
            new.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _created(new: Path, path: Path, encoding: str) -> TextIO:
    try:
        return new.open("x", encoding=encoding, errors=_IF_UNENCODABLE, newline="")
    except OSError as error:
        error.filename = os.fspath(path)  # the one that the caller knows
        raise


def _sync_folder(folder: Path) -> None:
    """Force the new name to disk, on systems that can open a folder."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

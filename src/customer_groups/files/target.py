"""Where a file is written to: a path, replaced as a whole, or a file that is open already."""

import codecs
import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Protocol

import attrs

from customer_groups.errors import InvalidValueError

__all__ = [
    "Target",
    "Writable",
    "open_target",
    "require_writable",
]

_IF_UNENCODABLE = "backslashreplace"
_DESCRIPTORS = Path("/dev/fd")


class Writable(Protocol):
    """An open file, of text or of bytes, as far as it is used here."""

    def write(self, data: Any, /) -> object:  # noqa: ANN401 - text or bytes, not both
        """Write all of ``data``."""


Target = str | os.PathLike[str] | Writable
"""The path of a file, or a file that is open for writing text or bytes."""


@contextmanager
def open_target(target: Target, encoding: str | None = "utf-8") -> Iterator[Writable]:
    """Open a target for text or bytes; line ends are written as they are given.

    The file at a path changes all at once, when the context ends: everything is written to
    a new file beside it, forced to disk, and that file takes its place. If an exception
    leaves the context, nothing has changed. A pipe or a device is written to as it goes, and
    so is a file that is open already, which is left open: one that the caller passes, or one
    with a path such as /dev/stdout.

    Args:
        target: A path or an open file. One that takes both bytes and text is given bytes.
        encoding: How text becomes bytes, where bytes are wanted. A character that it does
            not have, such as half of a surrogate pair, is written as a backslash escape.
            None to write bytes.

    Raises:
        InvalidValueError: an open file takes text, and bytes are to be written.
        OSError: the file cannot be written.
    """
    if isinstance(target, str | os.PathLike):
        with _opened_path(Path(target), encoding) as file:
            yield file
    else:
        yield _wrapped(target, encoding)


def _opened_path(path: Path, encoding: str | None) -> AbstractContextManager[Writable]:
    descriptor = _descriptor(path)
    if descriptor is not None:
        return _left_open(descriptor, encoding)
    real = _real(path)
    if _can_be_replaced(real):
        return _replacement(real, encoding)
    return _opened(real, "w", encoding)


def _descriptor(path: Path) -> int | None:
    """Return the number of the open file that a path such as /dev/stdout stands for.

    The path must not be resolved to that of the file: who has it open goes on writing there,
    and would write into the middle of ours, or into what we have replaced.
    """
    folder = _real(path.parent)
    if not path.exists():
        return None
    if folder == _real(_DESCRIPTORS) and path.name.isdecimal():
        return int(path.name)
    return _descriptor(folder / path.readlink()) if path.is_symlink() else None


@contextmanager
def _left_open(descriptor: int, encoding: str | None) -> Iterator[Writable]:
    with os.fdopen(descriptor, "wb", closefd=False) as file:
        yield _wrapped(file, encoding)


def _real(path: Path) -> Path:
    """Return the path without links: the target of a link is replaced, not the link."""
    return Path(os.path.realpath(path))


def _can_be_replaced(path: Path) -> bool:
    return path.is_file() or not path.exists()


def _wrapped(file: Writable, encoding: str | None) -> Writable:
    """Return what takes text for an encoding, or bytes for none, and passes it on."""
    if encoding is None:
        return _taking_bytes(file)
    if not _takes_bytes(file):
        return file
    return _EncodingWriter(file, codecs.getincrementalencoder(encoding)(_IF_UNENCODABLE))


def _taking_bytes(file: Writable) -> Writable:
    if not _takes_bytes(file):
        reason = 'takes text, and this format is bytes; open the file with mode "wb"'
        raise InvalidValueError("target", file, reason)
    return file


def _takes_bytes(file: Writable) -> bool:
    try:
        file.write(b"")
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


def require_writable(target: Target, encoding: str | None = "utf-8") -> None:
    """Do nothing if `open_target` can open this target.

    Raises:
        InvalidValueError, OSError: as for `open_target`.
    """
    if isinstance(target, str | os.PathLike):
        _require_writable_path(Path(target))
    elif encoding is None:
        _taking_bytes(target)


def _require_writable_path(path: Path) -> None:
    real, descriptor = _real(path), _descriptor(path)
    if descriptor is not None:
        os.write(descriptor, b"")
    elif _can_be_replaced(real):
        new = _name_beside(real)
        _created(new, real, None).close()
        new.unlink()
    elif real.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(path))


def _opened(path: Path, mode: str, encoding: str | None) -> IO[Any]:
    if encoding is None:
        return path.open(f"{mode}b")
    return path.open(mode, encoding=encoding, errors=_IF_UNENCODABLE, newline="")


def _name_beside(path: Path) -> Path:
    return path.with_name(f".{os.urandom(8).hex()}.tmp")


@contextmanager
def _replacement(path: Path, encoding: str | None) -> Iterator[Writable]:
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


def _created(new: Path, path: Path, encoding: str | None) -> IO[Any]:
    try:
        return _opened(new, "x", encoding)
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

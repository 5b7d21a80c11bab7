"""Zip archives from strangers: opened only where every program finds the same parts in them."""

import os
import struct
import zipfile
import zlib
from collections.abc import Sequence
from itertools import pairwise
from typing import BinaryIO, Final

import attrs

from customer_groups.errors import (
    ImportFileError,
    LimitExceededError,
    UnreadableWorkbookError,
)

__all__ = ["BROKEN", "PIECE", "open_archive"]

BROKEN: Final = (
    EOFError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)
"""What zipfile raises for broken archives."""

PIECE: Final = 1 << 16
"""How many bytes are read at once."""

_OLE_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP_MARK = b"PK"
_IS_ENCRYPTED = 0x1
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_LOCAL_HEADER_BYTES = 30
_DIRECTORY_BYTES_PER_PART = 256

# The end: its mark, six bytes about disks, the number of parts, the size and the place of the
# directory, the size of a comment. A large archive has another end before it, and says so here.
_END = struct.Struct("<4s6xHLLH")
_END_MARK = b"PK\5\6"
_LARGE_NUMBER, _LARGE_SIZE = 0xFFFF, 0xFFFFFFFF
_LARGE_END_BYTES = 76


def open_archive(file: BinaryIO, most: int) -> zipfile.ZipFile:
    """Open an archive, after looking whether that is safe.

    Args:
        file: Bytes that can be read anywhere; it is left open.
        most: How many parts there may be.

    Raises:
        UnreadableWorkbookError: it is not an archive, or not a sound one.
        LimitExceededError: there are too many parts.
    """
    _require_mark(file)
    try:
        archive = zipfile.ZipFile(_Bounded(file, most))
    except ImportFileError:
        raise
    except BROKEN:
        raise UnreadableWorkbookError("its directory is damaged") from None
    infos = archive.infolist()
    if len(infos) > most:
        raise LimitExceededError("parts", most)
    _require_one_directory(file, archive)
    for info in infos:
        _require_harmless(info)
    _require_separate(infos, archive.start_dir)
    return archive


@attrs.frozen
class _Bounded:
    """A file for zipfile, which would read a directory of any size into memory.

    Attributes:
        file: The file itself.
        parts: How many parts there may be.
    """

    file: BinaryIO
    parts: int

    def read(self, size: int = -1) -> bytes:
        if size > max(PIECE, self.parts * _DIRECTORY_BYTES_PER_PART):
            raise LimitExceededError("parts", self.parts)
        return self.file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self.file.seek(offset, whence)

    def tell(self) -> int:
        return self.file.tell()

    def seekable(self) -> bool:
        return True


def _require_mark(file: BinaryIO) -> None:
    file.seek(0)
    mark = file.read(len(_OLE_MARK))
    if mark == _OLE_MARK:
        raise UnreadableWorkbookError("it has a password, or the old format .xls")
    if not mark.startswith(_ZIP_MARK):
        raise UnreadableWorkbookError("it is not an .xlsx file")


def _require_one_directory(file: BinaryIO, archive: zipfile.ZipFile) -> None:
    """Refuse an archive of which other programs may read another directory than zipfile did.

    So nothing may stand before the parts or behind the end, and both ends must agree.
    """
    end = file.seek(-_END.size, os.SEEK_END)
    mark, parts, size, begin, comment = _END.unpack(file.read(_END.size))
    found = end - archive.start_dir
    is_plain = mark == _END_MARK and not comment
    has_same_place = begin in {archive.start_dir, _LARGE_SIZE}
    has_same_size = size in {found, found - _LARGE_END_BYTES, _LARGE_SIZE}
    has_same_parts = parts in {len(archive.infolist()), _LARGE_NUMBER}
    if not (is_plain and has_same_place and has_same_size and has_same_parts):
        raise UnreadableWorkbookError("not all programs find the same directory in it")


def _require_harmless(info: zipfile.ZipInfo) -> None:
    """Refuse parts that no spreadsheet program writes."""
    steps = info.filename.replace("\\", "/").split("/")
    if steps[0] == "" or ".." in steps:
        raise UnreadableWorkbookError("the name of one of its parts leads out of it")
    if info.flag_bits & _IS_ENCRYPTED:
        raise UnreadableWorkbookError("one of its parts is encrypted")
    if info.compress_type not in _METHODS:
        raise UnreadableWorkbookError("one of its parts is compressed in an unusual way")


def _require_separate(infos: Sequence[zipfile.ZipInfo], end: int) -> None:
    """Refuse parts that share bytes: a small archive of them inflates without end."""
    begin = [(info.header_offset, info.compress_size) for info in infos]
    places = [(0, -_LOCAL_HEADER_BYTES), *sorted(begin), (end, 0)]
    for (offset, size), (following, _) in pairwise(places):
        if offset + _LOCAL_HEADER_BYTES + size > following:
            raise UnreadableWorkbookError("its parts overlap")

"""The file of a workbook: an archive of parts, none of which is trusted."""

import zipfile
from collections.abc import Iterator, Mapping
from typing import BinaryIO

import attrs

from customer_groups.errors import (
    ImportFileError,
    LimitExceededError,
    UnreadableWorkbookError,
)
from customer_groups.files.limits import Limits
from customer_groups.files.xlsx.archives import BROKEN, PIECE, open_archive

__all__ = ["Package", "open_package"]

_SMALL = _FREE_OF_RATIO = 10_000_000


@attrs.define
class Package:
    """The parts of a workbook.

    Attributes:
        archive: The archive that holds them.
        parts: What the archive says about each of them, by its name in lower case.
        limits: How much may be inflated.
        inflated: How many bytes have been inflated.
    """

    archive: zipfile.ZipFile
    parts: Mapping[str, zipfile.ZipInfo]
    limits: Limits
    inflated: int = 0

    def __contains__(self, name: str) -> bool:
        return name.lower() in self.parts

    def pieces(self, name: str) -> Iterator[bytes]:
        """Yield the bytes of a part, a piece at a time.

        Raises:
            UnreadableWorkbookError: the part is missing or damaged.
            LimitExceededError: inflating it goes beyond a limit.
        """
        if name not in self:
            raise UnreadableWorkbookError(f"its part {name!r} is missing")
        info = self.parts[name.lower()]
        done = 0
        try:
            with self.archive.open(info) as part:
                while piece := part.read(PIECE):
                    done += len(piece)
                    self._count(len(piece), done, info.compress_size)
                    yield piece
        except ImportFileError:
            raise
        except BROKEN:
            raise UnreadableWorkbookError(f"its part {name!r} is damaged") from None
        if done != info.file_size:
            raise UnreadableWorkbookError(f"its part {name!r} is damaged")

    def pieces_of_small(self, name: str) -> Iterator[bytes]:
        """Yield the bytes of a part that is small in every sound workbook.

        Raises:
            UnreadableWorkbookError: as for other parts; or it is not small, whatever the
                limits allow.
            LimitExceededError: as for other parts.
        """
        size = 0
        for piece in self.pieces(name):
            size += len(piece)
            if size > _SMALL:
                reason = f"its part {name!r} is larger than any program writes it"
                raise UnreadableWorkbookError(reason)
            yield piece

    def _count(self, size: int, done: int, deflated: int) -> None:
        self.inflated += size
        if self.inflated > self.limits.inflated_bytes:
            raise LimitExceededError("inflated_bytes", self.limits.inflated_bytes)
        if done > max(_FREE_OF_RATIO, deflated * self.limits.inflation_ratio):
            raise LimitExceededError("inflation_ratio", self.limits.inflation_ratio)


def open_package(file: BinaryIO, limits: Limits) -> Package:
    """Open the file of a workbook, after looking whether that is safe.

    Args:
        file: Bytes that can be read anywhere; it is left open.
        limits: How many parts there may be, and how much may be inflated.

    Raises:
        UnreadableWorkbookError: it is not an archive, or not a sound one.
        LimitExceededError: there are too many parts.
    """
    archive = open_archive(file, limits.parts)
    infos = archive.infolist()
    parts = {info.filename.lower(): info for info in infos}
    if len(parts) < len(infos):
        raise UnreadableWorkbookError("two of its parts have the same name")
    return Package(archive, parts, limits)

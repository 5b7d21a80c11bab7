"""Parts of a workbook to be fuzzed: plain ones are read without a parser, and must read alike."""

from collections.abc import Callable, Sequence

import attrs

from customer_groups.errors import ImportFileError
from customer_groups.files.xlsx.strings import SharedStrings
from files.xlsx.workbooks import read_pieces, strings
from fuzzing.lists import SMALL

__all__ = ["CUT", "Pieces", "read_sheet", "read_strings"]

CUT = b"\x1f"
"""Stands wherever a part is cut in two pieces."""


def read_sheet(pieces: Sequence[bytes]) -> object:
    """Return the rows of a sheet."""
    return read_pieces(pieces, SMALL, texts=strings("<t>C1</t>"))


def read_strings(pieces: Sequence[bytes]) -> object:
    """Return shared strings."""
    shared = SharedStrings(SMALL)
    shared.read(pieces)
    return [shared[index] for index in range(len(shared))]


@attrs.frozen
class Pieces:
    """A part of a workbook, with marks where it is cut.

    Attributes:
        seeds: Parts to begin with, which a fuzzer changes.
        read: Returns what is in a part, given its pieces.
    """

    seeds: tuple[bytes, ...]
    read: Callable[[Sequence[bytes]], object]

    def run(self, data: bytes) -> bool:
        """Read a part piece by piece, and all at once; return whether it can be read.

        Raises:
            AssertionError: the two differ.
            Exception: a bug; what is documented does not leave.
        """
        pieces = data.split(CUT)
        found = self._read_or_refuse(pieces)
        assert found == self._read_or_refuse([b"".join(pieces)])
        return found is not None

    def _read_or_refuse(self, pieces: Sequence[bytes]) -> object:
        try:
            return self.read(pieces)
        except ImportFileError:
            return None

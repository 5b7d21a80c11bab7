"""Which format a file has: as the caller says, else as its name says."""

import os
from collections.abc import Mapping
from pathlib import PurePath
from typing import Final

import attrs

from customer_groups.errors import UnknownFormatError

__all__ = ["CSV", "DELIMITED", "EXPORTS", "IMPORTS", "JSON_LINES", "PASTED", "XLSX", "Formats"]

CSV: Final = "csv"
DELIMITED: Final = "delimited"
JSON_LINES: Final = "jsonl"
PASTED: Final = "pasted"
XLSX: Final = "xlsx"


@attrs.frozen
class Formats:
    """The formats that can be read, or those that can be written.

    Attributes:
        names: What they are called.
        by_suffix: The format of a file whose name ends so.
        unnamed: The format of an open file without a name, or whose name has no suffix.
    """

    names: tuple[str, ...]
    by_suffix: Mapping[str, str]
    unnamed: str

    def choose(self, named: str | None, file: object) -> str:
        """Return the format of a file.

        Args:
            named: The format that the caller names; None to go by the name of the file.
            file: A path or an open file.

        Raises:
            UnknownFormatError: it is none of ours.
        """
        if named is not None:
            return self._known(named, named if named in self.names else None)
        name = file if isinstance(file, os.PathLike) else getattr(file, "name", None)
        path = PurePath(name) if isinstance(name, str | os.PathLike) else PurePath()
        if not path.suffix and name is not file:
            return self.unnamed
        return self._known(path.name, self.by_suffix.get(path.suffix.lower()))

    def _known(self, asked: str, found: str | None) -> str:
        if found is None:
            raise UnknownFormatError(asked, self.names)
        return found


IMPORTS = Formats(
    names=(PASTED, DELIMITED, XLSX, JSON_LINES),
    by_suffix={
        ".csv": DELIMITED,
        ".txt": DELIMITED,
        ".tsv": DELIMITED,
        ".xlsm": XLSX,
        ".xlsx": XLSX,
        ".jsonl": JSON_LINES,
        ".ndjson": JSON_LINES,
    },
    unnamed=DELIMITED,
)

EXPORTS = Formats(
    names=(CSV, XLSX, JSON_LINES),
    by_suffix={".csv": CSV, ".xlsx": XLSX, ".jsonl": JSON_LINES, ".ndjson": JSON_LINES},
    unnamed=CSV,
)

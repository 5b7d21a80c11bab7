"""Lists to be fuzzed: imports of arbitrary bytes."""

import io
import zipfile
from collections.abc import Callable

import attrs

from customer_groups.errors import ImportFileError
from customer_groups.files.limits import Limits
from files.xlsx.workbooks import archive, parts
from trial_imports import import_into_new_group

__all__ = ["SMALL", "Lists", "packed", "unpacked"]

SMALL = Limits(
    input_bytes=20_000,
    inflated_bytes=300_000,
    rows=500,
    columns=20,
    cells=1_000,
    field_characters=1_000,
    record_characters=1_000,
    reported_rejects=5,
)
"""Limits that a fuzzer reaches."""

_BETWEEN_PARTS = b"\0"


def unchanged(data: bytes) -> bytes:
    """Return what was given."""
    return data


def unpacked(rows: str, **others: str | bytes) -> bytes:
    """Return the parts of a workbook, one after the other; see `parts`."""
    contents = parts(rows, **others).values()
    return _BETWEEN_PARTS.join(
        content.encode() if isinstance(content, str) else content for content in contents
    )


def packed(data: bytes) -> bytes:
    """Return the workbook of such parts: no fuzzer guesses the checksums of an archive."""
    contents = data.split(_BETWEEN_PARTS)
    return archive(dict(zip(parts(), contents, strict=False)), zipfile.ZIP_STORED)


@attrs.frozen
class Lists:
    """Lists in one format.

    Attributes:
        seeds: Lists to begin with, which a fuzzer changes.
        format: What the importer is told that it gets.
        rejects: The format of the rejects that it writes.
        file: Makes the file that is imported.
    """

    seeds: tuple[bytes, ...]
    format: str
    rejects: str
    file: Callable[[bytes], bytes] = unchanged

    def run(self, data: bytes) -> bool:
        """Import bytes, then what was rejected of them; return whether they are a list.

        Raises:
            AssertionError: a value is lost.
            Exception: a bug; what is documented does not leave.
        """
        rejects = io.BytesIO()
        try:
            report = import_into_new_group(
                io.BytesIO(self.file(data)), format=self.format, limits=SMALL, rejects=rejects
            )
        except ImportFileError:
            return False
        assert report.values == sum(report.counts.by_outcome().values())
        rejects.seek(0)
        again = import_into_new_group(rejects, format=self.rejects)
        assert again.values == report.counts.rejected
        return True

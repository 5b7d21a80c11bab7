"""Long tables on their way into a file, as somebody asked for them."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import attrs

from customer_groups.errors import InvalidValueError
from customer_groups.files.formats import EXPORTS
from customer_groups.files.progress import OnProgress
from customer_groups.files.reading import Detected, Layout
from customer_groups.files.target import Target
from customer_groups.files.writers import writer_like
from customer_groups.files.writing import Writer, open_table
from customer_groups.paging import MAX_PAGE

__all__ = ["Export", "writer_for"]

_Row = Sequence[object]


@attrs.frozen
class Export:
    """A file to write, as it was asked for.

    Attributes:
        target: A path, replaced as a whole, or an open file.
        writer: The format.
        on_progress: Told how many rows were written, after every thousand and at the end.
    """

    target: Target
    writer: Writer
    on_progress: OnProgress | None

    def write(self, columns: Sequence[str], rows: Iterator[_Row], total: int | None) -> int:
        """Write a table, and return how many rows it has.

        Args:
            columns: The names of the columns.
            rows: The rows.
            total: How many there are; None where nobody knows.
        """
        written = 0
        with open_table(self.target, columns, self.writer) as write_rows:
            for batch in _batches(rows):
                write_rows(batch)
                written += len(batch)
                if self.on_progress:
                    self.on_progress(written, total)
        return written


def _batches(rows: Iterator[_Row]) -> Iterator[list[_Row]]:
    """Yield the rows in lists; one that is empty if there are none."""
    yield list(islice(rows, MAX_PAGE))
    while batch := list(islice(rows, MAX_PAGE)):
        yield batch


def writer_for(target: Target, format: str | Writer | None, layout: Layout) -> Writer:
    """Return what writes a target.

    Args:
        target: Where to write.
        format: The name of a format, or a writer; None for what the name of the file says.
        layout: The dialect and the delimiter, where no writer is given.

    Raises:
        UnknownFormatError: there is no such format.
        InvalidValueError: a writer is given, and a dialect or delimiter beside it.
    """
    if isinstance(format, str | None):
        file = Path(target) if isinstance(target, str) else target
        return writer_like(layout, Detected(format=EXPORTS.choose(format, file)))
    if layout != Layout():
        reason = "has a dialect and a delimiter of its own; give them to it instead"
        raise InvalidValueError("format", format, reason)
    return format

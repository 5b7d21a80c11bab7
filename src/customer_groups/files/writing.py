"""Tables, written row by row in any format."""

import json
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, TypeVar

from customer_groups.files.dialects import Dialect, guarded
from customer_groups.files.target import Target, Writable, open_target

__all__ = ["Fields", "WriteRows", "Writer", "in_dialect", "open_table"]

T = TypeVar("T")

WriteRows = Callable[[Iterable[Sequence[object]]], None]
"""Writes rows; each has a cell for each column: text, None, a whole number, or `Fields`."""


class Fields(dict[str, str]):
    """Several values in one cell: an object where a format has objects, elsewhere its JSON."""

    def __str__(self) -> str:
        return json.dumps(self, ensure_ascii=False)


def in_dialect(rows: Iterable[Sequence[T]], dialect: Dialect) -> Iterable[Sequence[T | str]]:
    """Return rows as a dialect has them: for spreadsheets every text is `guarded`."""
    if dialect is Dialect.EXACT:
        return rows
    return ([guarded(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)


class Writer(Protocol):
    """Writes tables in one format.

    Hosts may write their own, for a format that we do not write, and pass it as ``format``.
    """

    @property
    @abstractmethod
    def encoding(self) -> str | None:
        """How the text that it writes becomes bytes; None where it writes bytes."""

    @abstractmethod
    def table(self, file: Writable, columns: Sequence[str]) -> AbstractContextManager[WriteRows]:
        """Return a context that begins and ends a table, and yields what writes its rows.

        Args:
            file: Takes text, or bytes where there is no encoding; to be left open.
            columns: The names of the columns, no two of them equal.
        """


@contextmanager
def open_table(target: Target, columns: Sequence[str], writer: Writer) -> Iterator[WriteRows]:
    """Open a target for rows under a header, and yield the function that writes rows.

    Args:
        target: A path, replaced as a whole, or an open file.
        columns: The names of the columns, no two of them equal.
        writer: The format.

    Raises:
        InvalidValueError: the open file takes text, and the format is not text.
        UnwritableError: the format cannot hold what is in a row.
        OSError: the file cannot be written.
    """
    with (
        open_target(target, writer.encoding) as file,
        writer.table(file, columns) as write_rows,
    ):
        yield write_rows

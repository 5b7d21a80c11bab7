"""Delimited text, for machines and for spreadsheets."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import attrs

from customer_groups.files.dialects import Dialect
from customer_groups.files.target import Writable
from customer_groups.files.writing import WriteRows, in_dialect

__all__ = ["DelimitedWriter"]


@attrs.frozen(kw_only=True)
class DelimitedWriter:
    """Writes CSV and the like.

    A row ends with CRLF; a cell has quotes where they are needed, and is empty for None.

    Attributes:
        dialect: What is done to text that a spreadsheet would take for a formula.
        delimiter: What separates the cells.
        header: Whether the first row names the columns.
    """

    dialect: Dialect = Dialect.EXACT
    delimiter: str = ","
    header: bool = True
    _encoding: str | None = None

    @property
    def encoding(self) -> str:
        """The one that was named, else UTF-8; for spreadsheets with a byte order mark."""
        default = "utf-8-sig" if self.dialect is Dialect.SPREADSHEET else "utf-8"
        return self._encoding or default

    @contextmanager
    def table(self, file: Writable, columns: Sequence[str]) -> Iterator[WriteRows]:
        """Yield what writes the rows; see `Writer.table`."""
        writer = csv.writer(file, delimiter=self.delimiter, lineterminator="\r\n")

        def write_rows(rows: Iterable[Sequence[object]]) -> None:
            writer.writerows(in_dialect(rows, self.dialect))

        if self.header:
            write_rows([columns])
        yield write_rows

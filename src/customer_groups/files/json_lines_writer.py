"""JSON Lines: an object for each row."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import attrs

from customer_groups.files.target import Writable
from customer_groups.files.writing import WriteRows

__all__ = ["JsonLinesWriter"]


@attrs.frozen
class JsonLinesWriter:
    """Writes JSON Lines, all in ASCII. It has no dialects: no spreadsheet opens it.

    Attributes:
        encoding: How that becomes bytes.
    """

    encoding: str = "utf-8"

    @contextmanager
    def table(self, file: Writable, columns: Sequence[str]) -> Iterator[WriteRows]:
        """Yield what writes the rows; see `Writer.table`."""

        def write_rows(rows: Iterable[Sequence[object]]) -> None:
            for row in rows:
                file.write(json.dumps(dict(zip(columns, row, strict=True))) + "\n")

        yield write_rows

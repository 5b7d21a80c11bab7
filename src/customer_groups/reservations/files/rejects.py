"""Rows that could not be used: set aside with what is wrong, then written as they were."""

import heapq
import json
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Self

import attrs

from customer_groups.files.reading import Detected, Layout
from customer_groups.files.rejected_rows import write_rejected_rows
from customer_groups.files.rejects import MOST_REPORTED_CHARACTERS
from customer_groups.files.spool import Spool
from customer_groups.files.target import Target
from customer_groups.files.writers import writer_like
from customer_groups.importing.groups.rows import KeptRows
from customer_groups.reservations.files.outcomes import RowOutcome, RowReject

__all__ = ["RowRejects"]


class RowRejects:
    """The rejects of one import, by line, each with its row; a context that discards them.

    Attributes:
        names: What the columns of the file are called.
    """

    def __init__(self, keep: int | None = None) -> None:
        """Begin without any.

        Args:
            keep: How many are kept at least, the first ones; None for all.
        """
        self.names: Sequence[str] = ()
        self._keep = keep
        # The reader is ahead of who looks at the rows; each finds its rejects in order.
        self._unreadable = Spool()
        self._refused = Spool()
        self._rows = KeptRows()

    def begin(self, names: Sequence[str]) -> None:
        """Forget all rejects.

        Args:
            names: What the columns are called; it may grow while the file is read.
        """
        self.names = names
        self._unreadable.clear()
        self._refused.clear()
        self._rows.clear()

    def add_unreadable(self, line: int, value: object, reason: str, message: str) -> None:
        """Set aside what the reader of a file could not take apart into columns."""
        text = value if isinstance(value, str) else json.dumps(value)
        self._add(self._unreadable, RowReject(line, text, RowOutcome.MALFORMED, reason, message))

    def add(self, reject: RowReject, cells: Sequence[object]) -> None:
        """Set aside a row; later ones stand further down in the file."""
        if self._add(self._refused, reject):
            self._rows.keep([(reject.line, cells)])

    def _add(self, spool: Spool, reject: RowReject) -> bool:
        has_room = self._keep is None or len(spool) < self._keep
        if has_room:
            spool.append(attrs.astuple(reject))
        return has_room

    def _with_rows(self) -> Iterator[tuple[RowReject, Sequence[object]]]:
        unreadable = ((_reject(record), ()) for record in self._unreadable)
        rows = zip(self._refused, self._rows, strict=True)
        refused = ((_reject(record), cells) for record, (_, cells) in rows)
        return heapq.merge(unreadable, refused, key=lambda kept: kept[0].line)

    def first(self, number: int) -> tuple[RowReject, ...]:
        """Return the first rejects, at most as many as are kept; their values are cut."""
        return tuple(
            attrs.evolve(reject, value=reject.value[:MOST_REPORTED_CHARACTERS])
            for reject, _ in islice(self._with_rows(), number)
        )

    def write(self, target: Target, layout: Layout, detected: Detected) -> None:
        """Write the rows that are rejects, all their columns, and what is wrong with them.

        Args:
            target: A path, replaced as a whole, or an open file.
            layout: How the file was laid out, as far as its importer said.
            detected: How it was laid out, said or found.
        """
        rows = ((attrs.astuple(reject), cells) for reject, cells in self._with_rows())
        write_rejected_rows(target, self.names, rows, writer_like(layout, detected))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._unreadable.close()
        self._refused.close()
        self._rows.close()


def _reject(record: Sequence[Any]) -> RowReject:
    line, value, outcome, reason, message = record
    return RowReject(line, value, RowOutcome(outcome), reason, message)

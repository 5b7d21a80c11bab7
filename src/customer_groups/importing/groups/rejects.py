"""Rows that could not be used: set aside with what is wrong, then written as they were."""

from collections.abc import Iterator, Sequence
from typing import Self

import attrs

from customer_groups.files.reading import Detected, Layout
from customer_groups.files.rejected_rows import write_rejected_rows
from customer_groups.files.rejects import Rejects
from customer_groups.files.target import Target
from customer_groups.files.writers import writer_like
from customer_groups.importing.groups.rows import KeptRows
from customer_groups.outcomes import Reject

__all__ = ["RejectedRows"]


class RejectedRows:
    """The rejects of one import of rows, and the rows; a context that discards them.

    Attributes:
        rejects: The rejects.
        names: What the columns of the file are called.
        rows: The rows of the file.
    """

    def __init__(self, keep: int | None = None) -> None:
        """Begin without any.

        Args:
            keep: How many rejects are kept at least, the first ones; None for all.
        """
        self.rejects = Rejects(keep)
        self.names: Sequence[str] = ()
        self.rows = KeptRows()

    def begin(self, names: Sequence[str]) -> None:
        """Forget all rejects and rows.

        Args:
            names: What the columns are called; it may grow while the file is read.
        """
        self.names = names
        self.rejects.clear()
        self.rows.clear()

    def write(self, target: Target, layout: Layout, detected: Detected) -> None:
        """Write the rows that are rejects, all their columns, and what is wrong with them.

        A row that has no columns, or too many, is only found in the column ``value``.

        Args:
            target: A path, replaced as a whole, or an open file.
            layout: How the file was laid out, as far as its importer said.
            detected: How it was laid out, said or found.
        """
        rows = ((attrs.astuple(reject), cells) for reject, cells in self._with_rows())
        write_rejected_rows(target, self.names, rows, writer_like(layout, detected))

    def _with_rows(self) -> Iterator[tuple[Reject, Sequence[object]]]:
        """Yield each reject with the cells of its row; both are in the order of their lines."""
        rows = iter(self.rows)
        line = 0
        cells: Sequence[object] = ()
        for reject, _ in self.rejects:
            while line < reject.line:
                line, cells = next(rows, (reject.line, ()))
            yield reject, cells if line == reject.line else ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.rejects.__exit__(*error)
        self.rows.close()

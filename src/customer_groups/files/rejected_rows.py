"""The file of rows that could not be used: all their columns, and what is wrong with them."""

from collections.abc import Iterable, Sequence

from customer_groups.files.cells import Unclear
from customer_groups.files.columns import spelling
from customer_groups.files.target import Target
from customer_groups.files.writing import Writer, open_table

__all__ = ["RejectedRow", "write_rejected_rows"]

RejectedRow = tuple[Sequence[object], Sequence[object]]
"""What is wrong with a row: line, value, outcome, reason and message; and its cells."""

_NOTES = ("line", "value", "outcome", "reason", "message")


def write_rejected_rows(
    target: Target, names: Sequence[str], rows: Iterable[RejectedRow], writer: Writer
) -> None:
    """Write rows as they were, each with what is wrong with it behind.

    Args:
        target: A path, replaced as a whole, or an open file.
        names: What their columns are called.
        rows: The rows.
        writer: The format.
    """
    columns = [*names, *_names_of_notes(names)]
    with open_table(target, columns, writer) as write_rows:
        write_rows([*_fitted(cells, len(names)), *notes] for notes, cells in rows)


def _fitted(cells: Sequence[object], width: int) -> Sequence[object]:
    known = [cell.raw if isinstance(cell, Unclear) else cell for cell in cells[:width]]
    return [*known, *[None] * (width - len(cells))]


def _names_of_notes(names: Sequence[str]) -> list[str]:
    """Return what the notes are called, so that no column of the file has that name."""
    taken = {spelling(name) for name in names}
    return [_free_name(note, taken) for note in _NOTES]


def _free_name(note: str, taken: set[str]) -> str:
    while spelling(note) in taken:
        note = f"rejected {note}"
    return note

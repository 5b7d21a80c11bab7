"""The table of rejects: corrected by hand, then imported as the list itself was."""

from collections.abc import Sequence
from typing import TypeVar

from customer_groups.files.columns import default_name, spelling
from customer_groups.files.delimited import CANDIDATES
from customer_groups.files.formats import DELIMITED, JSON_LINES
from customer_groups.files.reading import Detected, Layout
from customer_groups.files.rejects import Rejects
from customer_groups.files.tables import open_table
from customer_groups.files.target import Target

__all__ = ["write_rejects"]

T = TypeVar("T")

_NOTES = ("line", "outcome", "reason", "message")


def write_rejects(
    target: Target,
    rejects: Rejects,
    layout: Layout,
    detected: Detected,
    *,
    encoding: str | None,
) -> None:
    """Write rejects so that the same layout and encoding read them again.

    The column of customers has the name and place that it had in the list. It is followed by
    ``line``, ``outcome``, ``reason`` and ``message``, as `Reject` has them.

    Args:
        target: A path, replaced as a whole, or an open file.
        rejects: The rejects, all of them kept.
        layout: How the list was laid out, as far as its importer said.
        detected: How it was laid out, said or found.
        encoding: The encoding that the importer named.
    """
    is_json = detected.format == JSON_LINES
    name = _name_of_column(layout, detected)
    notes = [f"rejected {note}" if spelling(note) == spelling(name) else note for note in _NOTES]
    place = _place_of_column(layout, detected) if not is_json else 0
    with open_table(
        target,
        _row(name, notes, place),
        format=JSON_LINES if is_json else DELIMITED,
        dialect=layout.dialect,
        delimiter=_delimiter(layout, detected),
        encoding=encoding,
    ) as write_rows:
        write_rows(
            _row(
                value if is_json else reject.value,
                (reject.line, reject.outcome.value, reject.reason, reject.message),
                place,
            )
            for reject, value in rejects
        )


def _row(value: T, notes: Sequence[T | str], place: int) -> list[T | str]:
    """Return a row with ``value`` at its place among the notes, from 0."""
    padding = [""] * (place - len(notes))
    return [*notes[:place], *padding, value, *notes[place:]]


def _name_of_column(layout: Layout, detected: Detected) -> str:
    for name in (detected.column, layout.column):
        if isinstance(name, str):
            return name
    return default_name(by_key=layout.by_key)


def _place_of_column(layout: Layout, detected: Detected) -> int:
    if isinstance(layout.column, int) and detected.column is not None:
        return layout.column - 1
    return 0


def _delimiter(layout: Layout, detected: Detected) -> str:
    """Return a delimiter that is named again, or recognised."""
    found = detected.delimiter if detected.delimiter in CANDIDATES else None
    return layout.delimiter or found or CANDIDATES[0]

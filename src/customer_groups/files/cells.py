"""What a table is made of: rows, and what stands in their cells."""

from collections.abc import Collection, Iterable, Mapping, Sequence

import attrs

from customer_groups.errors import LimitExceededError
from customer_groups.text import trim

__all__ = ["BLANK", "Cells", "Row", "Single", "Unclear", "has_text", "require_short", "shown"]


@attrs.frozen
class Unclear:
    """A cell that holds something other than text, and nobody knows which text it was.

    Attributes:
        raw: What the file has there.
        reason: Why it cannot be known, for programs, such as ``fraction``; see `Reject`.
        message: Why, for people; to be read after the value.
    """

    raw: str
    reason: str
    message: str


@attrs.frozen
class Single:
    """All that a line holds, where there are no columns.

    Attributes:
        value: Text, or what is not text.
    """

    value: object


Cells = Sequence[object] | Mapping[str, object] | Single
"""What stands in a row.

A sequence has the cells in the order of the columns, and its first row may name them; a
mapping has them under their names; `Single` is a value without columns. A cell holds text,
None where there is nothing, `Unclear`, or anything else, which is told of as "not text". A
file has rows in order, or rows with names and single values, not both.
"""

Row = tuple[int, Cells]
"""The physical line that a row begins on, from 1, and what stands in it."""

BLANK: tuple[object, ...] = ()
"""What stands in a row without anything in it."""


def has_text(cells: Collection[object]) -> bool:
    """Return whether there is anything but white space in these cells."""
    return any(map(_is_filled, cells))


def _is_filled(cell: object) -> bool:
    return trim(cell) != "" if isinstance(cell, str) else cell is not None


def require_short(cells: Iterable[object], longest: int) -> None:
    """Do nothing if no text in these cells has more than ``longest`` characters.

    Raises:
        LimitExceededError: one has.
    """
    if any(isinstance(cell, str) and len(cell) > longest for cell in cells):
        raise LimitExceededError("field_characters", longest)


def shown(cell: object) -> str:
    """Return a cell as text: what the file has there, or nothing."""
    if isinstance(cell, Unclear):
        return cell.raw
    return "" if cell is None else str(cell)

"""The table of rejects: corrected by hand, then imported as the list itself was."""

from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import TypeVar

from customer_groups.errors import ColumnNotFoundError, InvalidValueError
from customer_groups.files.cells import Cells, Row, Single, shown
from customer_groups.files.columns import default_name, find_column, spelling
from customer_groups.files.formats import JSON_LINES
from customer_groups.files.reading import Detected, Layout
from customer_groups.files.rejects import Rejects
from customer_groups.files.target import Target
from customer_groups.files.writers import writer_like
from customer_groups.files.writing import open_table

__all__ = ["refusing_rejects", "write_rejects"]

T = TypeVar("T")

_NOTES = ("line", "outcome", "reason", "message")


def write_rejects(target: Target, rejects: Rejects, layout: Layout, detected: Detected) -> None:
    """Write rejects so that the same layout reads them again.

    The format is that of `writer_like`. The column of customers has the name and place that
    it had in the list. It is followed by ``line``, ``outcome``, ``reason`` and ``message``, as
    `Reject` has them; but it stands alone where the layout says that there is neither a header
    nor a position that would tell it from them.

    Args:
        target: A path, replaced as a whole, or an open file.
        rejects: The rejects, all of them kept.
        layout: How the list was laid out, as far as its importer said.
        detected: How it was laid out, said or found.
    """
    is_json = detected.format == JSON_LINES
    name = _name_of_column(layout, detected)
    notes = [f"rejected {note}" if spelling(note) == spelling(name) else note for note in _NOTES]
    stands_alone = not is_json and layout.header is False and layout.column is None
    noted = 0 if stands_alone else len(notes)
    place = 0 if is_json else _place_of_column(layout, detected)
    columns = _row(name, notes[:noted], place)
    with open_table(target, columns, writer_like(layout, detected)) as write_rows:
        write_rows(_above(columns, layout.header_line))
        write_rows(
            _row(
                value if is_json else reject.value,
                (reject.line, reject.outcome.value, reject.reason, reject.message)[:noted],
                place,
            )
            for reject, value in rejects
        )


def refusing_rejects(rows: Iterator[Row]) -> Iterator[Row]:
    """Yield the rows of a list that is to be the whole membership.

    Raises:
        InvalidValueError: they are rejects of a list. What was not rejected is missing there,
            so all the others would be removed.
    """
    for line, cells in rows:
        names = {spelling(text) for text in _texts(cells)}
        if names.issuperset(_NOTES):
            reason = (
                "would remove all who are not in the list, and these are rejects, with the"
                ' columns line, outcome, reason and message; import them with mode "add"'
            )
            raise InvalidValueError("mode", "replace", reason)
        yield line, cells
        if any(names):
            break
    yield from rows


def _above(columns: Sequence[str], line: int | None) -> Iterator[Sequence[str]]:
    """Yield rows that end with the names of columns in a line; none where it is not said."""
    if line is not None:
        yield from repeat([""] * len(columns), line - 1)
        yield columns


def _texts(cells: Cells) -> Sequence[str]:
    """Return what may be the names of columns."""
    return [shown(cell) for cell in ([cells.value] if isinstance(cells, Single) else cells)]


def _row(value: T, notes: Sequence[T | str], place: int) -> list[T | str]:
    """Return a row with ``value`` at its place among the notes, from 0."""
    padding = [""] * (place - len(notes))
    return [*notes[:place], *padding, value, *notes[place:]]


def _name_of_column(layout: Layout, detected: Detected) -> str:
    """Return the name that the column has in the list, or else one that is found again."""
    asked = layout.column if isinstance(layout.column, tuple) else (layout.column,)
    for name in (detected.column, *asked):
        if isinstance(name, str) and (layout.column is not None or _is_usual(name, layout)):
            return name
    return default_name(by_key=layout.by_key)


def _is_usual(name: str, layout: Layout) -> bool:
    """Return whether a column of this name is recognised beside others."""
    try:
        find_column((name, ""), by_key=layout.by_key)
    except ColumnNotFoundError:
        return False
    return True


def _place_of_column(layout: Layout, detected: Detected) -> int:
    if isinstance(layout.column, int) and detected.column is not None:
        return layout.column - 1
    return 0

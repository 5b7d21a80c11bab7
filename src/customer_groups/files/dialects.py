"""How text stands in the cells of a table: as it is, or guarded for spreadsheets."""

import enum
import re
from collections.abc import Iterable, Iterator
from typing import Any

from customer_groups.text import one_of

__all__ = ["Dialect", "guarded", "parse_dialect", "unguarded", "unguarded_rows"]

_GUARD = "'"
_FORMULA = r"[=+\-@＝＋－＠]"
_TAKEN_FOR_MORE_THAN_TEXT = re.compile(rf"[\s\ufeff]*{_FORMULA}|[\t\r\n\0']")
_NO_TEXT = r"(?:[^\S\t\r\n]|[\ufeff\"])*"
_AFTER_A_DELIMITER = rf"(?<=[;,\t|\r\n])(?='*{_NO_TEXT}{_FORMULA})"
_TO_GUARD = re.compile(_AFTER_A_DELIMITER)
_GUARDED = re.compile(_AFTER_A_DELIMITER + _GUARD)


class Dialect(enum.StrEnum):
    """What is done to text that a spreadsheet would take for a formula."""

    EXACT = "exact"
    """Nothing: every character as it is. For machines."""
    SPREADSHEET = "spreadsheet"
    """One ``'`` is put in front when writing, and taken off when reading. For people.

    In a workbook, too: it may be delimited text that somebody opened and saved.
    """


def parse_dialect(dialect: str) -> Dialect:
    """Return the dialect with this name.

    Raises:
        InvalidValueError: there is none.
    """
    return one_of(Dialect, "dialect", dialect)


def guarded(text: str) -> str:
    """Return text that no spreadsheet takes for a formula; no two texts give the same.

    A text gets one ``'`` in front if it begins, after white space, with one of ``= + - @``
    or their full-width forms, or at once with a tab, CR, LF, NUL or ``'``. So does what
    begins with one of these four, perhaps after ``'``, behind a comma, semicolon, tab, pipe
    or line end: a spreadsheet that expects another delimiter begins a cell there.

    >>> guarded("=1+1"), guarded("'t Hooft"), guarded("C001")
    ("'=1+1", "''t Hooft", 'C001')
    >>> guarded("Miller;=1+1")
    "Miller;'=1+1"
    """
    inside = _TO_GUARD.sub(_GUARD, text)
    return _GUARD + inside if _TAKEN_FOR_MORE_THAN_TEXT.match(text) else inside


def unguarded(text: str) -> str:
    """Return the text that `guarded` was given."""
    return _GUARDED.sub("", text.removeprefix(_GUARD))


def unguarded_rows(rows: Iterable[tuple[int, Any]]) -> Iterator[tuple[int, list[Any]]]:
    """Yield rows of cells as they come, but for their text, which is `unguarded`."""
    for line, cells in rows:
        yield line, [unguarded(cell) if isinstance(cell, str) else cell for cell in cells]

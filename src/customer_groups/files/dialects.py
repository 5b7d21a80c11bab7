"""How text stands in the cells of delimited text: as it is, or guarded for spreadsheets."""

import enum
import re

from customer_groups.text import one_of

__all__ = ["Dialect", "guarded", "parse_dialect", "unguarded"]

_GUARD = "'"
_TAKEN_FOR_MORE_THAN_TEXT = re.compile(r"[\s\ufeff]*[=+\-@＝＋－＠]|[\t\r\n\0']")


class Dialect(enum.StrEnum):
    """What is done to text that a spreadsheet would take for a formula."""

    EXACT = "exact"
    """Nothing: every character as it is. For machines."""
    SPREADSHEET = "spreadsheet"
    """One ``'`` is put in front when writing, and taken off when reading. For people."""


def parse_dialect(dialect: str) -> Dialect:
    """Return the dialect with this name.

    Raises:
        InvalidValueError: there is none.
    """
    return one_of(Dialect, "dialect", dialect)


def guarded(text: str) -> str:
    """Return text that no spreadsheet takes for a formula; no two texts give the same.

    A text gets one ``'`` in front if it begins, after white space, with one of ``= + - @``
    or their full-width forms, or at once with a tab, CR, LF, NUL or ``'``.

    >>> guarded("=1+1"), guarded("'t Hooft"), guarded("C001")
    ("'=1+1", "''t Hooft", 'C001')
    """
    return _GUARD + text if _TAKEN_FOR_MORE_THAN_TEXT.match(text) else text


def unguarded(text: str) -> str:
    """Return the text that `guarded` was given: without one leading ``'``."""
    return text.removeprefix(_GUARD)

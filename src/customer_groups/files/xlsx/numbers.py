"""A number in a cell: its digits, or why nobody knows which text it was."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import attrs

from customer_groups.files.cells import Unclear
from customer_groups.files.xlsx.number_formats import GENERAL, NumberFormat

__all__ = ["Numbers"]

_NUMBER = re.compile(r"([+-]?)(?=\.?[0-9])([0-9]*)\.?([0-9]*)(?:[eE]([+-]?[0-9]{1,9}))?")
_LARGEST: Final = 2**53  # whole numbers beyond are not exact where they come from
_MOST_DIGITS = len(str(_LARGEST))
_SURELY_EXACT = 15
_SECONDS = 24 * 60 * 60
_FIRST_SURE_DAY, _LAST_DAY = 61, 2_958_465  # Excel has a day too many before; and ends in 9999
_SHOWN_CHARACTERS = 40


@attrs.frozen
class Numbers:
    """Turns numbers into text.

    Attributes:
        formats: How they are shown, by the number of their style.
        starts_in_1904: Whether dates are counted from 1904 instead of 1900.
    """

    formats: Sequence[NumberFormat]
    starts_in_1904: bool = False

    def text(self, raw: str, style: int) -> str | Unclear:
        """Return the digits of a number, or why it is not known which text it was.

        Args:
            raw: The number as the file has it, such as ``1001`` or ``1.001E3``.
            style: The number of its style.

        Raises:
            IndexError: there is no such style.
        """
        number_format = self.formats[style] if self.formats else GENERAL
        is_short = len(raw) <= _SURELY_EXACT and raw.isascii()
        if number_format is GENERAL and is_short and raw.isdecimal():
            return str(int(raw))
        found = _NUMBER.fullmatch(raw.strip())
        if found is None:
            return Unclear(raw, "not_a_number", "is in a cell for numbers, and is none")
        if number_format.shows_date(is_negative=found[1] == "-"):
            return Unclear(self._iso(raw), "date", "is a date; it may have been another text once")
        number = _whole(*found.groups(default=""))
        if isinstance(number, str):
            return Unclear(raw, number, _MESSAGES[number])
        return _as_shown(number, raw, number_format)

    def _iso(self, raw: str) -> str:
        """Return a date that is stored as the number of days, or the number if it is none."""
        days = float(raw)
        if not _FIRST_SURE_DAY <= days < _LAST_DAY:
            return raw
        first = datetime(1904, 1, 1) if self.starts_in_1904 else datetime(1899, 12, 30)  # noqa: DTZ001 - it has no zone
        time = first + timedelta(seconds=round(days * _SECONDS))
        return time.date().isoformat() if time.time() == time.min.time() else time.isoformat()


_MESSAGES = {
    "fraction": "is a number with a fraction, not a code; enter the code as text",
    "too_many_digits": (
        "has more digits than a number in a spreadsheet keeps; enter the code as text"
    ),
}


def _whole(sign: str, whole: str, fraction: str, exponent: str) -> int | str:
    """Return a whole number, or why it is none that is known exactly."""
    digits = (whole + fraction).lstrip("0")
    significant = digits.rstrip("0")
    zeros = len(digits) - len(significant) - len(fraction) + int(exponent or 0)
    if not significant:
        return 0
    if zeros < 0:
        return "fraction"
    if len(significant) + zeros > _MOST_DIGITS:
        return "too_many_digits"
    number = int(f"{sign}{significant}{'0' * zeros}")
    return number if abs(number) <= _LARGEST else "too_many_digits"


def _as_shown(number: int, raw: str, number_format: NumberFormat) -> str | Unclear:
    """Return the digits of a number if its cell shows nothing else."""
    shown = number_format.code[:_SHOWN_CHARACTERS]
    if number_format.shows_more(number):
        message = f"is shown with more than its digits, by the format {shown}; enter it as text"
        return Unclear(raw, "display_format", message)
    if number_format.shows_zeros(number):
        message = f"is shown with zeros before it, by the format {shown}; enter it as text"
        return Unclear(raw, "leading_zeros", message)
    return str(number)

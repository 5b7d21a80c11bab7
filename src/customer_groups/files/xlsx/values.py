"""What a cell holds, by the kind that the file says it has."""

from collections.abc import Callable, Mapping
from typing import Final

import attrs

from customer_groups.files.cells import Unclear
from customer_groups.files.xlsx.digits import to_number
from customer_groups.files.xlsx.numbers import Numbers
from customer_groups.files.xlsx.strings import SharedStrings

__all__ = ["FORMULA", "MISFIT", "Values"]

FORMULA: Final = "\0formula"
"""The kind that we give to a formula without a result; no file can name it."""

MISFIT: Final = "\0misfit"
"""The kind that we give to a cell whose content does not fit the kind that the file names."""


@attrs.frozen
class Values:
    """Turns what the file has in a cell into what the cell holds.

    Attributes:
        strings: The texts that cells refer to.
        numbers: How numbers become text.
    """

    strings: SharedStrings
    numbers: Numbers

    def by_kind(self) -> Mapping[str, Callable[[str, str], object]]:
        """Return the functions that do so, for each kind of cell.

        They take what the cell has and the number of its style as the file writes it, and
        return text, None or `Unclear`. They raise an IndexError or a ValueError if the file
        refers to what is not there. There is none for `MISFIT`.
        """
        return {
            "s": self._shared,
            "inlineStr": _text,
            "str": _text,
            "n": self._number,
            "": self._number,
            "b": _boolean,
            "e": _error,
            "d": _date,
            FORMULA: _formula,
        }

    def _shared(self, raw: str, _style: str) -> str | None:
        return self.strings[to_number(raw)] if raw else None

    def _number(self, raw: str, style: str) -> str | Unclear | None:
        return self.numbers.text(raw, to_number(style or "0")) if raw else None


def _text(raw: str, _style: str) -> str:
    return raw


def _boolean(raw: str, _style: str) -> Unclear:
    return Unclear(raw, "boolean", "is a logical value (1 is true, 0 is false), not text")


def _error(raw: str, _style: str) -> Unclear:
    return Unclear(raw, "error", "is the error of a formula, not text")


def _date(raw: str, _style: str) -> Unclear:
    return Unclear(raw, "date", "is a date; it may have been another text once")


def _formula(raw: str, _style: str) -> Unclear:
    message = "is a formula whose result is not in the file; open and save it, or enter text"
    return Unclear(f"={raw}", "formula", message)

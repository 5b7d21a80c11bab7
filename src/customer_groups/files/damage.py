"""Values that look as if they had been others, before a spreadsheet or somebody copied them."""

import re
from typing import Final

import attrs

__all__ = ["INVISIBLE_CHARACTER", "LOOKS_DAMAGED", "Damage", "damage_of"]

LOOKS_DAMAGED: Final = "looks_damaged"
"""The reason of a reject that no customer has, and that a spreadsheet may have damaged."""
INVISIBLE_CHARACTER: Final = "invisible_character"
"""The reason of a reject that no customer has, and that is not what it looks like."""


@attrs.frozen
class Damage:
    """What may have happened to a value.

    Attributes:
        reason: What, for programs.
        message: What, and what to do, for people; to be read after "it".
    """

    reason: str
    message: str


_MONTHS: Final = (
    "jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec"
    "|jän|mrz|mär|mai|okt|dez"
    "|janv|févr|mars|avr|juin|juil|août|déc"
    "|ene|abr|ago|dic"
    "|gen|mag|giu|lug|set|ott"
    "|mrt|mei"
    "|fev|out"
    "|sty|lut|kwi|maj|cze|lip|sie|wrz|paź|lis|gru"
)
_DAY: Final = r"(0?[1-9]|[12]\d|3[01])"  # or month: which of them comes first depends
_TIME: Final = r"([ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?)?"

_DATE: Final = "a date that a spreadsheet made of a code"
_NUMBER: Final = "a number that a spreadsheet made of a code"
_AS_TEXT: Final = "format the column as text and export it again"

_INVISIBLE: Final = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")

_DAMAGES: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), Damage(LOOKS_DAMAGED, f"looks like {what}: {remedy}"))
    for pattern, what, remedy in (
        (r"[+-]?\d+([.,]\d+)?E[+-]?\d+", _NUMBER, _AS_TEXT),
        (r"[+-]?\d+[.,]0", _NUMBER, _AS_TEXT),
        (rf"\d{{4}}-{_DAY}-{_DAY}{_TIME}", _DATE, _AS_TEXT),
        (rf"{_DAY}(?P<mark>[./-]){_DAY}(?P=mark)(\d{{4}}|\d{{2}}){_TIME}", _DATE, _AS_TEXT),
        (rf"{_DAY}[./ -] ?({_MONTHS})\.?([./ -]\d{{2,4}})?", _DATE, _AS_TEXT),
        (rf"({_MONTHS})\.?[/ -]\d{{2,4}}", _DATE, _AS_TEXT),
        (
            r"#(N/A|N/D|NV|¡?[^\W\d_]+(/0)?[!?])",
            "the error of a formula",
            "correct the formula and export it again",
        ),
        (
            r"#{2,}",
            "a column too narrow for what is in it",
            "widen the column and export it again",
        ),
    )
)


def damage_of(value: str) -> Damage | None:
    """Return what may have happened to a value.

    It may be undamaged nevertheless: ask only about values that no customer has.

    Args:
        value: At most 140 characters, trimmed.

    Returns:
        What a spreadsheet made of it, else which invisible character it has: a byte order
        mark where files were joined, or what a copy brings along; None where all is well.
    """
    found = (damage for pattern, damage in _DAMAGES if pattern.fullmatch(value))
    return next(found, None) or _invisible_in(value)


def _invisible_in(value: str) -> Damage | None:
    found = _INVISIBLE.search(value)
    if found is None:
        return None
    message = f"has a character that cannot be seen, U+{ord(found[0]):04X}: take it out"
    return Damage(INVISIBLE_CHARACTER, message)

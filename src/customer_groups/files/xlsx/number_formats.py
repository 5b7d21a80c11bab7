"""Number formats: what of that which a cell shows is more than the digits of its number."""

import re
from itertools import takewhile
from typing import Final

import attrs

__all__ = ["GENERAL", "NumberFormat", "built_in_format", "parse_format"]

_TOKEN = re.compile(
    r"""
    (?P<literal> "[^"]*"? | \\. | \*\S | \[\$[^\]-]+[^\]]*\]? | [0\#?],+(?![0\#?,]) )
    | (?P<condition> \[[<>=][^\]]*\]? )
    | (?P<date> \[[hms]+\] | am/pm | a/p )
    | (?P<point> \. | e[+-] )
    | (?P<nothing> general | \[[^\]]*\]? | [_*]. | [\#?,@\s] )
    | (?P<days> [ymdhsbeg]+ )
    | (?P<zero> 0 )
    | (?P<section> ; )
    | (?P<other> . )
    """,
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_DATE_TOKENS = {"date", "days"}
_LITERAL_TOKENS = {"literal", "other"}
_NOT_SEEN = '"\\ \xa0'
_SIGNS = set("-()")
_MOST_CHARACTERS = 255  # what Excel allows

_Tokens = list[tuple[str | None, str]]


@attrs.frozen
class _Section:
    """How a format shows numbers of one kind.

    Attributes:
        zeros: How many digits are shown at least.
        literals: What is shown beside the number.
        is_date: Whether a date or a time is shown.
        is_conditional: Whether it is for numbers above or below one that it names.
    """

    zeros: int
    literals: tuple[str, ...]
    is_date: bool
    is_conditional: bool

    @classmethod
    def of(cls, tokens: _Tokens) -> "_Section":
        kinds = {kind for kind, _ in tokens}
        whole = takewhile(lambda token: token[0] != "point", tokens)
        literals = (text.strip(_NOT_SEEN) for kind, text in tokens if kind in _LITERAL_TOKENS)
        return cls(
            zeros=sum(kind == "zero" for kind, _ in whole),
            literals=tuple(filter(None, literals)),
            is_date=not kinds.isdisjoint(_DATE_TOKENS),
            is_conditional="condition" in kinds,
        )


@attrs.frozen
class NumberFormat:
    """How numbers are shown.

    Attributes:
        code: How spreadsheet programs write it.
    """

    code: str
    _sections: tuple[_Section, ...]

    def shows_date(self, *, is_negative: bool = False) -> bool:
        """Return whether it shows a date or a time."""
        return any(section.is_date for section in self._sections_for(-1 if is_negative else 1))

    def shows_more(self, number: int) -> bool:
        """Return whether it shows letters or signs that are not in the number."""
        expected = _SIGNS if number < 0 else set()
        return any(set(section.literals) - expected for section in self._sections_for(number))

    def shows_zeros(self, number: int) -> bool:
        """Return whether it shows zeros before the number."""
        digits = len(str(abs(number)))
        return any(section.zeros > digits for section in self._sections_for(number))

    def _sections_for(self, number: int) -> tuple[_Section, ...]:
        """Return the section that shows this number, or all of them where that is not simple."""
        if any(section.is_conditional for section in self._sections):
            return self._sections
        place = 1 if number < 0 else 2 if number == 0 else 0
        return (self._sections[place if place < len(self._sections) else 0],)


def parse_format(code: str) -> NumberFormat:
    """Return what a format does, by what spreadsheet programs write for it.

    >>> parse_format("00000").shows_zeros(123), parse_format('"C"0').shows_more(123)
    (True, True)
    """
    sections: list[_Tokens] = [[]]
    for token in _TOKEN.finditer(code[:_MOST_CHARACTERS]):
        if token.lastgroup == "section":
            sections.append([])
        else:
            sections[-1].append((token.lastgroup, token[0]))
    return NumberFormat(code[:_MOST_CHARACTERS], tuple(map(_Section.of, sections)))


GENERAL: Final = parse_format("General")
"""The format of numbers that have none."""

_DATES = parse_format("yyyy-mm-dd")
_PERCENT = parse_format("0%")
_DATE_NUMBERS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59), *range(71, 82)}
_PERCENT_NUMBERS = {9, 10, 67, 68}


def built_in_format(number: int) -> NumberFormat:
    """Return a format that has a number instead of being written out in the workbook."""
    if number in _DATE_NUMBERS:
        return _DATES
    return _PERCENT if number in _PERCENT_NUMBERS else GENERAL

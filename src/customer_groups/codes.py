"""What a group code is, its check character, and how new codes are drawn."""

import random
import re
from abc import abstractmethod
from collections.abc import Callable
from typing import NewType, Protocol

import attrs

from customer_groups.errors import InvalidGroupCodeError, InvalidValueError
from customer_groups.text import trim

__all__ = [
    "ALPHABET",
    "CodeGenerator",
    "GroupCode",
    "RandomCodes",
    "SequentialCodes",
    "check_character",
    "has_valid_check",
    "parse_group_code",
]

GroupCode = NewType("GroupCode", str)
"""The canonical code of a group; made only by `parse_group_code` or a generator."""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: digits and capital letters without I, L, O and U."""

_CANONICAL = re.compile(r"[A-Z0-9][A-Z0-9._/-]{0,31}")
_VALUE = {character: value for value, character in enumerate(ALPHABET)}
_POLYNOMIAL = 0b100101  # x^5 + x^2 + 1, primitive over GF(2)
_FIELD_SIZE = 32


def parse_group_code(text: str) -> GroupCode:
    """Return the canonical form of a group code: trimmed and in capitals.

    Args:
        text: 1 to 32 ASCII letters, digits, dots, underscores, slashes or hyphens,
            the first of them a letter or digit; white space around them is ignored.

    Raises:
        InvalidGroupCodeError: it is anything else.

    >>> parse_group_code(" cg-000017 ")
    'CG-000017'
    """
    if not isinstance(text, str):
        raise InvalidGroupCodeError("group code", text, "is not text", "not_text")
    if _CANONICAL.fullmatch(text):
        return GroupCode(text)
    trimmed = trim(text)
    # Capitals of some other letters are ASCII ("ß" gives "SS"): look before, not after.
    if not trimmed.isascii() or not _CANONICAL.fullmatch(code := trimmed.upper()):
        reason = "is not 1 to 32 letters, digits or . _ / - that begin with a letter or digit"
        raise InvalidGroupCodeError("group code", text, reason)
    return GroupCode(code)


def check_character(body: str) -> str:
    """Return the check character of ``body``.

    Damm's algorithm over the field GF(32), with ``x -> 2 * (x + digit)`` as the operation
    (H. M. Damm, "Totally anti-symmetric quasigroups", 2004). It finds every substitution of
    one character, every swap of neighbours and every jump swap (``ABC`` to ``CBA``), the
    check character included, without leaving the alphabet.

    Args:
        body: Characters of `ALPHABET`.

    Raises:
        InvalidValueError: another character is among them.

    >>> check_character("000017")
    'A'
    """
    interim = 0
    for character in body:
        if character not in _VALUE:
            raise InvalidValueError("code body", body, f"may only hold {ALPHABET}")
        interim = (interim ^ _VALUE[character]) << 1
        if interim >= _FIELD_SIZE:
            interim ^= _POLYNOMIAL
    return ALPHABET[interim]


def has_valid_check(text: str) -> bool:
    """Return whether the last character of ``text`` is the check character of the rest.

    Args:
        text: The body of a code and its check character, without the prefix.
    """
    return len(text) > 1 and set(text) <= _VALUE.keys() and check_character(text[:-1]) == text[-1]


class CodeGenerator(Protocol):
    """Draws codes for new groups; pure given what it is handed."""

    @abstractmethod
    def draw(self, next_number: Callable[[str], int]) -> GroupCode:
        """Return a code that is probably free; the caller tries again where it is not.

        Args:
            next_number: Gives the next number of a named series,
                as `GroupRepository.next_number` does.
        """


def _with_check(body: str, *, check: bool) -> str:
    return body + check_character(body) if check else body


MAX_PART_LENGTH = 15  # a prefix and a body with its check character fit into a code


def _check_prefix(_instance: object, _attribute: object, prefix: str) -> None:
    if len(prefix) > MAX_PART_LENGTH or parse_group_code(f"{prefix}0") != f"{prefix}0":
        reason = f"is not the beginning of a group code, of at most {MAX_PART_LENGTH} characters"
        raise InvalidGroupCodeError("prefix", prefix, reason)


def _check_length(_instance: object, attribute: "attrs.Attribute[int]", length: int) -> None:
    if type(length) is not int or not 1 <= length <= MAX_PART_LENGTH:
        reason = f"is not a whole number from 1 to {MAX_PART_LENGTH}"
        raise InvalidValueError(attribute.name, length, reason)


@attrs.frozen
class SequentialCodes:
    """Codes that count: ``CG-000001``, ``CG-000002``, ...

    They are unique but not gapless, and a number that was committed never comes back.
    Generators with the same prefix share one series of numbers.

    Attributes:
        prefix: What every code begins with, at most 15 characters of a group code.
        width: How many digits a number has at least, 1 to 15; larger numbers are not cut.
        check: Whether a check character follows the number.
    """

    prefix: str = attrs.field(default="CG-", validator=_check_prefix)
    width: int = attrs.field(default=6, validator=_check_length)
    check: bool = False

    def draw(self, next_number: Callable[[str], int]) -> GroupCode:
        """Return the code of the next number of the series ``codes:PREFIX``."""
        body = f"{next_number(f'codes:{self.prefix}'):0{self.width}}"
        return parse_group_code(self.prefix + _with_check(body, check=self.check))


@attrs.frozen
class RandomCodes:
    """Codes that tell nothing: ``7QX0M2TD``.

    Attributes:
        source: Where randomness comes from; ``random.SystemRandom()`` for codes that
            cannot be guessed.
        length: How many random characters, 1 to 15. With 8 of them, the chance that any
            two of 10,000 groups draw the same code is 0.005 %; it is drawn again then.
        check: Whether a check character follows.
        prefix: What every code begins with, at most 15 characters of a group code.
    """

    source: random.Random
    length: int = attrs.field(default=8, validator=_check_length)
    check: bool = False
    prefix: str = attrs.field(default="", validator=_check_prefix)

    def draw(self, next_number: Callable[[str], int]) -> GroupCode:  # noqa: ARG002
        """Return random characters; the numbers are not used."""
        body = "".join(self.source.choices(ALPHABET, k=self.length))
        return parse_group_code(self.prefix + _with_check(body, check=self.check))

"""What two names being "the same" means, and how text is searched.

Databases disagree on which texts are equal and which comes first. So no rule of
this library rests on a collation: every comparison of names is a comparison of the
keys computed here, code point by code point, and gives the same answer everywhere.
"""

import enum
import re
import unicodedata
from typing import TypeVar

import attrs

from customer_groups.errors import InvalidNameError, InvalidValueError

__all__ = [
    "MatchMode",
    "TextMatch",
    "contains",
    "display_name",
    "equals",
    "fold",
    "name_key",
    "one_of",
    "plain_text",
    "refuse_unsafe",
    "starts_with",
    "text_match",
    "trim",
]

E = TypeVar("E", bound=enum.StrEnum)

MAX_RAW_LENGTH = 400  # normalising takes time quadratic in the combining marks
MAX_NAME_LENGTH = 100
MAX_KEY_LENGTH = 191  # fits a unique index on every engine

# Unicode's property White_Space (PropList.txt), which is not quite str.isspace().
_WHITE_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006"
    "\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
_RUN_OF_WHITE_SPACE = re.compile(f"[{_WHITE_SPACE}]+")

# Unicode's property Default_Ignorable_Code_Point (DerivedCoreProperties.txt).
_DEFAULT_IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)

_BIDI_EMBEDDINGS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_REFUSED_IN_NAMES = {
    "Cc": "a control character",
    "Cs": "half of a surrogate pair",
    "Cn": "a character that Unicode has not assigned",
}


def trim(text: str) -> str:
    """Return ``text`` without the white space around it."""
    return text.strip(_WHITE_SPACE)


def plain_text(field: str, text: str, longest: int) -> str:
    """Return ``text`` trimmed, once it is known to be safe to store and show on one line.

    Args:
        field: What the text is meant for, in words for the error.
        text: The text.
        longest: How many characters it may have.

    Raises:
        InvalidValueError: it is not text, empty, too long, or holds a control character,
            half of a surrogate pair or a Unicode non-character.
    """
    if not isinstance(text, str):
        raise InvalidValueError(field, text, "is not text", "not_text")
    trimmed = trim(text)
    if not trimmed:
        raise InvalidValueError(field, text, "is empty", "empty")
    refuse_unsafe(field, trimmed, longest)
    return trimmed


def refuse_unsafe(field: str, text: str, longest: int) -> None:
    """Do nothing if a text, as it is, is safe to store and show on one line.

    Args:
        field: What the text is meant for, in words for the error.
        text: The text; it may be empty.
        longest: How many characters it may have.

    Raises:
        InvalidValueError: it is too long, or holds a control character, half of a surrogate
            pair or a Unicode non-character.
    """
    if len(text) > longest:
        reason = f"is longer than {longest} characters"
        raise InvalidValueError(field, text, reason, "too_long")
    if not text.isprintable() and (unsafe := next(filter(_is_unsafe, text), None)):
        reason = f"holds U+{ord(unsafe):04X}, which is not text"
        raise InvalidValueError(field, text, reason, "bad_character")


def _is_unsafe(character: str) -> bool:
    point = ord(character)
    is_noncharacter = point & 0xFFFE == 0xFFFE or 0xFDD0 <= point <= 0xFDEF  # noqa: PLR2004
    return is_noncharacter or unicodedata.category(character) in {"Cc", "Cs"}


def one_of(kind: type[E], field: str, value: str) -> E:
    """Return the member of an enumeration that ``value`` is, or is the value of.

    Args:
        kind: The enumeration.
        field: What the value is meant for, in words for the error.
        value: The value.

    Raises:
        InvalidValueError: there is no such member.
    """
    try:
        return kind(value)
    except ValueError:
        choices = ", ".join(member.value for member in kind)
        raise InvalidValueError(field, value, f"is none of: {choices}") from None


def display_name(name: str) -> str:
    """Return the name of a group as it is stored and shown.

    Unicode normalization form C; white space trimmed, and collapsed to one space inside.

    Args:
        name: A name as a user typed it, at most 400 characters.

    Returns:
        1 to 100 characters. ``display_name`` of that returns the same.

    Raises:
        InvalidNameError: nothing is left, it is too long, it holds a control character, a
            surrogate, an unassigned character or a bidi embedding, or has no `name_key`.
    """
    if not isinstance(name, str):
        raise InvalidNameError("name", name, "is not text", "not_text")
    if len(name) > MAX_RAW_LENGTH:
        raise _too_long(name)
    shown = _collapse(unicodedata.normalize("NFC", name))
    if not shown:
        raise InvalidNameError("name", name, "is empty", "empty")
    if len(shown) > MAX_NAME_LENGTH:
        raise _too_long(name)
    if not shown.isprintable():
        _refuse_characters(shown)
    name_key(shown)
    return shown


def _too_long(name: str) -> InvalidNameError:
    reason = f"is longer than {MAX_NAME_LENGTH} characters"
    return InvalidNameError("name", name, reason, "too_long")


def _refuse_characters(name: str) -> None:
    for character in name:
        refused = _REFUSED_IN_NAMES.get(unicodedata.category(character))
        if character in _BIDI_EMBEDDINGS:
            refused = "a character that changes the direction of the text"
        if refused:
            reason = f"holds {refused}, U+{ord(character):04X}"
            raise InvalidNameError("name", name, reason, "bad_character")


def name_key(name: str) -> str:
    """Return the key of a name: two names are the same if and only if their keys are equal.

    Width, ligatures and other compatibility forms, letter case, invisible characters and
    the amount of white space make no difference; accents do.
    Based on Unicode's ``toNFKC_Casefold`` (The Unicode Standard, section 3.13, R5),
    with white space collapsed.

    Args:
        name: A name, at most 400 characters.

    Returns:
        1 to 191 characters. ``name_key`` of that returns the same. Keys sort by code point.

    Raises:
        InvalidNameError: the key would be empty, or too long.
    """
    if len(name) > MAX_RAW_LENGTH:
        raise _too_long(name)
    key = fold(name)
    if not key:
        raise InvalidNameError("name", name, "has no visible character", "empty")
    if len(key) > MAX_KEY_LENGTH:
        reason = f"has a key of more than {MAX_KEY_LENGTH} characters"
        raise InvalidNameError("name", name, reason, "too_long")
    return key


def fold(text: str) -> str:
    """Return ``text`` with all differences removed that do not count when comparing.

    Args:
        text: Any text, at most 400 characters; it need not be a valid name.

    Returns:
        The folded text, possibly empty. For a valid name this is its `name_key`.

    Raises:
        InvalidValueError: the text is too long.
    """
    if len(text) > MAX_RAW_LENGTH:
        reason = f"is longer than {MAX_RAW_LENGTH} characters"
        raise InvalidValueError("text", text, reason, "too_long")
    if text.isascii():
        return _collapse(text.lower())
    # Until nothing changes: so the fold of a fold is that fold, whatever Unicode adds.
    while (folded := _fold_once(text)) != text:
        text = folded
    return text


def _fold_once(text: str) -> str:
    visible = _DEFAULT_IGNORABLE.sub("", unicodedata.normalize("NFKC", text))
    return _collapse(unicodedata.normalize("NFKC", visible.casefold()))


def _collapse(text: str) -> str:
    return _RUN_OF_WHITE_SPACE.sub(" ", text).strip(" ")


class MatchMode(enum.StrEnum):
    """Where in a text the searched text must stand."""

    CONTAINS = "contains"
    STARTS_WITH = "starts_with"
    EQUALS = "equals"


def _searchable(text: str) -> str:
    if not isinstance(text, str):
        raise InvalidValueError("search text", text, "is not text", "not_text")
    if len(text) > MAX_RAW_LENGTH:
        reason = f"is longer than {MAX_RAW_LENGTH} characters"
        raise InvalidValueError("search text", text, reason, "too_long")
    refuse_unsafe("search text", _collapse(text), MAX_RAW_LENGTH)
    return text


def _parse_mode(mode: str) -> MatchMode:
    return one_of(MatchMode, "match mode", mode)


@attrs.frozen
class TextMatch:
    """A condition on a text: every character is taken literally, folded as names are.

    Attributes:
        text: What to look for, at most 400 characters, none of them a control character.
            Where it folds to nothing, everything contains it and starts with it.
        mode: Where it must stand.
        key: The folded text, to be compared with folded texts.
    """

    text: str = attrs.field(converter=_searchable)
    mode: MatchMode = attrs.field(default=MatchMode.CONTAINS, converter=_parse_mode)

    key: str = attrs.field(init=False, eq=False, repr=False)

    @key.default
    def _folded(self) -> str:
        return fold(self.text)

    def accepts(self, key: str) -> bool:
        """Return whether a text with this folded form satisfies the condition."""
        if self.mode is MatchMode.EQUALS:
            return key == self.key
        if self.mode is MatchMode.STARTS_WITH:
            return key.startswith(self.key)
        return self.key in key


def contains(text: str) -> TextMatch:
    """Accept what has ``text`` somewhere in it."""
    return TextMatch(text, MatchMode.CONTAINS)


def starts_with(text: str) -> TextMatch:
    """Accept what begins with ``text``."""
    return TextMatch(text, MatchMode.STARTS_WITH)


def equals(text: str) -> TextMatch:
    """Accept what is the same as ``text``."""
    return TextMatch(text, MatchMode.EQUALS)


def text_match(value: str | TextMatch | None) -> TextMatch | None:
    """Return the condition that ``value`` stands for: plain text means "contains".

    Raises:
        InvalidValueError: it stands for none.
    """
    return value if value is None or isinstance(value, TextMatch) else contains(value)

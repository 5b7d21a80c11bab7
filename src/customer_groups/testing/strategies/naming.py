"""Names of groups: those that count as the same, and those that almost do."""

import unicodedata
from collections.abc import Callable, Sequence

import attrs
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from customer_groups.errors import InvalidNameError
from customer_groups.testing.strategies.texts import (
    LETTERS,
    assigned_characters,
    beginning_with,
)
from customer_groups.text import MAX_NAME_LENGTH, display_name, name_key

__all__ = ["NameFamily", "name_families", "name_variants", "names", "near_misses"]

# None of these becomes more than two characters when it is folded.
_TRICKY_LETTERS = "aeosuAEOSUéÉöÖßẞſıİσςΣﬁÅ\u212bкКａＡ１漢字אб😀はハ"
_PUNCTUATION = " %_*?\\'\"`;,.:-–+/&|()[]{}<>=@#!~^$€"
_COMBINING = "\u0301\u0308\u0323"
_TRICKY_CHARACTERS = _TRICKY_LETTERS + _PUNCTUATION + _COMBINING + "\u00a0\u200d\u00ad\ufe0f"
_MOST_AFTER_FOLDING = 191

_FULL_WIDTH = str.maketrans({chr(point): chr(point + 0xFEE0) for point in range(0x21, 0x7F)})
_TO_KATAKANA = str.maketrans({chr(point): chr(point + 0x60) for point in range(0x3041, 0x3097)})

# Many changes tell something about each of them.
_TELLING_NAMES = ("Straße 10", "Office Café", "ΣΊΣΥΦΟΣ", "İzmir ılık", "はは 😀", "A_1 %")


def names(*, max_size: int = MAX_NAME_LENGTH) -> SearchStrategy[str]:
    """Generate names of groups, in the form in which they are stored.

    Shrinks to ``"a"``.

    Args:
        max_size: How many characters a name has at most, 1 to 100.
    """
    word = beginning_with(LETTERS, st.sampled_from(LETTERS), max_size=5)
    plain = st.lists(word, min_size=1, max_size=3).map(lambda words: " ".join(words)[:max_size])
    tricky = beginning_with(
        _TRICKY_LETTERS,
        st.sampled_from(_TRICKY_CHARACTERS),
        max_size=min(max_size, _MOST_AFTER_FOLDING // 2),
    )
    # One character may become three when it is stored, and eighteen when it is folded.
    any_text = beginning_with(LETTERS, assigned_characters(), max_size=min(max_size, 10)).map(
        lambda text: unicodedata.normalize("NFC", text)[:max_size]
    )
    longest = plain.map(lambda name: (name * max_size)[:max_size])
    return st.one_of(plain, tricky, any_text, longest).map(display_name)


_SAME_NAME: Sequence[Callable[[str], str]] = (
    str.upper,
    str.lower,
    str.swapcase,
    str.casefold,
    lambda name: unicodedata.normalize("NFD", name),
    lambda name: unicodedata.normalize("NFKC", name),
    lambda name: name.translate(_FULL_WIDTH),
    lambda name: name.replace("ss", "ß"),
    lambda name: name.replace("ß", "ss"),
    lambda name: name.replace("fi", "ﬁ"),
    lambda name: name.replace(" ", "  "),
    lambda name: name.replace(" ", "\u00a0"),
    lambda name: f"\u3000{name}\t",
    lambda name: f"{name[0]}\u200b{name[1:]}",
    lambda name: f"{name}\u00ad",
)


def name_variants(name: str) -> SearchStrategy[str]:
    """Generate names that count as the same as ``name``, as somebody might type them.

    They differ in case, Unicode normal form, width, ligatures, white space or invisible
    characters, or not at all. Shrinks to the name itself.

    Args:
        name: The name of a group.
    """
    return st.sampled_from([name, *_other_spellings(name)])


_OTHER_NAME: Sequence[Callable[[str], str]] = (
    lambda name: name[:-1],
    lambda name: name[1:],
    lambda name: f"{name}2",
    lambda name: f"{name}{name[-1]}",
    lambda name: f"{name[:-1]}_",
    lambda name: f"{name[:-1]}%",
    lambda name: f"{name}\u0301",
    lambda name: name.replace(" ", ""),
    lambda name: name.replace(" ", "-"),
    lambda name: name.replace("e", "é"),
    lambda name: name.replace("o", "ö"),
    lambda name: name.replace("i", "ı"),
    lambda name: name.replace("0", "O"),
    lambda name: name.replace("ß", "s"),
    lambda name: name.replace("😀", "😁"),
    lambda name: name.translate(_TO_KATAKANA),
    lambda name: unicodedata.normalize("NFD", name).translate(dict.fromkeys(map(ord, _COMBINING))),
)


def near_misses(name: str) -> SearchStrategy[str]:
    """Generate names that almost count as the same as ``name``, but do not.

    They differ in an accent, in one character more or less, in a space, or where a wildcard
    stands.

    Args:
        name: The name of a group.
    """
    return st.sampled_from(_other_names(name))


@attrs.frozen
class NameFamily:
    """A name among its relatives.

    Attributes:
        name: A name, in the form in which it is stored.
        same: Other spellings that count as the same name, at least one.
        different: Names that almost count as the same but do not, at least one. No two of
            them are the same either, so there can be a group for each. Like the others, they
            stand as somebody might type them.
    """

    name: str
    same: tuple[str, ...]
    different: tuple[str, ...]


def name_families(*, name: SearchStrategy[str] | None = None) -> SearchStrategy[NameFamily]:
    """Generate families of names, to assert both: these clash, and those do not.

    Shrinks to a short name with one relative of each kind.

    Args:
        name: The names; any, and some that have many relatives, where it is None.
    """
    any_name = names() | st.sampled_from(_TELLING_NAMES)
    return (any_name if name is None else name).flatmap(_families)


def _families(name: str) -> SearchStrategy[NameFamily]:
    return st.builds(
        NameFamily,
        st.just(name),
        _some_of(_other_spellings(name)),
        _some_of(_other_names(name)),
    )


def _some_of(values: Sequence[str]) -> SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), min_size=1, unique=True).map(tuple)


def _other_spellings(name: str) -> list[str]:
    """Return spellings of the name, no two equal; white space around it is always one."""
    key = name_key(name)
    spellings = dict.fromkeys(change(name) for change in _SAME_NAME)
    return [other for other in spellings if other != name and _key_of(other) == key]


def _other_names(name: str) -> list[str]:
    """Return names that are not this one, no two of them the same."""
    others = {_key_of(other): other for other in (change(name) for change in _OTHER_NAME)}
    return [other for key, other in others.items() if key not in {name_key(name), None}]


def _key_of(text: str) -> str | None:
    """Return the key of a name, or None if the text cannot be a name."""
    try:
        return name_key(display_name(text))
    except InvalidNameError:
        return None

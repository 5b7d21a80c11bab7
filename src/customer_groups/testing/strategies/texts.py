"""The texts that names, codes and the other values are made of."""

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

__all__ = ["LETTERS", "LOOK_LIKE_VALUES", "assigned_characters", "beginning_with"]

LETTERS = "abcABCxyzXYZ0123456789"
"""The first is what texts shrink to."""

LOOK_LIKE_VALUES = (
    *("0", "00", "007", "1E5", "1e5", "1E05", "0x1F", "+1", "-1", "1.0", "1,5", "1_000", "１２"),
    *("٣", "12345678901234567890", "NaN", "inf", "NULL", "None", "true", "TRUE", "2026-01-02"),
    *("1/2", "2-3", "MARCH1", "#N/A", "=1+1", "%", "_", "''"),
)
"""Texts that programs take for numbers, dates, truth, errors, formulas or patterns."""

_BIDI_EMBEDDINGS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def assigned_characters() -> SearchStrategy[str]:
    """Generate every character that a name may have."""
    return st.characters(exclude_categories=("Cc", "Cs", "Cn"), exclude_characters=_BIDI_EMBEDDINGS)


def beginning_with(first: str, rest: SearchStrategy[str], *, max_size: int) -> SearchStrategy[str]:
    """Generate texts that begin with a certain kind of character.

    Args:
        first: What they may begin with.
        rest: What may follow.
        max_size: How many characters there are at most, from 1.
    """
    return st.builds(str.__add__, st.sampled_from(first), st.text(rest, max_size=max_size - 1))

"""Searches for groups."""

from collections.abc import Sequence

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from customer_groups.model import GroupStatus
from customer_groups.query import GroupOrder, GroupQuery
from customer_groups.testing.strategies.identifiers import customer_keys
from customer_groups.testing.strategies.naming import name_variants, names
from customer_groups.text import MatchMode, TextMatch

__all__ = ["queries"]


def queries(
    *,
    names: Sequence[str] = (),
    codes: Sequence[str] = (),
    customers: Sequence[str] = (),
) -> SearchStrategy[GroupQuery]:
    """Generate searches for groups, their texts cut from values that exist.

    The texts are parts of names and codes, other spellings of them, and wildcards, which
    stand for nothing but themselves. Shrinks to the search for all groups.

    Args:
        names: The names that exist.
        codes: The codes of groups that exist.
        customers: The keys of customers that exist.
    """
    return st.builds(
        GroupQuery,
        code=st.none() | _matches(codes),
        name=st.none() | _matches(names),
        status=st.none() | st.sampled_from(GroupStatus),
        customer=st.none() | (st.sampled_from(customers) if customers else customer_keys()),
        order_by=st.sampled_from(GroupOrder),
    )


def _matches(existing: Sequence[str]) -> SearchStrategy[TextMatch]:
    literal = st.sampled_from(["", "%", "_", "*", "\\", "'", "a%", "[a-z]"])
    whole = st.sampled_from(existing) if existing else names(max_size=3)
    typed = whole.flatmap(name_variants)
    cut = whole.flatmap(_cuts)
    wild = st.builds(_with_wildcard, cut, st.sampled_from("%_*"))
    texts = st.one_of(literal, typed, cut, cut, wild)
    return st.builds(TextMatch, texts, st.sampled_from(MatchMode))


def _with_wildcard(text: str, wildcard: str) -> str:
    middle = len(text) // 2
    return f"{text[:middle]}{wildcard}{text[middle + 1 :]}"


def _cuts(text: str) -> SearchStrategy[str]:
    """Generate the parts of a text."""
    ends = st.integers(0, len(text))
    return st.builds(lambda a, b: text[min(a, b) : max(a, b)], ends, ends)

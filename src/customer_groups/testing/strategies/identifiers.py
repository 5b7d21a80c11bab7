"""Codes of groups, and codes and keys of customers."""

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from customer_groups.codes import GroupCode, parse_group_code
from customer_groups.customers import (
    MAX_CUSTOMER_CODE_LENGTH,
    CustomerCode,
    CustomerKey,
    parse_customer_code,
    parse_customer_key,
)
from customer_groups.testing.strategies.texts import LOOK_LIKE_VALUES, beginning_with

__all__ = ["customer_codes", "customer_keys", "group_codes"]

_CAPITALS_AND_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_LOOK_LIKE_OTHERS = (
    *("0", "00", "007", "7", "1E5", "1.0", "0X1F", "2026-01-02", "1/2", "NULL", "TRUE", "NAN"),
    *("A", "A-1", "A_1", "A.1", "A/1", "A-10", "A-2"),
)
_TAKEN_FOR_FORMULAS = "=+-@＝＋－＠'"


def group_codes() -> SearchStrategy[GroupCode]:
    """Generate codes of groups: counted ones, look-alikes, and any that there may be.

    Shrinks to ``"CG-000001"``.
    """
    counted = st.integers(1, 999_999).map("CG-{:06}".format)
    free = beginning_with(
        _CAPITALS_AND_DIGITS, st.sampled_from(_CAPITALS_AND_DIGITS + "._/-"), max_size=32
    )
    return st.one_of(counted, st.sampled_from(_LOOK_LIKE_OTHERS), free).map(parse_group_code)


def customer_codes() -> SearchStrategy[CustomerCode]:
    """Generate codes of customers: any text that one may have.

    Among them are numbers, what looks like a number, a date or a formula, pairs that differ
    in case alone, and codes of 140 characters. Shrinks to ``"C00001"``.
    """
    return _customer_texts().map(parse_customer_code)


def customer_keys() -> SearchStrategy[CustomerKey]:
    """Generate keys of customers: the same texts as `customer_codes`."""
    return _customer_texts().map(parse_customer_key)


def _customer_texts() -> SearchStrategy[str]:
    counted = st.integers(1, 999).map("C{:05}".format)
    visible = st.characters(exclude_categories=("Cc", "Cs", "Cn", "Z"))
    words = st.lists(st.text(visible, min_size=1, max_size=46), min_size=1, max_size=3)
    repeated = st.text(visible, min_size=1, max_size=4)
    return st.one_of(
        counted,
        st.text("0123456789", min_size=1, max_size=6),
        st.text("cC10", min_size=1, max_size=3),
        st.sampled_from(LOOK_LIKE_VALUES),
        st.builds(str.__add__, st.sampled_from(_TAKEN_FOR_FORMULAS), counted),
        words.map(" ".join),
        repeated.map(lambda text: (text * MAX_CUSTOMER_CODE_LENGTH)[:MAX_CUSTOMER_CODE_LENGTH]),
    )

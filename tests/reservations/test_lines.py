"""The lines of an order are checked before anything is locked."""

import decimal
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.errors import InvalidValueError
from customer_groups.reservations.lines import Line, added_up, in_units, parse_lines
from customer_groups.reservations.quantities import Scale
from reservations.promises import A, B

GRAMS = Scale(3)
LINES = st.lists(st.tuples(st.sampled_from([A, B]), st.decimals(1, 99, places=3)))


@pytest.mark.parametrize(
    "lines",
    [
        {" a ": 1, B: Decimal("2.5")},
        [("a", 1), (" b", Decimal("2.5"))],
        (["a", 1], ("b", Decimal("2.5"))),
        iter([("a", 1), ("b", Decimal("2.5"))]),
    ],
)
def test_lines_are_a_mapping_or_pairs(lines: Any) -> None:  # noqa: ANN401 - any form of lines
    """Their stocks are trimmed, and their order stays."""
    assert parse_lines(lines) == ((A, 1), (B, Decimal("2.5")))


def test_a_stock_may_come_twice() -> None:
    """It is added up later."""
    assert parse_lines([(A, 1), (A, 1)]) == ((A, 1), (A, 1))


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], r"^lines \(\) are none; pass at least one stock and quantity$"),
        ({}, r"^lines \(\) are none"),
        (None, r"^lines None are no pairs of a stock and a quantity$"),
        (5, r"^lines 5 are no pairs"),
        ([A], r"^line 'a' is no pair of a stock and a quantity$"),
        (A, r"^line 'a' is no pair"),
        ([5], r"^line 5 is no pair"),
        ([(A,)], r"^line \('a',\) is no pair"),
        ([(A, 1, 2)], r"^line \('a', 1, 2\) is no pair"),
        ([(A, 1), None], r"^line None is no pair"),
        ([("", 1)], r"^stock key ''"),
        ([(1, "a")], r"^stock key 1"),
        ([(A, 0)], r"^quantity 0 is not above zero"),
        ([(A, 1), (B, 0.5)], r"^quantity 0\.5 is neither"),
        ({A: "5"}, r"^quantity '5' is neither"),
        ({A: Decimal("0.0000001")}, r"^quantity 1E-7 has more than 6 decimal places"),
    ],
)
def test_what_is_no_line(lines: Any, message: str) -> None:  # noqa: ANN401 - any value
    """It says what is wrong, and with which of them."""
    with pytest.raises(InvalidValueError, match=message):
        parse_lines(lines)


def test_the_form_that_is_compared_does_not_change_with_the_scale() -> None:
    """By stock, added up, in millionths: however they were written, they ask for the same."""
    written: list[Line] = [(B, Decimal("1.50")), (A, 2), (B, Decimal("0.5"))]
    assert in_units(written) == in_units([(A, Decimal("2.000")), (B, 2)])
    assert in_units(written) == [(A, 2_000_000), (B, 2_000_000)]


def test_lines_are_added_up_as_the_scale_writes_them() -> None:
    """In the order in which the stocks come first."""
    total = added_up([(B, Decimal("1.5")), (A, 2), (B, 1)], GRAMS)
    assert [(stock, str(quantity)) for stock, quantity in total.items()] == [
        (B, "2.500"),
        (A, "2.000"),
    ]


@pytest.mark.parametrize("lines", [[(A, Decimal("0.0005"))] * 2, [(A, 1), (B, Decimal("0.0001"))]])
def test_no_line_is_finer_than_the_scale(lines: list[Line]) -> None:
    """Even where the sum would not be."""
    with pytest.raises(InvalidValueError, match=r"is finer than 3 decimal places$"):
        added_up(lines, GRAMS)


@given(LINES)
def test_sums_are_exact_whatever_the_host_calculates_in(lines: list[Line]) -> None:
    """Both forms say the same, in few digits too."""
    with decimal.localcontext(prec=2):
        total: Mapping[Any, Any] = added_up(lines, GRAMS)
        units = in_units(lines)
    assert sorted((stock, int(quantity * 10**6)) for stock, quantity in total.items()) == units

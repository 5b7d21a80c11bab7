"""Quantities are exact, as fine as declared, and never a float."""

import decimal
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.errors import InvalidValueError
from customer_groups.reservations.quantities import (
    LARGEST,
    MAX_PLACES,
    Quantity,
    Scale,
    as_number,
    as_quantity,
    asked_for,
    difference,
    from_units,
    to_units,
)

UNITS = st.integers(-9 * 10**18, 9 * 10**18)


@pytest.mark.parametrize(
    "value", [0, 5, -5, Decimal("0.000001"), Decimal("-1.50"), Decimal("1.0000000"), 9 * 10**12]
)
def test_whole_and_decimal_numbers_are_quantities(value: Quantity) -> None:
    """A change may be below zero, and zeros at the end are not places."""
    assert as_quantity("quantity", value) is value


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        (1.5, "not_a_number"),
        ("5", "not_a_number"),
        (True, "not_a_number"),
        (None, "not_a_number"),
        (Decimal("NaN"), "not_a_number"),
        (Decimal("sNaN"), "not_a_number"),
        (Decimal("Infinity"), "not_a_number"),
        (Decimal("0.0000001"), "invalid"),
        (Decimal("1e-100"), "invalid"),
        (Decimal("1e100"), "too_large"),
        (9 * 10**12 + 1, "too_large"),
        (-9 * 10**12 - 1, "too_large"),
    ],
)
def test_nothing_else_is_a_quantity(value: Any, rule: str) -> None:  # noqa: ANN401 - any value
    """A float above all, which cannot hold a tenth."""
    with pytest.raises(InvalidValueError, match=r"^weight ") as caught:
        as_quantity("weight", value)
    assert caught.value.rule == rule


@pytest.mark.parametrize("value", [5, Decimal("0.0000001"), Decimal("-1e-100"), -9 * 10**12])
def test_a_number_may_be_finer_than_a_quantity(value: Quantity) -> None:
    """What a host has is rounded later, as it counts."""
    assert as_number("quantity", value) is value


@pytest.mark.parametrize("value", [0.5, False, "5", None, Decimal("sNaN"), Decimal("-Infinity")])
def test_what_is_no_number(value: Any) -> None:  # noqa: ANN401 - any value
    """Neither an int nor a Decimal that is finite."""
    with pytest.raises(InvalidValueError, match=r"^weight ") as caught:
        as_number("weight", value)
    assert caught.value.rule == "not_a_number"


@pytest.mark.parametrize("value", [1, LARGEST, Decimal("0.000001"), Decimal("1.50")])
def test_what_somebody_may_ask_for(value: Quantity) -> None:
    """It stays as it is, whatever the scale of the host will say to it."""
    assert asked_for(value) is value


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        (0, "not_positive"),
        (Decimal("-0.5"), "not_positive"),
        (LARGEST + 1, "too_large"),
        (Decimal("0.0000001"), "invalid"),
        (0.5, "not_a_number"),
        (Decimal("NaN"), "not_a_number"),
    ],
)
def test_what_no_scale_allows(value: Any, rule: str) -> None:  # noqa: ANN401 - any value
    """It is refused before anybody knows the scale."""
    with pytest.raises(InvalidValueError, match=r"^quantity ") as caught:
        asked_for(value)
    assert caught.value.rule == rule


@given(UNITS.map(from_units), st.lists(UNITS.map(from_units), max_size=3))
def test_a_difference_is_exact(whole: Decimal, parts: list[Decimal]) -> None:
    """Whatever the host calculates in, nothing is rounded."""
    with decimal.localcontext(prec=1):
        left = difference(whole, *parts)
    assert to_units(left) == to_units(whole) - sum(map(to_units, parts))


@pytest.mark.parametrize(
    ("places", "reason"),
    [
        (0, "is not a whole number, which this host counts in"),
        (3, "is finer than 3 decimal places"),
    ],
)
def test_what_is_too_fine_is_said_in_words(places: int, reason: str) -> None:
    """Nobody counts in zero decimal places."""
    with pytest.raises(InvalidValueError) as caught:
        Scale(places).checked(Decimal("0.0005"))
    assert str(caught.value) == f"quantity 0.0005 {reason}"


@given(UNITS)
def test_units_come_back(units: int) -> None:
    """Whatever storages keep in 64 bits is the quantity that it was."""
    assert to_units(from_units(units)) == units


@given(st.integers(-9 * 10**12, 9 * 10**12))
def test_whole_numbers_are_millions_of_units(number: int) -> None:
    """One is a million millionths."""
    assert to_units(number) == number * 10**6


@pytest.mark.parametrize("precision", [1, 28])
def test_the_precision_of_the_host_does_not_matter(precision: int) -> None:
    """A host that calculates in few digits loses none of ours."""
    quantity = Decimal("123456789.123456")
    with decimal.localcontext(prec=precision):
        assert as_quantity("quantity", quantity) == quantity
        assert from_units(to_units(quantity)) == quantity
        assert Scale(6).checked(quantity) == quantity


@pytest.mark.parametrize("places", [-1, 7, 1.0, True, "2", None])
def test_a_scale_is_a_small_whole_number(places: Any) -> None:  # noqa: ANN401 - any value
    """From none to six decimal places."""
    with pytest.raises(InvalidValueError, match=r"^scale .* from 0 to 6$"):
        Scale(places)


@pytest.mark.parametrize(
    ("places", "quantity", "expected"),
    [
        (0, 3, "3"),
        (0, Decimal("3.00"), "3"),
        (0, LARGEST, "1000000000"),
        (2, 3, "3.00"),
        (2, Decimal("1.5"), "1.50"),
        (6, Decimal("0.000001"), "0.000001"),
    ],
)
def test_what_is_asked_for_gets_its_normal_form(
    places: int, quantity: Quantity, expected: str
) -> None:
    """An int where pieces are counted, otherwise a Decimal with all its places."""
    checked = Scale(places).checked(quantity)
    assert str(checked) == expected
    assert type(checked) is (Decimal if places else int)


@pytest.mark.parametrize(
    ("quantity", "rule"),
    [
        (0, "not_positive"),
        (Decimal("-0.0"), "not_positive"),
        (-1, "not_positive"),
        (LARGEST + 1, "too_large"),
        (Decimal("1.005"), "too_fine"),
        (1.0, "not_a_number"),
    ],
)
def test_what_nobody_can_ask_for(quantity: Any, rule: str) -> None:  # noqa: ANN401 - any value
    """Nothing, less than nothing, more than a thousand million, or finer than is counted."""
    with pytest.raises(InvalidValueError, match=r"^quantity ") as caught:
        Scale(2).checked(quantity)
    assert caught.value.rule == rule


@given(st.integers(0, MAX_PLACES), st.decimals(-(10**9), 10**9, places=MAX_PLACES))
def test_the_normal_form_is_the_next_lower_one(places: int, quantity: Decimal) -> None:
    """What a host has is never rounded up, and once normal stays so."""
    scale = Scale(places)
    normal = scale.normal(quantity)
    assert 0 <= quantity - normal < Decimal(1).scaleb(-places)
    assert str(scale.normal(normal)) == str(normal)

"""What a host declares, and what it asks for by mistake."""

from decimal import Decimal
from typing import Any

import pytest

from customer_groups.errors import InvalidValueError
from customer_groups.reservations.consuming import consume
from customer_groups.reservations.quantities import Quantity, Scale
from customer_groups.reservations.repository import ReservationRules
from customer_groups.reservations.reserving import reserve
from reservations.furnished import MEMBER, furnished
from reservations.promises import A


def test_a_scale_may_be_a_number_of_places() -> None:
    """Which is what most hosts write."""
    assert ReservationRules(scale=3) == ReservationRules(scale=Scale(3))
    assert ReservationRules().scale == Scale(0)


@pytest.mark.parametrize(
    ("scale", "allowance"), [(0, 5), (0, -5), (0, Decimal("5.00")), (2, Decimal("-0.25")), (2, 1)]
)
def test_an_allowance_is_as_fine_as_the_scale(scale: int, allowance: Quantity) -> None:
    """It may be below zero."""
    assert ReservationRules(scale=scale, allowance=allowance).allowance == allowance


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        (
            {"allowance": Decimal("0.5")},
            "^allowance 0.5 is not a whole number, which this host counts in$",
        ),
        (
            {"scale": 1, "allowance": Decimal("-0.25")},
            "^allowance -0.25 is finer than 1 decimal places$",
        ),
        ({"allowance": 0.5}, "^allowance 0.5 is neither"),
        ({"allowance": None}, "^allowance None is neither"),
        ({"allowance": Decimal("1E-9"), "scale": 6}, "^allowance 1E-9 has more than 6"),
        ({"scale": 7}, "^scale 7 is not a whole number from 0 to 6$"),
        ({"scale": None}, "^scale None is not"),
        ({"scale": True}, "^scale True is not"),
    ],
)
def test_no_rules_break_a_rule(rules: dict[str, Any], message: str) -> None:
    """Neither what cannot be counted nor what could be promised to nobody."""
    with pytest.raises(InvalidValueError, match=message):
        ReservationRules(**rules)


@pytest.mark.parametrize("flag", [1, 0, None, "yes"])
def test_a_flag_is_true_or_false(flag: Any) -> None:  # noqa: ANN401 - any value
    """What only looks like it is refused before anything is noted."""
    with furnished({A: 10}, "G").transaction() as work:
        with pytest.raises(InvalidValueError, match=r"^holds_before_start .* is neither True nor"):
            reserve(work, "G", A, 1, request_id="q", holds_before_start=flag)
        with pytest.raises(
            InvalidValueError, match=r"^allow_partial .* is neither True nor False$"
        ):
            consume(work, MEMBER, {A: 1}, request_id="q", allow_partial=flag)
        assert work.reservations.begin("q", "no trace of it") is None

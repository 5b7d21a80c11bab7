"""Values of reservations become plain records and come back equal."""

import json
from decimal import Decimal
from typing import Any

import cattrs
import pytest
from hypothesis import given

from customer_groups.errors import InvalidValueError
from customer_groups.reservations.converters import make_converter
from customer_groups.reservations.model import (
    GroupReservation,
)
from customer_groups.reservations.quantities import Quantity
from reservations.generated import AVAILABLE, DRAWS, ENTRIES, RESERVATIONS, SHORTAGES
from reservations.promises import DAY, NOW, reservation


@given(RESERVATIONS | ENTRIES | DRAWS | AVAILABLE | SHORTAGES)
def test_what_goes_through_json_comes_back_equal(value: Any) -> None:  # noqa: ANN401 - any value
    """Quantities too, to the last zero after the point."""
    converter = make_converter()
    text = json.dumps(converter.unstructure(value))
    back = converter.structure(json.loads(text), type(value))
    assert back == value
    assert json.dumps(converter.unstructure(back)) == text


def test_a_reservation_as_a_record() -> None:
    """An int stays a number, a Decimal is text with all its places."""
    made = reservation(
        quantity=Decimal("10.50"), consumed=3, valid_to=NOW, group_created_at=NOW - DAY
    )
    assert make_converter().unstructure(made) == {
        "id": "r",
        "group": "G",
        "group_created_at": "2026-01-01T03:04:05.000006+00:00",
        "stock": "a",
        "quantity": "10.50",
        "consumed": 3,
        "valid_from": None,
        "valid_to": "2026-01-02T03:04:05.000006+00:00",
        "priority": 50,
        "holds_before_start": True,
        "state": "active",
        "created_at": "2026-01-02T03:04:05.000006+00:00",
        "created_by": None,
    }


@pytest.mark.parametrize(
    "quantity", [1.5, True, None, "ten", "", "NaN", "0.0000001", "1e100", [1], {"value": 1}]
)
def test_nothing_else_is_a_quantity(quantity: object) -> None:
    """A float least of all: a reader of JSON makes one of 0.1, which is none."""
    with pytest.raises(InvalidValueError, match=r"^quantity "):
        make_converter().structure(quantity, Quantity)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    [
        {"owner": "anna"},
        {"quantity": 1.5},
        {"quantity": None},
        {"quantity": -1},
        {"consumed": 11},
        {"priority": "50"},
        {"holds_before_start": 1},
        {"state": "open"},
        {"valid_to": "tomorrow"},
        {"group": 5},
        {"group_created_at": "long ago"},
        {"stock": ""},
    ],
)
def test_a_bad_record_is_refused(change: dict[str, object]) -> None:
    """Unknown keys, and values that are of another type or break their rules."""
    record = make_converter().unstructure(reservation())
    with pytest.raises((cattrs.ClassValidationError, InvalidValueError)):
        make_converter().structure(record | change, GroupReservation)

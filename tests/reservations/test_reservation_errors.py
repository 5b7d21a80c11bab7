"""The errors of reservations: one line each, with what to do next."""

import copy
import pickle
from decimal import Decimal

import pytest

from customer_groups.errors import CustomerGroupsError
from customer_groups.reservations import errors
from customer_groups.reservations.errors import (
    ConsumptionNotFoundError,
    GroupInactiveError,
    InsufficientStockError,
    NotOutstandingError,
    RequestReusedError,
    ReservationClosedError,
    ReservationError,
    ReservationNotFoundError,
    ReservationsHeldError,
    Shortage,
)

SHORT = Shortage("a\nb", 5, 2)
MESSAGES: dict[ReservationError, str] = {
    InsufficientStockError((SHORT,)): (
        r"5 of 'a\nb' are wanted and 2 can be had; ask for less, or release a reservation first"
    ),
    GroupInactiveError("G"): (
        "the group 'G' gains no stock: it is switched off, or was not switched on"
        " by activate_group of customer_groups.reservations; do that first"
    ),
    ReservationNotFoundError("a\nb"): (
        r"there is no reservation 'a\nb'; look it up with find_reservations"
    ),
    ReservationClosedError("r", "expired"): "the reservation 'r' is expired; make a new one",
    ConsumptionNotFoundError("a\nb"): (
        r"no request 'a\nb' consumed anything; pass the request_id that consume was called with"
    ),
    NotOutstandingError("c", (SHORT,)): (
        r"5 of 'a\nb' are asked for and 2 are outstanding, of what 'c' consumed"
    ),
    NotOutstandingError("e", (Shortage("a", Decimal("40.000"), Decimal("2.500")),)): (
        "40 of 'a' are asked for and 2.5 are outstanding, of what 'e' consumed"
    ),
    InsufficientStockError((Shortage("a", Decimal("1E+2"), Decimal("8.000")),)): (
        "100 of 'a' are wanted and 8 can be had; ask for less, or release a reservation first"
    ),
    NotOutstandingError("d", ()): "nothing is outstanding, of what 'd' consumed",
    RequestReusedError("a\nb"): (
        r"the request 'a\nb' asked for something else before;"
        " send exactly the same again, or use a new id"
    ),
    ReservationsHeldError("G", ("r", "s")): (
        "stock is held or planned for the group 'G' by r, s;"
        " release it first, or say by holdings what is to become of it"
    ),
}


def test_every_class_has_a_message() -> None:
    """The examples here leave none out."""
    classes = {type(error).__name__ for error in MESSAGES}
    assert classes == set(errors.__all__) - {"ReservationError", "Shortage", "written"}


@pytest.mark.parametrize(("error", "message"), MESSAGES.items())
def test_the_message_says_what_to_do(error: ReservationError, message: str) -> None:
    """On one line, whatever the values are."""
    assert str(error) == message


@pytest.mark.parametrize("error", MESSAGES)
def test_one_base_and_a_builtin_parent(error: ReservationError) -> None:
    """Whoever knows only Python's own errors, or only those of the groups, can catch ours."""
    assert isinstance(error, CustomerGroupsError)
    assert isinstance(error, ValueError | LookupError)


@pytest.mark.parametrize("error", MESSAGES)
def test_errors_survive_pickle_and_copy(error: ReservationError) -> None:
    """An error that crosses a process or is copied keeps its type, data and message."""
    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):  # noqa: S301 - our own bytes
        assert type(other) is type(error)
        assert str(other) == str(error)


@pytest.mark.parametrize(
    "kind", [InsufficientStockError, lambda short: NotOutstandingError("c", short)]
)
def test_a_long_list_of_shortages_is_cut(kind: type[InsufficientStockError]) -> None:
    """Five of them are shown; all of them are in the field."""
    error = kind(tuple(Shortage(f"s{number}", 2, 1) for number in range(7)))
    assert "s4" in str(error)
    assert "s5" not in str(error)
    assert len(error.shortages) == 7


@pytest.mark.parametrize(
    ("number", "listed"), [(5, "by r0, r1, r2, r3, r4;"), (7, "by r0, r1, r2, r3, r4 and 2 more;")]
)
def test_a_long_list_of_reservations_is_cut(number: int, listed: str) -> None:
    """It says how many it leaves out; all of them are in the field."""
    error = ReservationsHeldError("G", tuple(f"r{each}" for each in range(number)))
    assert listed in str(error)
    assert len(error.reservations) == number

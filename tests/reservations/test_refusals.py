"""What cannot be set aside, given up, moved or taken is refused, and nothing has changed."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from customer_groups.errors import CustomerGroupsError, GroupNotFoundError, InvalidValueError
from customer_groups.reservations.asking import availability, get_reservation
from customer_groups.reservations.consuming import consume, settle, unconsume
from customer_groups.reservations.errors import (
    ConsumptionNotFoundError,
    GroupInactiveError,
    InsufficientStockError,
    ReservationClosedError,
    ReservationNotFoundError,
)
from customer_groups.reservations.groups import deactivate_group
from customer_groups.reservations.repository import ReservationWork
from customer_groups.reservations.reserving import reallocate, release, reserve
from customer_groups.service import deactivate_group as deactivate_in_core
from reservations.furnished import MEMBER, furnished
from reservations.promises import DAY, NOW, A

G6 = partial(reserve, group="G", stock=A, quantity=6)
REFUSALS: dict[str, tuple[Callable[..., object], type[CustomerGroupsError], str]] = {
    "no group": (
        partial(reserve, group="NONE", stock=A, quantity=1),
        GroupNotFoundError,
        "NONE",
    ),
    "inactive": (partial(reserve, group="OFF", stock=A, quantity=1), GroupInactiveError, "'OFF'"),
    "inactive past its gate": (
        partial(reserve, group="PAST", stock=A, quantity=1),
        GroupInactiveError,
        "'PAST'",
    ),
    "too much": (G6, InsufficientStockError, "^6 of 'a' are wanted and 5 can be had;"),
    "over": (partial(G6, valid_to=NOW), InvalidValueError, "^valid_to .* has passed already$"),
    "unknown": (partial(release, reservation="none"), ReservationNotFoundError, "'none'"),
    "closed": (partial(release, reservation="done"), ReservationClosedError, "is released; make"),
    "more than remains": (
        partial(release, reservation="r", quantity=5),
        InvalidValueError,
        "^quantity 5 is more than the 4 that remain of r$",
    ),
    "to itself": (
        partial(reallocate, reservation="r", group="G"),
        InvalidValueError,
        "^group 'G' has this reservation already",
    ),
    "nothing to move": (
        partial(reallocate, reservation="all gone", group="H"),
        InvalidValueError,
        "^quantity 0 is all that remains; there is nothing to move$",
    ),
    "to an inactive one": (
        partial(reallocate, reservation="r", group="OFF"),
        GroupInactiveError,
        "'OFF'",
    ),
    "more than there is": (
        partial(consume, customer="STRANGER", lines={A: 6}),
        InsufficientStockError,
        "^6 of 'a' are wanted and 5 can be had;",
    ),
    "unknown order": (partial(settle, consumption="none"), ConsumptionNotFoundError, "'none'"),
    "no order": (partial(unconsume, consumption="r"), ConsumptionNotFoundError, "'r'"),
}


@pytest.fixture
def work() -> Iterator[ReservationWork]:
    """Open a unit of work where five of ten are free, four held, and one is consumed."""
    with furnished({A: 10}, "G", "H", "OFF", "PAST").transaction() as work:
        reserve(work, "G", A, 1, request_id="all gone", at=NOW)
        consume(work, MEMBER, {A: 1}, request_id="c", at=NOW)
        reserve(work, "G", A, 4, request_id="r", valid_to=NOW + DAY, at=NOW)
        reserve(work, "G", A, 1, request_id="done", at=NOW)
        release(work, "done", request_id="release", at=NOW)
        deactivate_group(work, "OFF", request_id="off", at=NOW)
        deactivate_in_core(work.core, "PAST", at=NOW)
        yield work


@pytest.mark.parametrize(("ask", "error", "message"), REFUSALS.values(), ids=REFUSALS)
def test_what_is_refused_leaves_no_trace(
    work: ReservationWork,
    ask: Callable[..., object],
    error: type[CustomerGroupsError],
    message: str,
) -> None:
    """It says why, and what to do; its id may be used again."""
    before, totals = availability(work, A, at=NOW), work.reservations.totals([A])
    with pytest.raises(error, match=message):
        ask(work, request_id="q", at=NOW)
    assert availability(work, A, at=NOW) == before
    assert work.reservations.totals([A]) == totals
    assert work.reservations.begin("q", "no trace of it") is None


def test_a_reservation_without_a_quantity_is_given_up_or_moved_whole(work: ReservationWork) -> None:
    """All that remains of it."""
    moved = reallocate(work, "r", "H", request_id="q", at=NOW)
    assert (moved.source.remaining, moved.target.remaining) == (0, 4)
    assert release(work, "q", request_id="rest", at=NOW).held == 0
    assert get_reservation(work, "q").state == "released"

"""The values of reservations, and how a reservation changes."""

import decimal
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.errors import InvalidValueError
from customer_groups.model import CustomerGroup
from customer_groups.reservations.model import (
    GroupReservation,
    ReservationState,
    parse_request_id,
    parse_reservation_id,
    parse_stock_key,
)
from reservations.promises import DAY, NOW, group, reservation

PLANNED, ACTIVE, EXHAUSTED, RELEASED, EXPIRED = ReservationState
BEFORE_YEAR_ONE = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1)))
IN_ORDER = [
    reservation(id="z", priority=1, created_at=NOW + DAY),
    reservation(id="y", valid_to=NOW, created_at=NOW + DAY),
    reservation(id="x", valid_to=NOW + DAY, created_at=NOW - DAY),
    reservation(id="t", valid_to=NOW + DAY),
    reservation(id="w", created_at=NOW - DAY),
    reservation(id="u"),
    reservation(id="v"),
    reservation(id="a", priority=51, valid_to=NOW, created_at=NOW - DAY),
]


@pytest.mark.parametrize(
    ("parse", "longest"),
    [(parse_stock_key, 140), (parse_request_id, 80), (parse_reservation_id, 80)],
)
def test_keys_are_short_plain_text(parse: Callable[[str], str], longest: int) -> None:
    """Trimmed, not empty, and on one line; compared exactly."""
    assert parse(" a/B ") == "a/B"
    assert parse("x" * longest) == "x" * longest
    for wrong in ("", " ", "x" * (longest + 1), "a\nb", "a\0b"):
        with pytest.raises(InvalidValueError):
            parse(wrong)


def test_a_reservation_is_parsed() -> None:
    """Codes, times, texts and states get their normal form."""
    made = GroupReservation(
        id=" r ",
        group=" g ",
        stock=" a ",
        quantity=1,
        state="planned",
        valid_from=datetime.fromisoformat("2026-01-02T05:00:00+02:00"),
        created_at=NOW,
        created_by=" anna ",
    )
    assert (made.id, made.group, made.stock, made.created_by) == ("r", "G", "a", "anna")
    assert made.state is PLANNED
    assert made.valid_from == datetime.fromisoformat("2026-01-02T03:00:00Z")
    assert made.valid_from.utcoffset() == NOW.utcoffset()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": ""}, "^reservation "),
        ({"group": "?"}, "code"),
        ({"stock": ""}, "^stock key "),
        ({"quantity": -1}, "^quantity -1 is below zero"),
        ({"quantity": 1.5}, "^quantity 1.5 is neither"),
        ({"consumed": -1}, "^quantity -1 is below zero"),
        ({"consumed": 11}, "^consumed quantity 11 is more than the quantity, 10"),
        ({"priority": 0}, "^priority 0 is not a whole number from 1 to 99"),
        ({"priority": 100}, "^priority 100 "),
        ({"priority": True}, "^priority True "),
        ({"priority": 1.0}, "^priority 1.0 "),
        ({"state": "open"}, "^state 'open'"),
        ({"holds_before_start": 1}, "^holds_before_start 1 is neither True nor False"),
        ({"holds_before_start": "no"}, "^holds_before_start 'no' is neither"),
        ({"group_created_at": NOW.replace(tzinfo=None)}, "time"),
        ({"valid_from": BEFORE_YEAR_ONE}, "^time '0001-01-01T.*' is before the year 1$"),
        ({"valid_to": BEFORE_YEAR_ONE}, "^time .* is before the year 1$"),
        ({"valid_from": NOW.replace(tzinfo=None)}, "time"),
        ({"valid_from": NOW, "valid_to": NOW}, "^valid_to .* is not after valid_from, "),
        ({"valid_from": NOW, "valid_to": NOW - DAY}, "^valid_to .* is not after valid_from, "),
        ({"created_by": "a\nb"}, "a.nb"),
    ],
)
def test_no_reservation_breaks_a_rule(change: dict[str, Any], message: str) -> None:
    """Whatever is wrong with a field is said when the value is made."""
    with pytest.raises(InvalidValueError, match=message):
        reservation(**change)


@pytest.mark.parametrize("priority", [1, 99])
def test_priorities_have_bounds(priority: int) -> None:
    """The first and the last one are priorities."""
    assert reservation(priority=priority).priority == priority


@pytest.mark.parametrize("window", [{"valid_from": NOW}, {"valid_to": NOW}, {}])
def test_a_window_may_be_open(window: dict[str, datetime]) -> None:
    """It needs neither a start nor an end."""
    made = reservation(**window)
    assert (made.valid_from, made.valid_to) == (window.get("valid_from"), window.get("valid_to"))


@pytest.mark.parametrize(
    ("state", "is_open", "has_more"),
    [
        (PLANNED, True, True),
        (ACTIVE, True, True),
        (EXHAUSTED, True, False),
        (RELEASED, False, False),
        (EXPIRED, False, False),
    ],
)
def test_what_a_state_means(state: ReservationState, *, is_open: bool, has_more: bool) -> None:
    """Only released and expired ones are over for good."""
    assert state.is_open is is_open
    assert state.has_more is has_more


@pytest.mark.parametrize(
    ("state", "holds_before_start", "held"),
    [
        (PLANNED, True, 7),
        (PLANNED, False, 0),
        (ACTIVE, True, 7),
        (ACTIVE, False, 7),
        (EXHAUSTED, True, 0),
        (RELEASED, True, 0),
        (EXPIRED, True, 0),
    ],
)
def test_what_is_held(state: ReservationState, *, holds_before_start: bool, held: int) -> None:
    """What remains, unless it has not begun and waits, or is over."""
    made = reservation(consumed=3, state=state, holds_before_start=holds_before_start)
    assert made.remaining == 7
    assert made.held == held


@pytest.mark.parametrize(
    ("made_for", "asking", "is_for"),
    [
        (NOW, group(), True),
        (None, group(), True),
        (NOW - DAY, group(), False),
        (NOW, group("H"), False),
        (None, group("H"), False),
    ],
)
def test_who_a_reservation_is_for(
    made_for: datetime | None, asking: CustomerGroup, *, is_for: bool
) -> None:
    """The group that it was made for, and no other that has its code later."""
    assert reservation(group_created_at=made_for).is_for(asking) is is_for


def test_what_remains_is_exact_whatever_the_host_calculates_in() -> None:
    """A host that has set few digits for its own numbers sees all of ours."""
    made = reservation(quantity=Decimal("123456789.123456"), consumed=Decimal("0.000001"))
    with decimal.localcontext(prec=3):
        assert made.remaining == made.held == Decimal("123456789.123455")


@pytest.mark.parametrize("state", ReservationState)
def test_what_is_due(state: ReservationState) -> None:
    """The end is no part of the window; what is over cannot be due."""
    assert reservation(state=state, valid_to=NOW).is_due(NOW) is state.is_open
    assert not reservation(state=state, valid_to=NOW + DAY).is_due(NOW)
    assert not reservation(state=state).is_due(NOW)


@pytest.mark.parametrize("state", ReservationState)
def test_what_begins(state: ReservationState) -> None:
    """The start is a part of the window; only what is planned can begin."""
    is_planned = state is PLANNED
    assert reservation(state=state, valid_from=NOW).begins(NOW) is is_planned
    assert reservation(state=state).begins(NOW) is is_planned
    assert not reservation(state=state, valid_from=NOW + DAY).begins(NOW)


@given(st.permutations(IN_ORDER))
def test_the_order_of_consumption(mixed: list[GroupReservation]) -> None:
    """Priority, then the earliest end, then age, then the id."""
    assert sorted(mixed, key=GroupReservation.order_of_consumption) == IN_ORDER


def test_beginning() -> None:
    """A planned reservation becomes active, with what it gets."""
    begun = reservation(state=PLANNED).begun(4)
    assert (begun.state, begun.quantity, begun.held) == (ACTIVE, 4, 4)


@pytest.mark.parametrize(
    ("consumed", "change", "after", "state"),
    [
        (0, 4, 4, ACTIVE),
        (4, 6, 10, EXHAUSTED),
        (10, -1, 9, ACTIVE),
        (10, -10, 0, ACTIVE),
        (0, 0, 0, ACTIVE),
    ],
)
def test_consuming_and_giving_back(
    consumed: int, change: int, after: int, state: ReservationState
) -> None:
    """It is exhausted when nothing remains, and active when something does."""
    changed = reservation(consumed=consumed).with_consumed(change)
    assert (changed.consumed, changed.state) == (after, state)
    assert changed.quantity == 10


@pytest.mark.parametrize("change", [7, -4])
def test_nobody_consumes_what_is_not_there(change: int) -> None:
    """Neither more than remains nor less than nothing."""
    with pytest.raises(InvalidValueError):
        reservation(consumed=4 if change > 0 else 3).with_consumed(change)


@pytest.mark.parametrize(
    ("state", "consumed", "by", "after"),
    [
        (ACTIVE, 0, 4, ACTIVE),
        (ACTIVE, 4, 2, ACTIVE),
        (ACTIVE, 4, 6, EXHAUSTED),
        (ACTIVE, 0, 10, RELEASED),
        (PLANNED, 0, 4, PLANNED),
        (PLANNED, 0, 10, RELEASED),
        (EXHAUSTED, 10, 0, EXHAUSTED),
    ],
)
def test_lowering(state: ReservationState, consumed: int, by: int, after: ReservationState) -> None:
    """What remains is lowered; the rest is exhausted or, where it is nothing, released."""
    lowered = reservation(state=state, consumed=consumed).lowered(by)
    assert (lowered.quantity, lowered.consumed, lowered.state) == (10 - by, consumed, after)


def test_no_reservation_is_lowered_below_what_is_consumed() -> None:
    """What members have taken, they have taken."""
    with pytest.raises(InvalidValueError, match="consumed quantity"):
        reservation(consumed=4).lowered(7)


@pytest.mark.parametrize("state", [RELEASED, EXPIRED])
def test_ending(state: ReservationState) -> None:
    """It holds nothing any more, and its quantities stay for the record."""
    ended = reservation(consumed=4).ended(state)
    assert (ended.state, ended.held) == (state, 0)
    assert (ended.quantity, ended.consumed) == (10, 4)


@given(st.lists(st.integers(-10, 10)))
def test_consumed_stays_within_the_quantity(changes: list[int]) -> None:
    """Whatever is tried, and the state always says whether something remains."""
    made = reservation()
    for change in changes:
        fits = 0 <= made.consumed + change <= 10
        if fits:
            made = made.with_consumed(change)
        else:
            with pytest.raises(InvalidValueError):
                made.with_consumed(change)
        assert (made.state is EXHAUSTED) == (made.remaining == 0)
        assert made.held == made.remaining

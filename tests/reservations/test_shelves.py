"""A stock while one request changes it: examples of each decision."""

import pytest

from customer_groups.customers import CustomerKey
from customer_groups.reservations.model import (
    EntryKind,
    ReservationState,
    StockKey,
)
from customer_groups.reservations.repository import (
    Booking,
)
from customer_groups.reservations.requests import Request
from customer_groups.reservations.shelves import (
    booking_of,
)
from reservations.promises import (
    DAY,
    NOW,
    A,
    B,
    draw,
    entry,
    group,
    moves,
    reservation,
    shelf_of,
)

G, H = group("G"), group("H")
CUSTOMER = CustomerKey("C1")
PLANNED, ACTIVE, EXHAUSTED, RELEASED, EXPIRED = ReservationState
REQUEST = Request("q", NOW, "anna")


def test_what_may_be_promised() -> None:
    """What is on hand and the allowance; the allowance alone where the host was not asked."""
    assert shelf_of(on_hand=5, allowance=2).limit == 7
    assert shelf_of(on_hand=5, allowance=-2).limit == 3
    assert shelf_of(on_hand=None, allowance=2).limit == 2


@pytest.mark.parametrize(("on_hand", "free"), [(20, 5), (15, 0), (9, 0)])
def test_what_is_free(on_hand: int, free: int) -> None:
    """What is not promised; never below zero."""
    assert shelf_of(reservation(), on_hand=on_hand, outstanding=5).free == free


@pytest.mark.parametrize(
    ("on_hand", "to_one", "to_both", "to_nobody"),
    [(30, 19, 27, 12), (18, 7, 15, 0), (10, 7, 7, 0), (4, 1, 1, 0), (2, 0, 0, 0)],
)
def test_what_is_available(on_hand: int, to_one: int, to_both: int, to_nobody: int) -> None:
    """What is free and what one's groups hold, but no more than is left beside the orders."""
    own = reservation(consumed=3, id="g")
    shelf = shelf_of(
        own, reservation(id="h", group="H", quantity=8), on_hand=on_hand, outstanding=3
    )
    assert shelf.available_to([G]) == to_one
    assert shelf.available_to([G, H]) == to_both
    assert shelf.available_to([]) == to_nobody


@pytest.mark.parametrize("state", [PLANNED, EXHAUSTED, RELEASED, EXPIRED])
def test_only_active_reservations_give(state: ReservationState) -> None:
    """What is planned is held from everybody, its own group included."""
    shelf = shelf_of(reservation(consumed=2, state=state), on_hand=20)
    assert shelf.available_to([G]) == shelf.free
    assert shelf.take(CUSTOMER, [G], 1) == [(None, 1)]


def test_another_group_with_the_code_has_no_part_in_what_is_held() -> None:
    """What is set aside for whichever group has the code is for that one, too."""
    shelf = shelf_of(
        reservation(id="old", group_created_at=NOW - DAY),
        reservation(id="own", group_created_at=NOW, quantity=4),
        reservation(id="any", quantity=2),
        on_hand=16,
    )
    assert shelf.available_to([G]) == 6
    assert shelf.available_to([group(created_at=NOW - DAY)]) == 12
    assert shelf.take(CUSTOMER, [G], 9) == [("any", 2), ("own", 4)]


def test_what_is_held_for_each_group() -> None:
    """Added up, by code; groups for which nothing is held are left out."""
    shelf = shelf_of(
        reservation(id="1", group="H", consumed=1),
        reservation(id="2", group="H", state="planned"),
        reservation(id="3", group="G", quantity=5),
        reservation(id="4", group="A", state="planned", holds_before_start=False),
        on_hand=100,
    )
    assert shelf.held_by_group() == (("G", 5), ("H", 19))


def test_taking_follows_the_order() -> None:
    """Own reservations by priority, end and age, then what is free."""
    shelf = shelf_of(
        reservation(id="old", quantity=3, created_at=NOW - DAY),
        reservation(id="ending", quantity=2, valid_to=NOW + DAY),
        reservation(id="first", quantity=1, priority=1),
        reservation(id="foreign", quantity=9, group="H", priority=1),
        on_hand=20,
    )
    assert shelf.take(CUSTOMER, [G], 8) == [("first", 1), ("ending", 2), ("old", 3), (None, 2)]
    assert moves(shelf) == [
        (EntryKind.CONSUME, -1, 1, "first"),
        (EntryKind.CONSUME, -2, 2, "ending"),
        (EntryKind.CONSUME, -3, 3, "old"),
        (EntryKind.CONSUME, 0, 2, None),
    ]
    assert {each.customer for each in shelf.moves} == {CUSTOMER}
    assert (shelf.held, shelf.outstanding) == (9, 8)
    assert all(shelf.changed[each].state is EXHAUSTED for each in ("first", "ending", "old"))


def test_no_more_is_taken_than_there_is() -> None:
    """Taking more than is available takes that; nothing is noted where there is nothing."""
    shelf = shelf_of(reservation(group="H"), on_hand=12)
    assert shelf.take(CUSTOMER, [G], 5) == [(None, 2)]
    assert shelf.take(CUSTOMER, [G], 5) == []
    assert len(shelf.moves) == 1


@pytest.mark.parametrize("state", [ACTIVE, EXHAUSTED])
def test_giving_back_to_a_reservation(state: ReservationState) -> None:
    """It holds what came back, and is active again."""
    before = reservation(quantity=10 if state is EXHAUSTED else 12, consumed=10, state=state)
    shelf = shelf_of(before, on_hand=20, outstanding=10)
    shelf.give_back(draw(reservation="r"), 4)
    assert moves(shelf) == [(EntryKind.UNCONSUME, 4, -4, "r")]
    assert shelf.moves[0].customer == CUSTOMER
    assert shelf.changed["r"].consumed == 6
    assert shelf.changed["r"].state is ACTIVE
    assert shelf.outstanding == 6


@pytest.mark.parametrize(
    ("state", "came_from"),
    [(RELEASED, "r"), (EXPIRED, "r"), (ACTIVE, "gone"), (ACTIVE, None)],
)
def test_giving_back_to_free_stock(state: ReservationState, came_from: str | None) -> None:
    """Where the reservation has ended, is not known, or there was none."""
    shelf = shelf_of(reservation(consumed=10, state=state), on_hand=20, outstanding=10)
    shelf.give_back(draw(reservation=came_from), 4)
    assert moves(shelf) == [(EntryKind.UNCONSUME, 0, -4, came_from)]
    assert shelf.moves[0].customer == CUSTOMER
    assert shelf.changed == {}
    assert shelf.free == 14


def test_expiring() -> None:
    """Whose time is over is expired in the order of consumption; the others stay."""
    shelf = shelf_of(
        reservation(id="1", consumed=4, valid_to=NOW),
        reservation(id="2", valid_to=NOW - DAY, state="planned", holds_before_start=False),
        reservation(id="3", valid_to=NOW + DAY),
        on_hand=100,
    )
    shelf.expire(NOW)
    assert moves(shelf) == [(EntryKind.EXPIRE, 0, 0, "2"), (EntryKind.EXPIRE, -6, 0, "1")]
    assert {each: shelf.reservations[each].state for each in "123"} == {
        "1": EXPIRED,
        "2": EXPIRED,
        "3": ACTIVE,
    }


def test_beginning() -> None:
    """What held its stock has it; the rest gets what is free, one after the other, or waits."""
    shelf = shelf_of(
        reservation(id="held", state="planned", valid_from=NOW, priority=9),
        reservation(id="later", state="planned", valid_from=NOW + DAY, quantity=1),
        reservation(id="1", state="planned", holds_before_start=False, priority=1, quantity=4),
        reservation(id="2", state="planned", holds_before_start=False, priority=2),
        reservation(id="3", state="planned", holds_before_start=False, priority=3),
        on_hand=18,
    )
    shelf.begin(NOW, {G.code: G})
    assert moves(shelf) == [
        (EntryKind.BEGIN, 4, 0, "1"),
        (EntryKind.BEGIN, 3, 0, "2"),
        (EntryKind.BEGIN, 0, 0, "held"),
    ]
    assert [shelf.reservations[each].quantity for each in ("1", "2", "3", "held")] == [4, 3, 10, 10]
    assert [shelf.reservations[each].state for each in ("2", "3", "later")] == [
        ACTIVE,
        PLANNED,
        PLANNED,
    ]


def test_what_held_its_stock_begins_even_where_the_host_has_less() -> None:
    """It is promised already."""
    shelf = shelf_of(reservation(state="planned"), on_hand=2)
    shelf.begin(NOW, {G.code: G})
    assert shelf.reservations["r"] == reservation()


def test_what_waits_for_a_group_that_may_not_gain_goes_on_waiting() -> None:
    """What held its stock begins all the same: its group gains nothing by that."""
    waits = {"state": "planned", "holds_before_start": False}
    shelf = shelf_of(
        reservation(id="1", **waits),
        reservation(id="2", state="planned"),
        reservation(id="3", group="H", quantity=4, **waits),
        on_hand=30,
    )
    assert shelf.waiting(NOW) == {"G", "H"}
    shelf.begin(NOW, {H.code: H})
    assert moves(shelf) == [(EntryKind.BEGIN, 0, 0, "2"), (EntryKind.BEGIN, 4, 0, "3")]
    assert shelf.reservations["1"].state is PLANNED


def test_what_waits_for_a_group_that_is_gone_goes_on_waiting() -> None:
    """Another group which got its code has no part in it."""
    waits = reservation(state="planned", holds_before_start=False, group_created_at=NOW - DAY)
    shelf = shelf_of(waits, on_hand=30)
    shelf.begin(NOW, {G.code: group("G", created_at=NOW)})
    assert moves(shelf) == []
    shelf.begin(NOW, {G.code: group("G", created_at=NOW - DAY)})
    assert moves(shelf) == [(EntryKind.BEGIN, 10, 0, "r")]


def test_who_waits_for_stock() -> None:
    """Only whose time has come, who holds nothing yet, and only where something is free."""
    waits = {"state": "planned", "holds_before_start": False}
    made = (
        reservation(id="1", **waits),
        reservation(id="2", group="H", valid_from=NOW + DAY, **waits),
        reservation(id="3", group="HOLDS", state="planned"),
    )
    assert shelf_of(*made, on_hand=11).waiting(NOW) == {"G"}
    assert shelf_of(*made, on_hand=10).waiting(NOW) == set()


def test_adding() -> None:
    """A new reservation holds what it holds, and does not replace any."""
    shelf = shelf_of(reservation(), on_hand=100)
    shelf.add(EntryKind.MOVE_IN, reservation(id="new", quantity=3))
    assert moves(shelf) == [(EntryKind.MOVE_IN, 3, 0, "new")]
    assert shelf.held == 13
    assert (set(shelf.reservations), shelf.changed) == ({"r", "new"}, {})


def test_all_that_was_changed_is_booked() -> None:
    """Entries by shelf and in order, reservations by id; untouched shelves are left out."""
    first = shelf_of(
        reservation(id="2", quantity=1, priority=1), reservation(id="1"), on_hand=20, allowance=1
    )
    other = shelf_of(on_hand=None, stock=B, outstanding=5)
    untouched = shelf_of(on_hand=5, stock=StockKey("c"))
    first.take(CUSTOMER, [G], 2)
    other.give_back(draw(), 5)
    common = {"version": 7, "request_id": "q", "customer": CUSTOMER, "by": "anna"}
    consumed = {"kind": "consume", "held": -1, "outstanding": 1} | common
    assert booking_of(REQUEST, [first, other, untouched]) == Booking(
        entries=(
            entry(reservation="2", line=1, **consumed),
            entry(reservation="1", line=2, **consumed),
            entry(stock=B, line=1, kind="unconsume", held=0, outstanding=-5, **common),
        ),
        limits={A: 21},
        changed=(
            reservation(id="1", consumed=1),
            reservation(id="2", quantity=1, priority=1, consumed=1, state="exhausted"),
        ),
    )

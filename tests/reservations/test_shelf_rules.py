"""A stock while one request changes it: what holds whatever happens."""

from collections.abc import Mapping

import attrs
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.codes import GroupCode
from customer_groups.customers import CustomerKey
from customer_groups.model import CustomerGroup
from customer_groups.reservations.model import EntryKind, GroupReservation, ReservationState
from customer_groups.reservations.shelves import Shelf
from reservations.promises import DAY, NOW, draw, group, reservation, shelf_of

CUSTOMER = CustomerKey("C1")
CODES = [GroupCode("G"), GroupCode("H")]
CREATED = [NOW, NOW - DAY]
GROUPS = st.lists(
    st.builds(group, st.sampled_from(CODES), created_at=st.sampled_from(CREATED)),
    unique_by=lambda group: group.code,
)
WANTED = st.integers(1, 30)
STARTS = st.none() | st.integers(-2, 2).map(lambda days: NOW + days * DAY)
STATES = {
    "nothing": [
        ReservationState.PLANNED,
        ReservationState.ACTIVE,
        ReservationState.RELEASED,
        ReservationState.EXPIRED,
    ],
    "some": [ReservationState.ACTIVE, ReservationState.RELEASED, ReservationState.EXPIRED],
    "all": [ReservationState.EXHAUSTED, ReservationState.RELEASED, ReservationState.EXPIRED],
}


@st.composite
def reservations(draws: st.DrawFn) -> GroupReservation:
    """Generate a reservation in any state, near its beginning or its end."""
    consumed = draws(st.sampled_from(sorted(STATES)))
    start = draws(STARTS)
    end = draws(STARTS)
    return reservation(
        group=draws(st.sampled_from(CODES)),
        group_created_at=draws(st.none() | st.sampled_from(CREATED)),
        consumed={"nothing": 0, "some": draws(st.integers(1, 9)), "all": 10}[consumed],
        state=draws(st.sampled_from(STATES[consumed])),
        valid_from=start,
        valid_to=None if end is None else max(end, (start or end) + DAY),
        priority=draws(st.integers(1, 3)),
        holds_before_start=draws(st.booleans()),
    )


@st.composite
def shelves(draws: st.DrawFn) -> Shelf:
    """Generate a shelf, also one of which the host has less than is promised."""
    made = draws(st.lists(reservations(), max_size=5))
    return shelf_of(
        *(attrs.evolve(each, id=f"r{number}") for number, each in enumerate(made)),
        on_hand=draws(st.integers(-5, 90)),
        allowance=draws(st.integers(-5, 5)),
        outstanding=draws(st.integers(0, 30)),
    )


def promised(shelf: Shelf) -> int:
    """Return all that is promised of a shelf, as whole pieces."""
    return int(shelf.held + shelf.outstanding)


def belongs(each: GroupReservation, groups: list[CustomerGroup]) -> bool:
    """Return whether a reservation was made for one of these groups, not just for its code."""
    return any(
        each.group == group.code and (each.group_created_at or group.created_at) == group.created_at
        for group in groups
    )


def by_code(groups: list[CustomerGroup]) -> Mapping[GroupCode, CustomerGroup]:
    """Return the groups by code."""
    return {group.code: group for group in groups}


def own(shelf: Shelf, groups: list[CustomerGroup]) -> int:
    """Return what the active reservations of these groups have left."""
    return sum(
        int(each.quantity - each.consumed)
        for each in shelf.reservations.values()
        if each.state is ReservationState.ACTIVE and belongs(each, groups)
    )


@given(shelves(), GROUPS)
def test_what_a_member_sees(shelf: Shelf, groups: list[CustomerGroup]) -> None:
    """What is free and what the groups hold, as far as it is not promised to orders."""
    left = int(shelf.limit - shelf.outstanding)
    free = max(0, left - int(shelf.held))
    assert shelf.free == free
    assert shelf.available_to(groups) == max(0, min(free + own(shelf, groups), left))
    assert shelf.available_to([]) == free


@given(shelves(), GROUPS, WANTED)
def test_taking_gives_what_is_available(
    shelf: Shelf, groups: list[CustomerGroup], wanted: int
) -> None:
    """Exactly that, or what is wanted where that is less; each reservation at most its rest."""
    available = shelf.available_to(groups)
    before = dict(shelf.reservations)
    taken = shelf.take(CUSTOMER, groups, wanted)
    assert sum(part for _, part in taken) == min(wanted, available)
    assert all(part > 0 for _, part in taken)
    assert all(belongs(before[key], groups) for key, _ in taken if key is not None)
    assert all(part <= before[key].remaining for key, part in taken if key is not None)


@given(shelves(), GROUPS, WANTED)
def test_taking_promises_nothing_that_is_not_there(
    shelf: Shelf, groups: list[CustomerGroup], wanted: int
) -> None:
    """Nothing rises above the limit, where the host has less than is promised neither."""
    before, orders = promised(shelf), shelf.outstanding
    shelf.take(CUSTOMER, groups, wanted)
    assert promised(shelf) <= max(before, shelf.limit)
    assert shelf.outstanding <= max(orders, shelf.limit)


@given(shelves(), GROUPS, WANTED, WANTED)
def test_own_reservations_are_used_before_free_stock(
    shelf: Shelf, groups: list[CustomerGroup], first: int, second: int
) -> None:
    """So taking twice takes what taking once does, from the same places."""
    other = attrs.evolve(shelf, reservations=dict(shelf.reservations), moves=[], changed={})
    once = dict(other.take(CUSTOMER, groups, first + second))
    twice: dict[str | None, int] = {}
    for wanted in (first, second):
        for place, part in shelf.take(CUSTOMER, groups, wanted):
            twice[place] = twice.get(place, 0) + int(part)
    assert twice == once
    if None in once:
        assert own(shelf, groups) == 0


@given(shelves())
def test_expiring_frees_exactly_the_remainder_once(shelf: Shelf) -> None:
    """What the reservations held whose time is over, and the second time nothing."""
    over = [each for each in shelf.reservations.values() if each.is_due(NOW)]
    before, orders = shelf.held, shelf.outstanding
    shelf.expire(NOW)
    assert before - shelf.held == sum(each.held for each in over)
    assert set(shelf.changed) == {each.id for each in over}
    assert {move.kind for move in shelf.moves} <= {EntryKind.EXPIRE}
    noted = len(shelf.moves)
    shelf.expire(NOW)
    assert len(shelf.moves) == noted
    assert shelf.outstanding == orders


@given(shelves(), GROUPS)
def test_beginning_promises_only_what_is_free(shelf: Shelf, groups: list[CustomerGroup]) -> None:
    """What is promised rises by no more than that, and nobody gets more than they reserved."""
    before, free, planned = promised(shelf), shelf.free, dict(shelf.reservations)
    shelf.begin(NOW, by_code(groups))
    assert 0 <= promised(shelf) - before <= free
    for key, begun in shelf.changed.items():
        assert planned[key].begins(NOW)
        assert planned[key].held or belongs(begun, groups)
        assert begun.state is ReservationState.ACTIVE
        assert 0 < begun.quantity <= planned[key].quantity
        assert begun.quantity == planned[key].quantity or shelf.free == 0
    waiting = [each for each in shelf.reservations.values() if each.begins(NOW)]
    assert not any(belongs(each, groups) for each in waiting) or shelf.free == 0


@given(shelves())
def test_only_who_waits_for_stock_gains_it(shelf: Shelf) -> None:
    """Where all others may gain some, nothing more is promised."""
    before, waiting = promised(shelf), shelf.waiting(NOW)
    shelf.begin(NOW, {code: group(code) for code in CODES if code not in waiting})
    assert promised(shelf) == before


@given(shelves(), st.lists(st.tuples(GROUPS, WANTED), max_size=3), st.data())
def test_the_totals_are_the_sums_of_the_moves(
    shelf: Shelf, wishes: list[tuple[list[CustomerGroup], int]], data: st.DataObject
) -> None:
    """And what is held is what the reservations hold, whatever is done in whatever order."""
    held, outstanding = shelf.held, shelf.outstanding
    shelf.expire(NOW)
    shelf.begin(NOW, {code: group(code) for code in CODES})
    for groups, wanted in wishes:
        for place, part in shelf.take(CUSTOMER, groups, wanted):
            back = data.draw(st.integers(0, int(part)))
            shelf.give_back(draw(reservation=place), back)
    shelf.add(EntryKind.RESERVE, reservation(id="new"))
    assert shelf.held == held + sum(move.held for move in shelf.moves)
    assert shelf.outstanding == outstanding + sum(move.outstanding for move in shelf.moves)
    assert shelf.held == sum(each.held for each in shelf.reservations.values())
    assert shelf.held == sum(quantity for _, quantity in shelf.held_by_group())
    assert all(0 <= each.consumed <= each.quantity for each in shelf.reservations.values())
    assert shelf.changed.items() <= shelf.reservations.items()

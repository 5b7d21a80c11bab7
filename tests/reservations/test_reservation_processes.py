"""Several processes that reserve, consume and settle the same stock."""

import random
import sys
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from customer_groups.reservations.asking import availability
from customer_groups.reservations.consuming import Consumption, consume
from customer_groups.reservations.errors import (
    GroupInactiveError,
    InsufficientStockError,
    ReservationsHeldError,
)
from customer_groups.reservations.expiring import Expiry, expire_due
from customer_groups.reservations.groups import (
    GroupClosing,
    Holdings,
    activate_group,
    deactivate_group,
)
from customer_groups.reservations.model import GroupReservation, ReservationState
from customer_groups.reservations.repository import ReservationWork
from customer_groups.reservations.reserving import reserve
from customer_groups.service import create_group
from databases import DRIVERS
from engines import ENGINES
from stock_arenas import CLUSTER, Arena, new_arena
from stock_books import require_answers_in_books
from stock_races import (
    Act,
    do_everything,
    order_and_deliver,
    order_shared,
    race,
    reserve_item,
    reserve_one,
    take_one,
    use_up,
)
from stock_traffic import STOCKS
from stockrooms import Place, Stockroom, furnish
from stores import MOMENT

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes are forked")

PROCESSES = 6
TURNS = 8
SWITCHES = 30
ITEMS = dict.fromkeys((f"item-{turn}" for turn in range(TURNS)), 1)
END = MOMENT + timedelta(days=1)

WAYS = [
    *(pytest.param((engine, False), id=engine) for engine in ENGINES),
    *(pytest.param((driver, True), id=f"{driver}-of-host") for driver in DRIVERS),
    pytest.param((CLUSTER, False), id=CLUSTER, marks=pytest.mark.galera),
    pytest.param((CLUSTER, True), id=f"{CLUSTER}-of-host", marks=pytest.mark.galera),
]
"""Where processes meet, and whether the transactions are those of a host."""


@pytest.fixture(params=WAYS)
def arena(request: pytest.FixtureRequest, tmp_path: Path) -> Arena:
    """Return where processes meet; nothing is there yet."""
    engine, is_of_host = request.param
    return new_arena(engine, tmp_path, is_of_host=is_of_host)


def reserve_for(place: Place, group: str, stock: str, quantity: int) -> None:
    """Reserve stock until `END`."""
    do = partial(reserve, group=group, stock=stock, quantity=quantity, valid_to=END, at=MOMENT)
    with place.opened() as room:
        room.store.run(partial(do, request_id=f"{group}-{stock}"))


def test_one_reservation_for_many(arena: Arena) -> None:
    """Together they take what it holds, to the last piece, and not one more."""
    furnish(arena.first, {"x": 40})
    reserve_for(arena.first, "A", "x", 30)
    acts = [partial(take_one, customer="IN-A", number=each) for each in range(PROCESSES)]
    taken = use_up(arena, acts)
    assert sum(taken) == 40
    arena.require_right_books({"x": 40})
    with arena.first.opened() as room, room.store.transaction() as work:
        (found,) = work.reservations.get(["A-x"]).values()
    assert (found.consumed, found.state) == (30, ReservationState.EXHAUSTED)


def test_the_last_piece(arena: Arena) -> None:
    """Of those who reserve it, one gets it and the others are told."""
    furnish(arena.first, ITEMS)
    acts = [partial(reserve_item, group=group, stock="item") for group in "ABC"]
    for results in race(arena, acts, turns=TURNS):
        assert sorted(map(type, results), key=str) == [GroupReservation, type, type]
        assert results.count(InsufficientStockError) == 2
    arena.require_right_books(ITEMS)


def take_item(room: Stockroom, turn: int, *, customer: str, before_end: bool) -> Consumption:
    """Order the piece of the turn, before the end of its reservation or at it."""
    at = END - timedelta(microseconds=before_end)
    do = partial(consume, customer=customer, lines=[(f"item-{turn}", 1)], at=at)
    return room.store.run(partial(do, request_id=f"{customer}-{turn}"))


def expire(room: Stockroom, turn: int) -> Expiry:
    """Expire what is due at the end of the reservations."""
    return room.store.run(partial(expire_due, request_id=f"expire-{turn}", at=END))


def test_the_end_of_a_reservation(arena: Arena) -> None:
    """A member takes the rest, or it is free for others: never both."""
    furnish(arena.first, ITEMS)
    for item in ITEMS:
        reserve_for(arena.first, "A", item, 1)
    member = partial(take_item, customer="IN-A", before_end=True)
    stranger = partial(take_item, customer="STRANGER", before_end=False)
    for results in race(arena, [member, stranger, expire], turns=TURNS):
        assert results[:2].count(InsufficientStockError) == 1
    arena.require_right_books(ITEMS)
    with arena.first.opened() as room, room.store.transaction() as work:
        ended = work.reservations.get([f"A-{item}" for item in ITEMS]).values()
    assert {each.state for each in ended} == {ReservationState.EXPIRED}


def create_groups(place: Place, turns: int) -> None:
    """Create a group for each turn; every second one has a gate from the beginning."""
    with place.opened() as room, room.store.transaction() as work:
        for turn in range(turns):
            create_group(work.core, f"G{turn}", code=f"G{turn}")
            if turn % 2:
                activate_group(work, f"G{turn}", request_id=f"gate-{turn}")


def switch_off(room: Stockroom, turn: int, *, holdings: Holdings) -> GroupClosing:
    """Switch off the group of the turn."""
    do = partial(deactivate_group, code=f"G{turn}", holdings=holdings)
    return room.store.run(partial(do, request_id=f"off-{turn}"))


def switch_on(room: Stockroom, turn: int) -> object:
    """Switch on the group of the turn."""
    do = partial(activate_group, code=f"G{turn}")
    return room.store.run(partial(do, request_id=f"on-{turn}"))


def reserve_for_group(room: Stockroom, turn: int) -> GroupReservation:
    """Reserve a piece for the group of the turn."""
    do = partial(reserve, group=f"G{turn}", stock="x", quantity=1)
    return room.store.run(partial(do, request_id=f"reserve-{turn}"))


@pytest.mark.parametrize("holdings", [Holdings.RELEASE, Holdings.REFUSE])
def test_a_group_that_is_switched_off(arena: Arena, holdings: Holdings) -> None:
    """Nothing is held for it afterwards; or it is not switched off, since something is held."""
    furnish(arena.first, {"x": TURNS})
    create_groups(arena.first, TURNS)
    acts: list[Act] = [partial(switch_off, holdings=holdings), reserve_for_group]
    results = race(arena, acts, turns=TURNS)
    held = 0
    for closed, reserved in results:
        if closed is ReservationsHeldError:
            assert isinstance(reserved, GroupReservation)
            held += 1
        else:
            assert isinstance(closed, GroupClosing)
            is_reserved = isinstance(reserved, GroupReservation)
            assert is_reserved or reserved is GroupInactiveError
            assert len(closed.released) == is_reserved
    arena.require_right_books({"x": TURNS})
    with arena.first.opened() as room, room.store.transaction() as work:
        assert availability(work, "x").held == held


def test_a_group_that_is_switched_off_and_on(arena: Arena) -> None:
    """Whoever comes last, its gate is open if it is active, and only then."""
    furnish(arena.first, {"x": SWITCHES})
    create_groups(arena.first, SWITCHES)
    for turn in range(SWITCHES):
        reserve_for(arena.first, f"G{turn}", "x", 1)
    race(arena, [partial(switch_off, holdings=Holdings.KEEP), switch_on], turns=SWITCHES)
    arena.require_right_books({"x": SWITCHES})


def test_goods_that_leave(arena: Arena) -> None:
    """What is settled and taken out is free for nobody, and all the rest is for somebody."""
    furnish(arena.first, {"x": 41})
    reserving = [partial(reserve_one, number=each) for each in range(2)]
    taking = [partial(take_one, customer="STRANGER", number=each) for each in range(2)]
    leaving = [partial(order_and_deliver, number=each) for each in range(2)]
    counts = use_up(arena, [*reserving, *taking, *leaving])
    left = 41 - 2 * sum(counts[4:])
    assert sum(counts[:4]) == left
    arena.require_right_books({"x": 41})
    with arena.first.opened() as room, room.store.transaction() as work:
        found = availability(work, "x")
    assert (found.on_hand, found.held) == (left, sum(counts[:2]))
    assert found.outstanding == sum(counts[2:4])


def batch(turn: int, *, number: int) -> Callable[[ReservationWork], Consumption]:
    """Return an order of one or two pieces of each stock, in random order."""
    source = random.Random(f"{number}-{turn}")
    stocks = [*STOCKS, *source.sample(STOCKS, 2)]
    lines = [(stock, 1) for stock in source.sample(stocks, len(stocks))]
    customer = source.choice(["IN-A", "STRANGER"])
    return partial(consume, customer=customer, lines=lines, request_id=f"{number}-{turn}")


def take_batch(room: Stockroom, turn: int, *, number: int) -> Consumption:
    """Order a batch; repeat it where the host has to."""
    return room.store.run(batch(turn, number=number))


def take_batch_at_once(room: Stockroom, turn: int, *, number: int) -> Consumption:
    """Order a batch, with one attempt only."""
    with room.store.transaction() as work:
        return batch(turn, number=number)(work)


def test_batches_in_any_order(arena: Arena) -> None:
    """Nobody waits in a circle, and what comes twice in a batch is taken twice."""
    enough = dict.fromkeys(STOCKS, 2 * PROCESSES * TURNS)
    furnish(arena.first, enough)
    for stock in STOCKS:
        reserve_for(arena.first, "A", stock, 20)
    act = take_batch if arena.first.has_conflicts else take_batch_at_once
    acts = [partial(act, number=each) for each in range(PROCESSES)]
    for results in race(arena, acts, turns=TURNS):
        for taken in results:
            assert isinstance(taken, Consumption)
            assert sum(draw.quantity for draw in taken.draws) == 5
    arena.require_right_books(enough)


def test_the_same_request_from_many(arena: Arena) -> None:
    """It has one effect, and all get the same answer."""
    furnish(arena.first, {"x": TURNS})
    reserve_for(arena.first, "A", "x", 5)
    for results in race(arena, [order_shared] * PROCESSES, turns=TURNS):
        assert len(set(results)) == 1
        assert isinstance(results[0], Consumption)
    arena.require_right_books({"x": TURNS})
    with arena.first.opened() as room, room.store.transaction() as work:
        assert availability(work, "x").outstanding == TURNS


def test_everything_at_once(arena: Arena) -> None:
    """Whatever runs beside what, each answer is in the books once, and nothing is oversold."""
    on_hand = dict.fromkeys(STOCKS, 150)
    furnish(arena.first, on_hand)
    done = do_everything(arena)
    arena.require_right_books(on_hand)
    with arena.first.opened() as room:
        require_answers_in_books(room, done)

"""Several processes that reserve, consume and settle the same stock."""

import random
import sys
from collections.abc import Callable, Iterator
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
from engines import ENGINES, new_engine
from stock_books import require_answers_in_books, require_right_books
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


def ways() -> Iterator[tuple[str, bool]]:
    """Yield the engines, each with our own transactions, and with those of a host."""
    for engine in ENGINES:
        yield engine, False
        if engine != "sqlite":
            yield engine, True


@pytest.fixture(params=ways(), ids=lambda way: f"{way[0]}-of-host" if way[1] else way[0])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Return where processes meet: an empty database, and whose transactions are used."""
    engine, is_of_host = request.param
    with new_engine(engine, tmp_path) as bare:
        return Place(bare.url, is_of_host)


def reserve_for(place: Place, group: str, stock: str, quantity: int) -> None:
    """Reserve stock until `END`."""
    do = partial(reserve, group=group, stock=stock, quantity=quantity, valid_to=END, at=MOMENT)
    with place.opened() as room:
        room.store.run(partial(do, request_id=f"{group}-{stock}"))


def test_one_reservation_for_many(place: Place) -> None:
    """Together they take what it holds, to the last piece, and not one more."""
    furnish(place, {"x": 40})
    reserve_for(place, "A", "x", 30)
    acts = [partial(take_one, customer="IN-A", number=each) for each in range(PROCESSES)]
    taken = use_up([place] * PROCESSES, acts)
    assert sum(taken) == 40
    with place.opened() as room:
        require_right_books(room, {"x": 40})
        with room.store.transaction() as work:
            (found,) = work.reservations.get(["A-x"]).values()
    assert (found.consumed, found.state) == (30, ReservationState.EXHAUSTED)


def test_the_last_piece(place: Place) -> None:
    """Of those who reserve it, one gets it and the others are told."""
    furnish(place, ITEMS)
    acts = [partial(reserve_item, group=group, stock="item") for group in "ABC"]
    for results in race([place] * 3, acts, turns=TURNS):
        assert sorted(map(type, results), key=str) == [GroupReservation, type, type]
        assert results.count(InsufficientStockError) == 2
    with place.opened() as room:
        require_right_books(room, ITEMS)


def take_item(room: Stockroom, turn: int, *, customer: str, before_end: bool) -> Consumption:
    """Order the piece of the turn, before the end of its reservation or at it."""
    at = END - timedelta(microseconds=before_end)
    do = partial(consume, customer=customer, lines=[(f"item-{turn}", 1)], at=at)
    return room.store.run(partial(do, request_id=f"{customer}-{turn}"))


def expire(room: Stockroom, turn: int) -> Expiry:
    """Expire what is due at the end of the reservations."""
    return room.store.run(partial(expire_due, request_id=f"expire-{turn}", at=END))


def test_the_end_of_a_reservation(place: Place) -> None:
    """A member takes the rest, or it is free for others: never both."""
    furnish(place, ITEMS)
    for item in ITEMS:
        reserve_for(place, "A", item, 1)
    member = partial(take_item, customer="IN-A", before_end=True)
    stranger = partial(take_item, customer="STRANGER", before_end=False)
    for results in race([place] * 3, [member, stranger, expire], turns=TURNS):
        assert results[:2].count(InsufficientStockError) == 1
    with place.opened() as room:
        require_right_books(room, ITEMS)
        with room.store.transaction() as work:
            ended = work.reservations.get([f"A-{item}" for item in ITEMS]).values()
    assert {each.state for each in ended} == {ReservationState.EXPIRED}


def create_groups(place: Place, turns: int) -> None:
    """Create a group for each turn."""
    with place.opened() as room, room.store.transaction() as work:
        for turn in range(turns):
            create_group(work.core, f"G{turn}", code=f"G{turn}")


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
def test_a_group_that_is_switched_off(place: Place, holdings: Holdings) -> None:
    """Nothing is held for it afterwards; or it is not switched off, since something is held."""
    furnish(place, {"x": TURNS})
    create_groups(place, TURNS)
    acts: list[Act] = [partial(switch_off, holdings=holdings), reserve_for_group]
    results = race([place] * 2, acts, turns=TURNS)
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
    with place.opened() as room:
        require_right_books(room, {"x": TURNS})
        with room.store.transaction() as work:
            assert availability(work, "x").held == held


def test_a_group_that_is_switched_off_and_on(place: Place) -> None:
    """Whoever comes last, its gate is open if it is active, and only then."""
    furnish(place, {"x": SWITCHES})
    create_groups(place, SWITCHES)
    for turn in range(SWITCHES):
        reserve_for(place, f"G{turn}", "x", 1)
    race([place] * 2, [partial(switch_off, holdings=Holdings.KEEP), switch_on], turns=SWITCHES)
    with place.opened() as room:
        require_right_books(room, {"x": SWITCHES})


def test_goods_that_leave(place: Place) -> None:
    """What is settled and taken out is free for nobody, and all the rest is for somebody."""
    furnish(place, {"x": 41})
    reserving = [partial(reserve_one, number=each) for each in range(2)]
    taking = [partial(take_one, customer="STRANGER", number=each) for each in range(2)]
    leaving = [partial(order_and_deliver, number=each) for each in range(2)]
    counts = use_up([place] * PROCESSES, [*reserving, *taking, *leaving])
    left = 41 - 2 * sum(counts[4:])
    assert sum(counts[:4]) == left
    with place.opened() as room:
        require_right_books(room, {"x": 41})
        with room.store.transaction() as work:
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


def test_batches_in_any_order(place: Place) -> None:
    """Nobody waits in a circle, and what comes twice in a batch is taken twice."""
    enough = dict.fromkeys(STOCKS, 2 * PROCESSES * TURNS)
    furnish(place, enough)
    for stock in STOCKS:
        reserve_for(place, "A", stock, 20)
    act = take_batch if place.is_of_host else take_batch_at_once
    acts = [partial(act, number=each) for each in range(PROCESSES)]
    for results in race([place] * PROCESSES, acts, turns=TURNS):
        for taken in results:
            assert isinstance(taken, Consumption)
            assert sum(draw.quantity for draw in taken.draws) == 5
    with place.opened() as room:
        require_right_books(room, enough)


def test_the_same_request_from_many(place: Place) -> None:
    """It has one effect, and all get the same answer."""
    furnish(place, {"x": TURNS})
    reserve_for(place, "A", "x", 5)
    for results in race([place] * PROCESSES, [order_shared] * PROCESSES, turns=TURNS):
        assert len(set(results)) == 1
        assert isinstance(results[0], Consumption)
    with place.opened() as room:
        require_right_books(room, {"x": TURNS})
        with room.store.transaction() as work:
            assert availability(work, "x").outstanding == TURNS


def test_everything_at_once(place: Place) -> None:
    """Whatever runs beside what, each answer is in the books once, and nothing is oversold."""
    on_hand = dict.fromkeys(STOCKS, 150)
    furnish(place, on_hand)
    done = do_everything([place] * PROCESSES, turns=4)
    with place.opened() as room:
        require_right_books(room, on_hand)
        require_answers_in_books(room, done)

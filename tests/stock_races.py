"""Processes that want the same stock at the same moment, for tests."""

import itertools
from collections.abc import Callable, Sequence
from functools import partial
from multiprocessing.synchronize import Barrier

from customer_groups.reservations.consuming import Consumption, consume
from customer_groups.reservations.errors import InsufficientStockError, ReservationError
from customer_groups.reservations.model import GroupReservation
from customer_groups.reservations.reserving import reserve
from processes import barrier_for, run_together
from stock_arenas import Arena
from stock_books import Done
from stock_traffic import STEPS_OF_A_TURN, Clerk, deliver
from stockrooms import Place, Stockroom
from stores import MOMENT

__all__ = [
    "CLERKS",
    "STEPS",
    "Act",
    "do_everything",
    "order_and_deliver",
    "order_shared",
    "race",
    "reserve_item",
    "reserve_one",
    "take_one",
    "use_up",
]

Act = Callable[[Stockroom, int], object]
"""What a process does in the turn with this number."""

CLERKS = [Clerk(number) for number in range(6)]
"""Those who do everything."""

STEPS = range(4 * STEPS_OF_A_TURN)
"""The steps in which a clerk does everything once."""


def race(arena: Arena, acts: Sequence[Act], *, turns: int) -> list[tuple[object, ...]]:
    """Let processes act at the same moment, turn by turn.

    Args:
        arena: Where they meet.
        acts: What each does.
        turns: How often.

    Returns:
        For each turn what each act returned, or the class of what it raised.
    """
    barrier = barrier_for(len(acts))
    results = run_together(
        *(
            partial(_act_in_turns, arena.place_of(number), barrier, act, turns)
            for number, act in enumerate(acts)
        )
    )
    return list(zip(*results, strict=True))


def use_up(arena: Arena, acts: Sequence[Act]) -> list[int]:
    """Let processes act again and again until there is nothing left.

    Returns:
        How often there was something for each.
    """
    return run_together(
        *(
            partial(_act_until_refused, arena.place_of(number), act)
            for number, act in enumerate(acts)
        )
    )


def do_everything(arena: Arena) -> list[Done]:
    """Let all clerks send all their requests, and return what was not refused."""
    done = run_together(
        *(partial(clerk.all_done, arena.place_of(clerk.number), STEPS) for clerk in CLERKS)
    )
    return list(itertools.chain.from_iterable(done))


def reserve_item(room: Stockroom, turn: int, *, group: str, stock: str) -> GroupReservation:
    """Reserve one piece of a stock that each turn has for itself."""
    do = partial(reserve, group=group, stock=f"{stock}-{turn}", quantity=1)
    return room.store.run(partial(do, request_id=f"{group}-{turn}"))


def reserve_one(room: Stockroom, turn: int, *, number: int) -> GroupReservation:
    """Reserve one piece."""
    do = partial(reserve, group="A", stock="x", quantity=1)
    return room.store.run(partial(do, request_id=f"reserve-{number}-{turn}"))


def take_one(room: Stockroom, turn: int, *, customer: str, number: int) -> Consumption:
    """Order one piece."""
    do = partial(consume, customer=customer, lines=[("x", 1)], at=MOMENT)
    return room.store.run(partial(do, request_id=f"take-{number}-{turn}"))


def order_and_deliver(room: Stockroom, turn: int, *, number: int) -> None:
    """Order two pieces, and let them leave in another transaction."""
    order, delivery = f"order-{number}-{turn}", f"deliver-{number}-{turn}"
    take = partial(consume, customer="STRANGER", lines=[("x", 1), ("x", 1)])
    room.store.run(partial(take, request_id=order))
    room.store.run(partial(deliver, room=room, consumption=order, request_id=delivery))


def order_shared(room: Stockroom, turn: int) -> Consumption:
    """Order a piece by a request that others send as well."""
    do = partial(consume, customer="IN-A", lines=[("x", 1)])
    return room.store.run(partial(do, request_id=f"shared-{turn}"))


def _act_in_turns(place: Place, barrier: Barrier, act: Act, turns: int) -> list[object]:
    results: list[object] = []
    with place.opened() as room:
        for turn in range(turns):
            barrier.wait()
            try:
                results.append(act(room, turn))
            except ReservationError as error:
                results.append(type(error))
    return results


def _act_until_refused(place: Place, act: Act) -> int:
    with place.opened() as room:
        for turn in itertools.count():
            try:
                act(room, turn)
            except InsufficientStockError:
                return turn
    raise AssertionError

"""A story in which every request of reservations is made once, for rules about all of them."""

from collections.abc import Callable, Mapping

from customer_groups.reservations.consuming import consume, settle, unconsume
from customer_groups.reservations.expiring import expire_due
from customer_groups.reservations.groups import (
    Holdings,
    activate_group,
    deactivate_group,
    delete_group,
)
from customer_groups.reservations.model import StockKey
from customer_groups.reservations.quantities import Quantity
from customer_groups.reservations.reconciling import repair
from customer_groups.reservations.repository import ReservationWork
from customer_groups.reservations.reserving import reallocate, release, reserve
from customer_groups.testing.contracts.values import EVENING, NOON, TICK, A, B, C
from customer_groups.testing.reservations.values import BOTH, STRANGER, X, Y

__all__ = ["ON_HAND", "STORY", "Step", "tell"]

Step = Callable[..., object]

ON_HAND: Mapping[StockKey, Quantity] = {X: 100, Y: 50}

STORY: Mapping[str, Step] = {
    "reserve": lambda work, at: reserve(
        work, A, X, 40, request_id="reserve", valid_to=EVENING, at=at, by="anna"
    ),
    "reserve more": lambda work, at: reserve(
        work, B, X, 20, request_id="reserve more", priority=10, at=at
    ),
    "reserve for later": lambda work, at: reserve(
        work, C, Y, 5, request_id="reserve for later", valid_from=EVENING, at=at
    ),
    "consume": lambda work, at: consume(
        work, BOTH, [(X, 30), (Y, 4)], request_id="consume", at=at, by="ben"
    ),
    "consume what is free": lambda work, at: consume(
        work, STRANGER, [(X, 99)], request_id="consume what is free", allow_partial=True, at=at
    ),
    "unconsume": lambda work, at: unconsume(
        work, "consume", [(X, 3)], request_id="unconsume", at=at
    ),
    "settle": lambda work, at: settle(work, "consume", [(X, 2)], request_id="settle", at=at),
    "release": lambda work, at: release(work, "reserve", quantity=5, request_id="release", at=at),
    "reallocate": lambda work, at: reallocate(
        work, "reserve", C, quantity=7, request_id="reallocate", at=at
    ),
    "deactivate": lambda work, at: deactivate_group(
        work, B, holdings=Holdings.KEEP, request_id="deactivate", at=at
    ),
    "activate": lambda work, at: activate_group(work, B, request_id="activate", at=at),
    "delete": lambda work, at: delete_group(
        work, B, holdings=Holdings.RELEASE, request_id="delete", at=at
    ),
    "repair": lambda work, at: repair(work, [X, Y], request_id="repair", at=at),
    "expire": lambda work, at: expire_due(work, request_id="expire", at=max(at, EVENING)),
}
"""What is asked for at noon, by the id of the request; each can be asked for again later."""


def tell(work: ReservationWork) -> None:
    """Make every request of the story, each a moment after the one before."""
    for number, step in enumerate(STORY.values()):
        step(work, NOON + number * TICK)

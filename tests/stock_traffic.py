"""Clerks who do everything with stock at the same time, for tests."""

import contextlib
import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import attrs

from customer_groups.errors import InvalidValueError, StaleGroupError
from customer_groups.reservations.consuming import Consumption, consume, settle, unconsume
from customer_groups.reservations.errors import ReservationError
from customer_groups.reservations.expiring import expire_due
from customer_groups.reservations.groups import Holdings, activate_group, deactivate_group
from customer_groups.reservations.model import EntryKind
from customer_groups.reservations.repository import ReservationWork
from customer_groups.reservations.reserving import Reallocation, reallocate, release, reserve
from stock_books import Done
from stockrooms import CUSTOMERS, GROUPS, Place, Stockroom
from stores import MOMENT

__all__ = ["STEPS_OF_A_TURN", "STOCKS", "Clerk", "deliver"]

STOCKS = ("x", "y", "z")
MINUTE = timedelta(minutes=1)
STEPS_OF_A_TURN = 8
SHARED_TURN = 3  # of every four

_Request = tuple[EntryKind | None, Callable[..., object]]
"""What a request moves, and a function that still needs the work, the id and the time."""


def deliver(
    work: ReservationWork,
    room: Stockroom,
    consumption: str,
    *,
    request_id: str,
    at: datetime | None = None,
) -> Consumption:
    """Settle all that an order has outstanding, and take that out of what is on hand.

    Who delivers again takes nothing out, since nothing is outstanding any more.
    """
    outgoing: Counter[str] = Counter()
    for draw in work.reservations.draws(consumption):
        outgoing[draw.stock] += int(draw.outstanding)
    settled = settle(work, consumption, request_id=request_id, at=at)
    room.embedded.change_on_hand(work, {stock: -each for stock, each in outgoing.items()})
    return settled


class NothingToMoveError(Exception):
    """A reservation cannot be moved: its group has it already, or nothing is left of it."""


def move(
    work: ReservationWork, reservation: str, group: str, *, request_id: str, at: datetime
) -> Reallocation:
    """Move what is left of a reservation to a group."""
    try:
        return reallocate(work, reservation, group, request_id=request_id, at=at)
    except InvalidValueError as error:
        raise NothingToMoveError from error


@attrs.frozen
class Clerk:
    """Sends requests that depend on nothing but its number and that of the step.

    So all of them can be sent again, each the same.

    Attributes:
        number: What its own requests begin with.
    """

    number: int

    def all_done(self, place: Place, steps: range) -> list[Done]:
        """Send one request after the other, and return those that were not refused."""
        done: list[Done] = []
        self.work_through(place, steps, done.append)
        return done

    def work_through(self, place: Place, steps: range, tell: Callable[[Done], None]) -> None:
        """Send one request after the other, and tell of those that were not refused."""
        with place.opened() as room:
            for step in steps:
                kind, function = self._request(room, step)
                request_id = self._id(step)
                do = partial(function, request_id=request_id, at=MOMENT + step * MINUTE)
                with contextlib.suppress(ReservationError, StaleGroupError, NothingToMoveError):
                    tell(Done(request_id, kind, room.store.run(do)))

    def _id(self, step: int) -> str:
        return f"shared-{step}" if _is_shared(step) else f"{self.number}-{step}"

    def _request(self, room: Stockroom, step: int) -> _Request:
        source = random.Random(self._id(step))
        match step % STEPS_OF_A_TURN:
            case 0:
                return _reservation(source, MOMENT + step * MINUTE)
            case 1 | 2 | 3:
                return _order(source)
            case 4:
                return EntryKind.UNCONSUME, partial(unconsume, consumption=self._id(step - 2))
            case 5:
                order = self._id(step - 2)
                return EntryKind.SETTLE, partial(deliver, room=room, consumption=order)
            case 6:
                return _end(source, self._id(step - 6))
        return self._rare_request(source, step // STEPS_OF_A_TURN)

    def _rare_request(self, source: random.Random, turn: int) -> _Request:
        if turn % 4 == SHARED_TURN:
            return EntryKind.RESERVE, partial(reserve, group="A", stock="x", quantity=1)
        # One clerk switches each group, so that no two of them undo each other's work.
        if turn % 4 == 0 or self.number >= len(GROUPS):
            return EntryKind.EXPIRE, expire_due
        group = sorted(GROUPS)[self.number]
        if turn % 4 == 1:
            holdings = source.choice(list(Holdings))
            return EntryKind.RELEASE, partial(deactivate_group, code=group, holdings=holdings)
        return None, partial(activate_group, code=group)


def _is_shared(step: int) -> bool:
    """Return whether all clerks send the same request in this step."""
    turn, place = divmod(step, STEPS_OF_A_TURN)
    return place == STEPS_OF_A_TURN - 1 and turn % 4 == SHARED_TURN


def _reservation(source: random.Random, at: datetime) -> _Request:
    do = partial(
        reserve,
        group=source.choice(sorted(GROUPS)),
        stock=source.choice(STOCKS),
        quantity=source.randint(1, 20),
        valid_from=at + source.choice([-1, 5]) * MINUTE,
        valid_to=at + source.choice([6, 12, 1_000]) * MINUTE,
        priority=source.choice([1, 50]),
        holds_before_start=source.choice([True, False]),
    )
    return EntryKind.RESERVE, do


def _order(source: random.Random) -> _Request:
    lines = [(source.choice(STOCKS), source.randint(1, 3)) for _ in range(source.randint(1, 4))]
    customer, allow_partial = source.choice(CUSTOMERS), source.choice([True, False])
    do = partial(consume, customer=customer, lines=lines, allow_partial=allow_partial)
    return EntryKind.CONSUME, do


def _end(source: random.Random, reservation: str) -> _Request:
    if source.choice([True, False]):
        return EntryKind.RELEASE, partial(release, reservation=reservation)
    group = source.choice(sorted(GROUPS))
    return EntryKind.MOVE_OUT, partial(move, reservation=reservation, group=group)

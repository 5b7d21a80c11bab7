"""How the rules about several users of the same stock begin, and what they have in common."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from random import Random
from typing import Any, TypeAlias

import attrs

from customer_groups.errors import RetryableConflictError
from customer_groups.reservations.repository import ReservationRules
from customer_groups.testing.contracts.expectations import expect_that
from customer_groups.testing.driver import TENANTS
from customer_groups.testing.profiles import PROFILES
from customer_groups.testing.racers import OpensStore, StuckError, Team, threads
from customer_groups.testing.reservations.base import ReservationRepositoryRules
from customer_groups.testing.reservations.drawing import CUSTOMERS
from customer_groups.testing.reservations.functions import Operation, SetOnHand
from customer_groups.testing.reservations.model import ReservationModel
from customer_groups.testing.reservations.racing_history import (
    Errands,
    Event,
    is_explained,
    table_of,
)
from customer_groups.testing.reservations.racing_plans import USERS, Plan
from customer_groups.testing.reservations.scenes import Scene

__all__ = ["ONLOOKER", "Planning", "Race", "ReservationRaces", "hold_rounds"]

RULES = ReservationRules()
ONLOOKER = "onlooker"
_SECONDS_FOR_A_ROUND = 0.03
_SHARE_OF_ROUNDS = 0.25

Planning: TypeAlias = Callable[[Scene], Any]
_Starts: TypeAlias = Callable[[Sequence[OpensStore]], AbstractContextManager[Team]]


@attrs.frozen
class Race:
    """Users of one storage, and somebody who looks on.

    Attributes:
        team: The users.
        onlooker: Who looks on.
        host: Stores what the host has.
    """

    team: Team
    onlooker: Team
    host: SetOnHand

    def alone(self, operations: Sequence[Operation]) -> list[Event]:
        """Let who looks on do something, while nobody else is at work."""
        events: list[Event]
        [events] = self.onlooker.race([Errands(ONLOOKER, operations, self.host)])
        return events

    def hold(self, plan: Plan) -> list[Event]:
        """Do what is planned, refuse answers that no order explains, and return all of them."""
        before = self.alone(plan.before)
        tasks = [
            Errands(who, operations, self.host)
            for who, operations in zip(USERS, plan.meanwhile, strict=True)
        ]
        meanwhile = [event for events in self.team.race(tasks) for event in events]
        afterwards = self.alone([plan.look])
        self.alone([plan.cleanup])
        seen = [event.answer for event in afterwards]
        expect_that(f"who looks on sees what is stored, not {seen}", isinstance(seen[0], list))
        _demand_an_order([*before, *meanwhile, *afterwards])
        return meanwhile


def _demand_an_order(events: Sequence[Event]) -> None:
    if not is_explained(ReservationModel.of(CUSTOMERS, RULES), events):
        raise AssertionError(
            "no order of these requests explains the answers: each was made at one moment"
            f" between two times, in microseconds\n{table_of(events)}"
        )


def hold_rounds(race: Race, planning: Planning, rounds: int) -> None:
    """Race as often as the profile says, or a quarter as often where the storage is slow.

    Raises:
        AssertionError: a round failed, or a conflict has reached somebody.
    """
    deadline = time.monotonic() + rounds * _SECONDS_FOR_A_ROUND
    for number in range(rounds):
        if number >= rounds * _SHARE_OF_ROUNDS and time.monotonic() > deadline:
            return
        scene = Scene(number, Random(number))  # noqa: S311 - drawn, and drawn again
        before, meanwhile = planning(scene)
        try:
            events = race.hold(Plan(scene, before, meanwhile))
            conflicts = [each for each in events if isinstance(each.answer, RetryableConflictError)]
            claim = f"run() tries again after a conflict, as it should have here: {conflicts}"
            expect_that(claim, not conflicts)
        except AssertionError as error:
            said = f"in round {number}, as Random({number}) draws it: {error}"
            raise type(error)(said).with_traceback(error.__traceback__) from None


class ReservationRaces(ReservationRepositoryRules):
    """The users who race."""

    @contextmanager
    def _race(self, start: _Starts = threads) -> Iterator[Race]:
        """Make a storage with three users."""
        if not self.has_layer("concurrent"):
            self.concurrent(None, TENANTS[0], CUSTOMERS, RULES)
        storage = self.make_storage()
        with ExitStack() as closing:
            closing.callback(self.close_storage, storage)
            self.open_store(storage, TENANTS[0], CUSTOMERS, RULES)
            opens = partial(self.concurrent, storage, TENANTS[0], CUSTOMERS, RULES)
            try:
                with ExitStack() as teams:
                    onlooker = teams.enter_context(threads([opens]))
                    team = teams.enter_context(start([opens] * len(USERS)))
                    yield Race(team, onlooker, self.set_on_hand)
            except StuckError:
                closing.pop_all()  # whoever is stuck still uses the storage
                raise

    def _in_all_rounds(self, planning: Planning) -> None:
        with self._race() as race:
            hold_rounds(race, planning, PROFILES[self.profile].rounds)

"""The rules about what several users want of the same stock at the same time."""

from random import Random

import pytest

from customer_groups.testing.contracts.expectations import expect
from customer_groups.testing.profiles import PROFILES
from customer_groups.testing.racers import CannotStartError, processes
from customer_groups.testing.reservations.crossing import Crossing
from customer_groups.testing.reservations.races import (
    ONLOOKER,
    Race,
    ReservationRaces,
    hold_rounds,
)
from customer_groups.testing.reservations.racing_history import Errands
from customer_groups.testing.reservations.racing_plans import PLANS, USERS, Plan, plan_anything
from customer_groups.testing.reservations.scenes import Scene

__all__ = ["ReservationRacingRules"]


class ReservationRacingRules(ReservationRaces):
    """Whatever several users do at the same time, it is as if they did it one by one.

    What they are answered, and what is stored afterwards, is compared with the model of this
    kit, for each order in which it may have happened. So nothing is sold twice, no request has
    two effects, nothing is lost, and all sums agree.
    """

    def test_a_reservation_is_consumed_once(self) -> None:
        """Rule: users who consume at once never take more than there is, for them and at all.

        Usual cause: what remains is read before the stock is locked, or by a plain read after
        it that shows what was there when the transaction began.

        Fix: write the stock first; read its reservations and totals with a locking read.
        """
        self._in_all_rounds(PLANS["consuming"])

    def test_the_last_units_are_reserved_once(self) -> None:
        """Rule: of users who reserve the last units at once, only as many get them as there are.

        Usual cause: what is free is read first, and the reservation inserted later.

        Fix: write the stock first, and let the condition be a part of the update in `book`.
        """
        self._in_all_rounds(PLANS["reserving"])

    def test_what_expires_is_freed_once(self) -> None:
        """Rule: what is consumed while the reservation expires is not freed as well.

        Usual cause: the reservation is found due first, and freed as it was then.

        Fix: read it again after the stock is locked.
        """
        self._in_all_rounds(PLANS["expiring"])

    def test_a_closed_group_gains_nothing(self) -> None:
        """Rule: whatever is reserved while a group is switched off or deleted obeys its policy.

        Usual cause: `lock_gates` only reads, or what the group holds is looked up before.

        Fix: write the gate, so that others wait; read with ``lock=True`` after that.
        """
        self._in_all_rounds(PLANS["closing"])

    def test_goods_that_leave_are_nobody_elses(self) -> None:
        """Rule: between `settle` and the host's own change nobody sees the goods as free.

        Usual cause: what is on hand is read before the stock is locked, or without a lock.

        Fix: lock the stock first; let the host's read be a locking one.
        """
        self._in_all_rounds(PLANS["settling"])

    def test_stocks_in_other_orders_are_no_deadlock(self) -> None:
        """Rule: requests that name the same stocks in other orders, or twice, all get answers.

        Usual cause: stocks are locked in the order in which they are named.

        Fix: lock them by key, all in one step.
        """
        self._in_all_rounds(PLANS["in other orders"])

    def test_stocks_are_locked_by_key(self) -> None:
        """Rule: who waits for one of several stocks holds none of those that come after it.

        Usual cause: `lock_stocks` locks in the order in which it is called with the stocks.

        Fix: sort them first.
        """
        crossing = Crossing()
        with self._race() as race:
            race.onlooker.race([crossing.prepare])
            resting = Errands(USERS[-1], [], self.set_on_hand)
            errors = race.team.race([crossing.lock_one_by_one, crossing.lock_both, resting])
            expect("the errors of two who lock the same stocks", errors, [None, None, []])

    def test_a_request_that_several_send_has_one_effect(self) -> None:
        """Rule: of the same request from several users at once, one has an effect, all its answer.

        Usual cause: the request is looked for first, and inserted later.

        Fix: insert it first, under a primary key; wait for who has inserted it before.
        """
        self._in_all_rounds(PLANS["repeating"])

    def test_what_is_moved_is_not_given_up(self) -> None:
        """Rule: a reservation that is moved, given up and consumed at once loses nothing.

        Usual cause: its quantity is read first, and written back as a whole.

        Fix: read it again after its stock is locked.
        """
        self._in_all_rounds(PLANS["moving"])

    def test_who_has_left_a_group_consumes_nothing_of_it(self) -> None:
        """Rule: who is a member is decided when stock is consumed.

        Usual cause: memberships are kept from an earlier call.

        Fix: ask the groups each time.
        """
        self._in_all_rounds(PLANS["leaving"])

    def test_users_in_other_processes_come_in_an_order(self) -> None:
        """Rule: requests of several processes answer as if one came after the other.

        Usual cause: a lock or a cache that only the threads of one process share.

        Fix: let the storage itself serialise what changes the same stock.
        """
        if not PROFILES[self.profile].processes:
            pytest.skip("under the profile 'deep' only, since processes take time to start")
        try:
            with self._race(processes) as race:
                self._demand_one_storage(race)
                hold_rounds(race, plan_anything, PROFILES[self.profile].rounds)
        except CannotStartError as error:
            pytest.skip(f"what `concurrent` needs cannot be sent to another process: {error}")

    def _demand_one_storage(self, race: Race) -> None:
        """Skip the rule where other processes do not see what is stored."""
        scene = Scene(-1, Random(0))  # noqa: S311 - nothing is drawn
        race.alone(scene.opening(5))
        look = Plan(scene, [], []).look
        [here] = race.alone([look])
        tasks = Errands(ONLOOKER, [look], self.set_on_hand)
        seen = [event.answer for [event] in race.team.one_by_one(tasks)]
        if here.answer not in seen:
            pytest.skip("other processes do not see what is stored in this storage")
        expect("what other processes see of a new stock", seen, [here.answer] * len(seen))

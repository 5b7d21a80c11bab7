"""The rules about what several users do at the same time: there is an order of it."""

from collections.abc import Sequence
from random import Random

import pytest

from customer_groups.codes import GroupCode
from customer_groups.errors import GroupNotFoundError
from customer_groups.model import CustomerGroup
from customer_groups.repository import UnitOfWork
from customer_groups.testing.contracts.expectations import expect
from customer_groups.testing.contracts.plans import (
    RUNNERS,
    Plan,
    plan_groups,
    plan_members,
    plan_rekeying,
)
from customer_groups.testing.contracts.races import (
    Race,
    RacingRules,
    UnsettledError,
    insist,
)
from customer_groups.testing.contracts.values import codes_found, group
from customer_groups.testing.driver import TENANTS
from customer_groups.testing.histories import Event
from customer_groups.testing.profiles import PROFILES
from customer_groups.testing.racers import CannotStartError, processes
from customer_groups.testing.windows import unexplained

__all__ = ["HistoryRules"]

_PROBE = group("PROBE")


def _add_probe(work: UnitOfWork) -> None:
    work.groups.add(_PROBE)


def _look_for_probe(work: UnitOfWork) -> CustomerGroup | None:
    try:
        return work.groups.get(_PROBE.code)
    except GroupNotFoundError:
        return None


def _expect_an_order(race: Race, plan: Plan) -> None:
    """Do what is planned, and refuse answers that no order explains."""
    before = race.alone(plan.before)
    meanwhile = race.team.race(plan.meanwhile)
    afterwards = race.alone(plan.afterwards)
    _refuse_what_no_order_explains([before, *meanwhile], afterwards)
    _demand_events([before])
    _demand_events(meanwhile)


def _refuse_what_no_order_explains(
    histories: Sequence[Sequence[Event]], afterwards: Sequence[Event]
) -> None:
    window = unexplained([event for events in histories for event in events], afterwards, RUNNERS)
    if window is not None:
        raise AssertionError(f"no order of these transactions explains the answers\n{window}")


def _demand_events(histories: Sequence[Sequence[Event]]) -> None:
    if not any(event.is_certain for events in histories for event in events):
        raise UnsettledError("no transaction came to an end that is known")


def _members_round(race: Race, draw: Random, code: GroupCode) -> None:
    _expect_an_order(race, plan_members(draw, code))


def _groups_round(race: Race, draw: Random, code: GroupCode) -> None:
    _expect_an_order(race, plan_groups(draw, code))


def _members_or_groups_round(race: Race, draw: Random, code: GroupCode) -> None:
    draw.choice((_members_round, _groups_round))(race, draw, code)


def _rekeying_round(race: Race, draw: Random, code: GroupCode) -> None:
    race.run(_remove_all)
    _expect_an_order(race, plan_rekeying(draw, code))


def _remove_all(work: UnitOfWork) -> None:
    for code in codes_found(work.groups):
        work.groups.remove(GroupCode(code))


def _tenants_round(race: Race, draw: Random, code: GroupCode) -> None:
    """Let each tenant change groups of its own, which have the same codes and customers."""
    plans = {each: draw.choice((plan_members, plan_groups))(draw, code) for each in TENANTS}
    before = [race.alone(plan.before, tenant) for tenant, plan in plans.items()]
    meanwhile = race.team.race([plan.meanwhile[0] for plan in plans.values()])
    for (tenant, plan), *events in zip(plans.items(), before, meanwhile, strict=True):
        _refuse_what_no_order_explains(events, race.alone(plan.afterwards, tenant))
    _demand_events(before)
    _demand_events(meanwhile)


class HistoryRules(RacingRules):
    """Whatever several users do at the same time, it is as if they did it one by one."""

    def test_changes_of_members_happen_in_an_order(self) -> None:
        """Rule: transactions that change members at once answer as if one came after the other.

        Usual cause: members, or their number and `members_version`, are read, changed and
        written back, while another transaction does the same.

        Fix: begin each change of members with a write to the group, which others wait for
        until the commit; read what decides after that, and count with ``n = n + 1``.
        """
        self._in_all_rounds(_members_round)

    def test_changes_of_groups_happen_in_an_order(self) -> None:
        """Rule: groups that come, change and go at once answer as if one came after the other.

        Usual cause: a version is compared in one step and stored in another, or a removed
        group is written back.

        Fix: let the comparison be a part of the change, such as ``UPDATE .. WHERE version =``.
        """
        self._in_all_rounds(_groups_round)

    def test_new_keys_of_customers_come_in_an_order(self) -> None:
        """Rule: `rekey_customers` is serialised with other changes of members, group by group.

        Usual cause: the members that it finds are no more those that it changes.

        Fix: write to the group first, then read its members again.
        """
        self._in_all_rounds(_rekeying_round)

    def test_tenants_at_once_do_not_meet(self) -> None:
        """Rule: what one tenant does at the same time makes no difference to another one.

        Usual cause: the tenant is kept where all stores share it, such as in the connection
        or in the storage, and not in each store.

        Fix: let the repository know its tenant, and pass it with every statement.
        """
        with self._race(TENANTS) as race:
            self._in_each_round(_tenants_round, race)

    def test_users_in_other_processes_come_in_an_order(self) -> None:
        """Rule: transactions of several processes answer as if one came after the other.

        Usual cause: a lock or a cache that only the threads of one process share.

        Fix: let the storage itself serialise what changes the same group.
        """
        if not PROFILES[self.profile].processes:
            pytest.skip("under the profile 'deep' only, since processes take time to start")
        try:
            with self._race(start=processes) as race:
                insist(race.onlookers[TENANTS[0]], _add_probe)
                seen = insist(race.team, _look_for_probe)
                if not any(seen):
                    pytest.skip("other processes do not see what is stored in this storage")
                expect("what other processes read of a new group", seen, [_PROBE] * len(seen))
                self._in_each_round(_members_or_groups_round, race)
        except CannotStartError as error:
            pytest.skip(f"what `concurrent` needs cannot be sent to another process: {error}")

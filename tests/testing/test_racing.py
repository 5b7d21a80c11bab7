"""The rules about several users at once: right adapters keep them, wrong ones are found out."""

import os
import re
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from multiprocessing import parent_process
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

import attrs
import pytest

from customer_groups.adapters.memory import (
    InMemoryGroupStore,
    InMemoryStorage,
    InMemoryUnitOfWork,
)
from customer_groups.adapters.sql import EmbeddedGroupStore
from customer_groups.codes import GroupCode
from customer_groups.customers import Customer
from customer_groups.errors import DuplicateCodeError, StaleGroupError
from customer_groups.model import CustomerGroup
from customer_groups.query import GroupQuery
from customer_groups.repository import GroupRepository, GroupStore
from customer_groups.testing import GroupRepositoryContract, racers
from customer_groups.testing.contracts.contests import _Contest
from customer_groups.testing.contracts.guarding import rules_of
from customer_groups.testing.contracts.racing import _PROBE, _add_probe, _look_for_probe
from customer_groups.testing.driver import TENANTS
from customer_groups.testing.layers import Storage
from customer_groups.testing.profiles import ProfileName
from testing.racing_stores import (
    RIGHT,
    WRONG,
    KeepsTheLock,
    Memory,
    Rules,
    Shelf,
    Sqlite,
    on_a_shelf,
)

T = TypeVar("T")

RULES = list(rules_of(Rules))
PROCESSES = "test_users_in_other_processes_come_in_an_order"


def failure(contract: type[Rules]) -> str:
    """Return the first rule that an adapter breaks, and what it says; nothing, if it keeps all."""
    for rule in RULES:
        try:
            getattr(contract(), rule)()
        except AssertionError as error:
            return f"{rule}: {error}"
        except pytest.skip.Exception:
            assert rule == PROCESSES
    return ""


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for stuck racers a second only."""
    monkeypatch.setattr(racers, "SECONDS_TO_WAIT", 1.0)
    monkeypatch.setattr(racers, "SECONDS_TO_LEAVE", 0.1)


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_adapter_keeps_the_rules(name: str) -> None:
    """Whether it locks, refuses or breaks now and then: nobody is blamed for nothing."""
    assert not failure(RIGHT[name])


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_adapter_is_found_out(name: str) -> None:
    """Each bug makes some rule fail, and the failure says how to draw the same round again.

    What does not work at all does not depend on what is drawn.
    """
    drawn = r"in round \d+, as Random\(\d+\) draws it: "
    never = r"a user of the storage was refused 10 times|in none of \d+ rounds could anything be"
    assert re.match(rf"test_\w+: ({drawn}|{never})", failure(WRONG[name]))


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule != PROCESSES])
@pytest.mark.parametrize("name", ["NeverReachable", "AlwaysInConflict", "NeverKnown"])
def test_a_store_that_never_works_breaks_every_rule(name: str, rule: str) -> None:
    """Who is refused although nobody is in the way is no victim of a race."""
    said = r"refused 10 times while nobody else was at work(.|\n)*Error\("
    with pytest.raises(AssertionError, match=said):
        getattr(WRONG[name](), rule)()


@pytest.mark.parametrize(
    "rule", [rule for rule in RULES if rule not in {PROCESSES, "test_numbers_drawn_at_once_differ"}]
)
def test_rounds_in_which_nothing_is_stored_prove_nothing(rule: str) -> None:
    """A store that answers who is alone, but stores no group, passes no rule about groups."""
    with pytest.raises(AssertionError, match=r"in none of \d+ rounds|gave up|tries again"):
        getattr(WRONG["StoresNoGroups"](), rule)()


def test_only_users_who_begin_work_are_refused() -> None:
    """A store of which the users' own never work is found out, though that of others does."""

    class OnlyTheFirst(Memory):
        def make_storage(self) -> InMemoryStorage:  # type: ignore[override]
            self.has_opened = False
            return InMemoryStorage()

        def concurrent(  # type: ignore[override]
            self, storage: InMemoryStorage, tenant: str, customers: Sequence[Customer]
        ) -> GroupStore:
            if self.has_opened:
                return WRONG["NeverReachable"]().concurrent(Shelf(), tenant, customers)
            self.has_opened = True
            return InMemoryGroupStore(storage, tenant, customers)

    with pytest.raises(AssertionError, match="refused 10 times"):
        OnlyTheFirst().test_numbers_drawn_at_once_differ()


def test_a_failure_is_told_once() -> None:
    """What a failed round says is not printed a second time, and shows where it failed."""
    with pytest.raises(AssertionError, match="in round") as caught:
        WRONG["NumbersFromSnapshot"]().test_numbers_drawn_at_once_differ()
    printed = "".join(traceback.format_exception(caught.value))
    assert printed.count("no number stands twice in [") == 1
    assert "in _numbers_round" in printed


def test_a_slow_storage_is_asked_half_as_often_as_the_profile_says() -> None:
    """However slow it is, it is asked ten times in the standard profile."""

    class Slow(InMemoryGroupStore):
        def run(self, operation: Callable[[InMemoryUnitOfWork], T]) -> T:
            time.sleep(0.03)
            return super().run(operation)

    class OfSlow(Memory):
        storage = InMemoryStorage()
        concurrent = staticmethod(Slow)

        def make_storage(self) -> InMemoryStorage:  # type: ignore[override]
            return self.storage

    OfSlow().test_one_of_several_users_gets_a_code()
    with InMemoryGroupStore(OfSlow.storage, TENANTS[0]).transaction() as work:
        assert work.groups.find(GroupQuery(), limit=1, with_total=True).total == 10


def test_the_first_user_who_is_told_something_wrong_is_named() -> None:
    """Of several wrong refusals that of the first user is shown."""
    wishes = [f"wish {number}" for number in range(20)]
    contest = _Contest(attempts={}, stored=lambda _: [], loss=lambda *_: DuplicateCodeError("A"))
    wrong: Mapping[str, object] = {wish: StaleGroupError("A", 1, 2) for wish in wishes}
    with pytest.raises(AssertionError, match="the refusal of 'wish 0'"):
        contest._check({"winner": None, **wrong}, ["winner"])  # noqa: SLF001 - rounds are chance


def test_the_hook_may_skip() -> None:
    """What `concurrent` skips is skipped, not failed."""

    class Skips(Memory):
        def concurrent(self, *_: object) -> GroupStore:  # type: ignore[override]
            pytest.skip("no server here")

    with pytest.raises(pytest.skip.Exception, match="no server here"):
        Skips().test_numbers_drawn_at_once_differ()


@pytest.mark.parametrize(
    ("bug", "rule"),
    [
        ("NamesUnguarded", "test_one_of_several_users_gets_a_name"),
        ("LastGroupWins", "test_one_of_several_users_gets_a_code"),
        ("LastGroupWins", "test_changes_of_members_happen_in_an_order"),
        ("LastGroupWins", "test_new_keys_of_customers_come_in_an_order"),
        ("VersionsFromSnapshot", "test_one_of_several_users_changes_a_version"),
        ("VersionsFromSnapshot", "test_changes_of_groups_happen_in_an_order"),
        ("CountersFromSnapshot", "test_changes_of_members_at_once_are_counted"),
        ("NumbersFromSnapshot", "test_numbers_drawn_at_once_differ"),
        ("RemovedComesBack", "test_nobody_joins_a_group_that_is_removed"),
        ("NeverRepeats", "test_imports_at_once_lose_nobody"),
        ("InPlace", "test_readers_see_what_is_committed_as_a_whole"),
        ("SharedTenant", "test_tenants_at_once_do_not_meet"),
        ("DropsReaders", "test_readers_see_what_is_committed_as_a_whole"),
        ("BlindReaders", "test_readers_see_what_is_committed_as_a_whole"),
    ],
)
def test_the_rule_that_is_broken_says_so(bug: str, rule: str) -> None:
    """Each rule finds the bug that it is about."""
    with pytest.raises(AssertionError, match=r"in round|in none of \d+ rounds"):
        getattr(WRONG[bug](), rule)()


def test_a_history_is_shown() -> None:
    """A failure shows the transactions that make no sense, and what was stored afterwards."""
    said = (
        r"no order of these transactions explains the answers\n"
        r"Each line is one transaction(.|\n)*\nfrom +to +who(.|\n)*\nstored afterwards: "
    )
    with pytest.raises(AssertionError, match=said):
        WRONG["LastGroupWins"]().test_changes_of_members_happen_in_an_order()


@pytest.mark.usefixtures("impatient")
def test_a_storage_in_which_users_are_stuck_is_not_put_away() -> None:
    """Putting it away might be stuck as well; any other storage is put away."""
    closed: list[Storage] = []

    class Closing(on_a_shelf(KeepsTheLock)):  # type: ignore[misc]
        def close_storage(self, storage: Storage) -> None:
            closed.append(storage)

    with pytest.raises(racers.StuckError, match="in round"):
        Closing().test_numbers_drawn_at_once_differ()
    assert not closed


@pytest.mark.parametrize("rule", RULES)
def test_the_layer_is_opted_into(rule: str) -> None:
    """Without `concurrent` every rule is skipped, before anything is made."""

    class Plain(Rules):
        profile: ProfileName = "deep"

    with pytest.raises(pytest.skip.Exception, match="to opt in, define concurrent"):
        getattr(Plain(), rule)()


def test_the_contract_has_all_rules() -> None:
    """Who subclasses the contract gets the rules about several users at once."""
    assert rules_of(Rules).items() <= rules_of(GroupRepositoryContract).items()


class Deep(Sqlite):
    """The contract of our SQL adapter, under the profile that starts processes."""

    profile: ProfileName = "deep"


class Forgetful(Rules):
    """An adapter in memory whose storage can be sent, but is another one then."""

    profile: ProfileName = "deep"

    def make_storage(self) -> Path:
        """Return anything that can be sent."""
        return Path()

    def open_store(
        self,
        storage: Path,  # noqa: ARG002
        tenant: str,
        customers: Sequence[Customer],
    ) -> GroupStore:
        """Open a store on a new storage."""
        return InMemoryGroupStore(InMemoryStorage(), tenant, customers)

    concurrent = open_store


class DeepMemory(Memory):
    """An adapter whose storage stays in its process."""

    profile: ProfileName = "deep"


class Dies(Deep):
    """An adapter that ends other processes, when they open a store."""

    def concurrent(
        self, storage: Path, tenant: str, customers: Sequence[Customer]
    ) -> EmbeddedGroupStore:
        """Open a store, or end the process."""
        if parent_process() is not None:
            os._exit(1)
        return super().concurrent(storage, tenant, customers)


@attrs.frozen
class MangledGroups:
    """Groups with a name that nobody gave them."""

    groups: GroupRepository

    def __getattr__(self, name: str) -> object:
        """Return a method that is right."""
        return getattr(self.groups, name)

    def get(self, code: GroupCode) -> CustomerGroup:
        """Return a group that nobody stored."""
        return attrs.evolve(self.groups.get(code), name="mangled")


@attrs.frozen
class MangledStore:
    """A store that shows groups as they are not."""

    store: GroupStore

    def run(self, operation: Callable[[Any], T]) -> T:
        """Run an operation on mangled groups."""
        return self.store.run(
            lambda work: operation(SimpleNamespace(groups=MangledGroups(work.groups)))
        )


class Mangles(Deep):
    """An adapter that shows other processes groups as they are not."""

    def concurrent(  # type: ignore[override]
        self, storage: Path, tenant: str, customers: Sequence[Customer]
    ) -> EmbeddedGroupStore | MangledStore:
        """Open a store, or a mangled one."""
        store = super().concurrent(storage, tenant, customers)
        return store if parent_process() is None else MangledStore(store)


def race_processes(contract: type[Rules]) -> None:
    """Run the rule about processes, which has no reason to skip."""
    try:
        getattr(contract(), PROCESSES)()
    except pytest.skip.Exception as skipped:
        pytest.fail(f"skipped: {skipped}")


@pytest.mark.parametrize(
    ("contract", "why"),
    [(Dies, "its process died"), (Mangles, r"what other processes read(.|\n)*mangled")],
)
def test_processes_that_fail_are_no_reason_to_skip(contract: type[Rules], why: str) -> None:
    """A process that dies in `concurrent`, or sees what nobody stored, breaks the rule."""
    with pytest.raises(AssertionError, match=why):
        race_processes(contract)


def test_the_probe_is_looked_for() -> None:
    """Whether a process sees the probe is told without an error."""
    store = InMemoryGroupStore(InMemoryStorage(), TENANTS[0])
    assert store.run(_look_for_probe) is None
    store.run(_add_probe)
    assert store.run(_look_for_probe) == _PROBE


def test_processes_keep_the_rules() -> None:
    """Several processes on one file are no different from several threads."""
    race_processes(Deep)


@pytest.mark.parametrize(
    ("contract", "why"),
    [
        (Memory, "under the profile 'deep' only"),
        (DeepMemory, "cannot be sent to another process: TypeError"),
        (Forgetful, "do not see what is stored"),
    ],
)
def test_storages_of_one_process_are_not_raced_by_others(contract: type[Rules], why: str) -> None:
    """Where processes cannot share a storage, the rule about them says so."""
    with pytest.raises(pytest.skip.Exception, match=why):
        getattr(contract(), PROCESSES)()

"""The rules about several users at once: right adapters keep them, wrong ones are found out."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from customer_groups.adapters.memory import InMemoryGroupStore, InMemoryStorage
from customer_groups.customers import Customer
from customer_groups.repository import GroupStore
from customer_groups.testing import GroupRepositoryContract, racers
from customer_groups.testing.contracts.guarding import rules_of
from customer_groups.testing.layers import Storage
from customer_groups.testing.profiles import ProfileName
from testing.racing_stores import RIGHT, WRONG, KeepsTheLock, Memory, Rules, Sqlite, on_a_shelf

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
    """Each bug makes some rule fail, and the failure says how to draw the same round again."""
    assert re.match(r"test_\w+: in round \d+, as Random\(\d+\) draws it: ", failure(WRONG[name]))


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
    ],
)
def test_the_rule_that_is_broken_says_so(bug: str, rule: str) -> None:
    """Each rule finds the bug that it is about."""
    with pytest.raises(AssertionError, match="in round"):
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


def test_processes_keep_the_rules() -> None:
    """Several processes on one file are no different from several threads."""
    getattr(Deep(), PROCESSES)()


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

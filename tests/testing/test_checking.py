"""The kit runs outside of pytest, and says what it found."""

import inspect
import pickle
import re
import subprocess
import sys
import unittest
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import Phase, settings
from hypothesis.database import InMemoryExampleDatabase

from customer_groups.adapters.memory import (
    InMemoryGroupRepository,
    InMemoryGroupStore,
    InMemoryStorage,
)
from customer_groups.adapters.sql import EmbeddedGroupStore, load_customers, open_store
from customer_groups.customers import Customer
from customer_groups.errors import InvalidValueError
from customer_groups.model import CustomerGroup
from customer_groups.testing import (
    GroupRepositoryContract,
    RawCounts,
    RuleOutcome,
    RuleResult,
    check_repository,
    checking,
    contract_of,
)
from customer_groups.testing.contracts.guarding import rules_of
from customer_groups.testing.profiles import ProfileName
from customer_groups.testing.recording import IMPORTS

RULES = rules_of(GroupRepositoryContract)
NUMBERS = "test_a_series_counts_from_one"
CURSORS = "test_cursors_are_short"
MACHINE = "test_any_calls_give_the_answers_of_the_model"

Only = Callable[..., None]


class Memory:
    """What an adapter author gives to the check."""

    make_storage = staticmethod(InMemoryStorage)
    open_store = staticmethod(InMemoryGroupStore)


class TenantsMeet(Memory):
    """Tenants that differ in case meet."""

    def open_store(  # type: ignore[override]  # a class in the one, a method in the other
        self, storage: InMemoryStorage, tenant: str, customers: Sequence[Customer]
    ) -> InMemoryGroupStore:
        """Open the groups of a tenant and of those who differ in case."""
        return InMemoryGroupStore(storage, tenant.lower(), customers)


class Sqlite(GroupRepositoryContract):
    """The contract of the SQL adapter, as it stands in a file of tests."""

    def make_storage(self) -> EmbeddedGroupStore:
        """Return a new database with its tables."""
        return open_store("sqlite://")

    def open_store(
        self, storage: EmbeddedGroupStore, tenant: str, customers: Sequence[Customer]
    ) -> EmbeddedGroupStore:
        """Open the groups of a tenant, over exactly these customers."""
        store = EmbeddedGroupStore(storage.engine, tenant=tenant)
        with store.engine.begin() as connection:
            table = store.customer_table
            connection.execute(table.delete().where(table.c.tenant == tenant))
        load_customers(store, customers)
        return store

    def close_storage(self, storage: EmbeddedGroupStore) -> None:
        """Close the database."""
        storage.close()


class Raising:
    """An adapter whose storage cannot be made."""

    def __init__(self, error: BaseException) -> None:
        """Say what is raised instead."""
        self.error = error

    def make_storage(self) -> InMemoryStorage:
        """Raise the error."""
        raise self.error

    open_store = staticmethod(InMemoryGroupStore)


class UnspeakableError(Exception):
    """An error that cannot even be shown."""

    def __str__(self) -> str:
        raise ValueError("no words")


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> Only:
    """Return what makes a check look at a few rules only."""

    def choose(*names: str) -> None:
        monkeypatch.setattr(checking, "rules_of", lambda _contract: dict.fromkeys(names))

    return choose


def only_result(factory: Callable[[], Any]) -> RuleResult:
    """Return what becomes of the one rule that is looked at."""
    [result] = check_repository(factory, "quick").results
    return result


# What is checked


def test_a_right_adapter_passes(capfd: pytest.CaptureFixture[str]) -> None:
    """Every rule is checked, in the order of the contract, and found to be kept, in silence."""
    told: list[RuleResult] = []

    report = check_repository(Memory, "quick", on_result=told.append)

    assert report.failed == ()
    assert report.ok
    assert [result.rule.name for result in report.results] == [*RULES]
    assert {*report.passed, *report.skipped} == {*report.results}
    assert {(result.reason, result.reproducer) for result in report.passed} == {("", "")}
    assert tuple(told) == report.results
    assert (report.adapter, report.profile) == ("Memory", "quick")
    assert [*report.versions] == ["customer-groups", "Python", "Hypothesis"]
    assert 0 < report.duration < 600
    assert capfd.readouterr() == ("", "")


def test_a_contract_in_a_file_of_tests_is_a_factory(only: Only) -> None:
    """What passes as a class of tests passes here, too; `test_contract_of_sql` runs all rules."""
    only(*[*RULES][::10], MACHINE)

    report = check_repository(Sqlite, "quick")

    assert report.failed == ()
    assert report.ok
    assert report.adapter == "Sqlite"


def test_every_rule_has_an_adapter_of_its_own(only: Only) -> None:
    """The factory is called once more for each rule, as pytest makes an object for each test."""
    made: list[Memory] = []

    def make() -> Memory:
        made.append(Memory())
        return made[-1]

    only(NUMBERS, CURSORS)
    assert check_repository(make, "quick").ok
    assert len(made) == 3  # the first one shows that it is an adapter


def test_the_kit_may_be_a_copy(monkeypatch: pytest.MonkeyPatch, only: Only) -> None:
    """A host that keeps a copy of the source beside its own has no version to name."""

    def not_found(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(checking, "version", not_found)
    only(NUMBERS)

    assert check_repository(Memory, "quick").versions["customer-groups"] == "not installed"


def test_the_profile_is_the_one_that_is_asked_for() -> None:
    """It counts more than the one that a class of tests names, and does not change that one."""

    class Deep(GroupRepositoryContract):
        profile = "deep"

    assert contract_of(Deep(), "quick").profile == "quick"
    assert contract_of(Memory(), "quick").profile == "quick"
    assert contract_of(Memory()).profile == "standard"
    assert Deep.profile == "deep"


# What is found


def last_write_wins(groups: InMemoryGroupRepository, group: CustomerGroup) -> CustomerGroup:
    """Ignore which version is expected."""
    return groups.get(group.code)


def full(*_arguments: object, **_options: object) -> int:
    """Raise what a driver raises."""
    raise OSError("disk full")


def misread(_groups: InMemoryGroupRepository, _series: str) -> int:
    """Raise an error of another one."""
    raise LookupError("no such series") from OSError("disk full")


@pytest.mark.parametrize(
    ("rule", "method", "wrong", "said", "program"),
    [
        (
            "test_a_stale_version_is_refused",
            "replace",
            last_write_wins,
            r"expected: StaleGroupError\(code='A', .*\n +but got:  no error",
            r"work1\.groups\.replace\(",
        ),
        (
            NUMBERS,
            "next_number",
            full,
            r"OSError: disk full\n  raised in full, line \d+ of test_checking.py\Z",
            r"next_number\('.*'\)  # raises OSError: disk full",
        ),
        (
            NUMBERS,
            "next_number",
            misread,
            r"LookupError: no such series\n  raised in misread, .*\ncaused by OSError: disk full\Z",
            r"# raises LookupError",
        ),
        (
            "test_what_is_not_there_cannot_be_replaced",
            "replace",
            full,
            r"expected: GroupNotFoundError.*\n.*\ncaused by OSError: disk full\n  raised in full, ",
            r"# raises OSError: disk full",
        ),
    ],
)
def test_a_broken_rule_fails(
    monkeypatch: pytest.MonkeyPatch,
    only: Only,
    rule: str,
    method: str,
    wrong: Callable[..., object],
    said: str,
    program: str,
) -> None:
    """The reason says what came instead and where it was raised; the program shows the calls."""
    monkeypatch.setattr(InMemoryGroupRepository, method, wrong)
    only(rule)

    result = only_result(Memory)

    assert result.outcome is RuleOutcome.FAILED
    assert re.search(said, result.reason)
    assert result.reproducer.startswith(f"{IMPORTS}\nstorage = adapter.make_storage()\n")
    assert re.search(program, result.reproducer)
    described = f"Rule: {result.rule.demand} Usual cause: {result.rule.usual_cause}"
    doc = " ".join((inspect.getdoc(RULES[rule]) or "").split())
    assert doc == f"{described} Fix: {result.rule.fix}"


def test_the_state_machine_says_its_program(monkeypatch: pytest.MonkeyPatch, only: Only) -> None:
    """What the machine finds is a program, too; the host's Hypothesis remembers none of it."""
    database = InMemoryExampleDatabase()
    host = settings(database=database, derandomize=False, phases=[Phase.generate])
    settings.register_profile("host", host)
    settings.load_profile("host")
    monkeypatch.setattr(InMemoryGroupRepository, "find", full)
    only(MACHINE)

    result = only_result(Memory)

    assert result.outcome is RuleOutcome.FAILED
    assert result.reason.startswith("Memory, tenant ")
    assert result.reproducer.startswith(f"{IMPORTS}\nstorage = adapter.make_storage()\n")
    assert "Failing" not in result.reproducer
    assert database.data == {}


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (SystemExit(3), "SystemExit: 3\n  raised in make_storage, line "),
        (pytest.fail.Exception("no server"), "Failed: no server\n  raised in "),
        (AssertionError(), "AssertionError: \n  raised in "),
        (AssertionError("no server"), "no server"),
        (UnspeakableError(), "UnspeakableError: <exception str() failed>\n  raised in "),
        (OSError("\x1b[31m\ud800"), "OSError: \\x1b[31m\\ud800\n  raised in "),
        (
            ExceptionGroup("both", [OSError("one"), OSError("other")]),
            "caused by OSError: one\ncaused by OSError: other",
        ),
    ],
)
def test_whatever_is_raised_is_a_failure(only: Only, error: BaseException, said: str) -> None:
    """No error ends the check; without a program, the reproducer is the call of the rule."""
    only(NUMBERS)

    result = only_result(lambda: Raising(error))

    assert result.outcome is RuleOutcome.FAILED
    assert said in result.reason
    assert result.reproducer == (
        "from customer_groups.testing import contract_of\n\n"
        f"contract_of(adapter, 'quick').{NUMBERS}()"
    )


def test_other_notes_are_shown_as_they_are(only: Only) -> None:
    """Where no program was recorded, whatever else is noted on the error may help."""
    error = ExceptionGroup("both", [OSError("one"), OSError("other")])
    for each in (error, *error.exceptions):
        each.add_note(f"see {each}")
    only(NUMBERS)

    assert only_result(lambda: Raising(error)).reproducer == (
        "see both (2 sub-exceptions)\nsee one\nsee other"
    )


def test_an_interrupt_ends_the_check(only: Only) -> None:
    """Who presses Ctrl-C does not wait for the other rules."""
    only(NUMBERS)

    with pytest.raises(KeyboardInterrupt):
        check_repository(lambda: Raising(KeyboardInterrupt()), "quick")


@pytest.mark.parametrize("kind", [pytest.skip.Exception, unittest.SkipTest])
def test_what_skips_is_skipped(only: Only, kind: type[BaseException]) -> None:
    """A rule that cannot be checked is no failure, but a check of nothing is not right."""
    only(NUMBERS, CURSORS)

    report = check_repository(lambda: Raising(kind("no server")), "quick")

    assert [(result.outcome, result.reason) for result in report.skipped] == [
        (RuleOutcome.SKIPPED, "no server")
    ] * 2
    assert not report.ok
    assert str(report).startswith("Raising: nothing was checked (0 passed, 0 failed, 2 skipped")


# Layers


def counts(self: GroupRepositoryContract) -> None:
    """Rule: the storage can be counted.

    Usual cause: it cannot.

    Fix: count it.
    """
    assert self.has_layer("audit") == isinstance(self.audit(InMemoryStorage()), RawCounts)


class Audited(Memory):
    """An adapter that opts into a layer."""

    def audit(self, storage: InMemoryStorage) -> RawCounts:  # noqa: ARG002
        """Count nothing."""
        return RawCounts({}, {})


@pytest.mark.parametrize(("factory", "outcome"), [(Memory, "skipped"), (Audited, "passed")])
def test_layers_are_opted_into(
    monkeypatch: pytest.MonkeyPatch, only: Only, factory: Callable[[], Any], outcome: str
) -> None:
    """The rules of a layer that the adapter has no method for are skipped; it is said how."""
    monkeypatch.setattr(GroupRepositoryContract, "test_counts", counts, raising=False)
    only("test_counts")

    result = only_result(factory)

    assert result.outcome.value == outcome
    assert result.reason == {"skipped": "to opt in, define audit(self, storage)"}.get(outcome, "")


def test_a_contract_of_an_adapter_travels() -> None:
    """Other processes get the same adapter, layers and profile."""
    contract = pickle.loads(pickle.dumps(contract_of(Audited(), "deep")))  # noqa: S301

    assert contract.profile == "deep"
    assert contract.has_layer("audit")
    assert not contract.has_layer("faults")
    getattr(contract, NUMBERS)()


# Deviations


class Deviating(TenantsMeet):
    """It declares that it breaks rules, one of which it keeps."""

    known_deviations: ClassVar = {
        "test_every_tenant_counts_for_itself": "tenants are names,\nas in our <other> product",
        NUMBERS: "we count from zero",
    }


class DeviatingContract(GroupRepositoryContract):
    """The same as a class of tests."""

    known_deviations = Deviating.known_deviations
    make_storage = staticmethod(InMemoryStorage)
    open_store = TenantsMeet.open_store


@pytest.mark.parametrize("factory", [Deviating, DeviatingContract])
def test_known_deviations_must_fail(only: Only, factory: Callable[[], Any]) -> None:
    """A declared rule deviates with the declared reason; one that is kept fails for this."""
    only(*Deviating.known_deviations)

    report = check_repository(factory, "quick")

    [deviating], [failed] = report.deviating, report.failed
    assert deviating.outcome is RuleOutcome.DEVIATES
    assert deviating.reason == "tenants are names,\nas in our <other> product"
    assert "next_number" in deviating.reproducer
    assert failed.rule.name == NUMBERS
    assert "the rule is kept; remove it from known_deviations" in failed.reason
    assert "we count from zero" in failed.reason
    assert failed.reproducer.endswith(f".{NUMBERS}()")


def test_deviations_alone_are_right(only: Only) -> None:
    """A report of kept rules and of declared deviations is good."""
    only("test_every_tenant_counts_for_itself", CURSORS)

    assert check_repository(Deviating, "quick").ok


def test_wrong_deviations_are_refused() -> None:
    """A declaration names a rule and a reason, as in a class of tests."""

    class Wrong(Memory):
        known_deviations: ClassVar = {"test_cursor": "why"}

    with pytest.raises(TypeError, match="Wrong declares a deviation from 'test_cursor'"):
        check_repository(Wrong, "quick")


# What cannot be checked


@pytest.mark.parametrize("profile", ["fast", None, []])
def test_a_profile_has_a_name(profile: ProfileName) -> None:
    """A wrong profile is refused before anything is checked."""
    with pytest.raises(InvalidValueError, match=r"profile .* is none of quick, standard, deep"):
        check_repository(Memory, profile)


def test_an_adapter_has_two_methods() -> None:
    """What is no adapter is refused with the name of the method to write."""
    with pytest.raises(InvalidValueError, match="has no method make_storage; define it"):
        check_repository(object, "quick")  # type: ignore[arg-type]

    class Half:
        make_storage = staticmethod(InMemoryStorage)

    with pytest.raises(InvalidValueError, match="has no method open_store; define it"):
        contract_of(Half())  # type: ignore[arg-type]


def test_a_factory_can_be_called() -> None:
    """Who passes an adapter instead of its class reads what to pass."""
    with pytest.raises(TypeError, match="cannot be called; pass the class of the adapter"):
        check_repository(Memory())  # type: ignore[arg-type]


# What is left behind

PROGRAM = f"""
from hypothesis import Phase, Verbosity, settings
from customer_groups.adapters.memory import InMemoryStorage
from customer_groups.testing import check_repository, checking

class NeverOpen:
    make_storage = staticmethod(InMemoryStorage)
    def open_store(self, storage, tenant, customers):
        raise OSError(tenant)

settings.register_profile("loud", verbosity=Verbosity.verbose, phases=[Phase.generate])
settings.load_profile("loud")
checking.rules_of = lambda _contract: [{MACHINE!r}]
[result] = check_repository(NeverOpen, "quick").results
print(result.outcome.value, settings().verbosity.name)
"""


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    """In a program of its own, too, a failing machine prints nothing and writes no file."""
    command = [sys.executable, "-W", "error", "-c", PROGRAM]

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (done.stdout, done.stderr) == ("failed verbose\n", "")
    assert [*tmp_path.iterdir()] == []


def test_settings_are_as_before(only: Only) -> None:
    """The Hypothesis of the host is what it was, also after an interrupt."""
    usual = settings.default
    only(NUMBERS)

    with pytest.raises(KeyboardInterrupt):
        check_repository(lambda: Raising(KeyboardInterrupt()), "quick")

    assert settings.default is usual

"""Rules cannot be replaced; rules that an adapter breaks are declared."""

import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import ClassVar

import pytest

from customer_groups import customers, repository
from customer_groups.adapters.memory import (
    InMemoryGroupRepository,
    InMemoryGroupStore,
    InMemoryStorage,
)
from customer_groups.customers import Customer
from customer_groups.errors import GroupNotFoundError, InvalidNameError, InvalidValueError
from customer_groups.paging import Page
from customer_groups.reservations import repository as reservation_storage
from customer_groups.testing import CustomerDirectoryContract, GroupRepositoryContract, contracts
from customer_groups.testing import reservations as of_reservations
from customer_groups.testing.contracts.expectations import (
    expect,
    expect_all,
    expect_error,
    expect_that,
)
from customer_groups.testing.contracts.guarding import Contract, rules_of
from customer_groups.testing.contracts.values import all_items
from customer_groups.testing.reservations import ReservationRepositoryContract

CONTRACTS: list[type[Contract]] = [
    GroupRepositoryContract,
    CustomerDirectoryContract,
    ReservationRepositoryContract,
]
PACKAGES: dict[ModuleType, Sequence[ModuleType]] = {
    contracts: (repository, customers),
    of_reservations: (reservation_storage,),
}
"""Packages with rules, and the modules with the protocols that these are about."""
FORM = re.compile(r"Rule: \S.*[.]\n\nUsual cause: \S.*[.]\n\nFix: \S.*[.]", re.DOTALL)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_every_rule_says_what_it_demands(contract: type[Contract]) -> None:
    """A rule has three paragraphs: the rule, the usual cause of a failure, how to fix it."""
    for name, rule in rules_of(contract).items():
        said = inspect.getdoc(rule) or ""
        assert FORM.fullmatch(said), name
        assert said.count("\n\n") == 2, name


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_rule_needs_nothing(contract: type[Contract]) -> None:
    """No fixture, no example and no setting stands between a rule and whoever runs it."""
    for name, rule in rules_of(contract).items():
        assert list(inspect.signature(rule).parameters) == ["self"], name
        assert not hasattr(rule, "pytestmark"), name
        assert not hasattr(rule, "hypothesis"), name


def test_no_two_rules_have_the_same_name() -> None:
    """A rule that hides another one of the same name would take it out of the contract."""
    for contract in CONTRACTS:
        names = [
            name for base in contract.__mro__ for name in vars(base) if name.startswith("test_")
        ]
        assert len(names) == len(set(names)) == len(rules_of(contract))


def rule_classes(package: ModuleType) -> dict[str, type[Contract]]:
    """Return every class of a package that has rules, by name."""
    modules = [
        importlib.import_module(f"{package.__name__}.{module.name}")
        for module in pkgutil.iter_modules(package.__path__)
    ]
    return {
        name: each
        for module in modules
        for name, each in vars(module).items()
        if isinstance(each, type) and any(rule.startswith("test_") for rule in vars(each))
        if each.__module__ == module.__name__
    }


def test_the_contracts_are_whole() -> None:
    """A file of rules that nobody inherits from would be lost in silence."""
    bases = {base for contract in CONTRACTS for base in contract.__mro__}
    for package in PACKAGES:
        assert set(rule_classes(package).values()) <= bases
    assert len(rules_of(GroupRepositoryContract)) > 250
    assert len(rules_of(ReservationRepositoryContract)) > 130


def test_the_protocols_name_the_tests_of_their_rules() -> None:
    """Each class of tests stands in a docstring of the protocols, and no other name does."""
    for package, modules in PACKAGES.items():
        named = {
            rules
            for module in modules
            for tests in re.findall(r"Tests: ([^.]+)[.]", inspect.getsource(module))
            for rules in re.findall(r"[A-Z][A-Za-z]+Rules", tests)
        }
        assert named == rule_classes(package).keys()


@pytest.mark.parametrize("contract", CONTRACTS)
def test_rules_cannot_be_replaced(contract: type[Contract]) -> None:
    """Whoever overrides a rule is told so at once, and what to do instead."""
    name = next(iter(rules_of(contract)))
    said = rf"Mine replaces {name} of {contract.__name__}; .*known_deviations = \{{'{name}'"
    for body in (lambda _self: None, None, property(lambda _self: None)):
        with pytest.raises(TypeError, match=said):
            type("Mine", (contract,), {name: body})


def test_what_rules_do_their_work_by_cannot_be_replaced() -> None:
    """A helper of the same name would soften rules without replacing one."""
    with pytest.raises(TypeError, match="Mine replaces _expect_outcomes of Group"):
        type("Mine", (GroupRepositoryContract,), {"_expect_outcomes": lambda *_: None})


def test_deviations_need_reasons() -> None:
    """A mere list of names is refused, in words."""
    with pytest.raises(TypeError, match="let it say the reason of each"):
        type("Mine", (GroupRepositoryContract,), {"known_deviations": ["test_cursors_are_short"]})


def test_rules_cannot_be_replaced_by_a_mixin() -> None:
    """A class that stands beside the contract cannot replace a rule either."""

    class Mixin:
        def test_cursors_are_short(self) -> None:
            """Say nothing about cursors."""

    with pytest.raises(TypeError, match="Mine replaces test_cursors_are_short"):
        type("Mine", (Mixin, GroupRepositoryContract), {})
    with pytest.raises(TypeError, match="Mine replaces test_cursors_are_short"):
        type("Mine", (GroupRepositoryContract, Mixin), {})


def test_own_tests_may_be_added() -> None:
    """A class may have further tests, and be subclassed again."""

    class Mine(GroupRepositoryContract):
        def test_of_mine(self) -> None:
            """Check something else."""

    class Other(Mine):
        pass

    assert Other.test_cursors_are_short is GroupRepositoryContract.test_cursors_are_short


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"test_cursor_are_short": "why"}, "'test_cursor_are_short', which is no rule; correct"),
        ({"make_storage": "why"}, "'make_storage', which is no rule"),
        ({"test_cursors_are_short": " "}, "'test_cursors_are_short' without a reason; say"),
    ],
)
def test_deviations_are_checked(declared: dict[str, str], said: str) -> None:
    """A declaration names a rule and a reason."""
    with pytest.raises(TypeError, match=said):
        type("Mine", (GroupRepositoryContract,), {"known_deviations": declared})


def test_a_declared_deviation_is_expected_to_fail() -> None:
    """The rule itself is as it was; in the class that declares it, it is expected to fail."""

    class Mine(GroupRepositoryContract):
        known_deviations: ClassVar = {"test_cursors_are_short": "too long"}
        make_storage = staticmethod(InMemoryStorage)
        open_store = staticmethod(InMemoryGroupStore)

    class Other(Mine):
        known_deviations: ClassVar = {}

    marks: list[pytest.Mark] = vars(Mine.test_cursors_are_short)["pytestmark"]
    [mark] = marks
    assert (mark.name, mark.kwargs["strict"]) == ("xfail", True)
    assert mark.kwargs["reason"].startswith("too long (a known deviation;")
    Mine().test_cursors_are_short()
    assert Other.test_cursors_are_short is GroupRepositoryContract.test_cursors_are_short


DECLARING = """
from customer_groups.adapters.memory import InMemoryGroupStore, InMemoryStorage
from customer_groups.testing import GroupRepositoryContract


class TestDeviating(GroupRepositoryContract):
    known_deviations = {{{declared!r}: "we know"}}
    make_storage = staticmethod(InMemoryStorage)

    def open_store(self, storage, tenant, customers):
        return InMemoryGroupStore(storage, tenant.lower(), customers)


class TestRight(TestDeviating):
    known_deviations = {{}}
    open_store = staticmethod(InMemoryGroupStore)
"""


@pytest.mark.parametrize(
    ("declared", "outcome", "said"),
    [
        ("test_every_tenant_counts_for_itself", "1 xfailed", "we know"),
        ("test_a_series_counts_from_one", "1 failed", "remove the declaration"),
    ],
)
def test_a_known_deviation_must_fail(
    tmp_path: Path, declared: str, outcome: str, said: str
) -> None:
    """The test of a declared rule fails as expected; once the rule is kept, that is an error.

    A class that inherits from the deviating one and declares nothing is held to the rule.
    """
    (tmp_path / "test_declaring.py").write_text(DECLARING.format(declared=declared), "utf-8")
    arguments = ("-rxX", "-k", declared, "-p", "no:cacheprovider", "-o", "strict=false")
    command = [sys.executable, "-m", "pytest", *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert f"{outcome}, " in done.stdout or f" {outcome} in" in done.stdout
    assert "1 passed" in done.stdout
    assert said in done.stdout


def test_importing_the_kit_loads_no_stranger() -> None:
    """The kit loads pytest, Hypothesis, what we need anyway, and what these load themselves."""
    theirs = "attrs, cattrs, pytest, hypothesis.stateful"
    ours = {"customer_groups", "__mp_main__"}  # the latter by multiprocessing
    allowed = {*_loaded_by(theirs), *sys.stdlib_module_names, *ours}

    assert _loaded_by("customer_groups.testing") - allowed == set()


def _loaded_by(modules: str) -> set[str]:
    program = f"import {modules}, sys; print(*sys.modules)"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_hooks_must_be_written() -> None:
    """Whoever forgets a hook reads which method to write."""
    with pytest.raises(NotImplementedError, match="make_storage"):
        GroupRepositoryContract().test_a_series_counts_from_one()
    with pytest.raises(NotImplementedError, match="make_directory"):
        CustomerDirectoryContract().test_types_are_listed_once()

    class OpensNothing(GroupRepositoryContract):
        def make_storage(self) -> None:
            """Return nothing."""

    with pytest.raises(NotImplementedError, match="open_store"):
        OpensNothing().test_a_series_counts_from_one()


def test_storages_are_put_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every storage that is made is closed once, whether the rule is kept or not."""
    open_storages: list[InMemoryStorage] = []

    class Closing(GroupRepositoryContract):
        def make_storage(self) -> InMemoryStorage:
            open_storages.append(InMemoryStorage())
            return open_storages[-1]

        def open_store(
            self, storage: InMemoryStorage, tenant: str, customers: Sequence[Customer]
        ) -> InMemoryGroupStore:
            return InMemoryGroupStore(storage, tenant, customers)

        def close_storage(self, storage: InMemoryStorage) -> None:
            open_storages.remove(storage)

    Closing().test_a_list_is_read_once()
    Closing().test_any_calls_give_the_answers_of_the_model()
    monkeypatch.setattr(InMemoryGroupRepository, "next_number", lambda *_arguments: 7)
    with pytest.raises(AssertionError):
        Closing().test_committed_numbers_never_come_back()
    assert open_storages == []


# What a failure says


def test_a_failure_says_what_was_expected_and_what_came() -> None:
    """The two values stand under each other; long ones are cut."""
    expect("x", 1, 1)
    with pytest.raises(AssertionError, match=r"get\('A'\)\n  expected: 1\n  but got:  2"):
        expect("get('A')", 2, 1)
    with pytest.raises(AssertionError) as caught:
        expect("x", "a" * 5_000, "")
    assert len(str(caught.value)) < 1_100


def test_a_claim_is_said() -> None:
    """What should be so and is not is said in full."""
    expect_that("x", holds=True)
    with pytest.raises(AssertionError, match="expected, but not so: it rains"):
        expect_that("it rains", holds=[])


def test_long_lists_are_compared_by_what_differs() -> None:
    """Of two long lists, missing and extra values are shown."""
    expect_all("x", ["a"], ["a"])
    with pytest.raises(AssertionError, match=r"missing:  1 \['b'\]\n  extra:    1 \['c'\]"):
        expect_all("members()", ["a", "c"], ["a", "b"])


def test_errors_are_compared_by_type_and_fields() -> None:
    """The words of invalid values are free; all other fields count; what came is the cause."""

    def fail(error: Exception) -> None:
        raise error

    expect_error("x", lambda: fail(GroupNotFoundError("A")), GroupNotFoundError("A"))
    invalid = InvalidValueError("limit", 0, "is too small")
    expect_error("x", lambda: fail(InvalidNameError("a", "b", "c")), invalid)
    with pytest.raises(AssertionError, match="but got:  no error"):
        expect_error("x", lambda: None, invalid)
    with pytest.raises(AssertionError, match=r"but got:  GroupNotFoundError\(code='B'\)"):
        expect_error("x", lambda: fail(GroupNotFoundError("B")), GroupNotFoundError("A"))
    with pytest.raises(AssertionError, match="disk full") as caught:
        expect_error("x", lambda: fail(OSError("disk full")), GroupNotFoundError("A"))
    assert isinstance(caught.value.__cause__, OSError)


def test_a_cursor_that_does_not_move_is_noticed() -> None:
    """Paging ends, whatever the adapter answers."""
    with pytest.raises(AssertionError, match="does the cursor move"):
        all_items(lambda _after: Page((), "stuck"))

"""The kit lets the right adapter through, and none of the broken ones."""

import os
from pathlib import Path

import pytest

from customer_groups.errors import CustomerGroupsError
from customer_groups.testing.contracts.guarding import rules_of
from gallery.adapter import SqliteGroups
from gallery.cases import Case
from gallery.catalogue import CASES
from gallery.of_groups import GALLERY, ContractOfCase

NAMES = [case.name for case in CASES]
SEEDS = int(os.environ.get("CUSTOMER_GROUPS_GALLERY_SEEDS", "1"))

FOUND_BY_MACHINE = ("AlreadyMemberElsewhere", "AttributeDots", "NeverCountedDown", "SameTimeTwice")
"""Some of the broken adapters that the state machine finds by itself, and soon."""


class TestRightAdapter(ContractOfCase):
    """The adapter that all broken ones are made from."""

    case = Case(SqliteGroups)


@pytest.mark.parametrize("number", range(SEEDS))
@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_the_kit_catches(case: Case, number: int) -> None:
    """Each broken adapter breaks a rule, and the failure says in words what is wrong."""
    failure = GALLERY.first_failure(case, number)
    assert failure is not None, f"the kit lets {case.name} through: {case.bug}"
    assert isinstance(failure.error, AssertionError | CustomerGroupsError)
    assert str(failure.error).strip()


@pytest.mark.parametrize("number", range(SEEDS))
@pytest.mark.parametrize("name", FOUND_BY_MACHINE)
def test_the_machine_needs_no_rules(name: str, number: int) -> None:
    """What no rule was written for is found by the state machine."""
    case = CASES[NAMES.index(name)]
    assert next(GALLERY.failures(case, "machine", number), None) is not None


def test_bugs_are_told_apart() -> None:
    """No two broken adapters have the same name or the same bug."""
    assert len(set(NAMES)) == len({case.bug for case in CASES}) == len(CASES)


def test_every_theme_is_in_the_catalogue() -> None:
    """No module of broken adapters is forgotten."""
    modules = {case.broken.__module__.rpartition(".")[2] for case in CASES}
    assert modules == {path.stem for path in Path(__file__).with_name("broken").glob("*.py")}


def test_rules_are_tried_in_their_order() -> None:
    """What is not known to be caught by a certain rule is caught by the first that fails."""
    case = next(case for case in CASES if case.name == "CommitsNever")
    assert next(GALLERY.failures(case, "rules", 0)).rule in rules_of(ContractOfCase)

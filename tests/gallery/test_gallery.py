"""The kit lets the right adapter through, and none of the broken ones."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from _pytest.mark.structures import ParameterSet

from customer_groups.errors import CustomerGroupsError
from customer_groups.testing.contracts.guarding import rules_of
from gallery.adapter import SqliteGroups
from gallery.cases import Case
from gallery.catalogue import CASES
from gallery.trying import ContractOfCase, failures, first_failure

SEEDS = int(os.environ.get("CUSTOMER_GROUPS_GALLERY_SEEDS", "1"))

MISSED: Mapping[str, str] = {
    "SpacesKept": "a name with an invisible character between two spaces",
    "HolderOfAnotherTenant": "a name that both tenants have, in groups with different codes",
    "RememberedForAll": "the same, refused in one tenant before it is in the other",
    "CustomerOfAnyTenant": "a search by customer for a group that only another tenant's is in",
    "CursorOfAnyMode": "a cursor of starts_with(x) passed to contains(x)",
    "CursorNotEscaped": "pages of names and keys with each ASCII punctuation mark",
    "ChunksOverlap": "groups of every single customer of a large batch",
    "FirstKeysOnly": "a long mapping for a group whose only member comes late in it",
    "ZeroMeansAny": "remove() with version 0",
    "AttributesTyped": "attribute values like 1.0, null, true",
    "AttributesAsLines": "attributes with an equals sign in the value",
    "ReplacedByEarlyList": "replace_members() and add_members() of the same group at once",
    "RemovalRace": "remove() with a version, at the same time as replace()",
    "TotalIgnoresCustomer": "the total of a search by customer",
    "AtomicNotForInterrupts": "a BaseException that leaves atomic()",
    "NumbersWrap": "a series of more than a hundred numbers",
    "RunWrapsConflict": "run() while every attempt meets a conflict",
    "ParametersTold": "an error of the storage whose text holds a value of the caller",
}
"""The broken adapters that the kit does not catch yet, and what it would take."""


def param_of(case: Case) -> ParameterSet:
    """Return a case for pytest; what is caught by chance may be missed as well."""
    if case.name not in MISSED:
        return pytest.param(case, id=case.name)
    strict = case.layer not in {"concurrent", "machine"}
    missed = pytest.mark.xfail(reason=MISSED[case.name], strict=strict)
    return pytest.param(case, id=case.name, marks=missed)


class TestRightAdapter(ContractOfCase):
    """The adapter that all broken ones are made from."""

    case = Case(SqliteGroups)


@pytest.mark.parametrize("number", range(SEEDS))
@pytest.mark.parametrize("case", [param_of(case) for case in CASES])
def test_the_kit_catches(case: Case, number: int) -> None:
    """Each broken adapter breaks a rule, and the failure says in words what is wrong."""
    failure = first_failure(case, number)
    assert failure is not None, f"the kit lets {case.name} through: {case.bug}"
    assert isinstance(failure.error, AssertionError | CustomerGroupsError)
    assert str(failure.error).strip()


def test_bugs_are_told_apart() -> None:
    """No two broken adapters have the same name or the same bug."""
    assert len({case.name for case in CASES}) == len({case.bug for case in CASES}) == len(CASES)


def test_every_theme_is_in_the_catalogue() -> None:
    """No module of broken adapters is forgotten."""
    modules = {case.broken.__module__.rpartition(".")[2] for case in CASES}
    assert modules == {path.stem for path in Path(__file__).with_name("broken").glob("*.py")}


def test_rules_are_tried_in_their_order() -> None:
    """What is not known to be caught by a certain rule is caught by the first that fails."""
    case = next(case for case in CASES if case.name == "CommitsNever")
    assert next(failures(case, "rules", 0)).rule in rules_of(ContractOfCase)

"""The kit lets the right adapter for reservations through, and none of the broken ones."""

from pathlib import Path
from typing import Any

import pytest

from customer_groups.errors import CustomerGroupsError
from customer_groups.reservations.sql import SqlReservationRepository
from gallery.exhibits import Exhibit
from gallery.reservations.adapter import Reservations
from gallery.reservations.cases import Case
from gallery.reservations.of_reservations import GALLERY, ON_SERVERS, ContractOfCase
from gallery.reservations.on_servers import ServerCase
from gallery.trying import Gallery
from stores import SERVERS

CASES: list[Exhibit] = [*GALLERY.cases, *ON_SERVERS.cases]
NAMES = [case.name for case in CASES]

RIGHT_ON_SERVERS = (
    ServerCase(SqlReservationRepository, profile="standard"),
    ServerCase(SqlReservationRepository, driver="pymysql", is_of_host=True, profile="standard"),
)
"""The adapters that the broken ones on servers are made from."""

FOUND_BY_MACHINE = ("PlannedForgotten", "RemainderLost", "RequestIdIgnored", "TotalsOfAll")
"""Some of the broken adapters that the state machine finds by itself, and soon."""


class TestRightAdapter(ContractOfCase):
    """The adapter that the broken ones in memory are made from."""

    case = Case(Reservations)


@pytest.mark.parametrize("case", GALLERY.cases, ids=[case.name for case in GALLERY.cases])
def test_the_kit_catches(case: Case) -> None:
    """Each broken adapter breaks a rule, and the failure says in words what is wrong."""
    demand_failure(GALLERY, case)


@pytest.mark.parametrize("name", FOUND_BY_MACHINE)
def test_the_machine_needs_no_rules(name: str) -> None:
    """What no rule was written for is found by the state machine."""
    case = GALLERY.cases[NAMES.index(name)]
    assert next(GALLERY.failures(case, "machine", 0), None) is not None


@pytest.mark.parametrize("case", ON_SERVERS.cases, ids=[case.name for case in ON_SERVERS.cases])
def test_the_kit_catches_on_a_server(case: ServerCase) -> None:
    """What is right for one user is caught where several are at work."""
    require_server(case)
    demand_failure(ON_SERVERS, case)


@pytest.mark.parametrize("case", RIGHT_ON_SERVERS, ids=[case.driver for case in RIGHT_ON_SERVERS])
def test_the_kit_lets_the_right_one_through_on_a_server(case: ServerCase) -> None:
    """What is caught there is not caught by an accident."""
    require_server(case)
    assert list(ON_SERVERS.failures(case, "concurrent", 0)) == []


def require_server(case: ServerCase) -> None:
    """Skip a test whose server is not there."""
    if case.driver not in SERVERS:
        pytest.skip(f"{case.driver!r} is not in CUSTOMER_GROUPS_TEST_DRIVERS")


def demand_failure(gallery: Gallery[Any], case: Exhibit) -> None:
    """Refuse a kit that lets an adapter through."""
    failure = gallery.first_failure(case, 0)
    assert failure is not None, f"the kit lets {case.name} through: {case.bug}"
    assert isinstance(failure.error, AssertionError | CustomerGroupsError)
    assert str(failure.error).strip()


def test_bugs_are_told_apart() -> None:
    """No two broken adapters have the same name or the same bug."""
    assert len(set(NAMES)) == len({case.bug for case in CASES}) == len(CASES)


def test_every_theme_is_in_the_catalogue() -> None:
    """No module of broken adapters is forgotten."""
    modules = {case.broken.__module__.rpartition(".")[2] for case in CASES}
    assert modules == {path.stem for path in Path(__file__).with_name("broken").glob("*.py")}

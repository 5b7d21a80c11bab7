"""The storages of reservations keep every rule."""

import inspect

import pytest

from customer_groups.adapters.sql import EmbeddedGroupStore
from customer_groups.repository import GroupStore
from customer_groups.testing.reservations import ReservationRepositoryContract
from stockrooms import PatientStore
from stores import SERVERS, HostStore
from testing.looking import ON_SERVERS, PROFILE, TAKES_TIME
from testing.reservation_databases import SqlContract
from testing.reservation_hooks import InMemoryRules


class TestInMemory(InMemoryRules, ReservationRepositoryContract):
    """In dictionaries."""

    profile = PROFILE


class TestSqlite(SqlContract):
    """In a file."""


class ServerContract(SqlContract):
    """The same on a server."""

    profile = ON_SERVERS


class TestPsycopg(ServerContract):
    """On PostgreSQL."""

    driver = "psycopg"
    __test__ = driver in SERVERS


class TestPyMySQL(ServerContract):
    """On MariaDB."""

    driver = "pymysql"
    __test__ = driver in SERVERS


class HostContract(ServerContract):
    """The same in the transactions of a host, which see one moment.

    What is special to them is tested by processes, too, with every run.
    """

    def transactions(self, store: EmbeddedGroupStore) -> GroupStore:
        """Return the host, which repeats what met a conflict."""
        return PatientStore(HostStore(store))


class TestHostOnPostgreSQL(HostContract):
    """On PostgreSQL, under REPEATABLE READ."""

    driver = "psycopg"
    __test__ = TAKES_TIME and driver in SERVERS


class TestHostOnMariaDB(HostContract):
    """On MariaDB, under REPEATABLE READ."""

    driver = "pymysql"
    __test__ = TAKES_TIME and driver in SERVERS


@pytest.mark.parametrize("hook", ["make_storage", "open_store", "set_on_hand"])
def test_what_is_not_said_is_asked_for(hook: str) -> None:
    """A class without a hook says which one to define."""

    class Silent(ReservationRepositoryContract):
        pass

    said = getattr(Silent(), hook)
    with pytest.raises(NotImplementedError, match=f"by defining {hook}"):
        said(*[None] * (len(inspect.signature(said).parameters)))


def test_layers_are_opted_into() -> None:
    """Who does not define a layer has its rules skipped, with the reason."""
    contract = ReservationRepositoryContract()
    for layer, missing in (("concurrent", [None] * 4), ("faults", [None] * 5)):
        with pytest.raises(pytest.skip.Exception, match=f"define {layer}"):
            getattr(contract, layer)(*missing)
        assert not contract.has_layer(layer)
        assert TestSqlite().has_layer(layer)


def test_a_rule_is_not_replaced() -> None:
    """A subclass cannot soften a rule."""
    with pytest.raises(TypeError, match="Soft replaces test_ids_are_compared_exactly"):
        type("Soft", (ReservationRepositoryContract,), {"test_ids_are_compared_exactly": None})

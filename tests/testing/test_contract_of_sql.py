"""The SQL adapter keeps every rule on every engine, with every layer."""

from collections.abc import Sequence

from customer_groups.adapters.sql import EmbeddedGroupStore
from customer_groups.customers import Customer
from customer_groups.testing import GroupRepositoryContract, MayFail, RawCounts
from stores import SERVERS
from testing.fault_points import Database, new_database
from testing.looking import ON_SERVERS, PROFILE


class SqlContract(GroupRepositoryContract):
    """The hooks; a subclass says the driver."""

    driver = "sqlite"
    profile = PROFILE

    def make_storage(self) -> Database:
        """Return an empty database with its tables."""
        return new_database(self.driver)

    def open_store(
        self, storage: Database, tenant: str, customers: Sequence[Customer]
    ) -> EmbeddedGroupStore:
        """Open the groups of a tenant, over exactly these customers."""
        return storage.open(tenant, customers)

    def close_storage(self, storage: Database) -> None:
        """Close the database."""
        storage.closing.close()

    def audit(self, storage: Database) -> RawCounts:
        """Count the rows."""
        return storage.counts()

    def concurrent(
        self,
        storage: Database,
        tenant: str,
        customers: Sequence[Customer],  # noqa: ARG002 - they are in the database
    ) -> EmbeddedGroupStore:
        """Open the groups of a tenant once more."""
        return storage.beside(tenant)

    def faults(
        self,
        storage: Database,
        tenant: str,
        customers: Sequence[Customer],  # noqa: ARG002 - they are in the database
        may_fail: MayFail,
    ) -> EmbeddedGroupStore:
        """Open the groups of a tenant over a driver that fails."""
        return storage.failing(tenant, may_fail)


class TestSqlite(SqlContract):
    """In a file."""


class ServerContract(SqlContract):
    """The same on a server."""

    profile = ON_SERVERS


class TestPsycopg(ServerContract):
    """On PostgreSQL, by the driver that copies."""

    driver = "psycopg"
    __test__ = driver in SERVERS


class TestPsycopg2(ServerContract):
    """On PostgreSQL, by the driver of most hosts."""

    driver = "psycopg2"
    __test__ = driver in SERVERS


class TestPyMySQL(ServerContract):
    """On MariaDB, by the driver in Python."""

    driver = "pymysql"
    __test__ = driver in SERVERS


class TestMysqlclient(ServerContract):
    """On MariaDB, by the driver in C."""

    driver = "mysqldb"
    __test__ = driver in SERVERS


class TestGalera(ServerContract):
    """On a node of a cluster."""

    driver = "galera"
    __test__ = driver in SERVERS


class TestDsn(ServerContract):
    """On the database that the tests were given."""

    driver = "dsn"
    __test__ = driver in SERVERS

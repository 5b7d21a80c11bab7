"""Databases for tests: some of every engine, each used by one test at a time."""

import functools
import os
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from customer_groups.adapters.sql import EmbeddedGroupStore
from servers import galera, mariadb, postgres

__all__ = [
    "DISTRIBUTION",
    "DRIVERS",
    "DSN",
    "borrowed",
    "create_engine",
    "distribute",
    "new_database",
]

DRIVERS = os.environ.get("CUSTOMER_GROUPS_TEST_DRIVERS", "psycopg pymysql").split()
"""The drivers to test, of servers that the tests start themselves; "galera" is a cluster."""

DSN = os.environ.get("CUSTOMER_GROUPS_TEST_DSN")
"""The URL of one more database to test, in which our tables may be dropped and created."""

DISTRIBUTION = (
    "SELECT create_distributed_table('cg_group', 'tenant')",
    "SELECT create_distributed_table('cg_membership', 'tenant', colocate_with => 'cg_group')",
    "SELECT create_distributed_table('cg_series', 'tenant', colocate_with => 'cg_group')",
    "SELECT create_distributed_table('cg_customer', 'tenant', colocate_with => 'cg_group')",
)
"""The statements that spread the tables over the machines of Citus; scale.md shows them too."""

POSTGRESQL = {"psycopg", "psycopg2", "asyncpg"}


def new_database(driver: str) -> sa.URL:
    """Return where a new, empty database is; the server is started if need be.

    Args:
        driver: What SQLAlchemy calls the driver; or "dsn" for the database of the variable,
            or "galera" for the first node of a cluster.
    """
    if driver == "dsn":
        return sa.make_url(DSN or "")
    if driver == "galera":
        return galera().url(0, "pymysql", galera().new_database())
    server = postgres() if driver in POSTGRESQL else mariadb()
    return server.url(driver, database=server.new_database())


def create_engine(url: sa.URL) -> sa.Engine:
    """Return an engine as a careful host makes it."""
    return sa.create_engine(url, hide_parameters=True)


def distribute(connection: sa.Connection) -> bool:
    """Spread the tables of a store by tenant if the server is one of Citus; return whether."""
    if connection.dialect.name != "postgresql":
        return False
    extensions = connection.scalars(sa.text("SELECT extname FROM pg_extension")).all()
    if "citus" not in extensions:
        return False
    for statement in DISTRIBUTION:
        connection.execute(sa.text(statement))
    return True


@contextmanager
def borrowed(driver: str) -> Iterator[EmbeddedGroupStore]:
    """Lend a store on an empty database that has the tables; it is emptied afterwards."""
    free = _free(driver)
    store = free.pop() if free else _new_store(driver)
    try:
        yield store
    finally:
        _empty(store)
        free.append(store)


@functools.cache
def _free(driver: str) -> list[EmbeddedGroupStore]:  # noqa: ARG001  one list for each
    return []


def _new_store(driver: str) -> EmbeddedGroupStore:
    store = EmbeddedGroupStore(create_engine(new_database(driver)), tenant="t")
    store.customer_table.metadata.drop_all(store.engine)
    store.create()
    with store.engine.begin() as connection:
        distribute(connection)
    return store


def _empty(store: EmbeddedGroupStore) -> None:
    tables = store.storage.tables
    with store.engine.begin() as connection:
        for table in (tables.groups, tables.memberships, tables.series, store.customer_table):
            connection.execute(table.delete())

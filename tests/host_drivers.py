"""Hosts that call their driver themselves, and have their rows as dictionaries."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from customer_groups.adapters.sql import (
    CustomerTable,
    SqlStorage,
    build_tables,
    create_schema,
    hosted_connection,
)
from host_checks import Operation, driver_state, new_url

__all__ = ["CONNECTORS", "PARTY", "DriverHost", "driver_host", "set_autocommit"]

T = TypeVar("T")

METADATA = sa.MetaData()
PARTY = sa.Table("party", METADATA, sa.Column("code", sa.String(40), primary_key=True))


def connect_sqlite(url: sa.URL) -> Any:  # noqa: ANN401  any driver's
    """Connect with the driver of the standard library."""
    connection = sqlite3.connect(url.database or "")
    connection.row_factory = as_dictionary
    return connection


def as_dictionary(cursor: sqlite3.Cursor, row: tuple[object, ...]) -> dict[str, object]:
    """Return a row by column names."""
    return {column[0]: value for column, value in zip(cursor.description, row, strict=True)}


def connect_psycopg(url: sa.URL) -> Any:  # noqa: ANN401
    """Connect with psycopg 3."""
    rows = import_module("psycopg.rows").dict_row
    return import_module("psycopg").connect(
        host=url.query["host"], user=url.username, dbname=url.database, row_factory=rows
    )


def connect_psycopg2(url: sa.URL) -> Any:  # noqa: ANN401
    """Connect with psycopg 2."""
    cursor = import_module("psycopg2.extras").RealDictCursor
    return import_module("psycopg2").connect(
        host=url.query["host"], user=url.username, dbname=url.database, cursor_factory=cursor
    )


def connect_mariadb(url: sa.URL, module: str) -> Any:  # noqa: ANN401
    """Connect with PyMySQL or mysqlclient, which are called alike."""
    return import_module(module).connect(
        unix_socket=url.query["unix_socket"],
        user=url.username,
        database=url.database,
        charset="utf8mb4",
        cursorclass=import_module(f"{module}.cursors").DictCursor,
    )


CONNECTORS: dict[str, Callable[[sa.URL], Any]] = {
    "sqlite": connect_sqlite,
    "postgresql+psycopg": connect_psycopg,
    "postgresql+psycopg2": connect_psycopg2,
    "mariadb+pymysql": lambda url: connect_mariadb(url, "pymysql"),
    "mariadb+mysqldb": lambda url: connect_mariadb(url, "MySQLdb"),
    "mysql+pymysql": lambda url: connect_mariadb(url, "pymysql"),
    "mysql+mysqldb": lambda url: connect_mariadb(url, "MySQLdb"),
}


def set_autocommit(connection: Any, *, on: bool) -> None:  # noqa: ANN401
    """Turn on or off that the driver commits each statement."""
    if isinstance(connection, sqlite3.Connection):
        connection.isolation_level = None if on else "DEFERRED"
    elif callable(connection.autocommit):
        connection.autocommit(on)
    else:
        connection.autocommit = on


class DriverHost:
    """A host that has nothing but a driver, where transactions begin by themselves."""

    storage = SqlStorage(build_tables(METADATA), customers=CustomerTable(PARTY, code=PARTY.c.code))

    def __init__(self, url: sa.URL, driver: str, connection: Any) -> None:  # noqa: ANN401
        """Create the tables."""
        self.url = url
        self.driver = driver
        self.connection = connection
        with hosted_connection(connection, driver) as lent:
            PARTY.create(lent)
            create_schema(lent, self.storage.tables)
        self.commit()

    def begin(self) -> None:
        """Leave it to the driver."""

    def commit(self) -> None:
        """Call the driver."""
        self.connection.commit()

    def rollback(self) -> None:
        """Call the driver."""
        self.connection.rollback()

    def insert(self, code: str) -> None:
        """Call the driver."""
        cursor = self.connection.cursor()
        cursor.execute(f"INSERT INTO party VALUES ('{code}')")  # noqa: S608  our own codes
        cursor.close()

    def lend(self, operation: Operation[T]) -> T:
        """Lend the connection."""
        with hosted_connection(self.connection, self.driver) as lent:
            return operation(self.storage.bind(lent))

    def lend_outside(self, operation: Operation[object]) -> None:
        """Lend the connection in autocommit."""
        set_autocommit(self.connection, on=True)
        try:
            self.lend(operation)
        finally:
            set_autocommit(self.connection, on=False)

    def state(self) -> object:
        """Ask the driver."""
        return driver_state(self.connection, self.driver.partition("+")[0])


@contextmanager
def driver_host(driver: str, folder: Path) -> Iterator[DriverHost]:
    """Yield a host on a new database.

    Args:
        driver: One of `CONNECTORS`.
        folder: Where a file of SQLite goes.
    """
    backend, _, name = driver.partition("+")
    url = new_url(backend.replace("mysql", "mariadb"), folder, name)
    with closing(CONNECTORS[driver](url)) as connection:
        yield DriverHost(url, driver, connection)

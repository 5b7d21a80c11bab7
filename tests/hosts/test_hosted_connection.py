"""Working on a connection that the host has lent."""

import importlib
import sqlite3
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from customer_groups.adapters.sql import hosted, hosted_connection
from customer_groups.adapters.sql.autocommit import commits_each_statement
from customer_groups.errors import (
    HostTransactionRequiredError,
    InvalidValueError,
    StorageError,
    StorageUnavailableError,
    TransactionClosedError,
)
from customer_groups.searching import search_groups
from customer_groups.service import create_group
from host_checks import driver_state, new_url
from host_drivers import CONNECTORS, PARTY, DriverHost, driver_host, set_autocommit

ONE = sa.text("SELECT 1")

Lend = Callable[[Any, str], AbstractContextManager[sa.Connection]]


@pytest.fixture
def lender() -> Iterator[sqlite3.Connection]:
    """Return a connection of a host."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE note (text)")
        yield connection


@pytest.fixture(params=CONNECTORS)
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DriverHost]:
    """Return a host on each driver."""
    with driver_host(request.param, tmp_path) as host:
        yield host


@pytest.fixture
def first_connection() -> Lend:
    """Return the function as it is in a process that has not used it yet."""
    lend: Lend = importlib.reload(hosted).hosted_connection
    return lend


@pytest.mark.parametrize("end", [sa.Connection.commit, sa.Connection.rollback])
def test_only_the_host_ends_it(
    lender: sqlite3.Connection, end: Callable[[sa.Connection], None]
) -> None:
    """Commit and rollback do nothing to the host's transaction."""
    lender.execute("INSERT INTO note VALUES ('first')")
    with hosted_connection(lender, "sqlite") as connection:
        connection.exec_driver_sql("INSERT INTO note VALUES ('second')")
        end(connection)
        connection.exec_driver_sql("INSERT INTO note VALUES ('third')")
    assert lender.in_transaction
    assert lender.execute("SELECT count(*) FROM note").fetchone() == (3,)
    lender.rollback()
    assert lender.execute("SELECT count(*) FROM note").fetchone() == (0,)


def test_exception(lender: sqlite3.Connection) -> None:
    """An exception passes through, and leaves the transaction to the host."""
    lender.execute("INSERT INTO note VALUES ('first')")
    with (
        pytest.raises(sa.exc.OperationalError),
        hosted_connection(lender, "sqlite") as connection,
    ):
        connection.exec_driver_sql("INSERT INTO nowhere VALUES ('second')")
    assert lender.in_transaction
    assert lender.execute("SELECT count(*) FROM note").fetchone() == (1,)


def test_use_after_the_loan(host: DriverHost) -> None:
    """A unit of work ends with the loan."""
    with hosted_connection(host.connection, host.driver) as connection:
        work = host.storage.bind(connection)
    with pytest.raises(TransactionClosedError):
        create_group(work, "Late")


@pytest.mark.parametrize("end", ["COMMIT", "ROLLBACK"])
def test_use_after_the_host_has_ended_it(host: DriverHost, end: str) -> None:
    """With autocommit on, a unit that outlives the host's transaction writes nothing at all."""
    set_autocommit(host.connection, on=True)
    execute = host.connection.cursor().execute
    execute("BEGIN")
    with hosted_connection(host.connection, host.driver) as connection:
        work = host.storage.bind(connection)
        execute(end)
        for _ in range(2):
            with pytest.raises(TransactionClosedError):
                create_group(work, "Late")
    assert commits_each_statement(host.connection)
    execute("BEGIN")
    with hosted_connection(host.connection, host.driver) as connection:
        assert search_groups(host.storage.bind(connection)).items == ()


def test_it_looks_like_any_connection(host: DriverHost) -> None:
    """The dialect has the names that SQLAlchemy knows the engine and the driver by."""
    backend, _, driver = host.driver.partition("+")
    with hosted_connection(host.connection, host.driver) as connection:
        assert connection.in_transaction()
        assert connection.dialect.name == backend
        assert connection.dialect.driver == (driver or "pysqlite")
        assert connection.dialect.server_version_info


def test_rows_are_tuples(host: DriverHost) -> None:
    """A host may have its rows as dictionaries; ours are not, however they are fetched."""
    streaming = {"stream_results": True}
    with hosted_connection(host.connection, host.driver) as connection:
        assert connection.execute(ONE).one() == (1,)
        assert connection.execute(ONE, execution_options=streaming).one() == (1,)


def test_parameters_are_hidden(lender: sqlite3.Connection) -> None:
    """An error of SQLAlchemy's does not show what was stored."""
    with (
        pytest.raises(sa.exc.OperationalError) as caught,
        hosted_connection(lender, "sqlite") as connection,
    ):
        connection.execute(sa.text("SELECT :a FROM nowhere"), {"a": "secret"})
    assert "secret" not in str(caught.value)


def test_loans_within_loans(host: DriverHost) -> None:
    """Savepoints of two loans of one connection do not get in each other's way."""
    host.insert("FIRST")
    with (
        hosted_connection(host.connection, host.driver) as outer,
        hosted_connection(host.connection, host.driver) as inner,
    ):
        savepoint = outer.begin_nested()
        with inner.begin_nested():
            inner.execute(PARTY.insert().values(code="SECOND"))
        savepoint.rollback()
        assert outer.scalars(sa.select(PARTY.c.code)).all() == ["FIRST"]


def test_loans_of_two_databases(lender: sqlite3.Connection) -> None:
    """Two loans at a time lead to the two databases that they are of."""
    with closing(sqlite3.connect(":memory:")) as other:
        other.execute("CREATE TABLE other (text)")
        with (
            hosted_connection(lender, "sqlite") as one,
            hosted_connection(other, "sqlite") as two,
        ):
            assert sa.inspect(one).get_table_names() == ["note"]
            assert sa.inspect(two).get_table_names() == ["other"]


def test_tables_of_two_databases(host: DriverHost, tmp_path: Path) -> None:
    """Tables are looked for in the database of the loan, not in that of the first loan."""
    folder = tmp_path / "other"
    folder.mkdir()
    url = new_url(host.url.get_backend_name(), folder, host.url.get_driver_name())
    with (
        closing(CONNECTORS[host.driver](url)) as other,
        hosted_connection(host.connection, host.driver) as lent,
        hosted_connection(other, host.driver) as lent_by_other,
    ):
        assert sa.inspect(lent).has_table("party")
        assert not sa.inspect(lent_by_other).has_table("party")


def test_threads() -> None:
    """Loans of several threads are not mixed up."""

    def borrow(number: int) -> None:
        with closing(sqlite3.connect(":memory:")) as connection:
            connection.execute(f"CREATE TABLE note_{number} (text)")
            for _ in range(50):
                with hosted_connection(connection, "sqlite") as lent:
                    assert sa.inspect(lent).get_table_names() == [f"note_{number}"]

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(borrow, range(8))) == [None] * 8


def test_savepoints_are_not_left_behind(lender: sqlite3.Connection) -> None:
    """A savepoint that was rolled back to is released as well."""
    statements: list[str] = []
    with hosted_connection(lender, "sqlite") as connection:
        connection.exec_driver_sql("INSERT INTO note VALUES ('first')")
        lender.set_trace_callback(statements.append)
        connection.begin_nested().rollback()
    words = [statement.split() for statement in statements]
    (name,) = {each[-1] for each in words}
    assert [" ".join(each[:-1]) for each in words] == [
        "SAVEPOINT",
        "ROLLBACK TO SAVEPOINT",
        "RELEASE SAVEPOINT",
    ]
    assert name.startswith("sa_savepoint_1_")


def test_nothing_is_registered(host: DriverHost) -> None:
    """A connection that was lent behaves like one that never was."""
    with closing(CONNECTORS[host.driver](host.url)) as other:
        assert host.state() == driver_state(other, host.driver.partition("+")[0])


def test_first_loan(host: DriverHost, first_connection: Lend) -> None:
    """The first loan of a process does not end the transaction."""
    host.insert("FIRST")
    with first_connection(host.connection, host.driver):
        pass
    host.rollback()
    with hosted_connection(host.connection, host.driver) as connection:
        assert connection.execute(sa.select(PARTY)).all() == []


@pytest.mark.parametrize("host", [name for name in CONNECTORS if "my" in name], indirect=True)
def test_settings_of_two_connections(host: DriverHost, first_connection: Lend) -> None:
    """Names are quoted as the connection wants it, not as that of the first loan did."""
    upper = sa.select(sa.table("party", sa.column("Code")))
    with closing(CONNECTORS[host.driver](host.url)) as other:
        other.cursor().execute("SET sql_mode = 'ANSI_QUOTES'")
        for connection in (other, host.connection):
            with first_connection(connection, host.driver) as lent:
                assert lent.execute(upper).all() == []


@pytest.mark.parametrize("host", ["mariadb+pymysql", "mariadb+mysqldb"], indirect=True)
def test_server_that_has_gone_away(host: DriverHost) -> None:
    """A connection that the server has ended cannot be lent."""
    with closing(CONNECTORS[host.driver](host.url)) as other:
        other.cursor().execute(f"KILL {host.connection.thread_id()}")
    with (
        pytest.raises(StorageUnavailableError) as caught,
        hosted_connection(host.connection, host.driver),
    ):
        pytest.fail("it was lent")
    assert isinstance(caught.value.__cause__, host.connection.Error)


def test_first_loan_only_looks(lender: sqlite3.Connection, first_connection: Lend) -> None:
    """The first loan of a process gets to know the server by queries."""
    statements: list[str] = []
    lender.set_trace_callback(statements.append)
    with first_connection(lender, "sqlite"):
        pass
    assert statements
    assert {statement.split()[0] for statement in statements} <= {"SELECT", "PRAGMA"}


@pytest.mark.parametrize("host", ["postgresql+psycopg", "postgresql+psycopg2"], indirect=True)
def test_failed_transaction(host: DriverHost, first_connection: Lend) -> None:
    """A transaction of the host that has failed already cannot be lent."""
    host.insert("FIRST")
    with pytest.raises(Exception, match="duplicate key"):
        host.insert("FIRST")
    with (
        pytest.raises(StorageError, match="an earlier statement"),
        first_connection(host.connection, host.driver),
    ):
        pytest.fail("it was lent")


def test_closed_connection(host: DriverHost) -> None:
    """A connection that is closed cannot be lent; the driver's own error is the cause."""
    connection = CONNECTORS[host.driver](host.url)
    connection.close()
    with (
        pytest.raises(StorageError) as caught,
        hosted_connection(connection, host.driver) as lent,
    ):
        host.storage.bind(lent)
    assert caught.value.__cause__ is not None


def test_autocommit() -> None:
    """A connection that commits each statement is refused."""
    with (
        closing(sqlite3.connect(":memory:", isolation_level=None)) as connection,
        pytest.raises(HostTransactionRequiredError),
        hosted_connection(connection, "sqlite"),
    ):
        pytest.fail("it was lent")


@pytest.mark.parametrize("driver", ["postgresql", "mysql", "oracle", "sqlite+aiosqlite", ""])
def test_unknown_driver(lender: sqlite3.Connection, driver: str) -> None:
    """A driver that is not named, or cannot be used, is refused with those that can."""
    with (
        pytest.raises(InvalidValueError, match="not one of sqlite, postgresql") as caught,
        hosted_connection(lender, driver),
    ):
        pytest.fail("it was lent")
    assert caught.value.field == "driver"
    assert "run_sync" in str(caught.value)


def test_missing_driver(
    lender: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, first_connection: Lend
) -> None:
    """A driver that is not installed is refused by name."""
    monkeypatch.setitem(sys.modules, "psycopg2", None)
    with (
        pytest.raises(InvalidValueError, match="psycopg2") as caught,
        first_connection(lender, "postgresql+psycopg2"),
    ):
        pytest.fail("it was lent")
    assert "is not installed" in str(caught.value)


@pytest.mark.parametrize("connection", [None, object(), "sqlite:///erp.db"])
def test_no_connection(connection: object) -> None:
    """What is not a connection of the driver is refused."""
    with (
        pytest.raises(InvalidValueError, match="is not a sqlite3") as caught,
        hosted_connection(connection, "sqlite"),
    ):
        pytest.fail("it was lent")
    assert caught.value.field == "connection"

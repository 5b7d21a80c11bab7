"""Whether a driver commits each statement by itself."""

import asyncio
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from customer_groups.adapters.sql.autocommit import commits_each_statement
from customer_groups.errors import StorageUnavailableError
from host_checks import new_url
from host_drivers import CONNECTORS, set_autocommit
from servers import unavailable

ASYNC_ENGINES = {"aiosqlite": "sqlite", "asyncpg": "postgresql", "psycopg": "postgresql"}


@pytest.fixture(params=CONNECTORS)
def connection(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """Return a connection of each driver."""
    backend, _, driver = request.param.partition("+")
    url = new_url(backend.replace("mysql", "mariadb"), tmp_path, driver)
    with closing(CONNECTORS[request.param](url)) as connection:
        yield connection


def test_begins_by_itself(connection: Any) -> None:  # noqa: ANN401
    """With autocommit off, the next statement begins a transaction."""
    set_autocommit(connection, on=False)
    assert not commits_each_statement(connection)


def test_commits_by_itself(connection: Any) -> None:  # noqa: ANN401
    """With autocommit on, each statement is committed."""
    set_autocommit(connection, on=True)
    assert commits_each_statement(connection)


def test_begun_by_hand(connection: Any) -> None:  # noqa: ANN401
    """With autocommit on, somebody may have begun a transaction nevertheless."""
    set_autocommit(connection, on=True)
    connection.cursor().execute("BEGIN")
    assert not commits_each_statement(connection)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="needs Python 3.12")
def test_sqlite_attribute() -> None:
    """The newer attribute of sqlite3 decides, where it is set."""
    connection: Any
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.autocommit = True
        assert commits_each_statement(connection)
        connection.autocommit = False
        assert not commits_each_statement(connection)


@pytest.mark.parametrize("driver", ["mariadb+pymysql", "mariadb+mysqldb"])
def test_no_answer(driver: str, tmp_path: Path) -> None:
    """A server that has gone away cannot be asked."""
    url = new_url("mariadb", tmp_path, driver.partition("+")[2])
    connect = CONNECTORS[driver]
    with closing(connect(url)) as other, closing(connect(url)) as connection:
        set_autocommit(connection, on=True)
        other.cursor().execute(f"KILL {connection.thread_id()}")
        with pytest.raises(StorageUnavailableError, match="open another one"):
            commits_each_statement(connection)


def test_unknown_driver() -> None:
    """A driver that has no autocommit begins by itself, as the standard demands."""
    assert not commits_each_statement(object())


@pytest.mark.parametrize("driver", ASYNC_ENGINES)
def test_asynchronous(driver: str, tmp_path: Path) -> None:
    """SQLAlchemy's adapters of asynchronous drivers give the same answers."""
    if find_spec(driver) is None:
        unavailable(f"no {driver}: python -m pip install --group hosts")
    url = new_url(ASYNC_ENGINES[driver], tmp_path)
    asyncio.run(check_asynchronous(url.set(drivername=f"{ASYNC_ENGINES[driver]}+{driver}")))


async def check_asynchronous(url: sa.URL) -> None:
    """Look at a connection before, in and after AUTOCOMMIT."""
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        assert not await answer(connection)
        await connection.rollback()
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        assert await answer(connection)
        await connection.exec_driver_sql("BEGIN")
        assert not await answer(connection)
    await engine.dispose()


async def answer(connection: AsyncConnection) -> bool:
    """Ask about the connection that the driver was adapted to."""
    return await connection.run_sync(
        lambda lent: commits_each_statement(lent.connection.dbapi_connection)
    )

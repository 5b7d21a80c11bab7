"""Hosts that work with asyncio, through the connections and sessions of SQLAlchemy."""

import asyncio
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from itertools import product
from typing import TypeVar

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine

from customer_groups.adapters.sql import CustomerTable, SqlStorage, build_tables, create_schema
from host_checks import CHECKS, Host, Operation, driver_state, new_url
from servers import unavailable

T = TypeVar("T")

METADATA = sa.MetaData()
PARTY = sa.Table("party", METADATA, sa.Column("code", sa.String(40), primary_key=True))
TABLES = build_tables(METADATA)

ENGINES = {"aiosqlite": "sqlite", "asyncpg": "postgresql", "psycopg": "postgresql"}


class AsyncHost:
    """A host with an asynchronous connection or session, and a loop to run it in."""

    storage = SqlStorage(TABLES, customers=CustomerTable(PARTY, code=PARTY.c.code))

    def __init__(
        self,
        url: sa.URL,
        loop: asyncio.Runner,
        engine: AsyncEngine,
        kind: type[AsyncSession] | None,
    ) -> None:
        """Create the tables."""
        self.url = url
        self._loop = loop
        self._engine = engine
        self._work = loop.run(self._open(kind))

    async def _open(self, kind: type[AsyncSession] | None) -> AsyncSession | AsyncConnection:
        async with self._engine.begin() as connection:
            await connection.run_sync(PARTY.create)
            await connection.run_sync(create_schema, TABLES)
        return await self._engine.connect() if kind is None else kind(self._engine)

    def close(self) -> None:
        """Give the connections back."""
        self._loop.run(self._work.close())
        self._loop.run(self._engine.dispose())

    def begin(self) -> None:
        """Begin."""
        self._loop.run(self._begin())

    async def _begin(self) -> None:
        await self._work.begin()

    def commit(self) -> None:
        """Commit."""
        self._loop.run(self._work.commit())

    def rollback(self) -> None:
        """Roll back."""
        self._loop.run(self._work.rollback())

    def insert(self, code: str) -> None:
        """Insert a row."""
        self._loop.run(self._work.execute(PARTY.insert().values(code=code)))

    def lend(self, operation: Operation[T]) -> T:
        """Lend the connection inside of run_sync."""
        return self._run(lambda connection: operation(self.storage.bind(connection)))

    def lend_outside(self, operation: Operation[object]) -> None:
        """Lend a connection in autocommit."""
        self._loop.run(self._lend_in_autocommit(operation))

    async def _lend_in_autocommit(self, operation: Operation[object]) -> None:
        async with self._engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.begin()
            await connection.run_sync(lambda lent: operation(self.storage.bind(lent)))

    def state(self) -> object:
        """Ask the driver, as SQLAlchemy adapts it."""
        return self._run(
            lambda lent: driver_state(lent.connection.dbapi_connection, lent.dialect.name)
        )

    def _run(self, function: Callable[[sa.Connection], T]) -> T:
        if isinstance(self._work, AsyncConnection):
            return self._loop.run(self._work.run_sync(function))
        return self._loop.run(self._work.run_sync(lambda session: function(session.connection())))


@pytest.fixture(
    scope="module",
    params=product(ENGINES, [None, AsyncSession]),
    ids=lambda parameters: "-".join([parameters[0], "session" if parameters[1] else "connection"]),
)
def host(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Host]:
    """Return a host with each driver, with a connection and with a session."""
    driver, kind = request.param
    if find_spec(driver) is None:
        unavailable(f"no {driver}: python -m pip install --group hosts")
    url = new_url(ENGINES[driver], tmp_path_factory.mktemp("host"))
    engine = create_async_engine(url.set(drivername=f"{ENGINES[driver]}+{driver}"))
    with asyncio.Runner() as loop:
        host = AsyncHost(url, loop, engine, kind)
        yield host
        host.close()


@pytest.mark.parametrize("check", CHECKS)
def test_host(check: Callable[[Host], None], host: Host) -> None:
    """A host with asyncio gets what every host may expect."""
    check(host)

"""Databases of the SQL adapter that fail when they are told to, as those of each driver do."""

import functools
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import attrs
import sqlalchemy as sa

from customer_groups.adapters.sql import EmbeddedGroupStore, SqlGroupStore, load_customers
from customer_groups.customers import Customer
from customer_groups.testing import MayFail, RawCounts
from databases import borrowed, create_engine

__all__ = ["Database", "new_database"]

SHOWN_CHARACTERS = 40


class _Store(EmbeddedGroupStore):
    """A store that shares its tables with all others: statements are compiled once."""

    def __init__(self, engine: sa.Engine, tenant: str) -> None:
        shared = _tables()
        self.customer_table = shared.customer_table
        SqlGroupStore.__init__(self, engine, shared.storage, tenant=tenant)


@functools.cache
def _tables() -> EmbeddedGroupStore:
    return EmbeddedGroupStore(create_engine(sa.make_url("sqlite://")), tenant="t")


@attrs.frozen(eq=False)
class Database:
    """A database, and all that is open on it.

    Attributes:
        engine: Connections that never fail.
        closing: Closes all of it.
    """

    engine: sa.Engine
    closing: ExitStack

    def open(self, tenant: str, customers: Sequence[Customer]) -> EmbeddedGroupStore:
        """Open the groups of a tenant, over exactly these customers."""
        store = self.beside(tenant)
        table = store.customer_table
        with self.engine.begin() as connection:
            connection.execute(table.delete().where(table.c.tenant == tenant))
        load_customers(store, customers)
        return store

    def beside(self, tenant: str) -> EmbeddedGroupStore:
        """Open the groups of a tenant once more, with the customers that are there."""
        return _Store(self.engine, tenant)

    def __reduce__(self) -> tuple[object, ...]:
        # In another process the same database has an engine of its own.
        return _reached, (self.engine.url,)

    def failing(self, tenant: str, may_fail: MayFail) -> EmbeddedGroupStore:
        """Open the groups of a tenant, on connections that fail where they are told to."""
        engine = _configured(create_engine(self.engine.url))
        self.closing.callback(engine.dispose)
        _Driver(engine, may_fail).take_over()
        return _Store(engine, tenant)

    def counts(self) -> RawCounts:
        """Count the rows, past the adapter."""
        with self.engine.connect() as connection:
            groups = connection.exec_driver_sql("SELECT tenant, code, customers FROM cg_group")
            members = connection.exec_driver_sql(
                "SELECT tenant, group_code, count(*) FROM cg_membership GROUP BY tenant, group_code"
            )
            return RawCounts(
                groups={(tenant, code): customers for tenant, code, customers in groups},
                memberships={(tenant, code): count for tenant, code, count in members},
            )


def _reached(url: sa.URL) -> Database:
    return Database(_engine(url), ExitStack())


def new_database(driver: str) -> Database:
    """Return an empty database with its tables.

    Args:
        driver: "sqlite", or the driver of a server.
    """
    with ExitStack() as stack:
        opened = _sqlite() if driver == "sqlite" else _on_a_server(driver)
        engine = stack.enter_context(opened)
        return Database(engine, stack.pop_all())


@contextmanager
def _sqlite() -> Iterator[sa.Engine]:
    with TemporaryDirectory() as folder:
        file = Path(folder, "groups.db")
        file.write_bytes(_empty_database())
        engine = _engine(sa.URL.create("sqlite", database=str(file)))
        yield engine
        engine.dispose()


@functools.cache
def _empty_database() -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder, "groups.db")
        store = _Store(_engine(sa.URL.create("sqlite", database=str(file))), "t")
        store.create()
        store.close()
        return file.read_bytes()


@contextmanager
def _on_a_server(driver: str) -> Iterator[sa.Engine]:
    with borrowed(driver) as store:
        yield store.engine


def _engine(url: sa.URL) -> sa.Engine:
    engine = create_engine(url)
    if url.get_dialect().name == "sqlite":
        engine.dialect = _dialect(url.drivername)
    return _configured(engine)


@functools.cache
def _dialect(drivername: str) -> sa.Dialect:
    """Return one dialect for many engines: what is compiled, is compiled for a dialect."""
    return create_engine(sa.make_url(f"{drivername}://")).dialect


def _configured(engine: sa.Engine) -> sa.Engine:
    sa.event.listen(engine, "connect", _faster)
    return engine.execution_options(compiled_cache=_compiled(engine.url.drivername))


@functools.cache
def _compiled(drivername: str) -> dict[object, object]:  # noqa: ARG001  one for each
    return {}


def _faster(connection: Any, _record: object) -> None:  # noqa: ANN401  whatever the driver has
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous = OFF")  # no machine fails here


def _sqlite_error(message: str, code: int) -> Exception:
    error = sqlite3.OperationalError(message)
    error.sqlite_errorcode = code
    return error


def _gone(engine: sa.Engine) -> Exception:
    """Return what the driver raises when its storage is gone."""
    dbapi = engine.dialect.loaded_dbapi
    if engine.dialect.name == "sqlite":
        return _sqlite_error("disk I/O error", sqlite3.SQLITE_IOERR)
    if engine.dialect.name == "postgresql":
        return dbapi.OperationalError("server closed the connection unexpectedly")
    return dbapi.OperationalError(2013, "Lost connection to server during query")


def _conflict(engine: sa.Engine) -> Exception:
    """Return what the driver raises when another transaction is in the way."""
    dbapi: Any = engine.dialect.loaded_dbapi
    if engine.dialect.name == "sqlite":
        return _sqlite_error("database is locked", sqlite3.SQLITE_BUSY)
    if engine.dialect.name == "postgresql":
        return cast(Exception, dbapi.errors.SerializationFailure("could not serialize access"))
    return cast(Exception, dbapi.OperationalError(1213, "Deadlock found when trying to get lock"))


@attrs.frozen(eq=False)
class _Driver:
    """The driver of an engine, which asks before each step whether it shall fail.

    Its errors are raised inside of the calls that SQLAlchemy makes, so they arrive as real
    ones do. Who loses a server has lost the connection as well.
    """

    engine: sa.Engine
    may_fail: MayFail

    def take_over(self) -> None:
        """Stand between SQLAlchemy and the driver from now on."""
        dialect = self.engine.dialect
        commit, rollback, context = dialect.do_commit, dialect.do_rollback, _context_of(dialect)
        driver = self

        class Context(context):  # type: ignore[misc, valid-type]  # each dialect has its own
            def create_cursor(self) -> Any:  # noqa: ANN401
                return _Cursor(super().create_cursor(), driver)

        def do_commit(lent: Any) -> None:  # noqa: ANN401
            driver.conflict("the commit")
            driver.step("the commit", lent.driver_connection)
            commit(lent)
            driver.step("after the commit", lent.driver_connection)

        def do_rollback(lent: Any) -> None:  # noqa: ANN401
            driver.step("the rollback", lent.driver_connection)
            rollback(lent)

        replaced = {
            "execution_ctx_cls": Context,
            "do_commit": do_commit,
            "do_rollback": do_rollback,
        }
        for name, value in replaced.items():
            setattr(dialect, name, value)
        sa.event.listen(self.engine, "do_connect", self._connecting)
        sa.event.listen(self.engine, "connect", self._connected)

    def step(self, what: str, connection: Any = None) -> None:  # noqa: ANN401
        """Fail if the storage is gone now."""
        try:
            self.ask(what)
        except Exception:
            self.lose(connection)
            raise

    def ask(self, what: str) -> None:
        """Fail if the storage is gone now, and leave the connection as it is."""
        self.may_fail(what, _gone(self.engine))

    def lose(self, connection: Any) -> None:  # noqa: ANN401
        """Close the connection to a server."""
        if connection is not None and self.engine.dialect.name != "sqlite":
            with suppress(Exception):  # it may be closed already
                connection.close()

    def conflict(self, what: str) -> None:
        """Fail if another transaction is in the way now."""
        self.may_fail(f"{what}, while another transaction is in the way", _conflict(self.engine))

    def _connecting(self, *_: object) -> None:
        self.step("connecting")

    def _connected(self, connection: Any, _record: object) -> None:  # noqa: ANN401
        driver = self
        if self.engine.dialect.driver != "psycopg":
            return

        class Cursor(connection.cursor_factory):  # type: ignore[misc]  # psycopg copies past us
            def copy(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401
                driver.step("COPY", self.connection)
                return super().copy(*args, **options)

        connection.cursor_factory = Cursor


def _context_of(dialect: sa.Dialect) -> type[Any]:
    return dialect.execution_ctx_cls


class _Cursor:
    """Asks before a statement runs, and before its rows are fetched."""

    def __init__(self, cursor: Any, driver: _Driver) -> None:  # noqa: ANN401
        self._cursor = cursor
        self._driver = driver

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._cursor, name)

    def execute(self, statement: str, *rest: Any) -> Any:  # noqa: ANN401
        return self._run(self._cursor.execute, statement, *rest)

    def executemany(self, statement: str, *rest: Any) -> Any:  # noqa: ANN401
        return self._run(self._cursor.executemany, statement, *rest)

    def fetchone(self) -> Any:  # noqa: ANN401
        return self._fetch(self._cursor.fetchone)

    def fetchmany(self, *size: int) -> Any:  # noqa: ANN401
        return self._fetch(self._cursor.fetchmany, *size)

    def fetchall(self) -> Any:  # noqa: ANN401
        return self._fetch(self._cursor.fetchall)

    def _run(self, run: Callable[..., Any], statement: str, *rest: Any) -> Any:  # noqa: ANN401
        what = " ".join(statement.split())[:SHOWN_CHARACTERS]
        if what.startswith(("BEGIN", "UPDATE")):
            self._driver.conflict(what)
        self._step(what)
        return run(statement, *rest)

    def _fetch(self, fetch: Callable[..., Any], *size: int) -> Any:  # noqa: ANN401
        self._step("fetching rows")
        return fetch(*size)

    def _step(self, what: str) -> None:
        try:
            self._driver.ask(what)
        except Exception:
            # SQLAlchemy leaves the cursors of a lost connection to the garbage collector; then
            # psycopg warns of them, and PyMySQL reads on from a line that is closed.
            connection = self._cursor.connection
            with suppress(Exception):
                self._cursor.close()
            self._driver.lose(connection)
            raise

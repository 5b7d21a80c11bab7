"""Working inside a transaction of a host, on a connection that the host made without us."""

import contextlib
import functools
import pkgutil
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.default import DefaultDialect

from customer_groups.adapters.sql.autocommit import commits_each_statement
from customer_groups.adapters.sql.lent import LENT_CONNECTIONS, LentConnection
from customer_groups.adapters.sql.translating import translated
from customer_groups.errors import HostTransactionRequiredError, InvalidValueError

__all__ = ["hosted_connection"]


@contextlib.contextmanager
def hosted_connection(
    dbapi_connection: Any,  # noqa: ANN401  any driver's
    driver: str,
) -> Iterator[sa.Connection]:
    """Return a context that lends us the host's own connection, in the host's transaction.

    What it gives is for `SqlStorage.bind`. Begin, commit, rollback and close do nothing on
    it, and savepoints are real: what happens on it is kept if the host commits, and lost if
    the host rolls back. Nothing is registered on the host's connection.

    Args:
        dbapi_connection: The connection as the driver made it, in a transaction; one that is
            idle will do if autocommit is off.
        driver: ``"sqlite"``, ``"postgresql+psycopg"``, ``"postgresql+psycopg2"``,
            ``"mysql+pymysql"``, ``"mysql+mysqldb"``, ``"mariadb+pymysql"`` or
            ``"mariadb+mysqldb"``. For asynchronous drivers there is
            ``AsyncConnection.run_sync``.

    Raises:
        HostTransactionRequiredError: the driver would commit each statement by itself.
        InvalidValueError: the driver is none of these or not installed, or the connection
            is not one of its own.
        StorageError: the database cannot be used.
    """
    lent = _lend(dbapi_connection, driver)
    if commits_each_statement(lent):
        raise HostTransactionRequiredError
    token = _lent.set(lent)
    try:
        with translated():
            connection = _engine(driver, lent.server()).connect()
    finally:
        _lent.reset(token)
    with connection:
        connection.begin()
        yield connection


class _Hosted(DefaultDialect):
    """Savepoints that get in the way of nobody: names of their own, none left behind."""

    supports_statement_cache = True

    def do_savepoint(self, connection: sa.Connection, name: str) -> None:
        connection.exec_driver_sql(f"SAVEPOINT {_own_name(connection, name)}")

    def do_release_savepoint(self, connection: sa.Connection, name: str) -> None:
        connection.exec_driver_sql(f"RELEASE SAVEPOINT {_own_name(connection, name)}")

    def do_rollback_to_savepoint(self, connection: sa.Connection, name: str) -> None:
        connection.exec_driver_sql(f"ROLLBACK TO SAVEPOINT {_own_name(connection, name)}")
        self.do_release_savepoint(connection, name)


def _own_name(connection: sa.Connection, name: str) -> str:
    # On MariaDB a savepoint replaces one of the same name that is still open.
    return f"{name}_{id(connection):x}"


class _HostedMySql(_Hosted):
    """Looks for tables in the database of the connection, not in that of the first one."""

    supports_statement_cache = True

    def has_table(
        self,
        connection: sa.Connection,
        table_name: str,
        schema: str | None = None,
        **kw: Any,  # noqa: ANN401
    ) -> bool:
        current = connection.scalar(sa.select(sa.func.database()))
        return super().has_table(connection, table_name, schema or current, **kw)


_lent: ContextVar[LentConnection] = ContextVar("lent")


def _lend(connection: Any, driver: str) -> LentConnection:  # noqa: ANN401
    if driver not in LENT_CONNECTIONS:
        known = ", ".join(LENT_CONNECTIONS)
        reason = f"is not one of {known}; with an asynchronous driver, use run_sync of SQLAlchemy"
        raise InvalidValueError("driver", driver, reason)
    lent_class = LENT_CONNECTIONS[driver]
    dbapi = _dbapi(driver)
    made_as = f"{dbapi.__name__}.{lent_class.made_as}"
    if not isinstance(connection, pkgutil.resolve_name(made_as)):
        reason = f"is not a {made_as}; pass the driver's own connection, and name its driver"
        raise InvalidValueError("connection", type(connection).__qualname__, reason)
    return lent_class(connection, dbapi)


def _dbapi(driver: str) -> Any:  # noqa: ANN401
    try:
        return sa.URL.create(driver).get_dialect().import_dbapi()
    except ImportError as error:
        reason = f"is not installed ({error}); install it, or name the one that made the connection"
        raise InvalidValueError("driver", driver, reason) from error


def _dialect(driver: str) -> sa.Dialect:
    base = sa.URL.create(driver).get_dialect()
    hosted = _HostedMySql if base.name in {"mysql", "mariadb"} else _Hosted
    hosted_dialect: Any = type("HostedDialect", (hosted, base), {"supports_statement_cache": True})
    # That type would be registered on the host's connection.
    options = {"use_native_hstore": False} if base.name == "postgresql" else {}
    dialect: sa.Dialect = hosted_dialect(dbapi=_dbapi(driver), **options)
    return dialect


@functools.cache
def _engine(driver: str, server: tuple[object, ...]) -> sa.Engine:  # noqa: ARG001  one for each
    """Return the engine, which knows such a server from the connection to one lent first.

    Made without `create_engine`, which rolls back and registers things when it connects.
    """
    dialect = _dialect(driver)
    pool = sa.NullPool(_lent_connection, reset_on_return=None, dialect=dialect)
    engine = sa.Engine(pool, dialect, sa.URL.create(driver), hide_parameters=True)
    with engine.connect() as connection:
        dialect.initialize(connection)
    return engine


def _lent_connection() -> Any:  # noqa: ANN401
    return _lent.get()

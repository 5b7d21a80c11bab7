"""Whether a driver commits each statement by itself, asked without importing any driver."""

import contextlib
from typing import Any

from customer_groups.errors import StorageUnavailableError

__all__ = ["commits_each_statement"]

_IDLE = 0  # what libpq says when no transaction is open
_LEGACY = -1  # sqlite3.LEGACY_TRANSACTION_CONTROL, which Python 3.11 does not have


def commits_each_statement(connection: Any) -> bool:  # noqa: ANN401  any driver's
    """Return whether the driver would commit at once what is written now.

    That is so while autocommit is on and no transaction is open. An idle connection with
    autocommit off begins a transaction with its next statement.

    Args:
        connection: A connection of sqlite3, psycopg, psycopg2, PyMySQL or mysqlclient, or
            SQLAlchemy's adapter of one of an asynchronous driver.

    Raises:
        StorageUnavailableError: the connection is closed, or the server gave no answer.
    """
    try:
        return _commits(connection)
    except getattr(connection, "Error", ()) as error:
        raise StorageUnavailableError(
            "the connection does not say whether it is in a transaction;"
            " open another one, with autocommit off"
        ) from error


def _commits(connection: Any) -> bool:  # noqa: ANN401
    driver = getattr(connection, "driver_connection", connection)
    if hasattr(driver, "in_transaction"):
        return _is_sqlite_autocommit(driver) and not driver.in_transaction
    if hasattr(connection, "get_autocommit"):
        return bool(connection.get_autocommit()) and not _is_mariadb_in_transaction(connection)
    return bool(getattr(connection, "autocommit", False)) and _is_postgresql_idle(driver)


def _is_sqlite_autocommit(connection: Any) -> bool:  # noqa: ANN401
    autocommit = getattr(connection, "autocommit", _LEGACY)
    return connection.isolation_level is None if autocommit == _LEGACY else bool(autocommit)


def _is_mariadb_in_transaction(connection: Any) -> bool:  # noqa: ANN401
    with contextlib.closing(connection.cursor()) as cursor:
        cursor.execute("SELECT 1 FROM dual WHERE @@in_transaction")
        return cursor.fetchone() is not None


def _is_postgresql_idle(connection: Any) -> bool:  # noqa: ANN401
    if hasattr(connection, "is_in_transaction"):  # asyncpg
        return not connection.is_in_transaction()
    if hasattr(connection, "get_transaction_status"):  # psycopg2, where hosts replace `info`
        return bool(connection.get_transaction_status() == _IDLE)
    return bool(connection.info.transaction_status == _IDLE)

"""The host's own connections, without what only the host may do with them."""

import contextlib
from typing import Any, ClassVar

import sqlalchemy as sa

__all__ = ["LENT_CONNECTIONS", "LentConnection"]


class LentConnection:
    """What SQLAlchemy sees of the host's connection.

    Only the host may end its transaction or close its connection. Its cursors may return
    dictionaries; ours return tuples.

    Attributes:
        made_as: The class that the driver's connections have, in the driver's module.
    """

    made_as: ClassVar[str] = "Connection"

    def __init__(self, connection: Any, dbapi: Any) -> None:  # noqa: ANN401  any driver's
        """Hold the connection, and the module of its driver."""
        self._connection = connection
        self._dbapi = dbapi

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._connection, name)

    def server(self) -> tuple[object, ...]:
        """Return what SQLAlchemy's ways with the server depend on.

        Raises:
            DBAPIError: the server gave no answer.
        """
        try:
            return self._server()
        except self._dbapi.Error as error:
            # As SQLAlchemy wraps what goes through it.
            raise sa.exc.DBAPIError(None, None, error) from error

    def _server(self) -> tuple[object, ...]:
        return ()

    def commit(self) -> None:
        """Do nothing."""

    def rollback(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class _SqliteConnection(LentConnection):
    def cursor(self) -> Any:  # noqa: ANN401
        cursor = self._connection.cursor()
        cursor.row_factory = None
        return cursor


class _PsycopgConnection(LentConnection):
    def _server(self) -> tuple[object, ...]:
        return (self._connection.info.server_version,)

    def cursor(self, *name: str, **options: Any) -> Any:  # noqa: ANN401
        tuples = self._dbapi.rows.tuple_row
        return self._connection.cursor(*name, **options, row_factory=tuples)


class _Psycopg2Connection(LentConnection):
    made_as = "extensions.connection"

    def _server(self) -> tuple[object, ...]:
        return (self._connection.server_version,)

    def cursor(self, *name: str) -> Any:  # noqa: ANN401
        return self._connection.cursor(*name, cursor_factory=self._dbapi.extensions.cursor)


class _MySqlConnection(LentConnection):
    made_as = "connections.Connection"

    def _server(self) -> tuple[object, ...]:
        with contextlib.closing(self.cursor()) as cursor:
            cursor.execute("SELECT @@version, @@sql_mode")
            return tuple(cursor.fetchone())

    def cursor(self, kind: Any = None) -> Any:  # noqa: ANN401
        return self._connection.cursor(kind or self._dbapi.cursors.Cursor)


LENT_CONNECTIONS: dict[str, type[LentConnection]] = {
    "sqlite": _SqliteConnection,
    "postgresql+psycopg": _PsycopgConnection,
    "postgresql+psycopg2": _Psycopg2Connection,
    "mysql+pymysql": _MySqlConnection,
    "mysql+mysqldb": _MySqlConnection,
    "mariadb+pymysql": _MySqlConnection,
    "mariadb+mysqldb": _MySqlConnection,
}
"""How to lend a connection, by the driver's name."""

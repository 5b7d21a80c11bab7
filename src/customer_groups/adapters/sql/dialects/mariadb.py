"""MariaDB: plain reads may be stale, and much commits by itself."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from customer_groups.adapters.sql.dialects.base import MIGRATION_LOCK, Dialect, Query, insert_many
from customer_groups.errors import RetryableConflictError, StorageUnavailableError

__all__ = ["MariaDB"]

CHARSET = "utf8mb4"
SECONDS_TO_MIGRATE = 60
READING_WITHOUT_LOCKS = {"READ-UNCOMMITTED", "READ-COMMITTED"}


class MariaDB(Dialect):
    """What is special about MariaDB; see `Dialect`."""

    error_ends_transaction = False
    undoes_temporary_tables = False

    def __init__(self) -> None:
        """Take the transaction for one of the host's."""
        self._is_own = False

    def require_unicode(self, connection: sa.Connection) -> None:
        """Refuse connections that cannot carry every character."""
        charset = connection.scalar(sa.text("SELECT @@character_set_connection"))
        if charset != CHARSET:
            raise StorageUnavailableError(
                f"the connection speaks {charset}, which cannot carry every character;"
                " open it with charset=utf8mb4"
            )

    def begin_own(self, connection: sa.Connection) -> None:
        """Read what is committed; MariaDB's default keeps locks on what was only read."""
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
        self._is_own = True

    def begin_writing(self, connection: sa.Connection) -> None:
        """Do nothing: the server begins with the first statement."""

    def has_begun(self, connection: sa.Connection) -> bool:  # noqa: ARG002
        """Return True: which errors end a transaction is known by their numbers."""
        return True

    @contextmanager
    def migrating(self, connection: sa.Connection) -> Iterator[None]:
        """Take a lock that the commits of the migration do not give back."""
        lock = sa.func.get_lock(MIGRATION_LOCK, SECONDS_TO_MIGRATE)
        if not connection.scalar(sa.select(lock)):
            raise RetryableConflictError("another process is migrating the tables; try again later")
        try:
            yield
        finally:
            # With a lost connection, the lock is gone as well.
            with suppress(sa.exc.SQLAlchemyError):
                connection.execute(sa.select(sa.func.release_lock(MIGRATION_LOCK)))

    def deciding(self, query: sa.Select[Any]) -> sa.Select[Any]:
        """Return a locking read in a host's transaction, where a plain one may see the past.

        Ours see what is committed, and so need no locks, which could meet those of others.
        """
        return query if self._is_own else query.with_for_update(read=True)

    def may_copy(self, column: sa.ColumnElement[str], rows: sa.Select[Any], query: Query) -> bool:
        """Return whether it reads without locks, and the column has our character set.

        Where it has not, a text that the column cannot hold would be an error.
        """
        if not self._reads_without_locks(query):
            return False
        charset, _ = _collation(column, rows, query)
        return charset == CHARSET

    def _reads_without_locks(self, query: Query) -> bool:
        if self._is_own:  # The server tells the level of the session, not of the transaction.
            return True
        ((level,),) = query(sa.text("SELECT @@tx_isolation"))
        return level in READING_WITHOUT_LOCKS

    def exact(self, text: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
        """Return the text in a collation that compares code points, and spaces at the end."""
        return sa.collate(sa.cast(text, mysql.CHAR(charset=CHARSET)), "utf8mb4_nopad_bin")

    def compared_like(
        self,
        column: sa.ColumnElement[str],
        rows: sa.Select[Any],
        value: sa.ColumnElement[str],
        query: Query,
    ) -> sa.ColumnElement[str]:
        """Return the value in the column's own collation: an index serves only that one."""
        _, collation = _collation(column, rows, query)
        return sa.collate(value, collation)

    def comparable(
        self,
        column: sa.ColumnElement[str],
        rows: sa.Select[Any],
        texts: Sequence[str],
        query: Query,
    ) -> Sequence[Any]:
        """Return them in the column's own character set, with ``?`` for what it cannot hold."""
        if all(map(str.isascii, texts)):
            return texts
        charset, collation = _collation(column, rows, query)
        kind = mysql.CHAR(charset=charset)
        return [sa.collate(sa.cast(text, kind), collation) for text in texts]

    def is_ascii(self, text: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
        """Return the condition that there are as many bytes in UTF-8 as characters."""
        return sa.func.octet_length(self.exact(text)) == sa.func.char_length(text)

    def insert(
        self, connection: sa.Connection, table: sa.Table, rows: Sequence[tuple[Any, ...]]
    ) -> None:
        """Let the driver repeat one statement; the drivers put many rows into each."""
        insert_many(connection, table, rows)

    def insert_or_change(
        self, table: sa.Table, changes: Mapping[str, sa.ColumnElement[Any]]
    ) -> sa.Insert:
        """Return an insert that updates where it meets a key."""
        return mysql.insert(table).on_duplicate_key_update(dict(changes))

    def may_stream(self, connection: sa.Connection) -> bool:  # noqa: ARG002
        """Return True: the drivers have cursors for it."""
        return True

    def analyze(self, connection: sa.Connection, table: sa.Table) -> None:
        """Do nothing: ANALYZE would commit the host's work."""

    def analyze_stored(self, connection: sa.Connection, table: sa.Table) -> None:
        """Count it: InnoDB does so by itself, but only some seconds later."""
        name = connection.dialect.identifier_preparer.format_table(table)
        connection.exec_driver_sql(f"ANALYZE TABLE {name}")

    def drop_temporary(self, connection: sa.Connection, table: sa.Table) -> None:
        """Drop a temporary table and no other: that would commit the host's work."""
        name = connection.dialect.identifier_preparer.format_table(table)
        connection.exec_driver_sql(f"DROP TEMPORARY TABLE IF EXISTS {name}")


def _collation(
    column: sa.ColumnElement[str], rows: sa.Select[Any], query: Query
) -> tuple[str, str]:
    """Return the character set and the collation of a column."""
    any_value = rows.with_only_columns(column).limit(1).scalar_subquery()
    (described,) = query(sa.select(sa.func.charset(any_value), sa.func.collation(any_value)))
    charset, collation = described
    return charset, collation

"""What the adapter asks of a database engine."""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import sqlalchemy as sa

__all__ = ["MIGRATION_LOCK", "Dialect", "Query", "insert_many"]

MIGRATION_LOCK = "customer_groups.migrate"

Query = Callable[[sa.Executable], Sequence[Any]]
"""Runs a query and returns its rows."""


class Dialect(Protocol):
    """The differences between engines, one method for each; every session has its own.

    Attributes:
        error_ends_transaction: Whether a failed statement ends the transaction, unless it
            is undone with a savepoint.
        undoes_temporary_tables: Whether a temporary table goes away when the transaction,
            or the savepoint, that it was created in is rolled back.
    """

    error_ends_transaction: bool
    undoes_temporary_tables: bool

    @abstractmethod
    def require_unicode(self, connection: sa.Connection) -> None:
        """Do nothing if the database keeps every text, and orders it by code point.

        Raises:
            StorageUnavailableError: it does not.
        """

    @abstractmethod
    def begin_own(self, connection: sa.Connection) -> None:
        """Prepare a transaction of our own, just begun, so that it waits for few others."""

    @abstractmethod
    def begin_writing(self, connection: sa.Connection) -> None:
        """Make sure that the driver has really begun a transaction, one that may write."""

    @abstractmethod
    def has_begun(self, connection: sa.Connection) -> bool:
        """Return whether the driver is in a transaction, as far as it can be asked."""

    @abstractmethod
    def migrating(self, connection: sa.Connection) -> AbstractContextManager[None]:
        """Return a context in which other processes that want to migrate wait.

        Raises:
            RetryableConflictError: another process migrates, and does not come to an end.
        """

    @abstractmethod
    def deciding(self, query: sa.Select[Any]) -> sa.Select[Any]:
        """Return the query so that it sees what is committed now, to decide upon it.

        The rows that it reads are ours, and locked already or nearly so.
        """

    @abstractmethod
    def may_copy(self, column: sa.ColumnElement[str], rows: sa.Select[Any], query: Query) -> bool:
        """Return whether ``INSERT .. SELECT`` may compare a column of the host with any text.

        Not if it would keep the host from changing the rows until the transaction ends.

        Args:
            column: Text of the host.
            rows: Finds rows that have the column.
            query: Asks the database.
        """

    @abstractmethod
    def exact(self, text: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
        """Return the text so that it is compared and ordered by code point."""

    @abstractmethod
    def compared_like(
        self,
        column: sa.ColumnElement[str],
        rows: sa.Select[Any],
        value: sa.ColumnElement[str],
        query: Query,
    ) -> sa.ColumnElement[str]:
        """Return a value of ours so that ``column == value`` may use an index on the column.

        Args:
            column: Text of the host, in whatever collation; see `may_copy`.
            rows: Finds rows that have the column.
            value: A column of ours.
            query: Asks the database what collation that is.
        """

    @abstractmethod
    def comparable(
        self,
        column: sa.ColumnElement[str],
        rows: sa.Select[Any],
        texts: Sequence[str],
        query: Query,
    ) -> Sequence[Any]:
        """Return texts so that ``column IN texts`` may use an index, and never fails.

        Args:
            column: Text of the host, in whatever collation and character set.
            rows: Finds rows that have the column.
            texts: What to look for.
            query: Asks the database what character set that is.
        """

    @abstractmethod
    def is_ascii(self, text: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
        """Return the condition that all characters are ASCII."""

    @abstractmethod
    def insert(
        self, connection: sa.Connection, table: sa.Table, rows: Sequence[tuple[Any, ...]]
    ) -> None:
        """Insert some thousand rows, in the order of the table's columns, the fastest way.

        Past SQLAlchemy's own types: the driver gets the values as they are.
        """

    @abstractmethod
    def insert_or_change(
        self, table: sa.Table, changes: Mapping[str, sa.ColumnElement[Any]]
    ) -> sa.Insert:
        """Return an insert of rows that changes what has the same primary key instead.

        It waits for whoever has inserted that and not committed yet, and locks the row either way.

        Args:
            table: Where to insert.
            changes: What the columns of a row that is there become.
        """

    @abstractmethod
    def may_stream(self, connection: sa.Connection) -> bool:
        """Return whether the rows of a query can be fetched little by little."""

    @abstractmethod
    def analyze(self, connection: sa.Connection, table: sa.Table) -> None:
        """Let the planner know how many rows a temporary table has, if it does not."""

    @abstractmethod
    def analyze_stored(self, connection: sa.Connection, table: sa.Table) -> None:
        """Let the planner know what a table of ours holds; this may commit."""

    @abstractmethod
    def drop_temporary(self, connection: sa.Connection, table: sa.Table) -> None:
        """Drop a temporary table, and commit nothing by that."""


def insert_many(
    connection: sa.Connection, table: sa.Table, rows: Sequence[tuple[Any, ...]]
) -> None:
    """Insert rows by one statement that the driver repeats.

    For a million rows SQLAlchemy's own insert() takes twice the time.
    """
    preparer = connection.dialect.identifier_preparer
    placeholder = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    columns = ", ".join(preparer.format_column(column) for column in table.columns)
    values = ", ".join([placeholder] * len(table.columns))
    name = preparer.format_table(table)
    connection.exec_driver_sql(f"INSERT INTO {name} ({columns}) VALUES ({values})", list(rows))  # noqa: S608  quoted names

"""SQLite: one writer at a time, and a driver that begins late."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import DropTable

from customer_groups.adapters.sql.dialects.base import Dialect, Query, insert_many
from customer_groups.errors import StorageUnavailableError

__all__ = ["SQLite"]


class SQLite(Dialect):
    """What is special about SQLite; see `Dialect`."""

    error_ends_transaction = False
    undoes_temporary_tables = True

    def require_unicode(self, connection: sa.Connection) -> None:
        """Refuse databases in UTF-16: they order text by halves of characters."""
        encoding = connection.scalar(sa.text("PRAGMA encoding"))
        if encoding != "UTF-8":
            raise StorageUnavailableError(
                f"the database keeps text as {encoding}, which it does not sort by code point;"
                " use one that keeps it as UTF-8"
            )

    def begin_own(self, connection: sa.Connection) -> None:
        """Leave it to the first change: a reader must not wait for a writer."""

    def begin_writing(self, connection: sa.Connection) -> None:
        """Begin, where the driver has not.

        It begins late, and not at all before a savepoint: what happens in that would
        outlive the rollback of the transaction around it.
        """
        if not self.has_begun(connection):
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    def has_begun(self, connection: sa.Connection) -> bool:
        """Return what the driver knows."""
        driver: Any = connection.connection.driver_connection
        return bool(driver.in_transaction)

    def migrating(self, connection: sa.Connection) -> AbstractContextManager[None]:  # noqa: ARG002
        """Lock nothing more: there is only one writer."""
        return nullcontext()

    def deciding(self, query: sa.Select[Any]) -> sa.Select[Any]:
        """Return it as it is: there is no other writer."""
        return query

    def may_copy(
        self,
        column: sa.ColumnElement[str],  # noqa: ARG002
        rows: sa.Select[Any],  # noqa: ARG002
        query: Query,  # noqa: ARG002
    ) -> bool:
        """Return True: there are no locks on rows."""
        return True

    def exact(self, text: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
        """Return the text in the collation that compares bytes."""
        return sa.collate(text, "BINARY")

    def compared_like(
        self,
        column: sa.ColumnElement[str],  # noqa: ARG002
        rows: sa.Select[Any],  # noqa: ARG002
        value: sa.ColumnElement[str],
        query: Query,  # noqa: ARG002
    ) -> sa.ColumnElement[str]:
        """Return the value as it is: the left side decides how it is compared."""
        return value

    def comparable(
        self,
        column: sa.ColumnElement[str],  # noqa: ARG002
        rows: sa.Select[Any],  # noqa: ARG002
        texts: Sequence[str],
        query: Query,  # noqa: ARG002
    ) -> Sequence[Any]:
        """Return them as they are: all columns can hold all texts."""
        return texts

    def is_ascii(self, text: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
        """Return the condition that there are as many bytes as characters."""
        return sa.func.length(sa.cast(text, sa.LargeBinary)) == sa.func.length(text)

    def insert(
        self, connection: sa.Connection, table: sa.Table, rows: Sequence[tuple[Any, ...]]
    ) -> None:
        """Let the driver repeat one statement."""
        insert_many(connection, table, rows)

    def insert_or_change(
        self, table: sa.Table, changes: Mapping[str, sa.ColumnElement[Any]]
    ) -> sa.Insert:
        """Return an insert that updates on a conflict."""
        return sqlite.insert(table).on_conflict_do_update(
            index_elements=table.primary_key, set_=changes
        )

    def may_stream(self, connection: sa.Connection) -> bool:  # noqa: ARG002
        """Return True: the driver reads as it is asked."""
        return True

    def analyze(self, connection: sa.Connection, table: sa.Table) -> None:
        """Do nothing: our joins say by themselves which side comes first."""

    def analyze_stored(self, connection: sa.Connection, table: sa.Table) -> None:
        """Do nothing, for the same reason."""

    def drop_temporary(self, connection: sa.Connection, table: sa.Table) -> None:
        """Drop it like any table."""
        connection.execute(DropTable(table))

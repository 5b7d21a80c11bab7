"""The one gate to the database: every statement of the adapter goes through here."""

import contextlib
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

import sqlalchemy as sa

from customer_groups.adapters.sql.parts import parts
from customer_groups.adapters.sql.translating import translated
from customer_groups.errors import (
    HostTransactionRequiredError,
    StorageError,
    TransactionClosedError,
)

__all__ = ["SqlSession"]

ROWS_AT_A_TIME = 5_000

_Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]]


class SqlSession:
    """One transaction on one connection.

    It begins nothing but savepoints, and ends nothing: the owner of the connection does.
    On SQLite it makes the driver begin what SQLAlchemy has begun.
    """

    def __init__(self, connection: sa.Connection) -> None:
        """Use a connection whose transaction is open.

        Raises:
            HostTransactionRequiredError: it is not.
        """
        transaction = connection.get_transaction()
        if transaction is None or not transaction.is_active:
            raise HostTransactionRequiredError
        self._connection = connection
        self._transaction = transaction
        self._lost: StorageError | None = None
        self._is_writing = False

    @property
    def connection(self) -> sa.Connection:
        """The connection; raises what `require_open` raises."""
        self.require_open()
        return self._connection

    def require_open(self) -> None:
        """Do nothing while the transaction can be used.

        Raises:
            TransactionClosedError: it has ended.
            StorageError: it was lost.
        """
        # SQLAlchemy would silently begin another one, which nobody commits.
        if not self._transaction.is_active:
            raise TransactionClosedError
        if self._lost is not None:
            raise type(self._lost)(
                self._lost.message, transaction_lost=True
            ) from self._lost.__cause__

    def execute(
        self, statement: sa.Executable, parameters: _Parameters | None = None
    ) -> sa.CursorResult[Any]:
        """Run a statement that returns no rows.

        Raises:
            StorageError: it failed.
        """
        connection = self.connection
        with self._noticing_loss():
            return cast("sa.CursorResult[Any]", connection.execute(statement, parameters))

    def rows(self, statement: sa.Executable) -> Sequence[Any]:
        """Run a query and return all its rows.

        Raises:
            StorageError: it failed.
        """
        connection = self.connection
        with self._noticing_loss():
            return connection.execute(statement).all()

    def stream(self, statement: sa.Executable) -> Generator[Any, None, None]:
        """Run a query and yield its rows, keeping only some of them in memory.

        Raises:
            StorageError: it failed.
        """
        connection = self.connection
        with self._noticing_loss():
            result = connection.execute(statement)
        with contextlib.closing(result):
            while True:
                with self._noticing_loss():
                    part = result.fetchmany(ROWS_AT_A_TIME)
                if not part:
                    return
                yield from part

    def insert_rows(self, table: sa.Table, rows: Iterable[tuple[Any, ...]]) -> int:
        """Insert rows given as tuples, and return how many there were.

        Past SQLAlchemy's own insert(): for a million rows that takes half the time. The
        driver gets the values as they are.

        Args:
            table: Where to insert.
            rows: Any number of them, in the order of the table's columns; consumed in
                parts, so an iterator of any length does.
        """
        preparer = self.connection.dialect.identifier_preparer
        placeholder = "?" if self.connection.dialect.paramstyle == "qmark" else "%s"
        columns = ", ".join(preparer.format_column(column) for column in table.columns)
        values = ", ".join([placeholder] * len(table.columns))
        statement = f"INSERT INTO {preparer.format_table(table)} ({columns}) VALUES ({values})"  # noqa: S608  quoted names
        inserted = 0
        for part in parts(rows, ROWS_AT_A_TIME):
            connection = self.connection
            with self._noticing_loss():
                connection.exec_driver_sql(statement, part)
            inserted += len(part)
        return inserted

    @contextlib.contextmanager
    def savepoint(self) -> Iterator[None]:
        """Return a context whose changes are undone if an exception leaves it."""
        self.begin_writing()
        with self._noticing_loss():
            savepoint = self.connection.begin_nested()
        try:
            yield
        except BaseException:
            if self._transaction.is_active and self._lost is None:
                with self._noticing_loss():
                    savepoint.rollback()
            raise
        with self._noticing_loss():
            savepoint.commit()

    def begin_writing(self) -> None:
        """Make sure that SQLite's driver is in a transaction, one that may write.

        The driver begins late, and not at all before a savepoint: what happens in that
        would outlive the rollback of the transaction around it.
        """
        if self._is_outside_of_sqlite_transaction():
            with self._noticing_loss():
                self.connection.exec_driver_sql("BEGIN IMMEDIATE")
        self._is_writing = True

    def _is_outside_of_sqlite_transaction(self) -> bool:
        connection = self.connection
        driver: Any = connection.connection.driver_connection
        return connection.dialect.name == "sqlite" and not driver.in_transaction

    @contextlib.contextmanager
    def _noticing_loss(self) -> Iterator[None]:
        try:
            with translated():
                yield
        except StorageError as error:
            # After some failures SQLite rolls back everything by itself.
            if self._is_writing and self._is_outside_of_sqlite_transaction():
                error.transaction_lost = True
            if error.transaction_lost:
                self._lost = error
            raise

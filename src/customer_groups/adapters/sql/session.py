"""The one gate to the database: every statement of the adapter goes through here."""

import contextlib
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.schema import CreateTable

from customer_groups.adapters.sql.autocommit import commits_each_statement
from customer_groups.adapters.sql.dialects import dialect_of
from customer_groups.adapters.sql.parts import parts
from customer_groups.adapters.sql.translating import translated
from customer_groups.errors import (
    HostTransactionRequiredError,
    InvalidValueError,
    StorageError,
    TransactionClosedError,
)

__all__ = ["SqlSession"]

ROWS_AT_A_TIME = 5_000

_LOSS = "customer_groups_loss"

_Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]]


class SqlSession:
    """One transaction on one connection.

    It begins nothing but savepoints, and ends nothing: the owner of the connection does.
    On SQLite it makes the driver begin what SQLAlchemy has begun. A transaction that is lost
    for one session is lost for all, as the connection's own options remember.

    Attributes:
        dialect: What is special about the database.
    """

    def __init__(self, connection: sa.Connection) -> None:
        """Use a connection whose transaction is open.

        Raises:
            HostTransactionRequiredError: it is not, or each statement is committed at once.
            InvalidValueError: the connection has a ``schema_translate_map``.
            StorageUnavailableError: it is a database of another kind.
            StorageError: the transaction was lost.
        """
        transaction = connection.get_transaction()
        if transaction is None or not transaction.is_active:
            raise HostTransactionRequiredError
        _require_plain_schemas(connection)
        self.dialect = dialect_of(connection)
        self._connection = connection
        self._transaction = transaction
        self._is_writing = False
        self._savepoints = 0
        self.require_open()
        with self.noticing_loss():
            if commits_each_statement(connection.connection.dbapi_connection):
                raise HostTransactionRequiredError

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
        if (lost := self._lost) is not None:
            raise type(lost)(lost.message, transaction_lost=True) from lost.__cause__

    def execute(
        self, statement: sa.Executable, parameters: _Parameters | None = None
    ) -> sa.CursorResult[Any]:
        """Run a statement that returns no rows.

        Raises:
            StorageError: it failed.
        """
        connection = self.connection
        with self.noticing_loss():
            return cast("sa.CursorResult[Any]", connection.execute(statement, parameters))

    def rows(
        self, statement: sa.Executable, parameters: Mapping[str, Any] | None = None
    ) -> Sequence[Any]:
        """Run a statement and return all its rows.

        Raises:
            StorageError: it failed.
        """
        connection = self.connection
        with self.noticing_loss():
            return connection.execute(statement, parameters).all()

    def stream(self, statement: sa.Executable) -> Generator[Any, None, None]:
        """Run a query and yield its rows, keeping only some of them in memory.

        No other statement may run meanwhile.

        Raises:
            StorageError: it failed.
        """
        connection = self.connection
        with self.noticing_loss():
            options = {"stream_results": self.dialect.may_stream(connection)}
            result = connection.execute(statement, execution_options=options)
        with contextlib.closing(result):
            while True:
                with self.noticing_loss():
                    part = result.fetchmany(ROWS_AT_A_TIME)
                if not part:
                    return
                yield from part

    def insert_rows(self, table: sa.Table, rows: Iterable[tuple[Any, ...]]) -> None:
        """Insert rows given as tuples.

        Args:
            table: Where to insert.
            rows: Any number of them, in the order of the table's columns; consumed in
                parts, so an iterator of any length does.
        """
        for part in parts(rows, ROWS_AT_A_TIME):
            connection = self.connection
            with self.noticing_loss():
                self.dialect.insert(connection, table, part)

    @contextlib.contextmanager
    def temporary(self, *tables: sa.Table) -> Iterator[None]:
        """Return a context in which temporary tables are there.

        Raises:
            StorageError: they cannot be created; unless it says otherwise, the transaction
                goes on.
        """
        try:
            with self.savepoint():
                for table in tables:
                    self.execute(CreateTable(table))
            yield
        except BaseException:
            if not self.dialect.undoes_temporary_tables:
                with contextlib.suppress(StorageError), translated():
                    self._drop(tables)
            raise
        self.require_open()
        with self.noticing_loss():
            self._drop(tables)

    def analyze(self, table: sa.Table) -> None:
        """Tell the planner what a temporary table holds."""
        connection = self.connection
        with self.noticing_loss():
            self.dialect.analyze(connection, table)

    @contextlib.contextmanager
    def savepoint(self) -> Iterator[None]:
        """Return a context whose changes are undone if an exception leaves it."""
        self.begin_writing()
        connection = self.connection
        with self.noticing_loss():
            savepoint = connection.begin_nested()
        self._savepoints += 1
        try:
            yield
        except BaseException:
            if self._transaction.is_active:
                self._undo(savepoint)
            raise
        finally:
            self._savepoints -= 1
        self.require_open()
        try:
            with self.noticing_loss():
                savepoint.commit()
        except StorageError:
            # SQLAlchemy would go on as if it were still open.
            with contextlib.suppress(StorageError), translated():
                savepoint.close()
            raise

    def begin_own(self) -> None:
        """Prepare a transaction of our own, which has just begun."""
        connection = self.connection
        with self.noticing_loss():
            self.dialect.begin_own(connection)

    def begin_writing(self) -> None:
        """Make sure that the driver is in a transaction, one that may write.

        Raises:
            TransactionClosedError: the host has ended it without telling SQLAlchemy.
            StorageError: the database refuses.
        """
        connection = self.connection
        with self.noticing_loss():
            if commits_each_statement(connection.connection.dbapi_connection):
                raise TransactionClosedError
            self.dialect.begin_writing(connection)
        self._is_writing = True

    @contextlib.contextmanager
    def noticing_loss(self) -> Iterator[None]:
        """Return a context for statements past this session; failures in it are translated.

        Raises:
            StorageError: a statement failed.
        """
        try:
            with translated():
                yield
        except StorageError as error:
            lost = self._transaction if error.transaction_lost else self._ended_by_error()
            if lost is not None:
                error.transaction_lost = True
                self._connection.execution_options(**{_LOSS: (lost, error)})
            raise

    @property
    def _lost(self) -> StorageError | None:
        """What the transaction was lost by; other sessions on it may have noticed."""
        options = self._connection.get_execution_options()
        transaction, error = options.get(_LOSS, (None, None))
        # It heals when the owner has rolled back what was lost.
        return error if transaction is not None and transaction.is_active else None

    def _undo(self, savepoint: sa.NestedTransaction) -> None:
        if self._lost is None:
            with self.noticing_loss():
                savepoint.rollback()
        elif not self.dialect.error_ends_transaction:
            # The database may have undone one statement only, and the host may yet commit.
            with contextlib.suppress(StorageError), translated():
                savepoint.rollback()

    def _drop(self, tables: Iterable[sa.Table]) -> None:
        for table in tables:
            self.dialect.drop_temporary(self._connection, table)

    def _ended_by_error(self) -> sa.Transaction | None:
        """Return the transaction that the error which just happened has ended."""
        if self._connection.invalidated:
            return self._transaction
        if self.dialect.error_ends_transaction and not self._savepoints:
            # A savepoint of the host's keeps it from losing more.
            return self._connection.get_nested_transaction() or self._transaction
        # After some failures SQLite rolls back everything by itself.
        if self._is_writing and not self.dialect.has_begun(self._connection):
            return self._transaction
        return None


def _require_plain_schemas(connection: sa.Connection) -> None:
    translated_schemas = connection.get_execution_options().get("schema_translate_map")
    if translated_schemas:
        raise InvalidValueError(
            "schema_translate_map",
            translated_schemas,
            "cannot be followed by all of our statements; take it off the connection,"
            " and use build_tables(schema=...)",
        )

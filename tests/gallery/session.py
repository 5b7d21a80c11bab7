"""A SQLite database for groups, and one transaction on it."""

import shutil
import sqlite3
import tempfile
from collections.abc import Collection, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from customer_groups.errors import (
    ConstraintViolatedError,
    OutcomeUnknownError,
    RetryableConflictError,
    StorageError,
    StorageUnavailableError,
    TransactionClosedError,
)
from customer_groups.testing import MayFail

__all__ = ["Session", "SqliteStorage", "Value", "never"]

Value = str | int | None

SCHEMA = """
CREATE TABLE groups (
    tenant TEXT NOT NULL, code TEXT NOT NULL, name TEXT NOT NULL, name_key TEXT NOT NULL,
    status TEXT NOT NULL, version INTEGER NOT NULL, attributes TEXT NOT NULL,
    created_at TEXT NOT NULL, created_by TEXT, updated_at TEXT NOT NULL, updated_by TEXT,
    customers INTEGER NOT NULL DEFAULT 0, members_version INTEGER NOT NULL DEFAULT 0,
    members_changed_at TEXT, members_changed_by TEXT,
    PRIMARY KEY (tenant, code), UNIQUE (tenant, name_key)
);
CREATE TABLE members (
    tenant TEXT NOT NULL, grp TEXT NOT NULL, customer TEXT NOT NULL,
    added_at TEXT NOT NULL, added_by TEXT,
    PRIMARY KEY (tenant, grp, customer)
);
CREATE TABLE numbers (
    tenant TEXT NOT NULL, series TEXT NOT NULL, last INTEGER NOT NULL,
    PRIMARY KEY (tenant, series)
);
"""

_IN_THE_WAY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


class SqliteStorage:
    """A database file of its own, with the tables."""

    schema = SCHEMA
    seconds_to_wait = 5.0

    def __init__(self) -> None:
        """Make the file and the tables."""
        self.folder = Path(tempfile.mkdtemp(prefix="gallery-"))
        self.connections: list[sqlite3.Connection] = []
        self.remembered: dict[object, Any] = {}  # for adapters that keep what they should not
        with closing(self.connect()) as connection:
            connection.executescript(self.schema)

    def connect(self) -> sqlite3.Connection:
        """Return a new connection, which commits each statement until a BEGIN."""
        connection = sqlite3.connect(
            self.folder / "groups.db",
            timeout=self.seconds_to_wait,
            isolation_level=None,
            check_same_thread=False,
        )
        self.connections.append(connection)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA journal_mode = MEMORY")
        return connection

    def close(self) -> None:
        """Close what somebody forgot to close, and delete the file."""
        for connection in self.connections:
            connection.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def _locked() -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return error


def never(step: str, error: Exception) -> None:
    """Let no step fail."""


class Session:
    """One transaction, on a connection of its own."""

    def __init__(self, storage: SqliteStorage, may_fail: MayFail = never) -> None:
        """Connect; ask before each step, and after a commit, whether it shall fail."""
        self.storage = storage
        self.may_fail = may_fail
        self.is_open = True
        self.lost: StorageError | None = None
        self.connection = self.connect()

    def connect(self) -> sqlite3.Connection:
        """Return the connection to work on."""
        try:
            self.may_fail("connect", sqlite3.OperationalError("unable to open"))
            return self.storage.connect()
        except sqlite3.Error as error:
            raise self.translated(error) from error

    def begin(self) -> None:
        """Begin, once no other transaction is in the way."""
        try:
            self.may_fail("BEGIN, while another transaction is in the way", _locked())
            self.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            raise self.translated(error) from error

    def commit(self) -> None:
        """Keep the changes, or none of them if the transaction is lost or the commit fails."""
        try:
            self.execute("COMMIT")
        except StorageError:
            self.rollback()
            raise
        self.confirm()

    def confirm(self) -> None:
        """Make sure that the commit was answered."""
        try:
            self.may_fail("after the commit", sqlite3.OperationalError("disk I/O error"))
        except sqlite3.Error as error:
            raise OutcomeUnknownError("the commit was not answered") from error

    def rollback(self) -> None:
        """Undo the changes; where that fails, closing the connection does it."""
        if self.connection.in_transaction:
            with suppress(sqlite3.Error):
                self.may_fail("ROLLBACK", sqlite3.OperationalError("disk I/O error"))
                self.connection.execute("ROLLBACK")

    def close(self) -> None:
        """End the use of this session."""
        self.is_open = False
        self.disconnect()

    def disconnect(self) -> None:
        """Give up the connection."""
        self.connection.close()

    def require_open(self) -> None:
        """Do nothing until the session ends."""
        if not self.is_open:
            raise TransactionClosedError

    def require_usable(self) -> None:
        """Do nothing while the transaction goes on; otherwise raise why it does not."""
        self.require_open()
        if self.lost is not None:
            raise self.lost

    def execute(self, sql: str, *values: Value) -> list[sqlite3.Row]:
        """Run one statement, and return all its rows."""
        self.require_usable()
        try:
            self.may_fail(sql, sqlite3.OperationalError("disk I/O error"))
            return self.connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise self.translated(error) from error

    def execute_many(self, sql: str, rows: Collection[Sequence[Value]]) -> None:
        """Run one statement for each row of values."""
        self.require_usable()
        try:
            self.may_fail(sql, sqlite3.OperationalError("disk I/O error"))
            self.connection.executemany(sql, rows)
        except sqlite3.Error as error:
            raise self.translated(error) from error

    def translated(self, error: sqlite3.Error) -> StorageError:
        """Return what an error of the driver means; the transaction may be lost by it."""
        if isinstance(error, sqlite3.IntegrityError):
            return ConstraintViolatedError("the storage refused the values")
        if getattr(error, "sqlite_errorcode", None) in _IN_THE_WAY:
            self.lost = RetryableConflictError("another transaction is in the way")
        else:
            self.lost = StorageUnavailableError("the storage failed")
        self.lost.transaction_lost = True
        return self.lost

"""Adapters that are right as long as nothing fails."""

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime

from customer_groups.codes import GroupCode
from customer_groups.customers import CustomerKey
from customer_groups.errors import OutcomeUnknownError, StorageError, StorageUnavailableError
from customer_groups.model import Membership
from gallery.adapter import SqliteGroups
from gallery.cases import Impatient, cases
from gallery.rows import Condition
from gallery.session import Session, Value

__all__ = ["CASES"]


class CommitFailureSwallowed(Session):
    """A commit that fails is taken for one that worked."""

    def commit(self) -> None:
        """Keep the changes, if possible."""
        with suppress(StorageError):
            super().commit()


class CommitFailureLeaks(Session):
    """What the driver says at a commit is not translated."""

    def commit(self) -> None:
        """Keep the changes."""
        self.require_usable()
        self.may_fail("COMMIT", sqlite3.OperationalError("disk I/O error"))
        self.connection.execute("COMMIT")


class FailureLeaks(Session):
    """The driver's own errors are not translated."""

    def execute(self, sql: str, *values: Value) -> list[sqlite3.Row]:
        """Run one statement."""
        self.require_usable()
        self.may_fail(sql, sqlite3.OperationalError("disk I/O error"))
        return self.connection.execute(sql, values).fetchall()


class FailureInBulkLeaks(Session):
    """The driver's own errors are translated, but not those of statements in bulk."""

    def execute_many(self, sql: str, rows: Collection[Sequence[Value]]) -> None:
        """Run one statement for each row."""
        self.require_usable()
        self.may_fail(sql, sqlite3.OperationalError("disk I/O error"))
        self.connection.executemany(sql, rows)


class ConnectingLeaks(Session):
    """An error of connecting is not translated."""

    def connect(self) -> sqlite3.Connection:
        """Return the connection to work on."""
        self.may_fail("connect", sqlite3.OperationalError("unable to open"))
        return self.storage.connect()


class CauseLost(Session):
    """What went wrong in the storage is not told."""

    def execute(self, sql: str, *values: Value) -> list[sqlite3.Row]:
        """Run one statement."""
        try:
            return super().execute(sql, *values)
        except StorageError as error:
            raise error from None


class FailureSwallowed(SqliteGroups):
    """Statistics are "best effort": that the members changed may not be written down."""

    def count_change(self, code: GroupCode, more: int, at: datetime, by: str | None) -> None:
        """Write down that the members changed, if possible."""
        with suppress(StorageError):
            super().count_change(code, more, at, by)
        self.session.lost = None


class BulkFailureSwallowed(SqliteGroups):
    """Memberships that cannot be stored are skipped, and counted as added."""

    def insert_members(self, members: Collection[Membership]) -> None:
        """Store memberships, if possible."""
        with suppress(StorageError):
            super().insert_members(members)
        self.session.lost = None


class LostAndForgotten(Session):
    """An error says that the transaction is lost, and the transaction goes on."""

    def translated(self, error: sqlite3.Error) -> StorageError:
        """Return what an error means."""
        translated = super().translated(error)
        self.lost = None
        return translated


class NotLost(Session):
    """A failed statement says that the transaction goes on, half of a change with it."""

    def translated(self, error: sqlite3.Error) -> StorageError:
        """Return what an error means."""
        translated = super().translated(error)
        translated.transaction_lost = False
        self.lost = None
        return translated


class NotLostAndNotUndone(SqliteGroups):
    """After a failed statement atomic() releases what was done so far."""

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """Return a context that keeps what an error of the storage interrupted."""
        try:
            with super().atomic():
                yield
        except StorageError:
            self.session.lost = None
            self.session.execute("RELEASE nested")
            raise


class CommitsWhatIsLost(Session):
    """A lost transaction is committed as far as it went, if the caller caught the error."""

    def commit(self) -> None:
        """Keep the changes."""
        self.lost = None
        super().commit()


class EndsQuietly(Session):
    """A lost transaction ends without an error, if the caller caught the first one."""

    def commit(self) -> None:
        """Keep the changes, if there are any."""
        if self.lost is None:
            super().commit()
        else:
            self.rollback()


class LeftOpen(Session):
    """After a failure the transaction is left open, and everybody else waits."""

    def rollback(self) -> None:
        """Do nothing."""

    def disconnect(self) -> None:
        """Close the connection, unless it is in use."""
        if self.connection.in_transaction:
            self.storage.remembered.setdefault("open", []).append(self.connection)
        else:
            super().disconnect()


class OneStepCommitted(SqliteGroups):
    """The group is removed in one transaction, its members in the one before."""

    def delete_memberships(self, code: GroupCode) -> None:
        """Delete memberships, and commit."""
        super().delete_memberships(code)
        self.session.execute("RELEASE nested")
        self.session.execute("COMMIT")
        self.session.execute("BEGIN IMMEDIATE")
        self.session.execute("SAVEPOINT nested")


class ChunksCommitted(SqliteGroups):
    """Members are committed before the counter is."""

    def insert_members(self, members: Collection[Membership]) -> None:
        """Store memberships, and commit."""
        super().insert_members(members)
        self.session.execute("RELEASE nested")
        self.session.execute("COMMIT")
        self.session.execute("BEGIN IMMEDIATE")
        self.session.execute("SAVEPOINT nested")


class SearchFailsEmpty(SqliteGroups):
    """A search that fails finds nothing."""

    def rows(
        self, table: str, where: Sequence[Condition], order: str, limit: int
    ) -> list[sqlite3.Row]:
        """Return rows, if possible."""
        try:
            return super().rows(table, where, order, limit)
        except StorageError:
            self.session.lost = None
            return []


class MembershipFailsToNo(SqliteGroups):
    """Who is a member? Nobody, where the question fails."""

    def which_are_members(
        self, code: GroupCode, customers: Collection[CustomerKey]
    ) -> frozenset[CustomerKey]:
        """Return who is a member, if possible."""
        try:
            return super().which_are_members(code, customers)
        except StorageError:
            self.session.lost = None
            return frozenset()


class ParametersTold(Session):
    """The message of an error repeats the statement and its values."""

    def execute(self, sql: str, *values: Value) -> list[sqlite3.Row]:
        """Run one statement."""
        try:
            return super().execute(sql, *values)
        except StorageError as error:
            error.message = f"{error.message}: {sql} {values}"
            raise


class AlwaysUnknown(Session):
    """Whatever fails in the storage is an unknown outcome, long before the commit, too."""

    def translated(self, error: sqlite3.Error) -> StorageError:
        """Return what an error means."""
        translated = super().translated(error)
        if not isinstance(translated, StorageUnavailableError):
            return translated
        self.lost = OutcomeUnknownError("the storage failed")
        self.lost.transaction_lost = True
        return self.lost


CASES = cases(
    AlwaysUnknown,
    CommitFailureSwallowed,
    CommitFailureLeaks,
    FailureLeaks,
    FailureInBulkLeaks,
    ConnectingLeaks,
    CauseLost,
    FailureSwallowed,
    BulkFailureSwallowed,
    LostAndForgotten,
    NotLost,
    NotLostAndNotUndone,
    CommitsWhatIsLost,
    EndsQuietly,
    OneStepCommitted,
    ChunksCommitted,
    SearchFailsEmpty,
    MembershipFailsToNo,
    ParametersTold,
    layer="faults",
) + cases(LeftOpen, layer="faults", storage=Impatient)

"""Transactions that keep too much, too little, or the wrong thing."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

from customer_groups.codes import GroupCode
from customer_groups.customers import CustomerKey
from customer_groups.errors import CustomerGroupsError, RetryableConflictError, StorageError
from customer_groups.model import CustomerGroup
from customer_groups.paging import Page
from customer_groups.query import GroupQuery, GroupSummary
from customer_groups.repository import UnitOfWork
from gallery.adapter import SqliteGroups
from gallery.cases import Impatient, cases
from gallery.session import Session
from gallery.store import SqliteStore, SqliteUnitOfWork

__all__ = ["CASES"]

T = TypeVar("T")


class AtomicKeeps(SqliteGroups):
    """What fails inside of atomic() is kept."""

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """Return a context that does nothing."""
        yield


class AtomicUndoesAll(SqliteGroups):
    """What fails inside of atomic() takes the whole transaction with it."""

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """Return a context that undoes everything."""
        try:
            yield
        except BaseException:
            self.session.execute("ROLLBACK")
            self.session.execute("BEGIN IMMEDIATE")
            raise


class AtomicSwallows(SqliteGroups):
    """atomic() undoes what failed, and the error is gone."""

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """Return a context that undoes and goes on."""
        with suppress(Exception), super().atomic():
            yield


class InnerAtomicKeeps(SqliteGroups):
    """Only the outermost atomic() is a savepoint; what fails in an inner one is kept."""

    depth = 0

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """Return a context that undoes at the outermost level."""
        self.depth += 1
        try:
            if self.depth > 1:
                yield
            else:
                with super().atomic():
                    yield
        finally:
            self.depth -= 1


class AtomicOnlyForOwnErrors(SqliteGroups):
    """atomic() undoes errors of the library, and keeps what failed for other reasons."""

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """Return a context that undoes errors of the library."""
        self.session.execute("SAVEPOINT nested")
        try:
            yield
        except CustomerGroupsError:
            self.session.execute("ROLLBACK TO nested")
            raise
        finally:
            self.session.execute("RELEASE nested")


class AtomicNotForInterrupts(SqliteGroups):
    """atomic() does not undo what an interrupt or another BaseException ends."""

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """Return a context that undoes after an Exception."""
        self.session.execute("SAVEPOINT nested")
        try:
            yield
        except Exception:
            self.session.execute("ROLLBACK TO nested")
            raise
        finally:
            self.session.execute("RELEASE nested")


class AtomicCommits(SqliteGroups):
    """The end of atomic() commits, as a nested transaction that does not nest."""

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """Return a context that commits."""
        with super().atomic():
            yield
        self.session.execute("COMMIT")
        self.session.execute("BEGIN IMMEDIATE")


class NextNumberCommits(SqliteGroups):
    """Drawing a number commits what the transaction has done so far."""

    def next_number(self, series: str) -> int:
        """Return the next number."""
        number = super().next_number(series)
        self.session.execute("COMMIT")
        self.session.execute("BEGIN IMMEDIATE")
        return number


class RemoveCommits(SqliteGroups):
    """Removing a group commits, as statements about tables do in some databases."""

    def remove(self, code: GroupCode, *, version: int | None = None) -> None:
        """Remove a group."""
        super().remove(code, version=version)
        self.session.execute("COMMIT")
        self.session.execute("BEGIN IMMEDIATE")


class CommitsAlways(Session):
    """A failed transaction is committed, too."""

    def rollback(self) -> None:
        """Keep the changes."""
        if self.connection.in_transaction:
            self.connection.execute("COMMIT")


class CommitsNever(Session):
    """Nobody calls commit, and closing the connection rolls back."""

    def commit(self) -> None:
        """Do nothing."""


class EachStatementCommits(Session):
    """The driver commits each statement by itself."""

    def begin(self) -> None:
        """Do nothing."""

    def commit(self) -> None:
        """Do nothing."""


class InterruptsCommit(SqliteStore):
    """Only an Exception rolls back; an interrupt commits what is half done."""

    @contextmanager
    def transaction(self) -> Iterator[SqliteUnitOfWork]:
        """Return a context that is one transaction."""
        with super().transaction() as work:
            try:
                yield work
            except Exception:
                raise
            except BaseException:
                work.session.commit()
                raise


class ErrorsSwallowed(SqliteStore):
    """A transaction that fails is rolled back, and nobody hears of it."""

    @contextmanager
    def transaction(self) -> Iterator[SqliteUnitOfWork]:
        """Return a context that is one transaction."""
        with suppress(Exception), super().transaction() as work:
            yield work


class InterruptsSwallowed(SqliteStore):
    """A transaction that an interrupt ends is rolled back, and the program goes on."""

    @contextmanager
    def transaction(self) -> Iterator[SqliteUnitOfWork]:
        """Return a context that is one transaction."""
        try:
            with super().transaction() as work:
                yield work
        except Exception:
            raise
        except BaseException:  # noqa: BLE001, S110 - the bug
            pass


class UsedAfterTheEnd(Session):
    """A unit of work goes on after its end, with each statement by itself."""

    def close(self) -> None:
        """Leave the connection as it is."""

    def require_open(self) -> None:
        """Do nothing."""


class RepositoryUsedAfterTheEnd(Session):
    """The unit of work is closed, but the repository taken from it goes on."""

    def close(self) -> None:
        """Give up the unit of work, not the connection."""
        self.is_open = False

    def require_usable(self) -> None:
        """Do nothing."""


class DriverErrorAfterTheEnd(Session):
    """Using a repository after the end raises what the driver says about closed connections."""

    def require_usable(self) -> None:
        """Do nothing but for lost transactions."""
        if self.lost is not None:
            raise self.lost

    def translated(self, error: sqlite3.Error) -> StorageError:
        """Return the error of the library for an error of the driver."""
        if isinstance(error, sqlite3.ProgrammingError):
            raise error
        return super().translated(error)


class GroupRemembered(SqliteGroups):
    """A group that was read once is read from a cache in later transactions."""

    def get(self, code: GroupCode) -> CustomerGroup:
        """Return a group."""
        remembered = self.session.storage.remembered
        if (self.tenant, code) not in remembered:
            remembered[self.tenant, code] = super().get(code)
        group: CustomerGroup = remembered[self.tenant, code]
        return group

    def update(self, group: CustomerGroup) -> None:
        """Write a group, and forget what was read."""
        super().update(group)
        self.session.storage.remembered.pop((self.tenant, group.code), None)


class RolledBackRemembered(SqliteGroups):
    """A cache is written before the commit, so it holds what was rolled back."""

    def get(self, code: GroupCode) -> CustomerGroup:
        """Return a group."""
        remembered = self.session.storage.remembered
        group = super().get(code)
        known: CustomerGroup = remembered.get((self.tenant, code), group)
        return known if known.version > group.version else group

    def update(self, group: CustomerGroup) -> None:
        """Write a group, and remember it."""
        super().update(group)
        self.session.storage.remembered[self.tenant, group.code] = group


class MissingRemembered(SqliteGroups):
    """That a group does not exist is remembered, and not forgotten when it is added."""

    def row(self, code: GroupCode) -> sqlite3.Row | None:
        """Return what is stored under a code."""
        missing = self.session.storage.remembered.setdefault("missing", set())
        row = None if (self.tenant, code) in missing else super().row(code)
        if row is None:
            missing.add((self.tenant, code))
        return row

    def insert(self, group: CustomerGroup) -> None:
        """Write a new group."""
        super().insert(group)
        if group.version > 1:
            self.session.storage.remembered["missing"].discard((self.tenant, group.code))


class SearchSeesCommittedOnly(SqliteGroups):
    """Searches go to a replica, which does not have what this transaction did."""

    def find(
        self, query: GroupQuery, *, limit: int, after: str | None = None, with_total: bool = False
    ) -> Page[GroupSummary]:
        """Return a page of groups, as others see them."""
        replica = Session(self.session.storage)
        own, self.session = self.session, replica
        try:
            return super().find(query, limit=limit, after=after, with_total=with_total)
        finally:
            self.session = own
            replica.close()


class MembersSeeCommittedOnly(SqliteGroups):
    """Who is a member already is asked of a replica, which lags behind this transaction."""

    def member_keys(self, code: GroupCode) -> set[CustomerKey]:
        """Return the keys of all members, as others see them."""
        replica = Session(self.session.storage)
        own, self.session = self.session, replica
        try:
            return super().member_keys(code)
        finally:
            self.session = own
            replica.close()


class RunReturnsNothing(SqliteStore):
    """run() runs the operation, and forgets to return what it returned."""

    def once(self, operation: Callable[[UnitOfWork], T]) -> T:
        """Run an operation in a transaction."""
        super().once(operation)
        return None  # type: ignore[return-value]


class RunOnlyOnce(SqliteStore):
    """run() gives up at the first conflict."""

    def run(self, operation: Callable[[UnitOfWork], T]) -> T:
        """Run an operation in a transaction."""
        return self.once(operation)


class RunRepeatsUnknown(SqliteStore):
    """run() repeats what may be stored already, so it may be done twice."""

    def run(self, operation: Callable[[UnitOfWork], T]) -> T:
        """Run an operation in a transaction, again after an error of the storage."""
        try:
            return super().run(operation)
        except StorageError:
            return super().run(operation)


class RunRepeatsInside(SqliteStore):
    """run() repeats the operation in the same transaction, on top of its first half."""

    def once(self, operation: Callable[[UnitOfWork], T]) -> T:
        """Run an operation in a transaction, twice if need be."""
        with self.transaction() as work:
            try:
                return operation(work)
            except RetryableConflictError:
                return operation(work)


class RunWrapsConflict(SqliteStore):
    """run() reports a conflict that does not end by an error of its own."""

    def run(self, operation: Callable[[UnitOfWork], T]) -> T:
        """Run an operation in a transaction."""
        try:
            return super().run(operation)
        except RetryableConflictError as error:
            raise TimeoutError("too many attempts") from error


class RunCommitsFirst(SqliteStore):
    """run() commits the attempt that failed, and begins another one."""

    def once(self, operation: Callable[[UnitOfWork], T]) -> T:
        """Run an operation in a transaction."""
        conflict: RetryableConflictError | None = None
        with self.transaction() as work:
            try:
                return operation(work)
            except RetryableConflictError as error:
                conflict = error
        raise conflict


CASES = (
    *cases(
        AtomicKeeps,
        AtomicUndoesAll,
        AtomicSwallows,
        InnerAtomicKeeps,
        AtomicOnlyForOwnErrors,
        AtomicNotForInterrupts,
        AtomicCommits,
        NextNumberCommits,
        RemoveCommits,
        CommitsAlways,
        CommitsNever,
        EachStatementCommits,
        InterruptsCommit,
        ErrorsSwallowed,
        InterruptsSwallowed,
        UsedAfterTheEnd,
        RepositoryUsedAfterTheEnd,
        DriverErrorAfterTheEnd,
        GroupRemembered,
        RolledBackRemembered,
        MissingRemembered,
        SearchSeesCommittedOnly,
        MembersSeeCommittedOnly,
        RunReturnsNothing,
        RunRepeatsInside,
        RunWrapsConflict,
        RunCommitsFirst,
    ),
    *cases(RunRepeatsUnknown, layer="faults"),
    *cases(RunOnlyOnce, layer="concurrent", storage=Impatient),
)

"""Adapters that are right as long as they are alone."""

import sqlite3
import time
from collections.abc import Collection, Iterable, Sequence
from contextlib import closing
from datetime import datetime

import attrs

from customer_groups.codes import GroupCode
from customer_groups.customers import CustomerKey
from customer_groups.errors import RetryableConflictError, StorageUnavailableError
from customer_groups.model import CustomerGroup, Membership
from customer_groups.outcomes import Entry, OnOutcome, OutcomeCounts, Verdict
from gallery.adapter import SqliteGroups
from gallery.cases import Impatient, WithoutUniqueNames, cases
from gallery.session import Session, Value

__all__ = ["CASES"]

SECONDS_TO_THE_DATABASE = 0.003


class LateSession(Session):
    """A transaction begins with its first write; what is read before may be stale."""

    def begin(self) -> None:
        """Wait for the first write."""

    def lock(self) -> None:
        """Begin, if that has not been done yet."""
        self.require_usable()
        if not self.connection.in_transaction:
            time.sleep(SECONDS_TO_THE_DATABASE)
            super().execute("BEGIN IMMEDIATE")

    def execute(self, sql: str, *values: Value) -> list[sqlite3.Row]:
        """Run a statement; begin before it if it is not a question."""
        if not sql.startswith("SELECT"):
            self.lock()
        return super().execute(sql, *values)


class DriverBegins(LateSession):
    """The driver begins a transaction at the first write, and what was read before is used."""


class Careful(SqliteGroups):
    """Locks before it reads what it decides by, although transactions begin late."""

    session: LateSession

    def add(self, group: CustomerGroup) -> None:
        """Store a new group."""
        self.session.lock()
        super().add(group)

    def replace(self, group: CustomerGroup) -> CustomerGroup:
        """Store a changed group."""
        self.session.lock()
        return super().replace(group)

    def remove(self, code: GroupCode, *, version: int | None = None) -> None:
        """Remove a group."""
        self.session.lock()
        super().remove(code, version=version)


class VersionRace(Careful):
    """The version is compared before the transaction begins."""

    def replace(self, group: CustomerGroup) -> CustomerGroup:
        """Store a changed group."""
        self.refuse_stale(self.get(group.code), group.version)
        self.session.lock()
        current = self.get(group.code).version
        replaced = super().replace(attrs.evolve(group, version=current))
        return attrs.evolve(replaced, version=group.version + 1)


class RemovalRace(Careful):
    """The version is compared before the transaction that removes begins."""

    def remove(self, code: GroupCode, *, version: int | None = None) -> None:
        """Remove a group."""
        if version is not None:
            self.refuse_stale(self.get(code), version)
        super().remove(code)


class NameRace(Careful):
    """Whether a name is free is asked before the transaction begins."""

    def add(self, group: CustomerGroup) -> None:
        """Store a new group."""
        if self.row(group.code) is None:
            self.refuse_taken_name(group)
            self.session.lock()
            self.insert(group)
        else:
            super().add(group)


class RenamingRace(Careful):
    """Whether a new name is free is asked before the transaction begins."""

    def replace(self, group: CustomerGroup) -> CustomerGroup:
        """Store a changed group."""
        self.early_holder = None if self.row(group.code) is None else super().holder_of(group)
        return super().replace(group)

    def holder_of(self, group: CustomerGroup) -> str | None:
        """Return who has a name, or for a group that is there who had it before the lock."""
        return super().holder_of(group) if self.row(group.code) is None else self.early_holder


class CodeRace(Careful):
    """Whether a code is free is asked before the transaction begins; the index says no then."""

    def add(self, group: CustomerGroup) -> None:
        """Store a new group."""
        if self.row(group.code) is None:
            self.session.lock()
            self.refuse_taken_name(group)
            self.insert(group)
        else:
            super().add(group)


class NumberRace(Careful):
    """The last number is read before the transaction begins."""

    def next_number(self, series: str) -> int:
        """Return the next number."""
        rows = self.session.execute(
            "SELECT last FROM numbers WHERE tenant = ? AND series = ?", self.tenant, series
        )
        last = int(rows[0]["last"]) if rows else 0
        super().next_number(series)
        self.session.execute(
            "UPDATE numbers SET last = ? WHERE tenant = ? AND series = ?",
            last + 1,
            self.tenant,
            series,
        )
        return last + 1


class CounterRace(Careful):
    """The number of customers is read, raised and written."""

    def add_members(
        self,
        code: GroupCode,
        entries: Iterable[Entry],
        *,
        at: datetime,
        by: str | None,
        by_key: bool = False,
        on_outcome: OnOutcome | None = None,
    ) -> OutcomeCounts:
        """Make customers members."""
        before = self.stored(code)["customers"]
        counts = super().add_members(
            code, entries, at=at, by=by, by_key=by_key, on_outcome=on_outcome
        )
        self.session.execute(
            "UPDATE groups SET customers = ? WHERE tenant = ? AND code = ?",
            before + counts.added,
            self.tenant,
            code,
        )
        return counts


class MembersVersionRace(Careful):
    """The version of the members is read, raised and written."""

    def add_members(
        self,
        code: GroupCode,
        entries: Iterable[Entry],
        *,
        at: datetime,
        by: str | None,
        by_key: bool = False,
        on_outcome: OnOutcome | None = None,
    ) -> OutcomeCounts:
        """Make customers members."""
        before = self.stored(code)["members_version"]
        counts = super().add_members(
            code, entries, at=at, by=by, by_key=by_key, on_outcome=on_outcome
        )
        self.session.execute(
            "UPDATE groups SET members_version = ? WHERE tenant = ? AND code = ?",
            before + (counts.at is not None),
            self.tenant,
            code,
        )
        return counts


class RowReadOnce(Careful):
    """The group is read once, before the lock; meanwhile it may have changed or gone."""

    row_read: sqlite3.Row | None = None

    def add_members(
        self,
        code: GroupCode,
        entries: Iterable[Entry],
        *,
        at: datetime,
        by: str | None,
        by_key: bool = False,
        on_outcome: OnOutcome | None = None,
    ) -> OutcomeCounts:
        """Make customers members."""
        self.row_read = self.stored(code)
        try:
            return super().add_members(
                code, entries, at=at, by=by, by_key=by_key, on_outcome=on_outcome
            )
        finally:
            self.row_read = None

    def row(self, code: GroupCode) -> sqlite3.Row | None:
        """Return what is stored under a code, or was."""
        return self.row_read or super().row(code)


class MembersReadEarly(Careful):
    """Who is a member is read before the lock; the index ignores who joined meanwhile."""

    def add_members(
        self,
        code: GroupCode,
        entries: Iterable[Entry],
        *,
        at: datetime,
        by: str | None,
        by_key: bool = False,
        on_outcome: OnOutcome | None = None,
    ) -> OutcomeCounts:
        """Make customers members."""
        self.early = super().member_keys(code)
        try:
            return super().add_members(
                code, entries, at=at, by=by, by_key=by_key, on_outcome=on_outcome
            )
        finally:
            del self.early

    def member_keys(self, code: GroupCode) -> set[CustomerKey]:
        """Return the keys of all members, as they were before the lock."""
        return getattr(self, "early", None) or super().member_keys(code)

    def insert_members(self, members: Collection[Membership]) -> None:
        """Store memberships, unless they are there."""
        for each in members:
            self.delete_members(each.group, [each.customer])
        super().insert_members(members)


class ReplacedByEarlyList(Careful):
    """Who has to leave is decided before the lock; who joined meanwhile stays."""

    def replace_members(
        self,
        code: GroupCode,
        entries: Iterable[Entry],
        *,
        at: datetime,
        by: str | None,
        by_key: bool = False,
        on_outcome: OnOutcome | None = None,
    ) -> OutcomeCounts:
        """Make customers the only members."""
        self.code, self.early = code, self.member_keys(code)
        return super().replace_members(
            code, entries, at=at, by=by, by_key=by_key, on_outcome=on_outcome
        )

    def staying(self, verdicts: Sequence[Verdict]) -> set[CustomerKey]:
        """Return the members who stay, and those who came meanwhile."""
        return super().staying(verdicts) | (self.member_keys(self.code) - self.early)


class RemovalsRace(Careful):
    """A group is removed with the members that it had before the lock."""

    def delete_memberships(self, code: GroupCode) -> None:
        """Delete the memberships that were there."""
        self.delete_members(code, self.before)

    def remove(self, code: GroupCode, *, version: int | None = None) -> None:
        """Remove a group."""
        self.before = self.member_keys(code)
        super().remove(code, version=version)


class ConflictLeaks(Session):
    """That another transaction is in the way is said by the driver's error."""

    def begin(self) -> None:
        """Begin at once."""
        self.connection.execute("BEGIN IMMEDIATE")


class ConflictUnavailable(Session):
    """That another transaction is in the way is reported as "unavailable", so nobody repeats."""

    def begin(self) -> None:
        """Begin at once."""
        try:
            super().begin()
        except RetryableConflictError as error:
            raise StorageUnavailableError("the storage is busy", transaction_lost=True) from error


class ConflictIgnored(Session):
    """Where another transaction is in the way, the work is done without one."""

    def begin(self) -> None:
        """Begin, if possible."""
        try:
            super().begin()
        except RetryableConflictError:
            self.lost = None


class OneConnectionForAll(Session):
    """All threads share one connection, and with it one transaction."""

    def connect(self) -> sqlite3.Connection:
        """Return the only connection."""
        remembered = self.storage.remembered
        if "connection" not in remembered:
            remembered["connection"] = super().connect()
        connection: sqlite3.Connection = remembered["connection"]
        return connection

    def begin(self) -> None:
        """Begin, unless another thread did."""
        if not self.connection.in_transaction:
            super().begin()

    def commit(self) -> None:
        """Commit, unless another thread did."""
        if self.connection.in_transaction:
            super().commit()

    def disconnect(self) -> None:
        """Leave the connection to the others."""


class LastCommitWins(Session):
    """A transaction works on a copy of the file, which replaces the file in the end."""

    def connect(self) -> sqlite3.Connection:
        """Return a connection to a copy."""
        copy = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        copy.row_factory = sqlite3.Row
        with closing(super().connect()) as original:
            original.backup(copy)
        return copy

    def commit(self) -> None:
        """Put the copy in the place of the original."""
        super().commit()
        time.sleep(SECONDS_TO_THE_DATABASE)
        with closing(super().connect()) as original:
            self.connection.backup(original)


CASES = (
    cases(DriverBegins, layer="concurrent")
    + cases(
        VersionRace,
        RemovalRace,
        CodeRace,
        NumberRace,
        CounterRace,
        MembersVersionRace,
        RowReadOnce,
        MembersReadEarly,
        ReplacedByEarlyList,
        RemovalsRace,
        layer="concurrent",
        session=LateSession,
    )
    + cases(
        NameRace, RenamingRace, layer="concurrent", session=LateSession, storage=WithoutUniqueNames
    )
    + cases(
        ConflictLeaks, ConflictUnavailable, ConflictIgnored, layer="concurrent", storage=Impatient
    )
    + cases(OneConnectionForAll, LastCommitWins, layer="concurrent")
)

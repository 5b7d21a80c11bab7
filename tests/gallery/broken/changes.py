"""Changes of members that are counted, timed or signed wrongly."""

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime

import attrs

from customer_groups.codes import GroupCode
from customer_groups.customers import CustomerKey
from customer_groups.model import Membership
from customer_groups.outcomes import (
    Entry,
    OnOutcome,
    Outcome,
    OutcomeCounts,
    Verdict,
    customers_with,
)
from customer_groups.query import GroupSummary
from gallery.adapter import SqliteGroups
from gallery.cases import cases

__all__ = ["CASES"]


class CountedAgain(SqliteGroups):
    """Adding somebody who is a member already raises the counter."""

    repeated = 0

    def counted(self, verdicts: Sequence[Verdict], on_outcome: OnOutcome | None) -> OutcomeCounts:
        """Return the counts."""
        self.repeated = sum(each.outcome is Outcome.ALREADY_MEMBER for each in verdicts)
        return super().counted(verdicts, on_outcome)

    def count_change(self, code: GroupCode, more: int, at: datetime, by: str | None) -> None:
        """Write down that the members changed."""
        super().count_change(code, more + (self.repeated if more > 0 else 0), at, by)


class NeverCountedDown(SqliteGroups):
    """The counter goes up and never down."""

    def count_change(self, code: GroupCode, more: int, at: datetime, by: str | None) -> None:
        """Write down that the members changed."""
        super().count_change(code, max(more, 0), at, by)


class CountedByList(SqliteGroups):
    """The counter goes up by the length of the list."""

    length = 0

    def read(self, entries: Iterable[Entry]) -> list[Entry]:
        """Return the values of a list."""
        read = super().read(entries)
        self.length = len(read)
        return read

    def count_change(self, code: GroupCode, more: int, at: datetime, by: str | None) -> None:
        """Write down that the members changed."""
        super().count_change(code, self.length if more > 0 else more, at, by)


class CountedNotAtReplacing(SqliteGroups):
    """Replacing the members counts who joins and forgets who leaves."""

    def change_members(
        self,
        code: GroupCode,
        joining: Collection[CustomerKey],
        leaving: Collection[CustomerKey],
        at: datetime,
        by: str | None,
    ) -> datetime | None:
        """Change the members."""
        time = super().change_members(code, joining, leaving, at, by)
        if joining and leaving:
            self.session.execute(
                "UPDATE groups SET customers = customers + ? WHERE tenant = ? AND code = ?",
                len(leaving),
                self.tenant,
                code,
            )
        return time


class MembersStampedAgain(SqliteGroups):
    """Who is a member already is written again, with the new time and actor."""

    def counted(self, verdicts: Sequence[Verdict], on_outcome: OnOutcome | None) -> OutcomeCounts:
        """Return the counts."""
        self.present = customers_with(verdicts, Outcome.ALREADY_MEMBER)
        return super().counted(verdicts, on_outcome)

    def insert_members(self, members: Collection[Membership]) -> None:
        """Store memberships."""
        super().insert_members(members)
        first = next(iter(members), None)
        if first is not None:
            self.delete_members(first.group, self.present)
            again = [attrs.evolve(first, customer=key) for key in self.present]
            super().insert_members(again)


class ReplacedAll(SqliteGroups):
    """Replacing the members deletes all and adds those of the list, with the new time."""

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
        with self.atomic():
            counts = super().replace_members(
                code, entries, at=at, by=by, by_key=by_key, on_outcome=on_outcome
            )
            if counts.at is not None:
                self.session.execute(
                    "UPDATE members SET added_at = ?, added_by = ? WHERE tenant = ? AND grp = ?",
                    self.text_of(counts.at),
                    by,
                    self.tenant,
                    code,
                )
            return counts


class ActorOfMembershipsLost(SqliteGroups):
    """Memberships do not say who added them."""

    def membership_of(self, row: sqlite3.Row) -> Membership:
        """Return a membership."""
        return attrs.evolve(super().membership_of(row), added_by=None)


class NobodyIsSystem(SqliteGroups):
    """Where nobody in particular changes the members, "system" is stored."""

    def count_change(self, code: GroupCode, more: int, at: datetime, by: str | None) -> None:
        """Write down that the members changed."""
        super().count_change(code, more, at, by or "system")


class ActorOfGroup(SqliteGroups):
    """Where nobody in particular changes the members, the name of the last one is kept."""

    def count_change(self, code: GroupCode, more: int, at: datetime, by: str | None) -> None:
        """Write down that the members changed."""
        super().count_change(code, more, at, by or self.stored(code)["members_changed_by"])


class OffsetDropped(SqliteGroups):
    """The time zone is cut off instead of converted: noon in Tokyo becomes noon in UTC."""

    def moment(self, code: GroupCode, at: datetime) -> datetime:
        """Return the time of a change."""
        return super().moment(code, at.replace(tzinfo=UTC))


class OwnClock(SqliteGroups):
    """Members get the time of the storage's own clock."""

    def moment(self, code: GroupCode, at: datetime) -> datetime:
        """Return the time now."""
        return super().moment(code, max(datetime.now(UTC), at.replace(year=1)))


class SameTimeTwice(SqliteGroups):
    """Two changes of the members at one time cannot be told apart."""

    def moment(self, code: GroupCode, at: datetime) -> datetime:
        """Return the time, not before the last change."""
        last = self.stored(code)["members_changed_at"]
        return super().moment(code, at) if last is None else max(at, self.time_of(last))


class TimeGoesBack(SqliteGroups):
    """A change of the members before the last one is stored with its earlier time."""

    def moment(self, code: GroupCode, at: datetime) -> datetime:
        """Return the time, other than the last one."""
        time = super().moment(code, at)
        last = self.stored(code)["members_changed_at"]
        return at.astimezone(UTC) if last is not None and at < self.time_of(last) else time


class TimeFarOff(SqliteGroups):
    """The next free time is one millisecond later, the precision of the driver."""

    def moment(self, code: GroupCode, at: datetime) -> datetime:
        """Return the time, a millisecond after the last change."""
        time = super().moment(code, at)
        if time == at:
            return time
        micro = time.microsecond // 1_000 * 1_000 + 999
        return time.replace(microsecond=micro)


class NothingIsAChange(SqliteGroups):
    """A list that changes nothing raises the version of the members."""

    def change_members(
        self,
        code: GroupCode,
        joining: Collection[CustomerKey],
        leaving: Collection[CustomerKey],
        at: datetime,
        by: str | None,
    ) -> datetime | None:
        """Change the members."""
        if not joining and not leaving:
            self.count_change(code, 0, self.moment(code, at), by)
        return super().change_members(code, joining, leaving, at, by)


class EmptyListIsAChange(SqliteGroups):
    """An empty list raises the version of the members."""

    is_empty = False

    def read(self, entries: Iterable[Entry]) -> list[Entry]:
        """Return the values of a list."""
        read = super().read(entries)
        self.is_empty = not read
        return read

    def moment(self, code: GroupCode, at: datetime) -> datetime:
        """Return the time of a change."""
        time = super().moment(code, at)
        if self.is_empty:
            self.count_change(code, 0, time, None)
        return time


class LeavingNotAChange(SqliteGroups):
    """Only who joins raises the version of the members."""

    def count_change(self, code: GroupCode, more: int, at: datetime, by: str | None) -> None:
        """Write down that the members changed."""
        before = self.stored(code)["members_version"]
        super().count_change(code, more, at, by)
        if more < 0:
            self.session.execute(
                "UPDATE groups SET members_version = ? WHERE tenant = ? AND code = ?",
                before,
                self.tenant,
                code,
            )


class OneChangePerMember(SqliteGroups):
    """The version of the members goes up by one for each member, as by a trigger."""

    def count_change(self, code: GroupCode, more: int, at: datetime, by: str | None) -> None:
        """Write down that the members changed."""
        super().count_change(code, more, at, by)
        self.session.execute(
            "UPDATE groups SET members_version = members_version + ? WHERE tenant = ? AND code = ?",
            max(0, abs(more) - 1),
            self.tenant,
            code,
        )


class ChangeTouchesGroup(SqliteGroups):
    """A change of the members is stored as an update of the group."""

    def count_change(self, code: GroupCode, more: int, at: datetime, by: str | None) -> None:
        """Write down that the members changed."""
        super().count_change(code, more, at, by)
        self.session.execute(
            "UPDATE groups SET updated_at = ?, updated_by = ? WHERE tenant = ? AND code = ?",
            self.text_of(at),
            by,
            self.tenant,
            code,
        )


class ChangeRaisesVersion(SqliteGroups):
    """A change of the members raises the version of the group."""

    def count_change(self, code: GroupCode, more: int, at: datetime, by: str | None) -> None:
        """Write down that the members changed."""
        super().count_change(code, more, at, by)
        self.session.execute(
            "UPDATE groups SET version = version + 1 WHERE tenant = ? AND code = ?",
            self.tenant,
            code,
        )


class SecondsOfMembers(SqliteGroups):
    """The time of a membership is cut to seconds."""

    def membership_of(self, row: sqlite3.Row) -> Membership:
        """Return a membership."""
        each = super().membership_of(row)
        return attrs.evolve(each, added_at=each.added_at.replace(microsecond=0))


class TimeOfChangeMissing(SqliteGroups):
    """The counts do not carry the time that was stored."""

    def change_members(
        self,
        code: GroupCode,
        joining: Collection[CustomerKey],
        leaving: Collection[CustomerKey],
        at: datetime,
        by: str | None,
    ) -> datetime | None:
        """Change the members."""
        time = super().change_members(code, joining, leaving, at, by)
        return None if time is None else at.astimezone(UTC)


class TimeOfNoChange(SqliteGroups):
    """The counts carry a time though nothing was stored with it."""

    def change_members(
        self,
        code: GroupCode,
        joining: Collection[CustomerKey],
        leaving: Collection[CustomerKey],
        at: datetime,
        by: str | None,
    ) -> datetime | None:
        """Change the members."""
        return super().change_members(code, joining, leaving, at, by) or at.astimezone(UTC)


class VersionFromCount(SqliteGroups):
    """The version of the members is their number."""

    def summary_of(self, row: sqlite3.Row) -> GroupSummary:
        """Return a summary."""
        summary = super().summary_of(row)
        return attrs.evolve(summary, members_version=summary.customers)


CASES = cases(
    CountedAgain,
    NeverCountedDown,
    CountedByList,
    CountedNotAtReplacing,
    MembersStampedAgain,
    ReplacedAll,
    ActorOfMembershipsLost,
    NobodyIsSystem,
    ActorOfGroup,
    OffsetDropped,
    OwnClock,
    SameTimeTwice,
    TimeGoesBack,
    TimeFarOff,
    NothingIsAChange,
    EmptyListIsAChange,
    LeavingNotAChange,
    OneChangePerMember,
    ChangeTouchesGroup,
    ChangeRaisesVersion,
    SecondsOfMembers,
    TimeOfChangeMissing,
    TimeOfNoChange,
    VersionFromCount,
)

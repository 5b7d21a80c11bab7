"""Groups that lose fields, and versions that do not protect them."""

import json
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone

import attrs

from customer_groups.codes import GroupCode
from customer_groups.customers import CustomerDirectory
from customer_groups.errors import GroupNotFoundError, StaleGroupError
from customer_groups.model import CustomerGroup, GroupStatus
from gallery.adapter import SqliteGroups
from gallery.cases import cases
from gallery.session import Session, Value

__all__ = ["CASES"]


class VersionIgnored(SqliteGroups):
    """Whoever replaces last wins, whichever version was read."""

    def replace(self, group: CustomerGroup) -> CustomerGroup:
        """Store a changed group."""
        return super().replace(attrs.evolve(group, version=self.get(group.code).version))


class VersionIgnoredAtRemoval(SqliteGroups):
    """A group is removed, whichever version was read."""

    def remove(self, code: GroupCode, *, version: int | None = None) -> None:
        """Remove a group."""
        super().remove(code, version=version and self.get(code).version)


class ZeroMeansAny(SqliteGroups):
    """A version of zero is taken for none."""

    def remove(self, code: GroupCode, *, version: int | None = None) -> None:
        """Remove a group."""
        super().remove(code, version=version or None)


class NewerVersionAccepted(SqliteGroups):
    """Only older versions are refused, not such as are not stored yet."""

    def refuse_stale(self, stored: CustomerGroup, version: int) -> None:
        """Refuse an older version."""
        if version < stored.version:
            raise StaleGroupError(stored.code, version, stored.version)


class VersionStays(SqliteGroups):
    """Replacing a group stores the version that it had."""

    def update(self, group: CustomerGroup) -> None:
        """Write a group."""
        super().update(attrs.evolve(group, version=group.version - 1))


class VersionReturnedAsGiven(SqliteGroups):
    """The version is raised in the storage, but not in what is returned."""

    def replace(self, group: CustomerGroup) -> CustomerGroup:
        """Store a changed group."""
        super().replace(group)
        return group


class VersionTwoAhead(SqliteGroups):
    """The application and a trigger raise the version, each by one."""

    def update(self, group: CustomerGroup) -> None:
        """Write a group."""
        super().update(attrs.evolve(group, version=group.version + 1))


class VersionsBeginWithOne(SqliteGroups):
    """A new group is stored with version 1, though it came with another one."""

    def insert(self, group: CustomerGroup) -> None:
        """Write a new group."""
        super().insert(attrs.evolve(group, version=1))


class VersionsSwapped(SqliteGroups):
    """The error about a stale group has its two versions in the wrong places."""

    def refuse_stale(self, stored: CustomerGroup, version: int) -> None:
        """Refuse any other version."""
        if version != stored.version:
            raise StaleGroupError(stored.code, stored.version, version)


class CreationReplaced(SqliteGroups):
    """Who made a group and when can be overwritten."""

    def replace(self, group: CustomerGroup) -> CustomerGroup:
        """Store a changed group."""
        stored = self.get(group.code)
        super().replace(
            attrs.evolve(group, created_at=stored.created_at, created_by=stored.created_by)
        )
        replaced = attrs.evolve(group, version=group.version + 1)
        self.update(replaced)
        return replaced


class CreationKept(SqliteGroups):
    """A changed creation is dropped without a word."""

    def replace(self, group: CustomerGroup) -> CustomerGroup:
        """Store a changed group."""
        stored = self.get(group.code)
        return super().replace(
            attrs.evolve(group, created_at=stored.created_at, created_by=stored.created_by)
        )


class CreatorReplaced(SqliteGroups):
    """Of the creation only the time is compared."""

    def replace(self, group: CustomerGroup) -> CustomerGroup:
        """Store a changed group."""
        created_by = self.get(group.code).created_by
        return super().replace(attrs.evolve(group, created_by=created_by))


class NameBeforeVersion(SqliteGroups):
    """A taken name is found before a stale version."""

    def replace(self, group: CustomerGroup) -> CustomerGroup:
        """Store a changed group."""
        self.stored(group.code)
        self.refuse_taken_name(group)
        return super().replace(group)


class InsertOrReplace(SqliteGroups):
    """The whole row is written anew, and with it the number of customers begins at zero."""

    def update(self, group: CustomerGroup) -> None:
        """Write a group."""
        self.delete(group.code)
        self.insert(group)


class ReplacedWithMembers(SqliteGroups):
    """Replacing a group deletes it first, and its members with it."""

    def update(self, group: CustomerGroup) -> None:
        """Write a group."""
        self.delete_memberships(group.code)
        self.session.execute(
            "UPDATE groups SET customers = 0 WHERE tenant = ? AND code = ?",
            self.tenant,
            group.code,
        )
        super().update(group)


class Upsert(SqliteGroups):
    """Replacing a group that does not exist makes it."""

    def replace(self, group: CustomerGroup) -> CustomerGroup:
        """Store a changed group."""
        if self.row(group.code) is None:
            self.add(group)
        return super().replace(group)


class StatusNotReplaced(SqliteGroups):
    """The statement that changes a group forgets its status."""

    def update(self, group: CustomerGroup) -> None:
        """Write a group."""
        super().update(attrs.evolve(group, status=self.get(group.code).status))


class NewGroupsActive(SqliteGroups):
    """A new group is active, whatever it says."""

    def insert(self, group: CustomerGroup) -> None:
        """Write a new group."""
        super().insert(attrs.evolve(group, status=GroupStatus.ACTIVE))


class AttributesNotReplaced(SqliteGroups):
    """The statement that changes a group forgets its attributes."""

    def update(self, group: CustomerGroup) -> None:
        """Write a group."""
        super().update(attrs.evolve(group, attributes=self.get(group.code).attributes))


class AttributesMerged(SqliteGroups):
    """Attributes that are gone stay, because the new ones are merged into the old."""

    def update(self, group: CustomerGroup) -> None:
        """Write a group."""
        merged = {**self.get(group.code).attributes, **group.attributes}
        super().update(attrs.evolve(group, attributes=merged))


class EmptyAttributesDropped(SqliteGroups):
    """An attribute whose value is empty text is not stored."""

    def dump(self, attributes: Mapping[str, str]) -> str:
        """Return attributes as they are stored."""
        return super().dump({key: value for key, value in attributes.items() if value})


class AttributesTyped(SqliteGroups):
    """Attribute values that look like numbers or null come back as such."""

    def load(self, text: str) -> Mapping[str, str]:
        """Return attributes that were stored."""
        return {key: _typed(value) for key, value in super().load(text).items()}


def _typed(value: str) -> str:
    try:
        return str(json.loads(value))
    except ValueError:
        return value


class AttributesTrimmed(SqliteGroups):
    """Attribute values lose their outer spaces."""

    def dump(self, attributes: Mapping[str, str]) -> str:
        """Return attributes as they are stored."""
        return super().dump({key: value.strip() for key, value in attributes.items()})


class AttributesCut(SqliteGroups):
    """Attribute values are stored in a column of 255 characters."""

    def dump(self, attributes: Mapping[str, str]) -> str:
        """Return attributes as they are stored."""
        return super().dump({key: value[:255] for key, value in attributes.items()})


class AttributeKeysFolded(SqliteGroups):
    """Attribute keys are stored in small letters, as names of fields often are."""

    def dump(self, attributes: Mapping[str, str]) -> str:
        """Return attributes as they are stored."""
        return super().dump({key.lower(): value for key, value in attributes.items()})


class AttributeDots(SqliteGroups):
    """A dot in an attribute key is a path to a document database."""

    def dump(self, attributes: Mapping[str, str]) -> str:
        """Return attributes as they are stored."""
        return super().dump({key.replace(".", "_"): value for key, value in attributes.items()})


class AttributesAsLines(SqliteGroups):
    """Attributes are stored as "key=value", and cut at the wrong equals sign."""

    def dump(self, attributes: Mapping[str, str]) -> str:
        """Return attributes as they are stored."""
        return "\n".join(f"{key}={value}" for key, value in attributes.items())

    def load(self, text: str) -> Mapping[str, str]:
        """Return attributes that were stored."""
        parts = (line.rpartition("=") for line in text.split("\n") if line)
        return {key: value for key, _, value in parts}


class NobodyAsText(SqliteGroups):
    """Who made a group is stored as text, and nobody is called None."""

    def columns_of(self, group: CustomerGroup) -> tuple[Value, ...]:
        """Return a group as it is stored."""
        *rest, updated_by = super().columns_of(group)
        return (*rest, str(updated_by))


class UpdaterFromCreator(SqliteGroups):
    """A change by nobody in particular is attributed to who made the group."""

    def columns_of(self, group: CustomerGroup) -> tuple[Value, ...]:
        """Return a group as it is stored."""
        *rest, updated_by = super().columns_of(group)
        return (*rest, updated_by or group.created_by)


class UpdaterLost(SqliteGroups):
    """The statement that changes a group forgets who did it."""

    def update(self, group: CustomerGroup) -> None:
        """Write a group."""
        super().update(attrs.evolve(group, updated_by=self.get(group.code).updated_by))


class CreationFromUpdate(SqliteGroups):
    """A new group is stored as created when and by whom it was last updated."""

    def insert(self, group: CustomerGroup) -> None:
        """Write a new group."""
        super().insert(
            attrs.evolve(group, created_at=group.updated_at, created_by=group.updated_by)
        )


class Milliseconds(SqliteGroups):
    """Times are stored in milliseconds."""

    def text_of(self, time: datetime) -> str:
        """Return a time as it is stored."""
        return super().text_of(time.replace(microsecond=time.microsecond // 1_000 * 1_000))


class Seconds(SqliteGroups):
    """Times are stored in seconds."""

    def text_of(self, time: datetime) -> str:
        """Return a time as it is stored."""
        return super().text_of(time.replace(microsecond=0))


class TimesAsFloats(SqliteGroups):
    """Times are stored as floating-point seconds, which do not hold every microsecond."""

    def time_of(self, text: str) -> datetime:
        """Return a time that was stored."""
        seconds = float(f"{super().time_of(text).timestamp():.5f}")
        return datetime.fromtimestamp(seconds, UTC)


class LocalTimes(SqliteGroups):
    """Times are stored without their zone, and read as local ones."""

    def time_of(self, text: str) -> datetime:
        """Return a time that was stored, as if here were an hour east of Greenwich."""
        here = timezone(timedelta(hours=1))
        return super().time_of(text).replace(tzinfo=here).astimezone(UTC)


class WholeSecondsWithoutFraction(SqliteGroups):
    """Times of a whole second are stored without a fraction, so texts do not sort as times."""

    def text_of(self, time: datetime) -> str:
        """Return a time as it is stored."""
        return time.isoformat().replace("+00:00", "Z")


class UpdateTimeOfCreation(SqliteGroups):
    """The time of the last change is never stored."""

    def group_of(self, row: sqlite3.Row) -> CustomerGroup:
        """Return a group."""
        group = super().group_of(row)
        return attrs.evolve(group, updated_at=group.created_at)


class NoneForMissing(SqliteGroups):
    """A group that does not exist is None, as from a dictionary."""

    def get(self, code: GroupCode) -> CustomerGroup:
        """Return a group, or None."""
        try:
            return super().get(code)
        except GroupNotFoundError:
            return None  # type: ignore[return-value]


class RemovingNothingIsFine(SqliteGroups):
    """Removing a group that does not exist succeeds."""

    def remove(self, code: GroupCode, *, version: int | None = None) -> None:
        """Remove a group."""
        if self.row(code) is not None:
            super().remove(code, version=version)


class NewestGroupWins(SqliteGroups):
    """Adding a group whose code is taken replaces the old one."""

    def add(self, group: CustomerGroup) -> None:
        """Store a new group."""
        if self.row(group.code) is not None:
            self.refuse_taken_name(group)
            self.delete(group.code)
        super().add(group)


class RemovedVersionGoesOn(SqliteGroups):
    """A group under the code of one removed in this transaction goes on with its version."""

    def __init__(self, session: Session, tenant: str, customers: CustomerDirectory) -> None:
        """Remember the versions of removed groups."""
        super().__init__(session, tenant, customers)
        self.removed: dict[str, int] = {}

    def delete(self, code: GroupCode) -> None:
        """Delete the row of a group, and remember its version."""
        self.removed[code] = self.stored(code)["version"]
        super().delete(code)

    def insert(self, group: CustomerGroup) -> None:
        """Write a new group, as if it were the removed one."""
        version = self.removed.get(group.code, 0) + group.version
        super().insert(attrs.evolve(group, version=version))


class VersionsOf31Bits(SqliteGroups):
    """Versions are stored in 31 bits, and begin again after the last one."""

    def columns_of(self, group: CustomerGroup) -> tuple[Value, ...]:
        """Return a group as it is stored."""
        return super().columns_of(attrs.evolve(group, version=group.version % 2**31 or 1))


class TimesAsDoubles(SqliteGroups):
    """Times are numbers of double precision, which do not hold the microseconds of far years."""

    def time_of(self, text: str) -> datetime:
        """Return a time that was stored."""
        return datetime.fromtimestamp(super().time_of(text).timestamp(), UTC)


class UpdateTimeNeverFalls(SqliteGroups):
    """The time of the last change is the latest that was ever given, not the last one."""

    def update(self, group: CustomerGroup) -> None:
        """Write the fields of a group, with the later time."""
        latest = max(self.get(group.code).updated_at, group.updated_at)
        super().update(attrs.evolve(group, updated_at=latest))


CASES = cases(
    RemovedVersionGoesOn,
    VersionsOf31Bits,
    TimesAsDoubles,
    UpdateTimeNeverFalls,
    VersionIgnored,
    VersionIgnoredAtRemoval,
    ZeroMeansAny,
    NewerVersionAccepted,
    VersionStays,
    VersionReturnedAsGiven,
    VersionTwoAhead,
    VersionsBeginWithOne,
    VersionsSwapped,
    CreationReplaced,
    CreationKept,
    CreatorReplaced,
    NameBeforeVersion,
    InsertOrReplace,
    ReplacedWithMembers,
    Upsert,
    StatusNotReplaced,
    NewGroupsActive,
    AttributesNotReplaced,
    AttributesMerged,
    EmptyAttributesDropped,
    AttributesTyped,
    AttributesTrimmed,
    AttributesCut,
    AttributeKeysFolded,
    AttributesAsLines,
    NobodyAsText,
    UpdaterFromCreator,
    UpdaterLost,
    CreationFromUpdate,
    Milliseconds,
    Seconds,
    TimesAsFloats,
    LocalTimes,
    WholeSecondsWithoutFraction,
    UpdateTimeOfCreation,
    NoneForMissing,
    RemovingNothingIsFine,
    NewestGroupWins,
    AttributeDots,
)

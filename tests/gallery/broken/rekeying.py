"""New keys that are given to the wrong members, or cost memberships."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import attrs

from customer_groups.codes import GroupCode
from customer_groups.customers import CustomerKey
from customer_groups.model import Membership
from gallery.adapter import SqliteGroups
from gallery.cases import cases

__all__ = ["CASES"]

Keys = Mapping[CustomerKey, CustomerKey | None]


class OneAfterTheOther(SqliteGroups):
    """Keys are changed one after the other, so a chain moves everybody to its end."""

    def rekeyed(
        self, members: Mapping[CustomerKey, Membership], mapping: Keys
    ) -> dict[CustomerKey, Membership]:
        """Return memberships under their new keys."""
        after = dict(members)
        for old, new in mapping.items():
            after = super().rekeyed(after, {old: new})
        return after


class SwapFails(SqliteGroups):
    """Two customers who swap their keys run into the unique index."""

    def rekey_group(self, code: GroupCode, mapping: Keys, at: datetime, by: str | None) -> bool:
        """Follow the new keys in a group."""
        before = self.memberships(code)
        after = self.rekeyed(before, mapping)
        if len(after) == len(before):
            self.session.execute_many(
                "UPDATE members SET customer = ? WHERE tenant = ? AND grp = ? AND customer = ?",
                [
                    (new, self.tenant, code, old)
                    for old, new in mapping.items()
                    if old in before and old != new
                ],
            )
            if after != before:
                self.count_change(code, 0, self.moment(code, at), by)
            return after != before
        return super().rekey_group(code, mapping, at, by)


class SwapIgnored(SqliteGroups):
    """A key that is somebody's already is left alone, a swap among them."""

    def rekeyed(
        self, members: Mapping[CustomerKey, Membership], mapping: Keys
    ) -> dict[CustomerKey, Membership]:
        """Return memberships under their new keys."""
        free = {old: new for old, new in mapping.items() if new not in mapping or new == old}
        return super().rekeyed(members, free)


class LatestKept(SqliteGroups):
    """Where memberships come together, the one that was added last is kept."""

    def in_order_of_merging(self, members: Iterable[Membership]) -> list[Membership]:
        """Return memberships, the last one first."""
        return super().in_order_of_merging(members)[::-1]


class SmallestKeyKept(SqliteGroups):
    """Where memberships come together, that of the smallest key is kept."""

    def in_order_of_merging(self, members: Iterable[Membership]) -> list[Membership]:
        """Return memberships by key."""
        return sorted(members, key=lambda each: each.customer)


class OldestAlwaysKept(SqliteGroups):
    """Where memberships come together, the oldest is kept, even if the new key had its own."""

    def rekeyed(
        self, members: Mapping[CustomerKey, Membership], mapping: Keys
    ) -> dict[CustomerKey, Membership]:
        """Return memberships under their new keys."""
        after: dict[CustomerKey, Membership] = {}
        for each in self.in_order_of_merging(members.values()):
            key = mapping.get(each.customer, each.customer)
            if key is not None:
                after.setdefault(key, attrs.evolve(each, customer=key))
        return after


class NewKeyOverwritten(SqliteGroups):
    """The membership of an old key replaces the one that the new key had."""

    def rekeyed(
        self, members: Mapping[CustomerKey, Membership], mapping: Keys
    ) -> dict[CustomerKey, Membership]:
        """Return memberships under their new keys."""
        moving = {new for old, new in mapping.items() if old in members and old != new}
        rest = {key: each for key, each in members.items() if key not in moving or key in mapping}
        return super().rekeyed(rest, mapping)


class StampedAnew(SqliteGroups):
    """A membership gets the time of the change of its key."""

    def rekey_group(self, code: GroupCode, mapping: Keys, at: datetime, by: str | None) -> bool:
        """Follow the new keys in a group."""
        old = set(self.memberships(code))
        changed = super().rekey_group(code, mapping, at, by)
        self.session.execute_many(
            "UPDATE members SET added_at = ? WHERE tenant = ? AND grp = ? AND customer = ?",
            [
                (self.text_of(at), self.tenant, code, key)
                for key in set(self.memberships(code)) - old
            ],
        )
        return changed


class SignedAnew(SqliteGroups):
    """A membership gets the actor of the change of its key."""

    def rekey_group(self, code: GroupCode, mapping: Keys, at: datetime, by: str | None) -> bool:
        """Follow the new keys in a group."""
        old = set(self.memberships(code))
        changed = super().rekey_group(code, mapping, at, by)
        self.session.execute_many(
            "UPDATE members SET added_by = ? WHERE tenant = ? AND grp = ? AND customer = ?",
            [(by, self.tenant, code, key) for key in set(self.memberships(code)) - old],
        )
        return changed


class DeletedKept(SqliteGroups):
    """A key that maps to None keeps its memberships."""

    def rekeyed(
        self, members: Mapping[CustomerKey, Membership], mapping: Keys
    ) -> dict[CustomerKey, Membership]:
        """Return memberships under their new keys."""
        return super().rekeyed(members, {old: new for old, new in mapping.items() if new})


class DeletedAsText(SqliteGroups):
    """A key that maps to None becomes the key "None"."""

    def rekeyed(
        self, members: Mapping[CustomerKey, Membership], mapping: Keys
    ) -> dict[CustomerKey, Membership]:
        """Return memberships under their new keys."""
        return super().rekeyed(
            members, {old: CustomerKey(str(new)) for old, new in mapping.items()}
        )


class MergedStillCounted(SqliteGroups):
    """Memberships that came together are counted as they were before."""

    def rekey_group(self, code: GroupCode, mapping: Keys, at: datetime, by: str | None) -> bool:
        """Follow the new keys in a group."""
        before = len(self.memberships(code))
        changed = super().rekey_group(code, mapping, at, by)
        self.session.execute(
            "UPDATE groups SET customers = ? WHERE tenant = ? AND code = ?",
            before,
            self.tenant,
            code,
        )
        return changed


class NotAChange(SqliteGroups):
    """New keys do not raise the version of the members."""

    def rekey_group(self, code: GroupCode, mapping: Keys, at: datetime, by: str | None) -> bool:
        """Follow the new keys in a group."""
        row = self.stored(code)
        changed = super().rekey_group(code, mapping, at, by)
        self.session.execute(
            "UPDATE groups SET members_version = ?, members_changed_at = ?,"
            " members_changed_by = ? WHERE tenant = ? AND code = ?",
            row["members_version"],
            row["members_changed_at"],
            row["members_changed_by"],
            self.tenant,
            code,
        )
        return changed


class AlwaysAChange(SqliteGroups):
    """A group whose members keep their keys is counted as changed."""

    def rekey_group(self, code: GroupCode, mapping: Keys, at: datetime, by: str | None) -> bool:
        """Follow the new keys in a group."""
        if not super().rekey_group(code, mapping, at, by):
            self.count_change(code, 0, self.moment(code, at), by)
        return True


class SwapOfTwoMembersIsNone(SqliteGroups):
    """Where two members swap, the keys are the same as before, so nothing is stored."""

    def rekey_group(self, code: GroupCode, mapping: Keys, at: datetime, by: str | None) -> bool:
        """Follow the new keys in a group."""
        before = self.memberships(code)
        if self.rekeyed(before, mapping).keys() == before.keys():
            return False
        return super().rekey_group(code, mapping, at, by)


class ReturnsMemberships(SqliteGroups):
    """What is returned is the number of keys, not of groups."""

    def rekey_customers(self, mapping: Keys, *, at: datetime, by: str | None) -> int:
        """Follow the host's new keys."""
        return len(mapping) if super().rekey_customers(mapping, at=at, by=by) else 0


class FirstGroupOnly(SqliteGroups):
    """Only the first group of a customer is changed."""

    def codes_with(self, customers: Collection[CustomerKey]) -> list[GroupCode]:
        """Return the first of the codes."""
        return super().codes_with(customers)[:1]


class ActiveGroupsOnly(SqliteGroups):
    """Inactive groups keep the old keys."""

    def codes_with(self, customers: Collection[CustomerKey]) -> list[GroupCode]:
        """Return the codes of active groups."""
        return [code for code in super().codes_with(customers) if self.get(code).is_active]


class KnownCustomersOnly(SqliteGroups):
    """A new key that the directory does not know is refused without a word."""

    def rekeyed(
        self, members: Mapping[CustomerKey, Membership], mapping: Keys
    ) -> dict[CustomerKey, Membership]:
        """Return memberships under their new keys."""
        known = self.customers.by_keys([new for new in mapping.values() if new is not None])
        return super().rekeyed(
            members, {old: new for old, new in mapping.items() if new is None or new in known}
        )


class FirstKeysOnly(SqliteGroups):
    """Groups are found by their first five hundred old keys."""

    def codes_with(self, customers: Collection[CustomerKey]) -> list[GroupCode]:
        """Return the codes of the groups of some of the customers."""
        return super().codes_with(list(customers)[:500])


class RekeyedByNobody(SqliteGroups):
    """New keys that nobody in particular gives leave the actor of the change before."""

    def rekey_group(self, code: GroupCode, mapping: Keys, at: datetime, by: str | None) -> bool:
        """Follow the new keys in a group."""
        return super().rekey_group(code, mapping, at, by or self.stored(code)["members_changed_by"])


CASES = cases(
    RekeyedByNobody,
    OneAfterTheOther,
    SwapFails,
    SwapIgnored,
    LatestKept,
    SmallestKeyKept,
    OldestAlwaysKept,
    NewKeyOverwritten,
    StampedAnew,
    SignedAnew,
    DeletedKept,
    DeletedAsText,
    MergedStillCounted,
    NotAChange,
    AlwaysAChange,
    SwapOfTwoMembersIsNone,
    ReturnsMemberships,
    FirstGroupOnly,
    ActiveGroupsOnly,
    KnownCustomersOnly,
    FirstKeysOnly,
)

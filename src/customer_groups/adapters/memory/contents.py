"""What a tenant has stored: values that are never changed, only replaced."""

from collections.abc import Mapping
from datetime import datetime

import attrs

from customer_groups.codes import GroupCode
from customer_groups.customers import CustomerKey
from customer_groups.model import CustomerGroup, Membership
from customer_groups.outcomes import time_of_change
from customer_groups.query import GroupSummary
from customer_groups.text import name_key

__all__ = ["Contents", "Members", "StoredGroup"]

Members = Mapping[CustomerKey, Membership]


@attrs.frozen
class StoredGroup:
    """A group with the key of its name, its members, and when they last changed."""

    group: CustomerGroup
    name_key: str = attrs.field(init=False)
    members: Members = attrs.field(factory=dict)
    members_version: int = 0
    members_changed_at: datetime | None = None
    members_changed_by: str | None = None

    @name_key.default
    def _key_of_its_name(self) -> str:
        return name_key(self.group.name)

    def summary(self) -> GroupSummary:
        """Return the group as a list shows it."""
        return GroupSummary(
            self.group,
            len(self.members),
            self.members_version,
            self.members_changed_at,
            self.members_changed_by,
        )

    def time_of_change(self, at: datetime) -> datetime:
        """Return the time that a change of members at this time is stored with."""
        return time_of_change(at, self.members_changed_at)

    def with_members(self, members: Members, at: datetime, by: str | None) -> "StoredGroup":
        """Return the group with these members, changed if they differ."""
        if members == self.members:
            return self
        return attrs.evolve(
            self,
            members=members,
            members_version=self.members_version + 1,
            members_changed_at=self.time_of_change(at),
            members_changed_by=by,
        )


@attrs.frozen
class Contents:
    """All groups and series of numbers of a tenant, and what else is kept with them, by type."""

    groups: Mapping[GroupCode, StoredGroup] = attrs.field(factory=dict)
    numbers: Mapping[str, int] = attrs.field(factory=dict)
    others: Mapping[type, object] = attrs.field(factory=dict)

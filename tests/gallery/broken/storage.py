"""Storages that hold something else than the adapter says."""

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import attrs

from customer_groups.codes import GroupCode
from customer_groups.customers import CustomerKey
from customer_groups.model import CustomerGroup, GroupStatus, Membership
from customer_groups.query import GroupSummary
from gallery.adapter import SqliteGroups
from gallery.cases import cases
from gallery.rows import Condition
from gallery.session import SqliteStorage

__all__ = ["CASES"]


class MembersLeftBehind(SqliteGroups):
    """Removing a group leaves its memberships, which a new group of this code inherits."""

    def delete_memberships(self, code: GroupCode) -> None:
        """Leave it to a foreign key that nobody declared."""


class OrphansUnseen(SqliteGroups):
    """Removing a group leaves its memberships, and only a new group of this code deletes them."""

    def delete_memberships(self, code: GroupCode) -> None:
        """Leave it to whoever comes next."""

    def insert(self, group: CustomerGroup) -> None:
        """Write a new group, and tidy up before it."""
        super().delete_memberships(group.code)
        super().insert(group)

    def codes_with(self, customers: Collection[CustomerKey]) -> list[GroupCode]:
        """Return the codes of the groups that are there."""
        return [code for code in super().codes_with(customers) if self.row(code) is not None]


class RemovedMembersArchived(SqliteGroups):
    """Memberships of a removed group are kept under another code, for ever."""

    def delete_memberships(self, code: GroupCode) -> None:
        """Put memberships out of sight."""
        self.session.execute(
            "UPDATE OR REPLACE members SET grp = grp || ' (removed)' WHERE tenant = ? AND grp = ?",
            self.tenant,
            code,
        )

    def codes_with(self, customers: Collection[CustomerKey]) -> list[GroupCode]:
        """Return the codes of the groups that are there."""
        return [code for code in super().codes_with(customers) if self.row(code) is not None]


class CounterDecorative(SqliteGroups):
    """The stored counter drifts at every removal, while summaries count for themselves."""

    def count_change(self, code: GroupCode, more: int, at: datetime, by: str | None) -> None:
        """Write down that the members changed."""
        super().count_change(code, max(more, 0), at, by)

    def summary_of(self, row: sqlite3.Row) -> GroupSummary:
        """Return a summary with a number that was counted now."""
        counted = len(self.member_keys(row["code"]))
        return attrs.evolve(super().summary_of(row), customers=counted)


class CounterForgottenAtRekeying(SqliteGroups):
    """Merging customers does not touch the stored counter, and summaries count for themselves."""

    def rekey_group(
        self,
        code: GroupCode,
        mapping: Mapping[CustomerKey, CustomerKey | None],
        at: datetime,
        by: str | None,
    ) -> bool:
        """Follow the new keys in a group."""
        before = self.stored(code)["customers"]
        changed = super().rekey_group(code, mapping, at, by)
        self.session.execute(
            "UPDATE groups SET customers = ? WHERE tenant = ? AND code = ?",
            before,
            self.tenant,
            code,
        )
        return changed

    def summary_of(self, row: sqlite3.Row) -> GroupSummary:
        """Return a summary with a number that was counted now."""
        counted = len(self.member_keys(row["code"]))
        return attrs.evolve(super().summary_of(row), customers=counted)


class WithoutKeys(SqliteStorage):
    """A database without a primary key for memberships."""

    schema = SqliteStorage.schema.replace(",\n    PRIMARY KEY (tenant, grp, customer)", "")


class RowsRepeated(SqliteGroups):
    """Each membership is stored twice, and every question says DISTINCT."""

    def insert_members(self, members: Collection[Membership]) -> None:
        """Store memberships, as a request that was sent twice does."""
        super().insert_members(members)
        super().insert_members(members)

    def rows(
        self, table: str, where: Sequence[Condition], order: str, limit: int
    ) -> list[sqlite3.Row]:
        """Return rows, each once."""
        rows = super().rows(table, where, order, 100_000)
        unique = {tuple(row): row for row in rows}
        return list(unique.values())[:limit]

    def groups_of(
        self, customers: Collection[CustomerKey], *, status: GroupStatus | None = None
    ) -> Mapping[CustomerKey, tuple[CustomerGroup, ...]]:
        """Return the groups of customers, each once."""
        found = super().groups_of(customers, status=status)
        return {key: tuple(dict.fromkeys(groups)) for key, groups in found.items()}


CASES = (
    cases(MembersLeftBehind)
    + cases(
        OrphansUnseen,
        RemovedMembersArchived,
        CounterDecorative,
        CounterForgottenAtRekeying,
        layer="audit",
    )
    + cases(RowsRepeated, layer="audit", storage=WithoutKeys)
)

"""Tenants who see, change or block what belongs to another one."""

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from customer_groups.codes import GroupCode
from customer_groups.customers import CustomerKey
from customer_groups.model import CustomerGroup, GroupStatus
from customer_groups.query import GroupQuery
from customer_groups.repository import parse_series
from gallery.adapter import SqliteGroups
from gallery.cases import WithoutUniqueNames, cases
from gallery.rows import Condition
from gallery.session import SqliteStorage
from gallery.store import SqliteStore

__all__ = ["CASES"]


class SearchOfAll(SqliteGroups):
    """A search finds the groups of all tenants."""

    def conditions(self, query: GroupQuery) -> list[Condition]:
        """Return the conditions without the tenant."""
        return [("1", ()), *super().conditions(query)[1:]]


class SearchByNameOfAll(SqliteGroups):
    """Only the search by name forgets the tenant, through an OR without parentheses."""

    def conditions(self, query: GroupQuery) -> list[Condition]:
        """Return the conditions."""
        conditions = super().conditions(query)
        if query.name is None:
            return conditions
        *rest, (sql, values) = conditions
        return [*rest, (f"name_key IS NULL OR {sql}", values)]


class TotalOfAll(SqliteGroups):
    """The total counts the groups of all tenants."""

    def total(self, where: Sequence[Condition]) -> int:
        """Return how many groups satisfy all conditions but the first."""
        return super().total([("1", ()), *where[1:]])


class GetOfAll(SqliteGroups):
    """A group of another tenant can be fetched."""

    def row(self, code: GroupCode) -> sqlite3.Row | None:
        """Return what is stored under a code, preferably one's own."""
        rows = self.session.execute("SELECT * FROM groups WHERE code = ?", code)
        return super().row(code) or (rows[0] if rows else None)


class MembersOfAll(SqliteGroups):
    """The members of a group include those of another tenant's group with the same code."""

    def conditions_of_members(self, code: GroupCode, added_at: datetime | None) -> list[Condition]:
        """Return the conditions without the tenant."""
        return [("1", ()), *super().conditions_of_members(code, added_at)[1:]]


class GroupsOfAll(SqliteGroups):
    """The groups of a customer include those of another tenant's customer with this key."""

    def rows_of_groups(
        self, customers: Collection[CustomerKey], status: GroupStatus | None
    ) -> Iterator[sqlite3.Row]:
        """Yield customers with groups of anybody."""
        wanted = None if status is None else status.value
        return self.rows_for(
            "SELECT groups.*, members.customer FROM members JOIN groups"
            " ON groups.tenant = members.tenant AND groups.code = members.grp"
            " WHERE (? IS NULL OR groups.status = ?) AND members.customer IN (KEYS)"
            " ORDER BY groups.code",
            (wanted, wanted),
            customers,
        )


class GroupsJoinedByCode(SqliteGroups):
    """The groups of a customer are joined by their code alone."""

    def rows_of_groups(
        self, customers: Collection[CustomerKey], status: GroupStatus | None
    ) -> Iterator[sqlite3.Row]:
        """Yield customers with groups that have the code of theirs."""
        wanted = None if status is None else status.value
        return self.rows_for(
            "SELECT groups.*, members.customer FROM members JOIN groups"
            " ON groups.code = members.grp WHERE members.tenant = ?"
            " AND (? IS NULL OR groups.status = ?) AND members.customer IN (KEYS)"
            " ORDER BY groups.code",
            (self.tenant, wanted, wanted),
            customers,
        )


class WhoIsMemberOfAll(SqliteGroups):
    """Whether somebody is a member is looked up for all tenants."""

    def which_are_members(
        self, code: GroupCode, customers: Collection[CustomerKey]
    ) -> frozenset[CustomerKey]:
        """Return who is a member of a group with this code."""
        self.stored(code)
        rows = self.rows_for(
            "SELECT customer FROM members WHERE grp = ? AND customer IN (KEYS)", (code,), customers
        )
        return frozenset(row["customer"] for row in rows)


class AlreadyMemberElsewhere(SqliteGroups):
    """Who is in another tenant's group with this code is taken for a member."""

    def member_keys(self, code: GroupCode) -> set[CustomerKey]:
        """Return the members of all groups with this code."""
        rows = self.session.execute("SELECT customer FROM members WHERE grp = ?", code)
        return {row["customer"] for row in rows}


class RemovesMembersOfAll(SqliteGroups):
    """Removing a group ends the memberships of other tenants' groups with the same code."""

    def delete_memberships(self, code: GroupCode) -> None:
        """Delete memberships."""
        self.session.execute("DELETE FROM members WHERE grp = ?", code)


class RemovesMemberOfAll(SqliteGroups):
    """Ending a membership ends that of another tenant, too."""

    def delete_members(self, code: GroupCode, keys: Collection[CustomerKey]) -> None:
        """Delete memberships."""
        self.session.execute_many(
            "DELETE FROM members WHERE grp = ? AND customer = ?", [(code, key) for key in keys]
        )


class RemovesGroupOfAll(SqliteGroups):
    """Removing a group removes all groups with this code."""

    def delete(self, code: GroupCode) -> None:
        """Delete groups."""
        self.session.execute("DELETE FROM groups WHERE code = ?", code)


class ChangesGroupOfAll(SqliteGroups):
    """Counting a change of members counts it in all groups with this code."""

    def count_change(self, code: GroupCode, more: int, at: datetime, by: str | None) -> None:
        """Write down that the members changed."""
        super().count_change(code, more, at, by)
        self.session.execute(
            "UPDATE groups SET customers = max(0, customers + ?) WHERE tenant <> ? AND code = ?",
            more,
            self.tenant,
            code,
        )


class NamesOfAll(SqliteGroups):
    """A name that another tenant has is taken."""

    def holder_of(self, group: CustomerGroup) -> str | None:
        """Return who has the name."""
        rows = self.session.execute(
            "SELECT code FROM groups WHERE name_key = ? AND NOT (tenant = ? AND code = ?)",
            self.key_of(group.name),
            self.tenant,
            group.code,
        )
        return rows[0]["code"] if rows else None


class CodesOfAll(SqliteStorage):
    """The primary key is the code, without the tenant."""

    schema = SqliteStorage.schema.replace("PRIMARY KEY (tenant, code)", "PRIMARY KEY (code)")


class MembershipsOfAll(SqliteStorage):
    """The primary key of memberships is made without the tenant."""

    schema = SqliteStorage.schema.replace(
        "PRIMARY KEY (tenant, grp, customer)", "PRIMARY KEY (grp, customer)"
    )


class NumbersOfAll(SqliteGroups):
    """All tenants draw from one series."""

    def next_number(self, series: str) -> int:
        """Return the next number of anybody's series."""
        super().next_number(series)
        rows = self.session.execute("SELECT sum(last) FROM numbers WHERE series = ?", series)
        return int(rows[0][0])


class RekeyOfAll(SqliteGroups):
    """New keys of one tenant's customers are given to those of all tenants."""

    def delete_members(self, code: GroupCode, keys: Collection[CustomerKey]) -> None:
        """Delete memberships, and those that look the same."""
        super().delete_members(code, keys)
        rows = self.session.execute("SELECT DISTINCT tenant FROM members WHERE grp = ?", code)
        self.session.execute_many(
            "DELETE FROM members WHERE tenant = ? AND grp = ? AND customer = ?",
            [(row["tenant"], code, key) for row in rows for key in keys],
        )


class TenantsOfAnyCase(SqliteStore):
    """Tenants are told apart by a column that ignores case."""

    def known_as(self, tenant: str) -> str:
        """Return the tenant as it is stored."""
        return super().known_as(tenant.lower())


class TenantsByPrefix(SqliteGroups):
    """Rows are found by the beginning of their key, which begins with the tenant."""

    def conditions(self, query: GroupQuery) -> list[Condition]:
        """Return the conditions."""
        return [("instr(tenant, ?) = 1", (self.tenant,)), *super().conditions(query)[1:]]


class KeysRunTogether(SqliteGroups):
    """The key of a series is the tenant and its name, with nothing between them."""

    def next_number(self, series: str) -> int:
        """Return the next number."""
        own, self.tenant = self.tenant, "all"
        try:
            return super().next_number(f"{own}{series}"[:64])
        finally:
            self.tenant = own


class TenantsCut(SqliteStore):
    """Tenants are stored in a column of 16 characters."""

    def known_as(self, tenant: str) -> str:
        """Return the tenant as it is stored."""
        return super().known_as(tenant[:16].strip())


class TenantUnchecked(SqliteStore):
    """Whatever is passed as the tenant is taken."""

    def known_as(self, tenant: str) -> str:
        """Return the tenant as it is."""
        return tenant


class RememberedForAll(SqliteGroups):
    """A cache of groups within the process has the code as its key, without the tenant."""

    def holder_of(self, group: CustomerGroup) -> str | None:
        """Return who has a name, remembered by its key."""
        holder = super().holder_of(group)
        remembered = self.session.storage.remembered
        if holder is None:
            remembered.pop(self.key_of(group.name), None)
            return None
        return str(remembered.setdefault(self.key_of(group.name), holder))


class SeriesJoinedByColon(SqliteGroups):
    """The key of a series is the tenant, a colon and its name; both may have colons."""

    def next_number(self, series: str) -> int:
        """Return the next number."""
        rows = self.session.execute(
            "INSERT INTO numbers (tenant, series, last) VALUES ('all', ?, 1)"
            " ON CONFLICT (tenant, series) DO UPDATE SET last = last + 1 RETURNING last",
            f"{self.tenant}:{parse_series(series)}",
        )
        return int(rows[0]["last"])


class GroupsJoinedBySlash(SqliteStorage):
    """The key of a group is the tenant, a slash and its code; both may have slashes."""

    schema = SqliteStorage.schema + "CREATE UNIQUE INDEX one ON groups (tenant || '/' || code);"


class MembersJoinedBySlash(SqliteStorage):
    """The key of a membership is the group, a slash and the customer; both may have slashes."""

    schema = (
        SqliteStorage.schema
        + "CREATE UNIQUE INDEX one ON members (tenant, (grp || '/' || customer));"
    )


CASES = cases(
    SeriesJoinedByColon,
    GroupsJoinedBySlash,
    MembersJoinedBySlash,
    SearchOfAll,
    SearchByNameOfAll,
    TotalOfAll,
    GetOfAll,
    MembersOfAll,
    GroupsOfAll,
    GroupsJoinedByCode,
    WhoIsMemberOfAll,
    RemovesMembersOfAll,
    RemovesMemberOfAll,
    RemovesGroupOfAll,
    ChangesGroupOfAll,
    CodesOfAll,
    MembershipsOfAll,
    NumbersOfAll,
    RekeyOfAll,
    TenantsOfAnyCase,
    TenantsByPrefix,
    KeysRunTogether,
    TenantsCut,
    TenantUnchecked,
    RememberedForAll,
    AlreadyMemberElsewhere,
) + cases(NamesOfAll, storage=WithoutUniqueNames)

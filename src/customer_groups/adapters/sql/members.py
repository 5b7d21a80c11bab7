"""The members of one group: reading them, locking them, changing them."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any

import attrs
import sqlalchemy as sa

from customer_groups.adapters.sql.parts import KEYS_AT_A_TIME, parts
from customer_groups.adapters.sql.session import SqlSession
from customer_groups.adapters.sql.tables import GroupTables
from customer_groups.codes import GroupCode
from customer_groups.customers import CustomerKey
from customer_groups.errors import GroupNotFoundError
from customer_groups.outcomes import OutcomeCounts, time_of_change

__all__ = ["GroupMembers", "LockedMembers"]


@attrs.frozen(eq=False)
class GroupMembers:
    """The members of one group.

    Attributes:
        session: Where statements run.
        tables: Our tables.
        tenant: Whose group it is.
        code: Which group.
    """

    session: SqlSession
    tables: GroupTables
    tenant: str
    code: GroupCode

    @property
    def is_group(self) -> sa.ColumnElement[bool]:
        """The condition for the row of the group."""
        groups = self.tables.groups.c
        return sa.and_(groups.tenant == self.tenant, groups.code == self.code)

    @property
    def are_members(self) -> sa.ColumnElement[bool]:
        """The condition for the rows of the members."""
        memberships = self.tables.memberships.c
        return sa.and_(memberships.tenant == self.tenant, memberships.group_code == self.code)

    def require_group(self) -> None:
        """Do nothing if the group is there.

        Raises:
            GroupNotFoundError: it is not.
        """
        if not self.session.rows(sa.select(sa.literal(1)).where(self.is_group)):
            raise GroupNotFoundError(self.code)

    def among(self, keys: Collection[CustomerKey]) -> set[CustomerKey]:
        """Return which of these customers are members."""
        return {row.customer_key for row in self.rows_of(keys)}

    def rows_of(
        self, keys: Collection[CustomerKey], *, deciding: bool = False
    ) -> Iterator[sa.Row[Any]]:
        """Yield the rows of those of these customers who are members.

        Args:
            keys: Any number of customers.
            deciding: Whether the group is locked, and going to change by what is read.
        """
        memberships = self.tables.memberships
        for part in parts(sorted(set(keys)), KEYS_AT_A_TIME):
            query = sa.select(memberships).where(
                self.are_members, memberships.c.customer_key.in_(part)
            )
            yield from self.session.rows(
                self.session.dialect.deciding(query) if deciding else query
            )

    def lock(self, at: datetime) -> "LockedMembers":
        """Keep everybody else from changing the group until the transaction ends.

        Args:
            at: When its members are going to change.

        Raises:
            GroupNotFoundError: the group is not there.
        """
        groups = self.tables.groups
        fence = groups.update().where(self.is_group).values(fence=groups.c.fence + 1)
        if self.session.execute(fence).rowcount == 0:
            raise GroupNotFoundError(self.code)
        columns = (groups.c.customers, groups.c.members_changed_at)
        (row,) = self.session.rows(sa.select(*columns).where(self.is_group))
        return LockedMembers(self, row.customers, time_of_change(at, row.members_changed_at))


@attrs.frozen(eq=False)
class LockedMembers:
    """The members of a group that nobody else can change now.

    Attributes:
        members: The group.
        customers: How many there were when they were locked.
        at: The time that a change is stored with.
    """

    members: GroupMembers
    customers: int
    at: datetime

    def among(self, keys: Collection[CustomerKey]) -> set[CustomerKey]:
        """Return which of these customers are members."""
        return {row.customer_key for row in self.rows_of(keys)}

    def rows_of(self, keys: Collection[CustomerKey]) -> Iterator[sa.Row[Any]]:
        """Yield the rows of those of these customers who are members."""
        return self.members.rows_of(keys, deciding=True)

    def insert(self, joining: Iterable[tuple[CustomerKey, datetime, str | None]]) -> None:
        """Make customers members who are not yet: keys, since when, and added by whom."""
        of = self.members
        rows = (
            {
                "tenant": of.tenant,
                "group_code": of.code,
                "customer_key": key,
                "added_at": added_at,
                "added_by": added_by,
            }
            for key, added_at, added_by in sorted(joining, key=lambda each: each[0])
        )
        for part in parts(rows, KEYS_AT_A_TIME):
            of.session.execute(of.tables.memberships.insert(), part)

    def delete(self, keys: Iterable[CustomerKey]) -> None:
        """End the memberships of members."""
        column = self.members.tables.memberships.c.customer_key
        for part in parts(sorted(keys), KEYS_AT_A_TIME):
            self.delete_where(column.in_(part))

    def delete_all_but(self, keys: Collection[CustomerKey]) -> int:
        """End all memberships but those of these customers.

        Returns:
            How many members left.
        """
        column = self.members.tables.memberships.c.customer_key
        if len(keys) <= KEYS_AT_A_TIME:
            return self.delete_where(column.not_in(sorted(keys)))
        everybody = sa.select(column).where(self.members.are_members)
        session = self.members.session
        leaving = {
            row.customer_key for row in session.rows(session.dialect.deciding(everybody))
        }.difference(keys)
        self.delete(leaving)
        return len(leaving)

    def delete_where(self, condition: sa.ColumnElement[bool]) -> int:
        """End the memberships that satisfy a condition, and return how many those were."""
        of = self.members
        statement = of.tables.memberships.delete().where(of.are_members, condition)
        return of.session.execute(statement).rowcount

    def record(self, *, joined: int, left: int, by: str | None) -> None:
        """Store with the group that its members changed."""
        of, groups = self.members, self.members.tables.groups
        of.session.execute(
            groups.update()
            .where(of.is_group)
            .values(
                customers=groups.c.customers + (joined - left),
                members_version=groups.c.members_version + 1,
                members_changed_at=self.at,
                members_changed_by=by,
            )
        )

    def record_counts(self, counts: OutcomeCounts, by: str | None) -> OutcomeCounts:
        """Store with the group what a list did, and return the counts with their time."""
        if not counts.added and not counts.removed:
            return counts
        self.record(joined=counts.added, left=counts.removed, by=by)
        return attrs.evolve(counts, at=self.at)

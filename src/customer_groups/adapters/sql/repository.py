"""The repository on a database."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

import attrs
import sqlalchemy as sa

from customer_groups.adapters.sql.groups import (
    after_position,
    conditions,
    group_from_row,
    group_values,
    membership_from_row,
    order_columns,
    summary_from_row,
)
from customer_groups.adapters.sql.listing import Change, ListedChange
from customer_groups.adapters.sql.members import GroupMembers
from customer_groups.adapters.sql.parts import KEYS_AT_A_TIME, parts
from customer_groups.adapters.sql.rekeying import (
    locked_groups,
    memberships_by_group,
    rekey_members,
)
from customer_groups.adapters.sql.session import SqlSession
from customer_groups.adapters.sql.tables import GroupTables
from customer_groups.adapters.sql.translating import violated_constraint
from customer_groups.codes import GroupCode
from customer_groups.customers import CustomerDirectory, CustomerKey
from customer_groups.errors import (
    ConstraintViolatedError,
    DuplicateCodeError,
    DuplicateNameError,
    GroupNotFoundError,
    InvalidValueError,
    RetryableConflictError,
    StaleGroupError,
)
from customer_groups.model import CustomerGroup, GroupStatus, Membership, parse_actor, parse_time
from customer_groups.outcomes import Entry, OnOutcome, OutcomeCounts
from customer_groups.paging import Page, checked_limit, decode_cursor, encode_cursor
from customer_groups.query import GroupQuery, GroupSummary
from customer_groups.repository import parse_series
from customer_groups.text import name_key

__all__ = ["SqlGroupRepository"]

UNSEEN = "a transaction that this one cannot see has just stored the same; try again"


class SqlGroupRepository:
    """A `GroupRepository` in one transaction on a database."""

    def __init__(
        self,
        session: SqlSession,
        tables: GroupTables,
        groups_of_keys: sa.Select[Any],
        tenant: str,
        customers: CustomerDirectory,
    ) -> None:
        """Work on the groups of one tenant; `SqlStorage.bind` does this."""
        self._session = session
        self._tables = tables
        self._groups_of_keys = groups_of_keys
        self._tenant = tenant
        self._customers = customers

    def add(self, group: CustomerGroup) -> None:
        """Store a new group; see `GroupRepository.add`."""
        new = {
            "tenant": self._tenant,
            **group_values(group),
            "customers": 0,
            "members_version": 0,
            "fence": 0,
        }
        try:
            with self._session.savepoint():
                self._session.execute(self._tables.groups.insert().values(new))
        except ConstraintViolatedError as error:
            if self._deciding_rows(self._tables.groups.c.code == group.code):
                raise DuplicateCodeError(group.code) from None
            self._refuse_taken_name(group, error)
            raise

    def get(self, code: GroupCode) -> CustomerGroup:
        """Return the group with this code; see `GroupRepository.get`."""
        rows = self._rows(self._tables.groups.c.code == code)
        if not rows:
            raise GroupNotFoundError(code)
        return group_from_row(rows[0])

    def replace(self, group: CustomerGroup) -> CustomerGroup:
        """Store a changed group; see `GroupRepository.replace`."""
        replaced = attrs.evolve(group, version=group.version + 1)
        column = self._tables.groups.c
        statement = (
            self._tables.groups.update()
            .where(self._is_version(group.code, group.version))
            .where(column.created_at == group.created_at)
            .where(column.created_by.is_not_distinct_from(group.created_by))
            .values(group_values(replaced))
        )
        try:
            with self._session.savepoint():
                if self._session.execute(statement).rowcount == 0:
                    self._refuse_other_version(group.code, group.version)
                    raise InvalidValueError("creation", group.created, "cannot be changed")
        except ConstraintViolatedError as error:
            self._refuse_taken_name(group, error)
            raise
        return replaced

    def remove(self, code: GroupCode, *, version: int | None = None) -> None:
        """Remove a group and its memberships; see `GroupRepository.remove`."""
        members = self._members_of(code)
        memberships = self._tables.memberships
        with self._session.savepoint():
            statement = self._tables.groups.delete().where(
                members.is_group if version is None else self._is_version(code, version)
            )
            if self._session.execute(statement).rowcount == 0:
                self._refuse_other_version(code, version)
            self._session.execute(memberships.delete().where(members.are_members))

    def find(
        self, query: GroupQuery, *, limit: int, after: str | None = None, with_total: bool = False
    ) -> Page[GroupSummary]:
        """Return a page of the groups that ``query`` finds; see `GroupRepository.find`."""
        checked_limit(limit)
        order = query.order_by
        context = (self._tenant, "groups", repr(query))
        found = conditions(self._tables, self._tenant, query)
        beyond = []
        if after is not None:
            beyond = [after_position(self._tables, order, decode_cursor(context, after))]
        columns = order_columns(self._tables, order)
        rows = self._session.rows(
            sa.select(self._tables.groups)
            .where(*found, *beyond)
            .order_by(*(column.desc() if order.descending else column for column in columns))
            .limit(limit + 1)
        )
        items = tuple(summary_from_row(row) for row in rows[:limit])
        more = len(rows) > limit
        return Page(
            items,
            encode_cursor(context, order.sort_key(items[-1].group)) if more else None,
            self._count(found) if with_total else None,
        )

    def next_number(self, series: str) -> int:
        """Return the next number of a series; see `GroupRepository.next_number`."""
        table, name = self._tables.series, parse_series(series)
        first = {"tenant": self._tenant, "name": name, "number": 1}
        with self._session.savepoint():
            if not self._count_on(name):
                try:
                    with self._session.savepoint():
                        self._session.execute(table.insert().values(first))
                except ConstraintViolatedError as error:  # somebody has just drawn the first number
                    if not self._count_on(name):
                        raise RetryableConflictError(UNSEEN) from error.__cause__
            number = sa.select(table.c.number).where(self._is_series(name))
            return int(self._session.rows(number)[0].number)

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
        """Make the listed customers members; see `GroupRepository.add_members`."""
        change = self._change(Change.ADD, code, at, by, by_key=by_key, on_outcome=on_outcome)
        with self._session.savepoint():
            return change.apply(entries)

    def remove_members(
        self,
        code: GroupCode,
        entries: Iterable[Entry],
        *,
        at: datetime,
        by: str | None,
        by_key: bool = False,
        on_outcome: OnOutcome | None = None,
    ) -> OutcomeCounts:
        """End the listed memberships; see `GroupRepository.remove_members`."""
        change = self._change(Change.REMOVE, code, at, by, by_key=by_key, on_outcome=on_outcome)
        with self._session.savepoint():
            return change.apply(entries)

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
        """Make the listed customers the only members; see `GroupRepository.replace_members`."""
        change = self._change(Change.REPLACE, code, at, by, by_key=by_key, on_outcome=on_outcome)
        with self._session.savepoint():
            return change.apply(entries)

    def members(
        self,
        code: GroupCode,
        *,
        limit: int,
        after: str | None = None,
        added_at: datetime | None = None,
    ) -> Page[Membership]:
        """Return a page of the members of a group; see `GroupRepository.members`."""
        checked_limit(limit)
        members, column = self._members_of(code), self._tables.memberships.c
        members.require_group()
        context = (self._tenant, "members", code, repr(added_at))
        statement = sa.select(self._tables.memberships).where(members.are_members)
        if after is not None:
            (last,) = decode_cursor(context, after)
            statement = statement.where(column.customer_key > last)
        if added_at is not None:
            statement = statement.where(column.added_at == added_at)
        rows = self._session.rows(statement.order_by(column.customer_key).limit(limit + 1))
        items = tuple(membership_from_row(row) for row in rows[:limit])
        more = len(rows) > limit
        return Page(items, encode_cursor(context, (items[-1].customer,)) if more else None)

    def groups_of(
        self, customers: Collection[CustomerKey], *, status: GroupStatus | None = None
    ) -> Mapping[CustomerKey, tuple[CustomerGroup, ...]]:
        """Return the groups that each customer is in; see `GroupRepository.groups_of`."""
        found: dict[CustomerKey, list[CustomerGroup]] = {key: [] for key in customers}
        states = GroupStatus if status is None else [status]
        asked = {"of_tenant": self._tenant, "states": [state.value for state in states]}
        for part in parts(found, KEYS_AT_A_TIME):
            for row in self._session.rows(self._groups_of_keys, {**asked, "keys": part}):
                found[row.customer_key].append(group_from_row(row))
        return {key: tuple(groups_of_key) for key, groups_of_key in found.items()}

    def which_are_members(
        self, code: GroupCode, customers: Collection[CustomerKey]
    ) -> frozenset[CustomerKey]:
        """Return which customers are members; see `GroupRepository.which_are_members`."""
        members = self._members_of(code)
        members.require_group()
        return frozenset(members.among(customers))

    def rekey_customers(
        self,
        mapping: Mapping[CustomerKey, CustomerKey | None],
        *,
        at: datetime,
        by: str | None,
    ) -> int:
        """Follow the host's new keys; see `GroupRepository.rekey_customers`."""
        moment, actor = parse_time(at), parse_actor(by)
        keys = {old: new for old, new in mapping.items() if old != new}
        with self._session.savepoint():
            groups = {code: self._members_of(code) for code in self._memberships_of(keys)}
            locked = locked_groups(groups, moment)
            found = self._memberships_of(keys)  # again: others may have joined before the lock
            return sum(
                rekey_members(each, {old: keys[old] for old in found.get(code, ())}, by=actor)
                for code, each in locked.items()
            )

    def _memberships_of(
        self, keys: Mapping[CustomerKey, object]
    ) -> Mapping[GroupCode, Collection[CustomerKey]]:
        return memberships_by_group(self._session, self._tables, self._tenant, keys.keys())

    def atomic(self) -> AbstractContextManager[None]:
        """Return a context of changes kept or undone together; see `GroupRepository.atomic`."""
        return self._session.savepoint()

    def _members_of(self, code: GroupCode) -> GroupMembers:
        return GroupMembers(self._session, self._tables, self._tenant, code)

    def _change(
        self,
        change: Change,
        code: GroupCode,
        at: datetime,
        by: str | None,
        *,
        by_key: bool,
        on_outcome: OnOutcome | None,
    ) -> ListedChange:
        return ListedChange(
            members=self._members_of(code),
            customers=self._customers,
            change=change,
            at=at,
            by=by,
            by_key=by_key,
            on_outcome=on_outcome,
        )

    def _rows(self, condition: sa.ColumnElement[bool]) -> Sequence[sa.Row[Any]]:
        groups = self._tables.groups
        return self._session.rows(
            sa.select(groups).where(groups.c.tenant == self._tenant, condition)
        )

    def _deciding_rows(self, condition: sa.ColumnElement[bool]) -> Sequence[sa.Row[Any]]:
        """Return what is stored now, even where plain reads see the past."""
        groups = self._tables.groups
        rows = sa.select(groups).where(groups.c.tenant == self._tenant, condition)
        return self._session.rows(self._session.dialect.deciding(rows))

    def _count(self, found: Sequence[sa.ColumnElement[bool]]) -> int:
        count = sa.select(sa.func.count()).select_from(self._tables.groups).where(*found)
        ((total,),) = self._session.rows(count)
        return int(total)

    def _is_version(self, code: GroupCode, version: int) -> sa.ColumnElement[bool]:
        return sa.and_(self._members_of(code).is_group, self._tables.groups.c.version == version)

    def _refuse_other_version(self, code: GroupCode, version: int | None) -> None:
        """Raise if there is no such group, or only another version of it."""
        rows = self._deciding_rows(self._tables.groups.c.code == code)
        if not rows:
            raise GroupNotFoundError(code)
        if version is not None and rows[0].version != version:
            raise StaleGroupError(code, version, rows[0].version)

    def _refuse_taken_name(self, group: CustomerGroup, error: ConstraintViolatedError) -> None:
        """Raise if the error is about the name, or about what only others can see."""
        groups = self._tables.groups
        is_other = groups.c.code != group.code
        has_name = sa.and_(groups.c.name_key == name_key(group.name), is_other)
        if rows := self._deciding_rows(has_name):
            raise DuplicateNameError(group.name, rows[0].code) from None
        if violated_constraint(error) in {each.name for each in groups.constraints}:
            raise RetryableConflictError(UNSEEN) from error.__cause__

    def _is_series(self, name: str) -> sa.ColumnElement[bool]:
        column = self._tables.series.c
        return sa.and_(column.tenant == self._tenant, column.name == name)

    def _count_on(self, name: str) -> bool:
        """Raise the number of a series, and return whether there was one."""
        table = self._tables.series
        count = table.update().where(self._is_series(name)).values(number=table.c.number + 1)
        return self._session.execute(count).rowcount == 1

"""A right adapter on the standard library's sqlite3, made so that each part can be replaced."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

import attrs

from customer_groups.codes import GroupCode
from customer_groups.customers import Customer, CustomerDirectory, CustomerKey
from customer_groups.errors import (
    DuplicateCodeError,
    DuplicateNameError,
    InvalidValueError,
    StaleGroupError,
)
from customer_groups.model import CustomerGroup, GroupStatus, Membership, parse_actor, parse_time
from customer_groups.outcomes import (
    Entry,
    OnOutcome,
    Outcome,
    OutcomeCounts,
    Verdict,
    classify_additions,
    classify_removals,
    count_outcomes,
    customers_with,
    look_up,
)
from customer_groups.paging import Page, checked_limit
from customer_groups.query import GroupQuery, GroupSummary
from customer_groups.repository import GroupRepository, parse_series
from gallery.rows import COLUMNS, SqliteRows
from gallery.session import Session

__all__ = ["SqliteGroups"]


class SqliteGroups(SqliteRows, GroupRepository):
    """The groups of one tenant in one transaction."""

    def __init__(self, session: Session, tenant: str, customers: CustomerDirectory) -> None:
        """Work in a session."""
        super().__init__(session, tenant)
        self.customers = customers

    def add(self, group: CustomerGroup) -> None:
        """Store a new group."""
        if self.row(group.code) is not None:
            raise DuplicateCodeError(group.code)
        self.refuse_taken_name(group)
        self.insert(group)

    def get(self, code: GroupCode) -> CustomerGroup:
        """Return a group."""
        return self.group_of(self.stored(code))

    def replace(self, group: CustomerGroup) -> CustomerGroup:
        """Store a changed group."""
        stored = self.get(group.code)
        self.refuse_stale(stored, group.version)
        if group.created != stored.created:
            raise InvalidValueError("creation", group.created, "cannot be changed")
        self.refuse_taken_name(group)
        replaced = attrs.evolve(group, version=group.version + 1)
        self.update(replaced)
        return replaced

    def remove(self, code: GroupCode, *, version: int | None = None) -> None:
        """Remove a group and its memberships."""
        stored = self.get(code)
        if version is not None:
            self.refuse_stale(stored, version)
        with self.atomic():
            self.delete_memberships(code)
            self.delete(code)

    def refuse_stale(self, stored: CustomerGroup, version: int) -> None:
        """Refuse any other version than the stored one."""
        if version != stored.version:
            raise StaleGroupError(stored.code, version, stored.version)

    def refuse_taken_name(self, group: CustomerGroup) -> None:
        """Refuse a name that another group has."""
        holder = self.holder_of(group)
        if holder is not None:
            raise DuplicateNameError(group.name, holder)

    def find(
        self, query: GroupQuery, *, limit: int, after: str | None = None, with_total: bool = False
    ) -> Page[GroupSummary]:
        """Return a page of groups."""
        checked_limit(limit)
        where = self.conditions(query)
        context = self.context_of(query)
        columns, descending = COLUMNS[query.order_by.ascending], query.order_by.descending
        part = [*where, *self.after(columns, context, after, descending=descending)]
        rows = self.rows("groups", part, self.order(columns, descending=descending), limit + 1)
        total = self.total(where) if with_total else None
        shown = tuple(self.summary_of(row) for row in rows[:limit])
        return Page(shown, self.next_of(rows, limit, columns, context), total)

    def members(
        self,
        code: GroupCode,
        *,
        limit: int,
        after: str | None = None,
        added_at: datetime | None = None,
    ) -> Page[Membership]:
        """Return a page of members."""
        checked_limit(limit)
        self.stored(code)
        context = self.context_of_members(code, added_at)
        where = self.conditions_of_members(code, added_at)
        part = [*where, *self.after(("customer",), context, after, descending=False)]
        order = self.order(("customer",), descending=False)
        rows = self.rows("members", part, order, limit + 1)
        shown = tuple(self.membership_of(row) for row in rows[:limit])
        return Page(shown, self.next_of(rows, limit, ("customer",), context))

    def next_number(self, series: str) -> int:
        """Return the next number of a series."""
        rows = self.session.execute(
            "INSERT INTO numbers (tenant, series, last) VALUES (?, ?, 1)"
            " ON CONFLICT (tenant, series) DO UPDATE SET last = last + 1 RETURNING last",
            self.tenant,
            parse_series(series),
        )
        return int(rows[0]["last"])

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
        with self.atomic():
            self.stored(code)
            verdicts = self.additions(code, entries, by_key=by_key)
            joining = customers_with(verdicts, Outcome.ADDED)
            counts = self.counted(verdicts, on_outcome)
            changed_at = self.change_members(code, joining, frozenset(), at, by)
            return attrs.evolve(counts, at=changed_at)

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
        """End memberships."""
        with self.atomic():
            self.stored(code)
            verdicts = self.removals(code, entries, by_key=by_key)
            leaving = customers_with(verdicts, Outcome.REMOVED)
            counts = self.counted(verdicts, on_outcome)
            changed_at = self.change_members(code, frozenset(), leaving, at, by)
            return attrs.evolve(counts, at=changed_at)

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
            self.stored(code)
            before = self.member_keys(code)
            verdicts = self.additions(code, entries, by_key=by_key)
            joining = customers_with(verdicts, Outcome.ADDED)
            leaving = before - self.staying(verdicts)
            counts = self.counted(verdicts, on_outcome)
            changed_at = self.change_members(code, joining, leaving, at, by)
            return attrs.evolve(counts, removed=len(leaving), at=changed_at)

    def staying(self, verdicts: Sequence[Verdict]) -> set[CustomerKey]:
        """Return the members who stay when a list replaces the members."""
        return customers_with(verdicts, Outcome.ALREADY_MEMBER)

    def additions(
        self, code: GroupCode, entries: Iterable[Entry], *, by_key: bool
    ) -> list[Verdict]:
        """Return what becomes of each value of a list to add."""
        read = self.read(entries)
        candidates = self.candidates([value for _, value in read], by_key=by_key)
        return list(classify_additions(read, candidates, self.member_keys(code)))

    def removals(self, code: GroupCode, entries: Iterable[Entry], *, by_key: bool) -> list[Verdict]:
        """Return what becomes of each value of a list to remove."""
        read = self.read(entries)
        candidates = self.candidates([value for _, value in read], by_key=by_key)
        return list(classify_removals(read, candidates, self.member_keys(code)))

    def read(self, entries: Iterable[Entry]) -> list[Entry]:
        """Return the values of a list."""
        return list(entries)

    def candidates(
        self, values: Sequence[str], *, by_key: bool
    ) -> Mapping[str, Sequence[Customer]]:
        """Return the customers that each value may mean."""
        return look_up(self.customers, values, by_key=by_key)

    def counted(self, verdicts: Sequence[Verdict], on_outcome: OnOutcome | None) -> OutcomeCounts:
        """Return the counts of the outcomes, and tell who listens."""
        return count_outcomes(verdicts, on_outcome)

    def change_members(
        self,
        code: GroupCode,
        joining: Collection[CustomerKey],
        leaving: Collection[CustomerKey],
        at: datetime,
        by: str | None,
    ) -> datetime | None:
        """Change the members; return the time stored with it, or None if none changed."""
        time, actor = self.moment(code, at), parse_actor(by)
        if not joining and not leaving:
            return None
        self.delete_members(code, leaving)
        self.insert_members([Membership(code, key, time, actor) for key in joining])
        self.count_change(code, len(joining) - len(leaving), time, actor)
        return time

    def groups_of(
        self, customers: Collection[CustomerKey], *, status: GroupStatus | None = None
    ) -> Mapping[CustomerKey, tuple[CustomerGroup, ...]]:
        """Return the groups of customers."""
        self.session.require_usable()
        groups: dict[CustomerKey, list[CustomerGroup]] = {key: [] for key in customers}
        for row in self.rows_of_groups(customers, status):
            groups[row["customer"]].append(self.group_of(row))
        return {key: tuple(found) for key, found in groups.items()}

    def which_are_members(
        self, code: GroupCode, customers: Collection[CustomerKey]
    ) -> frozenset[CustomerKey]:
        """Return who of the customers is a member."""
        self.stored(code)
        rows = self.rows_for(
            "SELECT customer FROM members WHERE tenant = ? AND grp = ? AND customer IN (KEYS)",
            (self.tenant, code),
            customers,
        )
        return frozenset(row["customer"] for row in rows)

    def rekey_customers(
        self, mapping: Mapping[CustomerKey, CustomerKey | None], *, at: datetime, by: str | None
    ) -> int:
        """Follow the host's new keys."""
        time, actor = parse_time(at), parse_actor(by)
        with self.atomic():
            codes = self.codes_with(mapping)
            return sum(self.rekey_group(code, mapping, time, actor) for code in codes)

    def rekey_group(
        self,
        code: GroupCode,
        mapping: Mapping[CustomerKey, CustomerKey | None],
        at: datetime,
        by: str | None,
    ) -> bool:
        """Follow the host's new keys in a group; return whether its members changed."""
        before = self.memberships(code)
        after = self.rekeyed(before, mapping)
        if after == before:
            return False
        self.delete_members(code, [key for key in before if after.get(key) != before[key]])
        self.insert_members([each for key, each in after.items() if before.get(key) != each])
        self.count_change(code, len(after) - len(before), self.moment(code, at), by)
        return True

    def rekeyed(
        self,
        members: Mapping[CustomerKey, Membership],
        mapping: Mapping[CustomerKey, CustomerKey | None],
    ) -> dict[CustomerKey, Membership]:
        """Return memberships under their new keys."""
        after = {key: each for key, each in members.items() if mapping.get(key, key) == key}
        moving = [each for key, each in members.items() if key not in after]
        for each in self.in_order_of_merging(moving):
            key = mapping[each.customer]
            if key is not None:
                after.setdefault(key, attrs.evolve(each, customer=key))
        return after

    def in_order_of_merging(self, members: Iterable[Membership]) -> list[Membership]:
        """Return memberships so that the one that is kept comes first."""
        return sorted(members, key=lambda each: (each.added_at, each.customer))

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """Return a context of changes that are kept or undone together."""
        self.session.execute("SAVEPOINT nested")
        try:
            yield
        except BaseException:
            if self.session.lost is None:
                self.session.execute("ROLLBACK TO nested")
                self.session.execute("RELEASE nested")
            raise
        self.session.execute("RELEASE nested")

"""A long list of customers, in temporary tables of the database.

Every step is one statement over the whole list, so its cost grows with the list and
nothing of it stays in the memory of this process.
"""

import contextlib
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy.schema import CreateIndex, CreateTable, DropTable

from customer_groups.adapters.sql.customer_table import SqlCustomerDirectory, as_text, is_active
from customer_groups.adapters.sql.members import GroupMembers, LockedMembers
from customer_groups.adapters.sql.parts import KEYS_AT_A_TIME
from customer_groups.adapters.sql.types import exact_text
from customer_groups.customers import Customer, CustomerDirectory
from customer_groups.outcomes import (
    SUCCESSES,
    Entry,
    OnOutcome,
    Outcome,
    OutcomeCounts,
    look_up,
    resolve,
)

__all__ = ["StagedList"]


def _number() -> sa.types.TypeEngine[int]:
    # Only INTEGER makes a primary key of SQLite the row's own number.
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


@attrs.frozen(eq=False)
class StagedList:
    """A list on its way into a group.

    Attributes:
        members: The members of the group.
        values: One row for each value: its number, its line, and the value.
        verdicts: One row for each value: its number, the value, the customer it means, and
            its outcome. Until the group is locked, ``added`` and ``inactive`` only say that
            it means an active or inactive customer, and ``already_member`` that an earlier
            value means the same active customer.
    """

    members: GroupMembers
    values: sa.Table
    verdicts: sa.Table

    @classmethod
    def create(cls, members: GroupMembers) -> "StagedList":
        """Create the temporary tables, under names of their own."""
        name = f"{members.tables.prefix}{uuid.uuid4().hex[:12]}"
        metadata = sa.MetaData()
        values = sa.Table(
            f"{name}_values",
            metadata,
            sa.Column("seq", _number(), primary_key=True, autoincrement=False),
            sa.Column("line", sa.BigInteger, nullable=False),
            sa.Column("value", exact_text(140), nullable=False),
            prefixes=["TEMPORARY"],
        )
        verdicts = sa.Table(
            f"{name}_verdicts",
            metadata,
            sa.Column("seq", _number(), nullable=False),
            sa.Column("value", exact_text(140), nullable=False),
            sa.Column("customer_key", exact_text(140)),
            sa.Column("outcome", exact_text(14), nullable=False),
            prefixes=["TEMPORARY"],
        )
        members.session.execute(CreateTable(values))
        members.session.execute(CreateTable(verdicts))
        return cls(members, values, verdicts)

    def drop(self) -> None:
        """Drop the temporary tables. Rolling back drops them as well."""
        self.members.session.execute(DropTable(self.values))
        self.members.session.execute(DropTable(self.verdicts))

    def fill(self, entries: Iterable[Entry]) -> None:
        """Take over the list; it is consumed once."""
        rows = ((seq, line, value) for seq, (line, value) in enumerate(entries, start=1))
        self.members.session.insert_rows(self.values, rows)
        columns = self.values.c
        index = sa.Index(f"{self.values.name}_value", columns.value, columns.seq)
        self.members.session.execute(CreateIndex(index))

    def resolve(self, customers: CustomerDirectory, *, by_key: bool) -> None:
        """Find out which customer each value means."""
        if isinstance(customers, SqlCustomerDirectory):
            numbered = self._numbered()
            condition = customers.resolving(numbered.c.value, by_key=by_key)
            if condition is not None:
                self._resolve_in_database(numbered, customers, condition)
                return
        self._resolve_in_parts(customers, by_key=by_key)

    def add(self, locked: LockedMembers, by: str | None) -> OutcomeCounts:
        """Make the active customers of the list members."""
        self._mark_members(locked)
        self._insert_added(locked, by)
        return self._counts()

    def replace(self, locked: LockedMembers, by: str | None) -> OutcomeCounts:
        """Make the active customers of the list the only members."""
        self._mark_members(locked)
        column = self.verdicts.c
        staying = sa.select(column.customer_key).where(
            column.outcome == Outcome.ALREADY_MEMBER.value
        )
        left = locked.delete_where(self.members.tables.memberships.c.customer_key.not_in(staying))
        self._insert_added(locked, by)
        return attrs.evolve(self._counts(), removed=left)

    def remove(self, locked: LockedMembers) -> OutcomeCounts:
        """End the membership of the customers of the list."""
        column = self.verdicts.c
        gone = self._mark(
            [Outcome.UNKNOWN], column.value, Outcome.REMOVED, customer_key=column.value
        )
        known = [Outcome.ADDED, Outcome.ALREADY_MEMBER, Outcome.INACTIVE]
        marked = gone + self._mark(known, column.customer_key, Outcome.REMOVED)
        self.members.session.execute(
            self.verdicts.update()
            .where(column.outcome.in_([outcome.value for outcome in known]))
            .values(outcome=Outcome.NOT_A_MEMBER.value)
        )
        removed = sa.select(column.customer_key).where(column.outcome == Outcome.REMOVED.value)
        left = locked.delete_where(self.members.tables.memberships.c.customer_key.in_(removed))
        if left != marked:
            self._keep_first(Outcome.REMOVED, Outcome.NOT_A_MEMBER)
        return self._counts()

    def report(self, on_outcome: OnOutcome) -> None:
        """Tell every outcome that somebody should hear of, in input order."""
        verdict, value = self.verdicts.c, self.values.c
        statement = (
            sa.select(value.line, verdict.value, verdict.outcome)
            .join_from(self.verdicts, self.values, value.seq == verdict.seq)
            .where(verdict.outcome.not_in([outcome.value for outcome in SUCCESSES]))
            .order_by(verdict.seq)
        )
        outcomes = {outcome.value: outcome for outcome in Outcome}
        with contextlib.closing(self.members.session.stream(statement)) as rows:
            for line, text, outcome in rows:
                on_outcome(line, text, outcomes[outcome])

    def _numbered(self) -> sa.Subquery:
        """Return the values, each with how often it has occurred so far."""
        value = self.values.c
        nth = sa.func.row_number().over(partition_by=value.value, order_by=value.seq)
        return sa.select(value.seq, value.value, nth.label("nth")).subquery("numbered")

    def _resolve_in_database(
        self,
        numbered: sa.Subquery,
        customers: SqlCustomerDirectory,
        condition: sa.ColumnElement[bool],
    ) -> None:
        table = customers.table
        key = as_text(table.identity)
        outcome = sa.case(
            (numbered.c.nth > 1, Outcome.DUPLICATE.value),
            (key.is_(None), Outcome.UNKNOWN.value),
            (is_active(table) == 1, Outcome.ADDED.value),
            else_=Outcome.INACTIVE.value,
        )
        joined = numbered.outerjoin(table.source, sa.and_(numbered.c.nth == 1, condition))
        query = sa.select(numbered.c.seq, numbered.c.value, key, outcome).select_from(joined)
        self._insert_verdicts(query)
        self._settle_repeated_codes()

    def _insert_verdicts(self, query: sa.Select[Any]) -> None:
        columns = list(self.verdicts.columns)
        self.members.session.execute(self.verdicts.insert().from_select(columns, query))

    def _settle_repeated_codes(self) -> None:
        """Leave one row for each value that several customers have: the only active one."""
        session, column = self.members.session, self.verdicts.c
        ((values, verdicts),) = session.rows(
            sa.select(_count(self.values).label("values"), _count(self.verdicts).label("verdicts"))
        )
        if values == verdicts:
            return
        settled = self.verdicts.to_metadata(sa.MetaData(), name=f"{self.verdicts.name}_settled")
        active = sa.case((column.outcome == Outcome.ADDED.value, column.customer_key))
        is_one_active = sa.func.count(active) == 1
        several = (
            sa.select(
                column.seq,
                sa.func.min(column.value),
                sa.case((is_one_active, sa.func.max(active))),
                sa.case((is_one_active, Outcome.ADDED.value), else_=Outcome.AMBIGUOUS.value),
            )
            .group_by(column.seq)
            .having(sa.func.count() > 1)
        )
        session.execute(CreateTable(settled))
        session.execute(settled.insert().from_select(list(settled.columns), several))
        session.execute(self.verdicts.delete().where(column.seq.in_(sa.select(settled.c.seq))))
        self._insert_verdicts(sa.select(settled))
        session.execute(DropTable(settled))

    def _resolve_in_parts(self, customers: CustomerDirectory, *, by_key: bool) -> None:
        """Ask a directory that the database knows nothing of, value by value in order."""
        session, column = self.members.session, self.values.c
        firsts = (
            sa.select(column.value, sa.func.min(column.seq).label("seq"))
            .group_by(column.value)
            .order_by(column.value)
            .limit(KEYS_AT_A_TIME)
        )
        part = session.rows(firsts)
        while part:
            candidates = look_up(customers, (row.value for row in part), by_key=by_key)
            verdicts = (_verdict(row, candidates.get(row.value, ())) for row in part)
            session.insert_rows(self.verdicts, verdicts)
            part = session.rows(firsts.where(column.value > part[-1].value))
        self._keep_first(Outcome.ADDED, Outcome.ALREADY_MEMBER)
        numbered = self._numbered().c
        self._insert_verdicts(
            sa.select(
                numbered.seq, numbered.value, sa.null(), sa.literal(Outcome.DUPLICATE.value)
            ).where(numbered.nth > 1)
        )

    def _mark_members(self, locked: LockedMembers) -> None:
        if locked.customers:
            meant = [Outcome.ADDED, Outcome.INACTIVE]
            self._mark(meant, self.verdicts.c.customer_key, Outcome.ALREADY_MEMBER)

    def _mark(
        self,
        outcomes: Iterable[Outcome],
        key: sa.Column[str],
        outcome: Outcome,
        **values: sa.Column[str],
    ) -> int:
        """Give the values that mean a member another outcome; return how many they are."""
        members = self.members
        statement = (
            self.verdicts.update()
            .where(
                self.verdicts.c.outcome.in_([each.value for each in outcomes]),
                members.are_members,
                members.tables.memberships.c.customer_key == key,
            )
            .values(outcome=outcome.value, **values)
        )
        return members.session.execute(statement).rowcount

    def _keep_first(self, outcome: Outcome, late: Outcome) -> None:
        """Where several values mean one customer, leave the outcome to the first of them."""
        column = self.verdicts.c
        has_outcome = column.outcome == outcome.value
        firsts = sa.select(sa.func.min(column.seq)).where(has_outcome).group_by(column.customer_key)
        self.members.session.execute(
            self.verdicts.update()
            .where(has_outcome, column.seq.not_in(firsts))
            .values(outcome=late.value)
        )

    def _insert_added(self, locked: LockedMembers, by: str | None) -> None:
        members, column = self.members, self.verdicts.c
        memberships = members.tables.memberships
        # In the order of the keys: at random, a large table takes many times as long.
        added = (
            sa.select(
                sa.literal(members.tenant),
                sa.literal(members.code),
                column.customer_key,
                sa.literal(locked.at, memberships.c.added_at.type),
                sa.literal(by, memberships.c.added_by.type),
            )
            .where(column.outcome == Outcome.ADDED.value)
            .order_by(column.customer_key)
        )
        members.session.execute(memberships.insert().from_select(list(memberships.columns), added))

    def _counts(self) -> OutcomeCounts:
        column = self.verdicts.c.outcome
        counts = sa.select(column, sa.func.count()).group_by(column)
        return OutcomeCounts.of(
            {Outcome(outcome): count for outcome, count in self.members.session.rows(counts)}
        )


def _verdict(row: sa.Row[Any], candidates: Sequence[Customer]) -> tuple[int, str, str | None, str]:
    found = resolve(candidates)
    if isinstance(found, Outcome):
        return row.seq, row.value, None, found.value
    outcome = Outcome.ADDED if found.active else Outcome.INACTIVE
    return row.seq, row.value, found.key, outcome.value


def _count(table: sa.Table) -> sa.ScalarSelect[int]:
    return sa.select(sa.func.count()).select_from(table).scalar_subquery()

"""A long list of customers, in temporary tables of the database.

Every step is one statement over the whole list, so its cost grows with the list and
nothing of it stays in the memory of this process.
"""

import contextlib
import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy.schema import SchemaItem

from customer_groups.adapters.sql.customer_table import SqlCustomerDirectory, is_active
from customer_groups.adapters.sql.host_columns import as_text
from customer_groups.adapters.sql.members import GroupMembers, LockedMembers
from customer_groups.adapters.sql.parts import parts
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

VALUES_AT_A_TIME = 5_000

_Row = tuple[int, int, str]


@attrs.frozen(eq=False)
class StagedList:
    """A list on its way into a group.

    Attributes:
        members: The members of the group.
        values: One row for each value: its number, its line, and the value.
        verdicts: One row for each value: its number, its line, the value, the customer it
            means, and its outcome. Until the group is locked, ``added`` and ``inactive``
            only say that it means an active or inactive customer, and ``already_member``
            that an earlier value means the same active customer.
    """

    members: GroupMembers
    values: sa.Table
    verdicts: sa.Table

    @classmethod
    @contextlib.contextmanager
    def temporary(cls, members: GroupMembers) -> Iterator["StagedList"]:
        """Return a context in which there are temporary tables, under names of their own."""
        name = _new_name(members)
        values = _temporary(f"{name}_values", *_value_columns())
        verdicts = _temporary(f"{name}_verdicts", *_verdict_columns())
        with members.session.temporary(values, verdicts):
            yield cls(members, values, verdicts)

    def resolve(
        self, entries: Iterable[Entry], customers: CustomerDirectory, *, by_key: bool
    ) -> None:
        """Take over the list, and find out which customer each value means.

        Args:
            entries: The list; it is consumed once.
            customers: The directory that its values are looked up in.
            by_key: Whether the values are keys instead of codes.
        """
        rows = ((seq, line, value) for seq, (line, value) in enumerate(entries, start=1))
        if isinstance(customers, SqlCustomerDirectory) and customers.may_be_copied(by_key=by_key):
            self._resolve_in_database(rows, customers, by_key=by_key)
        else:
            self._resolve_in_parts(rows, customers, by_key=by_key)
        self.members.session.analyze(self.verdicts)

    def add(self, locked: LockedMembers, by: str | None) -> OutcomeCounts:
        """Make the active customers of the list members."""
        self._mark_members(locked)
        self._insert_added(locked, by)
        return self._counts()

    def replace(self, locked: LockedMembers, by: str | None) -> OutcomeCounts:
        """Make the active customers of the list the only members."""
        self._mark_members(locked)
        memberships = self.members.tables.memberships
        with self._keyed(self._keys_with(Outcome.ALREADY_MEMBER)) as staying:
            everybody = memberships.outerjoin(staying.table, staying == memberships.c.customer_key)
            leaving = sa.select(memberships.c.customer_key).select_from(everybody)
            left = self._delete(locked, leaving.where(self.members.are_members, staying.is_(None)))
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
        left = self._delete(locked, self._keys_with(Outcome.REMOVED))
        if left != marked:
            self._leave_to_first(column.customer_key, [Outcome.REMOVED], Outcome.NOT_A_MEMBER)
        return self._counts()

    def report(self, on_outcome: OnOutcome) -> None:
        """Tell every outcome that somebody should hear of, in input order."""
        column = self.verdicts.c
        statement = (
            sa.select(column.line, column.value, column.outcome)
            .where(column.outcome.not_in([outcome.value for outcome in SUCCESSES]))
            .order_by(column.seq)
        )
        outcomes = {outcome.value: outcome for outcome in Outcome}
        with contextlib.closing(self.members.session.stream(statement)) as rows:
            for line, text, outcome in rows:
                on_outcome(line, text, outcomes[outcome])

    def _resolve_in_database(
        self, rows: Iterable[_Row], customers: SqlCustomerDirectory, *, by_key: bool
    ) -> None:
        self.members.session.insert_rows(self.values, rows)
        self.members.session.analyze(self.values)
        table, value = customers.table, self.values.c
        nth = sa.func.row_number().over(partition_by=value.value, order_by=value.seq)
        numbered = sa.select(value.seq, value.line, value.value, nth.label("nth")).subquery(
            "numbered"
        )
        key = as_text(table.identity)
        outcome = sa.case(
            (numbered.c.nth > 1, Outcome.DUPLICATE.value),
            (key.is_(None), Outcome.UNKNOWN.value),
            (is_active(table) == 1, Outcome.ADDED.value),
            else_=Outcome.INACTIVE.value,
        )
        is_customer = sa.and_(
            numbered.c.nth == 1,
            customers.resolving(numbered.c.value, by_key=by_key),
            _may_be_key(key),
        )
        joined = numbered.outerjoin(table.source, is_customer)
        query = sa.select(
            numbered.c.seq, numbered.c.line, numbered.c.value, key, outcome
        ).select_from(joined)
        self._insert_verdicts(query)
        self._settle_repeated_codes()

    def _insert_verdicts(self, query: sa.Select[Any]) -> None:
        columns = list(self.verdicts.columns)
        self.members.session.execute(self.verdicts.insert().from_select(columns, query))

    def _settle_repeated_codes(self) -> None:
        """Leave one row for each value that several customers have: the only active one."""
        session, column = self.members.session, self.verdicts.c
        ((rows, values),) = session.rows(sa.select(sa.func.count(), sa.func.max(column.seq)))
        if rows == values:
            return
        active = sa.case((column.outcome == Outcome.ADDED.value, column.customer_key))
        is_one_active = sa.func.count(active) == 1
        several = (
            sa.select(
                column.seq,
                sa.func.min(column.line),
                sa.func.min(column.value),
                sa.case((is_one_active, sa.func.max(active))),
                sa.case((is_one_active, Outcome.ADDED.value), else_=Outcome.AMBIGUOUS.value),
            )
            .group_by(column.seq)
            .having(sa.func.count() > 1)
        )
        settled = _temporary(
            f"{self.verdicts.name}_settled",
            *_verdict_columns(),
            sa.PrimaryKeyConstraint("seq"),
        )
        with session.temporary(settled):
            session.execute(settled.insert().from_select(list(settled.columns), several))
            session.analyze(settled)
            session.execute(self.verdicts.delete().where(column.seq.in_(sa.select(settled.c.seq))))
            self._insert_verdicts(sa.select(settled))

    def _resolve_in_parts(
        self, rows: Iterable[_Row], customers: CustomerDirectory, *, by_key: bool
    ) -> None:
        """Ask a directory that had better be asked for some thousand values at a time."""
        for part in parts(rows, VALUES_AT_A_TIME):
            candidates = look_up(customers, (value for _, _, value in part), by_key=by_key)
            verdicts = [(*row, *_meaning(candidates.get(row[2], ()))) for row in part]
            self.members.session.insert_rows(self.verdicts, verdicts)
        self._leave_to_first(self.verdicts.c.value, list(Outcome), Outcome.DUPLICATE)
        self._leave_to_first(self.verdicts.c.customer_key, [Outcome.ADDED], Outcome.ALREADY_MEMBER)

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

    def _leave_to_first(
        self, meaning: sa.Column[str], outcomes: Iterable[Outcome], late: Outcome
    ) -> None:
        """Where several verdicts with these outcomes mean the same, change all but the first."""
        column = self.verdicts.c
        nth = sa.func.row_number().over(partition_by=meaning, order_by=column.seq)
        numbered = (
            sa.select(column.seq, nth.label("nth"))
            .where(column.outcome.in_([outcome.value for outcome in outcomes]))
            .subquery("numbered")
        )
        with self._keyed(sa.select(numbered.c.seq).where(numbered.c.nth > 1)) as others:
            self.members.session.execute(
                self.verdicts.update()
                .where(column.seq.in_(sa.select(others)))
                .values(outcome=late.value)
            )

    def _keys_with(self, outcome: Outcome) -> sa.Select[Any]:
        column = self.verdicts.c
        keys = sa.select(column.customer_key).where(column.outcome == outcome.value)
        return keys.distinct().order_by(column.customer_key)

    def _delete(self, locked: LockedMembers, leaving: sa.Select[Any]) -> int:
        with self._keyed(leaving) as keys:
            key = self.members.tables.memberships.c.customer_key
            return locked.delete_where(key.in_(sa.select(keys)))

    @contextlib.contextmanager
    def _keyed(self, query: sa.Select[Any]) -> Iterator[sa.Column[Any]]:
        """Return a context in which what a query finds is the key of a temporary table.

        Without a key, or statistics, a database looks for each row in the whole list.

        Args:
            query: Finds values that are all different.
        """
        (found,) = query.selected_columns
        session = self.members.session
        column = sa.Column("item", found.type, primary_key=True, autoincrement=False)
        table = _temporary(_new_name(self.members), column)
        with session.temporary(table):
            session.execute(table.insert().from_select([column], query))
            session.analyze(table)
            yield column

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


def _new_name(members: GroupMembers) -> str:
    return f"{members.tables.prefix}{uuid.uuid4().hex[:12]}"


def _temporary(name: str, *items: SchemaItem) -> sa.Table:
    return sa.Table(name, sa.MetaData(), *items, prefixes=["TEMPORARY"])


def _may_be_key(text: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Return the condition that a text of the host may be the key of a customer.

    Control characters are left out: no database finds them as we do.
    """
    length = sa.func.char_length(text)
    return sa.and_(length.between(1, 140), sa.func.char_length(sa.func.trim(text)) == length)


def _value_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("line", sa.BigInteger, nullable=False),
        sa.Column("value", exact_text(140), nullable=False),
    ]


def _verdict_columns() -> list[sa.Column[Any]]:
    return [
        *_value_columns(),
        sa.Column("customer_key", exact_text(140)),
        sa.Column("outcome", exact_text(14), nullable=False),
    ]


def _meaning(candidates: Sequence[Customer]) -> tuple[str | None, str]:
    """Return the key and the outcome of a value that these customers have."""
    found = resolve(candidates)
    if isinstance(found, Outcome):
        return None, found.value
    return found.key, (Outcome.ADDED if found.active else Outcome.INACTIVE).value

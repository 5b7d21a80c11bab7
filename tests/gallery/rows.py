"""What the adapter on sqlite3 reads and writes, statement by statement."""

import json
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from customer_groups.codes import GroupCode
from customer_groups.customers import CustomerKey
from customer_groups.errors import (
    GroupNotFoundError,
)
from customer_groups.model import CustomerGroup, GroupStatus, Membership, parse_time
from customer_groups.outcomes import (
    time_of_change,
)
from customer_groups.paging import decode_cursor, encode_cursor
from customer_groups.query import GroupOrder, GroupQuery, GroupSummary
from customer_groups.text import MatchMode, TextMatch, name_key
from gallery.session import Session, Value

__all__ = ["COLUMNS", "Condition", "SqliteRows"]

Condition = tuple[str, tuple[Value, ...]]
"""A condition in SQL, and its values."""

IN_LIST = 500

COLUMNS = {
    GroupOrder.CODE: ("code",),
    GroupOrder.NAME: ("name_key",),
    GroupOrder.CHANGED: ("updated_at", "code"),
}
IS_MEMBER = (
    "EXISTS (SELECT 1 FROM members WHERE members.tenant = groups.tenant"
    " AND members.grp = groups.code AND members.customer = ?)"
)
INSERT_GROUP = (
    "INSERT INTO groups (name, name_key, status, version, attributes, created_at, created_by,"
    " updated_at, updated_by, tenant, code) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
UPDATE_GROUP = (
    "UPDATE groups SET name = ?, name_key = ?, status = ?, version = ?, attributes = ?,"
    " created_at = ?, created_by = ?, updated_at = ?, updated_by = ?"
    " WHERE tenant = ? AND code = ?"
)


class SqliteRows:
    """What a tenant has stored, row by row."""

    def __init__(self, session: Session, tenant: str) -> None:
        """Work in a session."""
        self.session = session
        self.tenant = tenant

    def insert(self, group: CustomerGroup) -> None:
        """Write a new group."""
        self.session.execute(INSERT_GROUP, *self.columns_of(group), self.tenant, group.code)

    def delete(self, code: GroupCode) -> None:
        """Delete the row of a group."""
        self.session.execute("DELETE FROM groups WHERE tenant = ? AND code = ?", self.tenant, code)

    def row(self, code: GroupCode) -> sqlite3.Row | None:
        """Return what is stored under a code."""
        rows = self.session.execute(
            "SELECT * FROM groups WHERE tenant = ? AND code = ?", self.tenant, code
        )
        return rows[0] if rows else None

    def stored(self, code: GroupCode) -> sqlite3.Row:
        """Return what is stored under a code that must be there."""
        row = self.row(code)
        if row is None:
            raise GroupNotFoundError(code)
        return row

    def holder_of(self, group: CustomerGroup) -> str | None:
        """Return the code of another group with the same name."""
        rows = self.session.execute(
            "SELECT code FROM groups WHERE tenant = ? AND name_key = ? AND code <> ?",
            self.tenant,
            self.key_of(group.name),
            group.code,
        )
        return rows[0]["code"] if rows else None

    def update(self, group: CustomerGroup) -> None:
        """Write the fields of a group that is there."""
        self.session.execute(UPDATE_GROUP, *self.columns_of(group), self.tenant, group.code)

    def columns_of(self, group: CustomerGroup) -> tuple[Value, ...]:
        """Return a group as it is stored."""
        return (
            group.name,
            self.key_of(group.name),
            group.status.value,
            group.version,
            self.dump(group.attributes),
            self.text_of(group.created_at),
            group.created_by,
            self.text_of(group.updated_at),
            group.updated_by,
        )

    def group_of(self, row: sqlite3.Row) -> CustomerGroup:
        """Return the group that is stored in a row."""
        return CustomerGroup(
            row["code"],
            row["name"],
            self.time_of(row["created_at"]),
            row["created_by"],
            updated_at=self.time_of(row["updated_at"]),
            updated_by=row["updated_by"],
            status=row["status"],
            version=row["version"],
            attributes=self.load(row["attributes"]),
        )

    def summary_of(self, row: sqlite3.Row) -> GroupSummary:
        """Return the summary that is stored in a row."""
        changed = row["members_changed_at"]
        return GroupSummary(
            self.group_of(row),
            row["customers"],
            row["members_version"],
            None if changed is None else self.time_of(changed),
            row["members_changed_by"],
        )

    def membership_of(self, row: sqlite3.Row) -> Membership:
        """Return the membership that is stored in a row."""
        return Membership(
            row["grp"], row["customer"], self.time_of(row["added_at"]), row["added_by"]
        )

    def dump(self, attributes: Mapping[str, str]) -> str:
        """Return attributes as they are stored."""
        return json.dumps(dict(attributes))

    def load(self, text: str) -> Mapping[str, str]:
        """Return attributes that were stored."""
        attributes: dict[str, str] = json.loads(text)
        return attributes

    def text_of(self, time: datetime) -> str:
        """Return a time as it is stored; later ones sort after earlier ones."""
        return time.isoformat(timespec="microseconds")

    def time_of(self, text: str) -> datetime:
        """Return a time that was stored."""
        return datetime.fromisoformat(text)

    def key_of(self, name: str) -> str:
        """Return by what names are compared."""
        return name_key(name)

    def context_of(self, query: GroupQuery) -> tuple[str, ...]:
        """Return what a cursor of a search depends on."""
        return ("groups", self.tenant, repr(query))

    def context_of_members(self, code: GroupCode, added_at: datetime | None) -> tuple[str, ...]:
        """Return what a cursor of members depends on."""
        return ("members", self.tenant, code, repr(added_at))

    def conditions_of_members(self, code: GroupCode, added_at: datetime | None) -> list[Condition]:
        """Return which rows are the members of a group."""
        conditions: list[Condition] = [("tenant = ?", (self.tenant,)), ("grp = ?", (code,))]
        if added_at is not None:
            conditions.append(("added_at = ?", (self.text_of(parse_time(added_at)),)))
        return conditions

    def conditions(self, query: GroupQuery) -> list[Condition]:
        """Return which rows a search finds."""
        conditions: list[Condition] = [("tenant = ?", (self.tenant,))]
        if query.status is not None:
            conditions.append(("status = ?", (query.status.value,)))
        if query.customer is not None:
            conditions.append((IS_MEMBER, (query.customer,)))
        if query.code is not None:
            conditions.append(self.matching("lower(code)", query.code))
        if query.name is not None:
            conditions.append(self.matching("name_key", query.name))
        return conditions

    def matching(self, column: str, match: TextMatch) -> Condition:
        """Return the condition that a text satisfies a match."""
        if match.mode is MatchMode.EQUALS:
            return (f"{column} = ?", (match.key,))
        if match.mode is MatchMode.STARTS_WITH:
            return (f"instr({column}, ?) = 1", (match.key,))
        return (f"instr({column}, ?) > 0", (match.key,))

    def after(
        self,
        columns: Sequence[str],
        context: Sequence[str],
        cursor: str | None,
        *,
        descending: bool,
    ) -> list[Condition]:
        """Return the condition that a row comes after a cursor."""
        if cursor is None:
            return []
        position = self.decoded(context, cursor)
        sign = "<" if descending else ">"
        marks = ", ".join("?" * len(columns))
        return [(f"({', '.join(columns)}) {sign} ({marks})", position)]

    def decoded(self, context: Sequence[str], cursor: str) -> tuple[str, ...]:
        """Return the position of a cursor."""
        return decode_cursor(context, cursor)

    def encoded(self, context: Sequence[str], position: Sequence[str]) -> str:
        """Return the cursor of a position."""
        return encode_cursor(context, position)

    def order(self, columns: Sequence[str], *, descending: bool) -> str:
        """Return the order of rows by columns."""
        return ", ".join(f"{column} DESC" if descending else column for column in columns)

    def rows(
        self, table: str, where: Sequence[Condition], order: str, limit: int
    ) -> list[sqlite3.Row]:
        """Return rows of a table."""
        parts = ["SELECT * FROM", table, "WHERE", self.joined(where)]
        sql = " ".join([*parts, "ORDER BY", order, "LIMIT ?"])
        return self.session.execute(sql, *self.values_of(where), limit)

    def total(self, where: Sequence[Condition]) -> int:
        """Return how many groups satisfy all conditions."""
        sql = " ".join(["SELECT count(*) FROM groups WHERE", self.joined(where)])
        return int(self.session.execute(sql, *self.values_of(where))[0][0])

    def joined(self, where: Sequence[Condition]) -> str:
        """Return all conditions as one."""
        return " AND ".join(sql for sql, _ in where)

    def values_of(self, where: Sequence[Condition]) -> list[Value]:
        """Return the values of all conditions."""
        return [value for _, values in where for value in values]

    def next_of(
        self,
        rows: Sequence[sqlite3.Row],
        limit: int,
        columns: Sequence[str],
        context: Sequence[str],
    ) -> str | None:
        """Return the cursor of the next page, given a row more than this page has."""
        if len(rows) <= limit:
            return None
        return self.encoded(context, [rows[limit - 1][column] for column in columns])

    def member_keys(self, code: GroupCode) -> set[CustomerKey]:
        """Return the keys of all members of a group."""
        rows = self.session.execute(
            "SELECT customer FROM members WHERE tenant = ? AND grp = ?", self.tenant, code
        )
        return {row["customer"] for row in rows}

    def memberships(self, code: GroupCode) -> dict[CustomerKey, Membership]:
        """Return all memberships of a group."""
        rows = self.session.execute(
            "SELECT * FROM members WHERE tenant = ? AND grp = ?", self.tenant, code
        )
        return {row["customer"]: self.membership_of(row) for row in rows}

    def insert_members(self, members: Collection[Membership]) -> None:
        """Store new memberships."""
        self.session.execute_many(
            "INSERT INTO members (tenant, grp, customer, added_at, added_by)"
            " VALUES (?, ?, ?, ?, ?)",
            [
                (self.tenant, each.group, each.customer, self.text_of(each.added_at), each.added_by)
                for each in members
            ],
        )

    def delete_members(self, code: GroupCode, keys: Collection[CustomerKey]) -> None:
        """Delete memberships of a group."""
        self.session.execute_many(
            "DELETE FROM members WHERE tenant = ? AND grp = ? AND customer = ?",
            [(self.tenant, code, key) for key in keys],
        )

    def delete_memberships(self, code: GroupCode) -> None:
        """Delete all memberships of a group."""
        self.session.execute("DELETE FROM members WHERE tenant = ? AND grp = ?", self.tenant, code)

    def count_change(self, code: GroupCode, more: int, at: datetime, by: str | None) -> None:
        """Write down that the members changed."""
        self.session.execute(
            "UPDATE groups SET customers = customers + ?, members_version = members_version + 1,"
            " members_changed_at = ?, members_changed_by = ? WHERE tenant = ? AND code = ?",
            more,
            self.text_of(at),
            by,
            self.tenant,
            code,
        )

    def moment(self, code: GroupCode, at: datetime) -> datetime:
        """Return the time of the next change of members."""
        last = self.stored(code)["members_changed_at"]
        return time_of_change(parse_time(at), None if last is None else self.time_of(last))

    def rows_for(
        self, sql: str, fixed: Sequence[Value], keys: Collection[str]
    ) -> Iterator[sqlite3.Row]:
        """Yield the rows of a statement whose IN list takes a limited number of keys at once."""
        for chunk in self.chunks(sorted(set(keys))):
            marks = ", ".join("?" * len(chunk))
            yield from self.session.execute(sql.replace("KEYS", marks), *fixed, *chunk)

    def chunks(self, keys: Sequence[str]) -> Iterator[Sequence[str]]:
        """Yield parts of a sequence."""
        for start in range(0, len(keys), IN_LIST):
            yield keys[start : start + IN_LIST]

    def codes_with(self, customers: Collection[CustomerKey]) -> list[GroupCode]:
        """Return the codes of the groups that have one of the customers."""
        rows = self.rows_for(
            "SELECT DISTINCT grp FROM members WHERE tenant = ? AND customer IN (KEYS)",
            (self.tenant,),
            customers,
        )
        return sorted({row["grp"] for row in rows})

    def rows_of_groups(
        self, customers: Collection[CustomerKey], status: GroupStatus | None
    ) -> Iterator[sqlite3.Row]:
        """Yield customers with their groups, ordered by the code."""
        wanted = None if status is None else status.value
        return self.rows_for(
            "SELECT groups.*, members.customer FROM members JOIN groups"
            " ON groups.tenant = members.tenant AND groups.code = members.grp"
            " WHERE members.tenant = ? AND (? IS NULL OR groups.status = ?)"
            " AND members.customer IN (KEYS) ORDER BY groups.code",
            (self.tenant, wanted, wanted),
            customers,
        )

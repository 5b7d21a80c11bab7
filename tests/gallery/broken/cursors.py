"""Cursors that lead astray, or are accepted where they do not belong."""

import base64
import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime

import attrs

from customer_groups.codes import GroupCode
from customer_groups.errors import InvalidCursorError
from customer_groups.query import GroupQuery
from gallery.adapter import SqliteGroups
from gallery.cases import cases
from gallery.rows import Condition

__all__ = ["CASES"]


class CursorOfTheExtraRow(SqliteGroups):
    """The cursor is that of the first row not shown, so it never is."""

    def next_of(
        self,
        rows: Sequence[sqlite3.Row],
        limit: int,
        columns: Sequence[str],
        context: Sequence[str],
    ) -> str | None:
        """Return the cursor of the row after the page."""
        if len(rows) <= limit:
            return None
        return self.encoded(context, [rows[limit][column] for column in columns])


class CursorOfAnyTenant(SqliteGroups):
    """A cursor does not say whose it is."""

    def context_of(self, query: GroupQuery) -> tuple[str, ...]:
        """Return what a cursor depends on."""
        return ("groups", repr(query))

    def context_of_members(self, code: GroupCode, added_at: datetime | None) -> tuple[str, ...]:
        """Return what a cursor of members depends on."""
        return ("members", code, repr(added_at))


class CursorOfAnyQuery(SqliteGroups):
    """A cursor of one search is accepted by another one in the same order."""

    def context_of(self, query: GroupQuery) -> tuple[str, ...]:
        """Return what a cursor depends on."""
        return ("groups", self.tenant, query.order_by.value)


class CursorOfAnyDirection(SqliteGroups):
    """A cursor of an order is accepted by the reversed one."""

    def context_of(self, query: GroupQuery) -> tuple[str, ...]:
        """Return what a cursor depends on."""
        return super().context_of(attrs.evolve(query, order_by=query.order_by.ascending))


class CursorOfAnyMode(SqliteGroups):
    """A cursor depends on the searched texts, but not on how they are searched."""

    def context_of(self, query: GroupQuery) -> tuple[str, ...]:
        """Return what a cursor depends on."""
        texts = [m.text if m else "" for m in (query.code, query.name)]
        rest = (str(query.status), str(query.customer), query.order_by.value)
        return ("groups", self.tenant, *texts, *rest)


class CursorOfAnyGroup(SqliteGroups):
    """A cursor of the members of one group is accepted for another one."""

    def context_of_members(self, code: GroupCode, added_at: datetime | None) -> tuple[str, ...]:
        """Return what a cursor of members depends on."""
        return ("members", self.tenant, repr(added_at), *code[:0])


class DamagedCursorStartsOver(SqliteGroups):
    """A damaged cursor leads to the first page, without a word."""

    def after(
        self,
        columns: Sequence[str],
        context: Sequence[str],
        cursor: str | None,
        *,
        descending: bool,
    ) -> list[Condition]:
        """Return the condition of a cursor, if it can be read."""
        try:
            return super().after(columns, context, cursor, descending=descending)
        except InvalidCursorError:
            return []


class EmptyCursorStartsOver(SqliteGroups):
    """An empty cursor is taken for none."""

    def after(
        self,
        columns: Sequence[str],
        context: Sequence[str],
        cursor: str | None,
        *,
        descending: bool,
    ) -> list[Condition]:
        """Return the condition of a cursor, if there is one."""
        return super().after(columns, context, cursor or None, descending=descending)


class PlainCursor(SqliteGroups):
    """A cursor is encoded, not checked: a damaged one raises whatever the decoder raises."""

    def encoded(self, context: Sequence[str], position: Sequence[str]) -> str:
        """Return the position as JSON."""
        return base64.b64encode(json.dumps([*context, *position]).encode()).decode()

    def decoded(self, context: Sequence[str], cursor: str) -> tuple[str, ...]:
        """Return the position."""
        found = json.loads(base64.b64decode(cursor))
        if found[: len(context)] != list(context):
            raise InvalidCursorError("cursor", cursor, "belongs elsewhere")
        return tuple(found[len(context) :])


class CursorNotEscaped(SqliteGroups):
    """The parts of a cursor are joined by a character that may stand in them."""

    def encoded(self, context: Sequence[str], position: Sequence[str]) -> str:
        """Return a cursor."""
        return super().encoded(context, ["|".join(position)])

    def decoded(self, context: Sequence[str], cursor: str) -> tuple[str, ...]:
        """Return the position."""
        parts = super().decoded(context, cursor)[0].split("|")
        return tuple(parts[:2] if context[0] == "groups" and "changed" in context[2] else parts[:1])


class LongCursor(SqliteGroups):
    """A cursor repeats the whole search, and may be longer than a URL takes."""

    def encoded(self, context: Sequence[str], position: Sequence[str]) -> str:
        """Return a cursor that carries its context."""
        return f"{super().encoded(context, position)}.{''.join(context).encode().hex()}"

    def decoded(self, context: Sequence[str], cursor: str) -> tuple[str, ...]:
        """Return the position."""
        return super().decoded(context, cursor.partition(".")[0])


class CursorRowLookedUp(SqliteGroups):
    """After a removed row a page starts over, because the row of the cursor is looked up."""

    def after(
        self,
        columns: Sequence[str],
        context: Sequence[str],
        cursor: str | None,
        *,
        descending: bool,
    ) -> list[Condition]:
        """Return the condition that a row comes after the row of the cursor."""
        conditions = super().after(columns, context, cursor, descending=descending)
        if conditions and columns == ("code",) and self.row(_code(conditions)) is None:
            return []
        return conditions


def _code(conditions: Sequence[Condition]) -> GroupCode:
    return GroupCode(str(conditions[0][1][0]))


class CursorValueReadAgain(SqliteGroups):
    """The sort value of the last row is read again for the next page; it may be another one."""

    def next_of(
        self,
        rows: Sequence[sqlite3.Row],
        limit: int,
        columns: Sequence[str],
        context: Sequence[str],
    ) -> str | None:
        """Return a cursor that names the last group, too."""
        named = columns if columns == ("customer",) else (*columns, "code")
        return super().next_of(rows, limit, named, context)

    def after(
        self,
        columns: Sequence[str],
        context: Sequence[str],
        cursor: str | None,
        *,
        descending: bool,
    ) -> list[Condition]:
        """Return the condition that a row comes after where the last one stands now."""
        if cursor is None or columns == ("customer",):
            return super().after(columns, context, cursor, descending=descending)
        *position, code = self.decoded(context, cursor)
        row = self.row(GroupCode(code))
        now = position if row is None else [row[column] for column in columns]
        return super().after(columns, context, self.encoded(context, now), descending=descending)


CASES = cases(
    CursorValueReadAgain,
    CursorOfTheExtraRow,
    CursorOfAnyTenant,
    CursorOfAnyQuery,
    CursorOfAnyDirection,
    CursorOfAnyMode,
    CursorOfAnyGroup,
    DamagedCursorStartsOver,
    EmptyCursorStartsOver,
    PlainCursor,
    CursorNotEscaped,
    LongCursor,
    CursorRowLookedUp,
)

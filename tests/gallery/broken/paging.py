"""Pages that lose, repeat or add rows."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime

import attrs

from customer_groups.codes import GroupCode
from customer_groups.customers import CustomerKey
from customer_groups.model import Membership
from customer_groups.paging import Page
from customer_groups.query import GroupQuery, GroupSummary
from gallery.adapter import SqliteGroups
from gallery.cases import cases
from gallery.rows import Condition

__all__ = ["CASES"]


class KeysetByAnd(SqliteGroups):
    """A later time and a larger code, where a later time is enough."""

    def after(
        self,
        columns: Sequence[str],
        context: Sequence[str],
        cursor: str | None,
        *,
        descending: bool,
    ) -> list[Condition]:
        """Return one condition for each column."""
        if cursor is None:
            return []
        sign = "<" if descending else ">"
        position = self.decoded(context, cursor)
        return [(f"{c} {sign} ?", (p,)) for c, p in zip(columns, position, strict=True)]


class KeysetInclusive(SqliteGroups):
    """A page begins with the last row of the page before."""

    def after(
        self,
        columns: Sequence[str],
        context: Sequence[str],
        cursor: str | None,
        *,
        descending: bool,
    ) -> list[Condition]:
        """Return the condition that a row is at the cursor or after it."""
        return [
            (sql.replace(" < ", " <= ").replace(" > ", " >= "), values)
            for sql, values in super().after(columns, context, cursor, descending=descending)
        ]


class KeysetByFirstColumn(SqliteGroups):
    """Only the time is compared, so groups that changed at the same time are skipped."""

    def after(
        self,
        columns: Sequence[str],
        context: Sequence[str],
        cursor: str | None,
        *,
        descending: bool,
    ) -> list[Condition]:
        """Return the condition on the first column."""
        if cursor is None:
            return []
        position = self.decoded(context, cursor)
        return [(f"{columns[0]} {'<' if descending else '>'} ?", (position[0],))]


class KeysetNeverDescends(SqliteGroups):
    """The second page of a descending order goes on in the other direction."""

    def after(
        self,
        columns: Sequence[str],
        context: Sequence[str],
        cursor: str | None,
        *,
        descending: bool,
    ) -> list[Condition]:
        """Return the condition that a row is larger."""
        conditions = super().after(columns, context, cursor, descending=descending)
        return [(sql.replace(" < ", " > "), values) for sql, values in conditions]


class OffsetPages(SqliteGroups):
    """A cursor is a number of rows to skip, which others move meanwhile."""

    def find(
        self, query: GroupQuery, *, limit: int, after: str | None = None, with_total: bool = False
    ) -> Page[GroupSummary]:
        """Return a page of groups."""
        context = self.context_of(query)
        skipped = 0 if after is None else int(self.decoded(context, after)[0])
        whole = super().find(query, limit=1_000, with_total=with_total)
        super().find(query, limit=limit)
        shown = whole.items[skipped : skipped + limit]
        more = len(whole.items) > skipped + limit
        following = self.encoded(context, (str(skipped + limit),)) if more else None
        return Page(shown, following, whole.total)


class FullPageHasNext(SqliteGroups):
    """A full page is taken for a sign that there are more."""

    def next_of(
        self,
        rows: Sequence[sqlite3.Row],
        limit: int,
        columns: Sequence[str],
        context: Sequence[str],
    ) -> str | None:
        """Return a cursor whenever the page is full."""
        if len(rows) < limit:
            return None
        return self.encoded(context, [rows[limit - 1][column] for column in columns])


class PageTooLong(SqliteGroups):
    """The row that tells whether there are more is shown, too."""

    def find(
        self, query: GroupQuery, *, limit: int, after: str | None = None, with_total: bool = False
    ) -> Page[GroupSummary]:
        """Return a page of groups."""
        page = super().find(query, limit=limit, after=after, with_total=with_total)
        if page.next is None or limit == 1_000:
            return page
        extra = super().find(query, limit=limit + 1, after=after).items
        return attrs.evolve(page, items=extra)


class ServerLimit(SqliteGroups):
    """The storage never returns more than a hundred rows, and nobody noticed."""

    def rows(
        self, table: str, where: Sequence[Condition], order: str, limit: int
    ) -> list[sqlite3.Row]:
        """Return a hundred rows at most."""
        return super().rows(table, where, order, min(limit, 100))


class NoExtraRow(SqliteGroups):
    """At the largest page nobody looks whether there are more."""

    def rows(
        self, table: str, where: Sequence[Condition], order: str, limit: int
    ) -> list[sqlite3.Row]:
        """Return a thousand rows at most."""
        return super().rows(table, where, order, min(limit, 1_000))


class LimitAnything(SqliteGroups):
    """A limit of zero or of a million is taken as it comes."""

    def find(
        self, query: GroupQuery, *, limit: int, after: str | None = None, with_total: bool = False
    ) -> Page[GroupSummary]:
        """Return a page of groups."""
        return super().find(
            query, limit=max(1, min(limit, 1_000)), after=after, with_total=with_total
        )


class MembersLimitAnything(SqliteGroups):
    """A limit of zero members means the usual number."""

    def members(
        self,
        code: GroupCode,
        *,
        limit: int,
        after: str | None = None,
        added_at: datetime | None = None,
    ) -> Page[Membership]:
        """Return a page of members."""
        return super().members(code, limit=limit or 100, after=after, added_at=added_at)


class AddedAtIgnored(SqliteGroups):
    """The members of one import are all members."""

    def conditions_of_members(self, code: GroupCode, added_at: datetime | None) -> list[Condition]:
        """Return which rows are the members of a group."""
        return super().conditions_of_members(code, added_at)[:2]


class AddedSince(SqliteGroups):
    """The members of one import are those of all later ones, too."""

    def conditions_of_members(self, code: GroupCode, added_at: datetime | None) -> list[Condition]:
        """Return which rows are the members of a group."""
        conditions = super().conditions_of_members(code, added_at)
        return [(sql.replace("added_at =", "added_at >="), values) for sql, values in conditions]


class AddedInThatSecond(SqliteGroups):
    """The members of one import are those of its whole second."""

    def conditions_of_members(self, code: GroupCode, added_at: datetime | None) -> list[Condition]:
        """Return which rows are the members of a group."""
        conditions = super().conditions_of_members(code, added_at)
        if added_at is None:
            return conditions
        second = self.text_of(added_at)[:19]
        return [*conditions[:2], ("substr(added_at, 1, 19) = ?", (second,))]


class NoSuchGroupIsEmpty(SqliteGroups):
    """A group that does not exist has no members, instead of raising an error."""

    def members(
        self,
        code: GroupCode,
        *,
        limit: int,
        after: str | None = None,
        added_at: datetime | None = None,
    ) -> Page[Membership]:
        """Return a page of members."""
        if self.row(code) is None:
            return Page(())
        return super().members(code, limit=limit, after=after, added_at=added_at)


class FirstPageRemembered(SqliteGroups):
    """The first page of all groups is kept for a while."""

    def find(
        self, query: GroupQuery, *, limit: int, after: str | None = None, with_total: bool = False
    ) -> Page[GroupSummary]:
        """Return a page of groups."""
        page = super().find(query, limit=limit, after=after, with_total=with_total)
        key = (self.tenant, query, limit, after, with_total)
        kept: Page[GroupSummary] = self.session.storage.remembered.setdefault(key, page)
        return kept if kept.items else page


class ItemsAsList(SqliteGroups):
    """The items of a page are a list, which others can change and nobody can hash."""

    def find(
        self, query: GroupQuery, *, limit: int, after: str | None = None, with_total: bool = False
    ) -> Page[GroupSummary]:
        """Return a page of groups."""
        page = super().find(query, limit=limit, after=after, with_total=with_total)
        return attrs.evolve(page, items=list(page.items))  # type: ignore[arg-type]


class KeysAsRows(SqliteGroups):
    """Pages of members hold the keys in capitals, as the database returns its identifiers."""

    def membership_of(self, row: sqlite3.Row) -> Membership:
        """Return a membership."""
        each = super().membership_of(row)
        return attrs.evolve(each, customer=CustomerKey(each.customer.upper()))


CASES = cases(
    KeysetByAnd,
    KeysetInclusive,
    KeysetByFirstColumn,
    KeysetNeverDescends,
    OffsetPages,
    FullPageHasNext,
    PageTooLong,
    ServerLimit,
    NoExtraRow,
    LimitAnything,
    MembersLimitAnything,
    AddedAtIgnored,
    AddedSince,
    AddedInThatSecond,
    NoSuchGroupIsEmpty,
    FirstPageRemembered,
    ItemsAsList,
    KeysAsRows,
)

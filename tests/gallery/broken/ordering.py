"""Groups and members in another order than that of the protocol."""

import sqlite3
import unicodedata
from collections.abc import Sequence

import attrs

from customer_groups.paging import Page
from customer_groups.query import GroupQuery, GroupSummary
from gallery.adapter import SqliteGroups
from gallery.cases import cases
from gallery.rows import Condition

__all__ = ["CASES"]


class TiesAscending(SqliteGroups):
    """The last change first, but the codes of one moment from A to Z."""

    def order(self, columns: Sequence[str], *, descending: bool) -> str:
        """Return an order whose last column never descends."""
        if len(columns) == 1:
            return super().order(columns, descending=descending)
        return f"{super().order(columns[:1], descending=descending)}, {columns[1]}"


class OrderByShownName(SqliteGroups):
    """Groups are ordered by the name as it is shown: capitals first, accents last."""

    def order(self, columns: Sequence[str], *, descending: bool) -> str:
        """Return the order of rows."""
        return super().order(
            ["name" if column == "name_key" else column for column in columns],
            descending=descending,
        )


class LocalOrder(SqliteGroups):
    """Names are sorted as a dictionary has them, without their accents."""

    def find(
        self, query: GroupQuery, *, limit: int, after: str | None = None, with_total: bool = False
    ) -> Page[GroupSummary]:
        """Return a page of groups."""
        page = super().find(query, limit=limit, after=after, with_total=with_total)
        if query.order_by.ascending != "name":
            return page
        items = sorted(page.items, key=_plain, reverse=query.order_by.descending)
        return attrs.evolve(page, items=tuple(items))


def _plain(summary: GroupSummary) -> str:
    return (
        unicodedata.normalize("NFKD", summary.group.name.casefold())
        .encode("ascii", "ignore")
        .decode()
    )


class OrderByCreation(SqliteGroups):
    """The order by last change is an order by creation."""

    def order(self, columns: Sequence[str], *, descending: bool) -> str:
        """Return the order of rows."""
        return super().order(columns, descending=descending).replace("updated_at", "created_at")


class OrderToTheSecond(SqliteGroups):
    """Changes within one second are ordered by the code."""

    def order(self, columns: Sequence[str], *, descending: bool) -> str:
        """Return the order of rows."""
        order = super().order(columns, descending=descending)
        return order.replace("updated_at", "substr(updated_at, 1, 19)")


class DigitsAsNumbers(SqliteGroups):
    """Codes are sorted naturally: G2 before G10."""

    def order(self, columns: Sequence[str], *, descending: bool) -> str:
        """Return the order of rows."""
        order = super().order(columns, descending=descending)
        return (
            f"length(code){' DESC' if descending else ''}, {order}"
            if order[:4] == "code"
            else order
        )


class MembersByInsertion(SqliteGroups):
    """Members come as they were added."""

    def order(self, columns: Sequence[str], *, descending: bool) -> str:
        """Return the order of rows."""
        return (
            "rowid" if columns == ("customer",) else super().order(columns, descending=descending)
        )


class MembersByCollation(SqliteGroups):
    """Members are sorted regardless of case."""

    def order(self, columns: Sequence[str], *, descending: bool) -> str:
        """Return the order of rows."""
        if columns == ("customer",):
            return "customer COLLATE NOCASE, customer"
        return super().order(columns, descending=descending)


class MembersByNumber(SqliteGroups):
    """Members are sorted by the number that their key looks like."""

    def order(self, columns: Sequence[str], *, descending: bool) -> str:
        """Return the order of rows."""
        if columns == ("customer",):
            return "CAST(customer AS INTEGER), customer"
        return super().order(columns, descending=descending)


class MembersByUtf16(SqliteGroups):
    """Members are sorted by UTF-16 units, as JavaScript, Java and UTF-16 databases do."""

    def rows(
        self, table: str, where: Sequence[Condition], order: str, limit: int
    ) -> list[sqlite3.Row]:
        """Return rows."""
        rows = super().rows(table, where, order, limit)
        if table != "members":
            return rows
        return sorted(rows, key=lambda row: str(row["customer"]).encode("utf-16-be"))


CASES = cases(
    TiesAscending,
    OrderByShownName,
    LocalOrder,
    OrderByCreation,
    OrderToTheSecond,
    DigitsAsNumbers,
    MembersByInsertion,
    MembersByCollation,
    MembersByNumber,
    MembersByUtf16,
)

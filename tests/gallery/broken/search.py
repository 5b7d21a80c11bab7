"""Searches that find too much, too little, or say so wrongly."""

import sqlite3
from collections.abc import Sequence

import attrs

from customer_groups.customers import CustomerKey
from customer_groups.model import CustomerGroup
from customer_groups.paging import Page
from customer_groups.query import GroupQuery, GroupSummary
from customer_groups.text import MatchMode, TextMatch
from gallery.adapter import SqliteGroups
from gallery.cases import cases
from gallery.rows import IS_MEMBER, Condition

__all__ = ["CASES"]


class WildcardsLive(SqliteGroups):
    """The search text goes into LIKE as it is."""

    def matching(self, column: str, match: TextMatch) -> Condition:
        """Return a LIKE for "contains"."""
        if match.mode is MatchMode.CONTAINS:
            return (f"{column} LIKE ?", (f"%{match.key}%",))
        return super().matching(column, match)


class UnderscoreLive(SqliteGroups):
    """The percent sign is escaped, the underscore is forgotten."""

    def matching(self, column: str, match: TextMatch) -> Condition:
        """Return a LIKE with an escaped percent sign."""
        if match.mode is MatchMode.STARTS_WITH:
            text = match.key.replace("\\", "\\\\").replace("%", "\\%")
            return (f"{column} LIKE ? ESCAPE '\\'", (f"{text}%",))
        return super().matching(column, match)


class EscapeNotEscaped(SqliteGroups):
    """Wildcards are escaped, the escape character itself is not."""

    def matching(self, column: str, match: TextMatch) -> Condition:
        """Return a LIKE with escaped wildcards."""
        if match.mode is MatchMode.CONTAINS:
            text = match.key.replace("%", "\\%").replace("_", "\\_")
            return (f"{column} LIKE ? ESCAPE '\\'", (f"%{text}%",))
        return super().matching(column, match)


class AsteriskLive(SqliteGroups):
    """Asterisks, question marks and brackets are patterns, as in GLOB."""

    def matching(self, column: str, match: TextMatch) -> Condition:
        """Return a GLOB for "contains"."""
        if match.mode is MatchMode.CONTAINS:
            return (f"{column} GLOB ?", (f"*{match.key}*",))
        return super().matching(column, match)


class EqualsByLike(SqliteGroups):
    """Even "equals" is a LIKE."""

    def matching(self, column: str, match: TextMatch) -> Condition:
        """Return a LIKE for "equals"."""
        if match.mode is MatchMode.EQUALS:
            return (f"{column} LIKE ?", (match.key,))
        return super().matching(column, match)


class PrefixOnly(SqliteGroups):
    """A search for "contains" looks at the beginning only, where an index helps."""

    def matching(self, column: str, match: TextMatch) -> Condition:
        """Return a condition on the beginning."""
        if match.mode is MatchMode.CONTAINS:
            return super().matching(column, attrs.evolve(match, mode=MatchMode.STARTS_WITH))
        return super().matching(column, match)


class PrefixAnywhere(SqliteGroups):
    """A search for "starts with" is treated as "contains"."""

    def matching(self, column: str, match: TextMatch) -> Condition:
        """Return a condition on any place."""
        if match.mode is MatchMode.STARTS_WITH:
            return super().matching(column, attrs.evolve(match, mode=MatchMode.CONTAINS))
        return super().matching(column, match)


class EqualsAsPrefix(SqliteGroups):
    """A search for "equals" is treated as "starts with"."""

    def matching(self, column: str, match: TextMatch) -> Condition:
        """Return a condition on the beginning."""
        if match.mode is MatchMode.EQUALS:
            return super().matching(column, attrs.evolve(match, mode=MatchMode.STARTS_WITH))
        return super().matching(column, match)


class PrefixRange(SqliteGroups):
    """A search for "starts with" is a range that ends at the letter z."""

    def matching(self, column: str, match: TextMatch) -> Condition:
        """Return a range."""
        if match.mode is MatchMode.STARTS_WITH:
            return (f"{column} BETWEEN ? AND ?", (match.key, match.key + "zzzz"))
        return super().matching(column, match)


class RawSearchText(SqliteGroups):
    """The search text is put in lower case, not folded as names are."""

    def matching(self, column: str, match: TextMatch) -> Condition:
        """Return a condition on the text as it was typed."""
        if match.mode is MatchMode.EQUALS:
            return (f"{column} = ?", (match.text.lower(),))
        return (f"instr({column}, ?) > 0", (match.text.lower(),))


class CodesSearchedExactly(SqliteGroups):
    """Codes are searched as they are typed, small letters and all."""

    def matching(self, column: str, match: TextMatch) -> Condition:
        """Return a condition on the code as it is."""
        if column == "lower(code)":
            return ("instr(code, ?) > 0", (match.text,))
        return super().matching(column, match)


class WholeWordsOnly(SqliteGroups):
    """A full-text index finds the beginnings of words, not what is inside of them."""

    def matching(self, column: str, match: TextMatch) -> Condition:
        """Return a condition on the beginning of a word."""
        if match.mode is MatchMode.CONTAINS and column == "name_key":
            return (f"instr(' ' || {column}, ?) > 0", (f" {match.key}",))
        return super().matching(column, match)


class NothingFindsNothing(SqliteGroups):
    """A search text that folds to nothing finds nothing."""

    def matching(self, column: str, match: TextMatch) -> Condition:
        """Return a condition that an empty text does not satisfy."""
        sql, values = super().matching(column, match)
        return (sql, values) if match.key else ("0", ())


class AnyCondition(SqliteGroups):
    """Code and name are alternatives, as in a search box for everything."""

    def conditions(self, query: GroupQuery) -> list[Condition]:
        """Return one condition for code or name."""
        if query.code is None or query.name is None:
            return super().conditions(query)
        code, name = self.matching("lower(code)", query.code), self.matching("name_key", query.name)
        rest = super().conditions(attrs.evolve(query, code=None, name=None))
        return [*rest, (f"({code[0]} OR {name[0]})", (*code[1], *name[1]))]


class StatusIgnoredByCustomer(SqliteGroups):
    """A search for the groups of a customer forgets the status."""

    def conditions(self, query: GroupQuery) -> list[Condition]:
        """Return the conditions."""
        if query.customer is not None:
            query = attrs.evolve(query, status=None)
        return super().conditions(query)


class StatusDefaultsToActive(SqliteGroups):
    """Who asks for no status gets the active groups."""

    def conditions(self, query: GroupQuery) -> list[Condition]:
        """Return the conditions."""
        return super().conditions(attrs.evolve(query, status=query.status or "active"))


class CustomerIgnored(SqliteGroups):
    """The customer of a search is not looked at."""

    def conditions(self, query: GroupQuery) -> list[Condition]:
        """Return the conditions."""
        return super().conditions(attrs.evolve(query, customer=None))


class CustomerByPattern(SqliteGroups):
    """The customer of a search may have wildcards and other capitals in the key."""

    def conditions(self, query: GroupQuery) -> list[Condition]:
        """Return the conditions."""
        if query.customer is None:
            return super().conditions(query)
        like = IS_MEMBER.replace("customer =", "customer LIKE")
        return [*super().conditions(attrs.evolve(query, customer=None)), (like, (query.customer,))]


class CustomerOfAnyTenant(SqliteGroups):
    """The members of a group with this code in another tenant are found, too."""

    def conditions(self, query: GroupQuery) -> list[Condition]:
        """Return the conditions."""
        if query.customer is None:
            return super().conditions(query)
        anywhere = IS_MEMBER.replace("members.tenant = groups.tenant AND ", "")
        rest = super().conditions(attrs.evolve(query, customer=None))
        return [*rest, (anywhere, (query.customer,))]


class TotalIgnoresFilters(SqliteGroups):
    """The total counts all groups."""

    def total(self, where: Sequence[Condition]) -> int:
        """Return the number of all groups."""
        return super().total(where[:1])


class TotalIgnoresCustomer(SqliteGroups):
    """The statement that counts has no join with the members."""

    def total(self, where: Sequence[Condition]) -> int:
        """Return how many groups the other conditions find."""
        return super().total([each for each in where if each[0] != IS_MEMBER])


class TotalOfPage(SqliteGroups):
    """The total is the number of groups on the page."""

    def find(
        self, query: GroupQuery, *, limit: int, after: str | None = None, with_total: bool = False
    ) -> Page[GroupSummary]:
        """Return a page of groups."""
        page = super().find(query, limit=limit, after=after)
        return attrs.evolve(page, total=len(page.items) if with_total else None)


class TotalOfRest(SqliteGroups):
    """The total counts from the cursor on."""

    def find(
        self, query: GroupQuery, *, limit: int, after: str | None = None, with_total: bool = False
    ) -> Page[GroupSummary]:
        """Return a page of groups."""
        page = super().find(query, limit=limit, after=after, with_total=with_total)
        if not with_total or after is None:
            return page
        rest = super().find(query, limit=1_000, after=after)
        return attrs.evolve(page, total=len(rest.items))


class TotalOnFirstPageOnly(SqliteGroups):
    """Later pages have no total, though it was asked for."""

    def find(
        self, query: GroupQuery, *, limit: int, after: str | None = None, with_total: bool = False
    ) -> Page[GroupSummary]:
        """Return a page of groups."""
        return super().find(query, limit=limit, after=after, with_total=with_total and not after)


class TotalRemembered(SqliteGroups):
    """The total of a search is kept, though groups come and go."""

    def total(self, where: Sequence[Condition]) -> int:
        """Return what was counted the first time."""
        question = (self.joined(where), *self.values_of(where))
        return int(self.session.storage.remembered.setdefault(question, super().total(where)))


class TotalCapped(SqliteGroups):
    """Counting stops at a hundred."""

    def total(self, where: Sequence[Condition]) -> int:
        """Return how many groups there are, up to a hundred."""
        return min(super().total(where), 100)


class CustomersOfSearchedOnly(SqliteGroups):
    """A join multiplies and filters: a search by customer says that each group has one."""

    def find(
        self, query: GroupQuery, *, limit: int, after: str | None = None, with_total: bool = False
    ) -> Page[GroupSummary]:
        """Return a page of groups."""
        page = super().find(query, limit=limit, after=after, with_total=with_total)
        if query.customer is None:
            return page
        return attrs.evolve(page, items=tuple(attrs.evolve(i, customers=1) for i in page.items))


class ChangeOfMembersNotShown(SqliteGroups):
    """The summary says when the members changed, but not who did it."""

    def summary_of(self, row: sqlite3.Row) -> GroupSummary:
        """Return a summary."""
        return attrs.evolve(super().summary_of(row), members_changed_by=None)


class ChangeOfMembersByUpdate(SqliteGroups):
    """The summary says that the members changed when the group did."""

    def summary_of(self, row: sqlite3.Row) -> GroupSummary:
        """Return a summary."""
        summary = super().summary_of(row)
        return attrs.evolve(summary, members_changed_at=summary.group.updated_at)


class EmptyGroupsHidden(SqliteGroups):
    """An inner join with the members hides groups that have none."""

    def conditions(self, query: GroupQuery) -> list[Condition]:
        """Return the conditions."""
        has_members = IS_MEMBER.removesuffix(" AND members.customer = ?)") + ")"
        if query.name is None:
            return super().conditions(query)
        return [*super().conditions(query), (has_members, ())]


class FilteredAfterTheLimit(SqliteGroups):
    """Where a status is asked for, too, members are looked for on the page that was cut already."""

    def find(
        self, query: GroupQuery, *, limit: int, after: str | None = None, with_total: bool = False
    ) -> Page[GroupSummary]:
        """Return what is left of a page of groups."""
        if query.customer is None or query.status is None:
            return super().find(query, limit=limit, after=after, with_total=with_total)
        wide = attrs.evolve(query, customer=None)
        page = super().find(wide, limit=limit, after=after)
        total = self.total(self.conditions(query)) if with_total else None
        found = (each for each in page.items if self.has(each.group, query.customer))
        return Page(tuple(found), page.next, total)

    def has(self, group: CustomerGroup, customer: CustomerKey) -> bool:
        """Return whether a customer is a member."""
        return customer in self.member_keys(group.code)


CASES = cases(
    FilteredAfterTheLimit,
    WildcardsLive,
    UnderscoreLive,
    EscapeNotEscaped,
    AsteriskLive,
    EqualsByLike,
    PrefixOnly,
    PrefixAnywhere,
    EqualsAsPrefix,
    PrefixRange,
    RawSearchText,
    CodesSearchedExactly,
    WholeWordsOnly,
    NothingFindsNothing,
    AnyCondition,
    StatusIgnoredByCustomer,
    StatusDefaultsToActive,
    CustomerIgnored,
    CustomerByPattern,
    CustomerOfAnyTenant,
    TotalIgnoresFilters,
    TotalOfPage,
    TotalOfRest,
    TotalOnFirstPageOnly,
    TotalCapped,
    ChangeOfMembersNotShown,
    ChangeOfMembersByUpdate,
    EmptyGroupsHidden,
    TotalIgnoresCustomer,
    TotalRemembered,
    CustomersOfSearchedOnly,
)

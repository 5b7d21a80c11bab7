"""What a correct repository does, written down in the most obvious way.

This is the specification that adapters are compared with. It shares no rule with them:
neither with the library's own classification of lists nor with its search predicate.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

import attrs

from customer_groups.codes import GroupCode
from customer_groups.customers import Customer, CustomerKey
from customer_groups.errors import (
    DuplicateCodeError,
    DuplicateNameError,
    GroupNotFoundError,
    InvalidValueError,
    StaleGroupError,
)
from customer_groups.model import CustomerGroup, GroupStatus, Membership
from customer_groups.outcomes import Entry, OnOutcome, Outcome, OutcomeCounts
from customer_groups.paging import Page
from customer_groups.query import GroupQuery, GroupSummary
from customer_groups.text import TextMatch, fold, name_key

__all__ = ["GroupModel"]

T = TypeVar("T")
_Members = Mapping[CustomerKey, Membership]
_Told = list[tuple[int, str, Outcome]]

LARGEST_PAGE = 1_000


@attrs.define
class GroupModel:
    """The groups and memberships of one tenant, with the methods of `GroupRepository`.

    What differs: there are no transactions, only `copy`; a cursor is the sort value of the
    last item, of which nobody checks where it comes from; and of a series of numbers the
    model only knows which number may come next.

    Attributes:
        customers: The directory.
        summaries: The groups by code.
        memberships: The members by code and key; the inner mappings are never changed.
        numbers: The last number held, by series.
        drawn: The highest number ever drawn, by series, those given back included.
    """

    customers: Sequence[Customer] = ()
    summaries: dict[GroupCode, GroupSummary] = attrs.field(factory=dict)
    memberships: dict[GroupCode, _Members] = attrs.field(factory=dict)
    numbers: dict[str, int] = attrs.field(factory=dict)
    drawn: dict[str, int] = attrs.field(factory=dict)

    def copy(self) -> "GroupModel":
        """Return what to go back to when everything from now on is undone."""
        return attrs.evolve(
            self,
            summaries=dict(self.summaries),
            memberships=dict(self.memberships),
            numbers=dict(self.numbers),
        )

    @property
    def groups(self) -> list[CustomerGroup]:
        """All groups, ordered by code."""
        return [self.summaries[code].group for code in sorted(self.summaries)]

    def add(self, group: CustomerGroup) -> None:
        """Store a new group."""
        if group.code in self.summaries:
            raise DuplicateCodeError(group.code)
        self._refuse_name_of_another(group)
        self.summaries[group.code] = GroupSummary(group)
        self.memberships[group.code] = {}

    def get(self, code: GroupCode) -> CustomerGroup:
        """Return a group."""
        return self._summary(code).group

    def replace(self, group: CustomerGroup) -> CustomerGroup:
        """Store the changed fields of a group."""
        summary = self._summary(group.code)
        _refuse_stale(summary.group, group.version)
        if group.created_at != summary.group.created_at:
            raise InvalidValueError("created_at", group.created_at, "differs from what is stored")
        if group.created_by != summary.group.created_by:
            raise InvalidValueError("created_by", group.created_by, "differs from what is stored")
        self._refuse_name_of_another(group)
        stored = attrs.evolve(group, version=group.version + 1)
        self.summaries[group.code] = attrs.evolve(summary, group=stored)
        return stored

    def remove(self, code: GroupCode, *, version: int | None = None) -> None:
        """Remove a group and its memberships."""
        group = self.get(code)
        if version is not None:
            _refuse_stale(group, version)
        del self.summaries[code]
        del self.memberships[code]

    def find(
        self, query: GroupQuery, *, limit: int, after: str | None = None, with_total: bool = False
    ) -> Page[GroupSummary]:
        """Return a page of the groups that a search finds."""
        found = [summary for summary in self.summaries.values() if self._finds(query, summary)]
        return _page(
            found,
            lambda summary: _sort_value(query, summary.group),
            limit,
            after,
            descending=query.order_by.value.startswith("-"),
            with_total=with_total,
        )

    def _finds(self, query: GroupQuery, summary: GroupSummary) -> bool:
        group = summary.group
        if query.status is not None and query.status != group.status:
            return False
        if query.customer is not None and query.customer not in self.memberships[group.code]:
            return False
        if query.code is not None and not _is_in(query.code, group.code):
            return False
        return query.name is None or _is_in(query.name, group.name)

    def next_numbers(self, series: str) -> range:
        """Return which numbers of a series may come next.

        Only what was undone may be left out; so this is one number where nothing was.
        """
        last = self.numbers.get(series, 0)
        return range(last + 1, max(last, self.drawn.get(series, 0)) + 2)

    def draw(self, series: str, number: int) -> None:
        """Take note of the number that a repository drew."""
        self.numbers[series] = number
        self.drawn[series] = max(number, self.drawn.get(series, 0))

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
        """Make the listed customers members."""
        before = self._members(code)
        told, named = self._additions(before, entries, by_key=by_key)
        _tell(told, on_outcome)
        after = {**self._joining(code, named, at, by), **before}
        return _counts(told, self._store_members(code, after, at, by))

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
        """Make the listed customers the only members."""
        before = self._members(code)
        told, named = self._additions(before, entries, by_key=by_key)
        _tell(told, on_outcome)
        staying = {key: member for key, member in before.items() if key in named}
        after = {**self._joining(code, named, at, by), **staying}
        counts = _counts(told, self._store_members(code, after, at, by))
        return attrs.evolve(counts, removed=len(before) - len(staying))

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
        """End the membership of the listed customers."""
        before = self._members(code)
        told, leaving = self._removals(before, entries, by_key=by_key)
        _tell(told, on_outcome)
        after = {key: member for key, member in before.items() if key not in leaving}
        return _counts(told, self._store_members(code, after, at, by))

    def members(
        self,
        code: GroupCode,
        *,
        limit: int,
        after: str | None = None,
        added_at: datetime | None = None,
    ) -> Page[Membership]:
        """Return a page of the members of a group."""
        members = [
            member
            for member in self._members(code).values()
            if added_at is None or member.added_at == added_at
        ]
        return _page(members, lambda member: member.customer, limit, after)

    def groups_of(
        self, customers: Collection[CustomerKey], *, status: GroupStatus | None = None
    ) -> Mapping[CustomerKey, tuple[CustomerGroup, ...]]:
        """Return the groups that each of these customers is in."""
        groups = [group for group in self.groups if status is None or group.status == status]
        return {
            customer: tuple(group for group in groups if customer in self.memberships[group.code])
            for customer in customers
        }

    def which_are_members(
        self, code: GroupCode, customers: Collection[CustomerKey]
    ) -> frozenset[CustomerKey]:
        """Return those of these customers who are members of the group."""
        return frozenset(customers) & self._members(code).keys()

    def rekey_customers(
        self,
        mapping: Mapping[CustomerKey, CustomerKey | None],
        *,
        at: datetime,
        by: str | None,
    ) -> int:
        """Give customers other keys."""
        changed = 0
        for code, members in list(self.memberships.items()):
            after = _rekeyed(members, mapping)
            changed += self._store_members(code, after, at, by) is not None
        return changed

    def _summary(self, code: GroupCode) -> GroupSummary:
        if code not in self.summaries:
            raise GroupNotFoundError(code)
        return self.summaries[code]

    def _members(self, code: GroupCode) -> _Members:
        self._summary(code)
        return self.memberships[code]

    def _refuse_name_of_another(self, group: CustomerGroup) -> None:
        for other in self.groups:
            if other.code != group.code and name_key(other.name) == name_key(group.name):
                raise DuplicateNameError(group.name, other.code)

    def _customers(self, *, by_key: bool) -> dict[str, list[Customer]]:
        """Return who has each code, or each key."""
        having: dict[str, list[Customer]] = {}
        for customer in self.customers:
            value = customer.key if by_key else customer.code
            if value is not None:
                having.setdefault(value, []).append(customer)
        return having

    def _additions(
        self, before: _Members, entries: Iterable[Entry], *, by_key: bool
    ) -> tuple[_Told, set[CustomerKey]]:
        """Return what becomes of each value, and the customers who are members afterwards."""
        having = self._customers(by_key=by_key)
        named: set[CustomerKey] = set()

        def outcome(value: str) -> Outcome:
            customer = _meant(having.get(value, []))
            if isinstance(customer, Outcome):
                return customer
            is_member = customer.key in before or customer.key in named
            if not is_member and not customer.active:
                return Outcome.INACTIVE
            named.add(customer.key)
            return Outcome.ALREADY_MEMBER if is_member else Outcome.ADDED

        return _told(entries, outcome), named

    def _removals(
        self, before: _Members, entries: Iterable[Entry], *, by_key: bool
    ) -> tuple[_Told, set[CustomerKey]]:
        """Return what becomes of each value, and the customers who leave."""
        having = self._customers(by_key=by_key)
        leaving: set[CustomerKey] = set()

        def outcome(value: str) -> Outcome:
            customer = _meant(having.get(value, []))
            if customer is Outcome.UNKNOWN and value in before:
                customer = Customer(None, key=CustomerKey(value))
            if isinstance(customer, Outcome):
                return customer
            if customer.key not in before or customer.key in leaving:
                return Outcome.NOT_A_MEMBER
            leaving.add(customer.key)
            return Outcome.REMOVED

        return _told(entries, outcome), leaving

    def _moment(self, code: GroupCode, at: datetime) -> datetime:
        last = self.summaries[code].members_changed_at
        return at if last is None else max(at, last + timedelta(microseconds=1))

    def _joining(
        self, code: GroupCode, customers: Collection[CustomerKey], at: datetime, by: str | None
    ) -> _Members:
        moment = self._moment(code, at)
        return {customer: Membership(code, customer, moment, by) for customer in customers}

    def _store_members(
        self, code: GroupCode, members: _Members, at: datetime, by: str | None
    ) -> datetime | None:
        """Store who is a member, and return the time of this change if it is one."""
        if members == self.memberships[code]:
            return None
        moment = self._moment(code, at)
        summary = self.summaries[code]
        self.memberships[code] = members
        self.summaries[code] = attrs.evolve(
            summary,
            customers=len(members),
            members_version=summary.members_version + 1,
            members_changed_at=moment,
            members_changed_by=by,
        )
        return moment


def _refuse_stale(stored: CustomerGroup, version: int) -> None:
    if stored.version != version:
        raise StaleGroupError(stored.code, expected=version, actual=stored.version)


def _is_in(match: TextMatch, text: str) -> bool:
    wanted, folded = fold(match.text), fold(text)
    answers = {
        "contains": wanted in folded,
        "starts_with": folded.startswith(wanted),
        "equals": wanted == folded,
    }
    return answers[match.mode]


def _sort_value(query: GroupQuery, group: CustomerGroup) -> str:
    """Return a text that sorts as the query asks for, ascending."""
    values = {
        "code": group.code,
        "name": name_key(group.name),
        "changed": f"{group.updated_at.isoformat(timespec='microseconds')} {group.code}",
    }
    return values[query.order_by.value.removeprefix("-")]


def _page(
    items: Iterable[T],
    sort_value: Callable[[T], str],
    limit: int,
    after: str | None,
    *,
    descending: bool = False,
    with_total: bool = False,
) -> Page[T]:
    if not 1 <= limit <= LARGEST_PAGE:
        raise InvalidValueError("limit", limit, "is out of bounds")
    ordered = sorted(items, key=sort_value, reverse=descending)
    total = len(ordered) if with_total else None
    if after is not None and descending:
        ordered = [item for item in ordered if sort_value(item) < after]
    elif after is not None:
        ordered = [item for item in ordered if sort_value(item) > after]
    page, rest = ordered[:limit], ordered[limit:]
    return Page(tuple(page), sort_value(page[-1]) if rest else None, total)


def _meant(customers: Sequence[Customer]) -> Customer | Outcome:
    """Return which one of the customers that have a code is meant by it."""
    active = [customer for customer in customers if customer.active]
    if len(customers) == 1:
        return customers[0]
    if len(active) == 1:
        return active[0]
    return Outcome.AMBIGUOUS if customers else Outcome.UNKNOWN


def _told(entries: Iterable[Entry], outcome: Callable[[str], Outcome]) -> _Told:
    told: _Told = []
    earlier: set[str] = set()
    for line, value in entries:
        told.append((line, value, Outcome.DUPLICATE if value in earlier else outcome(value)))
        earlier.add(value)
    return told


def _tell(told: _Told, on_outcome: OnOutcome | None) -> None:
    for line, value, outcome in told:
        if on_outcome is not None and outcome not in {Outcome.ADDED, Outcome.REMOVED}:
            on_outcome(line, value, outcome)


def _counts(told: _Told, at: datetime | None) -> OutcomeCounts:
    outcomes = [outcome for _, _, outcome in told]
    return OutcomeCounts(
        malformed=0,
        duplicate=outcomes.count(Outcome.DUPLICATE),
        unknown=outcomes.count(Outcome.UNKNOWN),
        ambiguous=outcomes.count(Outcome.AMBIGUOUS),
        already_member=outcomes.count(Outcome.ALREADY_MEMBER),
        not_a_member=outcomes.count(Outcome.NOT_A_MEMBER),
        inactive=outcomes.count(Outcome.INACTIVE),
        added=outcomes.count(Outcome.ADDED),
        removed=outcomes.count(Outcome.REMOVED),
        at=at,
    )


def _rekeyed(members: _Members, mapping: Mapping[CustomerKey, CustomerKey | None]) -> _Members:
    """Return the members under their new keys; where several meet, the first one wins."""

    def precedence(member: Membership) -> tuple[bool, datetime, CustomerKey]:
        moves = mapping.get(member.customer, member.customer) != member.customer
        return moves, member.added_at, member.customer

    after: dict[CustomerKey, Membership] = {}
    for member in sorted(members.values(), key=precedence):
        customer = mapping.get(member.customer, member.customer)
        if customer is not None:
            after.setdefault(customer, attrs.evolve(member, customer=customer))
    return after

"""The repository in memory."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

import attrs

from customer_groups.adapters.memory.contents import Contents, Members, StoredGroup
from customer_groups.adapters.memory.directory import InMemoryCustomerDirectory
from customer_groups.adapters.memory.pages import page_of
from customer_groups.codes import GroupCode
from customer_groups.customers import Customer, CustomerKey
from customer_groups.errors import (
    DuplicateCodeError,
    DuplicateNameError,
    GroupNotFoundError,
    InvalidValueError,
    StaleGroupError,
    TransactionClosedError,
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
from customer_groups.paging import Page
from customer_groups.query import GroupQuery, GroupSummary, matches
from customer_groups.repository import parse_series
from customer_groups.text import name_key

__all__ = ["InMemoryGroupRepository"]

T = TypeVar("T")


@attrs.frozen
class _Listed:
    """A list of customers that is to change the members of a group."""

    stored: StoredGroup
    entries: Sequence[Entry]
    candidates: Mapping[str, Sequence[Customer]]
    at: datetime
    by: str | None

    def additions(self) -> list[Verdict]:
        return list(classify_additions(self.entries, self.candidates, self.stored.members))

    def removals(self) -> list[Verdict]:
        return list(classify_removals(self.entries, self.candidates, self.stored.members))

    def joining(self, verdicts: Iterable[Verdict]) -> Members:
        code, at = self.stored.group.code, self.stored.time_of_change(self.at)
        keys = customers_with(verdicts, Outcome.ADDED)
        return {key: Membership(code, key, at, self.by) for key in keys}


class InMemoryGroupRepository:
    """A `GroupRepository` over the contents of one tenant."""

    def __init__(
        self, tenant: str, contents: Contents, customers: InMemoryCustomerDirectory
    ) -> None:
        """Start from ``contents``; `InMemoryStorage.transaction` does this."""
        self._tenant = tenant
        self._contents = contents
        self._is_open = True
        self._customers = customers

    @property
    def contents(self) -> Contents:
        """All that the tenant has stored, as it is now; raises what `require_open` raises."""
        self.require_open()
        return self._contents

    @property
    def tenant(self) -> str:
        """Whose groups these are."""
        return self._tenant

    def other(self, kind: type[T]) -> T:
        """Return what is kept beside the groups: the value of this type, or a new one."""
        kept = self.contents.others.get(kind)
        return kept if isinstance(kept, kind) else kind()

    def keep_other(self, value: object) -> None:
        """Keep an immutable value beside the groups, in place of the one of its type."""
        others = {**self.contents.others, type(value): value}
        self._contents = attrs.evolve(self.contents, others=others)

    def require_open(self) -> None:
        """Do nothing until the transaction ends.

        Raises:
            TransactionClosedError: it has ended.
        """
        if not self._is_open:
            raise TransactionClosedError

    def close(self) -> None:
        """End the use of this repository."""
        self._is_open = False

    def add(self, group: CustomerGroup) -> None:
        """Store a new group; see `GroupRepository.add`."""
        if group.code in self.contents.groups:
            raise DuplicateCodeError(group.code)
        self._refuse_taken_name(group)
        self._store(StoredGroup(group))

    def get(self, code: GroupCode) -> CustomerGroup:
        """Return the group with this code; see `GroupRepository.get`."""
        return self._stored(code).group

    def replace(self, group: CustomerGroup) -> CustomerGroup:
        """Store a changed group; see `GroupRepository.replace`."""
        stored = self._stored(group.code, group.version)
        if group.created != stored.group.created:
            raise InvalidValueError("creation", group.created, "cannot be changed")
        self._refuse_taken_name(group)
        replaced = attrs.evolve(group, version=group.version + 1)
        self._store(attrs.evolve(stored, group=replaced))
        return replaced

    def remove(self, code: GroupCode, *, version: int | None = None) -> None:
        """Remove a group and its memberships; see `GroupRepository.remove`."""
        removed = self._stored(code, version)
        groups = {key: kept for key, kept in self.contents.groups.items() if kept is not removed}
        self._contents = attrs.evolve(self.contents, groups=groups)

    def find(
        self, query: GroupQuery, *, limit: int, after: str | None = None, with_total: bool = False
    ) -> Page[GroupSummary]:
        """Return a page of the groups that ``query`` finds; see `GroupRepository.find`."""
        found = [
            stored.summary()
            for stored in self.contents.groups.values()
            if matches(query, stored.group, stored.members)
        ]
        page = page_of(
            found,
            lambda summary: query.order_by.sort_key(summary.group),
            (self._tenant, "groups", repr(query)),
            limit=limit,
            after=after,
            descending=query.order_by.descending,
        )
        return attrs.evolve(page, total=len(found)) if with_total else page

    def next_number(self, series: str) -> int:
        """Return the next number of a series; see `GroupRepository.next_number`."""
        numbers = self.contents.numbers
        number = numbers.get(parse_series(series), 0) + 1
        self._contents = attrs.evolve(self.contents, numbers={**numbers, series: number})
        return number

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
        listed = self._listed(code, entries, at, by, by_key=by_key)
        verdicts = listed.additions()
        members = {**listed.stored.members, **listed.joining(verdicts)}
        return self._change_members(listed, verdicts, members, on_outcome)

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
        listed = self._listed(code, entries, at, by, by_key=by_key)
        verdicts = listed.removals()
        leaving = customers_with(verdicts, Outcome.REMOVED)
        staying = {key: each for key, each in listed.stored.members.items() if key not in leaving}
        return self._change_members(listed, verdicts, staying, on_outcome)

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
        listed = self._listed(code, entries, at, by, by_key=by_key)
        verdicts = listed.additions()
        named = customers_with(verdicts, Outcome.ALREADY_MEMBER)
        staying = {key: each for key, each in listed.stored.members.items() if key in named}
        removed = len(listed.stored.members) - len(staying)
        members = {**staying, **listed.joining(verdicts)}
        counts = self._change_members(listed, verdicts, members, on_outcome)
        return attrs.evolve(counts, removed=removed)

    def members(
        self,
        code: GroupCode,
        *,
        limit: int,
        after: str | None = None,
        added_at: datetime | None = None,
    ) -> Page[Membership]:
        """Return a page of the members of a group; see `GroupRepository.members`."""
        members = self._stored(code).members.values()
        return page_of(
            [member for member in members if added_at is None or member.added_at == added_at],
            lambda member: (member.customer,),
            (self._tenant, "members", code, repr(added_at)),
            limit=limit,
            after=after,
        )

    def groups_of(
        self, customers: Collection[CustomerKey], *, status: GroupStatus | None = None
    ) -> Mapping[CustomerKey, tuple[CustomerGroup, ...]]:
        """Return the groups that each customer is in; see `GroupRepository.groups_of`."""
        groups = [
            stored
            for _, stored in sorted(self.contents.groups.items())
            if status is None or stored.group.status is status
        ]
        return {
            key: tuple(stored.group for stored in groups if key in stored.members)
            for key in customers
        }

    def which_are_members(
        self, code: GroupCode, customers: Collection[CustomerKey]
    ) -> frozenset[CustomerKey]:
        """Return which customers are members; see `GroupRepository.which_are_members`."""
        return frozenset(self._stored(code).members.keys() & set(customers))

    def rekey_customers(
        self,
        mapping: Mapping[CustomerKey, CustomerKey | None],
        *,
        at: datetime,
        by: str | None,
    ) -> int:
        """Follow the host's new keys; see `GroupRepository.rekey_customers`."""
        at, by = parse_time(at), parse_actor(by)
        before = self.contents.groups
        after = {
            code: stored.with_members(_rekeyed(stored.members, mapping), at, by)
            for code, stored in before.items()
        }
        self._contents = attrs.evolve(self.contents, groups=after)
        return sum(after[code] is not before[code] for code in before)

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """Return a context of changes kept or undone together; see `GroupRepository.atomic`."""
        before = self.contents
        try:
            yield
        except BaseException:
            self._contents = before
            raise

    def _stored(self, code: GroupCode, version: int | None = None) -> StoredGroup:
        stored = self.contents.groups.get(code)
        if stored is None:
            raise GroupNotFoundError(code)
        if version is not None and version != stored.group.version:
            raise StaleGroupError(code, version, stored.group.version)
        return stored

    def _store(self, stored: StoredGroup) -> None:
        groups = {**self.contents.groups, stored.group.code: stored}
        self._contents = attrs.evolve(self.contents, groups=groups)

    def _refuse_taken_name(self, group: CustomerGroup) -> None:
        key = name_key(group.name)
        for code, stored in self.contents.groups.items():
            if code != group.code and stored.name_key == key:
                raise DuplicateNameError(group.name, code)

    def _listed(
        self,
        code: GroupCode,
        entries: Iterable[Entry],
        at: datetime,
        by: str | None,
        *,
        by_key: bool,
    ) -> _Listed:
        stored = self._stored(code)
        read = list(entries)
        candidates = look_up(self._customers, (value for _, value in read), by_key=by_key)
        return _Listed(stored, read, candidates, parse_time(at), parse_actor(by))

    def _change_members(
        self,
        listed: _Listed,
        verdicts: Iterable[Verdict],
        members: Members,
        on_outcome: OnOutcome | None,
    ) -> OutcomeCounts:
        counts = count_outcomes(verdicts, on_outcome)
        changed = listed.stored.with_members(members, listed.at, listed.by)
        self._store(changed)
        is_changed = changed is not listed.stored
        return attrs.evolve(counts, at=changed.members_changed_at if is_changed else None)


def _rekeyed(members: Members, mapping: Mapping[CustomerKey, CustomerKey | None]) -> Members:
    rekeyed = {key: member for key, member in members.items() if mapping.get(key, key) == key}
    moving = (member for key, member in members.items() if mapping.get(key, key) != key)
    for member in sorted(moving, key=lambda member: (member.added_at, member.customer)):
        key = mapping[member.customer]
        if key is not None:
            rekeyed.setdefault(key, attrs.evolve(member, customer=key))
    return rekeyed

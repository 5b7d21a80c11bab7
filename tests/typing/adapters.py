"""An adapter need not inherit from the protocols: having their methods is enough.

This file is checked by mypy and never run. Where a line must be an error, it carries an
ignore, and an ignore that is not needed is an error itself.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

from customer_groups.codes import GroupCode
from customer_groups.customers import (
    Customer,
    CustomerCode,
    CustomerDirectory,
    CustomerKey,
    CustomerQuery,
)
from customer_groups.model import CustomerGroup, GroupStatus, Membership
from customer_groups.outcomes import Entry, OnOutcome, OutcomeCounts
from customer_groups.paging import Page
from customer_groups.query import GroupQuery, GroupSummary
from customer_groups.repository import GroupRepository, GroupStore, UnitOfWork

T = TypeVar("T")


class PlainGroups:
    """A repository that inherits from nothing."""

    def add(self, group: CustomerGroup) -> None:
        """Do nothing."""

    def get(self, code: GroupCode) -> CustomerGroup:
        """Fail."""
        raise NotImplementedError

    def replace(self, group: CustomerGroup) -> CustomerGroup:
        """Return the group."""
        return group

    def remove(self, code: GroupCode, *, version: int | None = None) -> None:
        """Do nothing."""

    def find(
        self, query: GroupQuery, *, limit: int, after: str | None = None, with_total: bool = False
    ) -> Page[GroupSummary]:
        """Return nothing."""
        return Page(())

    def next_number(self, series: str) -> int:
        """Return a number."""
        return 1

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
        """Return no counts."""
        return OutcomeCounts()

    remove_members = add_members
    replace_members = add_members

    def members(
        self,
        code: GroupCode,
        *,
        limit: int,
        after: str | None = None,
        added_at: datetime | None = None,
    ) -> Page[Membership]:
        """Return nothing."""
        return Page(())

    def groups_of(
        self, customers: Collection[CustomerKey], *, status: GroupStatus | None = None
    ) -> Mapping[CustomerKey, tuple[CustomerGroup, ...]]:
        """Return nothing."""
        return {}

    def which_are_members(
        self, code: GroupCode, customers: Collection[CustomerKey]
    ) -> frozenset[CustomerKey]:
        """Return nothing."""
        return frozenset()

    def rekey_customers(
        self, mapping: Mapping[CustomerKey, CustomerKey | None], *, at: datetime, by: str | None
    ) -> int:
        """Return a number."""
        return 0

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """Do nothing."""
        yield


class PlainCustomers:
    """A directory that inherits from nothing."""

    def lookup(self, codes: Collection[CustomerCode]) -> dict[CustomerCode, list[Customer]]:
        """Return nothing."""
        return {}

    def by_keys(self, keys: Collection[CustomerKey]) -> dict[CustomerKey, Customer]:
        """Return nothing."""
        return {}

    def search(
        self, query: CustomerQuery, *, limit: int, after: str | None = None
    ) -> Page[Customer]:
        """Return nothing."""
        return Page(())

    def types(self) -> tuple[str, ...]:
        """Return nothing."""
        return ()


class PlainWork:
    """A unit of work that inherits from nothing and has attributes instead of properties."""

    def __init__(self, groups: GroupRepository, customers: CustomerDirectory) -> None:
        """Keep both."""
        self.groups = groups
        self.customers = customers


class PlainStore:
    """A store that inherits from nothing."""

    @contextmanager
    def transaction(self) -> Iterator[PlainWork]:
        """Yield a unit of work."""
        yield PlainWork(PlainGroups(), PlainCustomers())

    def run(self, operation: Callable[[UnitOfWork], T]) -> T:
        """Run it once."""
        with self.transaction() as work:
            return operation(work)


groups: GroupRepository = PlainGroups()
customers: CustomerDirectory = PlainCustomers()
work: UnitOfWork = PlainWork(groups, customers)
store: GroupStore = PlainStore()


class ForgetsAMethod:
    """A directory that cannot search."""

    lookup = PlainCustomers.lookup
    by_keys = PlainCustomers.by_keys
    types = PlainCustomers.types


class ReturnsText:
    """A directory that gives plain text where a customer is expected."""

    lookup = PlainCustomers.lookup
    search = PlainCustomers.search
    types = PlainCustomers.types

    def by_keys(self, keys: Collection[CustomerKey]) -> dict[CustomerKey, str]:
        """Return the wrong thing."""
        return {}


class WantsASequence(PlainGroups):
    """A repository that demands more of its lists than it may: they can be read only once."""

    def add_members(  # type: ignore[override]
        self,
        code: GroupCode,
        entries: Sequence[Entry],
        *,
        at: datetime,
        by: str | None,
        by_key: bool = False,
        on_outcome: OnOutcome | None = None,
    ) -> OutcomeCounts:
        """Return no counts."""
        return OutcomeCounts(added=len(entries))


class Inherits(GroupRepository):
    """A repository that inherits from the protocol and forgets everything."""


forgets: CustomerDirectory = ForgetsAMethod()  # type: ignore[assignment]
returns_text: CustomerDirectory = ReturnsText()  # type: ignore[assignment]
wants_a_sequence: GroupRepository = WantsASequence()  # type: ignore[assignment]
inherits = Inherits()  # type: ignore[abstract]
not_a_work: UnitOfWork = PlainGroups()  # type: ignore[assignment]

"""The storage protocols and their rules.

An adapter author writes three classes: a `GroupRepository`, the `UnitOfWork` that holds it,
and the `GroupStore` that opens units of work. They need not inherit from these protocols;
who does gets a `TypeError` for a method that was forgotten.

A *tenant* is one of several parties that share a storage: 1 to 64 characters of printable
ASCII without outer spaces, given when a store or a bound unit of work is made. Anything else
is refused there, or at the first use, with `InvalidValueError` (`parse_tenant`).

Every rule is tested by `customer_groups.testing.GroupRepositoryContract`; after each
stands the class of ``customer_groups.testing.contracts`` that has its tests.
"""

from abc import abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol, TypeVar

from customer_groups.codes import GroupCode
from customer_groups.customers import CustomerDirectory, CustomerKey
from customer_groups.errors import InvalidValueError
from customer_groups.model import CustomerGroup, GroupStatus, Membership
from customer_groups.outcomes import Entry, OnOutcome, OutcomeCounts
from customer_groups.paging import Page
from customer_groups.query import GroupQuery, GroupSummary
from customer_groups.text import plain_text

__all__ = [
    "DEFAULT_TENANT",
    "GroupRepository",
    "GroupStore",
    "UnitOfWork",
    "parse_series",
    "parse_tenant",
]

T = TypeVar("T")

DEFAULT_TENANT = "default"
"""The tenant of a host that has no tenants."""

MAX_TENANT_LENGTH = 64


def parse_tenant(tenant: str) -> str:
    """Return ``tenant`` if it is 1 to 64 characters of printable ASCII without outer spaces.

    Raises:
        InvalidValueError: it is anything else.
    """
    return _printable_ascii("tenant", tenant)


def parse_series(series: str) -> str:
    """Return ``series`` if it may be the name of a series of numbers, ruled as a tenant is.

    Raises:
        InvalidValueError: it may not.
    """
    return _printable_ascii("series", series)


def _printable_ascii(field: str, text: str) -> str:
    trimmed = plain_text(field, text, MAX_TENANT_LENGTH)
    if trimmed != text or not (text.isascii() and text.isprintable()):
        raise InvalidValueError(field, text, "is not printable ASCII without outer spaces")
    return text


class GroupRepository(Protocol):
    """The groups and memberships of one tenant, inside one transaction.

    Rules common to all methods:

    * **Tenant.** Nothing of another tenant is ever seen, counted, named in an error or
      reachable by a cursor. Two tenants may use the same codes, names and customer keys.
      Tests: TenantRules.
    * **All or nothing.** A method that raises has changed nothing, and unless the error says
      ``transaction_lost`` the transaction goes on. Tests: TransactionRules, NestingRules.
    * **Own changes.** A method sees what earlier calls in the same transaction did.
      Tests: AddingRules, MachineRules.
    * **Values.** What is stored is what was given: every field, every character. Values are
      frozen; the repository neither keeps nor hands out anything that can be changed.
      Tests: AddingRules, MembershipRules.
    * **Text.** Names are equal, found and ordered by `name_key`; codes and keys are compared
      exactly. Order is by code point. Search text is literal: ``%``, ``_`` and ``*`` are
      ordinary characters. Tests: NamingRules, SearchingRules, OrderingRules.
    * **Time and actor** come from the caller. The repository reads no clock.
      Times are aware, of any zone; an actor is what `Membership` takes. Whoever passes
      anything else may get an `InvalidValueError`. Tests: ChangeRules.
    * **Members.** A change of a group's members is serialised with every other change of
      that group, its removal included; so the number of customers of a group is always
      exactly the number of its memberships, and there is no membership without its group.
      It raises ``members_version`` by one and sets when and by whom; it touches neither
      ``version`` nor ``updated_*``. The time stored with it is the later of ``at`` and one
      microsecond after the last one of that group, so that every change has a time of its
      own; new memberships carry it as ``added_at``. A call that changes no membership leaves
      ``members_version``, the time and the actor as they were. Tests: ChangeRules; where an
      adapter opts into them, AuditingRules, HistoryRules, ContestRules and MeanwhileRules.
    * **Lists.** ``entries`` are pairs of a line and a value: a `CustomerCode`, or with
      ``by_key`` a `CustomerKey`. They may be any iterable of any length, a generator
      included; it is consumed once, and must not use the repository. Lines never decrease;
      several values may stand on one line. The outcomes are defined by `Outcome`, their
      order of precedence included. ``on_outcome(line, value, outcome)`` is told, in input
      order and before the method returns, every outcome but ``added`` and ``removed``; it
      must not use the repository. If it or the iterable raises, the call is undone and the
      exception passes unchanged. Tests: ListRules, LongListRules, ListeningRules, ResolvingRules.
    * **Errors.** Nothing but the errors of this library leaves the repository (and what
      ``entries`` or ``on_outcome`` raise). What went wrong in the storage is a
      `StorageError` with the original as its cause. After one with ``transaction_lost``
      every further call raises it again. Tests: FailingRules and
      SurvivingRules, where an adapter opts into them.
    """

    @abstractmethod
    def add(self, group: CustomerGroup) -> None:
        """Store a new group, without members.

        The group is stored as it is, its version included. Tests: AddingRules, NamingRules.

        Raises:
            DuplicateCodeError: a group has this code. Looked at before the name.
            DuplicateNameError: a group has the same name; the error says which one.
        """

    @abstractmethod
    def get(self, code: GroupCode) -> CustomerGroup:
        """Return the group with this code.

        Tests: AddingRules.

        Raises:
            GroupNotFoundError: there is none.
        """

    @abstractmethod
    def replace(self, group: CustomerGroup) -> CustomerGroup:
        """Store the changed fields of a group, if nobody else changed it meanwhile.

        The comparison of versions and the change are one step: of several transactions that
        replace the same version, one succeeds. The members stay. The group may be renamed to
        a variant of its own name. Tests: ReplacingRules.

        Args:
            group: The new value; its ``version`` is the one that the caller read.

        Returns:
            The group as stored: with ``version + 1``, otherwise as given.

        Raises:
            GroupNotFoundError: there is no group with this code. This and the others are
                looked at in the order in which they stand here.
            StaleGroupError: another version is stored; the error carries both.
            InvalidValueError: ``created_at`` or ``created_by`` differ from what is stored.
            DuplicateNameError: another group has the same name.
        """

    @abstractmethod
    def remove(self, code: GroupCode, *, version: int | None = None) -> None:
        """Remove a group and its memberships, nothing else.

        Its code and name are free afterwards; numbers drawn from a series stay drawn.
        Tests: RemovingRules.

        Args:
            code: The group.
            version: Remove it only if this is the stored version; None for any.

        Raises:
            GroupNotFoundError: there is no group with this code.
            StaleGroupError: another version is stored.
        """

    @abstractmethod
    def find(
        self, query: GroupQuery, *, limit: int, after: str | None = None, with_total: bool = False
    ) -> Page[GroupSummary]:
        """Return a page of the groups that ``query`` finds; see `matches`.

        Tests: SearchingRules, FilteringRules, OrderingRules, PagingRules, CursorRules.

        Args:
            query: The search and its order.
            limit: The size of the page, 1 to 1,000.
            after: The cursor ``next`` of the page before; None for the first page.
            with_total: Whether to count everything that the query finds, now.

        Returns:
            The first ``limit`` groups that now sort after the last one of the page before,
            in the order of the query; ``next`` is None exactly if there are no more. So a
            group whose sort value and match do not change while somebody pages through
            appears exactly once, whatever else is added, changed or removed meanwhile.
            Nothing found is an empty page.

        Raises:
            InvalidValueError: ``limit`` is out of bounds.
            InvalidCursorError: ``after`` comes from another query, order or tenant, or is
                damaged.
        """

    @abstractmethod
    def next_number(self, series: str) -> int:
        """Return the next number of a series: 1, and then one more than the last.

        Two committed transactions never hold the same number of a series, and a committed
        number never comes back. Numbers of a transaction or context that was undone may come
        back, or be left out for good. Tests: NumberRules.

        Args:
            series: The name of the series, 1 to 64 characters of printable ASCII. Series
                are made by their first use; each tenant has its own.

        Raises:
            InvalidValueError: the name is anything else.
        """

    @abstractmethod
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
        """Make the listed customers members; those who are already stay as they were.

        `classify_additions` is this rule as code. An inactive group gains members too.
        Tests: JoiningRules, ResolvingRules.

        Args:
            code: The group.
            entries: The list; see the rules of the class.
            at: When this happens.
            by: Who does it.
            by_key: Whether the values are keys instead of codes; no key is ever ambiguous.
            on_outcome: Told what did not simply work; see the rules of the class.

        Returns:
            How many values had each outcome; they add up to the number of entries.

        Raises:
            GroupNotFoundError: there is no group with this code.
        """

    @abstractmethod
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
        """End the membership of the listed customers, active or not.

        `classify_removals` is this rule as code: a value that no customer has any more but
        that is the key of a member removes that member. Tests: LeavingRules.

        Args and Raises: as for `add_members`.

        Returns:
            How many values had each outcome; they add up to the number of entries.
        """

    @abstractmethod
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
        """Make the listed customers the only members.

        The outcomes are those of `add_members`. Afterwards the members are exactly the
        customers whose outcome was ``added`` or ``already_member``; the latter stay as they
        were, and all other members leave, those among them whose line was rejected.
        Tests: StayingRules.

        Args and Raises: as for `add_members`.

        Returns:
            How many values had each outcome, and in ``removed`` how many members left.
        """

    @abstractmethod
    def members(
        self,
        code: GroupCode,
        *,
        limit: int,
        after: str | None = None,
        added_at: datetime | None = None,
    ) -> Page[Membership]:
        """Return a page of the members of a group.

        Tests: MembershipRules, PagingRules, CursorRules.

        Args:
            code: The group.
            limit: The size of the page, 1 to 1,000.
            after: The cursor ``next`` of the page before; None for the first page.
            added_at: Only members who were added at exactly this time, so by one import.

        Returns:
            The page, by customer key in code-point order, continued as in `find`. Its
            ``total`` is None.

        Raises:
            GroupNotFoundError: there is no group with this code.
            InvalidValueError: ``limit`` is out of bounds.
            InvalidCursorError: ``after`` comes from another group, ``added_at`` or tenant, or
                is damaged.
        """

    @abstractmethod
    def groups_of(
        self, customers: Collection[CustomerKey], *, status: GroupStatus | None = None
    ) -> Mapping[CustomerKey, tuple[CustomerGroup, ...]]:
        """Return the groups that each of these customers is in.

        Tests: MembershipRules.

        Args:
            customers: Keys; they need not be in the directory.
            status: Only groups with this status; None for all.

        Returns:
            An entry for each key that was asked for, empty where there is no such group;
            the groups ordered by code.
        """

    @abstractmethod
    def which_are_members(
        self, code: GroupCode, customers: Collection[CustomerKey]
    ) -> frozenset[CustomerKey]:
        """Return those of these customers who are members of the group.

        Tests: MembershipRules.

        Args:
            code: The group.
            customers: Keys; they need not be in the directory.

        Raises:
            GroupNotFoundError: there is no group with this code.
        """

    @abstractmethod
    def rekey_customers(
        self,
        mapping: Mapping[CustomerKey, CustomerKey | None],
        *,
        at: datetime,
        by: str | None,
    ) -> int:
        """Follow the host, which gave customers other keys, merged or deleted them.

        Every membership of an old key becomes one of its new key, in all groups, all at
        once: ``{"a": "b", "b": "a"}`` swaps. Where several memberships of a group come
        together, the one that the new key had itself stays as it was; if it had none, the
        one that was added first, or that had the smallest old key among those. Time and
        actor of a membership go with it. A group whose memberships are equal before and
        after has not changed. The directory is not asked.
        Tests: RekeyingRules.

        Args:
            mapping: New keys by old keys; None ends the memberships of the old key.
            at: When this happens.
            by: Who does it.

        Returns:
            How many groups have changed members.
        """

    @abstractmethod
    def atomic(self) -> AbstractContextManager[None]:
        """Return a context in which all changes are kept or undone together.

        An exception that leaves the context undoes what happened inside it, and passes on;
        the transaction then goes on as it was before. Contexts may be nested. Tests: NestingRules.
        """


class UnitOfWork(Protocol):
    """One open transaction of one tenant.

    After its end every use of ``groups`` and ``customers`` raises `TransactionClosedError`.
    Tests: TransactionRules.
    """

    @property
    @abstractmethod
    def groups(self) -> GroupRepository:
        """The groups and memberships."""

    @property
    @abstractmethod
    def customers(self) -> CustomerDirectory:
        """The customers who may become members."""


class GroupStore(Protocol):
    """Opens units of work for one tenant."""

    @abstractmethod
    def transaction(self) -> AbstractContextManager[UnitOfWork]:
        """Return a context that is one transaction.

        It commits when the context ends, and rolls back if an exception leaves it, which
        passes on. Transactions of one store do not nest. What commits is durable and seen
        by every later transaction; what does not commit was never seen by any. After any
        error but `OutcomeUnknownError` nothing is stored. When the storage works again after
        a failure, the store does, too.
        Tests: TransactionRules.

        Raises:
            RetryableConflictError: another transaction is in the way.
            OutcomeUnknownError: the storage failed while committing, so that nobody knows
                whether it did.
            StorageUnavailableError: the storage cannot be reached.
        """

    @abstractmethod
    def run(self, operation: Callable[[UnitOfWork], T]) -> T:
        """Run ``operation`` in a transaction of its own, and return what it returns.

        After a `RetryableConflictError` it runs again, in a new transaction, a bounded
        number of times and for a bounded time; so it must be repeatable, and have no effect
        outside of its unit of work. Tests: TransactionRules.

        Raises:
            RetryableConflictError: it failed as often as it may.
        """

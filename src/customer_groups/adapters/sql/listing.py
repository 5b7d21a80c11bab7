"""How a list of customers changes the members of a group.

A short list is resolved in Python, a long one in temporary tables of the database, where
that allows them. Either way it is resolved first, and the group is locked late.
"""

import contextlib
import enum
from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import chain, islice

import attrs
import sqlalchemy as sa

from customer_groups.adapters.sql.members import GroupMembers
from customer_groups.adapters.sql.parts import KEYS_AT_A_TIME
from customer_groups.adapters.sql.staging import StagedList
from customer_groups.customers import CustomerDirectory, CustomerKey
from customer_groups.errors import (
    RetryableConflictError,
    StorageError,
    StorageUnavailableError,
)
from customer_groups.model import parse_actor, parse_time
from customer_groups.outcomes import (
    Entry,
    OnOutcome,
    Outcome,
    OutcomeCounts,
    classify_additions,
    classify_removals,
    count_outcomes,
    customers_with,
    look_up,
)

__all__ = ["Change", "ListedChange"]

SHORT_LIST = KEYS_AT_A_TIME

_NO_REFUSAL = (RetryableConflictError, StorageUnavailableError)


class Change(enum.Enum):
    """What a list of customers does to the members of a group."""

    ADD = enum.auto()
    REMOVE = enum.auto()
    REPLACE = enum.auto()


@attrs.frozen(eq=False, kw_only=True)
class ListedChange:
    """A change of the members of a group by a list of customers.

    Attributes:
        members: The members of the group.
        customers: The directory that codes are looked up in.
        change: What the list does.
        at: When.
        by: Who does it.
        by_key: Whether the list holds keys instead of codes.
        on_outcome: Told what did not simply work.
    """

    members: GroupMembers
    customers: CustomerDirectory
    change: Change
    at: datetime = attrs.field(converter=parse_time)
    by: str | None = attrs.field(converter=parse_actor)
    by_key: bool
    on_outcome: OnOutcome | None

    def apply(self, entries: Iterable[Entry]) -> OutcomeCounts:
        """Change the members; see `GroupRepository.add_members` and its siblings."""
        self.members.require_group()
        iterator = iter(entries)
        start = list(islice(iterator, SHORT_LIST + 1))
        if not start and self.change is not Change.REPLACE:
            return OutcomeCounts()
        if len(start) <= SHORT_LIST:
            return self._apply_short(start)
        return self._apply_long(chain(start, iterator))

    def _apply_short(self, entries: list[Entry]) -> OutcomeCounts:
        values = [value for _, value in entries]
        candidates = look_up(self.customers, values, by_key=self.by_key)
        locked = self.members.lock(self.at)
        keys = {customer.key for found in candidates.values() for customer in found}
        before = locked.among(keys.union(map(CustomerKey, values)))
        classify = classify_removals if self.change is Change.REMOVE else classify_additions
        verdicts = list(classify(entries, candidates, before))
        counts = count_outcomes(verdicts, self.on_outcome)
        joining = customers_with(verdicts, Outcome.ADDED)
        locked.delete(customers_with(verdicts, Outcome.REMOVED))
        if self.change is Change.REPLACE:
            staying = customers_with(verdicts, Outcome.ALREADY_MEMBER) & before
            counts = attrs.evolve(counts, removed=locked.delete_all_but(staying))
        locked.insert((key, locked.at, self.by) for key in joining)
        return locked.record_counts(counts, self.by)

    def _apply_long(self, entries: Iterable[Entry]) -> OutcomeCounts:
        with contextlib.ExitStack() as stack:
            staged = self._staged(stack)
            if staged is None:
                return self._apply_short(list(entries))
            staged.resolve(entries, self.customers, by_key=self.by_key)
            locked = self.members.lock(self.at)
            apply: dict[Change, Callable[[], OutcomeCounts]] = {
                Change.ADD: lambda: staged.add(locked, self.by),
                Change.REMOVE: lambda: staged.remove(locked),
                Change.REPLACE: lambda: staged.replace(locked, self.by),
            }
            counts = apply[self.change]()
            if self.on_outcome is not None:
                staged.report(self.on_outcome)
        return locked.record_counts(counts, self.by)

    def _staged(self, stack: contextlib.ExitStack) -> StagedList | None:
        """Return temporary tables for the list, if the database lets us have any."""
        transaction = self.members.session.connection.get_transaction()
        if isinstance(transaction, sa.TwoPhaseTransaction):
            return None  # PostgreSQL could not prepare it any more.
        try:
            return stack.enter_context(StagedList.temporary(self.members))
        except StorageError as error:
            if error.transaction_lost or isinstance(error, _NO_REFUSAL):
                raise
            return None

"""What users of a storage did at the same time, and what it said to each of them."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias, cast

import attrs

from customer_groups.codes import GroupCode
from customer_groups.errors import (
    CustomerGroupsError,
    OutcomeUnknownError,
    RetryableConflictError,
    StorageError,
    StorageUnavailableError,
)
from customer_groups.model import CustomerGroup
from customer_groups.outcomes import Entry, OutcomeCounts
from customer_groups.paging import Page
from customer_groups.query import GroupSummary
from customer_groups.repository import GroupStore, UnitOfWork
from customer_groups.testing.comparison import Call, Interrupted, call

__all__ = [
    "MAYBE_STORED",
    "UNSETTLED",
    "Event",
    "Program",
    "RemoveSeen",
    "Rename",
    "Said",
    "Step",
    "Transaction",
    "taking_time",
]

_LIST_METHODS = {"add_members", "remove_members", "replace_members"}
_CHANGES = {"add", "replace", "remove", "rekey_customers", *_LIST_METHODS}
_SECONDS_BETWEEN_VALUES = 0.0001

MAYBE_STORED = (OutcomeUnknownError, StorageUnavailableError)
"""How a transaction may end so that nobody knows whether it happened."""

UNSETTLED = (RetryableConflictError, *MAYBE_STORED)
"""How a transaction may end without an answer to what was asked."""


@attrs.frozen
class Rename:
    """Renaming a group as this user saw it last; reading it, if the user never saw it."""

    code: GroupCode
    name: str

    def after(self, seen: CustomerGroup | None) -> Call:
        """Return what to call, given what the user saw."""
        if seen is None:
            return call("get", self.code)
        return call("replace", attrs.evolve(seen, name=self.name))


@attrs.frozen
class RemoveSeen:
    """Removing a group if it is as this user saw it last; reading it, if the user never did."""

    code: GroupCode

    def after(self, seen: CustomerGroup | None) -> Call:
        """Return what to call, given what the user saw."""
        if seen is None:
            return call("get", self.code)
        return call("remove", self.code, version=seen.version)


Step: TypeAlias = Call | Rename | RemoveSeen


@attrs.frozen(kw_only=True)
class Transaction:
    """What a user does in one transaction.

    Attributes:
        group: The group that all of it is about.
        steps: The calls, one after the other.
        pause: How many seconds the user takes for a thought after each of them.
        is_undone: Whether the user changes their mind at the end.
    """

    group: GroupCode
    steps: tuple[Step, ...]
    pause: float = 0.0
    is_undone: bool = False


@attrs.frozen
class Said:
    """A call, and what came of it: the value that it returned, or the error that it raised."""

    call: Call
    answer: object

    @property
    def is_change(self) -> bool:
        """Whether anything was stored, as far as the answer tells."""
        if self.call.method not in _CHANGES or isinstance(self.answer, Exception):
            return False
        if isinstance(self.answer, OutcomeCounts):
            return self.answer.at is not None
        return self.answer != 0


@attrs.frozen(kw_only=True)
class Event:
    """What happened at one moment: a transaction, or a part of one that only looked.

    Attributes:
        who: The user.
        group: The group.
        called: The moment was not before this time, in nanoseconds of some clock.
        returned: Nor was it after this one.
        said: The calls and their answers.
        is_certain: Whether it happened; else it may have, even later than ``returned``.
    """

    who: str
    group: GroupCode
    called: int
    returned: int
    said: tuple[Said, ...]
    is_certain: bool = True

    @property
    def is_change(self) -> bool:
        """Whether anything was stored, as far as the answers tell."""
        return any(said.is_change for said in self.said)


@attrs.frozen
class Program:
    """What a user does, transaction by transaction.

    It can be pickled, so users may live in other processes.
    """

    who: str
    transactions: Sequence[Transaction]

    def __call__(self, store: GroupStore) -> list[Event]:
        """Do it, and return what happened.

        A transaction that was undone, or ended in a conflict, did not happen. One that ended
        while the storage could not be reached may have happened.

        Raises:
            Exception: something that no transaction may raise.
        """
        seen: Mapping[GroupCode, CustomerGroup] = {}
        events: list[Event] = []
        for transaction in self.transactions:
            attempt = _Attempt(transaction, seen)
            events += attempt.run(store, self.who)
            seen = attempt.seen
        return events


@attrs.frozen
class _Timed:
    """A step that was done between two times."""

    called: int
    returned: int
    said: Said


class _Attempt:
    """A transaction that is tried, again after a conflict.

    Attributes:
        seen: The groups as the user saw them last.
    """

    def __init__(self, transaction: Transaction, seen: Mapping[GroupCode, CustomerGroup]) -> None:
        self.seen = seen
        self._before = seen
        self._transaction = transaction
        self._steps: list[_Timed] = []
        self._is_done = False

    def run(self, store: GroupStore, who: str) -> list[Event]:
        """Run it in a store, and return what happened."""
        called = _now()
        is_certain = True
        try:
            store.run(self._do)
        except (Interrupted, RetryableConflictError):
            return self._nothing()
        except MAYBE_STORED:
            if self._transaction.is_undone or not self._is_done:
                return self._nothing()
            is_certain = False
        return list(self._events(who, called, _now(), is_certain=is_certain))

    def _nothing(self) -> list[Event]:
        self.seen = self._before
        return []

    def _do(self, work: UnitOfWork) -> None:
        self._steps, self._is_done, self.seen = [], False, self._before
        for step in self._transaction.steps:
            self._take(step, work)
            time.sleep(self._transaction.pause)
        self._is_done = True
        if self._transaction.is_undone:
            raise Interrupted

    def _take(self, step: Step, work: UnitOfWork) -> None:
        if not isinstance(step, Call):
            step = step.after(self.seen.get(step.code))
        called = _now()
        said = Said(step, _answer_of(step, work))
        self._steps.append(_Timed(called, _now(), said))
        if (group := _group_in(said.answer)) is not None:
            self.seen = {**self.seen, group.code: group}

    def _events(self, who: str, called: int, returned: int, *, is_certain: bool) -> Iterator[Event]:
        """Yield what must have happened at one moment, each.

        Looks before the first change may each have seen another moment of the transaction,
        and so may calls that found nothing to change. From its first change on nobody else
        changes the group, until the transaction ends.
        """
        group = self._transaction.group
        steps = self._steps
        while is_certain and steps and not steps[0].said.is_change:
            look, *steps = steps
            yield Event(
                who=who, group=group, called=called, returned=look.returned, said=(look.said,)
            )
        if steps:
            yield Event(
                who=who,
                group=group,
                called=steps[0].called,
                returned=returned,
                said=tuple(step.said for step in steps),
                is_certain=is_certain,
            )


def _now() -> int:
    """Return the time in nanoseconds, by a clock that all processes of a machine share.

    Python promises that of `time.perf_counter_ns` on every system. `time.monotonic_ns` is
    shared as well, but on Windows it ticks only 64 times a second before Python 3.13.
    """
    return time.perf_counter_ns()


def _answer_of(step: Call, work: UnitOfWork) -> object:
    """Return what a step returns, or the error by which the repository refuses it."""
    try:
        return _slowly(step)(work.groups)
    except StorageError:
        raise
    except CustomerGroupsError as error:
        return error


def _slowly(step: Call) -> Call:
    """Return the same call with a list that takes its time, so that others get a turn."""
    if step.method not in _LIST_METHODS:
        return step
    code, entries = step.arguments
    return attrs.evolve(step, arguments=(code, taking_time(cast("Sequence[Entry]", entries))))


def taking_time(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Yield a list with a short pause before each value, so that others get a turn."""
    for entry in entries:
        time.sleep(_SECONDS_BETWEEN_VALUES)
        yield entry


def _group_in(answer: object) -> CustomerGroup | None:
    """Return the group that an answer shows, if it shows one."""
    if isinstance(answer, Page) and answer.items:
        answer = answer.items[0]
    if isinstance(answer, GroupSummary):
        answer = answer.group
    return answer if isinstance(answer, CustomerGroup) else None

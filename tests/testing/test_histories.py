"""What users did at the same time is recorded as it was, and shown as it can be read."""

import pickle
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import TypeVar

import attrs
import pytest

from customer_groups.adapters.memory import InMemoryGroupStore, InMemoryStorage
from customer_groups.errors import (
    GroupNotFoundError,
    OutcomeUnknownError,
    RetryableConflictError,
    StorageError,
    StorageUnavailableError,
)
from customer_groups.outcomes import OutcomeCounts
from customer_groups.repository import GroupStore, UnitOfWork
from customer_groups.testing.comparison import call
from customer_groups.testing.contracts.plans import RUNNERS, summary_call
from customer_groups.testing.contracts.values import MISSING, NOON, A, group
from customer_groups.testing.histories import (
    Event,
    Program,
    RemoveSeen,
    Rename,
    Step,
    Transaction,
)

T = TypeVar("T")

ADD = call("add", group())
GET = call("get", A)
JOIN = call("add_members", A, ((1, "k0"), (2, "k1")), at=NOON, by="bert", by_key=True)
RENAME = Rename(A, "Another")


def store() -> InMemoryGroupStore:
    """Return a new store with some customers."""
    return InMemoryGroupStore(InMemoryStorage(), "north", RUNNERS)


def transaction(*steps: Step, is_undone: bool = False) -> Transaction:
    """Return a transaction about one group."""
    return Transaction(group=A, steps=steps, is_undone=is_undone)


def events(store: GroupStore, *transactions: Transaction) -> list[Event]:
    """Return what happens when somebody does these transactions."""
    return Program("somebody", transactions)(store)


def said(happened: list[Event]) -> list[tuple[str, object]]:
    """Return the methods that were called, and the answers."""
    return [(each.call.method, each.answer) for event in happened for each in event.said]


@attrs.frozen
class Failing:
    """A store that fails at the end of each transaction, or in it."""

    store: GroupStore
    error: Exception
    at_the_end: bool = True

    @contextmanager
    def transaction(self) -> Iterator[UnitOfWork]:
        """Begin, and fail."""
        with self.store.transaction() as work:
            if not self.at_the_end:
                raise self.error
            yield work
        raise self.error

    def run(self, operation: Callable[[UnitOfWork], T]) -> T:
        """Run it once."""
        with self.transaction() as work:
            return operation(work)


class StorageFails:
    """What a storage fails to look for."""

    def __hash__(self) -> int:
        raise StorageError("failed on the way")


def test_answers_are_recorded() -> None:
    """What was returned and by which errors calls were refused stands in the history."""
    happened = events(store(), transaction(GET), transaction(ADD, GET), transaction(JOIN))
    counts = OutcomeCounts(added=2, at=NOON)
    assert said(happened)[1:] == [("add", None), ("get", group()), ("add_members", counts)]
    (refusal,) = happened[0].said
    assert isinstance(refusal.answer, GroupNotFoundError)
    assert [event.is_change for event in happened] == [False, True, True]
    assert {(event.who, event.group, event.is_certain) for event in happened} == {
        ("somebody", A, True)
    }


def test_times_are_those_of_the_calls() -> None:
    """An event lies between its call and its end, and each comes after the one before."""
    happened = events(store(), transaction(ADD), transaction(GET), transaction(JOIN))
    times = [time for event in happened for time in (event.called, event.returned)]
    assert times == sorted(times)
    assert all(event.called < event.returned for event in happened)


def test_times_are_those_of_a_clock_that_processes_share(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every time is read from the finest clock that is the same in all processes."""
    ticks = count()
    monkeypatch.setattr(time, "perf_counter_ns", ticks.__next__)
    happened = events(store(), transaction(ADD), transaction(GET))
    assert [(event.called, event.returned) for event in happened] == [(1, 3), (4, 6)]


def test_looks_before_the_first_change_are_events_of_their_own() -> None:
    """What only looked may have seen an earlier moment than that of the change."""
    happened = events(store(), transaction(ADD), transaction(GET, GET, RENAME, GET))
    assert [len(event.said) for event in happened] == [1, 1, 1, 2]
    _, first, second, change = happened
    assert first.called == second.called
    assert first.returned <= second.returned <= change.called


def test_users_change_what_they_saw() -> None:
    """A group is renamed or removed as it was seen last, or looked at if it never was."""
    shared = store()
    events(shared, transaction(ADD))
    user = Program("somebody", [transaction(step) for step in (RENAME, RENAME, RENAME)])
    assert [method for method, _ in said(user(shared))] == ["get", "replace", "replace"]
    other = [transaction(summary_call(A)), transaction(RemoveSeen(A)), transaction(RemoveSeen(A))]
    assert [method for method, _ in said(events(shared, *other))] == ["find", "remove", "remove"]
    assert said(events(shared, transaction(RemoveSeen(MISSING))))[0][0] == "get"


def test_what_is_undone_did_not_happen() -> None:
    """Of an undone transaction nothing is recorded, nor remembered by the user."""
    undone = transaction(ADD, GET, is_undone=True)
    happened = events(store(), undone, transaction(RENAME))
    assert [method for method, _ in said(happened)] == ["get"]


def test_a_conflict_did_not_happen() -> None:
    """What ended in a conflict is not recorded."""
    assert not events(Failing(store(), RetryableConflictError("busy")), transaction(ADD))


@pytest.mark.parametrize("kind", [OutcomeUnknownError, StorageUnavailableError])
def test_a_broken_commit_may_have_happened(kind: type[StorageError]) -> None:
    """Nobody knows whether it is stored, unless the user changed their mind before."""
    failing = Failing(store(), kind("broken"))
    (event,) = events(failing, transaction(GET, ADD))
    assert not event.is_certain
    assert [each.call for each in event.said] == [GET, ADD]
    assert not events(failing, transaction(GET, is_undone=True))
    assert not events(Failing(store(), kind("broken"), at_the_end=False), transaction(ADD))


def test_other_errors_of_the_storage_are_no_answers() -> None:
    """What no healthy storage says is passed on."""
    with pytest.raises(StorageError, match="refused"):
        events(Failing(store(), StorageError("refused")), transaction(ADD))
    broken = call("get", StorageFails())
    with pytest.raises(StorageError, match="on the way"):
        events(store(), transaction(broken))


def test_an_attempt_that_is_repeated_leaves_nothing_behind() -> None:
    """Only the last attempt of a transaction is recorded."""

    @attrs.frozen
    class Twice(Failing):
        def run(self, operation: Callable[[UnitOfWork], T]) -> T:
            with pytest.raises(RetryableConflictError):
                super().run(operation)
            return self.store.run(operation)

    shared = store()
    events(shared, transaction(ADD))
    happened = events(Twice(shared, RetryableConflictError("busy")), transaction(RENAME, RENAME))
    assert [method for method, _ in said(happened)] == ["get", "replace"]


def sent(value: T) -> T:
    """Return what another process gets."""
    received: T = pickle.loads(pickle.dumps(value))  # noqa: S301 - our own
    return received


def test_programs_and_histories_can_be_sent_to_other_processes() -> None:
    """Programs and events are the same after pickling."""
    program = Program("somebody", [transaction(ADD, RENAME, JOIN)])
    assert sent(program) == program
    happened = program(store())
    assert sent(happened) == happened

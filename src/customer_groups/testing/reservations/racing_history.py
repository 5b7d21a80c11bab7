"""What users of a storage asked for at the same time, and whether any order explains it."""

import time
from collections.abc import Iterator, Sequence

import attrs

from customer_groups.errors import (
    CustomerGroupsError,
    GroupNotFoundError,
    RetryableConflictError,
)
from customer_groups.reservations.errors import GroupInactiveError
from customer_groups.reservations.store import ReservationStore
from customer_groups.testing.comparison import answer_of, is_same_answer
from customer_groups.testing.histories import MAYBE_STORED
from customer_groups.testing.reservations.functions import Functions, Operation, SetOnHand
from customer_groups.testing.reservations.model import ReservationModel
from customer_groups.testing.sources import cut, source_of

__all__ = ["Errands", "Event", "is_explained", "table_of"]

_SECONDS_TO_THINK = 0.001


@attrs.frozen(kw_only=True)
class Event:
    """What happened at one moment between two others.

    Attributes:
        who: The user.
        called: The moment was not before this time, in nanoseconds of a clock that all share.
        returned: Nor was it after this one.
        operation: What was asked for.
        answer: What came of it.
    """

    who: str
    called: int
    returned: int
    operation: Operation
    answer: object

    @property
    def is_certain(self) -> bool:
        """Whether it happened, an error of ours included; else it may have, even later."""
        return not isinstance(self.answer, MAYBE_STORED)

    @property
    def is_undone(self) -> bool:
        """Whether it ended in a conflict, and never happened."""
        return isinstance(self.answer, RetryableConflictError)


@attrs.frozen
class Errands:
    """What a user asks for, each in a transaction of its own.

    They can be pickled, so users may live in other processes.
    """

    who: str
    operations: Sequence[Operation]
    host: SetOnHand

    def __call__(self, store: ReservationStore) -> list[Event]:
        """Do it, and return what happened.

        Raises:
            Exception: something that no transaction may raise.
        """
        return [self._event(store, operation) for operation in self.operations]

    def _event(self, store: ReservationStore, operation: Operation) -> Event:
        called = time.perf_counter_ns()
        answer = self._answer(store, operation)
        return Event(
            who=self.who,
            called=called,
            returned=time.perf_counter_ns(),
            operation=operation,
            answer=answer,
        )

    def _answer(self, store: ReservationStore, operation: Operation) -> object:
        try:
            return store.run(lambda work: _thoughtfully(operation, Functions(work, self.host)))
        except CustomerGroupsError as error:
            return error


def _thoughtfully(operation: Operation, functions: Functions) -> object:
    answer = operation(functions)
    time.sleep(_SECONDS_TO_THINK)
    return answer


def is_explained(model: ReservationModel, events: Sequence[Event]) -> bool:
    """Return whether some order of events gives all their answers.

    Args:
        model: What is stored before.
        events: What happened.
    """
    left = [event for event in events if not event.is_undone]
    if not any(event.is_certain for event in left):
        return True
    return any(
        is_explained(after, [event for event in left if event is not first])
        for first in _may_be_first(left)
        for after in _after(model, first)
    )


def _may_be_first(events: Sequence[Event]) -> Iterator[Event]:
    """Yield the events before which none of the others was over."""
    first_end = min(event.returned for event in events if event.is_certain)
    yield from (event for event in events if event.called <= first_end)


def _after(model: ReservationModel, event: Event) -> Iterator[ReservationModel]:
    """Yield what is stored after an event, if its answer is the right one here."""
    after = model.copy()
    answer = answer_of(event.operation, after)
    if isinstance(answer, Exception):
        after = model
    if not event.is_certain or _explains(answer, event.answer):
        yield after


def _explains(right: object, answer: object) -> bool:
    """Return whether an answer is the right one, as far as somebody who races can tell."""
    if isinstance(right, GroupNotFoundError) and isinstance(answer, GroupInactiveError):
        # A transaction that sees one moment reads the gate as it is now, and the group as it
        # was then: it learns that the group gains nothing, and not that it is gone.
        return right.code == answer.code
    return is_same_answer(right, answer)


def table_of(events: Sequence[Event]) -> str:
    """Return what happened, for people."""
    begin = min(event.called for event in events)
    return "\n".join(
        f"{(event.called - begin) // 1_000:>8} {(event.returned - begin) // 1_000:>8}"
        f"  {event.who}: {event.operation!r}\n{'':19}-> {cut(source_of(event.answer))}"
        for event in sorted(events, key=lambda event: event.called)
    )

"""Is there an order in which what happened at the same time makes sense?

Each event of a history happened at one moment between its beginning and its end. The history
makes sense if the moments can be chosen so that every answer is the one that the model gives,
when the events happen one after the other in this order.
"""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import attrs

from customer_groups.customers import Customer
from customer_groups.model import Membership
from customer_groups.query import GroupSummary
from customer_groups.testing.comparison import answer_of, is_same_answer
from customer_groups.testing.histories import Event
from customer_groups.testing.model import GroupModel

__all__ = ["NOTHING_STORED", "GroupState", "possible_states"]


@attrs.frozen
class GroupState:
    """All that is stored about one group.

    Attributes:
        summary: The group with its numbers; None if there is none.
        members: The members.
    """

    summary: GroupSummary | None = None
    members: frozenset[Membership] = frozenset()


NOTHING_STORED = GroupState()

_Place: TypeAlias = tuple[frozenset[int], GroupState]
"""Which events have happened, by number, and what is stored then."""


def possible_states(
    events: Sequence[Event],
    customers: Sequence[Customer],
    before: frozenset[GroupState] = frozenset({NOTHING_STORED}),
) -> frozenset[GroupState]:
    """Return what may be stored after events that happened in an order that explains them.

    Args:
        events: What happened, all of it to the same group.
        customers: The directory.
        before: What may have been stored at the beginning.

    Returns:
        All possibilities; none, if no order explains what was said.
    """
    search = _Search(events, customers)
    places: set[_Place] = {(frozenset(), state) for state in before}
    to_visit = list(places)
    while to_visit:
        found = [place for place in search.next_places(*to_visit.pop()) if place not in places]
        places.update(found)
        to_visit += found
    return frozenset(state for done, state in places if search.certain <= done)


class _Search:
    """The ways on from each place.

    Attributes:
        certain: The events that did happen, by number.
    """

    def __init__(self, events: Sequence[Event], customers: Sequence[Customer]) -> None:
        self._events = events
        self._customers = customers
        self.certain = {number for number, event in enumerate(events) if event.is_certain}
        self._before = [
            {number for number in self.certain if events[number].returned < event.called}
            for event in events
        ]

    def next_places(self, done: frozenset[int], state: GroupState) -> Iterator[_Place]:
        """Yield where each event leads that may be next and is explained here."""
        for number, event in enumerate(self._events):
            if number not in done and self._before[number] <= done:
                after = self._after(event, state)
                if after is not None:
                    yield done | {number}, after

    def _after(self, event: Event, state: GroupState) -> GroupState | None:
        """Return what is stored after the event; None if its answers are others than here."""
        model = _model_of(state, self._customers)
        for said in event.said:
            if not is_same_answer(answer_of(said.call, model), said.answer):
                return None
        return _state_of(model)


def _model_of(state: GroupState, customers: Sequence[Customer]) -> GroupModel:
    """Return a model that holds this group and nothing else."""
    if state.summary is None:
        return GroupModel(customers)
    code = state.summary.group.code
    members = {member.customer: member for member in state.members}
    return GroupModel(customers, {code: state.summary}, {code: members})


def _state_of(model: GroupModel) -> GroupState:
    """Return what a model holds, which is one group or nothing."""
    for code, summary in model.summaries.items():
        return GroupState(summary, frozenset(model.memberships[code].values()))
    return NOTHING_STORED

"""The smallest part of a history that no order explains, as a table for people."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise

import attrs

from customer_groups.codes import GroupCode
from customer_groups.customers import Customer
from customer_groups.model import CustomerGroup, Membership
from customer_groups.outcomes import OutcomeCounts
from customer_groups.paging import Page
from customer_groups.query import GroupQuery, GroupSummary
from customer_groups.testing.comparison import Call
from customer_groups.testing.histories import Event
from customer_groups.testing.linearizability import (
    NOTHING_STORED,
    GroupState,
    possible_states,
)

__all__ = ["Window", "unexplained"]

_HOW_TO_READ = (
    "Each line is one transaction, or a part of one, that happened at one moment between the two"
    " times (in microseconds): where times overlap, either may have happened first, but in no"
    " order would each of them be told what it was told here."
)


@attrs.frozen
class Window:
    """A part of a history that no order explains.

    Attributes:
        before: What was stored when it began.
        events: What happened then, ordered by when it began.
        afterwards: What everybody was told who looked when all was over.
    """

    before: GroupState
    events: Sequence[Event]
    afterwards: Sequence[Event] = ()

    def __str__(self) -> str:
        """Return the table, with a sentence that says how to read it."""
        begin = min(event.called for event in self.events)
        rows = [("from", "to", "who", "did", "was told"), *_rows(self.events, begin)]
        before = f"stored before: {_state(self.before)}"
        told = [_answer(said.answer) for event in self.afterwards for said in event.said]
        afterwards = f"stored afterwards: {', members '.join(told)}"
        return "\n".join([_HOW_TO_READ, before, *_aligned(rows), afterwards])


def unexplained(
    events: Iterable[Event], afterwards: Sequence[Event], customers: Sequence[Customer]
) -> Window | None:
    """Return the smallest part of a history that no order explains; None if all is explained.

    What happened to different groups is looked at group by group.

    Args:
        events: What happened; at the beginning there was none of these groups.
        afterwards: Who looked when all was over.
        customers: The directory.
    """
    by_group: dict[GroupCode, list[Event]] = {}
    for event in sorted([*events, *afterwards], key=lambda event: event.called):
        by_group.setdefault(event.group, []).append(event)
    for code, of_group in by_group.items():
        if not possible_states(of_group, customers):
            part = _until_it_makes_no_sense(of_group, customers)
            window = _without_mere_looks(_from_the_last_rest(part, customers), customers)
            looks = [event for event in afterwards if event.group == code]
            return attrs.evolve(window, afterwards=looks)
    return None


def _until_it_makes_no_sense(
    events: Sequence[Event], customers: Sequence[Customer]
) -> Sequence[Event]:
    """Return what had begun when it first was clear that nothing explains it."""
    ends = sorted(event.returned for event in events if event.is_certain)
    parts = (_seen_at(end, events) for end in ends)
    return next(part for part in parts if not possible_states(part, customers))


def _seen_at(time: int, events: Sequence[Event]) -> Sequence[Event]:
    """Return the events that had begun; those that had not ended are not certain."""
    return [
        attrs.evolve(event, is_certain=event.is_certain and event.returned <= time)
        for event in events
        if event.called <= time
    ]


def _from_the_last_rest(events: Sequence[Event], customers: Sequence[Customer]) -> Window:
    """Leave out what came before a moment when all had ended and only one thing was stored."""
    window = Window(NOTHING_STORED, events)
    for index in _rests(events):
        states = possible_states(events[:index], customers)
        if len(states) == 1:
            window = Window(next(iter(states)), events[index:])
    return window


def _rests(events: Sequence[Event]) -> Iterator[int]:
    """Yield before which events everything that had begun was over."""
    latest = 0
    for index, (event, following) in enumerate(pairwise(events), start=1):
        if not event.is_certain:
            return
        latest = max(latest, event.returned)
        if latest < following.called:
            yield index


def _without_mere_looks(window: Window, customers: Sequence[Customer]) -> Window:
    """Leave out what changed nothing, as long as the rest still makes no sense."""
    for event in window.events:
        rest = [other for other in window.events if other is not event]
        makes_sense = possible_states(rest, customers, frozenset({window.before}))
        if not event.is_change and not makes_sense:
            window = attrs.evolve(window, events=rest)
    return window


def _rows(events: Sequence[Event], begin: int) -> Iterator[tuple[str, ...]]:
    for event in events:
        until = f"{(event.returned - begin) / 1_000:.0f}" if event.is_certain else "unknown"
        times = f"{(event.called - begin) / 1_000:.0f}", until, event.who
        for said in event.said:
            yield *times, _call(said.call), _answer(said.answer)
            times = "", "", ""


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True))
        for row in rows
    )
    return [line.rstrip() for line in lines]


def _call(call: Call) -> str:
    """Return a call without the options that make no difference here."""
    options = [f"at={_time(call.options['at'])}"] if "at" in call.options else []
    return f"{call.method}({', '.join([*map(_argument, call.arguments), *options])})"


def _argument(argument: object) -> str:
    if isinstance(argument, GroupQuery):
        return "" if argument.code is None else f"code={argument.code.text!r}"
    if isinstance(argument, CustomerGroup):
        return _group(argument)
    if isinstance(argument, tuple):
        return repr([value for _line, value in argument])
    return repr(argument)


def _answer(answer: object) -> str:
    if isinstance(answer, OutcomeCounts):
        counted = attrs.asdict(answer, filter=lambda field, count: field.name != "at" and count)
        said = [f"{outcome}={count}" for outcome, count in counted.items()]
        return ", ".join([*said, f"at {_time(answer.at)}" if answer.at else "no change"])
    if isinstance(answer, Page):
        return "; ".join(map(_item, answer.items)) or "nothing"
    if isinstance(answer, frozenset):
        return repr(sorted(answer))
    return "done" if answer is None else _item(answer)


def _item(item: object) -> str:
    if isinstance(item, GroupSummary):
        return _summary(item)
    if isinstance(item, Membership):
        return f"{item.customer} since {_time(item.added_at)} by {item.added_by}"
    return _group(item) if isinstance(item, CustomerGroup) else repr(item)


def _group(group: CustomerGroup) -> str:
    return f"{group.code!r} {group.name!r} version {group.version}"


def _summary(summary: GroupSummary) -> str:
    changed = f", members_version {summary.members_version}"
    if summary.members_changed_at is not None:
        changed += f" at {_time(summary.members_changed_at)} by {summary.members_changed_by}"
    return f"{_group(summary.group)}, {summary.customers} customers{changed}"


def _state(state: GroupState) -> str:
    if state.summary is None:
        return "nothing"
    members = sorted(member.customer for member in state.members)
    return f"{_summary(state.summary)}, members {members}"


def _time(time: object) -> str:
    return f"{time:%H:%M:%S.%f}" if isinstance(time, datetime) else repr(time)

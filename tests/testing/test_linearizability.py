"""The checker of histories: what some order explains passes, what none explains does not."""

import random

import attrs
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.errors import (
    DuplicateCodeError,
    GroupNotFoundError,
    InvalidValueError,
    RetryableConflictError,
    StaleGroupError,
)
from customer_groups.model import CustomerGroup
from customer_groups.outcomes import OutcomeCounts
from customer_groups.paging import Page
from customer_groups.testing.comparison import Call, answer_of, call
from customer_groups.testing.contracts.plans import RUNNERS, plan_groups, plan_members
from customer_groups.testing.contracts.values import NOON, TICK, A, group
from customer_groups.testing.histories import Event, Said
from customer_groups.testing.linearizability import NOTHING_STORED, possible_states
from customer_groups.testing.model import GroupModel

ADD = Said(call("add", group()), None)
GET = call("get", A)


def event(called: int, returned: int, *said: Said, is_certain: bool = True) -> Event:
    """Return what somebody did between two times."""
    return Event(
        who="somebody",
        group=A,
        called=called,
        returned=returned,
        said=said,
        is_certain=is_certain,
    )


def joining(key: str, answer: object, method: str = "add_members") -> Said:
    """Return a change of one member by its key."""
    entries = ((1, key),)
    return Said(call(method, A, entries, at=NOON, by=None, by_key=True), answer)


def added(ticks: int) -> OutcomeCounts:
    """Return that one customer was added, so many microseconds after noon."""
    return OutcomeCounts(added=1, at=NOON + ticks * TICK)


def is_explained(*events: Event) -> bool:
    """Return whether some order explains the events."""
    return bool(possible_states(events, RUNNERS))


def test_nothing_happened() -> None:
    """An empty history leaves everything as it was."""
    assert possible_states([], RUNNERS) == {NOTHING_STORED}


def test_what_is_possible_is_returned() -> None:
    """Of events whose order nobody can tell, the states after all orders are possible."""
    new = [attrs.evolve(group(), version=version) for version in (3, 5)]
    events = [event(0, 9, Said(call("add", each), None)) for each in new]
    assert not is_explained(*events)
    unclear = [attrs.evolve(each, is_certain=False) for each in events]
    states = possible_states(unclear, RUNNERS)
    versions = {state.summary and state.summary.group.version for state in states}
    assert versions == {None, 3, 5}


def test_a_read_may_come_before_or_after_what_happens_meanwhile() -> None:
    """While a group is added, it is there or not there yet."""
    for answer in (group(), GroupNotFoundError(A)):
        assert is_explained(event(0, 9, ADD), event(1, 8, Said(GET, answer)))


def test_who_comes_later_sees_what_happened() -> None:
    """Once the group was added, nobody may say any more that it is not there."""
    too_late = event(10, 11, Said(GET, GroupNotFoundError(A)))
    assert not is_explained(event(0, 9, ADD), too_late)
    assert is_explained(event(0, 10, ADD), too_late)


def test_nobody_goes_back_in_time() -> None:
    """Who reads after somebody saw the group sees it as well."""
    sees = event(1, 2, Said(GET, group()))
    sees_not = event(3, 4, Said(GET, GroupNotFoundError(A)))
    assert not is_explained(event(0, 9, ADD), sees, sees_not)
    assert is_explained(event(0, 9, ADD), attrs.evolve(sees, called=5, returned=6), sees_not)


def test_a_lost_update_is_found() -> None:
    """Two customers who joined at the same time of the group cannot both have joined."""
    one, other = joining("k0", added(0)), joining("k1", added(0))
    assert not is_explained(event(0, 1, ADD), event(2, 9, one), event(3, 8, other))
    second = joining("k1", added(1))
    assert is_explained(event(0, 1, ADD), event(2, 9, one), event(3, 8, second))


def test_two_replacements_of_a_version_are_found() -> None:
    """Of two users who change the same version, one is told that it is stale."""
    changed = [group().renamed(name, at=NOON) for name in ("One", "Other")]
    won = [Said(call("replace", each), attrs.evolve(each, version=2)) for each in changed]
    lost = Said(won[1].call, StaleGroupError(A, 1, 2))
    assert not is_explained(event(0, 1, ADD), event(2, 9, won[0]), event(3, 8, won[1]))
    assert is_explained(event(0, 1, ADD), event(2, 9, won[0]), event(3, 8, lost))
    wrong = Said(lost.call, StaleGroupError(A, 1, 3))
    assert not is_explained(event(0, 1, ADD), event(2, 9, won[0]), event(3, 8, wrong))


def test_what_is_not_certain_may_happen_late_or_never() -> None:
    """A transaction whose outcome nobody knows may be stored long after it broke."""
    broken = event(0, 1, ADD, is_certain=False)
    sees, sees_not = Said(GET, group()), Said(GET, GroupNotFoundError(A))
    assert is_explained(broken, event(2, 3, sees_not))
    assert is_explained(broken, event(2, 3, sees_not), event(4, 5, sees))
    assert not is_explained(broken, event(2, 3, sees), event(4, 5, sees_not))
    assert not is_explained(event(0, 1, sees), attrs.evolve(broken, called=2, returned=3))


def test_the_calls_of_a_transaction_happen_together() -> None:
    """Between two changes of one transaction there is no time for anybody else."""
    both = event(2, 9, joining("k0", added(0)), joining("k1", added(1)))
    between = event(3, 8, Said(call("which_are_members", A, ["k0", "k1"]), frozenset({"k0"})))
    assert not is_explained(event(0, 1, ADD), both, between)
    apart = [event(2, 9, said) for said in both.said]
    assert is_explained(event(0, 1, ADD), *apart, between)


def test_errors_are_compared_by_what_they_say() -> None:
    """Errors are the same if type and fields are; of invalid values the type is enough."""
    wrong = attrs.evolve(group(), created_by="bert")
    refused = call("replace", wrong)
    for answer, is_right in (
        (InvalidValueError("creation", 1, "is in other words"), True),
        (StaleGroupError(A, 1, 1), False),
        (RetryableConflictError("why not"), False),
        (KeyError(A), False),
    ):
        assert is_explained(event(0, 1, ADD), event(2, 3, Said(refused, answer))) is is_right
    assert not is_explained(event(0, 1, ADD), event(2, 3, Said(ADD.call, DuplicateCodeError("B"))))


def calls(draw: random.Random) -> list[Call]:
    """Return calls about one group, in any order."""
    plan = draw.choice((plan_members, plan_groups))(draw, A)
    users = [each.transactions for each in plan.meanwhile]
    transactions = [*plan.before.transactions, *(each for user in users for each in user)]
    steps = [step for each in transactions if each.group == A for step in each.steps]
    return [step if isinstance(step, Call) else step.after(group()) for step in steps]


def history(draw: random.Random) -> list[Event]:
    """Return calls that a model answered one by one, as they look to users who overlap."""
    model, events = GroupModel(RUNNERS), []
    for time, step in enumerate(calls(draw)):
        began, ended = 10 * time - draw.randrange(30), 10 * time + draw.randrange(30)
        events.append(event(began, ended, Said(step, answer_of(step, model))))
    return events


@given(st.randoms(use_true_random=False))
def test_what_really_happened_is_explained(draw: random.Random) -> None:
    """Whatever happened one by one is accepted, however the times of the users overlap."""
    events = history(draw)
    draw.shuffle(events)
    assert is_explained(*events)


def falsified(answer: object) -> object:
    """Return another answer of the same kind."""
    if isinstance(answer, OutcomeCounts):
        return attrs.evolve(answer, added=answer.added + 1)
    if isinstance(answer, Page):
        return attrs.evolve(answer, items=answer.items[1:])
    if isinstance(answer, CustomerGroup):
        return attrs.evolve(answer, version=answer.version + 1)
    return GroupNotFoundError(A) if answer is None else None


def test_wrong_answers_are_refused() -> None:
    """Of histories in which one answer is wrong, nearly all are found out."""
    refused = 0
    for seed in range(200):
        draw = random.Random(seed)
        events = history(draw)
        number = draw.randrange(len(events))
        (said,) = events[number].said
        wrong = attrs.evolve(said, answer=falsified(said.answer))
        events[number] = attrs.evolve(events[number], said=(wrong,))
        refused += not is_explained(*events)
    assert refused > 190

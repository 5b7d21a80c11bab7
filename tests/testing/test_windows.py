"""What no order explains is cut out of its history, and shown as a table."""

import attrs
import pytest

from customer_groups.errors import GroupNotFoundError
from customer_groups.model import Membership
from customer_groups.outcomes import OutcomeCounts
from customer_groups.paging import Page
from customer_groups.query import GroupQuery, GroupSummary
from customer_groups.testing.comparison import call
from customer_groups.testing.contracts.plans import RUNNERS, summary_call
from customer_groups.testing.contracts.values import NOON, TICK, A, B, group
from customer_groups.testing.histories import Event, Said
from customer_groups.testing.linearizability import NOTHING_STORED
from customer_groups.testing.windows import Window, unexplained

MICROSECOND = 1_000
JOINED = OutcomeCounts(added=1, at=NOON)
SUMMARY = GroupSummary(group())
WITH_ONE = GroupSummary(group(), 1, 1, NOON, "anna")


def event(called: int, returned: int, said: Said, who: str = "anna") -> Event:
    """Return what happened to group A between two times, in microseconds."""
    return Event(
        who=who,
        group=A,
        called=called * MICROSECOND,
        returned=returned * MICROSECOND,
        said=(said,),
    )


def joins(key: str, answer: object) -> Said:
    """Return that a customer joined group A."""
    return Said(call("add_members", A, ((1, key),), at=NOON, by="anna", by_key=True), answer)


def later(ticks: int) -> OutcomeCounts:
    """Return that a customer joined, so many microseconds after noon."""
    return attrs.evolve(JOINED, at=NOON + ticks * TICK)


ADD = event(0, 10, Said(call("add", group()), None))
NOT_THERE = Said(call("get", A), GroupNotFoundError(A))
THERE = Said(call("get", A), group())
FIND = Said(summary_call(A), Page((SUMMARY,)))
LOST = [event(20, 40, joins("k0", JOINED)), event(30, 50, joins("k1", JOINED), "bert")]


def window_of(*events: Event, afterwards: tuple[Event, ...] = ()) -> Window:
    """Return the window of a history that makes no sense."""
    window = unexplained(events, afterwards, RUNNERS)
    assert window is not None
    return window


def test_what_makes_sense_has_no_window() -> None:
    """A history that some order explains is accepted."""
    assert unexplained([ADD, event(20, 30, THERE)], [event(40, 50, FIND)], RUNNERS) is None


def test_each_group_has_a_history_of_its_own() -> None:
    """The window holds events of one group; what happened to others is left out."""
    add = Said(call("add", group("B")), None)
    other = attrs.evolve(event(0, 99, add), group=B)
    again = attrs.evolve(other, called=100 * MICROSECOND, returned=200 * MICROSECOND)
    assert unexplained([ADD, other, event(20, 30, THERE)], [], RUNNERS) is None
    assert {each.group for each in window_of(ADD, other, again).events} == {B}


def test_the_window_ends_where_it_first_makes_no_sense() -> None:
    """What began later is left out; what had not ended then may have happened or not."""
    running = event(35, 90, joins("k2", later(1)))
    window = window_of(ADD, *LOST, running, event(60, 70, THERE))
    assert [each.is_certain for each in window.events] == [True, True, False]


def test_the_window_begins_after_the_last_rest() -> None:
    """What had come to an end, and left one thing that can be stored, is told in a line."""
    window = window_of(ADD, *LOST)
    assert list(window.events) == LOST
    assert window.before.summary == SUMMARY


def test_the_window_does_not_begin_where_nobody_knows_what_is_stored() -> None:
    """While something may still happen, or two things may be stored, there is no rest."""
    broken = attrs.evolve(ADD, is_certain=False)
    read = event(60, 70, Said(call("get", A), attrs.evolve(group(), version=9)))
    assert window_of(broken, read).events[0] == broken
    joined = [event(20, 30, joins("k0", JOINED)), event(40, 50, joins("k1", later(1)))]
    rekeyed = [
        event(60, 70, Said(call("rekey_customers", mapping, at=NOON, by=who), 1), who)
        for mapping, who in (({"k0": "k5"}, "anna"), ({"k1": "k6"}, "bert"))
    ]
    wrong = event(80, 90, Said(summary_call(A), Page((SUMMARY,))))
    assert list(window_of(ADD, *joined, *rekeyed, wrong).events) == [*rekeyed, wrong]


def test_mere_looks_are_left_out() -> None:
    """A look that the rest does not need in order to make no sense is not shown."""
    looks = [event(21, 22, THERE), event(25, 26, FIND)]
    assert list(window_of(ADD, *LOST, *looks).events) == LOST
    stale = event(60, 70, FIND)
    window = window_of(ADD, LOST[0], looks[0], stale)
    assert list(window.events) == [stale]
    assert window.before.summary is not None
    assert window.before.summary.customers == 1


def test_the_table_says_who_was_told_what_and_when() -> None:
    """A failure is read without looking at any code."""
    found = event(60, 70, Said(summary_call(A), Page((WITH_ONE,))))
    members = event(80, 90, Said(call("members", A, limit=9), Page((Membership(A, "k1", NOON),))))
    window = window_of(ADD, *LOST, afterwards=(found, members))
    head, before, *table, afterwards = str(window).splitlines()
    assert head.startswith("Each line is one transaction")
    assert (
        before
        == "stored before: 'A' 'Group A' version 1, 0 customers, members_version 0, members []"
    )
    times = [row.split()[:3] for row in table]
    assert times == [["from", "to", "who"], ["0", "20", "anna"], ["10", "30", "bert"]]
    assert [row[16:] for row in table] == [
        "did                                           was told",
        "add_members('A', ['k0'], at=12:30:59.123457)  added=1, at 12:30:59.123457",
        "add_members('A', ['k1'], at=12:30:59.123457)  added=1, at 12:30:59.123457",
    ]
    assert afterwards == (
        "stored afterwards: 'A' 'Group A' version 1, 1 customers, members_version 1"
        " at 12:30:59.123457 by anna, members k1 since 12:30:59.123457 by None"
    )


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (Said(call("add", group()), None), "add('A' 'Group A' version 1)  done"),
        (FIND, "find(code='A')  'A' 'Group A' version 1, 0 customers, members_version 0"),
        (Said(call("find", GroupQuery(), limit=1), Page(())), "find()  nothing"),
        (NOT_THERE, "get('A')  GroupNotFoundError(code='A')"),
        (THERE, "get('A')  'A' 'Group A' version 1"),
        (joins("k0", OutcomeCounts(unknown=1)), "unknown=1, no change"),
        (Said(call("which_are_members", A, ["b", "a"]), frozenset("ba")), "['a', 'b']"),
        (
            Said(call("rekey_customers", {"a": None}, at=NOON), 3),
            "rekey_customers({'a': None}, at=",
        ),
        (Said(call("rekey_customers", {"a": None}, at=None), 3), "at=None)  3"),
    ],
)
def test_every_kind_of_answer_is_shown(said: Said, shown: str) -> None:
    """Calls and answers are short, and say what matters."""
    table = str(Window(NOTHING_STORED, [event(0, 1, said)]))
    assert shown in table
    assert "stored before: nothing" in table


def test_one_line_for_each_call_of_a_transaction() -> None:
    """The calls of one transaction stand under each other; its times are given once."""
    both = attrs.evolve(event(1, 2, THERE), said=(THERE, NOT_THERE), is_certain=False)
    first, second = str(Window(NOTHING_STORED, [both])).splitlines()[3:5]
    assert first.split() == [
        "0",
        "unknown",
        "anna",
        "get('A')",
        "'A'",
        "'Group",
        "A'",
        "version",
        "1",
    ]
    assert second.split() == ["get('A')", "GroupNotFoundError(code='A')"]

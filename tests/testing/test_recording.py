"""What was called on an adapter is shown as a program that repeats it."""

import functools
import itertools
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import attrs
import pytest

from customer_groups.adapters.memory import InMemoryGroupStore, InMemoryStorage
from customer_groups.customers import Customer, CustomerKey
from customer_groups.errors import DuplicateCodeError, GroupNotFoundError
from customer_groups.model import CustomerGroup, GroupStatus
from customer_groups.outcomes import Entry, OutcomeCounts
from customer_groups.paging import Page
from customer_groups.query import GroupQuery
from customer_groups.repository import GroupStore
from customer_groups.testing.comparison import Interrupted
from customer_groups.testing.contracts.values import NOON, A, group, lines
from customer_groups.testing.recording import IMPORTS, Recording
from customer_groups.testing.sources import source_of

SHORT = CustomerGroup(A, "Group A", datetime(2026, 1, 2, tzinfo=UTC))


class Memory:
    """The memory adapter, as the kit sees it."""

    make_storage = staticmethod(InMemoryStorage)
    open_store = staticmethod(InMemoryGroupStore)


def new_store(recording: Recording, *customers: Customer) -> GroupStore:
    """Open a store on a new storage, and record it."""
    opening = functools.partial(InMemoryGroupStore, InMemoryStorage(), "north", customers)
    return recording.open("north", customers, opening)


def test_the_program_does_the_same_again() -> None:
    """What is printed runs, and ends in the same error."""
    recording = Recording()
    store = new_store(recording, Customer("ONE", active=False), Customer(None, key="k"))
    with store.transaction() as work:
        work.groups.add(attrs.evolve(group(), attributes={"a": "b"}, status=GroupStatus.INACTIVE))
        work.groups.add_members(A, iter(lines("k")), at=NOON, by=None, by_key=True)
        work.groups.rekey_customers({CustomerKey("k"): None}, at=NOON, by="x")
        with suppress(DuplicateCodeError), work.groups.atomic():
            work.groups.add(group())
    with suppress(GroupNotFoundError), store.transaction() as work:
        work.groups.find(GroupQuery(name="x", customer="k"), limit=1)
        work.groups.remove(A)
        work.groups.get(A)
    with pytest.raises(GroupNotFoundError):
        exec(str(recording), {"adapter": Memory()})  # noqa: S102 - this is what is tested


def test_the_program_says_what_came_of_each_call() -> None:
    """Behind a call stands what it returned or raised; blocks are indented."""
    recording = Recording()
    store = new_store(recording)
    with store.transaction() as work:
        work.groups.add(SHORT)
        with suppress(DuplicateCodeError), work.groups.atomic():
            work.groups.add(SHORT)
        work.groups.next_number("x")
    added = "work1.groups.add(CustomerGroup(code='A', name='Group A', created_at="
    added += "datetime(2026, 1, 2, 0, 0, tzinfo=UTC)))"
    assert str(recording).splitlines() == [
        IMPORTS,
        "storage = adapter.make_storage()",
        "customers1 = ()",
        "store1 = adapter.open_store(storage, 'north', customers1)",
        "with store1.transaction() as work1:",
        f"    {added}",
        "    with suppress(DuplicateCodeError), work1.groups.atomic():",
        f"        {added}  # raises DuplicateCodeError: {DuplicateCodeError('A')}",
        "    work1.groups.next_number('x')  # returns 1",
    ]


def test_the_program_says_what_left_a_block() -> None:
    """An exception of the caller is part of the program; one of a call stands there already."""
    recording = Recording()
    store = new_store(recording)
    with suppress(Interrupted), store.transaction() as work, work.groups.atomic():
        raise Interrupted
    with suppress(AssertionError), store.transaction():
        raise AssertionError
    assert str(recording).splitlines()[4:] == [
        "with suppress(Interrupted), store1.transaction() as work1:",
        "    with work1.groups.atomic():",
        "        raise Interrupted",
        "with store1.transaction() as work1:",
    ]


def test_what_is_caught_is_caught_in_the_program() -> None:
    """So the program comes to its end, where the error is that matters."""
    recording = Recording()
    store = new_store(recording)
    with store.transaction() as work:
        for _ in range(2):
            with suppress(GroupNotFoundError):
                work.groups.get(A)
    lines = str(recording).splitlines()
    assert lines[-2].startswith("    with suppress(GroupNotFoundError): work1.groups.get('A')")
    assert lines[-1].startswith("    work1.groups.get('A')")


def test_an_error_that_nobody_caught_ends_the_program() -> None:
    """It leaves the blocks in the program, too."""
    recording = Recording()
    store = new_store(recording)
    with pytest.raises(GroupNotFoundError) as caught, store.transaction() as work:
        work.groups.get(A)
    recording.explain(caught.value)
    assert "suppress" not in caught.value.__notes__[0]


def test_a_store_that_cannot_be_opened_is_part_of_the_program() -> None:
    """The call stands there, though it returned nothing."""
    recording = Recording()
    with suppress(Interrupted):
        recording.open("north", (), interrupted)
    assert str(recording).endswith("store1 = adapter.open_store(storage, 'north', customers1)")


def interrupted() -> GroupStore:
    """Open nothing."""
    raise Interrupted


def test_an_operation_that_runs_is_a_block() -> None:
    """Each attempt of `run` is shown as a transaction."""
    recording = Recording()
    store = new_store(recording)
    assert store.run(lambda work: work.groups.next_number("x")) == 1
    assert str(recording).splitlines()[4:] == [
        "with store1.transaction() as work1:",
        "    work1.groups.next_number('x')  # returns 1",
    ]


def test_calls_aside_are_forgotten_unless_they_fail() -> None:
    """What only looks is shown where it is the end of the program."""
    recording = Recording()
    store = new_store(recording)
    with recording.aside():
        store.run(lambda work: work.groups.next_number("x"))
    assert "next_number" not in str(recording)
    with suppress(GroupNotFoundError), recording.aside():
        store.run(lambda work: work.groups.get(A))
    assert str(recording).splitlines()[-1].startswith("    work1.groups.get('A')  # raises ")


def test_a_long_program_is_cut_in_the_middle() -> None:
    """Its beginning and its end are shown."""
    recording = Recording()
    with new_store(recording).transaction() as work:
        for _ in range(1_000):
            work.groups.next_number("x")
    shown = str(recording).splitlines()
    assert len(shown) == 61
    assert shown[20] == "# ... 945 lines are left out ..."
    assert shown[-1].endswith("returns 1000")


def test_the_error_carries_the_program() -> None:
    """It is a note on the error, so it stands at the end of a traceback."""
    recording, error = Recording(), AssertionError()
    new_store(recording)
    recording.explain(error)
    [note] = error.__notes__
    assert note.splitlines() == [
        "This program shows it; `adapter` is an object of your test class:",
        "",
        f"    {IMPORTS}",
        "    storage = adapter.make_storage()",
        "    customers1 = ()",
        "    store1 = adapter.open_store(storage, 'north', customers1)",
    ]


def test_iterators_are_shown_by_what_was_taken_from_them() -> None:
    """A generator without end is passed on as it is."""

    def entries() -> Iterator[Entry]:
        yield from lines("ONE")
        raise Interrupted

    recording = Recording()
    with suppress(Interrupted), new_store(recording).transaction() as work:
        work.groups.add(SHORT)
        work.groups.add_members(A, entries(), at=NOON, by=None)
    assert "add_members('A', iter([(1, 'ONE')]), at=" in str(recording)
    assert str(recording).endswith("# raises Interrupted: ")


@pytest.mark.parametrize(
    ("value", "source"),
    [
        (Customer("A"), "Customer(code='A')"),
        (Customer(None, key="A"), "Customer(code=None, key='A')"),
        (GroupStatus.ACTIVE, "GroupStatus.ACTIVE"),
        ({"a": (1,), "b": ()}, "{'a': (1,), 'b': ()}"),
        ([1, "x", b"y", None], "[1, 'x', b'y', None]"),
        (OutcomeCounts(added=1), "OutcomeCounts(added=1)"),
        (Page((1, 2), "x"), "Page(items=(1, 2), next='x')"),
        (list(range(50)), "[0, 1, 2, ..., 47, 48, 49]"),
        (frozenset({1}), "frozenset([1])"),
        ("x" * 201, repr("x" * 200) + " + ..."),
        (len, "print"),
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1), "x")), None),
    ],
)
def test_values_are_shown_as_source(value: object, source: str | None) -> None:
    """What a reader knows already, such as defaults, is left out."""
    assert source_of(value) == (source or repr(value))


def test_long_lists_are_shown_whole_where_they_are_compared() -> None:
    """Else two answers that differ might look the same."""
    many = list(itertools.repeat(1, 50))
    assert source_of({"a": many}, whole=True) == repr({"a": many})

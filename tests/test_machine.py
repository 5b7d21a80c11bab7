"""The state machine finds broken adapters, and says what is wrong with them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from hypothesis import Phase, given, settings
from hypothesis.stateful import run_state_machine_as_test

from customer_groups.adapters.memory import (
    InMemoryGroupRepository,
    InMemoryGroupStore,
    InMemoryStorage,
)
from customer_groups.codes import GroupCode
from customer_groups.customers import Customer
from customer_groups.errors import InvalidNameError, InvalidValueError, StaleGroupError
from customer_groups.model import CustomerGroup
from customer_groups.outcomes import Outcome
from customer_groups.paging import Page
from customer_groups.query import GroupQuery, GroupSummary
from customer_groups.testing import GroupRepositoryMachine, directed
from customer_groups.testing.comparison import (
    Everything,
    Interrupted,
    ListChange,
    answer_of,
    call,
    demand_same,
)
from customer_groups.testing.driver import TENANTS, SideBySide
from customer_groups.testing.model import GroupModel

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
ALPHA = CustomerGroup(GroupCode("A"), "Alpha", NOON, "anna")
BETA = CustomerGroup(GroupCode("B"), "Beta", NOON, "anna")


class MemoryMachine(GroupRepositoryMachine):
    """Drives the memory adapter, as an adapter author would drive another one."""

    def make_storage(self) -> InMemoryStorage:
        """Return a new, empty storage."""
        return InMemoryStorage()

    def open_store(
        self, storage: InMemoryStorage, tenant: str, customers: Sequence[Customer]
    ) -> InMemoryGroupStore:
        """Open the groups of a tenant."""
        return InMemoryGroupStore(storage, tenant, customers)


def failure_of(machine: type[GroupRepositoryMachine]) -> str:
    """Return what the machine says about the first difference; fail if it finds none."""
    hard = settings(
        max_examples=200, derandomize=True, phases=[Phase.generate], report_multiple_bugs=False
    )
    with pytest.raises(AssertionError) as caught:
        run_state_machine_as_test(machine, settings=hard)
    return str(caught.value)


@contextmanager
def undoes_nothing(_groups: InMemoryGroupRepository) -> Iterator[None]:
    """Keep every change, whatever happens."""
    yield


@contextmanager
def keeps_the_exception(groups: InMemoryGroupRepository) -> Iterator[None]:
    """Undo what must be undone, but do not pass on why."""
    before = groups.contents
    try:
        yield
    except Interrupted:
        groups._contents = before  # noqa: SLF001  there is no other way to break it


def leaks_a_driver_error(_groups: InMemoryGroupRepository, _group: CustomerGroup) -> None:
    """Raise what a driver raises."""
    raise OSError("disk full")


def counts_groups(groups: InMemoryGroupRepository, _series: str) -> int:
    """Give a number that does not belong to the series."""
    return len(groups.contents.groups) + 1


def stays_open(_groups: InMemoryGroupRepository) -> None:
    """Go on after the end of the transaction."""


@pytest.mark.parametrize(
    ("method", "fault", "asked", "expected"),
    [
        ("atomic", undoes_nothing, "and members(...) of each", "the model returns"),
        ("atomic", keeps_the_exception, "exception that leaves", "the model raises Interrupted()"),
        ("add", leaks_a_driver_error, "add(", "the adapter raises OSError('disk full')"),
        ("next_number", counts_groups, "next_number(", "the model "),
        ("close", stays_open, "after its end", "the model raises TransactionClosedError()"),
    ],
)
def test_a_broken_adapter_is_found(
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    fault: Callable[..., object],
    asked: str,
    expected: str,
) -> None:
    """The failure names adapter, tenant and operation, and says what was expected."""
    monkeypatch.setattr(InMemoryGroupRepository, method, fault)

    said = failure_of(MemoryMachine)

    assert said.startswith(("MemoryMachine, tenant 'north'", "MemoryMachine, tenant 'North'"))
    assert asked in said
    assert expected in said


def test_tenants_that_meet_are_found() -> None:
    """A storage that folds the case of tenants mixes up the two of the machine."""

    class FoldsTenants(MemoryMachine):
        def open_store(
            self, storage: InMemoryStorage, tenant: str, customers: Sequence[Customer]
        ) -> InMemoryGroupStore:
            return InMemoryGroupStore(storage, tenant.lower(), customers)

    assert "FoldsTenants, tenant" in failure_of(FoldsTenants)


def test_a_machine_without_hooks_says_what_is_missing() -> None:
    """Whoever forgets to say how the adapter is made reads which method to write."""
    with pytest.raises(NotImplementedError, match="make_storage"):
        GroupRepositoryMachine()

    class OpensNothing(GroupRepositoryMachine):
        def make_storage(self) -> None:
            return None

    with pytest.raises(NotImplementedError, match="open_store"):
        OpensNothing().sides.open([])


def test_a_walk_of_another_tenant_waits() -> None:
    """Who pages through the list of one tenant goes on when that tenant has its turn."""
    machine = MemoryMachine()
    for tenant in TENANTS:
        machine.turn_to(tenant)
        machine.reopen([])
        machine.add(ALPHA)
        machine.add(BETA)
    listing = call("find", GroupQuery())
    walk = machine.sides.first_page(listing, 1)
    assert walk
    assert walk.tenant == TENANTS[1]

    machine.turn_to(TENANTS[0])
    assert machine.next_page(walk, 1) is walk
    machine.turn_to(TENANTS[1])
    assert machine.next_page(walk, 1) is not walk


def test_cursors_are_refused_where_they_do_not_belong() -> None:
    """The cursor of a list is tried on others, on none that is gone, and with the tenants."""
    machine = MemoryMachine()
    for tenant in TENANTS:
        machine.turn_to(tenant)
        machine.reopen([Customer("1"), Customer("2")])
        for group in (ALPHA, BETA):
            machine.add(group)
            entries = ((1, "1"), (2, "2"))
            machine.change_members(
                ListChange(method="add_members", code=group.code, entries=entries, at=NOON)
            )
    for listing in (call("find", GroupQuery()), call("members", ALPHA.code, added_at=None)):
        walk = machine.sides.first_page(listing, 1)
        assert walk
        machine.misuse_cursor(walk, 0)
        machine.misuse_cursor(walk, -1)
        machine.carry_cursor_over(walk)
        machine.turn_to(walk.tenant)
    assert walk
    machine.remove(ALPHA.code, None)
    machine.misuse_cursor(walk, 0)
    machine.carry_cursor_over(walk)
    machine.remove(ALPHA.code, None)
    machine.turn_to(TENANTS[1])
    machine.carry_cursor_over(walk)


@given(directed.new_groups(GroupModel()))
def test_groups_can_be_drawn_for_an_empty_storage(group: CustomerGroup) -> None:
    """Where nothing is stored yet there is nothing to aim at, and groups are drawn at random."""
    assert group.version >= 1


# How answers are compared


def test_a_number_must_be_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first number of a series is 1, where nothing was undone."""
    monkeypatch.setattr(InMemoryGroupRepository, "next_number", lambda *_: 2)
    sides = SideBySide({"memory": Memory()})
    sides.open([])
    with pytest.raises(AssertionError, match=r"next_number\('x'\)\n.*returns 1\n.*returns 2"):
        sides.agree_on_next_number("x")


def test_a_number_must_not_change_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is stored is compared after every call that might have changed it."""
    sides = SideBySide({"memory": Memory()})
    for sides.tenant in TENANTS:
        sides.open([])
    sides.agree_on_everything()

    def adds_a_group(groups: InMemoryGroupRepository, _series: str) -> int:
        groups.add(CustomerGroup("X", "x", datetime(2026, 1, 1, tzinfo=UTC)))
        return 1

    monkeypatch.setattr(InMemoryGroupRepository, "next_number", adds_a_group)
    sides.agree_on_next_number("x")
    with pytest.raises(AssertionError, match="members"):
        sides.agree_on_everything()


def test_errors_differ_by_their_fields() -> None:
    """An error of the right type with other fields is another answer."""
    expected, actual = StaleGroupError("A", 1, 2), StaleGroupError("A", 2, 1)
    demand_same(expected, StaleGroupError("A", 1, 2), "x", "op")

    with pytest.raises(AssertionError, match=r"expected=1, actual=2.*\n.*expected=2, actual=1"):
        demand_same(expected, actual, "x", "op")


def test_the_reason_of_an_invalid_value_is_free() -> None:
    """Of errors about invalid values only the type counts: the words are the adapter's."""
    expected = InvalidNameError("limit", 0, "is too small")
    demand_same(expected, InvalidNameError("page size", 0, "must be positive"), "x", "op")

    with pytest.raises(AssertionError):
        demand_same(expected, InvalidValueError("limit", 0, "is too small"), "x", "op")


def test_cursors_may_look_like_anything() -> None:
    """Of a cursor it only counts whether there is one."""
    demand_same(Page((1,), "b"), Page((1,), "other"), "x", "op")

    with pytest.raises(AssertionError, match="there is more"):
        demand_same(Page((1,), "b"), Page((1,)), "x", "op")


def test_the_error_of_the_adapter_is_the_cause() -> None:
    """The traceback shows where the adapter raised."""
    error = OSError("disk full")

    with pytest.raises(AssertionError) as caught:
        demand_same(None, error, "x", "op")

    assert caught.value.__cause__ is error


def test_long_answers_are_cut_to_their_difference() -> None:
    """A report of two long answers shows the place where they differ."""
    same = "=" * 5_000

    with pytest.raises(AssertionError) as caught:
        demand_same(f"{same}one", f"{same}two", "x", "op")

    said = str(caught.value)
    assert "one" in said
    assert "two" in said
    assert len(said) < 1_000


def test_an_answer_that_is_cut_short_is_seen() -> None:
    """Of a long answer and its beginning the report shows where the beginning ends."""
    with pytest.raises(AssertionError) as caught:
        demand_same([0] * 5_000, [0] * 4_000, "x", "op")

    assert len(str(caught.value)) < 3_500


def test_a_cursor_that_does_not_move_is_noticed() -> None:
    """Reading everything ends, whatever the adapter answers."""

    class Stuck(GroupModel):
        def find(self, *_arguments: object, **_options: object) -> Page[GroupSummary]:
            return Page((), "stuck")

    assert "does the cursor move" in str(answer_of(Everything(), Stuck()))


# How calls are made


def test_a_call_reads_as_it_is_written() -> None:
    """What is shown of a call can be pasted into a test."""
    assert repr(call("remove", "A", version=2)) == "remove('A', version=2)"


@pytest.mark.parametrize("broken", ["list", "listener"])
def test_a_broken_list_raises(broken: str) -> None:
    """The list raises at its end, the listener when it is told something."""
    model = GroupModel()
    model.add(ALPHA)
    change = ListChange(
        method="add_members", code=ALPHA.code, entries=((1, "?"),), at=NOON, broken=broken
    )

    assert isinstance(answer_of(change, model), Interrupted)
    assert model.find(GroupQuery(), limit=1).items[0].members_version == 0


@pytest.mark.parametrize("one_shot", [True, False])
def test_a_list_change_returns_what_was_told(*, one_shot: bool) -> None:
    """Counts and notices are compared together; a list may be a generator."""
    model = GroupModel()
    model.add(ALPHA)
    change = ListChange(
        method="add_members", code=ALPHA.code, entries=((1, "?"),), at=NOON, one_shot=one_shot
    )

    counts, told = change(model)

    assert counts.unknown == 1
    assert told == [(1, "?", Outcome.UNKNOWN)]


def test_nothing_is_told_without_a_listener() -> None:
    """A list may be changed without anybody listening."""
    model = GroupModel()
    model.add(ALPHA)
    change = ListChange(
        method="add_members", code=ALPHA.code, entries=((1, "?"),), at=NOON, heard=False
    )

    assert change(model)[1] == []


# How adapters are driven


class Memory:
    """The memory adapter, to be driven without a machine."""

    make_storage = staticmethod(InMemoryStorage)
    open_store = staticmethod(InMemoryGroupStore)


def side_by_side() -> SideBySide:
    """Return two memory adapters with their stores open."""
    sides = SideBySide({"one": Memory(), "other": Memory()})
    for tenant in TENANTS:
        sides.tenant = tenant
        sides.open([])
    return sides


def test_what_is_undone_is_gone_from_the_model() -> None:
    """Leaving a nested context by an exception takes the model back, too."""
    sides = side_by_side()
    sides.begin()
    sides.agree(call("add", ALPHA))
    sides.begin_atomic()
    sides.agree(call("add", BETA))
    assert sides.depth == 2

    sides.undo()
    sides.agree_on_everything()
    assert sides.model.groups == [ALPHA]
    sides.keep()
    sides.agree_on_everything()

    assert sides.model.groups == [ALPHA]


def test_what_is_open_can_be_abandoned() -> None:
    """After a failure everything that is open is rolled back."""
    sides = side_by_side()
    sides.begin()
    sides.begin_atomic()
    sides.abandon()

    assert sides.depth == 0
    sides.agree_on_everything()


def test_a_number_may_come_back_after_a_rollback() -> None:
    """Whether an adapter gives an undone number back is left to the adapter."""
    sides = side_by_side()
    sides.begin()
    sides.agree_on_next_number("s")
    sides.undo()

    assert sides.model.next_numbers("one: s") == range(1, 3)
    sides.agree_on_next_number("s")
    assert sides.model.next_numbers("one: s") == range(2, 3)

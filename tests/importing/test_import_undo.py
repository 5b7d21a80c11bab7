"""An import is undone: those whom it added go, and nobody else."""

from collections.abc import Iterator
from datetime import timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.customers import Customer
from customer_groups.errors import GroupNotFoundError, InvalidValueError, StaleGroupError
from customer_groups.importing import (
    ImportMode,
    UndoReport,
    import_customers,
    import_into,
    undo_import,
)
from customer_groups.repository import UnitOfWork
from customer_groups.service import (
    add_customers,
    create_group,
    deactivate_group,
    delete_group,
    remove_customers,
)
from group_lists import (
    GROUP,
    LOCAL,
    contested,
    keys,
    lists,
    members,
    memberships,
    some_members,
    store_with_group,
)
from stores import MOMENT, STORES, customer

LATER = MOMENT + timedelta(days=1)


@pytest.fixture(params=STORES)
def work(request: pytest.FixtureRequest) -> Iterator[UnitOfWork]:
    """Yield a unit of work with a group of two members."""
    opened = store_with_group(request.param, ["ONE", "k1"])
    with opened as store, store.transaction() as work:
        yield work


def test_an_undone_import_leaves_the_group_as_it_was(work: UnitOfWork) -> None:
    """Who was a member before is one afterwards, since the same time."""
    before = memberships(work)
    report = import_customers(work, GROUP, "ONE,TWO,APART,nobody", at=MOMENT)
    undone = undo_import(work, report, by="bob", at=LATER)
    assert undone == UndoReport(group=GROUP, removed=2, already_gone=0, not_restored=0, at=LATER)
    assert memberships(work) == before


def test_a_second_undo_finds_nothing(work: UnitOfWork) -> None:
    """All are gone already."""
    report = import_customers(work, GROUP, "TWO,APART")
    undo_import(work, report)
    again = undo_import(work, report)
    assert again == UndoReport(group=GROUP, removed=0, already_gone=2, not_restored=0, at=None)
    assert members(work) == {"ONE", "k1"}


def test_what_others_did_since_stays(work: UnitOfWork) -> None:
    """Who left is gone already; who came back was added by somebody else."""
    report = import_customers(work, GROUP, "TWO,APART,REUSED")
    remove_customers(work, GROUP, ["TWO", "APART"])
    add_customers(work, GROUP, ["TWO"])
    undone = undo_import(work, report)
    assert (undone.removed, undone.already_gone) == (1, 2)
    assert members(work) == {"ONE", "k1", "TWO"}


def test_a_customer_with_another_key_is_still_of_the_import(work: UnitOfWork) -> None:
    """The time of a membership goes with it; one who was merged into a member stays."""
    report = import_customers(work, GROUP, "TWO,APART,REUSED")
    (two, two_anew, apart, one, reused) = keys("TWO", "t2", "k6", "ONE", "k4")
    work.groups.rekey_customers({two: two_anew, apart: one, reused: None}, at=LATER, by=None)
    undone = undo_import(work, report)
    assert (undone.removed, undone.already_gone) == (1, 2)
    assert members(work) == {"ONE", "k1"}


@pytest.mark.parametrize(
    ("mode", "removed", "not_restored", "left"),
    [("replace", 1, 1, {"ONE"}), ("remove", 0, 1, {"k1"})],
)
def test_who_left_by_an_import_does_not_come_back(
    work: UnitOfWork, mode: str, removed: int, not_restored: int, left: set[str]
) -> None:
    """The report of the undoing says how many."""
    undone = undo_import(work, import_customers(work, GROUP, "ONE,TWO", mode=mode))
    assert (undone.removed, undone.already_gone, undone.not_restored) == (removed, 0, not_restored)
    assert members(work) == left


def test_an_import_that_added_nobody_removes_nobody(work: UnitOfWork) -> None:
    """It has no time, and that is not everybody's."""
    report = import_customers(work, GROUP, "ONE,nobody")
    assert report.counts.at is None
    undone = undo_import(work, report)
    assert undone == UndoReport(group=GROUP, removed=0, already_gone=0, not_restored=0, at=None)
    assert members(work) == {"ONE", "k1"}


def test_a_group_that_was_switched_off_since_is_edited(work: UnitOfWork) -> None:
    """An inactive group keeps its members, or loses them, as any other."""
    report = import_customers(work, GROUP, "TWO")
    deactivate_group(work, GROUP)
    assert undo_import(work, report).removed == 1


def test_a_dry_run_is_not_undone(work: UnitOfWork) -> None:
    """Its time may be that of somebody else's change."""
    tried = import_customers(work, GROUP, "TWO", dry_run=True, at=LATER)
    assert import_customers(work, GROUP, "TWO", at=LATER).counts == tried.counts
    with pytest.raises(InvalidValueError, match="is of a dry run"):
        undo_import(work, tried)
    assert members(work) == {"ONE", "TWO", "k1"}


def test_another_group_with_the_code_is_left_alone(work: UnitOfWork) -> None:
    """Though its members joined at the very same time."""
    report = import_customers(work, GROUP, "TWO", at=LATER)
    delete_group(work, GROUP)
    with pytest.raises(GroupNotFoundError):
        undo_import(work, report)
    create_group(work, "Others", code=GROUP, customers=["APART"], at=LATER)
    with pytest.raises(InvalidValueError, match="another one has its code now"):
        undo_import(work, report)
    assert members(work) == {"k6"}


def test_who_comes_back_at_the_last_moment_stays(work: UnitOfWork) -> None:
    """Between the look at the members and the lock on them, somebody else may be quicker."""
    report = import_customers(work, GROUP, "TWO")
    before = memberships(work)

    def come_back(work: UnitOfWork) -> None:
        remove_customers(work, GROUP, ["TWO"])
        add_customers(work, GROUP, ["TWO"])

    with pytest.raises(StaleGroupError):
        undo_import(contested(work, come_back), report)
    assert memberships(work) == before


@pytest.mark.parametrize("adapter", STORES)
def test_a_key_is_not_taken_for_the_code_of_another(adapter: str) -> None:
    """Whom an import added is known by key, however confusing the codes are."""
    crossed = [customer("a", "b"), customer("b", "a")]
    with store_with_group(adapter, ["b"], crossed) as store, store.transaction() as work:
        report = import_customers(work, GROUP, "b")
        assert members(work) == {"a", "b"}
        undo_import(work, report)
        assert members(work) == {"b"}


@pytest.mark.parametrize("adapter", STORES)
def test_a_long_import_is_undone(adapter: str) -> None:
    """Its members are found page by page, and removed all at once."""
    customers = [Customer(f"C{number:04}") for number in range(2_500)]
    with store_with_group(adapter, ["C0007"], customers) as store:
        report = import_into(store, GROUP, [customer.key for customer in customers])
        assert store.run(lambda work: undo_import(work, report)).removed == 2_499
        with store.transaction() as work:
            assert members(work) == {"C0007"}


@given(st.sampled_from(LOCAL), st.sampled_from(ImportMode), some_members, lists)
def test_undoing_takes_back_what_was_added(
    adapter: str, mode: ImportMode, before: set[str], values: list[str]
) -> None:
    """The memberships that were there before the import, and after it, are those left."""
    with store_with_group(adapter, before) as store, store.transaction() as work:
        there = memberships(work)
        # With a customer who can be a member, no list is refused.
        report = import_customers(work, GROUP, [*values, "ONE"], mode=mode)
        stayed = [membership for membership in there if membership in memberships(work)]
        undone = undo_import(work, report)
        assert memberships(work) == stayed
        assert (undone.removed, undone.already_gone) == (report.counts.added, 0)
        assert undone.not_restored == len(there) - len(stayed)


@given(
    st.sampled_from(LOCAL),
    some_members,
    lists,
    st.lists(st.tuples(st.booleans(), some_members), max_size=4),
)
def test_undoing_leaves_what_others_added(
    adapter: str, before: set[str], values: list[str], changes: list[tuple[bool, set[str]]]
) -> None:
    """Whatever others add and remove between an import and its undoing."""
    with store_with_group(adapter, before) as store, store.transaction() as work:
        report = import_customers(work, GROUP, values, at=LATER)
        of_the_import = members(work) - before
        for is_added, chosen in changes:
            if is_added:
                add_customers(work, GROUP, sorted(chosen), by_key=True, at=LATER)
            else:
                remove_customers(work, GROUP, sorted(chosen), by_key=True, at=LATER)
                of_the_import -= chosen
        expected = members(work) - of_the_import
        undone = undo_import(work, report)
        assert members(work) == expected
        assert undone.removed == len(of_the_import)
        assert undone.already_gone == report.counts.added - len(of_the_import)
        assert attrs.evolve(undone, at=None, removed=0, already_gone=0) == UndoReport(
            group=GROUP, removed=0, already_gone=0, not_restored=0, at=None
        )

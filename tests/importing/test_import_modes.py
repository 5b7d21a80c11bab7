"""A list adds customers to a group, removes them, or replaces the members."""

import io
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.adapters.memory import InMemoryGroupStore, InMemoryStorage
from customer_groups.customers import Customer
from customer_groups.errors import (
    InvalidValueError,
    RetryableConflictError,
    StaleGroupError,
)
from customer_groups.files.limits import Limits
from customer_groups.importing import ImportMode, import_customers, import_into
from customer_groups.outcomes import (
    Outcome,
    OutcomeCounts,
    classify_additions,
    classify_removals,
    customers_with,
    look_up,
    well_formed,
)
from customer_groups.repository import UnitOfWork
from customer_groups.service import add_customers, create_group, remove_customers
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
    values_counted,
)
from stores import CUSTOMERS, MOMENT, STORES

T = TypeVar("T")

MANY = [Customer(f"C{number:04}") for number in range(2_500)]


@pytest.fixture(params=STORES)
def work(request: pytest.FixtureRequest) -> Iterator[UnitOfWork]:
    """Yield a unit of work with a group of three members."""
    opened = store_with_group(request.param, ["ONE", "TWO", "k1"])
    with opened as store, store.transaction() as work:
        yield work


def test_a_list_to_remove(work: UnitOfWork) -> None:
    """Each value has an outcome, and only what cannot be a member's is a reject."""
    report = import_customers(
        work, GROUP, "ONE,k6,APART,nobody,TWIN,\x07,ONE,k1", mode="remove", by="anna"
    )
    assert report.mode is ImportMode.REMOVE
    assert attrs.evolve(report.counts, at=None) == OutcomeCounts(
        malformed=1, duplicate=1, unknown=2, ambiguous=1, not_a_member=1, removed=2
    )
    assert [(reject.value, reject.outcome) for reject in report.rejects] == [
        ("\x07", Outcome.MALFORMED),
        ("k6", Outcome.UNKNOWN),
        ("nobody", Outcome.UNKNOWN),
        ("TWIN", Outcome.AMBIGUOUS),
    ]
    assert members(work) == {"TWO"}
    assert (report.leaving, report.leaving_omitted) == ((), 0)


def test_rejects_of_a_list_to_remove_are_written(work: UnitOfWork) -> None:
    """In the same table as those of a list to add."""
    file = io.StringIO(newline="")
    import_customers(work, GROUP, "ONE,nobody", mode="remove", rejects=file)
    assert file.getvalue().splitlines()[1:] == ["nobody,1,unknown,unknown,no customer has it"]


def test_a_list_that_is_the_membership(work: UnitOfWork) -> None:
    """Who is not in it leaves, and the report says who; who stays, stays as he was."""
    before = memberships(work)
    report = import_customers(work, GROUP, "TWO,APART,nobody", mode=ImportMode.REPLACE)
    assert attrs.evolve(report.counts, at=None) == OutcomeCounts(
        unknown=1, already_member=1, added=1, removed=2
    )
    assert (report.leaving, report.leaving_omitted) == (keys("ONE", "k1"), 0)
    assert members(work) == {"TWO", "k6"}
    assert before[1] in memberships(work)


def test_a_dry_run_says_who_would_leave(work: UnitOfWork) -> None:
    """Its report is the report, and all are still there."""
    before = memberships(work)
    tried = import_customers(work, GROUP, "TWO", mode="replace", dry_run=True, at=MOMENT)
    assert memberships(work) == before
    done = import_customers(work, GROUP, "TWO", mode="replace", at=MOMENT)
    assert tried == attrs.evolve(done, dry_run=True)
    assert tried.leaving == keys("ONE", "k1")


def test_only_so_many_of_those_who_leave_are_told(work: UnitOfWork) -> None:
    """The others are counted."""
    limits = Limits(reported_rejects=1)
    report = import_customers(work, GROUP, "TWO", mode="replace", limits=limits)
    assert (report.leaving, report.leaving_omitted) == (keys("ONE"), 1)


@pytest.mark.parametrize("adapter", STORES)
def test_many_leave(adapter: str) -> None:
    """Members are read in pages, and those who left are found in batches."""
    all_keys = [customer.key for customer in MANY]
    limits = Limits(reported_rejects=10_000)
    with store_with_group(adapter, all_keys, MANY) as store:
        report = import_into(store, GROUP, all_keys[1_200:1_400], mode="replace", limits=limits)
    assert report.leaving == (*all_keys[:1_200], *all_keys[1_400:])
    assert report.counts.removed == 2_300


@pytest.mark.parametrize("source", ["", "nobody,TWIN\n\x07", "SLEEPING"])
def test_a_list_that_would_leave_nobody_is_refused(work: UnitOfWork, source: str) -> None:
    """Whoever uploads the wrong sheet does not empty a group, in a dry run neither."""
    before = memberships(work)
    for is_dry in (True, False):
        with pytest.raises(InvalidValueError, match="would leave nobody of 3 members"):
            import_customers(work, GROUP, source, mode="replace", dry_run=is_dry)
    assert memberships(work) == before


@pytest.mark.parametrize("format", ["delimited", "jsonl"])
@pytest.mark.parametrize("column", ["code", "Line"])
def test_rejects_are_not_the_membership(work: UnitOfWork, format: str, column: str) -> None:
    """All but the corrected ones would leave; to be added they are welcome."""
    before = memberships(work)
    row = f'{{"{column}": "nobody"}}\n' if format == "jsonl" else f"\n{column};x\nnobody;\n"
    rejects = io.StringIO()
    import_customers(work, GROUP, row, format=format, column=column, rejects=rejects)
    corrected = rejects.getvalue().replace("nobody", "APART", 1)
    for is_dry in (True, False):
        with pytest.raises(InvalidValueError, match=r'these are rejects.*with mode "add"'):
            import_customers(
                work,
                GROUP,
                corrected,
                format=format,
                column=column,
                mode="replace",
                dry_run=is_dry,
            )
    assert memberships(work) == before
    done = import_customers(work, GROUP, corrected, format=format, column=column)
    assert (done.counts.added, len(members(work))) == (1, 4)


def test_a_list_with_some_of_the_notes_is_a_list(work: UnitOfWork) -> None:
    """Rejects have all four columns, in their first row that is not blank."""
    text = "code,line,reason,message\nTWO,line,reason,message\nAPART,,,\n"
    report = import_customers(work, GROUP, text, format="delimited", mode="replace")
    assert (report.counts.added, report.counts.already_member) == (1, 1)
    values = ["line", "outcome", "reason", "message", "TWO"]
    assert import_customers(work, GROUP, values, mode="replace").counts.unknown == 4


def test_a_list_for_an_empty_group_may_be_wrong(work: UnitOfWork) -> None:
    """Nobody leaves, so the report says what is wrong."""
    remove_customers(work, GROUP, ["ONE", "TWO", "k1"], by_key=True)
    report = import_customers(work, GROUP, "nobody", mode="replace")
    assert (report.counts.unknown, report.leaving, report.counts.at) == (1, (), None)


def test_an_unknown_mode_is_refused(work: UnitOfWork) -> None:
    """The error says which ones there are."""
    with pytest.raises(InvalidValueError, match="is none of: add, remove, replace"):
        import_customers(work, GROUP, "ONE", mode="append")


def test_who_leaves_is_told_of_the_members_who_were_replaced(work: UnitOfWork) -> None:
    """If somebody else changed them since they were read, nothing happens."""
    before = memberships(work)
    rushed = contested(work, lambda work: add_customers(work, GROUP, ["APART"]))
    with pytest.raises(StaleGroupError) as caught:
        import_customers(rushed, GROUP, "TWO", mode="replace")
    assert (caught.value.expected, caught.value.actual) == (1, 2)
    assert memberships(work) == before


class RushedStore(InMemoryGroupStore):
    """A store in which somebody else is quicker than the first attempt."""

    def run(self, operation: Callable[[Any], T]) -> T:
        """Let the first attempt be in the way of another change."""

        def rushed(work: UnitOfWork) -> object:
            return operation(contested(work, lambda work: add_customers(work, GROUP, ["APART"])))

        with pytest.raises(RetryableConflictError, match="'A' was changed meanwhile"):
            super().run(rushed)
        return super().run(operation)


def test_an_import_of_its_own_is_tried_again() -> None:
    """Where members are changed while they are replaced, the list is read once more."""
    store = RushedStore(InMemoryStorage(), "t", CUSTOMERS)
    with store.transaction() as work:
        create_group(work, "All", code=GROUP, customers=["ONE"])
    report = import_into(store, GROUP, iter(["TWO"]), mode="replace")
    assert (report.counts.added, report.leaving) == (1, keys("ONE"))


@given(st.sampled_from(LOCAL), st.sampled_from(ImportMode), some_members, lists, st.booleans())
def test_members_are_what_the_mode_says(
    adapter: str,
    mode: ImportMode,
    before: set[str],
    values: list[str],
    by_key: bool,  # noqa: FBT001 - drawn
) -> None:
    """The outcomes add up, and who leaves is who is not there any longer."""
    with store_with_group(adapter, before) as store, store.transaction() as work:
        expected = expected_members(work, mode, before, values, by_key=by_key)
        try:
            report = import_customers(work, GROUP, values, mode=mode, by_key=by_key)
        except InvalidValueError:
            assert before
            assert not expected
            assert members(work) == before
            return
        assert members(work) == expected
        assert report.values == values_counted(report) == len(values)
        assert report.counts.rejected == len(report.rejects)
        if mode is ImportMode.REPLACE:
            assert report.leaving == tuple(sorted(before - expected))


def expected_members(
    work: UnitOfWork, mode: ImportMode, before: set[str], values: list[str], *, by_key: bool
) -> set[str]:
    """Return who is a member after the list, by the rules of outcomes."""
    entries = list(well_formed(enumerate(values), lambda *_: None, by_key=by_key))
    candidates = look_up(work.customers, [value for _, value in entries], by_key=by_key)
    known = set(keys(*before))
    if mode is ImportMode.REMOVE:
        removals = classify_removals(entries, candidates, known)
        return before - customers_with(removals, Outcome.REMOVED)
    additions = list(classify_additions(entries, candidates, known))
    added = customers_with(additions, Outcome.ADDED)
    if mode is ImportMode.ADD:
        return before | added
    return added | customers_with(additions, Outcome.ALREADY_MEMBER)

"""An import is planned, kept, and applied while the members are those that it was planned for."""

import functools
import io
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.adapters.sql import load_customers
from customer_groups.converters import make_converter
from customer_groups.errors import GroupNotFoundError, InvalidValueError, StaleGroupError
from customer_groups.files.limits import Limits
from customer_groups.importing import (
    ImportMode,
    ImportPlan,
    ImportReport,
    apply_plan,
    import_customers,
    import_into,
    plan_import,
)
from customer_groups.outcomes import OutcomeCounts
from customer_groups.repository import GroupStore, UnitOfWork
from customer_groups.service import add_customers, create_group, delete_group, rename_group
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
from stores import MOMENT, SQL_STORES, STORES, customer, sql_store

T = TypeVar("T", ImportPlan, ImportReport)

LATER = MOMENT + timedelta(days=1)


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest) -> Iterator[GroupStore]:
    """Yield a store with a group of one member."""
    with store_with_group(request.param, ["ONE"]) as store:
        yield store


@pytest.fixture
def work(store: GroupStore) -> Iterator[UnitOfWork]:
    """Yield an open unit of work."""
    with store.transaction() as work:
        yield work


def kept(value: T) -> T:
    """Return a plan or a report as it comes back from where a host keeps it."""
    converter = make_converter()
    return converter.structure(json.loads(json.dumps(converter.unstructure(value))), type(value))


def test_a_plan_holds_the_list_and_what_would_become_of_it(work: UnitOfWork) -> None:
    """Nothing has changed yet."""
    before = memberships(work)
    plan = plan_import(work, " a ", "ONE, TWO\n\n\x07;nobody", mode="replace")
    assert (plan.group, plan.by_key, plan.members_version) == (GROUP, False, 1)
    assert plan.entries == ((1, "ONE"), (1, "TWO"), (3, "nobody"))
    assert plan.report.dry_run
    assert [reject.value for reject in plan.report.rejects] == ["\x07", "nobody"]
    assert memberships(work) == before
    assert plan_import(work, GROUP, "TWO", mode="replace").report.leaving == keys("ONE")


def test_a_plan_is_applied_another_day(store: GroupStore) -> None:
    """By another process and another user; the report is that of the import."""
    with store.transaction() as work:
        record = kept(plan_import(work, GROUP, "TWO\nk1\n\x07", by_key=True, mode="replace"))
    with store.transaction() as work:
        report = apply_plan(work, record, by="bob", at=LATER)
        (first, second) = memberships(work)
    assert report.leaving == keys("ONE")
    assert attrs.evolve(report, dry_run=True, counts=OutcomeCounts()) == attrs.evolve(
        record.report, counts=OutcomeCounts()
    )
    assert report.counts == attrs.evolve(record.report.counts, at=LATER)
    assert (first.customer, second.customer) == ("TWO", "k1")
    assert (first.added_at, first.added_by) == (LATER, "bob")


def test_rejects_of_a_plan_are_written(work: UnitOfWork) -> None:
    """Whoever decides about it sees all of them."""
    file = io.StringIO(newline="")
    plan_import(work, GROUP, "nobody\n\x07", rejects=file, limits=Limits(reported_rejects=1))
    assert len(file.getvalue().splitlines()) == 3


def test_a_report_of_a_plan_has_as_many_rejects_as_was_asked_for(work: UnitOfWork) -> None:
    """Also when it is applied; the others are counted."""
    limits = Limits(reported_rejects=2)
    plan = plan_import(work, GROUP, "nobody,\x07,\x08,\x0e,someone", limits=limits)
    report = apply_plan(work, plan)
    assert report.rejects == plan.report.rejects
    assert [reject.value for reject in report.rejects] == ["\x07", "\x08"]
    assert (report.counts.malformed, report.rejects_omitted) == (3, 3)


def test_a_plan_is_applied_once(work: UnitOfWork) -> None:
    """It changes the members, so the second time it is for others."""
    plan = plan_import(work, GROUP, "TWO")
    apply_plan(work, plan)
    with pytest.raises(StaleGroupError) as caught:
        apply_plan(work, plan)
    assert attrs.astuple(caught.value) == (GROUP, 1, 2)


def test_a_plan_that_changes_nothing_may_be_applied_again(work: UnitOfWork) -> None:
    """The members are still those that it was made for."""
    plan = plan_import(work, GROUP, "ONE,nobody")
    assert apply_plan(work, plan).counts == apply_plan(work, plan).counts


def test_the_group_itself_may_change(work: UnitOfWork) -> None:
    """Its name is no business of a list."""
    plan = plan_import(work, GROUP, "TWO")
    rename_group(work, GROUP, "Everybody")
    assert apply_plan(work, plan).counts.added == 1


def test_a_plan_for_other_members_is_refused(work: UnitOfWork) -> None:
    """Nothing has changed."""
    plan = plan_import(work, GROUP, "TWO", mode="replace")
    add_customers(work, GROUP, ["APART"])
    before = memberships(work)
    with pytest.raises(StaleGroupError):
        apply_plan(work, plan)
    assert memberships(work) == before


@pytest.mark.parametrize("mode", ImportMode)
def test_a_plan_is_refused_though_the_change_came_last(work: UnitOfWork, mode: ImportMode) -> None:
    """Between the look at the group and the lock on it, somebody else may be quicker."""
    plan = plan_import(work, GROUP, "ONE,TWO", mode=mode)
    before = memberships(work)
    with pytest.raises(StaleGroupError):
        apply_plan(contested(work, lambda work: add_customers(work, GROUP, ["APART"])), plan)
    assert memberships(work) == before


def test_a_plan_is_for_one_group(work: UnitOfWork) -> None:
    """Not for the next one with its code, though that has as many changes behind it."""
    plan = plan_import(work, GROUP, "TWO")
    delete_group(work, GROUP)
    with pytest.raises(GroupNotFoundError):
        apply_plan(work, plan)
    create_group(work, "Others", code=GROUP, customers=["APART"], at=LATER)
    with pytest.raises(StaleGroupError):
        apply_plan(work, plan)
    assert members(work) == {"k6"}


def test_a_plan_that_would_leave_nobody_is_refused(work: UnitOfWork) -> None:
    """It is not even made."""
    with pytest.raises(InvalidValueError, match="would leave nobody"):
        plan_import(work, GROUP, "nobody", mode="replace")


@pytest.mark.parametrize("engine", SQL_STORES)
def test_a_customer_who_was_made_inactive_since_is_an_outcome(engine: str) -> None:
    """The customers are those of the moment when the plan is applied."""
    with SQL_STORES[engine]() as store:
        with store.transaction() as work:
            create_group(work, "All", code=GROUP)
            plan = plan_import(work, GROUP, "ONE\nTWO\nnobody")
        load_customers(store, [customer("TWO", "TWO", active=False), customer("nobody", "nobody")])
        with store.transaction() as work:
            report = apply_plan(work, plan)
            assert members(work) == {"ONE", "nobody"}
    assert [(reject.line, reject.reason) for reject in report.rejects] == [(2, "inactive")]


@pytest.mark.parametrize("engine", SQL_STORES)
def test_who_leaves_is_found_anew(engine: str) -> None:
    """A member whom the list named by a code that is no longer hers leaves, and is told."""
    with SQL_STORES[engine]() as store:
        with store.transaction() as work:
            create_group(work, "All", code=GROUP, customers=["ONE", "TWO"])
            plan = plan_import(work, GROUP, "ONE\nTWO", mode="replace")
        load_customers(store, [customer("TWO", "RENAMED")])
        with store.transaction() as work:
            report = apply_plan(work, plan)
    assert (plan.report.leaving, report.leaving) == ((), keys("TWO"))


@given(st.sampled_from(LOCAL), st.sampled_from(ImportMode), some_members, lists, st.booleans())
def test_a_plan_applied_is_the_import(
    adapter: str,
    mode: ImportMode,
    before: set[str],
    values: list[str],
    by_key: bool,  # noqa: FBT001 - drawn
) -> None:
    """The same members, and the same report, though the plan was kept as JSON meanwhile."""
    reports: list[ImportReport | None] = []
    after: list[set[str]] = []
    for is_planned in (False, True):
        with store_with_group(adapter, before) as store, store.transaction() as work:
            try:
                if is_planned:
                    plan = kept(plan_import(work, GROUP, values, mode=mode, by_key=by_key))
                    report = apply_plan(work, plan, at=LATER)
                else:
                    report = import_customers(
                        work, GROUP, values, mode=mode, by_key=by_key, at=LATER
                    )
                assert values_counted(report) == len(values)
                reports.append(report)
            except InvalidValueError:
                reports.append(None)
            after.append(members(work))
    assert reports[0] == reports[1]
    assert after[0] == after[1]


@given(st.sampled_from(ImportMode), some_members, lists)
def test_plans_and_reports_come_back_equal(
    mode: ImportMode, before: set[str], values: list[str]
) -> None:
    """From where a host keeps them, as JSON."""
    text = "x,code\n" + "".join(f'y,"{value}"\n' for value in [*values, "ONE"])
    with store_with_group("memory", before) as store, store.transaction() as work:
        plans = [
            plan_import(work, GROUP, text, mode=mode, format="delimited"),
            plan_import(work, GROUP, text, mode=mode, format="delimited", column=2),
            plan_import(work, GROUP, [*values, "ONE"], mode=mode),
        ]
        report = apply_plan(work, plans[-1])
    assert list(map(kept, plans)) == plans
    assert kept(report) == report


@pytest.mark.parametrize("engine", SQL_STORES)
def test_a_plan_and_an_import_at_once(engine: str, tmp_path: Path) -> None:
    """Either the plan comes first and both are done, or it is refused."""
    for attempt in range(5):
        opened = SQL_STORES[engine]
        if engine == "sqlite":
            opened = functools.partial(sql_store, file=tmp_path / f"{attempt}.sqlite")
        with opened() as store:
            with store.transaction() as work:
                create_group(work, "All", code=GROUP, customers=["ONE"])
                plan = plan_import(work, GROUP, "TWO", mode="replace")
            assert both_at_once(store, plan) in (
                (True, {"TWO", "k6"}),
                (False, {"ONE", "k6"}),
            )


def both_at_once(store: GroupStore, plan: ImportPlan) -> tuple[bool, set[str]]:
    """Apply a plan while another thread imports, and return whether it was, and the members."""
    barrier = threading.Barrier(2)

    def apply() -> bool:
        barrier.wait()
        try:
            store.run(lambda work: apply_plan(work, plan))
        except StaleGroupError:
            return False
        return True

    def add() -> None:
        barrier.wait()
        import_into(store, GROUP, "APART")

    with ThreadPoolExecutor(2) as pool:
        applied, added = pool.submit(apply), pool.submit(add)
        added.result()
        is_applied = applied.result()
    with store.transaction() as work:
        return is_applied, members(work)

"""Processes that write through all nodes of a cluster at once."""

import contextlib
import functools
import random
import time
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.managers import SyncManager
from threading import Barrier
from typing import TypeVar

import pytest
import sqlalchemy as sa

from customer_groups.errors import (
    DuplicateNameError,
    GroupNotFoundError,
    RetryableConflictError,
    StaleGroupError,
)
from customer_groups.importing import import_into
from customer_groups.outcomes import OutcomeCounts
from customer_groups.repository import GroupStore, UnitOfWork
from customer_groups.service import add_customers, create_group, delete_group, rename_group
from nodes import FORK, GROUP, contents, new_database, open_on, run_together
from servers.galera import NODES

pytestmark = pytest.mark.galera

R = TypeVar("R")

WRITERS = 8
SECONDS_TO_MEET = 60


@pytest.fixture
def manager() -> Iterator[SyncManager]:
    """Yield what makes barriers that processes share."""
    with FORK.Manager() as started:
        yield started


def create_groups(task: tuple[str, int]) -> dict[str, str]:
    """Create groups, some of them under names that others want too; return codes by names."""
    database, worker = task
    names = [f"Group {worker if number % 3 else 'for all'}-{number}" for number in range(15)]
    made = {}
    with open_on(worker % len(NODES), database) as store:
        for name in names:
            with contextlib.suppress(DuplicateNameError):
                group = run_patiently(store, functools.partial(create_group, name=name))
                made[group.name] = str(group.code)
    return made


def run_patiently(store: GroupStore, operation: Callable[[UnitOfWork], R]) -> R:
    """Run an operation until it succeeds: a store gives up at some time where many write."""
    while True:
        with contextlib.suppress(RetryableConflictError):
            return store.run(operation)


def test_writers_on_all_nodes_create_groups() -> None:
    """Of the same names and one series, none is given twice, lost or left out."""
    database = new_database()
    made = run_together(create_groups, [(database, worker) for worker in range(WRITERS)])
    promised = {name: code for groups in made for name, code in groups.items()}
    assert len(promised) == sum(map(len, made)) == 5 + WRITERS * 10
    stored = {row.name: row.code for row in contents(database).groups if row.code != GROUP}
    assert stored == promised
    assert sorted(stored.values()) == [f"CG-{number:06}" for number in range(1, len(stored) + 1)]


def import_list(task: tuple[str, int, Sequence[str], Barrier]) -> OutcomeCounts:
    """Import a list into the group through a node; the first time, all lock it at once."""
    database, node, codes, barrier = task
    meet = functools.cache(barrier.wait)

    def wait_after_locking(
        _connection: object, _cursor: object, statement: str, *_: object
    ) -> None:
        if statement.startswith("UPDATE cg_group SET fence"):
            meet()

    with open_on(node, database) as store:
        sa.event.listen(store.engine, "after_cursor_execute", wait_after_locking)
        return import_into(store, GROUP, codes).counts


def test_imports_that_overlap(manager: SyncManager) -> None:
    """Lists in opposite order, each through a node, add every customer once and count exactly."""
    codes = [f"C{number:05}" for number in range(4_000)]
    database = new_database(codes)
    lists = [codes[:3_000], codes[:999:-1], codes[::7]]
    barrier = manager.Barrier(len(lists), timeout=SECONDS_TO_MEET)
    tasks = [(database, node, listed, barrier) for node, listed in enumerate(lists)]
    counts = run_together(import_list, tasks)
    assert sum(each.added for each in counts) == len(codes)
    assert [each.added + each.already_member for each in counts] == list(map(len, lists))
    held = contents(database)
    assert [row.customer_key for row in held.memberships] == codes
    assert [row.customers for row in held.groups] == [len(codes)]


RENAMES = 30


def rename(task: tuple[str, int, Barrier]) -> list[bool]:
    """Rename the group again and again, always from the version that both saw last.

    Returns:
        For each time, whether it was renamed; else somebody else had renamed it.
    """
    database, node, barrier = task
    won = []
    with open_on(node, database) as store:
        for version in range(1, RENAMES + 1):
            change = functools.partial(
                rename_group, code=GROUP, name=f"Name {version} of node {node}", version=version
            )
            barrier.wait()
            try:
                store.run(change)
                won.append(True)
            except StaleGroupError:
                won.append(False)
    return won


def test_renames_of_one_version(manager: SyncManager) -> None:
    """Of two who change what both saw, on two nodes, one wins and the other is told."""
    database = new_database()
    barrier = manager.Barrier(2, timeout=SECONDS_TO_MEET)
    won = run_together(rename, [(database, node, barrier) for node in (0, 1)])
    assert [first + second for first, second in zip(*won, strict=True)] == [1] * RENAMES
    (group,) = contents(database).groups
    assert group.version == RENAMES + 1
    assert group.name == f"Name {RENAMES} of node {0 if won[0][-1] else 1}"


DELETIONS = 100
LONGEST_LEAD = 0.02  # seconds


def delete_groups(database: str, barrier: Barrier) -> int:
    """Delete one group after the other, and return how many of them there were."""
    with open_on(0, database) as store:
        for number in range(DELETIONS):
            barrier.wait()
            time.sleep(random.uniform(0, LONGEST_LEAD))
            store.run(functools.partial(delete_group, code=f"G{number}"))
    return DELETIONS


def add_to_groups(database: str, barrier: Barrier) -> int:
    """Add customers to one group after the other, and return how many were still there."""
    found = 0
    with open_on(1, database) as store:
        for number in range(DELETIONS):
            add = functools.partial(add_customers, code=f"G{number}", customers=["C1", "C2"])
            barrier.wait()
            with contextlib.suppress(GroupNotFoundError):
                store.run(add)
                found += 1
    return found


def call(task: functools.partial[int]) -> int:
    """Do what a task is."""
    return task()


def test_deletions_and_additions(manager: SyncManager) -> None:
    """No membership is left of a group that is deleted on the one node and filled on another."""
    database = new_database(["C1", "C2"])
    with open_on(0, database) as store:
        for number in range(DELETIONS):
            store.run(functools.partial(create_group, name=f"{number}", code=f"G{number}"))
    contents(database)
    barrier = manager.Barrier(2, timeout=SECONDS_TO_MEET)
    tasks = (delete_groups, add_to_groups)
    _, found = run_together(call, [functools.partial(task, database, barrier) for task in tasks])
    assert 0 < found < DELETIONS
    held = contents(database)
    assert [row.code for row in held.groups] == [GROUP]
    assert held.memberships == []

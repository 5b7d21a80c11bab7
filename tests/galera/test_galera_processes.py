"""Processes that write through all nodes of a cluster at once."""

import contextlib
import functools
import random
import time
from collections.abc import Callable, Sequence
from multiprocessing.synchronize import Barrier
from typing import TypeVar

import pytest
import sqlalchemy as sa

from customer_groups.adapters.sql import (
    SCHEMA_VERSION,
    EmbeddedGroupStore,
    SqlUnitOfWork,
    migrate,
    schema_version,
)
from customer_groups.errors import GroupNotFoundError, RetryableConflictError
from customer_groups.importing import import_into
from customer_groups.outcomes import OutcomeCounts
from customer_groups.service import add_customers, create_group, delete_group
from nodes import GROUP, contents, new_database, open_on
from processes import barrier_for, create_groups, rename_together, run_together
from servers import galera
from servers.galera import NODES

pytestmark = pytest.mark.galera

R = TypeVar("R")

WRITERS = 8


def create_groups_on(node: int, database: str, writer: int) -> list[tuple[str, str]]:
    """Create groups through a node; return names and codes."""
    with open_on(node, database) as store:
        return create_groups(functools.partial(run_patiently, store), writer)


def run_patiently(store: EmbeddedGroupStore, operation: Callable[[SqlUnitOfWork], R]) -> R:
    """Run an operation until it succeeds: a store gives up at some time where many write."""
    while True:
        with contextlib.suppress(RetryableConflictError):
            return store.run(operation)


def test_writers_on_all_nodes_create_groups() -> None:
    """Of the same names and one series, none is given twice, lost or left out."""
    database = new_database()
    writers = [
        functools.partial(create_groups_on, writer % len(NODES), database, writer)
        for writer in range(WRITERS)
    ]
    made = run_together(*writers)
    promised = {name: code for groups in made for name, code in groups}
    assert len(promised) == sum(map(len, made)) == 4 + WRITERS * 8
    stored = {row.name: row.code for row in contents(database).groups if row.code != GROUP}
    assert stored == promised
    assert sorted(stored.values()) == [f"CG-{number:06}" for number in range(1, len(stored) + 1)]


def import_list(node: int, database: str, codes: Sequence[str], barrier: Barrier) -> OutcomeCounts:
    """Import a list into the group through a node; the first time, all lock it at once."""
    meet = functools.cache(barrier.wait)

    def wait_after_locking(
        _connection: object, _cursor: object, statement: str, *_: object
    ) -> None:
        if statement.startswith("UPDATE cg_group SET fence"):
            meet()

    with open_on(node, database) as store:
        sa.event.listen(store.engine, "after_cursor_execute", wait_after_locking)
        return import_into(store, GROUP, codes).counts


def test_imports_that_overlap() -> None:
    """Lists in opposite order, each through a node, add every customer once and count exactly."""
    codes = [f"C{number:05}" for number in range(4_000)]
    database = new_database(codes)
    lists = [codes[:3_000], codes[:999:-1], codes[::7]]
    barrier = barrier_for(len(lists))
    imports = [
        functools.partial(import_list, node, database, listed, barrier)
        for node, listed in enumerate(lists)
    ]
    counts = run_together(*imports)
    assert sum(each.added for each in counts) == len(codes)
    assert [each.added + each.already_member for each in counts] == list(map(len, lists))
    held = contents(database)
    assert [row.customer_key for row in held.memberships] == codes
    assert [row.customers for row in held.groups] == [len(codes)]


RENAMES = 30


def test_renames_of_one_version() -> None:
    """Of two who change what both saw, on two nodes, one wins and the other is told."""
    database, barrier = new_database(), barrier_for(2)

    def rename(node: int, name: str) -> list[str]:
        with open_on(node, database) as store:
            return rename_together(store, GROUP, name, turns=RENAMES, barrier=barrier)

    anna, bert = run_together(lambda: rename(0, "Anna"), lambda: rename(1, "Bert"))
    for turn, results in enumerate(zip(anna, bert, strict=True), start=1):
        stale = f"{turn} < {turn + 1}"
        assert results in {(f"Anna {turn}", stale), (stale, f"Bert {turn}")}
    (group,) = contents(database).groups
    assert group.version == RENAMES + 1
    assert group.name in {anna[-1], bert[-1]}


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


def test_deletions_and_additions() -> None:
    """No membership is left of a group that is deleted on the one node and filled on another."""
    database = new_database(["C1", "C2"])
    with open_on(0, database) as store:
        for number in range(DELETIONS):
            store.run(functools.partial(create_group, name=f"{number}", code=f"G{number}"))
    contents(database)
    barrier = barrier_for(2)
    tasks = (delete_groups, add_to_groups)
    _, found = run_together(*(functools.partial(task, database, barrier) for task in tasks))
    assert 0 < found < DELETIONS
    held = contents(database)
    assert [row.code for row in held.groups] == [GROUP]
    assert held.memberships == []


def migrate_on(node: int, database: str, barrier: Barrier) -> int:
    """Create the tables through a node, again if told so, and return how often it was tried."""
    attempts = 0
    with open_on(node, database) as store:
        barrier.wait()
        while True:
            attempts += 1
            # The commit is the host's, and so is the error of a conflict that comes with it.
            with contextlib.suppress(RetryableConflictError, sa.exc.OperationalError):
                with store.engine.begin() as connection:
                    migrate(connection, store.storage.tables)
                return attempts


def test_nodes_that_create_the_tables_at_once() -> None:
    """Whoever comes second on another node is told to repeat, and then finds them."""
    barrier = barrier_for(len(NODES))
    database = galera().new_database()
    attempts = run_together(
        *(functools.partial(migrate_on, node, database, barrier) for node in NODES)
    )
    assert sum(attempts) > len(NODES)
    with open_on(0, database) as store, store.engine.begin() as connection:
        assert schema_version(connection, store.storage.tables) == SCHEMA_VERSION
    assert contents(database).groups == []

"""Several processes on one SQLite file, and processes that are killed."""

import contextlib
import functools
import multiprocessing
import random
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import pytest

from customer_groups.adapters.sql import EmbeddedGroupStore, load_customers, open_store, verify
from customer_groups.customers import Customer
from customer_groups.errors import DuplicateNameError
from customer_groups.importing import import_into
from customer_groups.outcomes import OutcomeCounts
from customer_groups.searching import get_group, search_groups
from customer_groups.service import create_group, remove_customers

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes are forked")

A = TypeVar("A")
R = TypeVar("R")

FORK = multiprocessing.get_context("fork")
GROUP = "ALL"


def url(folder: Path) -> str:
    """Return where the processes meet."""
    return f"sqlite:///{folder / 'shared.db'}"


def run_together(function: Callable[[A], R], arguments: Iterable[A]) -> list[R]:
    """Return what a function returns for each argument, each in a process of its own."""
    listed = list(arguments)
    with FORK.Pool(len(listed)) as pool:
        return pool.map(function, listed, chunksize=1)


def make_group(folder: Path, customers: int) -> list[str]:
    """Create customers and an empty group, and return the codes of the customers."""
    codes = [f"C{number:05}" for number in range(customers)]
    store = open_store(url(folder))
    load_customers(store, map(Customer, codes))
    store.run(lambda work: create_group(work, "All", code=GROUP))
    store.engine.dispose()
    return codes


def number_of_customers(store: EmbeddedGroupStore) -> int:
    """Return how many customers the group has, once it is known that nothing is wrong."""
    with store.transaction() as work:
        assert verify(work.session.connection, store.storage.tables) == []
        return get_group(work, GROUP).customers


def import_list(task: tuple[Path, list[str]]) -> OutcomeCounts:
    """Import a list into the group, from a process of its own."""
    folder, codes = task
    return import_into(open_store(url(folder)), GROUP, codes).counts


def test_a_killed_import_leaves_nothing_or_all(tmp_path: Path) -> None:
    """Whenever the process dies, the group has no customer of the list, or every one."""
    codes = make_group(tmp_path, 10_000)
    source = random.Random(1)
    start = time.perf_counter()
    run_together(import_list, [(tmp_path, codes)])
    longest = time.perf_counter() - start
    kept = [len(codes)]
    for _ in range(20):
        store = open_store(url(tmp_path))
        if kept[-1]:
            store.run(lambda work: remove_customers(work, GROUP, codes))
        store.engine.dispose()
        process = FORK.Process(target=import_list, args=[(tmp_path, codes)])
        process.start()
        time.sleep(source.uniform(0, longest))
        process.kill()
        process.join()
        kept.append(number_of_customers(store))
        store.engine.dispose()
    assert set(kept) <= {0, len(codes)}
    assert 0 in kept


def create_groups(task: tuple[Path, int]) -> list[tuple[str, str]]:
    """Create groups, some of them under names that others want too; return names and codes."""
    folder, worker = task
    store = open_store(url(folder))
    names = [f"Group {worker if number % 3 else 'for all'}-{number}" for number in range(15)]
    made = []
    for name in names:
        with contextlib.suppress(DuplicateNameError):
            group = store.run(functools.partial(create_group, name=name))
            made.append((group.name, str(group.code)))
    return made


def test_processes_that_create_groups(tmp_path: Path) -> None:
    """In a file that all of them create, no code is given twice, lost or left out."""
    workers = 4
    made = run_together(create_groups, [(tmp_path, worker) for worker in range(workers)])
    promised = {name: code for groups in made for name, code in groups}
    assert len(promised) == sum(map(len, made)) == 5 + workers * 10
    store = open_store(url(tmp_path))
    with store.transaction() as work:
        groups = search_groups(work, limit=1_000).items
        assert {each.group.name: each.group.code for each in groups} == promised
        assert [each.group.code for each in groups] == [
            f"CG-{number:06}" for number in range(1, len(promised) + 1)
        ]
    store.engine.dispose()


def test_imports_that_overlap(tmp_path: Path) -> None:
    """Two lists in opposite order add every customer once, and count exactly."""
    codes = make_group(tmp_path, 4_000)
    lists = [codes[:3_000], codes[:999:-1], codes[::7]]
    counts = run_together(import_list, [(tmp_path, listed) for listed in lists])
    assert sum(each.added for each in counts) == 4_000
    assert [each.added + each.already_member for each in counts] == list(map(len, lists))
    assert len({each.at for each in counts if each.added}) == sum(each.added > 0 for each in counts)
    store = open_store(url(tmp_path))
    assert number_of_customers(store) == 4_000
    store.engine.dispose()

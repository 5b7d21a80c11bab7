"""Several processes on one database, for tests."""

import contextlib
import functools
import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import TypeVar, cast

import attrs
import sqlalchemy as sa

from customer_groups.adapters.sql import EmbeddedGroupStore, SqlUnitOfWork, open_store
from customer_groups.customers import Customer
from customer_groups.errors import DuplicateNameError, StaleGroupError
from customer_groups.model import CustomerGroup
from customer_groups.repository import GroupStore
from customer_groups.service import create_group, rename_group
from databases import create_engine
from stores import SQL_STORES

__all__ = [
    "FORK",
    "analyze_customers",
    "barrier_for",
    "create_groups",
    "new_place",
    "opened",
    "rename_together",
    "run_together",
]

R = TypeVar("R")

FORK = multiprocessing.get_context("fork")
PATIENCE = 100  # seconds that a process may take; a busy machine is slow
SECONDS_FOR_A_TURN = 30
TENANT = "t"


@contextmanager
def new_place(name: str, folder: Path, customers: list[str]) -> Iterator[sa.URL]:
    """Yield where processes can meet: a database with our tables, some customers, no group.

    Args:
        name: One of `SQL_STORES`.
        folder: Where a file of SQLite goes.
        customers: Their codes.
    """
    file = {"file": folder / "shared.db"} if name == "sqlite" else {}
    with SQL_STORES[name](map(Customer, customers), tenant=TENANT, **file) as store:
        analyze_customers(store)
        # No process may inherit a connection that another one uses.
        store.close()
        yield store.engine.url


def analyze_customers(store: EmbeddedGroupStore) -> None:
    """Let the database see how many customers there are, for which it needs some seconds else.

    MariaDB would read all of them for each code.
    """
    words = "ANALYZE TABLE" if store.engine.dialect.name == "mariadb" else "ANALYZE"
    with store.engine.begin() as connection:
        connection.exec_driver_sql(f"{words} {store.customer_table.name}")


@contextmanager
def opened(place: sa.URL) -> Iterator[EmbeddedGroupStore]:
    """Open a store with connections of its own."""
    if place.get_backend_name() == "sqlite":
        store = open_store(place.render_as_string(), tenant=TENANT, create=False)
    else:
        store = EmbeddedGroupStore(create_engine(place), tenant=TENANT)
    try:
        yield store
    finally:
        store.close()


def run_together(*functions: Callable[[], R]) -> list[R]:
    """Run each function in a process of its own, all at once, and return what they return.

    Raises:
        Exception: what the first of them raised.
    """
    running = [_Running.start(function) for function in functions]
    results = [each.result() for each in running]
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return [cast("R", result) for result in results]


def barrier_for(processes: int) -> Barrier:
    """Return where some processes wait for each other."""
    return FORK.Barrier(processes, timeout=SECONDS_FOR_A_TURN)


def create_groups(
    run: Callable[[Callable[[SqlUnitOfWork], CustomerGroup]], CustomerGroup], writer: int
) -> list[tuple[str, str]]:
    """Create groups, a third of them under names that others want too.

    Args:
        run: Runs an operation in a transaction.
        writer: The number of this process.

    Returns:
        Names and codes of those that were created.
    """
    made = []
    for number in range(12):
        name = f"Group {writer if number % 3 else 'for all'}-{number}"
        with contextlib.suppress(DuplicateNameError):
            group = run(functools.partial(create_group, name=name))
            made.append((group.name, str(group.code)))
    return made


def rename_together(
    store: GroupStore, code: str, name: str, *, turns: int, barrier: Barrier
) -> list[str]:
    """Rename a group again and again, each time at once with another process.

    Both name the version that both saw last.

    Returns:
        For each turn the new name, or the two versions of the `StaleGroupError`.
    """
    results = []
    for version in range(1, turns + 1):
        change = functools.partial(
            rename_group, code=code, name=f"{name} {version}", version=version
        )
        barrier.wait()
        try:
            results.append(store.run(change).name)
        except StaleGroupError as error:
            results.append(f"{error.expected} < {error.actual}")
    return results


@attrs.frozen
class _Running:
    process: multiprocessing.process.BaseProcess
    end: Connection

    @classmethod
    def start(cls, function: Callable[[], object]) -> "_Running":
        ours, theirs = FORK.Pipe(duplex=False)
        process = FORK.Process(target=_run, args=(function, theirs))
        process.start()
        theirs.close()
        return cls(process, ours)

    def result(self) -> object:
        """Return what the function returned or raised."""
        with self.end:
            result = self.end.recv() if self.end.poll(PATIENCE) else TimeoutError("too slow")
        self.process.kill()
        self.process.join()
        return result


def _run(function: Callable[[], object], end: Connection) -> None:
    result: object
    try:
        result = function()
    except BaseException as error:  # noqa: BLE001  it is raised in the other process
        result = error
    end.send(result)

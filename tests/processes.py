"""Several processes on one database, for tests."""

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar, cast

import attrs
import sqlalchemy as sa

from customer_groups.adapters.sql import EmbeddedGroupStore, open_store
from customer_groups.customers import Customer
from databases import create_engine
from stores import SQL_STORES

__all__ = ["FORK", "analyze_customers", "new_place", "opened", "run_together"]

R = TypeVar("R")

FORK = multiprocessing.get_context("fork")
PATIENCE = 100  # seconds that a process may take; a busy machine is slow
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

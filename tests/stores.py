"""Stores for tests: both adapters, over customers with all the trouble that hosts have."""

import functools
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, TypeVar

import attrs

from customer_groups.adapters.memory import InMemoryGroupStore, InMemoryStorage
from customer_groups.adapters.sql import (
    EmbeddedGroupStore,
    SqlGroupStore,
    SqlUnitOfWork,
    load_customers,
    open_store,
)
from customer_groups.customers import Customer, CustomerCode, CustomerKey
from customer_groups.repository import GroupStore
from databases import DRIVERS, DSN, borrowed

__all__ = [
    "CUSTOMERS",
    "MOMENT",
    "SERVERS",
    "SQL_STORES",
    "STORES",
    "HostStore",
    "OpensStore",
    "customer",
    "execute",
    "memory_store",
    "server_store",
    "sql_store",
]


T = TypeVar("T")

MOMENT = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)


def customer(
    key: str,
    code: str | None = None,
    *,
    name: str = "",
    type: str | None = None,
    active: bool = True,
) -> Customer:
    """Return a customer by key and code."""
    parsed = None if code is None else CustomerCode(code)
    return Customer(parsed, name, type, active, key=CustomerKey(key))


CUSTOMERS = (
    customer("ONE", "ONE", name="Straße", type="shop"),
    customer("TWO", "TWO", name="STRASSE 2", type="shop"),
    customer("SLEEPING", "SLEEPING", active=False),
    customer("k1", "TWIN", name="Twin"),
    customer("k2", "TWIN", name="Twin"),
    customer("k3", "REUSED", active=False),
    customer("k4", "REUSED", type="office"),
    customer("k5", None, name="No code"),
    customer("k6", "APART"),
)


@contextmanager
def memory_store(
    customers: Iterable[Customer] = CUSTOMERS, *, tenant: str = "t"
) -> Iterator[InMemoryGroupStore]:
    """Open a store in memory."""
    yield InMemoryGroupStore(InMemoryStorage(), tenant, customers)


@contextmanager
def sql_store(
    customers: Iterable[Customer] = CUSTOMERS, *, file: Path | None = None, tenant: str = "t"
) -> Iterator[EmbeddedGroupStore]:
    """Open a store on SQLite, in a file or in memory."""
    store = open_store("sqlite://" if file is None else f"sqlite:///{file}", tenant=tenant)
    try:
        load_customers(store, customers)
        yield store
    finally:
        store.close()


class OpensStore(Protocol):
    """Opens a store over some customers, and puts it away afterwards."""

    def __call__(
        self, customers: Iterable[Customer] = ..., *, tenant: str = ...
    ) -> AbstractContextManager[GroupStore]:
        """Return a context that is an open store."""


@contextmanager
def server_store(
    customers: Iterable[Customer] = CUSTOMERS, *, driver: str, tenant: str = "t"
) -> Iterator[EmbeddedGroupStore]:
    """Open a store on a server."""
    with borrowed(driver) as lent:
        store = EmbeddedGroupStore(lent.engine, tenant=tenant)
        load_customers(store, customers)
        yield store


@attrs.frozen(eq=False)
class HostStore:
    """A store of a host that begins, commits and rolls back by itself.

    Its transactions see one moment, as those of Odoo, Tryton and Frappe do.
    """

    store: SqlGroupStore

    @contextmanager
    def transaction(self) -> Iterator[SqlUnitOfWork]:
        """Return a unit of work in the host's transaction."""
        store = self.store
        is_sqlite = store.engine.dialect.name == "sqlite"
        level = {} if is_sqlite else {"isolation_level": "REPEATABLE READ"}
        with store.engine.execution_options(**level).begin() as connection:
            yield store.storage.bind(connection, tenant=store.tenant)

    def run(self, operation: Callable[[SqlUnitOfWork], T]) -> T:
        """Run the operation once."""
        with self.transaction() as work:
            return operation(work)


SERVERS = [*DRIVERS, *(["dsn"] if DSN else [])]
"""What `server_store` can be asked for."""

SQL_STORES: dict[str, Callable[..., AbstractContextManager[EmbeddedGroupStore]]] = {
    "sqlite": sql_store,
    **{driver: functools.partial(server_store, driver=driver) for driver in SERVERS},
}
"""How to open a store of the SQL adapter on each engine, by engine or driver."""

STORES: dict[str, OpensStore] = {"memory": memory_store, **SQL_STORES}
"""How to open a store of each of our adapters."""


def execute(file: Path, statement: str, parameters: Sequence[object] = ()) -> list[tuple[object]]:
    """Run one statement on a SQLite file, past the library, and commit it."""
    with closing(sqlite3.connect(file)) as connection, connection:
        return connection.execute(statement, parameters).fetchall()

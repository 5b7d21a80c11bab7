"""Stores for tests: both adapters, over customers with all the trouble that hosts have."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from customer_groups.adapters.memory import InMemoryGroupStore, InMemoryStorage
from customer_groups.adapters.sql import EmbeddedGroupStore, load_customers, open_store
from customer_groups.customers import Customer, CustomerCode, CustomerKey
from customer_groups.repository import GroupStore

__all__ = [
    "CUSTOMERS",
    "MOMENT",
    "STORES",
    "OpensStore",
    "customer",
    "execute",
    "memory_store",
    "sql_store",
]


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


STORES: dict[str, OpensStore] = {"memory": memory_store, "sql": sql_store}
"""How to open a store of each of our adapters."""


def execute(file: Path, statement: str, parameters: Sequence[object] = ()) -> list[tuple[object]]:
    """Run one statement on a SQLite file, past the library, and commit it."""
    with closing(sqlite3.connect(file)) as connection, connection:
        return connection.execute(statement, parameters).fetchall()

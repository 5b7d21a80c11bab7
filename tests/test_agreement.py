"""Our own adapters against the model, on every engine."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import ClassVar

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from customer_groups.adapters.memory import InMemoryGroupStore, InMemoryStorage
from customer_groups.adapters.sql import EmbeddedGroupStore, load_customers, open_store
from customer_groups.customers import Customer
from customer_groups.repository import GroupStore
from customer_groups.testing import Adapter, GroupRepositoryMachine
from databases import borrowed
from stores import SERVERS

STEPS = 25


class Memory:
    """The adapter in memory."""

    def make_storage(self) -> InMemoryStorage:
        """Return a new, empty storage."""
        return InMemoryStorage()

    def open_store(
        self, storage: InMemoryStorage, tenant: str, customers: Sequence[Customer]
    ) -> GroupStore:
        """Open the groups of a tenant."""
        return InMemoryGroupStore(storage, tenant, customers)


class Sql:
    """The SQL adapter; its storage is a store of nobody."""

    def __init__(self, engine: str, stack: ExitStack) -> None:
        """Test on this engine, "sqlite" or one of `SERVERS`; the stack is closed at the end."""
        self._engine = engine
        self._stack = stack

    def make_storage(self) -> EmbeddedGroupStore:
        """Return an empty database with its tables."""
        if self._engine != "sqlite":
            return self._stack.enter_context(borrowed(self._engine))
        store = open_store("sqlite://")
        self._stack.callback(store.close)
        return store

    def open_store(
        self, storage: EmbeddedGroupStore, tenant: str, customers: Sequence[Customer]
    ) -> GroupStore:
        """Open the groups of a tenant, over exactly these customers."""
        store = EmbeddedGroupStore(storage.engine, tenant=tenant)
        with store.engine.begin() as connection:
            table = store.customer_table
            connection.execute(table.delete().where(table.c.tenant == tenant))
        load_customers(store, customers)
        return store


class SqlMachine(GroupRepositoryMachine):
    """Drives the SQL adapter on one engine."""

    engine: ClassVar[str]

    def adapters(self) -> Mapping[str, Adapter]:
        """Return the one adapter."""
        self.stack = ExitStack()
        return {self.engine: Sql(self.engine, self.stack)}

    def teardown(self) -> None:
        """Roll back, and close or give back the databases."""
        super().teardown()
        self.stack.close()


class MemoryAndSqlite(SqlMachine):
    """Drives both adapters that need no server with the same calls."""

    engine = "sqlite"

    def adapters(self) -> Mapping[str, Adapter]:
        """Return the memory adapter, and the SQL adapter on SQLite."""
        return {"memory": Memory(), **super().adapters()}


TestMemoryAndSqlite = MemoryAndSqlite.TestCase
TestMemoryAndSqlite.settings = settings(stateful_step_count=STEPS)


@pytest.mark.parametrize("driver", SERVERS)
def test_servers_agree_with_the_model(driver: str) -> None:
    """Through every driver, a server answers what the model answers."""

    class OnServer(SqlMachine):
        engine = driver

    # A server takes several times as long as SQLite for the same statements.
    fewer = settings(stateful_step_count=STEPS, max_examples=settings().max_examples // 2)
    run_state_machine_as_test(OnServer, settings=fewer)

"""Our own adapters, side by side, against the model."""

from collections.abc import Mapping, Sequence

from hypothesis import settings

from customer_groups.adapters.memory import InMemoryGroupStore, InMemoryStorage
from customer_groups.adapters.sql import EmbeddedGroupStore, load_customers, open_store
from customer_groups.customers import Customer
from customer_groups.repository import GroupStore
from customer_groups.testing import Adapter, GroupRepositoryMachine


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


class Sqlite:
    """The SQL adapter on a SQLite database in memory; its storage is a store of nobody."""

    def __init__(self) -> None:
        """Remember what to close."""
        self._storages: list[EmbeddedGroupStore] = []

    def make_storage(self) -> EmbeddedGroupStore:
        """Return a new database with its tables."""
        self._storages.append(open_store("sqlite://"))
        return self._storages[-1]

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

    def close(self) -> None:
        """Close every database."""
        for storage in self._storages:
            storage.close()


class OurAdapters(GroupRepositoryMachine):
    """Drives both adapters with the same calls."""

    def adapters(self) -> Mapping[str, Adapter]:
        """Return the memory adapter, and the SQL adapter on SQLite."""
        self.sqlite = Sqlite()
        return {"memory": Memory(), "sqlite": self.sqlite}

    def teardown(self) -> None:
        """Roll back, and close the databases."""
        super().teardown()
        self.sqlite.close()


TestOurAdapters = OurAdapters.TestCase
TestOurAdapters.settings = settings(stateful_step_count=25)

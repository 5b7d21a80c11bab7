"""The SQL adapter keeps every rule on SQLite."""

from collections.abc import Sequence

from customer_groups.adapters.sql import EmbeddedGroupStore, load_customers, open_store
from customer_groups.customers import Customer
from customer_groups.testing import GroupRepositoryContract


class TestSqlite(GroupRepositoryContract):
    """A storage is a database in memory, with a store of nobody that was opened first."""

    def make_storage(self) -> EmbeddedGroupStore:
        """Return a new database with its tables."""
        return open_store("sqlite://")

    def open_store(
        self, storage: EmbeddedGroupStore, tenant: str, customers: Sequence[Customer]
    ) -> EmbeddedGroupStore:
        """Open the groups of a tenant, over exactly these customers."""
        store = EmbeddedGroupStore(storage.engine, tenant=tenant)
        with store.engine.begin() as connection:
            table = store.customer_table
            connection.execute(table.delete().where(table.c.tenant == tenant))
        load_customers(store, customers)
        return store

    def close_storage(self, storage: EmbeddedGroupStore) -> None:
        """Close the database."""
        storage.close()

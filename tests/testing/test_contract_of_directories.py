"""Our own directories keep every rule of directories."""

from collections.abc import Sequence
from contextlib import ExitStack

from customer_groups.adapters.memory import InMemoryCustomerDirectory
from customer_groups.adapters.sql import load_customers, open_store
from customer_groups.customers import Customer, CustomerDirectory
from customer_groups.testing import CustomerDirectoryContract


class TestInMemory(CustomerDirectoryContract):
    """Customers in a dictionary."""

    make_directory = staticmethod(InMemoryCustomerDirectory)


class TestSqlite(CustomerDirectoryContract):
    """Customers in a table of SQLite."""

    def make_directory(self, customers: Sequence[Customer]) -> CustomerDirectory:
        """Return the directory of a transaction that stays open."""
        self.stack = ExitStack()
        store = open_store("sqlite://")
        self.stack.callback(store.close)
        load_customers(store, customers)
        return self.stack.enter_context(store.transaction()).customers

    def close_directory(self, directory: CustomerDirectory) -> None:  # noqa: ARG002
        """End the transaction, and close the database."""
        self.stack.close()

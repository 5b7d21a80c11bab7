"""What the author of an adapter tells the kit, and how the rules begin."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from customer_groups.customers import Customer
from customer_groups.repository import GroupRepository, GroupStore
from customer_groups.testing.contracts.guarding import Contract
from customer_groups.testing.contracts.values import CUSTOMERS
from customer_groups.testing.driver import TENANTS, Storage

__all__ = ["OpenStore", "RepositoryRules"]

OpenStore = Callable[[str, Sequence[Customer]], GroupStore]


class RepositoryRules(Contract):
    """The hooks of a repository's contract.

    Every rule begins with a new storage, and puts it away at the end.
    """

    def make_storage(self) -> Storage:
        """Return a new, empty storage."""
        raise NotImplementedError("say how to make a storage, by defining make_storage(self)")

    def open_store(
        self, storage: Storage, tenant: str, customers: Sequence[Customer]
    ) -> GroupStore:
        """Return a store of one tenant; opening it again replaces the customers.

        Args:
            storage: What `make_storage` returned.
            tenant: The tenant.
            customers: All customers that the tenant has from now on.
        """
        raise NotImplementedError(
            "say how to open a store, by defining open_store(self, storage, tenant, customers)"
        )

    def close_storage(self, storage: Storage) -> None:
        """Put a storage away; nothing is done unless a subclass defines it."""

    @contextmanager
    def _stores(self) -> Iterator[OpenStore]:
        """Make a storage, on which stores are opened by tenant and customers."""
        storage = self.make_storage()
        try:
            yield partial(self.open_store, storage)
        finally:
            self.close_storage(storage)

    @contextmanager
    def _store(self, customers: Sequence[Customer] = CUSTOMERS) -> Iterator[GroupStore]:
        """Open an empty store, for rules about several transactions."""
        with self._stores() as open_store:
            yield open_store(TENANTS[0], customers)

    @contextmanager
    def _groups(self, customers: Sequence[Customer] = CUSTOMERS) -> Iterator[GroupRepository]:
        """Begin a transaction in an empty store, for rules about one transaction."""
        with self._store(customers) as store, store.transaction() as work:
            yield work.groups

    @contextmanager
    def _two_tenants(self) -> Iterator[tuple[GroupStore, GroupStore]]:
        """Open the stores of two tenants on one storage."""
        with self._stores() as open_store:
            yield open_store(TENANTS[0], CUSTOMERS), open_store(TENANTS[1], CUSTOMERS)

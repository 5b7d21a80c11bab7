"""The storage in memory, and the transactions on it."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TypeVar

from customer_groups.adapters.memory.contents import Contents
from customer_groups.adapters.memory.directory import InMemoryCustomerDirectory
from customer_groups.adapters.memory.repository import InMemoryGroupRepository
from customer_groups.customers import Customer
from customer_groups.errors import RetryableConflictError
from customer_groups.repository import parse_tenant

__all__ = ["InMemoryGroupStore", "InMemoryStorage", "InMemoryUnitOfWork"]

T = TypeVar("T")


class InMemoryStorage:
    """What several stores, one for each tenant, keep their groups in.

    Its transactions run one after the other, whichever tenant they belong to.
    """

    def __init__(self, *, seconds_to_wait: float = 10.0) -> None:
        """Make an empty storage.

        Args:
            seconds_to_wait: How long a transaction waits for another one to end.
        """
        self._seconds_to_wait = seconds_to_wait
        self._lock = threading.Lock()
        self._contents: dict[str, Contents] = {}

    @contextmanager
    def transaction(
        self, tenant: str, customers: InMemoryCustomerDirectory
    ) -> Iterator["InMemoryUnitOfWork"]:
        """Return a context that is one transaction; see `GroupStore.transaction`.

        Raises:
            RetryableConflictError: another transaction does not end.
        """
        if not self._lock.acquire(timeout=self._seconds_to_wait):
            raise RetryableConflictError("another transaction is open in this storage; try again")
        try:
            contents = self._contents.get(tenant, Contents())
            groups = InMemoryGroupRepository(tenant, contents, customers)
            try:
                yield InMemoryUnitOfWork(groups, customers)
                self._contents[tenant] = groups.contents
            finally:
                groups.close()
        finally:
            self._lock.release()


class InMemoryUnitOfWork:
    """A `UnitOfWork` in memory; `InMemoryGroupStore.transaction` opens it."""

    def __init__(
        self, groups: InMemoryGroupRepository, customers: InMemoryCustomerDirectory
    ) -> None:
        """Hold the repository and the directory until the transaction ends."""
        self._groups = groups
        self._customers = customers

    @property
    def groups(self) -> InMemoryGroupRepository:
        """The groups and memberships."""
        self._groups.require_open()
        return self._groups

    @property
    def customers(self) -> InMemoryCustomerDirectory:
        """The customers who may become members."""
        self._groups.require_open()
        return self._customers


class InMemoryGroupStore:
    """A `GroupStore` in memory."""

    def __init__(
        self, storage: InMemoryStorage, tenant: str, customers: Iterable[Customer] = ()
    ) -> None:
        """Open the groups of one tenant.

        Args:
            storage: Where they are kept.
            tenant: Whose they are; see `parse_tenant`.
            customers: The customers who may become members.

        Raises:
            InvalidValueError: the tenant is malformed, or two customers have the same key.
        """
        self._storage = storage
        self._tenant = parse_tenant(tenant)
        self._customers = InMemoryCustomerDirectory(customers, self._tenant)

    def transaction(self) -> AbstractContextManager[InMemoryUnitOfWork]:
        """Return a context that is one transaction; see `GroupStore.transaction`."""
        return self._storage.transaction(self._tenant, self._customers)

    def run(self, operation: Callable[[InMemoryUnitOfWork], T]) -> T:
        """Run ``operation`` in a transaction; nothing here is worth a second attempt."""
        with self.transaction() as work:
            return operation(work)

"""Groups kept in memory: the readable reference, and a fake for the tests of a host."""

from customer_groups.adapters.memory.directory import InMemoryCustomerDirectory
from customer_groups.adapters.memory.repository import InMemoryGroupRepository
from customer_groups.adapters.memory.store import (
    InMemoryGroupStore,
    InMemoryStorage,
    InMemoryUnitOfWork,
)

__all__ = [
    "InMemoryCustomerDirectory",
    "InMemoryGroupRepository",
    "InMemoryGroupStore",
    "InMemoryStorage",
    "InMemoryUnitOfWork",
]

"""The memory adapter keeps every rule; this file is all that the author of an adapter writes."""

from customer_groups.adapters.memory import InMemoryGroupStore, InMemoryStorage
from customer_groups.testing import GroupRepositoryContract


class TestInMemory(GroupRepositoryContract):
    """The storage is made by the one class, stores are opened by the other."""

    make_storage = staticmethod(InMemoryStorage)
    open_store = staticmethod(InMemoryGroupStore)

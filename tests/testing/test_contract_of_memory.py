"""The memory adapter keeps every rule."""

from customer_groups.adapters.memory import InMemoryGroupStore, InMemoryStorage
from customer_groups.testing import GroupRepositoryContract, RawCounts
from testing.looking import PROFILE


class TestInMemory(GroupRepositoryContract):
    """Nothing of it can fail: a commit is one assignment."""

    profile = PROFILE
    make_storage = staticmethod(InMemoryStorage)
    open_store = concurrent = staticmethod(InMemoryGroupStore)

    def audit(self, storage: InMemoryStorage) -> RawCounts:
        """Count what is there; the number of customers is counted whenever somebody asks."""
        stored = {
            (tenant, str(code)): len(group.members)
            for tenant, contents in storage._contents.items()  # noqa: SLF001 - past the adapter
            for code, group in contents.groups.items()
        }
        return RawCounts(dict.fromkeys(stored), stored)

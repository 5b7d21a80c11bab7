"""The rules of our protocols, as tests that an adapter must pass."""

from customer_groups.testing.contracts.directory import CustomerDirectoryContract
from customer_groups.testing.contracts.repository import GroupRepositoryContract

__all__ = ["CustomerDirectoryContract", "GroupRepositoryContract"]

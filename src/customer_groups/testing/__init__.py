"""What integrators test with: strategies for our values, and checks for their adapters."""

from customer_groups.testing.contracts import CustomerDirectoryContract, GroupRepositoryContract
from customer_groups.testing.layers import Adapter, MayFail, RawCounts
from customer_groups.testing.machine import GroupRepositoryMachine

__all__ = [
    "Adapter",
    "CustomerDirectoryContract",
    "GroupRepositoryContract",
    "GroupRepositoryMachine",
    "MayFail",
    "RawCounts",
]

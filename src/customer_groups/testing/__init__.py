"""What integrators test with: strategies for our values, and checks for their adapters."""

import pytest

pytest.register_assert_rewrite("customer_groups.testing.machine")

from customer_groups.testing.driver import Adapter  # noqa: E402 - after the line above
from customer_groups.testing.machine import GroupRepositoryMachine  # noqa: E402 - likewise

__all__ = ["Adapter", "GroupRepositoryMachine"]

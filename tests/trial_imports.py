"""Imports into a group of their own, for tests to which only what is read matters."""

from typing import Any

from customer_groups.adapters.memory import InMemoryGroupStore, InMemoryStorage
from customer_groups.customers import Customer
from customer_groups.importing import ImportReport, import_customers
from customer_groups.service import create_group

__all__ = ["import_into_new_group"]

CUSTOMERS = [Customer(f"C{number}") for number in range(1, 10)]


def import_into_new_group(source: Any, **options: Any) -> ImportReport:  # noqa: ANN401
    """Import a list where there are the customers C1 to C9, and return the report.

    Args:
        source: The list.
        options: The named arguments of `import_customers`.
    """
    store = InMemoryGroupStore(InMemoryStorage(), "t", CUSTOMERS)
    with store.transaction() as work:
        group = create_group(work, "All")
        return import_customers(work, group.code, source, **options)

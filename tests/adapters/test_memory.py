"""What only the storage in memory has: its directory, and transactions in a queue."""

import threading

import pytest

from customer_groups.adapters.memory import (
    InMemoryCustomerDirectory,
    InMemoryGroupStore,
    InMemoryStorage,
)
from customer_groups.customers import Customer, CustomerQuery
from customer_groups.errors import InvalidValueError, RetryableConflictError
from customer_groups.searching import search_groups
from customer_groups.service import create_group
from stores import MOMENT, memory_store


def test_two_customers_with_one_key_are_refused() -> None:
    """A key identifies one customer."""
    with pytest.raises(InvalidValueError, match="two customers"):
        InMemoryCustomerDirectory([Customer("A"), Customer("B", key="A")])


def test_a_tenant_is_checked() -> None:
    """A store is for a tenant of printable ASCII."""
    with pytest.raises(InvalidValueError, match="tenant"):
        InMemoryGroupStore(InMemoryStorage(), "")


def test_customers_are_listed_by_key() -> None:
    """The pick list is in an order that does not change from page to page."""
    directory = InMemoryCustomerDirectory([Customer("B", type="x"), Customer("A"), Customer("C")])
    first = directory.search(CustomerQuery(), limit=2)
    assert [each.key for each in first.items] == ["A", "B"]
    second = directory.search(CustomerQuery(), limit=2, after=first.next)
    assert [each.key for each in second.items] == ["C"]
    assert directory.types() == ("x",)


def test_an_exception_undoes_the_transaction() -> None:
    """What a failed transaction did was never there."""

    def fail() -> None:
        with store.transaction() as work:
            create_group(work, "Group", at=MOMENT)
            raise KeyError("host")

    with memory_store() as store:
        with pytest.raises(KeyError, match="host"):
            fail()
        assert store.run(lambda work: search_groups(work).items) == ()


def test_transactions_wait_for_each_other() -> None:
    """Transactions run one after the other, whichever tenant they belong to."""
    storage = InMemoryStorage()
    begun, go_on = threading.Event(), threading.Event()

    def work_slowly() -> None:
        with InMemoryGroupStore(storage, "north").transaction() as work:
            begun.set()
            go_on.wait(5)
            create_group(work, "Slow", at=MOMENT)

    thread = threading.Thread(target=work_slowly)
    thread.start()
    begun.wait(5)
    threading.Timer(0.05, go_on.set).start()
    with InMemoryGroupStore(storage, "south").transaction() as work:
        assert go_on.is_set()
        assert search_groups(work).items == ()
    thread.join()


def test_who_waited_in_vain_may_try_again() -> None:
    """A transaction that does not end is reported as a conflict."""
    storage = InMemoryStorage(seconds_to_wait=0.01)
    with InMemoryGroupStore(storage, "north").transaction():
        second = InMemoryGroupStore(storage, "south")
        with pytest.raises(RetryableConflictError):
            second.run(lambda work: work)
    assert second.run(lambda work: search_groups(work).items) == ()

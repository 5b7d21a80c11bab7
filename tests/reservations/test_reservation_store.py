"""A store hands out the reservations that are in the transaction of the groups."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import attrs
import pytest

from customer_groups.adapters.memory import InMemoryGroupStore, InMemoryStorage, InMemoryUnitOfWork
from customer_groups.codes import GroupCode
from customer_groups.errors import RetryableConflictError, TransactionClosedError
from customer_groups.query import GroupQuery
from customer_groups.reservations.memory import InMemoryReservations
from customer_groups.reservations.repository import ReservationWork
from customer_groups.reservations.store import ReservationStore
from customer_groups.service import create_group
from reservations.promises import A, Warehouse, reservation_store

T = TypeVar("T")


@attrs.frozen
class BusyGroups:
    """A store of groups where the first attempt of every operation fails as it commits."""

    groups: InMemoryGroupStore

    @contextmanager
    def transaction(self) -> Iterator[InMemoryUnitOfWork]:
        """Return a transaction that commits."""
        with self.groups.transaction() as work:
            yield work

    def run(self, operation: Callable[[InMemoryUnitOfWork], T]) -> T:
        """Run the operation twice, the first time in vain."""
        with pytest.raises(RetryableConflictError):
            self.groups.run(lambda work: fail(operation(work)))
        return self.groups.run(operation)


def fail(done: object) -> None:
    """Fail after everything was done."""
    message = f"another transaction is in the way of {done}"
    raise RetryableConflictError(message)


def lock(work: ReservationWork) -> int:
    """Lock a stock, and return how often it was locked."""
    return work.reservations.lock_stocks([A])[A].version


def close_a_gate(work: ReservationWork) -> GroupCode:
    """Make a group whose gate is closed."""
    code = create_group(work.core, "North", code="N").code
    work.reservations.set_gate(code, is_open=False)
    return code


def test_a_transaction_commits_groups_and_reservations() -> None:
    """A later one sees both."""
    store = reservation_store()
    with store.transaction() as work:
        code = close_a_gate(work)
    with store.transaction() as work:
        assert work.core.groups.get(code).name == "North"
        assert work.reservations.closed_gates([code]) == {code}


def test_an_error_rolls_back_both() -> None:
    """It passes on, and nothing is stored."""
    store = reservation_store()
    with pytest.raises(RetryableConflictError, match="N"), store.transaction() as work:
        fail(close_a_gate(work))
    with store.transaction() as work:
        assert work.core.groups.find(GroupQuery(), limit=1).items == ()
        assert work.reservations.closed_gates([GroupCode("N")]) == frozenset()


def test_an_operation_runs_in_a_transaction_of_its_own() -> None:
    """What it returns is returned, what it did is stored, and its unit of work is closed."""
    store = reservation_store()
    work = store.run(lambda work: work)
    assert [store.run(lock), store.run(lock)] == [1, 2]
    with pytest.raises(TransactionClosedError):
        lock(work)


def test_an_operation_runs_again_as_the_groups_say() -> None:
    """With reservations of the new transaction, where nothing is left of the first attempt."""
    groups = BusyGroups(InMemoryGroupStore(InMemoryStorage(), "t"))
    store = ReservationStore(groups, InMemoryReservations(on_hand=Warehouse({})))
    attempts: list[ReservationWork] = []

    def operation(work: ReservationWork) -> int:
        attempts.append(work)
        return lock(work)

    assert store.run(operation) == 1
    assert len(attempts) == 2
    with store.transaction() as work:
        assert work.reservations.totals([A])[A].version == 1

"""Adapters for reservations and the model, driven side by side."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import Protocol, TypeVar

import attrs

from customer_groups.customers import Customer
from customer_groups.errors import CustomerGroupsError
from customer_groups.reservations.model import StockKey
from customer_groups.reservations.quantities import Quantity
from customer_groups.reservations.repository import ReservationRules, ReservationWork
from customer_groups.reservations.store import ReservationStore
from customer_groups.testing.comparison import Interrupted, answer_of, demand_same
from customer_groups.testing.driver import TENANTS
from customer_groups.testing.layers import Storage
from customer_groups.testing.reservations.functions import Functions, Operation
from customer_groups.testing.reservations.model import ReservationModel

__all__ = ["ReservationAdapter", "Sides"]

T = TypeVar("T")


class ReservationAdapter(Protocol):
    """What the kit must know to test an adapter."""

    def make_storage(self) -> Storage:
        """Return a new, empty storage."""

    def open_store(
        self, storage: Storage, tenant: str, customers: Sequence[Customer], rules: ReservationRules
    ) -> ReservationStore:
        """Return the groups and reservations of one tenant on this storage."""

    def set_on_hand(self, work: ReservationWork, on_hand: Mapping[StockKey, Quantity]) -> None:
        """Store what the host has, in the transaction of a unit of work."""


@attrs.frozen
class _Frame:
    """An open transaction, or a context nested in it.

    Attributes:
        exits: How the adapters leave it, by their names.
        before: The model as it was at the beginning.
    """

    exits: Mapping[str, ExitStack]
    before: ReservationModel


class Sides:
    """Asks several adapters and the model the same, and demands the same answers.

    Two tenants are on each storage. What is done is done as one of them, the ``tenant``, in
    the open transaction, or else in a transaction of its own.
    """

    def __init__(self, adapters: Mapping[str, ReservationAdapter]) -> None:
        """Make a new storage for each adapter; `open` the stores of both tenants next."""
        self.tenant = TENANTS[0]
        self._adapters = adapters
        self._storages = {name: adapter.make_storage() for name, adapter in adapters.items()}
        self._models: dict[str, ReservationModel] = {}
        self._stores: dict[str, dict[str, ReservationStore]] = {}
        self._works: dict[str, ReservationWork] = {}
        self._frames: list[_Frame] = []

    @property
    def model(self) -> ReservationModel:
        """What the tenant should have stored."""
        return self._models[self.tenant]

    @property
    def depth(self) -> int:
        """How many contexts are open: none, a transaction, or more that are nested in it."""
        return len(self._frames)

    def open(self, customers: Sequence[Customer], rules: ReservationRules) -> None:
        """Open the stores of both tenants."""
        for tenant in TENANTS:
            self._models[tenant] = ReservationModel.of(customers, rules)
            self._stores[tenant] = {
                name: adapter.open_store(self._storages[name], tenant, customers, rules)
                for name, adapter in self._adapters.items()
            }

    def begin(self) -> None:
        """Begin a transaction."""
        stores = self._stores[self.tenant]
        self._works = self._enter({name: store.transaction() for name, store in stores.items()})

    def begin_atomic(self) -> None:
        """Begin a context nested in the innermost one."""
        works = self._works
        self._enter({name: work.reservations.atomic() for name, work in works.items()})

    def _enter(self, contexts: Mapping[str, AbstractContextManager[T]]) -> dict[str, T]:
        exits = {name: ExitStack() for name in contexts}
        self._frames.append(_Frame(exits, self.model.copy()))
        return {name: exits[name].enter_context(context) for name, context in contexts.items()}

    def keep(self) -> None:
        """End the innermost context; if it is the transaction, commit."""
        for name, exits in self._frames.pop().exits.items():
            answer = answer_of(ExitStack.close, exits)
            self._demand_same(name, None, answer, "end of a transaction or atomic()")

    def undo(self) -> None:
        """Leave the innermost context by an exception, which must undo it and pass on."""
        frame = self._frames.pop()
        for name, exits in frame.exits.items():
            answer = answer_of(_interrupt, exits)
            self._demand_same(name, Interrupted(), answer, "exception that undoes all since")
        self._models[self.tenant] = frame.before

    def abandon(self) -> None:
        """Roll back what is still open, whatever state the adapters are in."""
        while self._frames:
            for exits in self._frames.pop().exits.values():
                answer_of(_interrupt, exits)

    def agree(self, operation: Operation) -> object:
        """Demand that every adapter answers as the model does; return what it answers."""
        expected = _expected(operation, self.model)
        for name in self._adapters:
            self._demand_same(name, expected, self._answer(name, operation), operation)
        return expected

    def _answer(self, name: str, operation: Operation) -> object:
        host = self._adapters[name].set_on_hand
        if self._frames:
            return answer_of(operation, Functions(self._works[name], host))
        store = self._stores[self.tenant][name]
        return answer_of(
            lambda store: store.run(lambda work: operation(Functions(work, host))), store
        )

    def _demand_same(self, name: str, expected: object, actual: object, operation: object) -> None:
        demand_same(expected, actual, f"{name}, tenant {self.tenant!r}", operation)


def _expected(operation: Operation, model: ReservationModel) -> object:
    """Return what the model answers; an error that is not ours is a bug of the model."""
    try:
        return operation(model)
    except CustomerGroupsError as error:
        return error


def _interrupt(exits: ExitStack) -> None:
    with exits:
        raise Interrupted

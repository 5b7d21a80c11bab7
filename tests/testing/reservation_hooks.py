"""The hooks of the kit for reservations on storages in memory: right ones, and broken ones."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial

import attrs

from customer_groups.adapters.memory import InMemoryGroupStore, InMemoryStorage, InMemoryUnitOfWork
from customer_groups.customers import Customer
from customer_groups.repository import GroupStore, UnitOfWork
from customer_groups.reservations.memory import (
    InMemoryReservationRepository,
    InMemoryReservations,
    InMemoryReservationWork,
)
from customer_groups.reservations.model import StockKey
from customer_groups.reservations.quantities import Quantity
from customer_groups.reservations.repository import ReservationRules, ReservationWork
from customer_groups.reservations.store import ReservationStore
from customer_groups.testing.layers import Storage
from customer_groups.testing.reservations.base import ReservationRepositoryRules

__all__ = ["InMemoryRules", "Opens", "asked", "goods_of", "keep_goods"]

Opens = Callable[[Storage, str, Sequence[Customer]], GroupStore]


@attrs.frozen
class Goods:
    """What a host in memory has; kept in the transactions of the groups."""

    on_hand: Mapping[StockKey, Quantity] = attrs.field(factory=dict)


def asked(
    work: UnitOfWork, stocks: Collection[StockKey], *, lock: bool
) -> Mapping[StockKey, Quantity]:
    """Tell what the host has; nobody else changes it during a transaction in memory."""
    assert isinstance(lock, bool)
    on_hand = goods_of(work)
    return {stock: on_hand[stock] for stock in stocks if stock in on_hand}


def goods_of(work: UnitOfWork) -> Mapping[StockKey, Quantity]:
    """Return what the host has."""
    assert isinstance(work, InMemoryUnitOfWork)
    return work.groups.other(Goods).on_hand


def keep_goods(work: UnitOfWork, on_hand: Mapping[StockKey, Quantity]) -> None:
    """Let the host have so much of some stocks."""
    assert isinstance(work, InMemoryUnitOfWork)
    work.groups.keep_other(Goods({**goods_of(work), **on_hand}))


@attrs.frozen
class _Reservations:
    """Reservations of any kind, beside the stock of the host."""

    rules: ReservationRules
    repository: type[InMemoryReservationRepository]

    def bind(self, work: UnitOfWork) -> InMemoryReservationWork:
        """Return the reservations, with the stock that this transaction sees."""
        bound = InMemoryReservations(on_hand=partial(asked, work), rules=self.rules).bind(work)
        repository = self.repository(bound.core.groups, self.rules.scale)
        bound._reservations = repository  # noqa: SLF001 - broken ones have no other way in
        return bound


class InMemoryRules(ReservationRepositoryRules):
    """The hooks of a storage in memory.

    Attributes:
        repository: The kind of repository.
        opens: Opens the groups for a user who is alone.
        opens_beside: Opens the groups for one of several users.
    """

    repository: type[InMemoryReservationRepository] = InMemoryReservationRepository
    make_storage: Callable[[], Storage] = staticmethod(InMemoryStorage)
    opens: Opens = staticmethod(InMemoryGroupStore)
    opens_beside: Opens = staticmethod(InMemoryGroupStore)

    def open_store(
        self, storage: Storage, tenant: str, customers: Sequence[Customer], rules: ReservationRules
    ) -> ReservationStore:
        """Open the groups and reservations of a tenant."""
        return self.with_reservations(self.opens(storage, tenant, customers), rules)

    def concurrent(
        self, storage: Storage, tenant: str, customers: Sequence[Customer], rules: ReservationRules
    ) -> ReservationStore:
        """Open them once more."""
        return self.with_reservations(self.opens_beside(storage, tenant, customers), rules)

    def with_reservations(self, groups: GroupStore, rules: ReservationRules) -> ReservationStore:
        """Return a store of groups with reservations beside them."""
        return ReservationStore(groups, _Reservations(rules, self.repository))

    def set_on_hand(self, work: ReservationWork, on_hand: Mapping[StockKey, Quantity]) -> None:
        """Change what the host has."""
        keep_goods(work.core, on_hand)

"""A broken adapter for reservations in memory, made of the right one and the part that is wrong."""

from collections.abc import Mapping, Sequence

import attrs

from customer_groups.adapters.memory import InMemoryGroupStore
from customer_groups.customers import Customer
from customer_groups.reservations.model import StockKey
from customer_groups.reservations.quantities import Quantity
from customer_groups.reservations.repository import ReservationRules, ReservationWork
from customer_groups.reservations.store import ReservationStore
from gallery.exhibits import Exhibit, Layer
from gallery.reservations.adapter import Reservations, ReservationsOfHost, Storage, Work
from testing.reservation_hooks import keep_goods

__all__ = ["Case", "cases"]

Broken = type[Reservations] | type[Work]
"""The part of an adapter that is wrong."""


@attrs.frozen
class Case(Exhibit):
    """An adapter for reservations with one bug."""

    repository: type[Reservations] = Reservations
    work: type[Work] = Work

    def make_storage(self) -> Storage:
        """Return a new storage."""
        return Storage()

    def open_store(
        self, storage: Storage, tenant: str, customers: Sequence[Customer], rules: ReservationRules
    ) -> ReservationStore:
        """Return the groups and reservations of a tenant."""
        groups = InMemoryGroupStore(storage, tenant, customers)
        parts = ReservationsOfHost(storage, rules, self.work, self.repository)
        return ReservationStore(groups, parts)

    concurrent = open_store

    def set_on_hand(self, work: ReservationWork, on_hand: Mapping[StockKey, Quantity]) -> None:
        """Store what the host has."""
        keep_goods(work.core, on_hand)

    def close_storage(self, storage: Storage) -> None:
        """Leave it to the garbage collector."""


def cases(*broken: Broken, layer: Layer = "rules") -> tuple[Case, ...]:
    """Return adapters with one broken part each.

    Args:
        broken: The broken parts.
        layer: The part of the kit that must find each of them.
    """
    return tuple(_case(part, Case(part, layer)) for part in broken)


def _case(part: Broken, case: Case) -> Case:
    if issubclass(part, Work):
        return attrs.evolve(case, work=part)
    return attrs.evolve(case, repository=part)

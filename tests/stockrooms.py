"""Databases with groups, stock and reservations, where processes meet, for tests."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import TypeVar

import attrs
import sqlalchemy as sa

from customer_groups.adapters.sql import EmbeddedGroupStore, SqlUnitOfWork, load_customers
from customer_groups.adapters.sql.translating import translated
from customer_groups.errors import RetryableConflictError
from customer_groups.repository import GroupStore, UnitOfWork
from customer_groups.reservations.sql import EmbeddedReservations
from customer_groups.reservations.store import ReservationStore
from customer_groups.service import create_group
from processes import opened
from stores import HostStore, customer

__all__ = ["CUSTOMERS", "GROUPS", "PatientStore", "Place", "Stockroom", "furnish"]

T = TypeVar("T")

GROUPS: Mapping[str, tuple[str, ...]] = {
    "A": ("IN-A", "IN-AB"),
    "B": ("IN-AB", "IN-B"),
    "C": ("IN-C",),
}
"""The groups with their members."""

CUSTOMERS = ("IN-A", "IN-AB", "IN-B", "IN-C", "STRANGER")
"""All customers; the last one is in no group."""


@attrs.frozen(eq=False)
class PatientStore:
    """A store whose caller repeats what met a conflict, however often that takes."""

    store: GroupStore

    def transaction(self) -> AbstractContextManager[UnitOfWork]:
        """Return a context that is one transaction."""
        return self.store.transaction()

    def run(self, operation: Callable[[UnitOfWork], T]) -> T:
        """Run the operation until nobody is in its way."""
        while True:
            with contextlib.suppress(RetryableConflictError):
                return self.store.run(operation)


class HostOnCluster(HostStore):
    """A host that knows how a cluster tells of a conflict: by the error of a driver at commit."""

    def run(self, operation: Callable[[SqlUnitOfWork], T]) -> T:
        """Run the operation once."""
        with translated():
            return super().run(operation)


@attrs.frozen(eq=False)
class Stockroom:
    """Groups, stock and reservations that are open, with connections of their own.

    Attributes:
        groups: Our own store of the groups.
        embedded: The reservations, and the table of what is on hand.
        store: Opens the transactions, as it is done in this place.
    """

    groups: EmbeddedGroupStore
    embedded: EmbeddedReservations
    store: ReservationStore


@attrs.frozen
class Place:
    """Where processes meet.

    Attributes:
        url: The database.
        is_of_host: Whether the transactions are those of a host, which see one moment, and
            which it repeats.
        is_cluster: Whether it is one node of a cluster, and stock is changed on the others, too.
    """

    url: sa.URL
    is_of_host: bool = False
    is_cluster: bool = False

    @property
    def has_conflicts(self) -> bool:
        """Whether somebody may be in the way of a transaction that locks all in order."""
        return self.is_of_host or self.is_cluster

    @contextmanager
    def opened(self) -> Iterator[Stockroom]:
        """Open it with connections of its own; a node first gets what the others have."""
        with opened(self.url) as groups:
            if self.is_cluster:
                _catch_up(groups.engine)
            embedded = EmbeddedReservations(groups)
            store = ReservationStore(self._store(groups), embedded.store.reservations)
            yield Stockroom(groups, embedded, store)

    def _store(self, groups: EmbeddedGroupStore) -> GroupStore:
        if self.is_of_host:
            return PatientStore(HostOnCluster(groups) if self.is_cluster else HostStore(groups))
        return PatientStore(groups) if self.is_cluster else groups


def furnish(place: Place, on_hand: Mapping[str, int]) -> None:
    """Create the tables, the customers and the groups, and bring in what is on hand."""
    with opened(place.url) as groups:
        groups.create()
        load_customers(groups, map(customer, CUSTOMERS, CUSTOMERS))
        embedded = EmbeddedReservations(groups)
        embedded.load_on_hand(on_hand)
        for code, members in GROUPS.items():
            groups.run(lambda work: create_group(work, code, code=code, customers=members))  # noqa: B023


def _catch_up(node: sa.Engine) -> None:
    with node.connect() as connection:
        connection.exec_driver_sql("SET STATEMENT wsrep_sync_wait = 1 FOR SELECT 1")

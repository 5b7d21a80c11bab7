"""Broken adapters whose bug shows when several transactions really run at the same time."""

from collections.abc import Sequence
from typing import ClassVar

import attrs

from customer_groups.adapters.sql import EmbeddedGroupStore
from customer_groups.customers import Customer
from customer_groups.repository import GroupStore, UnitOfWork
from customer_groups.reservations.repository import ReservationRules
from customer_groups.reservations.sql import (
    SqlReservationRepository,
    SqlReservations,
    SqlReservationWork,
)
from customer_groups.reservations.store import ReservationStore
from customer_groups.testing.profiles import ProfileName
from gallery.exhibits import Exhibit, Layer
from stockrooms import PatientStore
from stores import HostStore
from testing.fault_points import Database
from testing.reservation_databases import SqlContract

__all__ = ["SECONDS_TO_THE_DATABASE", "ContractOnServer", "ServerCase"]

SECONDS_TO_THE_DATABASE = 0.003
"""How long others have before an adapter goes on."""


@attrs.frozen
class ServerCase(Exhibit):
    """An adapter on a server with one bug.

    Attributes:
        repository: The part that is wrong.
        driver: How the server is reached.
        is_of_host: Whether the transactions are those of a host, which see one moment.
        profile: How long the kit looks; some races are lost only now and then.
    """

    layer: Layer = "concurrent"
    repository: type[SqlReservationRepository] = SqlReservationRepository
    driver: str = "psycopg"
    is_of_host: bool = False
    profile: ProfileName = "deep"

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layer of several users; the bugs are none for one."""
        return (self.layer,)


@attrs.frozen
class ReservationsOnServer:
    """Reservations with a repository that may be broken."""

    right: SqlReservations
    repository: type[SqlReservationRepository]

    def bind(self, work: UnitOfWork) -> SqlReservationWork:
        """Return the reservations in the transaction of a unit of work."""
        bound = self.right.bind(work)
        core, rules = bound.core, bound.rules
        statements = self.right.statements(core.session.dialect)
        repository = self.repository(core.session, statements, core.tenant, rules.scale)
        return SqlReservationWork(core, repository, bound.on_hand, rules)


class ContractOnServer(SqlContract):
    """All rules, for an adapter of the gallery that is on a server."""

    case: ClassVar[ServerCase]

    def make_storage(self) -> Database:
        """Return an empty database with its tables, on the server of the case."""
        self.driver, self.profile = self.case.driver, self.case.profile
        return super().make_storage()

    def open_store(
        self,
        storage: Database,
        tenant: str,
        customers: Sequence[Customer],
        rules: ReservationRules,
    ) -> ReservationStore:
        """Open the groups and reservations of a tenant."""
        return self.with_bug(super().open_store(storage, tenant, customers, rules))

    def concurrent(
        self,
        storage: Database,
        tenant: str,
        customers: Sequence[Customer],
        rules: ReservationRules,
    ) -> ReservationStore:
        """Open them once more."""
        return self.with_bug(super().concurrent(storage, tenant, customers, rules))

    def transactions(self, store: EmbeddedGroupStore) -> GroupStore:
        """Return whatever opens the transactions."""
        return PatientStore(HostStore(store)) if self.case.is_of_host else store

    def with_bug(self, store: ReservationStore) -> ReservationStore:
        """Return a store with the bug of the case."""
        right = store.reservations
        assert isinstance(right, SqlReservations)
        return attrs.evolve(store, reservations=ReservationsOnServer(right, self.case.repository))

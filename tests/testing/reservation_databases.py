"""The hooks of the kit for reservations in databases."""

import functools
from collections.abc import Mapping, Sequence

import attrs

from customer_groups.adapters.sql import EmbeddedGroupStore, SqlUnitOfWork, open_store
from customer_groups.customers import Customer
from customer_groups.repository import GroupStore
from customer_groups.reservations.model import StockKey
from customer_groups.reservations.quantities import Quantity
from customer_groups.reservations.repository import ReservationRules, ReservationWork
from customer_groups.reservations.sql import EmbeddedReservations, SqlReservations, create_schema
from customer_groups.reservations.sql.tenant_table import TenantTable
from customer_groups.reservations.store import ReservationStore
from customer_groups.testing import MayFail
from customer_groups.testing.reservations import ReservationRepositoryContract
from testing.fault_points import Database, new_database
from testing.looking import PROFILE

__all__ = ["SqlContract"]


@functools.cache
def layout() -> EmbeddedReservations:
    """Return the tables, which all databases share: statements are compiled once."""
    return EmbeddedReservations(open_store("sqlite://"))


def reservations(rules: ReservationRules) -> SqlReservations:
    """Return the reservations in these tables."""
    made = layout().store.reservations
    assert isinstance(made, SqlReservations)
    return attrs.evolve(made, rules=rules)


class SqlContract(ReservationRepositoryContract):
    """The hooks; a subclass says the driver."""

    driver = "sqlite"
    profile = PROFILE

    def make_storage(self) -> Database:
        """Return an empty database with its tables."""
        database = new_database(self.driver)
        tables, on_hand = layout().tables, layout().on_hand_table
        with database.engine.begin() as connection:
            on_hand.create(connection)
            create_schema(connection, tables)
        for table in (*tables.all, on_hand):
            database.closing.callback(table.drop, database.engine)
        return database

    def close_storage(self, storage: Database) -> None:
        """Close the database."""
        storage.closing.close()

    def set_on_hand(self, work: ReservationWork, on_hand: Mapping[StockKey, Quantity]) -> None:
        """Replace rows of the table of what is on hand."""
        assert isinstance(work.core, SqlUnitOfWork)
        table = layout().on_hand_table
        rows = TenantTable(work.core.session, table, work.core.tenant)
        rows.delete(table.c.stock.in_([*on_hand]))
        rows.insert([{"stock": stock, "quantity": has} for stock, has in on_hand.items()])

    def open_store(
        self,
        storage: Database,
        tenant: str,
        customers: Sequence[Customer],
        rules: ReservationRules,
    ) -> ReservationStore:
        """Open the groups and reservations of a tenant, over exactly these customers."""
        groups = self.transactions(storage.open(tenant, customers))
        return ReservationStore(groups, reservations(rules))

    def concurrent(
        self,
        storage: Database,
        tenant: str,
        customers: Sequence[Customer],  # noqa: ARG002 - they are in the database
        rules: ReservationRules,
    ) -> ReservationStore:
        """Open the groups and reservations of a tenant once more."""
        groups = self.transactions(storage.beside(tenant))
        return ReservationStore(groups, reservations(rules))

    def faults(
        self,
        storage: Database,
        tenant: str,
        customers: Sequence[Customer],  # noqa: ARG002 - they are in the database
        rules: ReservationRules,
        may_fail: MayFail,
    ) -> ReservationStore:
        """Open them over a driver that fails."""
        return ReservationStore(storage.failing(tenant, may_fail), reservations(rules))

    def transactions(self, store: EmbeddedGroupStore) -> GroupStore:
        """Return whatever opens the transactions."""
        return store

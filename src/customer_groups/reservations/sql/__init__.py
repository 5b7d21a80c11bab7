"""Reservations kept in a database, through SQLAlchemy Core."""

from customer_groups.adapters.sql.schema import create_schema, ddl, schema_version
from customer_groups.reservations.sql.embedded import EmbeddedReservations
from customer_groups.reservations.sql.migrations import migrate
from customer_groups.reservations.sql.repository import SqlReservationRepository
from customer_groups.reservations.sql.stock_table import SqlStockOnHand, StockTable
from customer_groups.reservations.sql.storage import SqlReservations, SqlReservationWork
from customer_groups.reservations.sql.tables import (
    SCHEMA_VERSION,
    ReservationTables,
    build_tables,
)
from customer_groups.reservations.sql.verifying import (
    ReservationFault,
    ReservationFaultKind,
    verify,
)

__all__ = [
    "SCHEMA_VERSION",
    "EmbeddedReservations",
    "ReservationFault",
    "ReservationFaultKind",
    "ReservationTables",
    "SqlReservationRepository",
    "SqlReservationWork",
    "SqlReservations",
    "SqlStockOnHand",
    "StockTable",
    "build_tables",
    "create_schema",
    "ddl",
    "migrate",
    "schema_version",
    "verify",
]

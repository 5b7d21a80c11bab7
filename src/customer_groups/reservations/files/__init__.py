"""Reservations from tables and to tables, and their ledger to tables."""

from customer_groups.reservations.files.exporting import (
    LEDGER_COLUMNS,
    RESERVATION_COLUMNS,
    export_ledger,
    export_reservations,
)
from customer_groups.reservations.files.importing import (
    ReservationsOptions,
    import_reservations,
    import_reservations_into,
)
from customer_groups.reservations.files.outcomes import RowOutcome, RowReject
from customer_groups.reservations.files.report import ReservationsReport
from customer_groups.reservations.files.stock_keys import StockKeyOf, item_at_location

__all__ = [
    "LEDGER_COLUMNS",
    "RESERVATION_COLUMNS",
    "ReservationsOptions",
    "ReservationsReport",
    "RowOutcome",
    "RowReject",
    "StockKeyOf",
    "export_ledger",
    "export_reservations",
    "import_reservations",
    "import_reservations_into",
    "item_at_location",
]

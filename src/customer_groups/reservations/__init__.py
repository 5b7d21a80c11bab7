"""Stock that is held for groups of customers, before anybody orders it."""

from customer_groups.reservations.asking import (
    availability,
    available_to,
    find_reservations,
    get_consumption,
    get_reservation,
    history,
)
from customer_groups.reservations.consuming import Consumption, consume, settle, unconsume
from customer_groups.reservations.converters import make_converter
from customer_groups.reservations.errors import (
    ConsumptionNotFoundError,
    GroupInactiveError,
    InsufficientStockError,
    NotOutstandingError,
    RequestReusedError,
    ReservationClosedError,
    ReservationError,
    ReservationNotFoundError,
    ReservationsHeldError,
    Shortage,
)
from customer_groups.reservations.expiring import Expiry, expire_due
from customer_groups.reservations.groups import (
    GroupClosing,
    Holdings,
    activate_group,
    deactivate_group,
    delete_group,
)
from customer_groups.reservations.jobs import expire_all, reconcile_all
from customer_groups.reservations.model import (
    Availability,
    Draw,
    EntryKind,
    GroupReservation,
    LedgerEntry,
    ReservationState,
    StockKey,
)
from customer_groups.reservations.quantities import Quantity, Scale
from customer_groups.reservations.reconciling import (
    BypassedGate,
    Reconciliation,
    StockFinding,
    reconcile,
    repair,
)
from customer_groups.reservations.repository import (
    Booking,
    ReservationQuery,
    ReservationRepository,
    ReservationRules,
    Reservations,
    ReservationWork,
    StockAudit,
    StockOnHand,
    StockTotals,
)
from customer_groups.reservations.reserving import Reallocation, reallocate, release, reserve
from customer_groups.reservations.store import ReservationStore

__all__ = [
    "Availability",
    "Booking",
    "BypassedGate",
    "Consumption",
    "ConsumptionNotFoundError",
    "Draw",
    "EntryKind",
    "Expiry",
    "GroupClosing",
    "GroupInactiveError",
    "GroupReservation",
    "Holdings",
    "InsufficientStockError",
    "LedgerEntry",
    "NotOutstandingError",
    "Quantity",
    "Reallocation",
    "Reconciliation",
    "RequestReusedError",
    "ReservationClosedError",
    "ReservationError",
    "ReservationNotFoundError",
    "ReservationQuery",
    "ReservationRepository",
    "ReservationRules",
    "ReservationState",
    "ReservationStore",
    "ReservationWork",
    "Reservations",
    "ReservationsHeldError",
    "Scale",
    "Shortage",
    "StockAudit",
    "StockFinding",
    "StockKey",
    "StockOnHand",
    "StockTotals",
    "activate_group",
    "availability",
    "available_to",
    "consume",
    "deactivate_group",
    "delete_group",
    "expire_all",
    "expire_due",
    "find_reservations",
    "get_consumption",
    "get_reservation",
    "history",
    "make_converter",
    "reallocate",
    "reconcile",
    "reconcile_all",
    "release",
    "repair",
    "reserve",
    "settle",
    "unconsume",
]

"""Rows of reservations, draws and the ledger: how they become values, and values become rows."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from customer_groups.reservations.model import (
    Draw,
    GroupReservation,
    LedgerEntry,
    ReservationState,
)
from customer_groups.reservations.quantities import Scale
from customer_groups.reservations.repository import StockTotals

__all__ = [
    "draw_from_row",
    "draw_values",
    "entry_from_row",
    "entry_values",
    "reservation_from_row",
    "reservation_values",
    "totals_from_row",
]


def totals_from_row(row: sa.Row[Any], scale: Scale) -> StockTotals:
    """Return the totals that a row of the table of stocks holds."""
    return StockTotals(
        held=scale.kept(row.held),
        outstanding=scale.kept(row.outstanding),
        version=row.version,
    )


def reservation_values(reservation: GroupReservation) -> dict[str, Any]:
    """Return the values of all columns of a reservation but the tenant."""
    return {
        "id": reservation.id,
        "group_code": reservation.group,
        "group_created_at": reservation.group_created_at,
        "stock": reservation.stock,
        "quantity": reservation.quantity,
        "consumed": reservation.consumed,
        "valid_from": reservation.valid_from,
        "valid_to": reservation.valid_to,
        "priority": reservation.priority,
        "holds_before_start": int(reservation.holds_before_start),
        "state": reservation.state.value,
        "due_at": _due_at(reservation),
        "created_at": reservation.created_at,
        "created_by": reservation.created_by,
    }


def _due_at(reservation: GroupReservation) -> datetime | None:
    """Return when the time of a reservation comes; None if it never does any more."""
    if not reservation.state.is_open:
        return None
    end = reservation.valid_to
    if reservation.state is not ReservationState.PLANNED:
        return end
    # Nobody plans what begins at once, yet somebody may have stored it so.
    start = reservation.valid_from or reservation.created_at
    return start if end is None else min(start, end)


def reservation_from_row(row: sa.Row[Any], scale: Scale) -> GroupReservation:
    """Return the reservation that a row holds."""
    return GroupReservation(
        id=row.id,
        group=row.group_code,
        group_created_at=row.group_created_at,
        stock=row.stock,
        quantity=scale.kept(row.quantity),
        consumed=scale.kept(row.consumed),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        priority=row.priority,
        holds_before_start=bool(row.holds_before_start),
        state=row.state,
        created_at=row.created_at,
        created_by=row.created_by,
    )


def draw_values(draw: Draw) -> dict[str, Any]:
    """Return the values of all columns of a draw but the tenant."""
    return {
        "consumption": draw.consumption,
        "line": draw.line,
        "customer_key": draw.customer,
        "stock": draw.stock,
        "reservation": draw.reservation,
        "quantity": draw.quantity,
        "settled": draw.settled,
        "returned": draw.returned,
    }


def draw_from_row(row: sa.Row[Any], scale: Scale) -> Draw:
    """Return the draw that a row holds."""
    return Draw(
        consumption=row.consumption,
        line=row.line,
        customer=row.customer_key,
        stock=row.stock,
        reservation=row.reservation,
        quantity=scale.kept(row.quantity),
        settled=scale.kept(row.settled),
        returned=scale.kept(row.returned),
    )


def entry_values(entry: LedgerEntry) -> dict[str, Any]:
    """Return the values of all columns of an entry of the ledger but the tenant."""
    return {
        "stock": entry.stock,
        "version": entry.version,
        "line": entry.line,
        "request_id": entry.request_id,
        "kind": entry.kind.value,
        "held": entry.held,
        "outstanding": entry.outstanding,
        "reservation": entry.reservation,
        "customer_key": entry.customer,
        "created_at": entry.at,
        "created_by": entry.by,
    }


def entry_from_row(row: sa.Row[Any], scale: Scale) -> LedgerEntry:
    """Return the entry of the ledger that a row holds."""
    return LedgerEntry(
        stock=row.stock,
        version=row.version,
        line=row.line,
        request_id=row.request_id,
        kind=row.kind,
        held=scale.kept(row.held),
        outstanding=scale.kept(row.outstanding),
        reservation=row.reservation,
        customer=row.customer_key,
        at=row.created_at,
        by=row.created_by,
    )

"""The groups, stocks and small steps with which the rules of reservations are told."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from customer_groups.customers import CustomerKey
from customer_groups.paging import MAX_PAGE
from customer_groups.reservations.asking import available_to, find_reservations, history
from customer_groups.reservations.consuming import Consumption
from customer_groups.reservations.model import (
    EntryKind,
    GroupReservation,
    LedgerEntry,
    StockKey,
    parse_stock_key,
)
from customer_groups.reservations.quantities import Quantity, Scale
from customer_groups.reservations.repository import ReservationRules, ReservationWork
from customer_groups.testing.contracts.values import NOON, A, B, C, all_items, group, join

__all__ = [
    "BOTH",
    "GRAMS",
    "MEMBER",
    "PIECES",
    "STRANGER",
    "Options",
    "all_entries",
    "all_reservations",
    "free",
    "kinds",
    "open_groups",
    "promised",
    "sources",
]

Options: TypeAlias = Mapping[str, Any]
"""What a function is called with, by keyword."""

X, Y, Z = map(parse_stock_key, ("X", "Y", "Z"))

PIECES = ReservationRules()
"""A host that counts whole pieces, and promises no more than it has."""

GRAMS = ReservationRules(scale=Scale(3))
"""A host that weighs kilograms to the gram."""

MEMBER, BOTH, STRANGER = map(CustomerKey, ("ONE", "TWO", "THREE"))
"""A member of A, a member of A and B, and a customer who is in no group."""


def open_groups(work: ReservationWork) -> None:
    """Store the groups of the rules: A, B, and C, which is empty."""
    groups = work.core.groups
    for code in (A, B, C):
        groups.add(group(code))
    join(groups, A, MEMBER, BOTH)
    join(groups, B, BOTH)


def free(work: ReservationWork, stock: StockKey = X) -> Quantity:
    """Return how much of a stock a customer can take who is in no group, at noon."""
    return available_to(work, STRANGER, stock, at=NOON)


def promised(work: ReservationWork, stock: StockKey = X) -> tuple[Quantity, Quantity]:
    """Return how much of a stock is held and how much is outstanding, as it is stored."""
    totals = work.reservations.totals([stock])[stock]
    return totals.held, totals.outstanding


def sources(consumption: Consumption) -> list[tuple[str | None, Quantity]]:
    """Return how much is outstanding from where, in the order in which it was taken."""
    return [(draw.reservation, draw.outstanding) for draw in consumption.draws if draw.outstanding]


def all_entries(work: ReservationWork, stock: StockKey | None = None) -> list[LedgerEntry]:
    """Return the ledger, from all pages."""
    return all_items(lambda after: history(work, stock=stock, limit=MAX_PAGE, after=after))


def all_reservations(work: ReservationWork) -> list[GroupReservation]:
    """Return the reservations, from all pages."""
    return all_items(lambda after: find_reservations(work, limit=MAX_PAGE, after=after))


def kinds(work: ReservationWork, stock: StockKey = X) -> list[EntryKind]:
    """Return what has happened to a stock."""
    return [entry.kind for entry in all_entries(work, stock)]

"""Values of reservations for tests, and a store in memory to keep them in."""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs

from customer_groups.adapters.memory import InMemoryGroupStore, InMemoryStorage
from customer_groups.customers import Customer
from customer_groups.model import CustomerGroup
from customer_groups.reservations.memory import InMemoryReservations
from customer_groups.reservations.model import (
    Draw,
    EntryKind,
    GroupReservation,
    LedgerEntry,
    StockKey,
)
from customer_groups.reservations.quantities import Quantity
from customer_groups.reservations.repository import ReservationRules
from customer_groups.reservations.shelves import Shelf
from customer_groups.reservations.store import ReservationStore

__all__ = [
    "DAY",
    "NOW",
    "A",
    "B",
    "Warehouse",
    "draw",
    "entry",
    "group",
    "moves",
    "reservation",
    "reservation_store",
    "shelf_of",
]

A, B = StockKey("a"), StockKey("b")
NOW = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
DAY = timedelta(days=1)

_RESERVATION = GroupReservation(id="r", group="G", stock="a", quantity=10, created_at=NOW)
_ENTRY = LedgerEntry(
    stock="a", version=1, line=1, request_id="r", kind=EntryKind.RESERVE, held=10, at=NOW
)
_DRAW = Draw(consumption="c", line=1, customer="C1", stock="a", quantity=10)


def reservation(**changes: Any) -> GroupReservation:  # noqa: ANN401 - any field
    """Return a reservation of ten "a" for the group G, with these fields instead."""
    return attrs.evolve(_RESERVATION, **changes)


def entry(**changes: Any) -> LedgerEntry:  # noqa: ANN401 - any field
    """Return the first entry of the stock "a", with these fields instead."""
    return attrs.evolve(_ENTRY, **changes)


def draw(**changes: Any) -> Draw:  # noqa: ANN401 - any field
    """Return ten "a" that the customer C1 drew from free stock, with these fields instead."""
    return attrs.evolve(_DRAW, **changes)


def group(code: str = "G", *, created_at: datetime = NOW) -> CustomerGroup:
    """Return a group with this code, which may be another one than before."""
    return CustomerGroup(code, f"Group {code}", created_at)


def shelf_of(
    *made: GroupReservation,
    on_hand: Quantity | None,
    stock: StockKey = A,
    allowance: Quantity = 0,
    outstanding: Quantity = 0,
) -> Shelf:
    """Return the shelf of a stock with these reservations, at its seventh change."""
    return Shelf(
        stock,
        on_hand=on_hand,
        allowance=allowance,
        held=sum(each.held for each in made),
        outstanding=outstanding,
        version=7,
        reservations={each.id: each for each in made},
    )


def moves(shelf: Shelf) -> list[tuple[EntryKind, Quantity, Quantity, str | None]]:
    """Return what a shelf has noted, without the customers."""
    return [(each.kind, each.held, each.outstanding, each.reservation) for each in shelf.moves]


@attrs.define
class Warehouse:
    """What a host has, and how it was asked for it: the stocks, and whether to lock them."""

    stock: dict[str, Quantity]
    asked: list[tuple[tuple[str, ...], bool]] = attrs.field(factory=list)

    def __call__(self, stocks: Collection[StockKey], *, lock: bool) -> Mapping[StockKey, Quantity]:
        """Return what there is of these stocks, see `StockOnHand`."""
        self.asked.append((tuple(stocks), lock))
        return {stock: self.stock[stock] for stock in stocks if stock in self.stock}


def reservation_store(
    on_hand: Mapping[str, Quantity] | None = None,
    *,
    rules: ReservationRules | None = None,
    storage: InMemoryStorage | None = None,
    tenant: str = "t",
    customers: Iterable[Customer] = (),
) -> ReservationStore:
    """Return a store in memory of a host that has this."""
    return ReservationStore(
        InMemoryGroupStore(storage or InMemoryStorage(), tenant, customers),
        InMemoryReservations(
            on_hand=Warehouse(dict(on_hand or {})), rules=rules or ReservationRules()
        ),
    )

"""What there is, for whom, and how it came about: questions that lock and change nothing."""

from collections.abc import Collection
from datetime import datetime

from customer_groups.codes import parse_group_code
from customer_groups.customers import parse_customer_key
from customer_groups.errors import InvalidValueError
from customer_groups.model import GroupStatus, time_or_now
from customer_groups.paging import Page
from customer_groups.reservations.consuming import Consumption
from customer_groups.reservations.errors import ConsumptionNotFoundError, ReservationNotFoundError
from customer_groups.reservations.model import (
    Availability,
    GroupReservation,
    LedgerEntry,
    ReservationState,
    parse_request_id,
    parse_reservation_id,
    parse_stock_key,
)
from customer_groups.reservations.quantities import Quantity, exact_sums
from customer_groups.reservations.repository import ReservationQuery, ReservationWork
from customer_groups.reservations.shelves import read_shelves
from customer_groups.text import one_of

__all__ = [
    "availability",
    "available_to",
    "find_reservations",
    "get_consumption",
    "get_reservation",
    "history",
]


def available_to(
    work: ReservationWork, customer: str, stock: str, *, at: datetime | None = None
) -> Quantity:
    """Return how much of a stock a customer can take: as much as `consume` would give.

    What is free, and what is held for the active groups that the customer is in. Several
    customers may see the same goods, until one of them consumes.

    Args:
        work: The unit of work.
        customer: The key of the customer.
        stock: The stock.
        at: The time that it is asked for; None for now.
    """
    key, item = parse_customer_key(customer), parse_stock_key(stock)
    groups = work.core.groups.groups_of([key], status=GroupStatus.ACTIVE)[key]
    with exact_sums():
        shelf = read_shelves(work, [item], time_or_now(at))[item]
        return shelf.available_to(groups)


def availability(work: ReservationWork, stock: str, *, at: datetime | None = None) -> Availability:
    """Return what there is of a stock, and for which groups it is held.

    Args:
        work: The unit of work.
        stock: The stock.
        at: The time that it is asked for; None for now.
    """
    item = parse_stock_key(stock)
    with exact_sums():
        shelf = read_shelves(work, [item], time_or_now(at))[item]
        return Availability(
            stock=item,
            on_hand=shelf.limit - work.rules.allowance,
            allowance=work.rules.allowance,
            held=shelf.held,
            outstanding=shelf.outstanding,
            by_group=shelf.held_by_group(),
        )


def get_reservation(work: ReservationWork, reservation: str) -> GroupReservation:
    """Return a reservation as it is stored.

    Args:
        work: The unit of work.
        reservation: Its id.

    Raises:
        ReservationNotFoundError: no reservation has this id.
    """
    key = parse_reservation_id(reservation)
    found = work.reservations.get([key]).get(key)
    if found is None:
        raise ReservationNotFoundError(key)
    return found


def get_consumption(work: ReservationWork, consumption: str) -> Consumption:
    """Return what an order has taken, as it is now: how much is settled, how much came back.

    Args:
        work: The unit of work.
        consumption: The ``request_id`` of the call of `consume`.

    Raises:
        ConsumptionNotFoundError: no request with this id consumed anything.
    """
    key = parse_request_id(consumption)
    draws = work.reservations.draws(key)
    if not draws:
        raise ConsumptionNotFoundError(key)
    return Consumption(key, draws[0].customer, draws)


def find_reservations(
    work: ReservationWork,
    *,
    group: str | None = None,
    stock: str | None = None,
    states: Collection[ReservationState | str] = (),
    limit: int = 50,
    after: str | None = None,
) -> Page[GroupReservation]:
    """Return a page of reservations as they are stored, by stock and id.

    Args:
        work: The unit of work.
        group: Only those of the group with this code.
        stock: Only those of this stock.
        states: Only those in one of these states; none for all.
        limit: How many at most, 1 to 1,000.
        after: The cursor of the page before.

    Raises:
        InvalidValueError: a value breaks its rules.
        InvalidCursorError: ``after`` comes from another search or tenant.
    """
    if isinstance(states, str):
        raise InvalidValueError("states", states, "is one text; pass a list of states")
    query = ReservationQuery(
        group=None if group is None else parse_group_code(group),
        stock=None if stock is None else parse_stock_key(stock),
        states=frozenset(one_of(ReservationState, "state", state) for state in states),
    )
    return work.reservations.find(query, limit=limit, after=after)


def history(
    work: ReservationWork,
    *,
    stock: str | None = None,
    reservation: str | None = None,
    limit: int = 50,
    after: str | None = None,
) -> Page[LedgerEntry]:
    """Return a page of the ledger: by stock, and for each in the order in which it happened.

    Args:
        work: The unit of work.
        stock: Only what moved this stock.
        reservation: Only what concerned the reservation with this id.
        limit: How many entries at most, 1 to 1,000.
        after: The cursor of the page before.

    Raises:
        InvalidValueError: a value breaks its rules.
        InvalidCursorError: ``after`` comes from another search or tenant.
    """
    return work.reservations.ledger(
        stock=None if stock is None else parse_stock_key(stock),
        reservation=None if reservation is None else parse_reservation_id(reservation),
        limit=limit,
        after=after,
    )

"""The end and the beginning of reservations, when their time has come."""

from datetime import datetime
from functools import partial

import attrs

from customer_groups.reservations.model import ReservationState
from customer_groups.reservations.repository import ReservationWork
from customer_groups.reservations.requests import Request, once
from customer_groups.reservations.shelves import booking_of, lock_shelves

__all__ = ["Expiry", "expire_due"]

MOST_AT_A_TIME = 200


@attrs.frozen
class Expiry:
    """What came to its time.

    Attributes:
        expired: The ids of the reservations that have ended, by stock and id.
        begun: The ids of those that have begun, likewise.
        next: What to pass as ``after`` in the next request; None when all were looked at.
    """

    expired: tuple[str, ...] = ()
    begun: tuple[str, ...] = ()
    next: str | None = None


def expire_due(
    work: ReservationWork,
    *,
    request_id: str,
    after: str | None = None,
    at: datetime | None = None,
    by: str | None = None,
) -> Expiry:
    """Free what is held by reservations whose time is over, and begin those whose time has come.

    Every other function does this for the stocks that it changes; so nothing is oversold or
    kept back where this one is never called. It is for those stocks that nobody asks for, and
    for lists that shall show it. It looks at some 200 reservations: call it until there is no
    `Expiry.next`, each time in a transaction of its own, so that others wait for a moment only.

    Args:
        work: The unit of work.
        request_id: Identifies the request.
        after: Where the request before has stopped; None for the beginning.
        at: When; what ends at this moment is over.
        by: Who does it.

    Raises:
        InvalidCursorError: ``after`` comes from another function or tenant.
        RequestReusedError: the same ``request_id`` asked for something else before.
    """
    request = Request(request_id, at, by)
    asked = {"expire_due": after}
    return once(work, request, asked, partial(_expire_due, work, request, after), Expiry)


def _expire_due(work: ReservationWork, request: Request, after: str | None) -> Expiry:
    page = work.reservations.due(request.at, limit=MOST_AT_A_TIME, after=after)
    if not page.items:
        return Expiry()
    stocks, ids = {each.stock for each in page.items}, sorted(each.id for each in page.items)
    shelves = lock_shelves(work, stocks, request.at, also=ids, asks_host=True)
    booking = booking_of(request, shelves.values())
    work.reservations.book(booking)
    ended, begun = (
        tuple(each.id for each in booking.changed if each.state is state)
        for state in (ReservationState.EXPIRED, ReservationState.ACTIVE)
    )
    return Expiry(ended, begun, page.next)

"""Stock set aside for a group, given up again, or moved to another group.

Each function works inside the unit of work that the host passes in; none of them begins,
commits or rolls back. Where one raises, it has changed nothing. The same ``request_id`` again
changes nothing more, and is answered as it was the first time. ``at`` is when something happens
and None means now; ``by`` is who does it.
"""

from datetime import datetime
from functools import partial

import attrs

from customer_groups.codes import GroupCode, parse_group_code
from customer_groups.errors import InvalidValueError
from customer_groups.model import CustomerGroup, parse_time
from customer_groups.reservations.errors import (
    GroupInactiveError,
    InsufficientStockError,
    ReservationClosedError,
    ReservationNotFoundError,
    Shortage,
)
from customer_groups.reservations.model import (
    DEFAULT_PRIORITY,
    EntryKind,
    GroupReservation,
    ReservationState,
    parse_reservation_id,
)
from customer_groups.reservations.quantities import Quantity, asked_for, to_units
from customer_groups.reservations.repository import ReservationWork
from customer_groups.reservations.requests import Request, once
from customer_groups.reservations.shelves import Shelf, booking_of, lock_shelves

__all__ = ["Reallocation", "reallocate", "release", "reserve"]


@attrs.frozen
class Reallocation:
    """A reservation of which some was moved to another group.

    Attributes:
        source: The reservation that gave it, as it is now.
        target: The new reservation.
    """

    source: GroupReservation
    target: GroupReservation


def reserve(
    work: ReservationWork,
    group: str,
    stock: str,
    quantity: Quantity,
    *,
    request_id: str,
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
    priority: int = DEFAULT_PRIORITY,
    holds_before_start: bool = True,
    at: datetime | None = None,
    by: str | None = None,
) -> GroupReservation:
    """Set stock aside for the customers of a group.

    Args:
        work: The unit of work.
        group: The code of the group, which must be active.
        stock: What is set aside.
        quantity: How much of it.
        request_id: Identifies the request, and from then on the reservation.
        valid_from: From when on members can consume it; None for at once.
        valid_to: Until when, this moment excluded; None for ever.
        priority: Which of several reservations is consumed first: 1 before 99.
        holds_before_start: Whether others cannot take the stock before ``valid_from`` already.
            If not, the reservation gets what is free when it begins, which may be less.
        at: When.
        by: Who does it.

    Returns:
        The reservation: planned, where its time has not come.

    Raises:
        InvalidValueError: the quantity is not above zero or finer than the scale, the window
            ends before it starts or has ended already, or another value breaks its rules.
        GroupNotFoundError: no group has this code.
        GroupInactiveError: the group is not active.
        InsufficientStockError: less than that is free; it says how much.
        RequestReusedError: the same ``request_id`` asked for something else before.
    """
    request = Request(request_id, at, by)
    made = GroupReservation(
        id=request.id,
        group=group,
        stock=stock,
        quantity=asked_for(quantity),
        valid_from=valid_from,
        valid_to=valid_to,
        priority=priority,
        holds_before_start=holds_before_start,
        state=_state_at(request.at, valid_from),
        created_at=request.at,
        created_by=request.by,
    )
    window = [made.valid_from, made.valid_to, made.holds_before_start]
    units = to_units(made.quantity)
    asked = {"reserve": [made.group, made.stock, units, made.priority, *window]}
    return once(work, request, asked, partial(_reserve, work, request, made), GroupReservation)


def release(
    work: ReservationWork,
    reservation: str,
    *,
    request_id: str,
    quantity: Quantity | None = None,
    at: datetime | None = None,
    by: str | None = None,
) -> GroupReservation:
    """Give up what is not consumed of a reservation, or a part of that.

    Args:
        work: The unit of work.
        reservation: Its id.
        request_id: Identifies the request.
        quantity: How much is given up; None for the rest, which ends the reservation.
        at: When.
        by: Who does it.

    Returns:
        The reservation as it is now.

    Raises:
        ReservationNotFoundError: no reservation has this id.
        ReservationClosedError: it was released already, or its time is over.
        InvalidValueError: the quantity is not above zero, finer than the scale, or more than
            what remains.
        RequestReusedError: the same ``request_id`` asked for something else before.
    """
    request, key = Request(request_id, at, by), parse_reservation_id(reservation)
    part = None if quantity is None else asked_for(quantity)
    asked = {"release": [key, None if part is None else to_units(part)]}
    return once(work, request, asked, partial(_release, work, request, key, part), GroupReservation)


def reallocate(
    work: ReservationWork,
    reservation: str,
    group: str,
    *,
    request_id: str,
    quantity: Quantity | None = None,
    at: datetime | None = None,
    by: str | None = None,
) -> Reallocation:
    """Move what is not consumed of a reservation, or a part of that, to another group.

    As much is held afterwards as before. The new reservation has the stock, the window and
    the priority of the old one.

    Args:
        work: The unit of work.
        reservation: The id of the reservation that gives it.
        group: The code of the group that gets it, which must be active; the one that gives
            need not be.
        request_id: Identifies the request, and from then on the new reservation.
        quantity: How much is moved; None for all that remains.
        at: When.
        by: Who does it.

    Returns:
        Both reservations as they are now.

    Raises:
        ReservationNotFoundError: no reservation has this id.
        ReservationClosedError: it was released already, or its time is over.
        GroupNotFoundError: no group has this code.
        GroupInactiveError: the group is not active.
        InvalidValueError: the quantity is not above zero, finer than the scale, or more than
            what remains; or the group has the reservation already.
        RequestReusedError: the same ``request_id`` asked for something else before.
    """
    request, key, code = (
        Request(request_id, at, by),
        parse_reservation_id(reservation),
        parse_group_code(group),
    )
    part = None if quantity is None else asked_for(quantity)
    asked = {"reallocate": [key, code, None if part is None else to_units(part)]}
    do = partial(_reallocate, work, request, key, code, part)
    return once(work, request, asked, do, Reallocation)


def _state_at(now: datetime, valid_from: datetime | None) -> ReservationState:
    is_planned = valid_from is not None and parse_time(valid_from) > now
    return ReservationState.PLANNED if is_planned else ReservationState.ACTIVE


def _reserve(work: ReservationWork, request: Request, made: GroupReservation) -> GroupReservation:
    scale = work.rules.scale
    quantity, nothing = scale.checked(made.quantity), scale.normal(0)
    if made.is_due(request.at):
        raise InvalidValueError("valid_to", str(made.valid_to), "has passed already")
    group = _require_open_group(work, made.group)
    made = attrs.evolve(
        made, group_created_at=group.created_at, quantity=quantity, consumed=nothing
    )
    shelf = lock_shelves(work, [made.stock], request.at, asks_host=True)[made.stock]
    if made.held > shelf.free:
        raise InsufficientStockError((Shortage(made.stock, made.quantity, shelf.free),))
    shelf.add(EntryKind.RESERVE, made)
    work.reservations.book(attrs.evolve(booking_of(request, [shelf]), made=(made,)))
    return made


def _release(
    work: ReservationWork, request: Request, key: str, quantity: Quantity | None
) -> GroupReservation:
    wanted = _checked(work, quantity)
    shelf, found = _locked(work, request, key)
    part = _part_of(found, wanted)
    is_all = part == found.remaining
    changed = found.ended(ReservationState.RELEASED) if is_all else found.lowered(part)
    shelf.change(EntryKind.RELEASE, changed)
    work.reservations.book(booking_of(request, [shelf]))
    return changed


def _reallocate(
    work: ReservationWork, request: Request, key: str, group: GroupCode, quantity: Quantity | None
) -> Reallocation:
    wanted = _checked(work, quantity)
    gaining = _require_open_group(work, group)
    shelf, found = _locked(work, request, key)
    if found.is_for(gaining):
        raise InvalidValueError("group", group, "has this reservation already; name another one")
    part = _part_of(found, wanted)
    if not part:
        raise InvalidValueError("quantity", part, "is all that remains; there is nothing to move")
    made = attrs.evolve(
        found,
        id=request.id,
        group=group,
        group_created_at=gaining.created_at,
        quantity=part,
        consumed=work.rules.scale.normal(0),
        created_at=request.at,
        created_by=request.by,
    )
    changed = found.lowered(part)
    shelf.change(EntryKind.MOVE_OUT, changed)
    shelf.add(EntryKind.MOVE_IN, made)
    work.reservations.book(attrs.evolve(booking_of(request, [shelf]), made=(made,)))
    return Reallocation(changed, made)


def _require_open_group(work: ReservationWork, code: GroupCode) -> CustomerGroup:
    """Return a group that may gain stock, and keep others from closing its gate."""
    is_open = work.reservations.lock_gates([code])[code]
    group = work.core.groups.get(code)
    if not (group.is_active and is_open):
        raise GroupInactiveError(code)
    return group


def _locked(work: ReservationWork, request: Request, key: str) -> tuple[Shelf, GroupReservation]:
    """Lock the stock of an open reservation, and read the reservation after that."""
    found = work.reservations.get([key]).get(key)
    if found is None:
        raise ReservationNotFoundError(key)
    shelf = lock_shelves(work, [found.stock], request.at, also=[key])[found.stock]
    locked = shelf.reservations[key]
    if not locked.state.is_open:
        raise ReservationClosedError(key, locked.state)
    return shelf, locked


def _checked(work: ReservationWork, quantity: Quantity | None) -> Quantity | None:
    return None if quantity is None else work.rules.scale.checked(quantity)


def _part_of(found: GroupReservation, quantity: Quantity | None) -> Quantity:
    part = found.remaining if quantity is None else quantity
    if part > found.remaining:
        reason = f"is more than the {found.remaining} that remain of {found.id}"
        raise InvalidValueError("quantity", part, reason)
    return part

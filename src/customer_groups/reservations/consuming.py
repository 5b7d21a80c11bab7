"""Stock taken by customers for the orders of the host, given back, and gone out at last.

For all of these functions holds what is said in `customer_groups.reservations.reserving`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial

import attrs

from customer_groups.customers import CustomerKey, parse_customer_key
from customer_groups.errors import InvalidValueError
from customer_groups.model import GroupStatus
from customer_groups.reservations.errors import (
    ConsumptionNotFoundError,
    InsufficientStockError,
    NotOutstandingError,
    Shortage,
)
from customer_groups.reservations.lines import Line, Lines, added_up, in_units, parse_lines
from customer_groups.reservations.model import Draw, EntryKind, StockKey, parse_request_id
from customer_groups.reservations.quantities import Quantity
from customer_groups.reservations.repository import ReservationWork
from customer_groups.reservations.requests import Request, once
from customer_groups.reservations.shelves import Shelf, booking_of, lock_shelves

__all__ = ["Consumption", "consume", "settle", "unconsume"]


@attrs.frozen
class Consumption:
    """What a request consumed.

    Attributes:
        id: The id of that request, by which it is settled or given back.
        customer: The key of the customer.
        draws: From where it was taken: by stock, then in the order in which it was taken.
        missing: By stock, of what there was less than was wanted, and how much there was.
    """

    id: str
    customer: CustomerKey
    draws: tuple[Draw, ...] = ()
    missing: tuple[Shortage, ...] = ()


def consume(
    work: ReservationWork,
    customer: str,
    lines: Lines,
    *,
    request_id: str,
    allow_partial: bool = False,
    at: datetime | None = None,
    by: str | None = None,
) -> Consumption:
    """Take stock for an order of a customer.

    First from the reservations of the active groups that the customer is in now, by priority,
    then the one that ends first, then the oldest; after that from what is free. What is taken
    is outstanding until it is settled or given back.

    Args:
        work: The unit of work.
        customer: The key of the customer; who is in no group takes what is free.
        lines: The stocks with their quantities; a stock that comes twice is added up.
        request_id: Identifies the request, and from then on the consumption: `settle` and
            `unconsume` ask for it.
        allow_partial: Whether to take as much as there is where that is less than is wanted.
        at: When.
        by: Who does it.

    Returns:
        What was taken from where, and what is missing. Where nothing was taken, there is nothing
        to settle or to give back under this id.

    Raises:
        InvalidValueError: there is no line, a quantity is not above zero or finer than the
            scale, or another value breaks its rules.
        InsufficientStockError: there is less of a stock than is wanted, and ``allow_partial`` is
            not set; nothing was taken.
        RequestReusedError: the same ``request_id`` asked for something else before.
    """
    if type(allow_partial) is not bool:
        raise InvalidValueError("allow_partial", allow_partial, "is neither True nor False")
    request, key = Request(request_id, at, by), parse_customer_key(customer)
    wanted = parse_lines(lines)
    asked = {"consume": [key, in_units(wanted), allow_partial]}
    do = partial(_consume, work, request, key, wanted, allow_partial=allow_partial)
    return once(work, request, asked, do, Consumption)


def unconsume(
    work: ReservationWork,
    consumption: str,
    lines: Lines | None = None,
    *,
    request_id: str,
    at: datetime | None = None,
    by: str | None = None,
) -> Consumption:
    """Give back what an order had taken and has not sent out.

    What was taken last is given back first: consuming five and giving back two leaves what
    consuming three would have taken. Each quantity goes back to where it came from; to free
    stock, where that reservation has ended.

    Args:
        work: The unit of work.
        consumption: The ``request_id`` of the call of `consume`.
        lines: The stocks with their quantities; None for all that is outstanding.
        request_id: Identifies this request.
        at: When.
        by: Who does it.

    Returns:
        The consumption as it is now.

    Raises:
        ConsumptionNotFoundError: no request with this id consumed anything.
        NotOutstandingError: less than that is outstanding, or nothing at all.
        InvalidValueError: a quantity is not above zero or finer than the scale.
        RequestReusedError: the same ``request_id`` asked for something else before.
    """
    request, key = Request(request_id, at, by), parse_request_id(consumption)
    wanted = None if lines is None else parse_lines(lines)
    asked = {"unconsume": [key, None if wanted is None else in_units(wanted)]}
    return once(work, request, asked, partial(_unconsume, work, request, key, wanted), Consumption)


def settle(
    work: ReservationWork,
    consumption: str,
    lines: Lines | None = None,
    *,
    request_id: str,
    lower: Callable[[Mapping[StockKey, Quantity]], None] | None = None,
    at: datetime | None = None,
    by: str | None = None,
) -> Consumption:
    """Note that goods which an order had taken have left the host's stock.

    The host lowers what it has on hand in the same transaction, after our stocks are locked; so
    nobody sees the goods as free in between, and nobody waits in a circle. What was taken first
    is settled first.

    Args:
        work: The unit of work.
        consumption: The ``request_id`` of the call of `consume`.
        lines: The stocks with their quantities; None for all that is outstanding.
        request_id: Identifies this request.
        lower: Lowers what the host has by these quantities. It is called at the right moment,
            and not again where the request is repeated. A host that lowers its stock by itself
            does so after this call, and must know by itself whether it did so before.
        at: When.
        by: Who does it.

    Returns:
        The consumption as it is now.

    Raises:
        ConsumptionNotFoundError: no request with this id consumed anything.
        NotOutstandingError: less than that is outstanding, or nothing at all.
        InvalidValueError: a quantity is not above zero or finer than the scale.
        RequestReusedError: the same ``request_id`` asked for something else before.
    """
    request, key = Request(request_id, at, by), parse_request_id(consumption)
    wanted = None if lines is None else parse_lines(lines)
    asked = {"settle": [key, None if wanted is None else in_units(wanted)]}
    do = partial(_settle, work, request, key, wanted, lower)
    return once(work, request, asked, do, Consumption)


def _consume(
    work: ReservationWork,
    request: Request,
    customer: CustomerKey,
    lines: Iterable[Line],
    *,
    allow_partial: bool,
) -> Consumption:
    wanted = added_up(lines, work.rules.scale)
    shelves = lock_shelves(work, wanted, request.at, asks_host=True)
    groups = work.core.groups.groups_of([customer], status=GroupStatus.ACTIVE)[customer]
    missing = tuple(
        Shortage(stock, wanted[stock], shelf.available_to(groups))
        for stock, shelf in shelves.items()
        if shelf.available_to(groups) < wanted[stock]
    )
    if missing and not allow_partial:
        raise InsufficientStockError(missing)
    nothing = work.rules.scale.normal(0)
    taken = [
        (stock, reservation, quantity)
        for stock, shelf in shelves.items()
        for reservation, quantity in shelf.take(customer, groups, wanted[stock])
    ]
    draws = tuple(
        Draw(
            consumption=request.id,
            line=line,
            customer=customer,
            stock=stock,
            reservation=reservation,
            quantity=quantity,
            settled=nothing,
            returned=nothing,
        )
        for line, (stock, reservation, quantity) in enumerate(taken, start=1)
    )
    work.reservations.book(attrs.evolve(booking_of(request, shelves.values()), drawn=draws))
    return Consumption(request.id, customer, draws, missing)


_Wanted = tuple[Line, ...] | None
"""Some lines; None for all that is outstanding."""

_ChangeOfDraws = Callable[[Shelf, Sequence[Draw], Quantity], Iterable[Draw]]
"""Changes as many outstanding draws of a stock as make up a quantity, and returns these."""


def _unconsume(
    work: ReservationWork, request: Request, consumption: str, wanted: _Wanted
) -> Consumption:
    now, _ = _with_changed_draws(work, request, consumption, wanted, _returned)
    return now


def _settle(
    work: ReservationWork,
    request: Request,
    consumption: str,
    wanted: _Wanted,
    lower: Callable[[Mapping[StockKey, Quantity]], None] | None,
) -> Consumption:
    now, leaving = _with_changed_draws(work, request, consumption, wanted, _settled)
    if lower is not None:
        lower(dict(sorted(leaving.items())))
    return now


def _with_changed_draws(
    work: ReservationWork,
    request: Request,
    consumption: str,
    wanted: _Wanted,
    change: _ChangeOfDraws,
) -> tuple[Consumption, Mapping[StockKey, Quantity]]:
    """Change draws of a consumption; return it as it is now, and how much was changed."""
    asked = None if wanted is None else added_up(wanted, work.rules.scale)
    seen = work.reservations.draws(consumption)
    if not seen:
        raise ConsumptionNotFoundError(consumption)
    stocks = {draw.stock for draw in seen}
    reservations = {draw.reservation for draw in seen if draw.reservation is not None}
    shelves = lock_shelves(work, stocks, request.at, also=sorted(reservations))
    draws = work.reservations.draws(consumption, lock=True)
    outstanding = _outstanding(draws)
    parts = outstanding if asked is None else asked
    _refuse_more_than(consumption, parts, outstanding)
    changed = {
        draw.line: draw
        for stock, part in sorted(parts.items())
        for draw in change(shelves[stock], [each for each in draws if each.stock == stock], part)
    }
    booking = booking_of(request, shelves.values())
    work.reservations.book(attrs.evolve(booking, redrawn=tuple(changed.values())))
    now = tuple(changed.get(draw.line, draw) for draw in draws)
    return Consumption(consumption, draws[0].customer, now), parts


def _outstanding(draws: Iterable[Draw]) -> Mapping[StockKey, Quantity]:
    outstanding: dict[StockKey, Quantity] = {}
    for draw in draws:
        if draw.outstanding:
            outstanding[draw.stock] = outstanding.get(draw.stock, 0) + draw.outstanding
    return outstanding


def _refuse_more_than(
    consumption: str,
    wanted: Mapping[StockKey, Quantity],
    outstanding: Mapping[StockKey, Quantity],
) -> None:
    short = tuple(
        Shortage(stock, quantity, outstanding.get(stock, 0))
        for stock, quantity in sorted(wanted.items())
        if quantity > outstanding.get(stock, 0)
    )
    if short or not wanted:
        raise NotOutstandingError(consumption, short)


def _parts(draws: Iterable[Draw], quantity: Quantity) -> Iterable[tuple[Draw, Quantity]]:
    """Yield the draws that make up a quantity, each with its part of it."""
    for draw in draws:
        if part := min(quantity, draw.outstanding):
            yield draw, part
            quantity -= part


def _settled(shelf: Shelf, draws: Sequence[Draw], quantity: Quantity) -> Iterable[Draw]:
    for draw, part in _parts(draws, quantity):
        shelf.move(
            EntryKind.SETTLE,
            outstanding=-part,
            reservation=draw.reservation,
            customer=draw.customer,
        )
        yield attrs.evolve(draw, settled=draw.settled + part)


def _returned(shelf: Shelf, draws: Sequence[Draw], quantity: Quantity) -> Iterable[Draw]:
    for draw, part in _parts(reversed(draws), quantity):
        shelf.give_back(draw, part)
        yield attrs.evolve(draw, returned=draw.returned + part)

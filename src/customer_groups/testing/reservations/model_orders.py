"""How the model takes stock for orders, and what becomes of it."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import attrs

from customer_groups.customers import CustomerKey, parse_customer_key
from customer_groups.errors import InvalidValueError
from customer_groups.reservations.consuming import Consumption
from customer_groups.reservations.errors import (
    ConsumptionNotFoundError,
    InsufficientStockError,
    NotOutstandingError,
    Shortage,
)
from customer_groups.reservations.lines import Lines
from customer_groups.reservations.model import (
    Draw,
    EntryKind,
    GroupReservation,
    ReservationState,
    StockKey,
    parse_request_id,
    parse_stock_key,
)
from customer_groups.reservations.quantities import Quantity
from customer_groups.reservations.requests import Request
from customer_groups.testing.reservations.model_state import ENDED, ModelState

__all__ = ["OrderModel"]


class OrderModel(ModelState):
    """What customers take, give back, and get delivered."""

    def consume(
        self,
        customer: str,
        lines: Lines,
        *,
        request_id: str,
        allow_partial: bool = False,
        at: datetime,
        by: str | None = None,
    ) -> Consumption:
        """Take stock for an order of a customer."""
        request, key = Request(request_id, at, by), parse_customer_key(customer)
        wanted = self._added_up(lines)
        asked = ("consume", key, wanted, allow_partial)
        return self._once(
            request, asked, lambda: self._consume(request, key, wanted, allow_partial=allow_partial)
        )

    def _consume(
        self,
        request: Request,
        customer: CustomerKey,
        wanted: Mapping[StockKey, Quantity],
        *,
        allow_partial: bool,
    ) -> Consumption:
        self.promises.meet(wanted, request, gains=self._gains)
        groups = self._active_groups_of(customer)
        available = {stock: self.promises.available_to(groups, stock) for stock in wanted}
        missing = tuple(
            Shortage(stock, quantity, available[stock])
            for stock, quantity in sorted(wanted.items())
            if quantity > available[stock]
        )
        if missing and not allow_partial:
            raise InsufficientStockError(missing)
        self.promises.draws[request.id] = ()
        for stock, quantity in sorted(wanted.items()):
            self._take(request, customer, stock, min(quantity, available[stock]))
        return Consumption(request.id, customer, self.promises.draws[request.id], missing)

    def _take(
        self, request: Request, customer: CustomerKey, stock: StockKey, quantity: Quantity
    ) -> None:
        for each in self.promises.for_groups(self._active_groups_of(customer), stock):
            part = min(quantity, each.quantity - each.consumed)
            if part:
                self.promises.change(
                    EntryKind.CONSUME,
                    request,
                    _with_consumed(each, each.consumed + part),
                    outstanding=part,
                    customer=customer,
                )
                self._draw(request, customer, stock, each.id, part)
                quantity -= part
        if quantity:
            self.promises.note(
                EntryKind.CONSUME, request, stock, outstanding=quantity, customer=customer
            )
            self._draw(request, customer, stock, None, quantity)

    def _draw(
        self,
        request: Request,
        customer: CustomerKey,
        stock: StockKey,
        reservation: str | None,
        quantity: Quantity,
    ) -> None:
        before = self.promises.draws[request.id]
        draw = Draw(
            consumption=request.id,
            line=len(before) + 1,
            customer=customer,
            stock=stock,
            reservation=reservation,
            quantity=quantity,
        )
        self.promises.draws[request.id] = (*before, draw)

    def unconsume(
        self,
        consumption: str,
        lines: Lines | None = None,
        *,
        request_id: str,
        at: datetime,
        by: str | None = None,
    ) -> Consumption:
        """Give back what an order had taken, the last of it first."""
        request = Request(request_id, at, by)
        return self._change_draws(request, EntryKind.UNCONSUME, consumption, lines)

    def settle(
        self,
        consumption: str,
        lines: Lines | None = None,
        *,
        request_id: str,
        at: datetime,
        by: str | None = None,
    ) -> Consumption:
        """Note that goods have left, the first that were taken first."""
        request = Request(request_id, at, by)
        return self._change_draws(request, EntryKind.SETTLE, consumption, lines)

    def _change_draws(
        self, request: Request, kind: EntryKind, consumption: str, lines: Lines | None
    ) -> Consumption:
        key = parse_request_id(consumption)
        wanted = None if lines is None else self._added_up(lines)
        asked = (kind, key, wanted)
        return self._once(request, asked, lambda: self._changed_draws(request, kind, key, wanted))

    def _changed_draws(
        self,
        request: Request,
        kind: EntryKind,
        key: str,
        wanted: Mapping[StockKey, Quantity] | None,
    ) -> Consumption:
        draws = self.promises.draws.get(key, ())
        if not draws:
            raise ConsumptionNotFoundError(key)
        named = {each.reservation for each in draws if each.reservation is not None}
        self.promises.meet({each.stock for each in draws}, request, named=named)
        there = _outstanding_by_stock(draws)
        parts = there if wanted is None else wanted
        short = tuple(
            Shortage(stock, part, there.get(stock, 0))
            for stock, part in sorted(parts.items())
            if part > there.get(stock, 0)
        )
        if short or not parts:
            raise NotOutstandingError(key, short)
        for stock, part in sorted(parts.items()):
            self._change_draws_of(request, kind, key, stock, part)
        return Consumption(key, draws[0].customer, self.promises.draws[key])

    def _change_draws_of(
        self, request: Request, kind: EntryKind, key: str, stock: StockKey, quantity: Quantity
    ) -> None:
        gives_back = kind is EntryKind.UNCONSUME
        for draw in sorted(
            self.promises.draws[key], key=lambda each: each.line, reverse=gives_back
        ):
            part = min(quantity, draw.outstanding) if draw.stock == stock else 0
            if part:
                quantity -= part
                if gives_back:
                    changed = attrs.evolve(draw, returned=draw.returned + part)
                else:
                    changed = attrs.evolve(draw, settled=draw.settled + part)
                self.promises.draws[key] = tuple(
                    changed if each is draw else each for each in self.promises.draws[key]
                )
                self._note_end_of_draw(request, kind, draw, part)

    def _note_end_of_draw(
        self, request: Request, kind: EntryKind, draw: Draw, part: Quantity
    ) -> None:
        reservation = self.promises.reservations.get(draw.reservation or "")
        is_open = reservation is not None and reservation.state not in ENDED
        if kind is EntryKind.UNCONSUME and reservation is not None and is_open:
            self.promises.change(
                kind,
                request,
                _with_consumed(reservation, reservation.consumed - part),
                outstanding=-part,
                customer=draw.customer,
            )
        else:
            self.promises.note(
                kind,
                request,
                draw.stock,
                outstanding=-part,
                reservation=draw.reservation,
                customer=draw.customer,
            )

    def _added_up(self, lines: Lines) -> Mapping[StockKey, Quantity]:
        wanted: dict[StockKey, Quantity] = {}
        for stock, quantity in lines.items() if isinstance(lines, Mapping) else lines:
            key = parse_stock_key(stock)
            wanted[key] = wanted.get(key, 0) + self._quantity(quantity)
        if not wanted:
            raise InvalidValueError("lines", (), "are none")
        return wanted


def _with_consumed(reservation: GroupReservation, consumed: Quantity) -> GroupReservation:
    is_all = consumed == reservation.quantity
    state = ReservationState.EXHAUSTED if is_all else ReservationState.ACTIVE
    return attrs.evolve(reservation, consumed=consumed, state=state)


def _outstanding_by_stock(draws: Iterable[Draw]) -> Mapping[StockKey, Quantity]:
    there: dict[StockKey, Quantity] = {}
    for draw in draws:
        there[draw.stock] = there.get(draw.stock, 0) + draw.outstanding
    return {stock: quantity for stock, quantity in there.items() if quantity}

"""How the model makes reservations, gives them up, moves them, and ends them in time."""

from datetime import datetime

import attrs

from customer_groups.codes import GroupCode, parse_group_code
from customer_groups.errors import InvalidValueError
from customer_groups.reservations.errors import InsufficientStockError, Shortage
from customer_groups.reservations.expiring import Expiry
from customer_groups.reservations.model import (
    DEFAULT_PRIORITY,
    EntryKind,
    GroupReservation,
    ReservationState,
    parse_reservation_id,
)
from customer_groups.reservations.quantities import Quantity
from customer_groups.reservations.requests import Request
from customer_groups.reservations.reserving import Reallocation
from customer_groups.testing.reservations.model_state import ModelState
from customer_groups.testing.reservations.promises import holds

__all__ = ["HoldingModel"]


class HoldingModel(ModelState):
    """What happens to reservations, but for what is consumed of them."""

    def reserve(
        self,
        group: str,
        stock: str,
        quantity: Quantity,
        *,
        request_id: str,
        valid_from: datetime | None = None,
        valid_to: datetime | None = None,
        priority: int = DEFAULT_PRIORITY,
        holds_before_start: bool = True,
        at: datetime,
        by: str | None = None,
    ) -> GroupReservation:
        """Set stock aside for a group."""
        request = Request(request_id, at, by)
        is_later = valid_from is not None and valid_from > at
        made = GroupReservation(
            id=request.id,
            group=group,
            stock=stock,
            quantity=self._quantity(quantity),
            valid_from=valid_from,
            valid_to=valid_to,
            priority=priority,
            holds_before_start=holds_before_start,
            state=ReservationState.PLANNED if is_later else ReservationState.ACTIVE,
            created_at=at,
            created_by=by,
        )
        window = (made.valid_from, made.valid_to, holds_before_start)
        asked = ("reserve", made.group, made.stock, made.quantity, priority, *window)
        return self._once(request, asked, lambda: self._reserve(request, made))

    def _reserve(self, request: Request, made: GroupReservation) -> GroupReservation:
        if made.valid_to is not None and made.valid_to <= request.at:
            raise InvalidValueError("end", made.valid_to.isoformat(), "has passed")
        group = self._require_open(made.group)
        made = attrs.evolve(made, group_created_at=group.created_at)
        self.promises.meet([made.stock], request, gains=self._gains)
        free = self.promises.free(made.stock)
        if holds(made) > free:
            raise InsufficientStockError((Shortage(made.stock, made.quantity, free),))
        self.promises.change(EntryKind.RESERVE, request, made)
        return made

    def release(
        self,
        reservation: str,
        *,
        request_id: str,
        quantity: Quantity | None = None,
        at: datetime,
        by: str | None = None,
    ) -> GroupReservation:
        """Give up what remains of a reservation, or a part of it."""
        request, key = Request(request_id, at, by), parse_reservation_id(reservation)
        part = None if quantity is None else self._quantity(quantity)
        asked = ("release", key, part)
        return self._once(request, asked, lambda: self._release(request, key, part))

    def _release(self, request: Request, key: str, wanted: Quantity | None) -> GroupReservation:
        found = self._open_reservation(request, key)
        remaining = found.quantity - found.consumed
        part = _at_most(remaining, wanted)
        if part == remaining:
            changed = attrs.evolve(found, state=ReservationState.RELEASED)
        else:
            changed = attrs.evolve(found, quantity=found.quantity - part)
        self.promises.change(EntryKind.RELEASE, request, changed)
        return changed

    def reallocate(
        self,
        reservation: str,
        group: str,
        *,
        request_id: str,
        quantity: Quantity | None = None,
        at: datetime,
        by: str | None = None,
    ) -> Reallocation:
        """Move what remains of a reservation, or a part of it, to another group."""
        request, key = Request(request_id, at, by), parse_reservation_id(reservation)
        code, part = parse_group_code(group), None if quantity is None else self._quantity(quantity)
        asked = ("reallocate", key, code, part)
        return self._once(request, asked, lambda: self._reallocate(request, key, code, part))

    def _reallocate(
        self, request: Request, key: str, code: GroupCode, wanted: Quantity | None
    ) -> Reallocation:
        gaining = self._require_open(code)
        found = self._open_reservation(request, key)
        part = _at_most(found.quantity - found.consumed, wanted)
        is_same = found.group == code and found.group_created_at == gaining.created_at
        if is_same or not part:
            raise InvalidValueError("reallocation", code, "moves nothing")
        made = attrs.evolve(
            found,
            id=request.id,
            group=code,
            group_created_at=gaining.created_at,
            quantity=part,
            consumed=0,
            created_at=request.at,
            created_by=request.by,
        )
        rest = found.quantity - part
        state = found.state
        if rest == found.consumed:
            state = ReservationState.EXHAUSTED if rest else ReservationState.RELEASED
        changed = attrs.evolve(found, quantity=rest, state=state)
        self.promises.change(EntryKind.MOVE_OUT, request, changed)
        self.promises.change(EntryKind.MOVE_IN, request, made)
        return Reallocation(changed, made)

    def expire_due(
        self, *, request_id: str, after: str | None = None, at: datetime, by: str | None = None
    ) -> Expiry:
        """End and begin all whose time has come; there must be fewer than fit on a page."""
        request = Request(request_id, at, by)
        return self._once(request, ("expire_due", after), lambda: self._expire_due(request))

    def _expire_due(self, request: Request) -> Expiry:
        before = dict(self.promises.reservations)
        stocks = {each.stock for each in before.values()}
        self.promises.meet(stocks, request, named=before, gains=self._gains)
        changed = [
            each for each in self._by_stock_and_id() if each.state is not before[each.id].state
        ]
        return Expiry(
            tuple(each.id for each in changed if each.state is ReservationState.EXPIRED),
            tuple(each.id for each in changed if each.state is ReservationState.ACTIVE),
        )


def _at_most(remaining: Quantity, wanted: Quantity | None) -> Quantity:
    if wanted is not None and wanted > remaining:
        raise InvalidValueError("quantity", wanted, f"is more than the {remaining} that remain")
    return remaining if wanted is None else wanted

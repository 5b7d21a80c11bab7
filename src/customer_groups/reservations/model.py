"""Stock that is set aside for groups: frozen values and their transitions."""

import enum
from datetime import datetime
from typing import NewType

import attrs

from customer_groups.codes import GroupCode, parse_group_code
from customer_groups.customers import CustomerKey, parse_customer_key
from customer_groups.errors import InvalidValueError
from customer_groups.model import CustomerGroup, parse_actor, parse_time
from customer_groups.reservations.quantities import Quantity, as_quantity, difference
from customer_groups.text import one_of, plain_text

__all__ = [
    "DEFAULT_PRIORITY",
    "Availability",
    "Draw",
    "EntryKind",
    "GroupReservation",
    "LedgerEntry",
    "ReservationState",
    "StockKey",
    "parse_request_id",
    "parse_reservation_id",
    "parse_stock_key",
    "shortfall_of",
]

StockKey = NewType("StockKey", str)
"""What is counted: an item at a location, or whatever the host counts by. Opaque and ordered."""

MAX_STOCK_KEY_LENGTH = 140
MAX_REQUEST_ID_LENGTH = 80
PRIORITIES = range(1, 100)
DEFAULT_PRIORITY = 50


def parse_stock_key(text: str) -> StockKey:
    """Return a stock key, trimmed: 1 to 140 characters, compared exactly.

    Raises:
        InvalidValueError: it is empty, too long, or holds a control character, surrogate or
            non-character.
    """
    return StockKey(plain_text("stock key", text, MAX_STOCK_KEY_LENGTH))


def parse_request_id(text: str) -> str:
    """Return the id of a request, trimmed: 1 to 80 characters, chosen by who asks.

    Raises:
        InvalidValueError: it is empty, too long, or holds a control character, surrogate or
            non-character.
    """
    return plain_text("request id", text, MAX_REQUEST_ID_LENGTH)


def parse_reservation_id(text: str) -> str:
    """Return the id of a reservation, which is that of the request that made it.

    Raises:
        InvalidValueError: it cannot be the id of a request.
    """
    return plain_text("reservation", text, MAX_REQUEST_ID_LENGTH)


def _parse_amount(amount: Quantity) -> Quantity:
    if as_quantity("quantity", amount) < 0:
        raise InvalidValueError("quantity", amount, "is below zero", "not_positive")
    return amount


def _parse_change(change: Quantity) -> Quantity:
    return as_quantity("change of a quantity", change)


def _parse_line(line: int) -> int:
    if type(line) is not int or line < 1:
        raise InvalidValueError("line", line, "is not a whole number from 1")
    return line


def _parse_priority(priority: int) -> int:
    if type(priority) is not int or priority not in PRIORITIES:
        raise InvalidValueError("priority", priority, "is not a whole number from 1 to 99")
    return priority


class ReservationState(enum.StrEnum):
    """What has become of a reservation.

    ``planned`` becomes ``active`` when its time has come, ``active`` becomes ``exhausted``
    when all of it is consumed, and active again when some of that is given back. All three
    end as ``released`` or ``expired``, for good. Time alone changes no state: the first
    operation that meets the reservation afterwards does.
    """

    PLANNED = "planned"
    """Its time has not come."""
    ACTIVE = "active"
    """Members of the group can consume it."""
    EXHAUSTED = "exhausted"
    """All of it is consumed."""
    RELEASED = "released"
    """Somebody gave up the rest of it."""
    EXPIRED = "expired"
    """Its time is over, and the rest of it is free again."""

    @property
    def is_open(self) -> bool:
        """Whether it can still change."""
        return self not in {ReservationState.RELEASED, ReservationState.EXPIRED}

    @property
    def has_more(self) -> bool:
        """Whether members may get something of it, now or later."""
        return self in {ReservationState.PLANNED, ReservationState.ACTIVE}


def _parse_flag(flag: bool) -> bool:  # noqa: FBT001  a converter
    if type(flag) is not bool:
        raise InvalidValueError("holds_before_start", flag, "is neither True nor False")
    return flag


def _parse_state(state: str) -> ReservationState:
    return one_of(ReservationState, "state", state)


@attrs.frozen(kw_only=True)
class GroupReservation:
    """Stock that is set aside for the customers of a group.

    The transitions return a new value. None of them knows what is on hand.

    Attributes:
        id: What identifies it within the tenant: the id of the request that made it.
        group: The code of the group.
        group_created_at: When that group was made, so that another group which gets its code
            later has no part in it; None for whichever group has the code.
        stock: What is set aside.
        quantity: How much of it.
        consumed: How much of that members have taken; at most ``quantity``.
        valid_from: From when on members can consume it; None for at once.
        valid_to: Until when, this moment excluded; None for ever.
        priority: Which of several reservations is consumed first: 1 before 99.
        holds_before_start: Whether the stock is kept from others before ``valid_from``.
        state: What has become of it.
        created_at: When it was made.
        created_by: Who made it.
    """

    id: str = attrs.field(converter=parse_reservation_id)
    group: GroupCode = attrs.field(converter=parse_group_code)
    group_created_at: datetime | None = attrs.field(
        default=None, converter=attrs.converters.optional(parse_time)
    )
    stock: StockKey = attrs.field(converter=parse_stock_key)
    quantity: Quantity = attrs.field(converter=_parse_amount)
    consumed: Quantity = attrs.field(default=0, converter=_parse_amount)
    valid_from: datetime | None = attrs.field(
        default=None, converter=attrs.converters.optional(parse_time)
    )
    valid_to: datetime | None = attrs.field(
        default=None, converter=attrs.converters.optional(parse_time)
    )
    priority: int = attrs.field(default=DEFAULT_PRIORITY, converter=_parse_priority)
    holds_before_start: bool = attrs.field(default=True, converter=_parse_flag)
    state: ReservationState = attrs.field(default=ReservationState.ACTIVE, converter=_parse_state)
    created_at: datetime = attrs.field(converter=parse_time)
    created_by: str | None = attrs.field(default=None, converter=parse_actor)

    def __attrs_post_init__(self) -> None:
        """Refuse a window without a moment in it, and more consumed than there is.

        Raises:
            InvalidValueError: it is so.
        """
        start, end = self.valid_from, self.valid_to
        if start is not None and end is not None and end <= start:
            reason = f"is not after valid_from, {start.isoformat()}"
            raise InvalidValueError("valid_to", end.isoformat(), reason)
        if self.consumed > self.quantity:
            reason = f"is more than the quantity, {self.quantity}"
            raise InvalidValueError("consumed quantity", self.consumed, reason)

    @property
    def remaining(self) -> Quantity:
        """How much of it is not consumed."""
        return difference(self.quantity, self.consumed)

    @property
    def left(self) -> Quantity:
        """How much members may still consume of it, now or later; nothing once it has ended."""
        return self.remaining if self.state.is_open else 0

    @property
    def held(self) -> Quantity:
        """How much of the stock it keeps from others."""
        waits = self.state is ReservationState.PLANNED and not self.holds_before_start
        return self.remaining if self.state.has_more and not waits else 0

    def is_for(self, group: CustomerGroup) -> bool:
        """Return whether the stock is set aside for this very group."""
        return self.group == group.code and self.group_created_at in {None, group.created_at}

    def is_due(self, now: datetime) -> bool:
        """Return whether its time is over, and its state does not say so yet."""
        return self.state.is_open and self.valid_to is not None and self.valid_to <= now

    def begins(self, now: datetime) -> bool:
        """Return whether its time has come, and its state does not say so yet."""
        is_planned = self.state is ReservationState.PLANNED
        return is_planned and (self.valid_from is None or self.valid_from <= now)

    def order_of_consumption(self) -> tuple[object, ...]:
        """Return what reservations are consumed by: priority, earliest end, age, id."""
        end = self.valid_to
        return (self.priority, end is None, end or self.created_at, self.created_at, self.id)

    def begun(self, quantity: Quantity) -> "GroupReservation":
        """Return the reservation as it begins, with the quantity that it gets."""
        return attrs.evolve(self, quantity=quantity, state=ReservationState.ACTIVE)

    def with_consumed(self, change: Quantity) -> "GroupReservation":
        """Return it with so much more consumed, or less where the change is below zero."""
        consumed = self.consumed + change
        state = _state_of(self.quantity - consumed)
        return attrs.evolve(self, consumed=consumed, state=state)

    def lowered(self, by: Quantity) -> "GroupReservation":
        """Return it with a smaller quantity; where nothing is left of it, it is released."""
        quantity = self.quantity - by
        if quantity == self.consumed:
            state = ReservationState.EXHAUSTED if quantity else ReservationState.RELEASED
            return attrs.evolve(self, quantity=quantity, state=state)
        return attrs.evolve(self, quantity=quantity)

    def ended(self, state: ReservationState) -> "GroupReservation":
        """Return it as released or expired; its quantity stays for the record."""
        return attrs.evolve(self, state=state)


def _state_of(remaining: Quantity) -> ReservationState:
    return ReservationState.ACTIVE if remaining else ReservationState.EXHAUSTED


class EntryKind(enum.StrEnum):
    """What moved stock in the ledger."""

    RESERVE = "reserve"
    BEGIN = "begin"
    RELEASE = "release"
    EXPIRE = "expire"
    MOVE_OUT = "move_out"
    MOVE_IN = "move_in"
    CONSUME = "consume"
    UNCONSUME = "unconsume"
    SETTLE = "settle"
    REPAIR = "repair"


def _parse_kind(kind: str) -> EntryKind:
    return one_of(EntryKind, "kind of entry", kind)


@attrs.frozen(kw_only=True)
class LedgerEntry:
    """One line of the ledger, which only grows: the totals of a stock are its sum.

    Attributes:
        stock: What was moved.
        version: The number of the change of this stock: each request that locks it counts one.
        line: The place of the entry among those of the same change, from 1.
        request_id: The request that made it.
        kind: What happened.
        held: By how much the held stock rose or fell.
        outstanding: By how much the stock rose or fell that is consumed and not settled.
        reservation: The id of the reservation; None for free stock.
        customer: The key of the customer who consumed, or whose goods came back or left.
        at: When.
        by: Who did it.
    """

    stock: StockKey = attrs.field(converter=parse_stock_key)
    version: int = attrs.field(converter=_parse_line)
    line: int = attrs.field(converter=_parse_line)
    request_id: str = attrs.field(converter=parse_request_id)
    kind: EntryKind = attrs.field(converter=_parse_kind)
    held: Quantity = attrs.field(default=0, converter=_parse_change)
    outstanding: Quantity = attrs.field(default=0, converter=_parse_change)
    reservation: str | None = None
    customer: CustomerKey | None = attrs.field(
        default=None, converter=attrs.converters.optional(parse_customer_key)
    )
    at: datetime = attrs.field(converter=parse_time)
    by: str | None = attrs.field(default=None, converter=parse_actor)


@attrs.frozen(kw_only=True)
class Draw:
    """Stock that a customer has taken from one place, for one order of the host.

    Attributes:
        consumption: The id of the request that consumed.
        line: The place of the draw among those of the request, from 1: the order in which
            they were taken.
        customer: The key of the customer.
        stock: What was taken.
        reservation: The id of the reservation that it came from; None for free stock.
        quantity: How much.
        settled: How much of it has left the host's stock.
        returned: How much of it came back.
    """

    consumption: str = attrs.field(converter=parse_request_id)
    line: int = attrs.field(converter=_parse_line)
    customer: CustomerKey = attrs.field(converter=parse_customer_key)
    stock: StockKey = attrs.field(converter=parse_stock_key)
    reservation: str | None = None
    quantity: Quantity = attrs.field(converter=_parse_amount)
    settled: Quantity = attrs.field(default=0, converter=_parse_amount)
    returned: Quantity = attrs.field(default=0, converter=_parse_amount)

    def __attrs_post_init__(self) -> None:
        """Refuse more settled and returned than was taken.

        Raises:
            InvalidValueError: it is so.
        """
        if self.outstanding < 0:
            reason = f"is less than what was settled and returned, {self.settled + self.returned}"
            raise InvalidValueError("quantity", self.quantity, reason)

    @property
    def outstanding(self) -> Quantity:
        """How much of it is promised and still in the host's stock."""
        return difference(self.quantity, self.settled, self.returned)


def shortfall_of(promised: Quantity, limit: Quantity) -> Quantity:
    """Return how much more is promised than there is; where nothing is promised, nothing."""
    return max(0, difference(promised, max(0, limit)))


@attrs.frozen(kw_only=True)
class Availability:
    """What there is of some stock, and for whom.

    Attributes:
        stock: What it is about.
        on_hand: How much the host has.
        allowance: How much more than that may be promised.
        held: How much of it is set aside for groups.
        outstanding: How much was consumed and has not left the host's stock yet.
        by_group: How much is held for each group, by code.
    """

    stock: StockKey
    on_hand: Quantity
    allowance: Quantity = 0
    held: Quantity
    outstanding: Quantity
    by_group: tuple[tuple[GroupCode, Quantity], ...] = ()

    @property
    def free(self) -> Quantity:
        """How much anybody can take; never below zero."""
        return max(0, difference(self.on_hand, -self.allowance, self.held, self.outstanding))

    @property
    def shortfall(self) -> Quantity:
        """How much more is promised than there is: the host has taken it away since."""
        promised = difference(self.held, -self.outstanding)
        return shortfall_of(promised, difference(self.on_hand, -self.allowance))

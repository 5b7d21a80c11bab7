"""A stock while one request changes it: who gets how much is decided here, for all storages."""

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from datetime import datetime

import attrs

from customer_groups.codes import GroupCode
from customer_groups.customers import CustomerKey
from customer_groups.errors import GroupNotFoundError, InvalidValueError
from customer_groups.model import CustomerGroup
from customer_groups.reservations.model import (
    Draw,
    EntryKind,
    GroupReservation,
    LedgerEntry,
    ReservationState,
    StockKey,
)
from customer_groups.reservations.quantities import Quantity, Scale, as_number
from customer_groups.reservations.repository import (
    Booking,
    ReservationWork,
    StockTotals,
)
from customer_groups.reservations.requests import Request

__all__ = ["Shelf", "booking_of", "lock_shelves", "quantities_on_hand", "read_shelves"]


@attrs.frozen
class _Move:
    """One line of the ledger to be."""

    kind: EntryKind
    held: Quantity
    outstanding: Quantity
    reservation: str | None
    customer: CustomerKey | None


@attrs.define(eq=False)
class Shelf:
    """What is promised of a stock, and to whom; each change of it is noted as a move.

    Attributes:
        stock: The stock.
        on_hand: How much the host has; None where it was not asked.
        allowance: How much more than that may be promised.
        held: How much is set aside for groups.
        outstanding: How much is consumed and has not left the host's stock yet.
        version: The number of this change of the stock.
        reservations: Its reservations that matter here, by id.
        moves: What was changed, in order.
        changed: The reservations that were changed, by id.
    """

    stock: StockKey
    on_hand: Quantity | None
    allowance: Quantity
    held: Quantity
    outstanding: Quantity
    version: int
    reservations: dict[str, GroupReservation]
    moves: list[_Move] = attrs.field(factory=list)
    changed: dict[str, GroupReservation] = attrs.field(factory=dict)

    @property
    def limit(self) -> Quantity:
        """How much may be promised."""
        return (self.on_hand or 0) + self.allowance

    @property
    def free(self) -> Quantity:
        """How much anybody can take."""
        return max(0, self.limit - self.held - self.outstanding)

    def available_to(self, groups: Collection[CustomerGroup]) -> Quantity:
        """Return how much a member of these groups can take.

        What is free, and what is held for the groups. Where the host has less than is
        promised, no more than what is not promised to orders yet.
        """
        own = sum(each.remaining for each in self._usable(groups))
        return max(0, min(self.free + own, self.limit - self.outstanding))

    def held_by_group(self) -> tuple[tuple[GroupCode, Quantity], ...]:
        """Return how much is held for each group, by code; groups without any are left out."""
        held: dict[GroupCode, Quantity] = {}
        for each in self.reservations.values():
            if each.held:
                held[each.group] = held.get(each.group, 0) + each.held
        return tuple(sorted(held.items()))

    def expire(self, now: datetime) -> None:
        """Free what is held by reservations whose time is over."""
        for each in self._in_order():
            if each.is_due(now):
                self.change(EntryKind.EXPIRE, each.ended(ReservationState.EXPIRED))

    def waiting(self, now: datetime) -> set[GroupCode]:
        """Return the groups that would gain stock now, by reservations that held none."""
        if not self.free:
            return set()
        idle = (each for each in self.reservations.values() if not each.held)
        return {each.group for each in idle if each.begins(now)}

    def begin(self, now: datetime, gaining: Mapping[GroupCode, CustomerGroup]) -> None:
        """Begin the planned reservations whose time has come.

        What did not hold its stock before gets as much as is free now, and its quantity
        becomes that; where nothing is free, it waits, and so it does while its group may gain
        nothing.

        Args:
            now: The time.
            gaining: The groups that may gain stock, by code.
        """
        for each in self._in_order():
            if each.begins(now) and (each.held or _is_for_one_of(gaining, each)):
                granted = each.quantity if each.held else min(each.quantity, self.free)
                if granted:
                    self.change(EntryKind.BEGIN, each.begun(granted))

    def add(self, kind: EntryKind, made: GroupReservation) -> None:
        """Add a new reservation."""
        self.reservations[made.id] = made
        self.move(kind, held=made.held, reservation=made.id)

    def change(
        self,
        kind: EntryKind,
        reservation: GroupReservation,
        *,
        outstanding: Quantity = 0,
        customer: CustomerKey | None = None,
    ) -> None:
        """Put a reservation in place of the one with its id."""
        before = self.reservations[reservation.id]
        self.reservations[reservation.id] = self.changed[reservation.id] = reservation
        self.move(
            kind,
            held=reservation.held - before.held,
            outstanding=outstanding,
            reservation=reservation.id,
            customer=customer,
        )

    def take(
        self, customer: CustomerKey, groups: Collection[CustomerGroup], wanted: Quantity
    ) -> list[tuple[str | None, Quantity]]:
        """Take stock for a member of these groups, no more than is available to them.

        Returns:
            How much each reservation gave, by id, in the order of consumption; then, under
            None, how much was free.
        """
        taken: list[tuple[str | None, Quantity]] = []
        rest = min(wanted, self.available_to(groups))
        for each in self._usable(groups):
            if part := min(rest, each.remaining):
                consumed = each.with_consumed(part)
                self.change(EntryKind.CONSUME, consumed, outstanding=part, customer=customer)
                taken.append((each.id, part))
                rest -= part
        if rest:
            self.move(EntryKind.CONSUME, outstanding=rest, customer=customer)
            taken.append((None, rest))
        return taken

    def give_back(self, draw: Draw, quantity: Quantity) -> None:
        """Take back a part of what was drawn: to its reservation, or to free stock."""
        found = self.reservations.get(draw.reservation or "")
        if found is None or not found.state.is_open:
            self.move(
                EntryKind.UNCONSUME,
                outstanding=-quantity,
                reservation=draw.reservation,
                customer=draw.customer,
            )
        else:
            self.change(
                EntryKind.UNCONSUME,
                found.with_consumed(-quantity),
                outstanding=-quantity,
                customer=draw.customer,
            )

    def move(
        self,
        kind: EntryKind,
        *,
        held: Quantity = 0,
        outstanding: Quantity = 0,
        reservation: str | None = None,
        customer: CustomerKey | None = None,
    ) -> None:
        """Note a change of the totals."""
        self.held += held
        self.outstanding += outstanding
        self.moves.append(_Move(kind, held, outstanding, reservation, customer))

    def _in_order(self) -> list[GroupReservation]:
        return sorted(self.reservations.values(), key=GroupReservation.order_of_consumption)

    def _usable(self, groups: Collection[CustomerGroup]) -> list[GroupReservation]:
        by_code = {group.code: group for group in groups}
        return [
            each
            for each in self._in_order()
            if each.state is ReservationState.ACTIVE and _is_for_one_of(by_code, each)
        ]


def lock_shelves(
    work: ReservationWork,
    stocks: Iterable[StockKey],
    now: datetime,
    *,
    also: Collection[str] = (),
    asks_host: bool = False,
) -> Mapping[StockKey, Shelf]:
    """Lock stocks, read what is promised of them, and expire what is due.

    Args:
        work: The unit of work.
        stocks: The stocks.
        now: The time.
        also: Reservations of these stocks that are read even where they are exhausted.
        asks_host: Whether to ask the host what is on hand, and to begin what is planned;
            needed for whatever raises what is promised.

    Returns:
        A shelf for each stock, by key.
    """
    keys, repository = sorted(set(stocks)), work.reservations
    totals = repository.lock_stocks(keys)
    reservations = [*repository.of_stocks(keys, lock=True)]
    if also:
        reservations += repository.get(also, lock=True).values()
    on_hand = quantities_on_hand(work, keys, lock=True) if asks_host else {}
    shelves = _shelves(work, keys, totals, reservations, on_hand)
    for shelf in shelves.values():
        shelf.expire(now)
    if asks_host:
        _begin(work, shelves.values(), now)
    return shelves


def read_shelves(
    work: ReservationWork, stocks: Collection[StockKey], now: datetime
) -> Mapping[StockKey, Shelf]:
    """Return the shelves of stocks as a request would find them now, without any lock."""
    totals = work.reservations.totals(stocks)
    reservations = work.reservations.of_stocks(stocks)
    shelves = _shelves(
        work, stocks, totals, reservations, quantities_on_hand(work, stocks, lock=False)
    )
    for shelf in shelves.values():
        shelf.expire(now)
    _begin(work, shelves.values(), now)
    return shelves


def booking_of(request: Request, shelves: Iterable[Shelf]) -> Booking:
    """Return all that a request has changed on its shelves; draws are added by who drew."""
    changed = [shelf for shelf in shelves if shelf.moves]
    return Booking(
        entries=tuple(entry for shelf in changed for entry in _entries(request, shelf)),
        limits={shelf.stock: shelf.limit for shelf in changed if shelf.on_hand is not None},
        changed=tuple(each for shelf in changed for _, each in sorted(shelf.changed.items())),
    )


def _begin(work: ReservationWork, shelves: Iterable[Shelf], now: datetime) -> None:
    waiting = {group for shelf in shelves for group in shelf.waiting(now)}
    gaining = _may_gain(work, waiting) if waiting else {}
    for shelf in shelves:
        shelf.begin(now, gaining)


def _may_gain(
    work: ReservationWork, codes: Collection[GroupCode]
) -> Mapping[GroupCode, CustomerGroup]:
    """Return which groups are active and have an open gate, by code."""
    found = {}
    for code in sorted(set(codes) - work.reservations.closed_gates(codes)):
        with suppress(GroupNotFoundError):
            found[code] = work.core.groups.get(code)
    return {code: group for code, group in found.items() if group.is_active}


def _is_for_one_of(
    groups: Mapping[GroupCode, CustomerGroup], reservation: GroupReservation
) -> bool:
    group = groups.get(reservation.group)
    return group is not None and reservation.is_for(group)


def _entries(request: Request, shelf: Shelf) -> Iterable[LedgerEntry]:
    for line, move in enumerate(shelf.moves, start=1):
        yield LedgerEntry(
            stock=shelf.stock,
            version=shelf.version,
            line=line,
            request_id=request.id,
            kind=move.kind,
            held=move.held,
            outstanding=move.outstanding,
            reservation=move.reservation,
            customer=move.customer,
            at=request.at,
            by=request.by,
        )


def quantities_on_hand(
    work: ReservationWork, stocks: Collection[StockKey], *, lock: bool
) -> Mapping[StockKey, Quantity]:
    """Return what the host has, no finer than quantities are counted."""
    told = work.on_hand(stocks, lock=lock)
    if not isinstance(told, Mapping):
        raise InvalidValueError("what is on hand", told, "is no mapping of stocks to quantities")
    return {stock: _rounded(work.rules.scale, told.get(stock)) for stock in stocks}


def _rounded(scale: Scale, told: Quantity | None) -> Quantity:
    return scale.normal(0 if told is None else as_number("quantity on hand", told))


def _shelves(
    work: ReservationWork,
    stocks: Collection[StockKey],
    totals: Mapping[StockKey, StockTotals],
    reservations: Iterable[GroupReservation],
    on_hand: Mapping[StockKey, Quantity],
) -> Mapping[StockKey, Shelf]:
    of_stock: dict[StockKey, dict[str, GroupReservation]] = {stock: {} for stock in stocks}
    for each in reservations:
        of_stock[each.stock][each.id] = each
    return {
        stock: Shelf(
            stock,
            on_hand=on_hand.get(stock),
            allowance=work.rules.scale.normal(work.rules.allowance),
            held=totals[stock].held,
            outstanding=totals[stock].outstanding,
            version=totals[stock].version,
            reservations=of_stock[stock],
        )
        for stock in stocks
    }

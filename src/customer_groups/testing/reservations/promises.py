"""What is promised of all stocks, added up anew whenever somebody asks."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime

import attrs

from customer_groups.codes import GroupCode
from customer_groups.customers import CustomerKey
from customer_groups.reservations.model import (
    Draw,
    EntryKind,
    GroupReservation,
    LedgerEntry,
    ReservationState,
    StockKey,
)
from customer_groups.reservations.quantities import Quantity
from customer_groups.reservations.repository import ReservationRules
from customer_groups.reservations.requests import Request

__all__ = ["Moved", "Promises", "holds", "moved"]

_FOREVER = datetime.max.replace(tzinfo=UTC)


@attrs.frozen(kw_only=True)
class Moved:
    """An entry of the ledger, without its number: that says only what came before what."""

    stock: StockKey
    request_id: str
    kind: EntryKind
    held: Quantity = 0
    outstanding: Quantity = 0
    reservation: str | None = None
    customer: CustomerKey | None = None
    at: datetime
    by: str | None = None


def moved(entry: LedgerEntry) -> Moved:
    """Return an entry of the ledger without its number."""
    return Moved(**{field.name: getattr(entry, field.name) for field in attrs.fields(Moved)})


def holds(reservation: GroupReservation) -> Quantity:
    """Return how much of its stock a reservation keeps from others."""
    if reservation.state is ReservationState.ACTIVE:
        return reservation.quantity - reservation.consumed
    if reservation.state is ReservationState.PLANNED and reservation.holds_before_start:
        return reservation.quantity
    return 0


def _in_order(reservation: GroupReservation) -> tuple[object, ...]:
    end = reservation.valid_to or _FOREVER
    return (reservation.priority, end, reservation.created_at, reservation.id)


@attrs.define
class Promises:
    """The reservations, the draws and the ledger of one tenant, and what its host has.

    Attributes:
        rules: What the host has declared.
        on_hand: What the host has.
        reservations: The reservations by id.
        draws: What each request consumed, by its id.
        moves: The ledger.
    """

    rules: ReservationRules
    on_hand: dict[StockKey, Quantity] = attrs.field(factory=dict)
    reservations: dict[str, GroupReservation] = attrs.field(factory=dict)
    draws: dict[str, tuple[Draw, ...]] = attrs.field(factory=dict)
    moves: list[Moved] = attrs.field(factory=list)

    def copy(self) -> "Promises":
        """Return what to go back to when everything from now on is undone."""
        return attrs.evolve(
            self,
            on_hand=dict(self.on_hand),
            reservations=dict(self.reservations),
            draws=dict(self.draws),
            moves=list(self.moves),
        )

    def of_stock(self, stock: StockKey) -> list[GroupReservation]:
        """Return all reservations of a stock, in the order of consumption."""
        found = (each for each in self.reservations.values() if each.stock == stock)
        return sorted(found, key=_in_order)

    def held(self, stock: StockKey) -> Quantity:
        """Return how much is set aside for groups."""
        return sum(holds(each) for each in self.of_stock(stock))

    def outstanding(self, stock: StockKey) -> Quantity:
        """Return how much is consumed and not settled."""
        draws = (each for made in self.draws.values() for each in made if each.stock == stock)
        return sum(each.quantity - each.settled - each.returned for each in draws)

    def limit(self, stock: StockKey) -> Quantity:
        """Return how much may be promised."""
        return self.on_hand.get(stock, 0) + self.rules.allowance

    def free(self, stock: StockKey) -> Quantity:
        """Return how much anybody can take."""
        return max(0, self.limit(stock) - self.held(stock) - self.outstanding(stock))

    def available_to(self, groups: Mapping[GroupCode, datetime], stock: StockKey) -> Quantity:
        """Return how much a member of these groups can take.

        Args:
            groups: The active groups, with when they were made.
            stock: The stock.
        """
        own = sum(each.quantity - each.consumed for each in self.for_groups(groups, stock))
        return max(0, min(self.free(stock) + own, self.limit(stock) - self.outstanding(stock)))

    def for_groups(
        self, groups: Mapping[GroupCode, datetime], stock: StockKey
    ) -> list[GroupReservation]:
        """Return from what members of groups take, in that order."""
        return [
            each
            for each in self.of_stock(stock)
            if each.state is ReservationState.ACTIVE
            and each.group_created_at == groups.get(each.group)
        ]

    def meet(
        self,
        stocks: Iterable[StockKey],
        request: Request,
        *,
        named: Collection[str] = (),
        gains: Callable[[GroupCode], bool] | None = None,
    ) -> None:
        """Let time change the reservations that a request meets on its way.

        Args:
            stocks: The stocks that it is about.
            request: The request.
            named: The reservations that it names. An exhausted one holds nothing, so only who
                names it meets it.
            gains: Tells which groups may gain stock, where planned reservations begin: where
                it is asked what is on hand.
        """
        for stock in sorted(stocks):
            self._expire(stock, request, named)
            if gains is not None:
                self._begin(stock, request, gains)

    def _expire(self, stock: StockKey, request: Request, named: Collection[str]) -> None:
        met = {ReservationState.PLANNED, ReservationState.ACTIVE}
        for each in self.of_stock(stock):
            is_exhausted = each.state is ReservationState.EXHAUSTED and each.id in named
            is_over = each.valid_to is not None and each.valid_to <= request.at
            if is_over and (each.state in met or is_exhausted):
                expired = attrs.evolve(each, state=ReservationState.EXPIRED)
                self.change(EntryKind.EXPIRE, request, expired)

    def _begin(self, stock: StockKey, request: Request, gains: Callable[[GroupCode], bool]) -> None:
        for each in self.of_stock(stock):
            has_come = each.valid_from is None or each.valid_from <= request.at
            may_begin = each.holds_before_start or gains(each.group)
            if each.state is ReservationState.PLANNED and has_come and may_begin:
                most = each.quantity if each.holds_before_start else self.free(stock)
                quantity = min(each.quantity, most)
                if quantity > 0:
                    begun = attrs.evolve(each, quantity=quantity, state=ReservationState.ACTIVE)
                    self.change(EntryKind.BEGIN, request, begun)

    def change(
        self,
        kind: EntryKind,
        request: Request,
        reservation: GroupReservation,
        *,
        outstanding: Quantity = 0,
        customer: CustomerKey | None = None,
    ) -> None:
        """Store a reservation, and note by how much that changes what is held."""
        before = self.reservations.get(reservation.id)
        self.reservations[reservation.id] = reservation
        self.note(
            kind,
            request,
            reservation.stock,
            held=holds(reservation) - (holds(before) if before else 0),
            outstanding=outstanding,
            reservation=reservation.id,
            customer=customer,
        )

    def note(
        self,
        kind: EntryKind,
        request: Request,
        stock: StockKey,
        *,
        held: Quantity = 0,
        outstanding: Quantity = 0,
        reservation: str | None = None,
        customer: CustomerKey | None = None,
    ) -> None:
        """Add an entry to the ledger."""
        self.moves.append(
            Moved(
                stock=stock,
                request_id=request.id,
                kind=kind,
                held=held,
                outstanding=outstanding,
                reservation=reservation,
                customer=customer,
                at=request.at,
                by=request.by,
            )
        )

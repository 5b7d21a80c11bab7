"""What the model of reservations keeps, and what everybody can ask of it."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, Self, TypeVar

import attrs

from customer_groups.codes import GroupCode, parse_group_code
from customer_groups.customers import CustomerKey, parse_customer_key
from customer_groups.model import CustomerGroup, GroupStatus
from customer_groups.paging import Page
from customer_groups.reservations.errors import (
    GroupInactiveError,
    RequestReusedError,
    ReservationClosedError,
    ReservationNotFoundError,
)
from customer_groups.reservations.model import (
    Availability,
    Draw,
    GroupReservation,
    ReservationState,
    StockKey,
    parse_reservation_id,
    parse_stock_key,
)
from customer_groups.reservations.quantities import Quantity
from customer_groups.reservations.requests import Request
from customer_groups.testing.model import GroupModel
from customer_groups.testing.reservations.promises import Moved, Promises, holds

__all__ = ["ENDED", "PLANNED_OR_ACTIVE", "ModelState"]

T = TypeVar("T")

PLANNED_OR_ACTIVE = {ReservationState.PLANNED, ReservationState.ACTIVE}
ENDED = {ReservationState.RELEASED, ReservationState.EXPIRED}

_LOOKING = "looking"


@attrs.define(slots=False)
class ModelState:
    """The groups and reservations of one tenant.

    Attributes:
        groups: The groups and their members.
        promises: What is promised, and to whom.
        closed: The groups that may gain no stock.
        answers: What each request has asked for, and how it was answered.
    """

    groups: GroupModel
    promises: Promises
    closed: frozenset[GroupCode] = frozenset()
    answers: dict[str, tuple[object, Any]] = attrs.field(factory=dict)

    def copy(self) -> Self:
        """Return what to go back to when everything from now on is undone."""
        return attrs.evolve(
            self,
            groups=self.groups.copy(),
            promises=self.promises.copy(),
            answers=dict(self.answers),
        )

    def set_on_hand(self, on_hand: Mapping[StockKey, Quantity]) -> None:
        """Let the host have so much from now on."""
        self.promises.on_hand.update(on_hand)

    def available_to(self, customer: str, stock: str, *, at: datetime) -> Quantity:
        """Return how much a customer can take."""
        key, item = parse_customer_key(customer), parse_stock_key(stock)
        return self._met(item, at).available_to(self._active_groups_of(key), item)

    def availability(self, stock: str, *, at: datetime) -> Availability:
        """Return what there is, and for which groups it is held."""
        item = parse_stock_key(stock)
        promises = self._met(item, at)
        by_group: dict[GroupCode, Quantity] = {}
        for each in promises.of_stock(item):
            if holds(each):
                by_group[each.group] = by_group.get(each.group, 0) + holds(each)
        return Availability(
            stock=item,
            on_hand=promises.on_hand.get(item, 0),
            allowance=promises.rules.allowance,
            held=promises.held(item),
            outstanding=promises.outstanding(item),
            by_group=tuple(sorted(by_group.items())),
        )

    def get_reservation(self, reservation: str) -> GroupReservation:
        """Return a reservation."""
        key = parse_reservation_id(reservation)
        if key not in self.promises.reservations:
            raise ReservationNotFoundError(key)
        return self.promises.reservations[key]

    def find_reservations(
        self,
        *,
        group: str | None = None,
        stock: str | None = None,
        states: Collection[ReservationState] = (),
    ) -> Page[GroupReservation]:
        """Return reservations, all on one page."""
        code = None if group is None else parse_group_code(group)
        return Page(
            tuple(
                each
                for each in self._by_stock_and_id()
                if code in {None, each.group}
                and stock in {None, each.stock}
                and (not states or each.state in states)
            )
        )

    def ledger(self, stock: StockKey) -> list[Moved]:
        """Return what has moved a stock."""
        return [each for each in self.promises.moves if each.stock == stock]

    def draws(self, consumption: str) -> tuple[Draw, ...]:
        """Return what a request has consumed."""
        return self.promises.draws.get(consumption, ())

    def _once(self, request: Request, asked: object, do: Callable[[], T]) -> T:
        """Do what a request asks for, or repeat its answer; undo all where it is refused."""
        if request.id in self.answers:
            before, answer = self.answers[request.id]
            if before != asked:
                raise RequestReusedError(request.id)
            known: T = answer
            return known
        kept = self.copy()
        try:
            done = do()
        except Exception:
            self.groups, self.promises, self.closed = kept.groups, kept.promises, kept.closed
            raise
        self.answers[request.id] = asked, done
        return done

    def _met(self, stock: StockKey, at: datetime) -> Promises:
        """Return the promises as a request would find them."""
        promises = self.promises.copy()
        promises.meet([stock], Request(_LOOKING, at), gains=self._gains)
        return promises

    def _by_stock_and_id(self) -> list[GroupReservation]:
        return sorted(self.promises.reservations.values(), key=lambda each: (each.stock, each.id))

    def _active_groups_of(self, customer: CustomerKey) -> dict[GroupCode, datetime]:
        groups = self.groups.groups_of([customer], status=GroupStatus.ACTIVE)[customer]
        return {group.code: group.created_at for group in groups}

    def _gains(self, code: GroupCode) -> bool:
        return code not in self.closed

    def _require_open(self, code: GroupCode) -> CustomerGroup:
        group = self.groups.get(code)
        if not group.is_active or code in self.closed:
            raise GroupInactiveError(code)
        return group

    def _open_reservation(self, request: Request, key: str) -> GroupReservation:
        """Return a reservation after its stock was met."""
        stock = self.get_reservation(key).stock
        self.promises.meet([stock], request, named=[key])
        found = self.promises.reservations[key]
        if found.state in ENDED:
            raise ReservationClosedError(key, found.state)
        return found

    def _quantity(self, quantity: Quantity) -> Quantity:
        return self.promises.rules.scale.checked(quantity)

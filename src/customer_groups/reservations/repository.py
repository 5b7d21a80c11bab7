"""What stores reservations: the protocol, and the port to the stock that the host has."""

from abc import abstractmethod
from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

import attrs

from customer_groups.codes import GroupCode
from customer_groups.errors import InvalidValueError
from customer_groups.paging import Page
from customer_groups.repository import UnitOfWork
from customer_groups.reservations.model import (
    Draw,
    GroupReservation,
    LedgerEntry,
    ReservationState,
    StockKey,
)
from customer_groups.reservations.quantities import Quantity, Scale, as_quantity

__all__ = [
    "Booking",
    "ReservationQuery",
    "ReservationRepository",
    "ReservationRules",
    "ReservationWork",
    "Reservations",
    "StockAudit",
    "StockOnHand",
    "StockTotals",
]


@attrs.frozen
class StockTotals:
    """What is promised of some stock.

    Attributes:
        held: How much is set aside for groups.
        outstanding: How much is consumed and has not left the host's stock yet.
        version: How often the stock was locked for a change; 0 where it never was.
    """

    held: Quantity = 0
    outstanding: Quantity = 0
    version: int = 0


@attrs.frozen
class StockAudit:
    """What is promised of some stock, added up anew from three sources that must agree.

    Attributes:
        totals: As they are stored.
        ledger: The sum of all entries of the ledger; its version says nothing.
        held: What its reservations hold.
        outstanding: What its draws have outstanding.
    """

    totals: StockTotals
    ledger: StockTotals
    held: Quantity
    outstanding: Quantity


@attrs.frozen(kw_only=True)
class ReservationQuery:
    """A search for reservations; the default asks for all of them.

    Attributes:
        group: The group that they are for.
        stock: The stock that they hold.
        states: Their states; empty for all.
    """

    group: GroupCode | None = None
    stock: StockKey | None = None
    states: frozenset[ReservationState] = frozenset()


@attrs.frozen(kw_only=True)
class Booking:
    """All that a request changes in stocks which it has locked.

    Attributes:
        entries: What is added to the ledger, and by that to the totals.
        limits: How much of a stock may be promised: what is on hand, and the allowance. A stock
            that is missing has no limit: nothing rises there, or a repair raises it.
        made: The new reservations.
        changed: The reservations that are stored in place of those with their ids.
        drawn: The new draws.
        redrawn: The draws that are stored in place of those with their consumption and line.
    """

    entries: tuple[LedgerEntry, ...] = ()
    limits: Mapping[StockKey, Quantity] = attrs.field(factory=dict)
    made: tuple[GroupReservation, ...] = ()
    changed: tuple[GroupReservation, ...] = ()
    drawn: tuple[Draw, ...] = ()
    redrawn: tuple[Draw, ...] = ()

    def changes(self) -> Mapping[StockKey, StockTotals]:
        """Return what the entries of each stock come to, by key; none where that is nothing."""
        changes: dict[StockKey, StockTotals] = {}
        for entry in self.entries:
            before = changes.get(entry.stock, StockTotals())
            changes[entry.stock] = StockTotals(
                before.held + entry.held, before.outstanding + entry.outstanding
            )
        return {
            stock: change for stock, change in sorted(changes.items()) if change != StockTotals()
        }


def _parse_scale(scale: Scale | int) -> Scale:
    return scale if isinstance(scale, Scale) else Scale(scale)


def _parse_allowance(allowance: Quantity) -> Quantity:
    return as_quantity("allowance", allowance)


@attrs.frozen(kw_only=True)
class ReservationRules:
    """What a host declares once for all of its reservations.

    Attributes:
        scale: How finely it counts; a number is taken for that many decimal places.
        allowance: How much more than what is on hand may be promised of each stock; below
            zero, so much of each stock is never promised.
    """

    scale: Scale = attrs.field(factory=Scale, converter=_parse_scale)
    allowance: Quantity = attrs.field(default=0, converter=_parse_allowance)

    def __attrs_post_init__(self) -> None:
        """Refuse an allowance that nobody could be promised.

        Raises:
            InvalidValueError: it is finer than the scale.
        """
        if self.scale.normal(self.allowance) != self.allowance:
            raise InvalidValueError("allowance", self.allowance, self.scale.too_fine)


class StockOnHand(Protocol):
    """Tells what the host has; the host passes an object or a function of this form.

    We never own stock: the host lowers it in the transaction in which it calls `settle`, after
    that call, and raises it whenever goods arrive. What does so for one tenant or in one
    transaction alone is passed to `SqlReservations.bind`.
    """

    @abstractmethod
    def __call__(self, stocks: Collection[StockKey], *, lock: bool) -> Mapping[StockKey, Quantity]:
        """Return how much the host has of each of these stocks; none of what is missing.

        Tests: ReservationTransactionRules, ReconcilingRules.

        Args:
            stocks: The stocks, in the order in which they are to be locked.
            lock: Whether to read what is committed now, and to keep others from changing it
                until the transaction ends, such as by ``SELECT .. FOR UPDATE``. It is asked
                for after our own lock on these stocks is taken. A plain read, which may show
                what was there when the transaction began, would oversell.
        """


class ReservationRepository(Protocol):
    """The reservations of one tenant inside one transaction.

    Whatever changes something does so in this order, and by key within each step; so no two
    transactions wait for each other in a circle:

    1. `begin` notes the request: who sends the same again waits here for the answer.
    2. `lock_gates` writes the gates of groups, where it matters whether they are open.
    3. `lock_stocks` writes the stocks. What was read of them before may be old by now, so
       their reservations and draws are read after that, with ``lock=True``.
    4. The host is asked what is on hand.
    5. `book` writes all changes, under a condition that the storage checks as it writes.
    6. `finish` stores the answer.

    Whatever is read with ``lock=True`` is what is committed now, or was written by this
    transaction; as its stock or its gate is locked, it stays so until the end. All quantities
    come back as the scale of the rules writes them. No value of one tenant is seen by another
    one. Tests: ReservationTenantRules, ReservationMachineRules.
    """

    @abstractmethod
    def begin(self, request_id: str, fingerprint: str) -> str | None:
        """Note a request, or return the answer that it got before.

        Waits for a transaction that has noted the same request to end.
        Tests: RequestRules, IdentityRules, BookingRules.

        Args:
            request_id: What identifies it within the tenant.
            fingerprint: A digest of what it asks for, at most 64 characters.

        Returns:
            None for a new request, which `finish` gives its answer in this transaction.

        Raises:
            RequestReusedError: it has another fingerprint than before.
        """

    @abstractmethod
    def finish(self, request_id: str, answer: str) -> None:
        """Store the answer of a request that was begun in this transaction.

        Tests: RequestRules.

        Args:
            request_id: The request.
            answer: Text; that of a request with thousands of lines has hundreds of kilobytes.
        """

    @abstractmethod
    def lock_gates(self, groups: Collection[GroupCode]) -> Mapping[GroupCode, bool]:
        """Keep others from locking the gates of these groups until the transaction ends.

        Tests: ClosingRules, BookingRules.

        Returns:
            Whether each gate is open now; one that nobody closed is.
        """

    @abstractmethod
    def set_gate(self, group: GroupCode, *, is_open: bool) -> None:
        """Open or close the gate of a group, which was locked before.

        Tests: ClosingRules, BookingRules.
        """

    @abstractmethod
    def closed_gates(self, groups: Collection[GroupCode]) -> frozenset[GroupCode]:
        """Return those of these groups whose gates are closed, without locking them.

        Tests: ClosingRules, BookingRules.
        """

    @abstractmethod
    def lock_stocks(self, stocks: Collection[StockKey]) -> Mapping[StockKey, StockTotals]:
        """Keep others from locking these stocks until the transaction ends.

        Tests: BookingRules, ManyRules, ReservationRacingRules.

        Returns:
            What is promised of each now; their versions are one more than before.
        """

    @abstractmethod
    def totals(self, stocks: Collection[StockKey]) -> Mapping[StockKey, StockTotals]:
        """Return what is promised of each of these stocks, without locking them.

        Tests: BookingRules.
        """

    @abstractmethod
    def get(
        self, reservations: Collection[str], *, lock: bool = False
    ) -> Mapping[str, GroupReservation]:
        """Return those of these reservations that there are, by id.

        Tests: BookingRules, ManyRules.
        """

    @abstractmethod
    def of_stocks(
        self, stocks: Collection[StockKey], *, lock: bool = False
    ) -> tuple[GroupReservation, ...]:
        """Return the planned and active reservations of these stocks.

        Tests: OrderRules, ConsumingRules, BookingRules.

        Returns:
            Them, by stock and then in the order of consumption.
        """

    @abstractmethod
    def of_group(self, group: GroupCode, *, lock: bool = False) -> tuple[GroupReservation, ...]:
        """Return the open reservations of a group, exhausted ones included, by id.

        Tests: ClosingRules.
        """

    @abstractmethod
    def due(self, now: datetime, *, limit: int, after: str | None = None) -> Page[GroupReservation]:
        """Return a page of the reservations whose time has come, one way or the other.

        Those that are open and whose end has come, and those that are planned and whose start
        has; by stock and id. Tests: WindowRules.

        Args:
            now: The time.
            limit: How many at most.
            after: The cursor of the page before; it may have been for another time.

        Raises:
            InvalidValueError: ``limit`` is not from 1 to 1,000.
            InvalidCursorError: ``after`` comes from another search or tenant.
        """

    @abstractmethod
    def find(
        self, query: ReservationQuery, *, limit: int, after: str | None = None
    ) -> Page[GroupReservation]:
        """Return a page of reservations, by stock and id.

        Tests: ListRules.

        Raises:
            InvalidValueError: ``limit`` is not from 1 to 1,000.
            InvalidCursorError: ``after`` comes from another search or tenant.
        """

    @abstractmethod
    def draws(self, consumption: str, *, lock: bool = False) -> tuple[Draw, ...]:
        """Return what a request consumed, in the order in which it was taken.

        Tests: ReturningRules, SettlingRules.
        """

    @abstractmethod
    def book(self, booking: Booking) -> None:
        """Store all that a request changes in stocks that are locked.

        Tests: BookingRules, ReservingRules, QuantityRules, ReleasingRules.

        Raises:
            InsufficientStockError: the entries of a stock, added up, raise what is held and
                outstanding of it to more than its limit, or what is outstanding alone; then
                nothing is stored.
            StorageError: the storage failed, perhaps after some of it was stored; the `atomic`
                that this is called in undoes that.
        """

    @abstractmethod
    def ledger(
        self,
        *,
        stock: StockKey | None = None,
        reservation: str | None = None,
        limit: int,
        after: str | None = None,
    ) -> Page[LedgerEntry]:
        """Return a page of the ledger, by stock, version and line.

        Tests: ListRules.

        Args:
            stock: Only what moved this stock.
            reservation: Only what concerned the reservation with this id.
            limit: How many entries at most.
            after: The cursor of the page before.

        Raises:
            InvalidValueError: ``limit`` is not from 1 to 1,000.
            InvalidCursorError: ``after`` comes from another search or tenant.
        """

    @abstractmethod
    def stocks(self, *, limit: int, after: str | None = None) -> Page[StockKey]:
        """Return a page of the stocks that were ever locked, by key.

        Tests: ListRules, ReconcilingRules.

        Raises:
            InvalidValueError: ``limit`` is not from 1 to 1,000.
            InvalidCursorError: ``after`` comes from another search or tenant.
        """

    @abstractmethod
    def audit(self, stocks: Collection[StockKey]) -> Mapping[StockKey, StockAudit]:
        """Return what is promised of locked stocks, added up anew.

        Tests: ReconcilingRules, SituationRules.
        """

    @abstractmethod
    def correct(self, stock: StockKey, totals: StockTotals) -> None:
        """Store these totals of a locked stock, whatever they were; its version stays.

        Tests: ReconcilingRules.
        """

    @abstractmethod
    def atomic(self) -> AbstractContextManager[None]:
        """Return a context in which all changes are kept or undone together.

        As `GroupRepository.atomic`, and of the same transaction: the changes of groups inside
        it are undone as well. Tests: ReservationTransactionRules, ReservationFailingRules.
        """


class ReservationWork(Protocol):
    """One open transaction of one tenant, with its groups and its reservations."""

    @property
    @abstractmethod
    def core(self) -> UnitOfWork:
        """The groups and customers, in the same transaction."""

    @property
    @abstractmethod
    def reservations(self) -> ReservationRepository:
        """The reservations."""

    @property
    @abstractmethod
    def on_hand(self) -> StockOnHand:
        """What the host has."""

    @property
    @abstractmethod
    def rules(self) -> ReservationRules:
        """What the host has declared."""


class Reservations(Protocol):
    """Where the reservations are: gives each unit of work of the groups its reservations."""

    @abstractmethod
    def bind(self, work: UnitOfWork) -> ReservationWork:
        """Return the reservations in the transaction of a unit of work.

        Raises:
            InvalidValueError: the unit of work is of another kind of storage.
        """

"""Reservations in the transactions of groups that are in memory."""

import attrs

from customer_groups.adapters.memory import InMemoryUnitOfWork
from customer_groups.errors import InvalidValueError
from customer_groups.repository import UnitOfWork
from customer_groups.reservations.memory.repository import InMemoryReservationRepository
from customer_groups.reservations.repository import ReservationRules, StockOnHand

__all__ = ["InMemoryReservationWork", "InMemoryReservations"]


class InMemoryReservationWork:
    """A `ReservationWork` in memory; `InMemoryReservations.bind` makes it."""

    def __init__(
        self, core: InMemoryUnitOfWork, on_hand: StockOnHand, rules: ReservationRules
    ) -> None:
        """Hold the unit of work of the groups until its transaction ends."""
        self._core = core
        self._reservations = InMemoryReservationRepository(core.groups, rules.scale)
        self._on_hand = on_hand
        self._rules = rules

    @property
    def core(self) -> InMemoryUnitOfWork:
        """The groups and customers, in the same transaction."""
        self._core.groups.require_open()
        return self._core

    @property
    def reservations(self) -> InMemoryReservationRepository:
        """The reservations."""
        self._core.groups.require_open()
        return self._reservations

    @property
    def on_hand(self) -> StockOnHand:
        """What the host has."""
        self._core.groups.require_open()
        return self._on_hand

    @property
    def rules(self) -> ReservationRules:
        """What the host has declared."""
        return self._rules


@attrs.frozen(kw_only=True)
class InMemoryReservations:
    """`Reservations` beside groups that are in memory, in the same transactions.

    Attributes:
        on_hand: Tells what the host has.
        rules: What the host has declared.
    """

    on_hand: StockOnHand
    rules: ReservationRules = attrs.field(factory=ReservationRules)

    def bind(self, work: UnitOfWork) -> InMemoryReservationWork:
        """Return the reservations in the transaction of a unit of work.

        Raises:
            InvalidValueError: its groups are not in memory.
            TransactionClosedError: the transaction has ended.
        """
        if not isinstance(work, InMemoryUnitOfWork):
            reason = "is not in memory; bind reservations of the same kind of storage"
            raise InvalidValueError("unit of work", type(work).__name__, reason)
        return InMemoryReservationWork(work, self.on_hand, self.rules)

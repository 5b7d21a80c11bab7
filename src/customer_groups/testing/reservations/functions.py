"""The functions of reservations as methods, so that the same call goes to them and to the model."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, TypeAlias

import attrs

from customer_groups.customers import CustomerKey
from customer_groups.paging import MAX_PAGE, Page, walk
from customer_groups.repository import GroupRepository
from customer_groups.reservations.asking import (
    availability,
    available_to,
    find_reservations,
    get_reservation,
    history,
)
from customer_groups.reservations.consuming import consume, settle, unconsume
from customer_groups.reservations.expiring import expire_due
from customer_groups.reservations.groups import activate_group, deactivate_group, delete_group
from customer_groups.reservations.model import Draw, GroupReservation, StockKey
from customer_groups.reservations.quantities import Quantity
from customer_groups.reservations.reconciling import reconcile, repair
from customer_groups.reservations.repository import ReservationWork
from customer_groups.reservations.reserving import reallocate, release, reserve
from customer_groups.testing.comparison import Call
from customer_groups.testing.comparison import Everything as AllGroups
from customer_groups.testing.reservations.findings import Findings, found_in
from customer_groups.testing.reservations.promises import Moved, moved

__all__ = ["Everything", "Functions", "OnGroups", "Operation", "SetOnHand", "Stocks", "Together"]

SetOnHand: TypeAlias = Callable[[ReservationWork, Mapping[StockKey, Quantity]], None]

Operation: TypeAlias = Callable[[Any], object]
"""Something to ask of `Functions` and of the model, which shows itself as source."""

_FUNCTIONS: Mapping[str, Callable[..., object]] = {
    each.__name__: each
    for each in (
        *(activate_group, availability, available_to, consume, deactivate_group, delete_group),
        *(expire_due, get_reservation, reallocate, release, reserve, settle, unconsume),
    )
}


@attrs.frozen
class Functions:
    """What can be asked in a unit of work; where nothing else is said, the function of that name.

    Attributes:
        work: The unit of work.
        host: Stores what the host has.
    """

    work: ReservationWork
    host: SetOnHand

    def __getattr__(self, name: str) -> Callable[..., object]:
        return partial(_FUNCTIONS[name], self.work)

    @property
    def groups(self) -> GroupRepository:
        """The groups, past the functions of reservations."""
        return self.work.core.groups

    def set_on_hand(self, on_hand: Mapping[StockKey, Quantity]) -> None:
        """Let the host have so much from now on."""
        self.host(self.work, on_hand)

    def draws(self, consumption: str) -> tuple[Draw, ...]:
        """Return what a request has consumed."""
        return self.work.reservations.draws(consumption)

    def find_reservations(self, **asked: Any) -> Page[GroupReservation]:  # noqa: ANN401
        """Return reservations, all on one page."""
        return find_reservations(self.work, limit=MAX_PAGE, **asked)

    def ledger(self, stock: StockKey) -> list[Moved]:
        """Return what has moved a stock."""
        entries = walk(lambda after: history(self.work, stock=stock, limit=MAX_PAGE, after=after))
        return [moved(entry) for entry in entries]

    def repair(self, stocks: Collection[str], **options: Any) -> Findings:  # noqa: ANN401
        """Find out what is wrong, and put it right."""
        return found_in(repair(self.work, stocks, **options))

    def repair_drifted(self, stock: StockKey, *, request_id: str, at: datetime) -> Findings:
        """Store totals that are wrong, and put them right."""
        totals = self.work.reservations.lock_stocks([stock])[stock]
        wrong = attrs.evolve(totals, held=totals.held + 1, outstanding=totals.outstanding + 2)
        self.work.reservations.correct(stock, wrong)
        return self.repair([stock], request_id=request_id, at=at)

    def reconcile(self, stocks: Collection[str]) -> Findings:
        """Find out what is wrong."""
        return found_in(reconcile(self.work, stocks=stocks))


@attrs.frozen(repr=False)
class OnGroups:
    """A call of the groups, past the functions of reservations."""

    call: Call

    def __call__(self, subject: Any) -> object:  # noqa: ANN401
        """Make the call."""
        return self.call(subject.groups)

    def __repr__(self) -> str:
        return f"core.groups.{self.call!r}"


@attrs.frozen(kw_only=True)
class Stocks:
    """Reading all that can be seen of some stocks.

    Attributes:
        stocks: The stocks.
        customers: The customers who may take some of it.
        consumptions: The ids of all requests that may have consumed something.
        at: When this is asked.
    """

    stocks: Sequence[StockKey]
    customers: Sequence[CustomerKey]
    consumptions: Sequence[str]
    at: datetime

    def __call__(self, subject: Any) -> dict[str, object]:  # noqa: ANN401
        """Return it, each part by its name."""
        return {
            "reservations": [subject.find_reservations(stock=each).items for each in self.stocks],
            "draws": {each: subject.draws(each) for each in self.consumptions},
            "ledgers": {each: subject.ledger(each) for each in self.stocks},
            "availability": [subject.availability(each, at=self.at) for each in self.stocks],
            "available": {
                (customer, stock): subject.available_to(customer, stock, at=self.at)
                for customer in self.customers
                for stock in self.stocks
            },
            "findings": subject.reconcile(self.stocks),
        }


@attrs.frozen
class Everything:
    """Reading all that can be seen of a tenant: of its groups, and of all of its stocks."""

    of_stocks: Stocks

    def __call__(self, subject: Any) -> tuple[object, object]:  # noqa: ANN401
        """Return both."""
        return AllGroups()(subject.groups), self.of_stocks(subject)


@attrs.frozen
class Together:
    """Several operations in one transaction; one that raises undoes those before it."""

    operations: tuple[Operation, ...]

    def __call__(self, subject: Any) -> list[object]:  # noqa: ANN401
        """Return what each of them returns."""
        return [operation(subject) for operation in self.operations]

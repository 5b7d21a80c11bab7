"""The state machine of reservations: a right adapter passes, a broken one is found out."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime

import attrs
import pytest
from hypothesis import Phase, settings

from customer_groups.adapters.memory import InMemoryStorage
from customer_groups.codes import GroupCode
from customer_groups.customers import Customer
from customer_groups.paging import Page
from customer_groups.reservations.memory import InMemoryReservationRepository
from customer_groups.reservations.model import EntryKind, GroupReservation, StockKey
from customer_groups.reservations.quantities import Quantity
from customer_groups.reservations.repository import (
    Booking,
    ReservationRules,
    ReservationWork,
    StockTotals,
)
from customer_groups.reservations.store import ReservationStore
from customer_groups.testing.layers import Storage
from customer_groups.testing.reservations.machine import ReservationMachine
from customer_groups.testing.reservations.running import ReservationMachineRules
from testing.reservation_hooks import InMemoryRules


class Rules(InMemoryRules, ReservationMachineRules):
    """The rule that runs the machine, on a storage in memory."""


class IgnoresRequests(InMemoryReservationRepository):
    """Does everything again."""

    def begin(self, request_id: str, fingerprint: str) -> str | None:
        """Forget that there was such a request."""
        super().begin(request_id, fingerprint)
        return None


class AnyPayload(InMemoryReservationRepository):
    """Looks at the id of a request only."""

    def begin(self, request_id: str, fingerprint: str) -> str | None:  # noqa: ARG002
        """Take all requests with an id for the same."""
        return super().begin(request_id, "")


class OneCase(InMemoryReservationRepository):
    """Takes stocks for the same whose keys differ in case only."""

    def of_stocks(
        self, stocks: Collection[StockKey], *, lock: bool = False
    ) -> tuple[GroupReservation, ...]:
        """Return the reservations of other stocks, too."""
        folded = {stock.lower() for stock in stocks}
        others = [each for each in self.contents.totals if each.lower() in folded]
        found = super().of_stocks([*others, *stocks], lock=lock)
        return tuple(attrs.evolve(each, stock=min(stocks)) for each in found)


class LosesExpiry(InMemoryReservationRepository):
    """Does not say in the ledger what has expired."""

    def book(self, booking: Booking) -> None:
        """Leave entries out."""
        kept = tuple(each for each in booking.entries if each.kind is not EntryKind.EXPIRE)
        super().book(attrs.evolve(booking, entries=kept))


class KeepsDraws(InMemoryReservationRepository):
    """Never changes a draw: what was given back can be given back again."""

    def book(self, booking: Booking) -> None:
        """Leave changed draws out."""
        super().book(attrs.evolve(booking, redrawn=()))


class KeepsReservations(InMemoryReservationRepository):
    """Never changes a reservation."""

    def book(self, booking: Booking) -> None:
        """Leave changed reservations out."""
        super().book(attrs.evolve(booking, changed=()))


class NoGate(InMemoryReservationRepository):
    """Lets every group gain stock that is active."""

    def set_gate(self, group: GroupCode, *, is_open: bool) -> None:
        """Do nothing."""


class NotAtomic(InMemoryReservationRepository):
    """Keeps the note of a refused request, and what was expired before it was refused."""

    def atomic(self) -> AbstractContextManager[None]:
        """Undo nothing."""
        return nullcontext()


class NoPlans(InMemoryReservationRepository):
    """Forgets the planned reservations that are due."""

    def due(self, now: datetime, *, limit: int, after: str | None = None) -> Page[GroupReservation]:
        """Return only what ends."""
        page = super().due(now, limit=limit, after=after)
        return Page(tuple(each for each in page.items if each.is_due(now)))


class OnlyOpen(InMemoryReservationRepository):
    """Finds exhausted reservations no more."""

    def get(
        self, reservations: Collection[str], *, lock: bool = False
    ) -> Mapping[str, GroupReservation]:
        """Return those that have more."""
        found = super().get(reservations, lock=lock)
        return {key: each for key, each in found.items() if each.state.has_more}


class NoRepair(InMemoryReservationRepository):
    """Repairs nothing."""

    def correct(self, stock: StockKey, totals: StockTotals) -> None:
        """Store wrong totals only."""
        if totals != self.totals([stock])[stock]:
            wrong = attrs.evolve(totals, held=totals.held + 1)
            super().correct(stock, wrong)


BROKEN = [
    *(IgnoresRequests, AnyPayload, OneCase, LosesExpiry, KeepsDraws, KeepsReservations),
    *(NoGate, NotAtomic, NoPlans, OnlyOpen, NoRepair),
]


def test_memory_answers_as_the_model_does() -> None:
    """Whatever is asked for, in any order, the adapter in memory and the model agree."""
    Rules().test_any_requests_give_the_answers_of_the_model()


@pytest.mark.parametrize("repository", BROKEN)
def test_a_broken_adapter_is_found_out(repository: type[InMemoryReservationRepository]) -> None:
    """Each bug makes the machine fail, with the call that shows it."""
    contract = Rules()
    contract.profile = "deep"
    contract.repository = repository
    contract.hypothesis = settings(phases=[Phase.generate], database=None)
    with pytest.raises(AssertionError, match=r"tenant '[nN]orth'"):
        contract.test_any_requests_give_the_answers_of_the_model()


class Unhooked(ReservationMachine):
    """A machine of which nobody has said what it tests."""


class Machine(ReservationMachine):
    """A machine that is used without a contract."""

    def make_storage(self) -> InMemoryStorage:
        """Make an empty storage."""
        return InMemoryStorage()

    def open_store(
        self, storage: Storage, tenant: str, customers: Sequence[Customer], rules: ReservationRules
    ) -> ReservationStore:
        """Open the groups and reservations of a tenant."""
        return Rules().open_store(storage, tenant, customers, rules)

    def set_on_hand(self, work: ReservationWork, on_hand: Mapping[StockKey, Quantity]) -> None:
        """Change what the host has."""
        Rules().set_on_hand(work, on_hand)


TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=10, stateful_step_count=10)


def test_a_machine_asks_for_its_hooks() -> None:
    """A machine without hooks says which there must be."""
    with pytest.raises(NotImplementedError, match=r"defining make_storage\(self\)"):
        Unhooked()
    machine = Machine()
    with pytest.raises(NotImplementedError, match="open_store"):
        ReservationMachine.open_store(machine, None, "t", (), ReservationRules())
    with pytest.raises(NotImplementedError, match="set_on_hand"):
        ReservationMachine.set_on_hand(machine, object(), {})  # type: ignore[arg-type]

"""A store for reservations that come from files or go to files, and what is in it."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from customer_groups.adapters.memory import InMemoryGroupStore, InMemoryStorage
from customer_groups.customers import Customer
from customer_groups.reservations import (
    GroupReservation,
    ReservationRules,
    ReservationStore,
    ReservationWork,
    Scale,
    StockKey,
    find_reservations,
)
from customer_groups.reservations.files import ReservationsReport
from customer_groups.reservations.memory import InMemoryReservations
from customer_groups.service import create_group, deactivate_group

__all__ = ["NOW", "HundredOfEach", "counts_of", "new_store", "reserved"]

NOW = datetime(2026, 3, 1, tzinfo=UTC)


class HundredOfEach:
    """Has a hundred of each stock on hand."""

    def __call__(self, stocks: Collection[StockKey], *, lock: bool) -> Mapping[StockKey, int]:
        """Return a hundred, whoever asks."""
        assert isinstance(lock, bool)
        return dict.fromkeys(stocks, 100)


def new_store(places: int = 1) -> ReservationStore:
    """Return a store with two active groups, KEY and CAMPAIGN, and an inactive one, ASLEEP.

    C1 can be a member.
    """
    rules = ReservationRules(scale=Scale(places))
    groups = InMemoryGroupStore(InMemoryStorage(), "t", [Customer("C1")])
    with groups.transaction() as work:
        for code in ("KEY", "CAMPAIGN", "ASLEEP"):
            create_group(work, code, code=code, at=NOW)
        deactivate_group(work, "ASLEEP")
    return ReservationStore(groups, InMemoryReservations(on_hand=HundredOfEach(), rules=rules))


def reserved(work: ReservationWork) -> dict[str, GroupReservation]:
    """Return all reservations by their ids; not more than a page."""
    return {each.id: each for each in find_reservations(work, limit=1_000).items}


def counts_of(report: ReservationsReport) -> dict[str, int]:
    """Return what happened at least once."""
    return {outcome.value: number for outcome, number in report.counts.items() if number}

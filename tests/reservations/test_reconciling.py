"""What is stored of a stock is added up, and put right where it does not agree."""

import pytest

from customer_groups.adapters.memory import InMemoryGroupStore, InMemoryStorage
from customer_groups.reservations.asking import history
from customer_groups.reservations.consuming import consume
from customer_groups.reservations.memory import InMemoryReservations
from customer_groups.reservations.model import EntryKind
from customer_groups.reservations.reconciling import Reconciliation, reconcile, repair
from customer_groups.reservations.repository import ReservationWork, StockTotals
from customer_groups.reservations.reserving import reserve
from customer_groups.reservations.store import ReservationStore
from customer_groups.service import delete_group
from reservations.furnished import MEMBER, furnished
from reservations.promises import A, B, Warehouse, reservation_store


def promise(work: ReservationWork) -> None:
    """Hold four of the first stock, have one of them consumed, and hold one of the other."""
    reserve(work, "G", A, 4, request_id="r")
    consume(work, MEMBER, {A: 1}, request_id="c")
    reserve(work, "G", B, 1, request_id="other")


@pytest.mark.parametrize("wrong", [StockTotals(9, 1), StockTotals(3, 0)])
def test_wrong_totals_are_put_right(wrong: StockTotals) -> None:
    """The same request repairs once; what agrees gets no entry."""
    with furnished({A: 10, B: 1}, "G").transaction() as work:
        promise(work)
        work.reservations.correct(A, wrong)
        found = repair(work, [B, A, B], request_id="repair", by="anna")
        assert [(each.stock, each.agrees, each.shortfall) for each in found.findings] == [
            (A, False, 0)
        ]
        assert reconcile(work) == Reconciliation()
        assert repair(work, [A, B], request_id="repair") == found
        entries = [entry for entry in history(work).items if entry.kind is EntryKind.REPAIR]
        assert [(each.stock, each.held, each.outstanding, each.by) for each in entries] == [
            (A, 0, 0, "anna")
        ]
        assert work.reservations.totals([A])[A].held == 3


def test_what_the_host_has_taken_away_is_short() -> None:
    """It is found and cannot be repaired; the books agree all the same."""
    storage = InMemoryStorage()
    with furnished({A: 10, B: 1}, "G", storage=storage).transaction() as work:
        promise(work)
    with reservation_store({A: 2, B: 1}, storage=storage).transaction() as work:
        for found in (reconcile(work, stocks=[A, B]), repair(work, [A], request_id="q")):
            assert [(each.stock, each.agrees, each.shortfall) for each in found.findings] == [
                (A, True, 2)
            ]
        assert all(each.kind is not EntryKind.REPAIR for each in history(work).items)


def test_the_stock_of_a_group_that_is_gone_is_found() -> None:
    """Where it was deleted past reservations, and nobody has its code."""
    with furnished({A: 10, B: 1}, "G").transaction() as work:
        promise(work)
        delete_group(work.core, "G")
        assert [(each.group, each.status, each.is_open) for each in reconcile(work).bypassed] == [
            ("G", None, True)
        ]


def test_where_there_is_no_stock_the_host_is_not_asked() -> None:
    """Not every database takes a question about nothing."""
    host = Warehouse({})
    reservations = InMemoryReservations(on_hand=host)
    store = ReservationStore(InMemoryGroupStore(InMemoryStorage(), "t"), reservations)
    with store.transaction() as work:
        assert reconcile(work) == Reconciliation()
    assert host.asked == []

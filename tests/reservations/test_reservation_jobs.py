"""What a host does from time to time: everything that is due, and everything that is stored."""

from datetime import UTC, datetime, timedelta
from functools import partial

from customer_groups.reservations.asking import get_reservation
from customer_groups.reservations.expiring import MOST_AT_A_TIME, Expiry
from customer_groups.reservations.jobs import expire_all, reconcile_all
from customer_groups.reservations.model import ReservationState, StockKey
from customer_groups.reservations.reconciling import STOCKS_AT_A_TIME, Reconciliation
from customer_groups.reservations.repository import ReservationWork, StockTotals
from customer_groups.reservations.reserving import reserve
from customer_groups.service import create_group, deactivate_group
from reservations.promises import reservation_store

START = datetime(2026, 1, 1, tzinfo=UTC)
END = START + timedelta(days=1)
MANY = MOST_AT_A_TIME + 3
STOCKS = [f"S{number:03}" for number in range(MANY)]


def reserve_one_of_each(work: ReservationWork) -> None:
    """Reserve one piece of many stocks for a day."""
    for stock in STOCKS:
        reserve(work, "G", stock, 1, request_id=f"r-{stock}", valid_to=END, at=START)


def a_thousand_on_hand() -> dict[str, int]:
    """Return what a host has of the stocks."""
    return dict.fromkeys(STOCKS, 1_000)


def test_everything_that_is_due_expires() -> None:
    """However many reservations are over, one call ends them; sent again, it has no effect."""
    store = reservation_store(a_thousand_on_hand())
    store.run(lambda work: create_group(work.core, "Group", code="G"))
    store.run(reserve_one_of_each)
    done = expire_all(store, request_id="night", at=END, by="cron")
    assert done.expired == tuple(f"r-{stock}" for stock in STOCKS)
    assert done.begun == ()
    assert expire_all(store, request_id="night", at=END + timedelta(days=1)) == done
    assert expire_all(store, request_id="next night", at=END) == Expiry()
    with store.transaction() as work:
        assert get_reservation(work, "r-S000").state is ReservationState.EXPIRED


def test_what_cannot_begin_is_passed_over() -> None:
    """However many reservations wait in vain, those behind them begin, and the job ends."""
    store = reservation_store({STOCKS[-1]: 1})
    store.run(lambda work: create_group(work.core, "Group", code="G"))
    waits = partial(reserve, valid_from=END, holds_before_start=False, at=START)

    def plan(work: ReservationWork) -> None:
        for stock in STOCKS:
            waits(work, "G", stock, 1, request_id=f"r-{stock}")

    store.run(plan)
    done = expire_all(store, request_id="night", at=END)
    assert (done.begun, done.expired) == ((f"r-{STOCKS[-1]}",), ())


def test_all_stocks_are_looked_through() -> None:
    """What is wrong with the first and the last stock is found, and each group is told once."""
    store = reservation_store(a_thousand_on_hand())
    store.run(lambda work: create_group(work.core, "Group", code="G"))
    store.run(reserve_one_of_each)
    assert len(STOCKS) > 2 * STOCKS_AT_A_TIME
    assert reconcile_all(store) == Reconciliation()

    def tamper(work: ReservationWork) -> None:
        for stock in (STOCKS[0], STOCKS[-1]):
            work.reservations.correct(StockKey(stock), StockTotals(held=7))
        deactivate_group(work.core, "G")

    store.run(tamper)
    found = reconcile_all(store)
    assert [each.stock for each in found.findings] == [STOCKS[0], STOCKS[-1]]
    assert [each.group for each in found.bypassed] == ["G"]
    assert found.next is None

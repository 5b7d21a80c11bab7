"""The host lowers its stock once for what leaves, whatever becomes of the request."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import partial

import pytest

from customer_groups.adapters.memory import InMemoryStorage
from customer_groups.reservations.asking import get_consumption
from customer_groups.reservations.consuming import Consumption, consume, settle, unconsume
from customer_groups.reservations.errors import NotOutstandingError, Shortage
from customer_groups.reservations.model import StockKey
from customer_groups.reservations.quantities import Quantity, Scale
from customer_groups.reservations.reconciling import Reconciliation, reconcile
from customer_groups.reservations.repository import (
    ReservationRules,
    ReservationWork,
    StockTotals,
)
from reservations.furnished import MEMBER, furnished
from reservations.promises import A, B

Leaving = Mapping[StockKey, Quantity]


@pytest.fixture
def work() -> Iterator[ReservationWork]:
    """Open a unit of work where an order has taken five of one stock and two of another."""
    with furnished({A: 9, B: 9}).transaction() as work:
        consume(work, MEMBER, {A: 5, B: 2}, request_id="c")
        yield work


@pytest.mark.parametrize(
    ("lines", "leaving"), [(None, {A: 5, B: 2}), ([(A, 1), (A, 2)], {A: 3}), ({B: 2}, {B: 2})]
)
def test_the_host_lowers_what_leaves(
    work: ReservationWork, lines: list[tuple[str, Quantity]] | None, leaving: Leaving
) -> None:
    """It is told once how much of each stock, added up; the same request tells it nothing."""
    told: list[Leaving] = []
    answer = settle(work, "c", lines, request_id="s", lower=told.append)
    assert settle(work, "c", lines, request_id="s", lower=told.append) == answer
    assert told == [leaving]


def test_what_is_left_leaves_at_last(work: ReservationWork) -> None:
    """Who settles the rest is told the rest."""
    told: list[Leaving] = []
    settle(work, "c", {A: 4, B: 2}, request_id="s")
    settle(work, "c", request_id="rest", lower=told.append)
    assert told == [{A: 1}]


def test_the_host_is_called_when_our_stocks_are_locked(work: ReservationWork) -> None:
    """Whoever wants them waits for us, never we for the host's own rows."""
    seen: list[Mapping[StockKey, StockTotals]] = []
    settle(work, "c", request_id="s", lower=lambda _: seen.append(work.reservations.totals([A, B])))
    assert seen == [{A: StockTotals(0, 0, 2), B: StockTotals(0, 0, 2)}]


def test_what_the_host_cannot_lower_is_not_settled(work: ReservationWork) -> None:
    """Its error passes on, nothing has changed, and the request may be sent again."""
    before, totals = get_consumption(work, "c"), work.reservations.totals([A, B])

    def fail(leaving: Leaving) -> None:
        raise KeyError(leaving[A])

    with pytest.raises(KeyError, match="5"):
        settle(work, "c", request_id="s", lower=fail)
    assert get_consumption(work, "c") == before
    assert work.reservations.totals([A, B]) == totals
    told: list[Leaving] = []
    settle(work, "c", request_id="s", lower=told.append)
    assert told == [{A: 5, B: 2}]


def test_a_refused_settlement_lowers_nothing(work: ReservationWork) -> None:
    """More than is outstanding of one stock: the others do not leave either."""
    told: list[Leaving] = []
    with pytest.raises(NotOutstandingError) as caught:
        settle(work, "c", {A: 5, B: 3}, request_id="s", lower=told.append)
    assert caught.value.shortages == (Shortage(B, 3, 2),)
    assert told == []


@pytest.mark.parametrize("again", [settle, unconsume])
@pytest.mark.parametrize("first", [settle, unconsume])
def test_nothing_is_settled_or_given_back_twice(
    work: ReservationWork, first: Callable[..., Consumption], again: Callable[..., Consumption]
) -> None:
    """All that is outstanding is nothing then, which is refused, and not noted."""
    done = first(work, "c", request_id="first")
    ask = partial(again, work, "c", request_id="again")
    with pytest.raises(
        NotOutstandingError, match=r"^nothing is outstanding, of what 'c' consumed$"
    ) as caught:
        ask()
    assert caught.value.shortages == ()
    assert get_consumption(work, "c") == done
    assert work.reservations.begin("again", "no trace of it") is None


def test_the_host_is_told_of_its_stocks_by_key(work: ReservationWork) -> None:
    """In whatever order they are named: it locks its rows in one order, too."""
    told: list[Leaving] = []
    settle(work, "c", [(B, 1), (A, 1)], request_id="s", lower=told.append)
    assert [list(each) for each in told] == [[A, B]]


def test_what_was_taken_while_the_host_counted_more_finely_is_settled() -> None:
    """All of it, and the books agree."""
    storage = InMemoryStorage()
    finely, half = ReservationRules(scale=Scale(1)), Decimal("0.5")
    with furnished({A: Decimal("1.5")}, rules=finely, storage=storage).transaction() as work:
        consume(work, MEMBER, {A: half}, request_id="c")
    with furnished({A: 2}, storage=storage).transaction() as work:
        assert consume(work, MEMBER, {A: 1}, request_id="later").draws[0].quantity == 1
        assert get_consumption(work, "c").draws[0].outstanding == half
        assert settle(work, "c", request_id="s").draws[0].settled == half
        assert work.reservations.totals([A])[A].outstanding == 1
        assert reconcile(work) == Reconciliation()

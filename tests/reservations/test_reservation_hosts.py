"""Transactions of a host that see one moment, while others go on."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from customer_groups.errors import RetryableConflictError
from customer_groups.reservations.asking import availability
from customer_groups.reservations.consuming import consume
from customer_groups.reservations.errors import (
    GroupInactiveError,
    InsufficientStockError,
    ReservationClosedError,
)
from customer_groups.reservations.groups import Holdings, deactivate_group
from customer_groups.reservations.repository import ReservationWork
from customer_groups.reservations.reserving import release, reserve
from engines import MARIADB, POSTGRESQL, new_engine
from stock_books import require_right_books
from stockrooms import Place, Stockroom, furnish

ON_HAND = {"x": 10, "y": 10}

Change = Callable[[ReservationWork], object]

REFUSALS = (
    InsufficientStockError,
    GroupInactiveError,
    ReservationClosedError,
    RetryableConflictError,
)


@pytest.fixture(params=[*POSTGRESQL, *MARIADB])
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stockroom]:
    """Yield an open place where the transactions are a host's; all of y is held for A."""
    with new_engine(request.param, tmp_path) as bare:
        place = Place(bare.url, is_of_host=True)
    furnish(place, ON_HAND)
    with place.opened() as room:
        room.store.run(partial(reserve, group="A", stock="y", quantity=10, request_id="y"))
        yield room


def reserve_x(work: ReservationWork, group: str = "A") -> object:
    """Reserve all of x."""
    return reserve(work, group, "x", 10, request_id=group)


def take(work: ReservationWork, stock: str, customer: str) -> object:
    """Order all of a stock."""
    return consume(work, customer, [(stock, 10)], request_id=customer)


def give_y_to_b(work: ReservationWork) -> object:
    """Release what is held of y for A, and hold it for B."""
    release(work, "y", request_id="release")
    return reserve(work, "B", "y", 10, request_id="b")


def switch_off(work: ReservationWork) -> object:
    """Switch A off, and release what is held for it."""
    return deactivate_group(work, "A", request_id="off", holdings=Holdings.RELEASE)


def look_first(host: Stockroom, meanwhile: Change, late: Change) -> None:
    """Look at the stock in a transaction, let others change it, and only then change it."""
    with host.store.transaction() as work:
        assert availability(work, "x").free == 10
        host.embedded.store.run(meanwhile)
        late(work)


@pytest.mark.parametrize(
    ("meanwhile", "late"),
    [
        (partial(reserve_x, group="B"), reserve_x),
        (partial(reserve_x, group="B"), partial(take, stock="x", customer="STRANGER")),
        (partial(take, stock="x", customer="IN-B"), reserve_x),
        (partial(take, stock="y", customer="IN-A"), partial(take, stock="y", customer="IN-AB")),
        (give_y_to_b, partial(release, reservation="y", request_id="late")),
        (give_y_to_b, partial(take, stock="y", customer="IN-A")),
        (switch_off, reserve_x),
    ],
)
def test_a_transaction_that_has_looked_before(
    host: Stockroom, meanwhile: Change, late: Change
) -> None:
    """What has been taken since then is not promised again."""
    with pytest.raises(REFUSALS):
        look_first(host, meanwhile, late)
    require_right_books(host, ON_HAND)


def test_a_host_that_takes_goods_away(host: Stockroom) -> None:
    """What has left since the transaction looked is not promised."""
    less = partial(host.embedded.change_on_hand, changes={"x": -1})
    with pytest.raises(REFUSALS):
        look_first(host, less, reserve_x)
    require_right_books(host, {**ON_HAND, "x": 9})


def reserve_and_fail(work: ReservationWork) -> None:
    """Reserve all of x, and fail."""
    reserve_x(work)
    raise ZeroDivisionError


def test_a_transaction_that_is_rolled_back(host: Stockroom) -> None:
    """Nothing is left of it: the same id may ask for something else."""
    with pytest.raises(ZeroDivisionError):
        host.store.run(reserve_and_fail)
    host.store.run(partial(reserve, group="A", stock="x", quantity=9, request_id="A"))
    require_right_books(host, ON_HAND)


def test_a_request_that_another_one_has_sent(host: Stockroom) -> None:
    """Its answer is given, or told to be repeated; it has one effect."""
    order = partial(take, stock="x", customer="STRANGER")
    try:
        with host.store.transaction() as work:
            assert availability(work, "x").free == 10
            first = host.embedded.store.run(order)
            second = order(work)
    except RetryableConflictError:
        second = host.store.run(order)
    assert second == first
    require_right_books(host, ON_HAND)

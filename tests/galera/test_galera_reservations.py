"""Processes that reserve, consume and settle through all nodes of a cluster at once."""

from collections.abc import Mapping, Sequence
from functools import partial

import pytest
import sqlalchemy as sa

from customer_groups.reservations.asking import availability
from customer_groups.reservations.consuming import Consumption
from customer_groups.reservations.errors import InsufficientStockError
from customer_groups.reservations.model import GroupReservation
from processes import opened
from servers import galera
from servers.galera import NODES
from stock_books import require_answers_in_books, require_right_books
from stock_races import (
    do_everything,
    order_and_deliver,
    order_shared,
    race,
    reserve_item,
    reserve_one,
    take_one,
    use_up,
)
from stock_traffic import STOCKS
from stockrooms import Place, furnish

pytestmark = pytest.mark.galera

TURNS = 10
WRITERS = 6


def furnished(on_hand: Mapping[str, int]) -> list[Place]:
    """Return where the writers work, each on the next node; all nodes have what is on hand."""
    database = galera().new_database()
    nodes = [Place(galera().url(each, "pymysql", database), is_cluster=True) for each in NODES]
    furnish(nodes[0], on_hand)
    wait_for_all(nodes)
    return [nodes[writer % len(nodes)] for writer in range(WRITERS)]


def wait_for_all(places: Sequence[Place]) -> None:
    """Wait until each node has what was written through the others."""
    for place in places:
        with opened(place.url) as groups, groups.engine.connect() as connection:
            connection.exec_driver_sql("SET wsrep_sync_wait = 1")
            connection.execute(sa.select(groups.storage.tables.groups.c.code)).all()


def require_right_nodes(places: Sequence[Place], brought_in: Mapping[str, int]) -> None:
    """Fail unless the books of each node are right."""
    wait_for_all(places)
    for place in places[: len(NODES)]:
        with place.opened() as room:
            require_right_books(room, brought_in)


def test_all_of_a_stock() -> None:
    """What is reserved, taken and delivered is all that there is, and no more."""
    places = furnished({"x": 21})
    reserving = [partial(reserve_one, number=each) for each in range(2)]
    taking = [partial(take_one, customer="STRANGER", number=each) for each in range(2)]
    leaving = [partial(order_and_deliver, number=each) for each in range(2)]
    counts = use_up(places, [*reserving, *taking, *leaving])
    assert sum(counts[:4]) + 2 * sum(counts[4:]) == 21
    require_right_nodes(places, {"x": 21})


def test_the_last_piece() -> None:
    """Of those who reserve it on different nodes, one gets it and the others are told."""
    items = dict.fromkeys((f"item-{turn}" for turn in range(TURNS)), 1)
    places = furnished(items)
    acts = [partial(reserve_item, group=group, stock="item") for group in "ABC"]
    for results in race(places[:3], acts, turns=TURNS):
        assert results.count(InsufficientStockError) == 2
        assert sum(isinstance(each, GroupReservation) for each in results) == 1
    require_right_nodes(places, items)


def test_the_same_request_on_all_nodes() -> None:
    """It has one effect, and all get the same answer."""
    places = furnished({"x": TURNS})
    for results in race(places, [order_shared] * WRITERS, turns=TURNS):
        assert len(set(results)) == 1
        assert isinstance(results[0], Consumption)
    require_right_nodes(places, {"x": TURNS})
    with places[0].opened() as room, room.store.transaction() as work:
        assert availability(work, "x").outstanding == TURNS


def test_everything_at_once() -> None:
    """Whatever runs beside what, each answer is in the books once, and nothing is oversold."""
    on_hand = dict.fromkeys(STOCKS, 150)
    places = furnished(on_hand)
    done = do_everything(places, turns=4)
    require_right_nodes(places, on_hand)
    with places[0].opened() as room:
        require_answers_in_books(room, done)

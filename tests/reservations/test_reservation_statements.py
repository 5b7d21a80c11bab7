"""How many statements questions and orders take, however much there is."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest
import sqlalchemy as sa

from customer_groups.reservations.asking import available_to
from customer_groups.reservations.consuming import consume
from customer_groups.reservations.repository import ReservationWork
from customer_groups.reservations.reserving import reserve
from customer_groups.service import create_group
from stockrooms import Place, Stockroom, furnish

T = TypeVar("T")

ON_HAND = 10_000
FOR_RESERVATIONS = 3  # and for the groups of the customer
FOR_THE_HOST = 1


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Stockroom]:
    """Yield an open place with plenty of stock."""
    place = Place(sa.URL.create("sqlite", database=str(tmp_path / "shared.db")))
    furnish(place, {"x": ON_HAND})
    with place.opened() as room:
        yield room


@contextmanager
def counted(engine: sa.Engine) -> Iterator[list[str]]:
    """Yield a list to which each statement is added."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    yield statements
    sa.event.remove(engine, "before_cursor_execute", note)


def statements_of(room: Stockroom, function: Callable[[ReservationWork], T]) -> tuple[T, int]:
    """Return what a function returns, and how many statements it takes in its transaction."""
    with room.store.transaction() as work, counted(room.groups.engine) as statements:
        return function(work), len(statements)


def create_groups(room: Stockroom, number: int) -> None:
    """Create groups with one member, the customer STRANGER."""
    with room.store.transaction() as work:
        for each in range(number):
            create_group(work.core, f"G{each}", code=f"G{each}", customers=["STRANGER"])


def reserve_for(room: Stockroom, groups: Iterable[str]) -> None:
    """Reserve one piece for each of these groups."""
    with room.store.transaction() as work:
        for group in groups:
            reserve(work, group, "x", 1, request_id=group)


@pytest.mark.parametrize("groups", [5, 500])
def test_what_is_available_to_a_customer_in_many_groups(room: Stockroom, groups: int) -> None:
    """It takes as many statements for 500 groups as for five."""
    create_groups(room, groups)
    held = min(groups, 20)
    reserve_for(room, (f"G{each}" for each in range(held)))
    for customer, available in (("STRANGER", ON_HAND), ("IN-C", ON_HAND - held)):
        ask = partial(available_to, customer=customer, stock="x")
        assert statements_of(room, ask) == (available, FOR_RESERVATIONS + FOR_THE_HOST)


def statements_of_an_order(room: Stockroom, request_id: str) -> int:
    """Return how many statements it takes to order two pieces."""
    _, count = statements_of(
        room, lambda work: consume(work, "IN-C", [("x", 2)], request_id=request_id)
    )
    return count


def statements_of_a_reservation(room: Stockroom, request_id: str) -> int:
    """Return how many statements it takes to reserve two pieces."""
    _, count = statements_of(room, lambda work: reserve(work, "C", "x", 2, request_id=request_id))
    return count


@pytest.mark.parametrize("count", [statements_of_an_order, statements_of_a_reservation])
def test_changes_beside_reservations_of_others(
    room: Stockroom, count: Callable[[Stockroom, str], int]
) -> None:
    """They take as many statements beside 200 reservations as beside none."""
    count(room, "first")  # the rows of the stock and the gate are there from now on
    before = count(room, "before")
    create_groups(room, 200)
    reserve_for(room, (f"G{each}" for each in range(200)))
    assert count(room, "after") == before

"""How the shelves of stocks are locked and read: in which order, and what is asked of whom."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from customer_groups.adapters.memory import InMemoryGroupStore, InMemoryStorage
from customer_groups.codes import GroupCode
from customer_groups.errors import InvalidValueError
from customer_groups.reservations.memory import InMemoryReservations
from customer_groups.reservations.model import (
    EntryKind,
    GroupReservation,
    ReservationState,
    StockKey,
)
from customer_groups.reservations.quantities import Quantity, Scale
from customer_groups.reservations.repository import (
    Booking,
    ReservationRules,
    ReservationWork,
    StockTotals,
)
from customer_groups.reservations.shelves import (
    Shelf,
    lock_shelves,
    quantities_on_hand,
    read_shelves,
)
from customer_groups.reservations.store import ReservationStore
from customer_groups.service import deactivate_group
from reservations.promises import (
    DAY,
    NOW,
    A,
    B,
    Warehouse,
    entry,
    group,
    moves,
    reservation,
    reservation_store,
)

PLANNED, ACTIVE, EXHAUSTED, RELEASED, EXPIRED = ReservationState


@contextmanager
def work_with(*made: GroupReservation, host: Warehouse) -> Iterator[ReservationWork]:
    """Open a unit of work in which these reservations are stored, and the groups G and H."""
    groups = InMemoryGroupStore(InMemoryStorage(), "t")
    store = ReservationStore(groups, InMemoryReservations(on_hand=host))
    entries = tuple(entry(stock=each.stock, held=each.held, reservation=each.id) for each in made)
    limits = {each.stock: 1_000 for each in made}
    with store.transaction() as work:
        for code in ("G", "H"):
            work.core.groups.add(group(code))
        work.reservations.book(Booking(entries=entries, limits=limits, made=made))
        yield work


def on_hand(work: ReservationWork, stocks: list[StockKey]) -> Mapping[StockKey, Quantity]:
    """Return what the host has, with its lock."""
    return quantities_on_hand(work, stocks, lock=True)


@pytest.mark.parametrize(
    ("told", "there"),
    [
        (Decimal("2.99"), "2.9"),
        (Decimal("2.12345678901"), "2.1"),
        (Decimal("-0.01"), "-0.1"),
        (5, "5.0"),
        (0, "0.0"),
        (None, "0.0"),
    ],
)
def test_the_host_is_asked_no_finer_than_is_counted(told: Any, there: str) -> None:  # noqa: ANN401 - any value
    """What it has is rounded down, however fine; it has nothing of what it does not know."""
    rules = ReservationRules(scale=Scale(1))
    with reservation_store({A: told}, rules=rules).transaction() as work:
        shown = {key: str(value) for key, value in on_hand(work, [A, B]).items()}
    assert shown == {A: there, B: "0.0"}


@pytest.mark.parametrize("told", [0.5, 0.0, False, "", "5", Decimal("NaN"), 10**13])
def test_a_host_that_tells_no_quantity_is_refused(told: Any) -> None:  # noqa: ANN401 - any value
    """A float of nothing too: it is found before there is something."""
    with (
        reservation_store({A: told}).transaction() as work,
        pytest.raises(InvalidValueError, match=r"^quantity on hand "),
    ):
        on_hand(work, [A])


@pytest.mark.parametrize("told", [None, 5, [5], [(A, 5)]])
def test_a_host_that_tells_no_mapping_is_refused(told: Any) -> None:  # noqa: ANN401 - any value
    """Nobody guesses which quantity is of which stock."""
    reservations = InMemoryReservations(on_hand=lambda _, lock: told if lock else {})
    store = ReservationStore(InMemoryGroupStore(InMemoryStorage(), "t"), reservations)
    with (
        store.transaction() as work,
        pytest.raises(InvalidValueError, match=r"^what is on hand .* is no mapping of stocks"),
    ):
        on_hand(work, [A])


def test_locked_shelves() -> None:
    """Each stock is locked once, then the host is asked by key; what is due expires and begins."""
    host = Warehouse({A: 30})
    made = (
        reservation(id="1", valid_to=NOW, consumed=4),
        reservation(id="2", state="planned", valid_from=NOW, holds_before_start=False),
        reservation(id="3", stock=B, state="planned", valid_from=NOW + DAY),
    )
    with work_with(*made, host=host) as work:
        shelves = lock_shelves(work, [B, A, B], NOW, asks_host=True)
    assert host.asked == [((A, B), True)]
    assert list(shelves) == [A, B]
    assert [each.version for each in shelves.values()] == [1, 1]
    assert moves(shelves[A]) == [(EntryKind.EXPIRE, -6, 0, "1"), (EntryKind.BEGIN, 10, 0, "2")]
    assert (shelves[A].on_hand, shelves[A].held) == (30, 10)
    assert (shelves[B].on_hand, shelves[B].held, shelves[B].moves) == (0, 10, [])


def test_stocks_are_locked_by_key() -> None:
    """Whatever order they are named in, so that no two requests wait for each other."""
    host = Warehouse({})
    with work_with(host=host) as work:
        shelves = lock_shelves(work, map(StockKey, "fbdacefb"), NOW, asks_host=True)
    assert host.asked == [(tuple("abcdef"), True)]
    assert list(shelves) == list("abcdef")


def test_locked_shelves_without_the_host() -> None:
    """It is not asked, and nothing begins, which might raise what is promised."""
    host = Warehouse({A: 30})
    made = (reservation(id="1", valid_to=NOW), reservation(id="2", state="planned"))
    with work_with(*made, host=host) as work:
        shelf = lock_shelves(work, [A], NOW)[A]
    assert host.asked == []
    assert shelf.on_hand is None
    assert moves(shelf) == [(EntryKind.EXPIRE, -10, 0, "1")]


def test_exhausted_reservations_are_on_a_shelf_where_they_matter() -> None:
    """Whoever may give something back to one names it."""
    done = reservation(id="done", consumed=10, state="exhausted")
    with work_with(done, reservation(), host=Warehouse({})) as work:
        assert set(lock_shelves(work, [A], NOW)[A].reservations) == {"r"}
        named = lock_shelves(work, [A], NOW, also=["done", "r"])[A]
    assert set(named.reservations) == {"r", "done"}


def test_shelves_that_are_read() -> None:
    """They look as if they were locked, and nothing is."""
    host = Warehouse({A: 30})
    made = (
        reservation(id="1", valid_to=NOW),
        reservation(id="2", state="planned", valid_from=NOW, holds_before_start=False),
    )
    with work_with(*made, host=host) as work:
        shelf = read_shelves(work, [A], NOW)[A]
        assert work.reservations.totals([A])[A] == StockTotals(10, 0, 0)
        assert tuple(work.reservations.get(["1", "2"]).values()) == made
    assert host.asked == [((A,), False)]
    assert (shelf.held, shelf.free) == (10, 20)
    states = {key: each.state for key, each in shelf.reservations.items()}
    assert states == {"1": EXPIRED, "2": ACTIVE}


@pytest.mark.parametrize("look", [read_shelves, partial(lock_shelves, asks_host=True)])
def test_what_waits_does_not_begin_for_a_group_whose_gate_is_closed(
    look: Callable[..., Mapping[StockKey, Shelf]],
) -> None:
    """Whether the shelves are locked or only read; what held its stock begins."""
    waits = {"state": "planned", "holds_before_start": False}
    made = (
        reservation(id="1", **waits),
        reservation(id="2", group="H", **waits),
        reservation(id="3", state="planned"),
    )
    with work_with(*made, host=Warehouse({A: 30})) as work:
        work.reservations.set_gate(GroupCode("G"), is_open=False)
        shelf = look(work, [A], NOW)[A]
    states = {key: each.state for key, each in shelf.reservations.items()}
    assert states == {"1": PLANNED, "2": ACTIVE, "3": ACTIVE}
    assert shelf.held == 20


@pytest.mark.parametrize("look", [read_shelves, partial(lock_shelves, asks_host=True)])
def test_what_waits_does_not_begin_for_a_group_that_was_switched_off_past_its_gate(
    look: Callable[..., Mapping[StockKey, Shelf]],
) -> None:
    """Nor for one that was deleted so."""
    waits = {"state": "planned", "holds_before_start": False}
    made = [reservation(id=code, group=code, **waits) for code in ("G", "H", "I")]
    with work_with(*made, host=Warehouse({A: 100})) as work:
        deactivate_group(work.core, "H")
        shelf = look(work, [A], NOW)[A]
    states = {key: each.state for key, each in shelf.reservations.items()}
    assert states == {"G": ACTIVE, "H": PLANNED, "I": PLANNED}

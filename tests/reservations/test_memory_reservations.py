"""Reservations in memory are in the transaction of the groups."""

from collections.abc import Callable

import pytest

from customer_groups.adapters.memory import InMemoryStorage
from customer_groups.adapters.sql import open_store
from customer_groups.codes import GroupCode
from customer_groups.errors import InvalidCursorError, InvalidValueError, TransactionClosedError
from customer_groups.paging import Page
from customer_groups.query import GroupQuery
from customer_groups.reservations.memory import InMemoryReservations
from customer_groups.reservations.quantities import Scale
from customer_groups.reservations.repository import (
    Booking,
    ReservationQuery,
    ReservationRepository,
    ReservationRules,
    ReservationWork,
    StockTotals,
)
from customer_groups.service import create_group
from reservations.promises import (
    NOW,
    A,
    B,
    Warehouse,
    reservation_store,
)

G, H = GroupCode("G"), GroupCode("H")
USES: dict[str, Callable[[ReservationRepository], object]] = {
    "begin": lambda repository: repository.begin("q", "f"),
    "finish": lambda repository: repository.finish("q", "x"),
    "lock_gates": lambda repository: repository.lock_gates([G]),
    "set_gate": lambda repository: repository.set_gate(G, is_open=True),
    "closed_gates": lambda repository: repository.closed_gates([G]),
    "lock_stocks": lambda repository: repository.lock_stocks([A]),
    "totals": lambda repository: repository.totals([A]),
    "get": lambda repository: repository.get(["r"]),
    "of_stocks": lambda repository: repository.of_stocks([A]),
    "of_group": lambda repository: repository.of_group(G),
    "due": lambda repository: repository.due(NOW, limit=1),
    "find": lambda repository: repository.find(ReservationQuery(), limit=1),
    "draws": lambda repository: repository.draws("c"),
    "book": lambda repository: repository.book(Booking()),
    "ledger": lambda repository: repository.ledger(limit=1),
    "stocks": lambda repository: repository.stocks(limit=1),
    "audit": lambda repository: repository.audit([A]),
    "correct": lambda repository: repository.correct(A, StockTotals()),
    "atomic": lambda repository: repository.atomic().__enter__(),
}


def test_only_groups_in_memory_have_reservations_in_memory() -> None:
    """Another storage has another transaction."""
    store = open_store("sqlite://", tenant="t")
    reservations = InMemoryReservations(on_hand=Warehouse({}))
    with (
        store.transaction() as work,
        pytest.raises(InvalidValueError, match="SqlUnitOfWork' is not in memory; bind"),
    ):
        reservations.bind(work)
    store.close()


def test_a_unit_of_work_has_what_it_was_bound_with() -> None:
    """The groups of the same transaction, the host, and its rules."""
    rules = ReservationRules(scale=Scale(2), allowance=3)
    store = reservation_store({A: 10}, rules=rules)
    with store.groups.transaction() as core:
        work = store.reservations.bind(core)
        assert work.core is core
        assert work.on_hand([A, B], lock=True) == {A: 10}
        assert work.rules is rules


def test_a_host_without_rules_counts_pieces_and_allows_nothing_more() -> None:
    """Which nobody has to declare."""
    assert InMemoryReservations(on_hand=Warehouse({})).rules == ReservationRules(
        scale=Scale(0), allowance=0
    )


def test_binding_twice_sees_the_same() -> None:
    """The state belongs to the transaction."""
    store = reservation_store()
    with store.groups.transaction() as core:
        one, two = store.reservations.bind(core), store.reservations.bind(core)
        one.reservations.begin("q", "f")
        assert one.reservations.lock_stocks([A])[A].version == 1
        two.reservations.finish("q", "answer")
        assert two.reservations.lock_stocks([A])[A].version == 2
        assert one.reservations.begin("q", "f") == "answer"


def close_a_gate_and_fail(work: ReservationWork) -> None:
    """Change a group and a gate, to no avail."""
    create_group(work.core, "North", code="G")
    work.reservations.set_gate(G, is_open=False)
    raise ZeroDivisionError


def test_groups_and_reservations_are_undone_together() -> None:
    """Whichever of the two opens the context."""
    with reservation_store().transaction() as work:
        for atomic in (work.reservations.atomic, work.core.groups.atomic):
            with pytest.raises(ZeroDivisionError), atomic():
                close_a_gate_and_fail(work)
            assert work.core.groups.find(GroupQuery(), limit=1).items == ()
            assert work.reservations.closed_gates([G]) == frozenset()


def test_groups_and_reservations_are_kept_together() -> None:
    """Where nothing fails, the context changes nothing."""
    with reservation_store().transaction() as work:
        with work.reservations.atomic():
            create_group(work.core, "North", code="G")
            work.reservations.set_gate(G, is_open=False)
        assert work.core.groups.get(G).name == "North"
        assert work.reservations.closed_gates([G]) == {G}


def test_tenants_see_nothing_of_each_other() -> None:
    """Not even the same request, and their cursors lead nowhere."""
    storage = InMemoryStorage()
    with reservation_store(storage=storage, tenant="one").transaction() as work:
        work.reservations.begin("q", "f")
        work.reservations.lock_stocks([A, B])
        cursor = work.reservations.stocks(limit=1).next
    with reservation_store(storage=storage, tenant="two").transaction() as work:
        assert work.reservations.begin("q", "another") is None
        assert work.reservations.stocks(limit=1) == Page(())
        with pytest.raises(InvalidCursorError):
            work.reservations.stocks(limit=1, after=cursor)


@pytest.mark.parametrize("use", ["core", "reservations", "on_hand"])
def test_a_closed_unit_of_work_is_of_no_use(use: str) -> None:
    """Whatever it is asked for."""
    with reservation_store().transaction() as work:
        getattr(work, use)
    with pytest.raises(TransactionClosedError):
        getattr(work, use)


def test_a_closed_unit_of_work_is_not_bound() -> None:
    """There is no transaction that the reservations could be in."""
    store = reservation_store()
    with store.groups.transaction() as core:
        pass
    with pytest.raises(TransactionClosedError):
        store.reservations.bind(core)


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_a_repository_ends_with_its_transaction(
    use: Callable[[ReservationRepository], object],
) -> None:
    """Whoever kept it gets an error, never old values."""
    with reservation_store().transaction() as work:
        repository = work.reservations
    with pytest.raises(TransactionClosedError):
        use(repository)

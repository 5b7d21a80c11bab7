"""Whatever others break in the tables of the reservations is found."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from customer_groups.adapters.sql import build_tables as build_group_tables
from customer_groups.errors import StorageError
from customer_groups.reservations.consuming import consume
from customer_groups.reservations.reconciling import reconcile
from customer_groups.reservations.repository import ReservationWork
from customer_groups.reservations.reserving import reserve
from customer_groups.reservations.sql import (
    EmbeddedReservations,
    ReservationFault,
    ReservationFaultKind,
    build_tables,
    verify,
)
from customer_groups.service import create_group, delete_group
from reservations.promises import A, B
from reservations.sql_places import GROUP, ON_ALL, groups_of, reservations

Kind = ReservationFaultKind


@pytest.fixture(params=ON_ALL)
def embedded(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EmbeddedReservations]:
    """Yield reservations on each engine: 20 "a" for the group, of which 5 are consumed."""
    with reservations(request.param, tmp_path) as opened:
        opened.store.run(lambda work: reserve(work, GROUP, A, 20, request_id="r"))
        opened.store.run(lambda work: consume(work, "ONE", [(A, 5), (B, 1)], request_id="c"))
        yield opened


def faults_after(embedded: EmbeddedReservations, *statements: str) -> list[ReservationFault]:
    """Return the faults that statements lead to."""
    store = groups_of(embedded)
    with store.engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
        return verify(connection, embedded.tables, store.storage.tables)


def test_nothing_is_wrong_with_what_we_store(embedded: EmbeddedReservations) -> None:
    """What our operations leave behind is consistent."""
    assert faults_after(embedded) == []


@pytest.mark.parametrize(
    ("statement", "faults"),
    [
        (
            "UPDATE cg_stock SET held = held + 1500000 WHERE stock = 'a'",
            [
                (Kind.HELD_UNLIKE_LEDGER, A, "1.5"),
                (Kind.HELD_UNLIKE_RESERVATIONS, A, "1.5"),
            ],
        ),
        (
            "UPDATE cg_stock SET outstanding = outstanding - 2 WHERE stock = 'b'",
            [
                (Kind.OUTSTANDING_UNLIKE_LEDGER, B, "-0.000002"),
                (Kind.OUTSTANDING_UNLIKE_DRAWS, B, "-0.000002"),
            ],
        ),
        (
            "DELETE FROM cg_stock WHERE stock = 'b'",
            [
                (Kind.OUTSTANDING_UNLIKE_LEDGER, B, "-1"),
                (Kind.OUTSTANDING_UNLIKE_DRAWS, B, "-1"),
            ],
        ),
        (
            "DELETE FROM cg_ledger WHERE kind = 'reserve'",
            [(Kind.HELD_UNLIKE_LEDGER, A, "20")],
        ),
        (
            "UPDATE cg_reservation SET consumed = 21000000",
            [(Kind.HELD_UNLIKE_RESERVATIONS, A, "16"), (Kind.OVERDRAWN, "r", "1")],
        ),
        (
            "UPDATE cg_reservation SET state = 'released'",
            [(Kind.HELD_UNLIKE_RESERVATIONS, A, "15")],
        ),
        (
            "UPDATE cg_reservation SET state = 'exhausted'",
            [(Kind.HELD_UNLIKE_RESERVATIONS, A, "15"), (Kind.WRONG_STATE, "r", "0")],
        ),
        (
            "UPDATE cg_reservation SET state = 'planned'",
            [(Kind.WRONG_STATE, "r", "0")],
        ),
        (
            "UPDATE cg_reservation SET state = 'planned', holds_before_start = 0, consumed = 0",
            [(Kind.HELD_UNLIKE_RESERVATIONS, A, "15")],
        ),
        (
            "UPDATE cg_reservation SET consumed = quantity",
            [(Kind.HELD_UNLIKE_RESERVATIONS, A, "15"), (Kind.WRONG_STATE, "r", "0")],
        ),
        (
            "UPDATE cg_reservation SET state = 'lost'",
            [(Kind.HELD_UNLIKE_RESERVATIONS, A, "15"), (Kind.WRONG_STATE, "r", "0")],
        ),
        (
            "UPDATE cg_draw SET settled = 4000000, returned = 3000000 WHERE stock = 'a'",
            [(Kind.OUTSTANDING_UNLIKE_DRAWS, A, "7"), (Kind.OVERSETTLED, "c", "2")],
        ),
        ("UPDATE cg_request SET answer = NULL", [(Kind.UNANSWERED, each, "0") for each in "cr"]),
        ("UPDATE cg_group SET status = 'inactive'", [(Kind.GATE_BYPASSED, GROUP, "0")]),
        ("DELETE FROM cg_group", [(Kind.GATE_BYPASSED, GROUP, "0")]),
        ("UPDATE cg_gate SET is_open = 0", [(Kind.GATE_BYPASSED, GROUP, "0")]),
        (
            "UPDATE cg_group SET created_at = created_at + 1",
            [(Kind.GATE_BYPASSED, GROUP, "0")],
        ),
        ("UPDATE cg_reservation SET group_created_at = NULL", []),
        ("DELETE FROM cg_gate", []),
    ],
)
def test_each_fault_is_found(
    embedded: EmbeddedReservations, statement: str, faults: list[tuple[Kind, str, str]]
) -> None:
    """Each fault is told with the tenant, what it is about, and how much too much is stored."""
    assert faults_after(embedded, statement) == [
        ReservationFault(kind, "t", subject, Decimal(excess)) for kind, subject, excess in faults
    ]


def test_all_tenants_are_judged(embedded: EmbeddedReservations) -> None:
    """Tenants do not make up for each other, and come in order."""
    found = faults_after(
        embedded,
        "INSERT INTO cg_stock (tenant, stock, held, outstanding, version)"
        " VALUES ('s', 'a', 3000000, 0, 1), ('u', 'a', -3000000, 0, 1)",
    )
    excess = [(each.tenant, str(each.excess)) for each in found]
    assert excess == [("s", "3.000000"), ("u", "-3.000000")] * 2


def test_a_group_that_was_switched_off_rightly_is_no_fault(embedded: EmbeddedReservations) -> None:
    """A closed gate and an inactive group belong together."""
    off = "UPDATE cg_group SET status = 'inactive'"
    assert faults_after(embedded, off, "UPDATE cg_gate SET is_open = 0") == []


def test_a_new_group_with_the_code_of_another_one_is_found(embedded: EmbeddedReservations) -> None:
    """The old group was deleted past its gate, which is open; nobody can consume its stock."""

    def replace(work: ReservationWork) -> None:
        delete_group(work.core, GROUP)
        create_group(work.core, "New", code=GROUP)

    embedded.store.run(replace)
    assert faults_after(embedded) == [ReservationFault(Kind.GATE_BYPASSED, "t", GROUP)]
    found = embedded.store.run(reconcile).bypassed
    assert [(each.group, each.status) for each in found] == [(GROUP, None)]


def test_missing_tables_are_a_failure() -> None:
    """Who cannot look does not say that nothing is wrong."""
    engine, metadata = sa.create_engine("sqlite://"), sa.MetaData()
    with (
        engine.begin() as connection,
        pytest.raises(StorageError),
    ):
        verify(connection, build_tables(metadata), build_group_tables(metadata))
    engine.dispose()

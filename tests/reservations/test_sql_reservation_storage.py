"""How reservations join the transactions of the groups, and what is on hand in our own table."""

from collections.abc import Collection, Mapping
from decimal import Decimal, localcontext
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from customer_groups.adapters.memory import (
    InMemoryCustomerDirectory,
    InMemoryGroupStore,
    InMemoryStorage,
)
from customer_groups.adapters.sql import EmbeddedGroupStore, SqlStorage, open_store
from customer_groups.adapters.sql import build_tables as build_group_tables
from customer_groups.adapters.sql.host_columns import HostColumns
from customer_groups.customers import CustomerCode
from customer_groups.errors import InvalidValueError, SchemaError, TransactionClosedError
from customer_groups.reservations.asking import available_to
from customer_groups.reservations.consuming import consume, settle
from customer_groups.reservations.model import StockKey
from customer_groups.reservations.quantities import Quantity, Scale
from customer_groups.reservations.repository import ReservationRules
from customer_groups.reservations.reserving import reserve
from customer_groups.reservations.sql import (
    EmbeddedReservations,
    SqlReservations,
    create_schema,
)
from customer_groups.reservations.store import ReservationStore
from reservations.promises import A, B
from reservations.sql_places import (
    GROUP,
    ON_ALL,
    as_host,
    groups_of,
    reservations,
    statements_on,
)


def plenty(stocks: Collection[StockKey], *, lock: bool) -> Mapping[StockKey, Quantity]:
    """Say that there are a thousand of everything; there is nothing to lock."""
    assert isinstance(lock, bool)
    return dict.fromkeys(stocks, 1_000)


@pytest.mark.parametrize("engine", ON_ALL)
def test_the_host_tells_by_a_function_what_it_has(engine: str, tmp_path: Path) -> None:
    """Any function of the right form will do; reserving, consuming and settling work with it."""
    rules = ReservationRules(scale=Scale(2), allowance=1)
    with reservations(engine, tmp_path) as embedded:
        told = SqlReservations(groups_of(embedded).storage, on_hand=plenty, rules=rules)
        store = ReservationStore(groups_of(embedded), told)
        made = store.run(lambda work: reserve(work, GROUP, "new", 1_001, request_id="r"))
        assert str(made.quantity) == "1001.00"
        store.run(lambda work: consume(work, "ONE", [("new", Decimal("0.5"))], request_id="c"))
        settled = store.run(lambda work: settle(work, "c", request_id="s"))
        assert [each.settled for each in settled.draws] == [Decimal("0.50")]


def test_what_is_on_hand_may_be_told_to_each_transaction(tmp_path: Path) -> None:
    """By a function that knows its connection, instead of what all transactions share."""
    with reservations("sqlite", tmp_path) as embedded:
        groups = groups_of(embedded)
        told = SqlReservations(groups.storage)
        with groups.transaction() as core:
            assert available_to(told.bind(core, on_hand=plenty), "ONE", "new") == 1_000
            with pytest.raises(InvalidValueError, match=r"^on_hand .* pass it to SqlReservations"):
                told.bind(core)
            shared = embedded.store.reservations
            assert isinstance(shared, SqlReservations)
            assert available_to(shared.bind(core, on_hand=plenty), "ONE", A) == 1_000


def test_groups_in_memory_are_refused() -> None:
    """Groups and reservations are in one storage, or no transaction holds both."""
    tables, nobody = build_group_tables(sa.MetaData()), InMemoryCustomerDirectory((), "t")
    told = SqlReservations(SqlStorage(tables, customers=lambda _: nobody), on_hand=plenty)
    groups = InMemoryGroupStore(InMemoryStorage(), "t", ())
    with groups.transaction() as work, pytest.raises(InvalidValueError, match="InMemoryUnitOfWork"):
        told.bind(work)


def test_missing_tables_are_named(tmp_path: Path) -> None:
    """Who has not created the tables hears so at once, and which, and may do it."""
    store = open_store(f"sqlite:///{tmp_path / 'a.db'}")
    told = SqlReservations(store.storage, on_hand=plenty)
    with pytest.raises(SchemaError, match="missing") as raised, store.transaction() as work:
        told.bind(work)
    (note,) = raised.value.__notes__
    assert note.endswith(f" the table {told.tables.versions.name}")
    with store.engine.begin() as connection:
        create_schema(connection, told.tables)
    with store.transaction() as work:
        assert told.bind(work).reservations.stocks(limit=1).items == ()
    store.close()


def looks(store: EmbeddedGroupStore, opens: ReservationStore) -> int:
    """Return how many statements look for the version while two transactions are opened."""
    with statements_on(store.engine) as statements:
        for _ in range(2):
            with opens.transaction() as work:
                opens.reservations.bind(work.core)
    return sum("cg_reservation_schema.version" in each for each in statements)


def test_a_store_looks_once_and_a_host_in_each_transaction(tmp_path: Path) -> None:
    """The version is looked at as rarely as is safe."""
    with reservations("sqlite", tmp_path) as embedded:
        new = EmbeddedGroupStore(groups_of(embedded).engine, tenant="t")
        assert looks(new, ReservationStore(new, embedded.store.reservations)) == 1
        assert looks(new, as_host(embedded)) == 2


def test_customers_cost_nothing_until_they_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What finds those of the tenant is put together once, to look somebody up."""
    asked = []

    def has(_: HostColumns, column: sa.ColumnElement[str], text: str) -> sa.ColumnElement[bool]:
        asked.append(text)
        return column == text

    monkeypatch.setattr(HostColumns, "has", has)
    with reservations("sqlite", tmp_path) as embedded:
        asked.clear()
        with groups_of(embedded).transaction() as work:
            assert asked == []
            for _ in range(2):
                assert len(work.customers.lookup([CustomerCode("ONE")])) == 1
        assert asked == ["t"]


def test_a_closed_transaction_is_told(tmp_path: Path) -> None:
    """Nothing is read or written after the end of the transaction."""
    with reservations("sqlite", tmp_path) as embedded:
        with embedded.store.transaction() as work:
            assert work.rules.scale.places == 0
        with pytest.raises(TransactionClosedError):
            work.reservations  # noqa: B018  what it raises
        with pytest.raises(TransactionClosedError):
            work.on_hand  # noqa: B018


@pytest.mark.parametrize("engine", ON_ALL)
def test_goods_come_and_go(engine: str, tmp_path: Path) -> None:
    """What is on hand is set, raised and lowered; of new stocks there was nothing."""
    with reservations(engine, tmp_path) as embedded:
        embedded.load_on_hand({f"k{number}": number for number in range(700)})
        embedded.load_on_hand({f"k{number}": 2 * number for number in range(700)})
        changes: dict[str, Quantity] = {"k8": Decimal("0.25"), " new ": 3}
        parsed: dict[StockKey, Quantity] = {A: -100}
        embedded.store.run(lambda work: embedded.change_on_hand(work, changes))
        embedded.store.run(lambda work: embedded.change_on_hand(work, parsed))
        with embedded.store.transaction() as work:
            keys = [StockKey(key) for key in (A, B, "k8", "k699", "new", "none")]
            found = work.on_hand(keys, lock=True)
        expected = {A: 0, B: 10, "k8": Decimal("16.25"), "k699": 1398, "new": 3}
        assert found == expected


@pytest.mark.parametrize("engine", ON_ALL)
def test_no_more_leaves_than_there_is(engine: str, tmp_path: Path) -> None:
    """Where one stock has too little, no stock changes, and the transaction goes on."""
    with reservations(engine, tmp_path) as embedded, embedded.store.transaction() as work:
        with pytest.raises(InvalidValueError, match="11 is more than what is on hand of 'b'"):
            embedded.change_on_hand(work, {A: 1, B: -11})
        assert work.on_hand([A, B], lock=True) == {A: 100, B: 10}


def test_goods_come_where_some_are_owed(tmp_path: Path) -> None:
    """What is on hand may be below zero, and rises from there."""
    with reservations("sqlite", tmp_path) as embedded:
        embedded.load_on_hand({A: -5})
        embedded.store.run(lambda work: embedded.change_on_hand(work, {A: 3}))
        with embedded.store.transaction() as work:
            assert work.on_hand([A], lock=False) == {A: -2}


def test_no_more_leaves_whatever_the_host_calculates_in(tmp_path: Path) -> None:
    """A host that has set few digits for its own numbers loses none of what leaves."""
    with reservations("sqlite", tmp_path) as embedded:
        embedded.load_on_hand({A: 1_000})
        with (
            localcontext(prec=3),
            embedded.store.transaction() as work,
            pytest.raises(InvalidValueError, match="1004 is more than what is on hand"),
        ):
            embedded.change_on_hand(work, {A: Decimal(-1_004)})


def test_a_stock_that_comes_twice_is_refused(tmp_path: Path) -> None:
    """White space around a key does not count, so one quantity would be lost."""
    with reservations("sqlite", tmp_path) as embedded, embedded.store.transaction() as work:
        for change in (embedded.load_on_hand, partial(embedded.change_on_hand, work)):
            with pytest.raises(InvalidValueError, match="comes twice"):
                change({"a": 1, " a": 2})


@pytest.mark.parametrize(("stock", "quantity"), [("", 1), (A, 0.5), (A, Decimal("NaN"))])
def test_impossible_amounts_are_refused(tmp_path: Path, stock: str, quantity: Quantity) -> None:
    """Keys and quantities obey the rules that they obey everywhere."""
    with reservations("sqlite", tmp_path) as embedded:
        with pytest.raises(InvalidValueError):
            embedded.load_on_hand({B: 1, stock: quantity})
        with embedded.store.transaction() as work:
            assert work.on_hand([A, B], lock=False) == {A: 100, B: 10}


def test_opening_twice_keeps_what_is_there(tmp_path: Path) -> None:
    """The tables are created once, and what they hold stays."""
    with reservations("sqlite", tmp_path) as embedded:
        embedded.store.run(lambda work: reserve(work, GROUP, A, 60, request_id="r"))
        again = EmbeddedReservations(groups_of(embedded))
        with again.store.transaction() as work:
            assert work.reservations.totals([A])[A].held == 60
            assert work.on_hand([A], lock=False) == {A: 100}

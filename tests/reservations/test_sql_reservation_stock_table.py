"""What the host has on hand, in whatever table it is."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from customer_groups.adapters.sql.session import SqlSession
from customer_groups.errors import InvalidValueError
from customer_groups.repository import DEFAULT_TENANT
from customer_groups.reservations.model import StockKey
from customer_groups.reservations.sql import SqlStockOnHand, StockTable
from engines import ENGINES, MARIADB, POSTGRESQL, new_engine

ITEMS = sa.Table(
    "item",
    sa.MetaData(),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("company", sa.String(20)),
    sa.Column("code", sa.String(20)),
    sa.Column("pieces", sa.Integer),
    sa.Column("damaged", sa.Integer),
)
PLACES = sa.Table(
    "place",
    ITEMS.metadata,
    sa.Column("item", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("weight", sa.Numeric(12, 3)),
    sa.Column("share", sa.Float),
    sa.Column("rough", sa.Numeric(12, 3, asdecimal=False)),
)
ROWS = [
    {"number": 1, "company": "x", "code": "ab", "pieces": 10, "damaged": 3},
    {"number": 2, "company": "x", "code": "AB", "pieces": 20, "damaged": 0},
    {"number": 3, "company": "x", "code": "Straße", "pieces": None, "damaged": 0},
    {"number": 4, "company": "X", "code": "ab", "pieces": 40, "damaged": 0},
    {"number": 5, "company": "y", "code": "twice", "pieces": 1, "damaged": 0},
    {"number": 6, "company": "y", "code": "twice", "pieces": 2, "damaged": 1},
]
ITEM = ITEMS.c


@pytest.fixture(params=ENGINES)
def session(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlSession]:
    """Yield a session on a database of each kind, with the tables of a host."""
    with new_engine(request.param, tmp_path) as engine, engine.begin() as connection:
        ITEMS.create(connection)
        connection.execute(ITEMS.insert(), ROWS)
        yield SqlSession(connection)


def on_hand(
    session: SqlSession,
    table: StockTable,
    *keys: str,
    tenant: str = DEFAULT_TENANT,
    lock: bool = True,
) -> object:
    """Return what is on hand of some stocks."""
    stocks = [StockKey(key) for key in keys]
    return SqlStockOnHand(session, table, tenant)(stocks, lock=lock)


@pytest.mark.parametrize("lock", [False, True])
def test_keys_are_compared_exactly(session: SqlSession, *, lock: bool) -> None:
    """What a collation takes for equal are different stocks; none is asked for twice."""
    table = StockTable(ITEMS, key=ITEM.code, quantity=ITEM.pieces, tenant=ITEM.company)
    found = on_hand(session, table, "ab", "AB", "Ab", "Straße", tenant="x", lock=lock)
    assert found == {"ab": 10, "AB": 20, "Straße": 0}
    assert on_hand(session, table, "ab", "AB", tenant="X") == {"ab": 40}


def test_keys_and_quantities_may_be_computed(session: SqlSession) -> None:
    """A key is put together of columns, a quantity calculated, a condition set."""
    table = StockTable(
        ITEMS,
        key=ITEM.code + "@" + ITEM.company,
        quantity=ITEM.pieces - ITEM.damaged,
        where=ITEM.number < 4,
    )
    assert on_hand(session, table, "ab@x", "ab@X", "twice@y") == {"ab@x": 7}


def test_keys_may_be_numbers(session: SqlSession) -> None:
    """A number is a key as it is written; other texts are no key of any row."""
    table = StockTable(ITEMS, key=ITEM.number, quantity=ITEM.pieces)
    keys = ("1", "02", "4", "x", "9" * 30)
    assert on_hand(session, table, *keys) == {"1": 10, "4": 40}


def test_two_rows_of_a_stock_are_refused(session: SqlSession) -> None:
    """Nobody guesses which of two rows is meant; other stocks are served."""
    table = StockTable(ITEMS, key=ITEM.code, quantity=ITEM.pieces, tenant=ITEM.company)
    with pytest.raises(InvalidValueError, match="'twice' has several rows"):
        on_hand(session, table, "twice", tenant="y")
    narrow = StockTable(ITEMS, key=ITEM.code, quantity=ITEM.pieces, where=ITEM.damaged == 1)
    assert on_hand(session, narrow, "twice") == {"twice": 2}


def test_many_keys_are_asked_for_in_parts(session: SqlSession) -> None:
    """More keys than one statement takes are found."""
    there = {f"c{number}": number for number in range(10, 1210)}
    more = [{"number": number, "code": code, "pieces": number} for code, number in there.items()]
    session.execute(ITEMS.insert(), more)
    table = StockTable(ITEMS, key=ITEM.code, quantity=ITEM.pieces)
    keys = [f"c{number}" for number in range(10, 1300)]
    assert on_hand(session, table, *keys) == there


@pytest.mark.parametrize("driver", [*POSTGRESQL, *MARIADB])
def test_decimals_of_a_join_are_exact(driver: str, tmp_path: Path) -> None:
    """The quantity may be a decimal in another table than the key."""
    with new_engine(driver, tmp_path) as engine, engine.begin() as connection:
        ITEMS.metadata.create_all(connection)
        connection.execute(ITEMS.insert(), ROWS[:1])
        connection.execute(PLACES.insert().values(item=1, weight=Decimal("0.1")))
        joined = ITEMS.join(PLACES, ITEM.number == PLACES.c.item)
        table = StockTable(joined, key=ITEM.code, quantity=PLACES.c.weight)
        assert on_hand(SqlSession(connection), table, "ab") == {"ab": Decimal("0.100")}


def test_a_tenant_needs_a_column(session: SqlSession) -> None:
    """Whoever names a tenant does not get the stock of all."""
    table = StockTable(ITEMS, key=ITEM.code, quantity=ITEM.pieces)
    with pytest.raises(InvalidValueError, match=r"needs StockTable\(\.\.\., tenant=COLUMN\)"):
        SqlStockOnHand(session, table, "x")


@pytest.mark.parametrize("column", [PLACES.c.share, PLACES.c.rough, sa.cast(1, sa.Double)])
def test_floats_are_refused(column: sa.ColumnElement[object]) -> None:
    """A quantity that cannot hold a tenth is refused before anything is read."""
    with pytest.raises(InvalidValueError, match="is a float"):
        StockTable(PLACES, key=PLACES.c.item, quantity=column)


@pytest.mark.parametrize("source", [sa.select(ITEMS).subquery(), sa.select(ITEMS).cte()])
def test_a_query_is_refused(source: sa.FromClause) -> None:
    """Engines do not lock the rows behind a query, or not all of them do."""
    with pytest.raises(InvalidValueError, match="cannot be locked"):
        StockTable(source, key=source.c.code, quantity=source.c.pieces)


def test_an_alias_will_do(session: SqlSession) -> None:
    """A table may have another name in the statement."""
    alias = ITEMS.alias("stock_of_host")
    table = StockTable(alias, key=alias.c.code, quantity=alias.c.pieces)
    assert on_hand(session, table, "AB") == {"AB": 20}

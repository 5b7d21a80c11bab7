"""Customers are found through the index that the host has, not by reading all of them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from customer_groups.adapters.sql import CustomerTable, SqlStorage, build_tables, create_schema
from customer_groups.adapters.sql.parts import KEYS_AT_A_TIME
from customer_groups.service import create_group
from engines import ENGINES, MARIADB, POSTGRESQL, new_engine
from stores import MOMENT

TABLES = build_tables(sa.MetaData())
CUSTOMERS = 50_000
WIDTH = 1_000  # characters of a row that searching need not read
PLACES = [
    *((name, None, "VARCHAR") for name in ENGINES),
    *((name, "READ COMMITTED", "VARCHAR") for name in MARIADB),
    *((name, None, "CHAR") for name in POSTGRESQL),
]

# Not the collation that our own columns have: an index serves the column's own only.
COLLATIONS = {"sqlite": "NOCASE", "postgresql": '"ucs_basic"', "mariadb": "utf8mb4_general_ci"}

SEARCHES = re.compile(r"\bIN \(|JOIN")


@pytest.fixture(scope="module", params=PLACES, ids=str)
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[sa.Engine]:
    """Yield an engine of a host with many customers."""
    name, isolation, text = request.param
    options = {} if isolation is None else {"isolation_level": isolation}
    with new_engine(name, tmp_path_factory.mktemp("host")) as plain:
        engine = plain.execution_options(**options)
        with engine.begin() as connection:
            create_schema(connection, TABLES)
            collation = COLLATIONS[engine.dialect.name]
            connection.exec_driver_sql(
                f"CREATE TABLE party (guid {text}(40) COLLATE {collation} PRIMARY KEY,"
                f" code {text}(40) COLLATE {collation},"
                f" address VARCHAR({WIDTH}) DEFAULT '{'x' * WIDTH}')"
            )
            connection.exec_driver_sql("CREATE INDEX party_code ON party (code)")
            connection.execute(party(connection).insert(), [*rows()])
        with engine.begin() as connection:
            analyze = "ANALYZE TABLE" if engine.dialect.name == "mariadb" else "ANALYZE"
            connection.exec_driver_sql(f"{analyze} party")
        yield engine


def rows() -> Iterator[dict[str, str]]:
    """Yield the customers."""
    for number in range(CUSTOMERS):
        yield {"guid": f"k-{number:06}", "code": f"C{number:06}"}


def party(connection: sa.Connection) -> sa.Table:
    """Return the table of customers, as it is."""
    return sa.Table("party", sa.MetaData(), autoload_with=connection)


@contextmanager
def explained(engine: sa.Engine) -> Iterator[list[list[Any]]]:
    """Collect the plans of all statements that search for customers."""
    plans: list[list[Any]] = []
    explain = "EXPLAIN QUERY PLAN" if engine.dialect.name == "sqlite" else "EXPLAIN"

    def listen(
        connection: sa.Connection,
        _cursor: object,
        statement: str,
        parameters: Any,  # noqa: ANN401  a sequence or mapping, as the driver likes
        *_: object,
    ) -> None:
        if "party" in statement and SEARCHES.search(statement) and "EXPLAIN" not in statement:
            plan = connection.exec_driver_sql(f"{explain} {statement}", parameters).all()
            plans.append([row for row in plan if "party" in str(row)])

    sa.event.listen(engine, "before_cursor_execute", listen)
    yield plans
    sa.event.remove(engine, "before_cursor_execute", listen)


def uses(engine: str, row: sa.Row[Any], index: str) -> bool:
    """Return whether a line of a plan says that an index is searched."""
    if engine == "sqlite":
        return row.detail.startswith("SEARCH party USING") and index in row.detail
    if engine == "mariadb":
        return row.type in {"const", "eq_ref", "range", "ref"} and row.key == index
    return bool(re.search(rf"Index (Only )?Scan (using|on) {index}", row[0]))


INDEXES = {
    "code": dict.fromkeys(COLLATIONS, "party_code"),
    "key": {
        "sqlite": "sqlite_autoindex_party_1",
        "postgresql": "party_pkey",
        "mariadb": "PRIMARY",
    },
}


@pytest.mark.parametrize("length", [KEYS_AT_A_TIME, KEYS_AT_A_TIME + 1], ids=["short", "long"])
@pytest.mark.parametrize("wanted", ["code", "key"])
def test_lists_are_resolved_through_the_index(engine: sa.Engine, wanted: str, length: int) -> None:
    """Neither a short list nor a long one reads customers that it does not name."""
    column = "guid" if wanted == "key" else "code"
    entries = [(line, row[column]) for line, row in enumerate(rows()) if line % 99 == 0][:length]
    with explained(engine) as plans, engine.connect() as connection:
        transaction = connection.begin()
        table = party(connection)
        customers = CustomerTable(table, code=table.c.code, key=table.c.guid)
        work = SqlStorage(TABLES, customers=customers).bind(connection)
        group = create_group(work, "Group", at=MOMENT).code
        plans.clear()
        counts = work.groups.add_members(group, entries, at=MOMENT, by=None, by_key=wanted == "key")
        transaction.rollback()
    assert counts.added == length
    assert plans
    name = engine.dialect.name
    index = INDEXES[wanted][name]
    for plan in plans:
        assert any(uses(name, row, index) for row in plan), plan
        assert not any("Seq Scan on party" in str(row) or "SCAN party" in str(row) for row in plan)

"""The tables of the reservations in the metadata and in the database of a host."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from customer_groups.adapters.sql import build_tables as build_group_tables
from customer_groups.adapters.sql.types import exact_text
from customer_groups.errors import InvalidValueError, SchemaError
from customer_groups.reservations.sql import (
    SCHEMA_VERSION,
    build_tables,
    create_schema,
    ddl,
    migrate,
    schema_version,
    verify,
)
from customer_groups.reservations.sql.migrations import STEPS
from engines import ENGINES, MARIADB, new_engine
from stores import MOMENT

POSTGRESQL_DIALECT = sa.make_url("postgresql+psycopg://").get_dialect()()
MARIADB_DIALECT = sa.make_url("mariadb+pymysql://").get_dialect()()
TABLES = build_tables(sa.MetaData())


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    """Yield an engine of an empty database, of each kind."""
    with new_engine(request.param, tmp_path) as engine:
        yield engine


def catalog(connection: sa.Connection) -> dict[str, Any]:
    """Return what the catalog of a database says about its tables."""
    inspector = sa.inspect(connection)
    return {
        "columns": repr(inspector.get_multi_columns()),
        "primary keys": inspector.get_multi_pk_constraint(),
        "indexes": inspector.get_multi_indexes(),
    }


def test_the_tables_join_those_of_the_groups() -> None:
    """One metadata, one prefix and one schema serve both; no name is taken twice."""
    metadata = sa.MetaData()
    groups = build_group_tables(metadata, "x_", schema="erp")
    tables = build_tables(metadata, "x_", schema="erp")
    assert list(metadata.tables.values()) == groups.all + tables.all
    assert {each.schema for each in tables.all} == {"erp"}
    assert all(each.name.startswith("x_") for each in tables.all)


def test_a_malformed_prefix_is_refused() -> None:
    """The rules of a prefix are those of the groups."""
    with pytest.raises(InvalidValueError, match="prefix"):
        build_tables(sa.MetaData(), "X-")


def test_the_tenant_leads_every_key_and_index() -> None:
    """A distributed database can keep each tenant in one place."""
    keys = [list(each.primary_key) for each in TABLES.all if each is not TABLES.versions]
    keys += [list(each.columns) for each in TABLES.indexes]
    leading = [first.name for first, *_ in keys]
    assert set(leading) == {"tenant"}
    assert len(leading) == 12


def test_no_text_is_left_to_the_collation_of_the_database() -> None:
    """All text is compared by code point, but the answers, which nobody compares."""
    texts = [
        column.type
        for table in TABLES.all
        for column in table.columns
        if isinstance(column.type, sa.String) and column.name != "answer"
    ]
    assert len(texts) > len(TABLES.all)
    for text in texts:
        for dialect in (POSTGRESQL_DIALECT, MARIADB_DIALECT):
            expected = exact_text(text.length or 0).compile(dialect)
            assert text.compile(dialect) == expected


def test_the_statements_create_the_same_tables(engine: sa.Engine) -> None:
    """What ddl() returns can be run as text, and gives what create_schema() gives."""
    catalogs = []
    with engine.begin() as connection:
        for statement in ddl(engine.dialect, TABLES):
            connection.exec_driver_sql(statement)
        assert schema_version(connection, TABLES) == SCHEMA_VERSION
        catalogs.append(catalog(connection))
        TABLES.versions.metadata.drop_all(connection)
        create_schema(connection, TABLES)
        catalogs.append(catalog(connection))
    assert catalogs[0] == catalogs[1]
    assert "cg_reservation_stock" in str(catalogs[0]["indexes"])


def test_tables_live_in_the_schema_of_the_host(engine: sa.Engine) -> None:
    """The schema may have any name."""
    name = f'odd "{os.urandom(4).hex()}"'
    quoted = engine.dialect.identifier_preparer.quote(name)
    is_sqlite = engine.dialect.name == "sqlite"
    metadata = sa.MetaData()
    groups = build_group_tables(metadata, "a" * 16, schema=name)
    tables = build_tables(metadata, "a" * 16, schema=name)
    with engine.begin() as connection:
        new = "ATTACH ':memory:' AS" if is_sqlite else "CREATE SCHEMA"
        connection.exec_driver_sql(f"{new} {quoted}")
        create_schema(connection, groups)
        create_schema(connection, tables)
        assert verify(connection, tables, groups) == []


def test_every_version_has_a_step() -> None:
    """Each version but the first is made by a step from the one before."""
    assert len(STEPS) == SCHEMA_VERSION - 1


def test_migrating_creates_what_is_missing_once(engine: sa.Engine) -> None:
    """It may be part of every start, and leaves the groups alone."""
    groups = build_group_tables(sa.MetaData())
    for _ in range(2):
        with engine.begin() as connection:
            migrate(connection, TABLES)
            assert connection.scalars(sa.select(TABLES.versions)).all() == [SCHEMA_VERSION]
            assert schema_version(connection, groups) is None


def test_tables_of_a_later_version_are_not_touched(engine: sa.Engine) -> None:
    """Older code refuses newer tables."""
    with engine.begin() as connection:
        create_schema(connection, TABLES)
        connection.execute(TABLES.versions.update().values(version=SCHEMA_VERSION + 1))
    for change in (create_schema, migrate):
        with pytest.raises(SchemaError, match="version 2"), engine.begin() as connection:
            change(connection, TABLES)


@pytest.mark.parametrize("driver", MARIADB)
def test_keys_of_mariadb_are_narrow(driver: str, tmp_path: Path) -> None:
    """The longest key fits into the 3,072 bytes of an index, and the longest text into a row."""
    with new_engine(driver, tmp_path) as engine, engine.begin() as connection:
        create_schema(connection, TABLES)
        row = {
            column.name: "\U0010fffd" * column.type.length
            for column in TABLES.ledger.columns
            if isinstance(column.type, sa.String) and column.type.length
        }
        numbers = {"version": 2**62, "line": 1, "held": 0, "outstanding": 0}
        connection.execute(TABLES.ledger.insert(), {**row, **numbers, "created_at": MOMENT})

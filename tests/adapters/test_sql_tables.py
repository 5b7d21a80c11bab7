"""Our tables in the metadata and in the database of a host, and what must not be in them."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.adapters.memory import InMemoryCustomerDirectory
from customer_groups.adapters.sql import (
    SCHEMA_VERSION,
    Fault,
    FaultKind,
    GroupTables,
    SqlStorage,
    build_tables,
    create_schema,
    ddl,
    schema_version,
    verify,
)
from customer_groups.adapters.sql.types import Microseconds
from customer_groups.errors import InvalidValueError, SchemaError, StorageUnavailableError
from customer_groups.service import create_group
from engines import ENGINES, MARIADB, new_engine
from stores import CUSTOMERS, MOMENT

POSTGRESQL_DIALECT = sa.make_url("postgresql+psycopg://").get_dialect()()
NAMES = [table.name for table in build_tables(sa.MetaData()).all]
KEYS = (sa.PrimaryKeyConstraint, sa.UniqueConstraint)
CATALOG = ("table_schema", "table_name", "column_name", "collation_name")
ATTACH = "ATTACH ':memory:' AS"
MARIADB_DIALECT = sa.make_url("mariadb+pymysql://").get_dialect()()


@pytest.fixture
def connection() -> Iterator[sa.Connection]:
    """Yield a connection, in a transaction, to an empty database in memory."""
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection, connection.begin():
        yield connection
    engine.dispose()


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    """Yield an engine of an empty database, of each kind."""
    with new_engine(request.param, tmp_path) as engine:
        yield engine


def structure(connection: sa.Connection) -> dict[str, Any]:
    """Return everything that the catalog of a database says about its tables."""
    inspector = sa.inspect(connection)
    found = {
        "columns": repr(inspector.get_multi_columns()),
        "primary keys": inspector.get_multi_pk_constraint(),
        "unique constraints": inspector.get_multi_unique_constraints(),
        "indexes": inspector.get_multi_indexes(),
        "collations": {name: catalog_collations(connection, name) for name in NAMES},
    }
    if connection.dialect.name == "mariadb":
        found["options"] = inspector.get_multi_table_options()
    return found


def schema(connection: sa.Connection) -> dict[str, str]:
    """Return the statements that made the tables and indexes of a database, by name."""
    rows = connection.execute(sa.text("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL"))
    return {row.name: " ".join(row.sql.split()) for row in rows}


def fill(connection: sa.Connection, tables: GroupTables) -> None:
    """Store a group with two customers and an empty one."""
    storage = SqlStorage(tables, customers=lambda _: InMemoryCustomerDirectory(CUSTOMERS))
    work = storage.bind(connection)
    create_group(work, "Two", code="TWO", customers=["ONE", "TWO"], at=MOMENT)
    create_group(work, "None", code="NONE", at=MOMENT)


@pytest.mark.parametrize("prefix", ["", "Cg_", "1cg", "cg-", "_cg", "a" * 17, 'x"; --', "ü"])
def test_malformed_prefixes_are_refused(prefix: str) -> None:
    """A prefix is a small letter and up to 15 small letters, digits or underscores."""
    with pytest.raises(InvalidValueError, match="prefix"):
        build_tables(sa.MetaData(), prefix)


def test_the_tables_are_in_the_metadata_of_the_host() -> None:
    """The migrations of the host see our tables like its own; nothing is created."""
    metadata = sa.MetaData()
    tables = build_tables(metadata, "a" * 16, schema='odd "name"')
    assert list(metadata.tables.values()) == tables.all
    assert all(table.name.startswith("a" * 16) for table in tables.all)
    assert '"odd ""name"""' in ddl(POSTGRESQL_DIALECT, tables)[0]


def test_two_sets_of_tables_live_side_by_side(connection: sa.Connection) -> None:
    """Prefixes keep sets of tables apart, in one metadata and one database."""
    metadata = sa.MetaData()
    first, second = build_tables(metadata), build_tables(metadata, "x")
    for tables in (first, second):
        create_schema(connection, tables)
    fill(connection, first)
    assert connection.scalar(sa.select(sa.func.count()).select_from(second.groups)) == 0


def test_a_naming_convention_of_the_host_changes_nothing(connection: sa.Connection) -> None:
    """Keys and indexes have names of their own, so a convention does not rename them."""
    convention = {
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s",
        "ix": "ix_%(column_0_N_label)s",
    }
    plain = ddl(connection.dialect, build_tables(sa.MetaData()))
    assert ddl(connection.dialect, build_tables(sa.MetaData(naming_convention=convention))) == plain


@pytest.mark.parametrize("driver", ENGINES)
def test_the_statements_create_the_same_tables(driver: str, tmp_path: Path) -> None:
    """What ddl() returns can be run as text, and gives what create_schema() gives."""
    tables = build_tables(sa.MetaData())
    structures = []
    with new_engine(driver, tmp_path) as engine, engine.begin() as connection:
        for statement in ddl(engine.dialect, tables):
            connection.exec_driver_sql(statement)
        assert schema_version(connection, tables) == SCHEMA_VERSION
        fill(connection, tables)
        structures.append(structure(connection))
    with new_engine(driver, tmp_path) as engine, engine.begin() as connection:
        create_schema(connection, tables)
        structures.append(structure(connection))
    assert structures[0] == structures[1]
    assert "cg_group_changed" in str(structures[0]["indexes"])


def test_sqlite_gets_the_same_statements(connection: sa.Connection) -> None:
    """SQLite keeps the statements themselves; its catalog says less than they do."""
    tables = build_tables(sa.MetaData())
    create_schema(connection, tables)
    created = list(schema(connection).values())
    statements = [" ".join(statement.split()) for statement in ddl(connection.dialect, tables)]
    assert sorted(created) == sorted(statements[:-1])


def test_tables_live_in_the_schema_of_the_host(engine: sa.Engine) -> None:
    """The schema may have any name, and may be that of the host's metadata."""
    name = f'odd "{os.urandom(4).hex()}"'
    quoted = engine.dialect.identifier_preparer.quote(name)
    is_sqlite = engine.dialect.name == "sqlite"
    tables = build_tables(sa.MetaData(schema=name), "a" * 16)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"{ATTACH if is_sqlite else 'CREATE SCHEMA'} {quoted}")
        create_schema(connection, tables)
        fill(connection, tables)
        assert verify(connection, tables) == []
        assert sa.inspect(connection).get_table_names() == []


def exact_columns(tables: GroupTables) -> dict[str, set[str]]:
    """Return the names of the columns of text that are part of a key or index, by table."""
    found = {}
    for table in tables.all:
        keys = [item for item in table.constraints if isinstance(item, KEYS)]
        columns = {column for key in [*keys, *table.indexes] for column in key.columns}
        found[table.name] = {
            column.name for column in columns if isinstance(column.type, sa.String)
        }
    return found


def test_key_columns_have_binary_collations(engine: sa.Engine) -> None:
    """No key of ours is left to the collation that a database happens to have."""
    binary = {"postgresql": "C", "mariadb": "utf8mb4_bin", "sqlite": "BINARY"}
    tables = build_tables(sa.MetaData())
    with engine.begin() as connection:
        create_schema(connection, tables)
        for table, names in exact_columns(tables).items():
            collations = catalog_collations(connection, table)
            assert {collations[name] for name in names} <= {binary[engine.dialect.name]}


def catalog_collations(connection: sa.Connection, table: str) -> dict[str, str | None]:
    """Return the collations that a database names for the columns of a table."""
    if connection.dialect.name == "sqlite":
        indexes = connection.exec_driver_sql(f"PRAGMA index_list({table})").all()
        return {
            column.name: column.coll
            for index in indexes
            for column in connection.exec_driver_sql(f"PRAGMA index_xinfo({index.name})")
        }
    is_mariadb = connection.dialect.name == "mariadb"
    catalog = sa.table("columns", *map(sa.column, CATALOG), schema="information_schema").c
    ours = sa.func.database() if is_mariadb else sa.func.current_schema()
    collations = sa.select(catalog.column_name, catalog.collation_name)
    found = collations.where(catalog.table_schema == ours, catalog.table_name == table)
    return {row.column_name: row.collation_name for row in connection.execute(found)}


NASTY = [
    *("a", "A", "ä", "Ä", "a\u0308", "æ", "ae", "ß", "ss", "ẞ", "i", "I", "ı", "İ", "z", "Z"),
    *("0", "00", "1", "１", "²", "a b", "a-b", "a_b", "a%", "a\\", "a'", "ａ", "Å", "\u212b"),
    *("\ufffd", "\uff21", "\U0001d400", "\U0001f600", "\U0010fffd", "e\u0301", "é", "ﬁ", "fi"),
]


def test_keys_are_told_apart_and_ordered_by_code_point(engine: sa.Engine) -> None:
    """Every engine finds a text by itself only, and orders texts as Python does."""
    tables = build_tables(sa.MetaData())
    with engine.begin() as connection:
        create_schema(connection, tables)
        for table in (tables.groups, tables.memberships, tables.series):
            rows = [filled_row(table, text) for text in NASTY]
            connection.execute(table.insert(), rows)
            for name in exact_columns(tables)[table.name]:
                column = table.c[name]
                in_order = connection.scalars(sa.select(column).order_by(column)).all()
                assert in_order == sorted(NASTY)
                for text in NASTY:
                    found = connection.scalars(sa.select(column).where(column == text)).all()
                    assert found == [text]


def filled_row(table: sa.Table, text: str) -> dict[str, Any]:
    """Return a row that has a text in each column of text."""
    values = {sa.String: text, Microseconds: MOMENT, sa.BigInteger: 1}
    return {
        column.name: next(value for kind, value in values.items() if isinstance(column.type, kind))
        for column in table.columns
    }


def test_the_longest_values_fit(engine: sa.Engine) -> None:
    """Every key holds as many of the largest characters as its columns allow."""
    tables = build_tables(sa.MetaData())
    with engine.begin() as connection:
        create_schema(connection, tables)
        for table in (tables.groups, tables.memberships, tables.series):
            row = filled_row(table, "\U0010fffd")
            for column in table.columns:
                if isinstance(column.type, sa.String) and column.type.length:
                    row[column.name] = "\U0010fffd" * column.type.length
            connection.execute(table.insert(), row)
            assert connection.execute(sa.select(table)).one()._asdict() == row


@pytest.mark.parametrize("driver", MARIADB)
def test_rows_of_mariadb_are_dynamic_and_keys_narrow(driver: str, tmp_path: Path) -> None:
    """MariaDB takes keys of up to 3,072 bytes, and only in rows of this format."""
    widths = """
        SELECT SUM(COALESCE(c.character_octet_length, 8)) AS width
        FROM information_schema.statistics AS s
        JOIN information_schema.columns AS c USING (table_schema, table_name, column_name)
        WHERE table_schema = DATABASE() GROUP BY table_name, index_name"""
    formats = """
        SELECT DISTINCT engine, row_format, table_collation LIKE 'utf8mb4%'
        FROM information_schema.tables WHERE table_schema = DATABASE()"""
    with new_engine(driver, tmp_path) as engine, engine.begin() as connection:
        connection.exec_driver_sql("SET SESSION innodb_strict_mode = ON")
        create_schema(connection, build_tables(sa.MetaData()))
        assert connection.execute(sa.text(formats)).all() == [("InnoDB", "Dynamic", 1)]
        keys = connection.scalars(sa.text(widths)).all()
        assert len(keys) == 7
        assert max(keys) == 4 * (64 + 191)


@pytest.mark.parametrize(
    "dialect", [POSTGRESQL_DIALECT, MARIADB_DIALECT], ids=lambda dialect: dialect.name
)
def test_text_is_exact_on_every_engine(dialect: sa.Dialect) -> None:
    """No column of ours is left to the collation that a database happens to have."""
    collation = 'COLLATE "C"' if dialect.name == "postgresql" else "utf8mb4_bin"
    for statement in ddl(dialect, build_tables(sa.MetaData()))[:4]:
        assert statement.count("VARCHAR") == statement.count(collation)


def test_creating_twice_changes_nothing(connection: sa.Connection) -> None:
    """A second create_schema() keeps what is there."""
    tables = build_tables(sa.MetaData())
    create_schema(connection, tables)
    fill(connection, tables)
    before = schema(connection)
    create_schema(connection, tables)
    assert schema(connection) == before
    assert connection.scalar(sa.select(sa.func.count()).select_from(tables.groups)) == 2
    assert connection.scalar(sa.select(sa.func.count()).select_from(tables.versions)) == 1


def test_a_missing_table_is_created(connection: sa.Connection) -> None:
    """Creating completes what was left half done."""
    tables = build_tables(sa.MetaData())
    create_schema(connection, tables)
    tables.series.drop(connection)
    create_schema(connection, tables)
    fill(connection, tables)


def test_tables_of_another_version_are_not_touched(connection: sa.Connection) -> None:
    """Creating over newer tables is refused."""
    tables = build_tables(sa.MetaData())
    assert schema_version(connection, tables) is None
    create_schema(connection, tables)
    connection.execute(tables.versions.update().values(version=7))
    with pytest.raises(SchemaError, match="version 7"):
        create_schema(connection, tables)


@pytest.mark.parametrize("encoding", ["UTF-16le", "UTF-16be"])
def test_databases_that_sort_differently_are_refused(encoding: str) -> None:
    """SQLite sorts text of 16 bits by its bytes, not by code point."""
    engine = sa.create_engine("sqlite://")
    tables = build_tables(sa.MetaData())
    storage = SqlStorage(tables, customers=lambda _: InMemoryCustomerDirectory(()))
    with engine.connect() as connection, connection.begin():
        connection.execute(sa.text(f"PRAGMA encoding = '{encoding}'"))
        connection.execute(sa.text("CREATE TABLE host (name)"))
        for use in (create_schema, lambda lent, _: storage.bind(lent)):
            with pytest.raises(StorageUnavailableError, match=encoding):
                use(connection, tables)
        assert list(schema(connection)) == ["host"]
    engine.dispose()


def test_nothing_is_wrong_with_what_we_store(connection: sa.Connection) -> None:
    """What our operations leave behind is consistent."""
    tables = build_tables(sa.MetaData())
    create_schema(connection, tables)
    fill(connection, tables)
    assert verify(connection, tables) == []


def test_verify_finds_what_others_broke(connection: sa.Connection) -> None:
    """Orphans and drifted numbers are told with tenant, group and both numbers."""
    tables = build_tables(sa.MetaData())
    create_schema(connection, tables)
    fill(connection, tables)
    for statement in (
        "UPDATE cg_group SET customers = 5 WHERE code = 'TWO'",
        "UPDATE cg_group SET customers = 1 WHERE code = 'NONE'",
        "INSERT INTO cg_membership VALUES ('default', 'LOST', 'k1', 0, NULL)",
        "INSERT INTO cg_membership VALUES ('default', 'LOST', 'k2', 0, NULL)",
        "INSERT INTO cg_membership VALUES ('a', 'TWO', 'k1', 0, NULL)",
    ):
        connection.execute(sa.text(statement))
    assert verify(connection, tables) == [
        Fault(FaultKind.ORPHANS, "a", "TWO", stored=0, counted=1),
        Fault(FaultKind.ORPHANS, "default", "LOST", stored=0, counted=2),
        Fault(FaultKind.WRONG_COUNT, "default", "NONE", stored=1, counted=0),
        Fault(FaultKind.WRONG_COUNT, "default", "TWO", stored=5, counted=2),
    ]


@given(st.none() | st.datetimes(timezones=st.just(UTC)))
def test_every_moment_survives_as_a_number(moment: datetime | None) -> None:
    """A time is stored to the microsecond, and comes back as it was."""
    kept = Microseconds()
    number = kept.process_bind_param(moment, POSTGRESQL_DIALECT)
    assert kept.process_result_value(number, POSTGRESQL_DIALECT) == moment

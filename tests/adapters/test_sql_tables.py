"""Our tables in the metadata and in the database of a host, and what must not be in them."""

from collections.abc import Iterator
from datetime import UTC, datetime

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
from stores import CUSTOMERS, MOMENT

POSTGRESQL = sa.make_url("postgresql+psycopg://").get_dialect()()
MARIADB = sa.make_url("mariadb+pymysql://").get_dialect()()


@pytest.fixture
def connection() -> Iterator[sa.Connection]:
    """Yield a connection, in a transaction, to an empty database in memory."""
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection, connection.begin():
        yield connection
    engine.dispose()


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
    assert '"odd ""name"""' in ddl(POSTGRESQL, tables)[0]


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


def test_the_statements_create_the_same_tables(connection: sa.Connection) -> None:
    """What ddl() returns can be run as text, and gives what create_schema() gives."""
    tables = build_tables(sa.MetaData())
    for statement in ddl(connection.dialect, tables):
        connection.exec_driver_sql(statement)
    by_hand = schema(connection)
    assert schema_version(connection, tables) == SCHEMA_VERSION
    fill(connection, tables)
    other = sa.create_engine("sqlite://")
    with other.begin() as second:
        create_schema(second, tables)
        assert schema(second) == by_hand
    other.dispose()


@pytest.mark.parametrize("dialect", [POSTGRESQL, MARIADB], ids=lambda dialect: dialect.name)
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
    number = kept.process_bind_param(moment, POSTGRESQL)
    assert kept.process_result_value(number, POSTGRESQL) == moment

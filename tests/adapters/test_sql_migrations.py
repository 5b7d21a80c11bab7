"""Tables of an earlier release are brought up to date: step by step, once, by one at a time."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event

import pytest
import sqlalchemy as sa

from customer_groups.adapters.memory import InMemoryCustomerDirectory
from customer_groups.adapters.sql import (
    SCHEMA_VERSION,
    GroupTables,
    SqlGroupStore,
    SqlStorage,
    build_tables,
    create_schema,
    schema_version,
    verify,
)
from customer_groups.adapters.sql.dialects import mariadb
from customer_groups.adapters.sql.dialects.base import MIGRATION_LOCK
from customer_groups.adapters.sql.migrations import STEPS, Step, migrate, take_steps
from customer_groups.errors import (
    HostTransactionRequiredError,
    RetryableConflictError,
    SchemaError,
    StorageError,
)
from customer_groups.searching import search_groups
from customer_groups.service import create_group
from engines import ENGINES, MARIADB, POSTGRESQL, new_engine
from stores import CUSTOMERS, MOMENT

TABLES = build_tables(sa.MetaData())
STORAGE = SqlStorage(TABLES, customers=lambda _: InMemoryCustomerDirectory(CUSTOMERS))
PATIENCE = 0.3  # seconds in which somebody who does not wait would be done


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    """Yield an engine of an empty database, of each kind."""
    with new_engine(request.param, tmp_path) as engine:
        yield engine


@pytest.fixture
def filled(engine: sa.Engine) -> sa.Engine:
    """Return the engine of a database that has our tables, and a group in them."""
    with engine.begin() as connection:
        create_schema(connection, TABLES)
        work = STORAGE.bind(connection)
        create_group(work, "Two", code="TWO", customers=["ONE", "TWO"], at=MOMENT)
    return engine


def columns(connection: sa.Connection) -> list[str]:
    """Return the names of the columns that the table of groups has."""
    return [column["name"] for column in sa.inspect(connection).get_columns("cg_group")]


def add_column(name: str) -> Step[GroupTables]:
    """Return a step that adds a column unless it is there."""

    def step(connection: sa.Connection, tables: GroupTables) -> None:
        if name not in columns(connection):
            statement = f"ALTER TABLE {tables.groups.name} ADD COLUMN {name} INTEGER"
            connection.exec_driver_sql(statement)

    return step


def fail(connection: sa.Connection, tables: GroupTables) -> None:
    """Be a step that changes something, and then fails."""
    add_column("half_done")(connection, tables)
    connection.exec_driver_sql("SELECT * FROM nowhere")


def test_every_version_has_a_step() -> None:
    """Each version but the first is made by a step from the one before."""
    assert len(STEPS) == SCHEMA_VERSION - 1


def test_tables_are_created_where_there_are_none(engine: sa.Engine) -> None:
    """A new database is as good as an old one."""
    with engine.begin() as connection:
        migrate(connection, TABLES)
    with engine.begin() as connection:
        assert schema_version(connection, TABLES) == SCHEMA_VERSION
        create_group(STORAGE.bind(connection), "Two", customers=["ONE", "TWO"], at=MOMENT)
        assert verify(connection, TABLES) == []


def test_tables_of_this_version_stay_as_they_are(filled: sa.Engine) -> None:
    """Migrating may be part of every start."""
    for _ in range(2):
        with filled.begin() as connection:
            migrate(connection, TABLES)
    with filled.begin() as connection:
        assert connection.scalars(sa.select(TABLES.versions)).all() == [SCHEMA_VERSION]
        assert len(search_groups(STORAGE.bind(connection)).items) == 1


def test_half_created_tables_are_completed(filled: sa.Engine) -> None:
    """Whatever a crash of the first start left undone is done by the next."""
    with filled.begin() as connection:
        connection.execute(TABLES.versions.delete())
        TABLES.series.drop(connection)
        for index in TABLES.indexes:
            index.drop(connection)
    with filled.begin() as connection:
        migrate(connection, TABLES)
    with filled.begin() as connection:
        assert len(search_groups(STORAGE.bind(connection)).items) == 1
        create_group(STORAGE.bind(connection), "Drawn from a series")
        found = {index["name"] for index in sa.inspect(connection).get_indexes("cg_group")}
        assert "cg_group_changed" in found


def test_steps_are_taken_in_order_and_once(filled: sa.Engine) -> None:
    """From each version on, the steps that are missing are taken, and no other."""
    seen = []

    def look(connection: sa.Connection, tables: GroupTables) -> None:
        seen.append(schema_version(connection, tables))

    for newest in (1, 2, 3, 5, 5):
        with filled.begin() as connection:
            take_steps(connection, TABLES, [look] * (newest - 1))
            assert connection.scalars(sa.select(TABLES.versions)).all() == [newest]
    assert seen == [1, 2, 3, 4]


def test_older_tables_are_refused_until_migrated(
    filled: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody works on tables that the code does not fit; what they hold survives the steps."""
    monkeypatch.setattr(GroupTables, "version", SCHEMA_VERSION + 1)
    store = SqlGroupStore(filled, STORAGE)
    with pytest.raises(SchemaError, match="call migrate first"), filled.begin() as connection:
        STORAGE.bind(connection)
    with pytest.raises(SchemaError, match="call migrate first"), store.transaction():
        pytest.fail("the tables are older than the code")
    with filled.begin() as connection:
        take_steps(connection, TABLES, [add_column("note")])
    with store.transaction() as work:
        assert [found.customers for found in search_groups(work).items] == [2]
        create_group(work, "After", at=MOMENT)
    with filled.begin() as connection:
        assert "note" in columns(connection)


@pytest.mark.parametrize("version", [0, SCHEMA_VERSION + 1])
def test_unknown_versions_are_left_alone(filled: sa.Engine, version: int) -> None:
    """Tables of a later release are not touched, nor those of none."""
    with filled.begin() as connection:
        connection.execute(TABLES.versions.update().values(version=version))
    with pytest.raises(SchemaError, match=f"version {version}"), filled.begin() as connection:
        migrate(connection, TABLES)
    with filled.begin() as connection:
        assert schema_version(connection, TABLES) == version


def test_a_failed_step_leaves_a_version_that_says_the_truth(filled: sa.Engine) -> None:
    """The tables are never behind their version, and the next migration completes them."""
    with filled.begin() as connection:
        before = columns(connection)
    with pytest.raises(StorageError), filled.begin() as connection:
        take_steps(connection, TABLES, [add_column("first"), fail])
    with filled.begin() as connection:
        version, now = schema_version(connection, TABLES), columns(connection)
    if filled.dialect.name == "mariadb":
        assert (version, now) == (2, [*before, "first", "half_done"])
    else:
        assert (version, now) == (1, before)
    with filled.begin() as connection:
        take_steps(connection, TABLES, [add_column("first"), add_column("half_done")])
        assert schema_version(connection, TABLES) == 3
        assert columns(connection) == [*before, "first", "half_done"]


@pytest.mark.parametrize("driver", [*POSTGRESQL, *MARIADB])
def test_a_lost_connection_is_reported_and_the_rest_done_later(driver: str, tmp_path: Path) -> None:
    """The error is ours, and the version does not say what was not recorded."""
    kill = {
        "postgresql": "SELECT pg_terminate_backend(pg_backend_pid())",
        "mariadb": "KILL CONNECTION_ID()",
    }

    def crash(connection: sa.Connection, tables: GroupTables) -> None:
        add_column("first")(connection, tables)
        connection.exec_driver_sql(kill[connection.dialect.name])

    with new_engine(driver, tmp_path) as engine:
        with engine.begin() as connection:
            migrate(connection, TABLES)
        with pytest.raises(StorageError) as caught, engine.begin() as connection:
            take_steps(connection, TABLES, [crash])
        assert isinstance(caught.value.__cause__, engine.dialect.loaded_dbapi.Error)
        with engine.begin() as connection:
            assert schema_version(connection, TABLES) == 1
            take_steps(connection, TABLES, [add_column("first")])
        with engine.begin() as connection:
            assert schema_version(connection, TABLES) == 2
            assert columns(connection).count("first") == 1


def test_migrating_is_part_of_the_callers_transaction(engine: sa.Engine) -> None:
    """A rollback takes the version back, so that migrating again completes the tables."""
    with engine.connect() as connection:
        transaction = connection.begin()
        migrate(connection, TABLES)
        transaction.rollback()
    with engine.begin() as connection:
        assert schema_version(connection, TABLES) is None
        migrate(connection, TABLES)
    with engine.begin() as connection:
        STORAGE.bind(connection)


def test_a_transaction_is_required(engine: sa.Engine) -> None:
    """Outside of one, and where each statement is committed at once, nothing is created."""
    with engine.connect() as connection, pytest.raises(HostTransactionRequiredError):
        migrate(connection, TABLES)
    at_once = engine.execution_options(isolation_level="AUTOCOMMIT")
    with pytest.raises(HostTransactionRequiredError), at_once.begin() as connection:
        migrate(connection, TABLES)
    with engine.begin() as connection:
        assert schema_version(connection, TABLES) is None


def test_several_create_the_tables_at_once(engine: sa.Engine) -> None:
    """All processes of a new installation may start at the same moment."""
    barrier = Barrier(4)

    def start() -> None:
        with engine.connect() as connection:
            barrier.wait()
            with connection.begin():
                migrate(connection, TABLES)

    with ThreadPoolExecutor(4) as pool:
        for started in [pool.submit(start) for _ in range(4)]:
            started.result()
    with engine.begin() as connection:
        assert connection.scalars(sa.select(TABLES.versions)).all() == [SCHEMA_VERSION]


def test_several_take_a_step_at_once(filled: sa.Engine) -> None:
    """Who comes second waits, and finds the step taken."""
    entered, taken = Event(), []

    def slow(connection: sa.Connection, tables: GroupTables) -> None:
        entered.set()
        taken.append(schema_version(connection, tables))
        pause()

    def start() -> None:
        with filled.begin() as connection:
            take_steps(connection, TABLES, [slow])
            pause()

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(start)
        entered.wait()
        second = pool.submit(start)
        first.result()
        second.result()
    assert taken == [1]


def pause() -> None:
    """Give somebody else, who should wait, the time not to do so."""
    Event().wait(PATIENCE)


@pytest.mark.parametrize("driver", POSTGRESQL)
def test_who_reads_the_past_fails_and_repeats(driver: str, tmp_path: Path) -> None:
    """PostgreSQL's REPEATABLE READ does not see what was created while it waited."""
    with new_engine(driver, tmp_path) as engine, ThreadPoolExecutor(1) as pool:
        past = engine.execution_options(isolation_level="REPEATABLE READ")

        def start() -> None:
            with past.begin() as connection:
                migrate(connection, TABLES)

        with engine.begin() as connection:
            migrate(connection, TABLES)
            late = pool.submit(start)
            pause()
        with pytest.raises(RetryableConflictError, match="just created the tables") as caught:
            late.result()
        assert caught.value.transaction_lost
        start()


def test_who_records_the_version_second_repeats(engine: sa.Engine) -> None:
    """On another node of a cluster, somebody may have come first in spite of the lock."""
    first = [True]

    def record(connection: sa.Connection, _cursor: object, statement: str, *_: object) -> None:
        if first and statement.startswith("INSERT INTO cg_schema"):
            first.pop()
            connection.execute(TABLES.versions.insert().values(version=SCHEMA_VERSION))

    sa.event.listen(engine, "before_cursor_execute", record)
    with (
        pytest.raises(RetryableConflictError, match="just recorded the version") as caught,
        engine.begin() as connection,
    ):
        migrate(connection, TABLES)
    assert caught.value.transaction_lost
    assert isinstance(caught.value.__cause__, engine.dialect.loaded_dbapi.Error)
    with engine.begin() as connection:
        migrate(connection, TABLES)
        assert connection.scalars(sa.select(TABLES.versions)).all() == [SCHEMA_VERSION]


@pytest.mark.parametrize("driver", MARIADB)
def test_the_lock_of_mariadb_is_awaited_and_given_back(
    driver: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A migration that hangs keeps others out, and a finished one does not."""
    monkeypatch.setattr(mariadb, "SECONDS_TO_MIGRATE", 0)
    with new_engine(driver, tmp_path) as engine, engine.connect() as other:
        other.execute(sa.select(sa.func.get_lock(MIGRATION_LOCK, 0)))
        with (
            pytest.raises(RetryableConflictError, match="another process"),
            engine.begin() as connection,
        ):
            migrate(connection, TABLES)
        other.execute(sa.select(sa.func.release_lock(MIGRATION_LOCK)))
        with engine.begin() as connection:
            migrate(connection, TABLES)
            assert other.scalar(sa.select(sa.func.is_free_lock(MIGRATION_LOCK))) == 1

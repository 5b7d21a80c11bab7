"""Transactions of our own: conflicts, failures, and what is said about them."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from customer_groups.adapters.sql import (
    EmbeddedGroupStore,
    SqlGroupStore,
    SqlUnitOfWork,
    load_customers,
    open_store,
    store,
    verify,
)
from customer_groups.customers import Customer, CustomerKey
from customer_groups.errors import (
    InvalidValueError,
    RetryableConflictError,
    SchemaError,
    StorageError,
    StorageUnavailableError,
    TransactionClosedError,
)
from customer_groups.searching import search_customers, search_groups
from customer_groups.service import add_customers, create_group, delete_group
from stores import CUSTOMERS, MOMENT, execute


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return where the database is."""
    return tmp_path / "groups.db"


@pytest.fixture
def groups(file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedGroupStore]:
    """Yield a store with customers, which does not wait long for others."""
    monkeypatch.setattr("customer_groups.adapters.sql.embedded.SECONDS_TO_WAIT", 0.05)
    monkeypatch.setattr(store, "LONGEST_WAIT", 0.01)
    opened = open_store(f"sqlite:///{file}")
    load_customers(opened, CUSTOMERS)
    yield opened
    opened.engine.dispose()


@pytest.fixture
def other(file: Path, groups: EmbeddedGroupStore) -> Iterator[sqlite3.Connection]:  # noqa: ARG001
    """Yield a connection of another program to the same file."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        yield connection


def names(groups: SqlGroupStore) -> list[str]:
    """Return the names of all groups."""
    with groups.transaction() as work:
        return [summary.group.name for summary in search_groups(work).items]


def make_group(work: SqlUnitOfWork) -> str:
    """Create a group with a customer, and return its code."""
    return create_group(work, "Key accounts", customers=["ONE"], at=MOMENT).code


def test_a_transaction_commits_at_its_end(groups: EmbeddedGroupStore) -> None:
    """What a transaction did is there for the next one."""
    with groups.transaction() as work:
        make_group(work)
    assert names(groups) == ["Key accounts"]


def test_an_exception_rolls_back_and_passes(groups: EmbeddedGroupStore) -> None:
    """An exception of the host leaves nothing behind, and reaches the host."""

    def fail() -> None:
        with groups.transaction() as work:
            make_group(work)
            raise KeyError("host")

    with pytest.raises(KeyError, match="host"):
        fail()
    assert names(groups) == []


def test_a_unit_of_work_ends_with_its_transaction(groups: EmbeddedGroupStore) -> None:
    """Nothing can be done with it afterwards."""
    with groups.transaction() as work:
        kept = work.groups
    with pytest.raises(TransactionClosedError):
        _ = work.groups
    with pytest.raises(TransactionClosedError):
        _ = work.customers
    with pytest.raises(TransactionClosedError):
        kept.next_number("series")


def test_a_second_writer_is_told_to_try_again(
    groups: EmbeddedGroupStore, other: sqlite3.Connection
) -> None:
    """Who waited in vain gets a conflict before having changed anything."""
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(RetryableConflictError) as caught, groups.transaction() as work:
        make_group(work)
    assert not caught.value.transaction_lost
    assert isinstance(caught.value.__cause__, sqlite3.OperationalError)
    other.execute("ROLLBACK")
    groups.run(make_group)
    assert names(groups) == ["Key accounts"]


def test_readers_wait_for_nobody(groups: EmbeddedGroupStore, other: sqlite3.Connection) -> None:
    """A search is answered while somebody else writes, from what is committed."""
    groups.run(make_group)
    other.execute("BEGIN IMMEDIATE")
    other.execute("DELETE FROM cg_group")
    assert names(groups) == ["Key accounts"]


def test_run_tries_again_after_a_conflict(
    groups: EmbeddedGroupStore, other: sqlite3.Connection
) -> None:
    """A conflict in the middle undoes the attempt, and a later one succeeds."""
    attempts = []

    def operation(work: SqlUnitOfWork) -> str:
        attempts.append(work)
        code = make_group(work)
        if len(attempts) < 3:
            raise RetryableConflictError("another transaction was first")
        return code

    assert groups.run(operation) == "CG-000001"
    assert len(attempts) == 3
    assert other.execute("SELECT customers FROM cg_group").fetchall() == [(1,)]


def test_run_gives_up_in_the_end(
    groups: EmbeddedGroupStore, other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a number of attempts the conflict is the caller's."""
    monkeypatch.setattr(store, "ATTEMPTS", 3)
    other.execute("BEGIN IMMEDIATE")
    begun: list[sa.Connection] = []
    sa.event.listen(groups.engine, "begin", begun.append)
    with pytest.raises(RetryableConflictError):
        groups.run(make_group)
    assert len(begun) == 3


def test_run_gives_up_in_time(groups: EmbeddedGroupStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """After some time the conflict is the caller's, however few attempts there were."""
    monkeypatch.setattr(store, "SECONDS_TO_TRY", 0)
    attempts = []

    def operation(work: SqlUnitOfWork) -> None:
        attempts.append(work)
        raise RetryableConflictError("another transaction was first")

    with pytest.raises(RetryableConflictError):
        groups.run(operation)
    assert len(attempts) == 1


def test_run_does_not_repeat_what_would_fail_again(groups: EmbeddedGroupStore) -> None:
    """Other errors pass at once."""
    attempts = []

    def operation(work: SqlUnitOfWork) -> None:
        attempts.append(work)
        delete_group(work, "MISSING")

    with pytest.raises(LookupError):
        groups.run(operation)
    assert len(attempts) == 1


def test_a_stale_snapshot_loses_the_transaction(file: Path, groups: EmbeddedGroupStore) -> None:
    """A host that reads first and writes after another writer has to begin anew."""
    engine = sa.create_engine(f"sqlite:///{file}", connect_args={"isolation_level": None})
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    with engine.connect() as connection, connection.begin():
        work = groups.storage.bind(connection)
        assert search_groups(work).items == ()
        groups.run(make_group)
        with pytest.raises(RetryableConflictError) as caught:
            make_group(work)
        assert caught.value.transaction_lost
        with pytest.raises(RetryableConflictError, match="roll back"):
            search_groups(work)
    engine.dispose()


POISON = "CREATE TRIGGER poison BEFORE INSERT ON {} BEGIN SELECT RAISE(ROLLBACK, 'poison'); END"


@pytest.mark.parametrize("table", ["cg_group", "cg_membership"])
def test_a_lost_transaction_stays_lost(
    groups: EmbeddedGroupStore, other: sqlite3.Connection, table: str
) -> None:
    """Where the database rolls back by itself, nothing goes on and nothing is committed."""
    other.execute(POISON.format(table))
    seen = []

    def lose() -> None:
        with groups.transaction() as work:
            kept, directory = work.groups, work.customers
            with pytest.raises(StorageError) as caught:
                make_group(work)
            seen.append(caught.value)
            with pytest.raises(StorageError, match="roll back"):
                _ = work.groups
            with pytest.raises(StorageError, match="roll back"):
                kept.next_number("series")
            with pytest.raises(StorageError, match="roll back"):
                directory.by_keys([CustomerKey("ONE")])

    with pytest.raises(StorageError, match="roll back") as caught:
        lose()
    assert seen[0].transaction_lost
    assert caught.value.transaction_lost
    assert isinstance(caught.value.__cause__, sqlite3.IntegrityError)
    other.execute("DROP TRIGGER poison")
    assert names(groups) == []
    assert groups.run(make_group) == "CG-000001"


def test_a_lost_transaction_of_a_host_stays_lost(
    groups: EmbeddedGroupStore, other: sqlite3.Connection
) -> None:
    """Who binds to it again is refused; the next transaction of the connection is not lost."""
    other.execute(POISON.format("cg_group"))
    with groups.engine.connect() as connection:
        with connection.begin():
            with pytest.raises(StorageError) as caught:
                make_group(groups.storage.bind(connection))
            assert caught.value.transaction_lost
            with pytest.raises(StorageError, match="roll back"):
                groups.storage.bind(connection)
        connection.exec_driver_sql("DROP TRIGGER poison")
        connection.commit()
        with connection.begin():
            make_group(groups.storage.bind(connection))
    assert names(groups) == ["Key accounts"]


def test_a_begin_that_fails(groups: EmbeddedGroupStore, other: sqlite3.Connection) -> None:
    """Where the host's engine locks as it begins, who waited in vain gets a conflict."""
    begin = "BEGIN IMMEDIATE"
    sa.event.listen(groups.engine, "begin", lambda begun: begun.exec_driver_sql(begin))
    other.execute(begin)
    with pytest.raises(RetryableConflictError), groups.transaction():
        pass  # pragma: no cover  the transaction does not begin
    other.execute("ROLLBACK")
    groups.run(make_group)


def test_a_rollback_that_fails(groups: EmbeddedGroupStore) -> None:
    """Nobody gets that connection again, and the host sees its own exception."""

    def be_cut_off(_: sa.Connection) -> None:
        raise ConnectionResetError

    def fail() -> None:
        with groups.transaction() as work:
            make_group(work)
            raise KeyError("host")

    given_up: list[object] = []
    sa.event.listen(groups.engine, "rollback", be_cut_off, once=True)
    sa.event.listen(groups.engine, "invalidate", lambda *_: given_up.append("connection"))
    with pytest.raises(KeyError, match="host"):
        fail()
    assert given_up == ["connection"]
    assert names(groups) == []


def test_a_full_database_is_unavailable(groups: EmbeddedGroupStore) -> None:
    """A list that does not fit is refused as a whole, and said so."""
    groups.run(make_group)
    more = [Customer(f"X{number:0139}") for number in range(4_000)]
    with groups.transaction() as work:
        (pages,) = work.session.rows(sa.text("PRAGMA page_count"))[0]
        work.session.rows(sa.text(f"PRAGMA max_page_count = {pages}"))
    with pytest.raises(StorageUnavailableError) as caught:
        load_customers(groups, more)
    assert isinstance(caught.value.__cause__, sqlite3.OperationalError)
    with groups.transaction() as work:
        assert len(search_customers(work, limit=1_000).items) == len(CUSTOMERS)
        assert verify(work.session.connection, groups.storage.tables) == []


def test_a_value_that_no_database_holds(groups: EmbeddedGroupStore) -> None:
    """What the driver cannot hand over is a storage error, and the transaction goes on."""
    with groups.transaction() as work:
        with pytest.raises(StorageError, match="cannot hold") as caught:
            delete_group(work, "A", version=2**70)
        assert isinstance(caught.value.__cause__, OverflowError)
        make_group(work)
    assert names(groups) == ["Key accounts"]


def test_errors_do_not_show_values(groups: EmbeddedGroupStore, other: sqlite3.Connection) -> None:
    """Neither the error nor its cause repeats what was to be stored."""
    other.execute("ALTER TABLE cg_membership RENAME COLUMN added_by TO added_whom")
    with groups.transaction() as work:
        create_group(work, "Group", code="G", at=MOMENT)
        with pytest.raises(StorageError, match="refused the statement") as caught:
            add_customers(work, "G", ["ONE"], by="Secret", at=MOMENT)
    assert isinstance(caught.value.__cause__, sqlite3.OperationalError)
    assert "Secret" not in f"{caught.value}{caught.value.__cause__}"


def test_what_sqlalchemy_refuses_is_a_storage_error(groups: EmbeddedGroupStore) -> None:
    """Not only errors of the driver are translated."""
    with groups.transaction() as work, pytest.raises(StorageError, match="StatementError"):
        work.session.rows(sa.text("SELECT :forgotten"))


def test_a_commit_that_fails(groups: EmbeddedGroupStore, other: sqlite3.Connection) -> None:
    """Where a rule of the host forbids the commit, nothing is stored, and it is said."""
    other.execute("CREATE TABLE item (code PRIMARY KEY)")
    other.execute("CREATE TABLE sale (item REFERENCES item DEFERRABLE INITIALLY DEFERRED)")
    check = "PRAGMA foreign_keys = ON"
    sa.event.listen(groups.engine, "begin", lambda begun: begun.exec_driver_sql(check))

    def sell_nothing() -> None:
        with groups.transaction() as work:
            make_group(work)
            work.session.execute(sa.text("INSERT INTO sale VALUES ('none')"))

    with pytest.raises(StorageError, match="constraint") as caught:
        sell_nothing()
    assert isinstance(caught.value.__cause__, sqlite3.IntegrityError)
    assert names(groups) == []


def test_missing_tables(tmp_path: Path) -> None:
    """A file without our tables is refused, with the way to create them."""
    empty = open_store(f"sqlite:///{tmp_path / 'empty.db'}", create=False)
    with pytest.raises(SchemaError, match="create_schema") as caught, empty.transaction():
        pass  # pragma: no cover  the transaction does not begin
    assert caught.value.found is None
    empty.engine.dispose()


@pytest.mark.parametrize("version", [0, 2])
def test_tables_of_another_version(file: Path, groups: EmbeddedGroupStore, version: int) -> None:
    """Older and newer tables are refused, by a store and by its opening, and stay as they are."""
    execute(file, "UPDATE cg_schema SET version = ?", [version])
    fresh = open_store(f"sqlite:///{file}", create=False)
    with pytest.raises(SchemaError) as caught, fresh.transaction():
        pass  # pragma: no cover  the transaction does not begin
    assert (caught.value.found, caught.value.needed) == (version, 1)
    fresh.engine.dispose()
    with pytest.raises(SchemaError):
        groups.create()
    assert execute(file, "SELECT version FROM cg_schema") == [(version,)]


def test_the_tenant_is_checked_when_a_store_is_made(groups: EmbeddedGroupStore) -> None:
    """A malformed tenant never gets as far as a transaction."""
    with pytest.raises(InvalidValueError, match="tenant"):
        SqlGroupStore(groups.engine, groups.storage, tenant="ü")

"""Groups inside the transaction of a host: kept with its rows, or lost with them."""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
import sqlalchemy.orm

from customer_groups.adapters.sql import (
    CustomerTable,
    SqlStorage,
    SqlUnitOfWork,
    build_tables,
    create_schema,
)
from customer_groups.customers import CustomerKey
from customer_groups.errors import (
    DuplicateCodeError,
    DuplicateNameError,
    HostTransactionRequiredError,
    InvalidValueError,
    SchemaError,
    StorageError,
    TransactionClosedError,
)
from customer_groups.searching import search_groups
from customer_groups.service import add_customers, create_group, rename_group
from stores import MOMENT

METADATA = sa.MetaData()
CUSTOMERS = sa.Table("party", METADATA, sa.Column("code", sa.String(40), primary_key=True))
NOTES = sa.Table("note", METADATA, sa.Column("text", sa.String(40)))
STORAGE = SqlStorage(
    build_tables(METADATA), customers=CustomerTable(CUSTOMERS, code=CUSTOMERS.c.code)
)

MODES: dict[str, dict[str, object]] = {
    "legacy": {},
    "explicit": {"isolation_level": None},
    "modern": {"autocommit": False},
}
"""How the driver begins transactions: late, not by itself, or always."""


def _modes() -> Iterator[object]:
    for name in MODES:
        too_old = name == "modern" and sys.version_info < (3, 12)
        marks = [pytest.mark.skip(reason="needs Python 3.12")] if too_old else []
        yield pytest.param(name, marks=marks)


@pytest.fixture(params=_modes())
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    """Yield the engine of a host, in each transaction mode of the driver."""
    url = f"sqlite:///{tmp_path / 'host.db'}"
    engine = sa.create_engine(url, connect_args={"timeout": 0.1, **MODES[request.param]})
    if request.param == "explicit":
        sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    with engine.begin() as connection:
        METADATA.create_all(connection)
        create_schema(connection, STORAGE.tables)
        connection.execute(CUSTOMERS.insert(), [{"code": "C1"}, {"code": "C2"}])
    yield engine
    engine.dispose()


def stored(engine: sa.Engine) -> tuple[int, int, int]:
    """Return how many notes, groups and memberships another connection sees."""
    url = engine.url.database
    assert url is not None
    tables = (NOTES, STORAGE.tables.groups, STORAGE.tables.memberships)
    with closing(sqlite3.connect(url)) as connection:
        notes, groups, memberships = (
            connection.execute(f"SELECT count(*) FROM {table.name}").fetchone()[0]  # noqa: S608
            for table in tables
        )
    return notes, groups, memberships


def make_group(work: SqlUnitOfWork, name: str = "Key accounts") -> None:
    """Create a group with a customer."""
    create_group(work, name, code=name[:3], customers=["C1"], at=MOMENT)


@pytest.mark.parametrize("first", ["group", "note"])
def test_the_commit_of_the_host_keeps_both(engine: sa.Engine, first: str) -> None:
    """Rows of the host and of ours are stored together, whichever came first."""
    with engine.connect() as connection, connection.begin():
        work = STORAGE.bind(connection)
        if first == "group":
            make_group(work)
        connection.execute(NOTES.insert().values(text="x"))
        if first == "note":
            make_group(work)
        assert stored(engine) == (0, 0, 0)
    assert stored(engine) == (1, 1, 1)


@pytest.mark.parametrize("first", ["group", "note", "read"])
def test_the_rollback_of_the_host_undoes_both(engine: sa.Engine, first: str) -> None:
    """Nothing of ours outlives the transaction of the host, even if we wrote first."""
    with engine.connect() as connection:
        transaction = connection.begin()
        if first == "note":
            connection.execute(NOTES.insert().values(text="x"))
        work = STORAGE.bind(connection)
        if first == "read":
            assert search_groups(work).items == ()
        make_group(work)
        with work.groups.atomic():
            add_customers(work, "KEY", ["C2"], at=MOMENT)
        connection.execute(NOTES.insert().values(text="y"))
        transaction.rollback()
    assert stored(engine) == (0, 0, 0)


def test_a_savepoint_of_the_host_undoes_what_is_inside(engine: sa.Engine) -> None:
    """A rollback to the host's savepoint takes our rows with it, and the rest goes on."""
    with engine.connect() as connection, connection.begin():
        work = STORAGE.bind(connection)
        make_group(work, "Outer")
        savepoint = connection.begin_nested()
        make_group(work, "Inner")
        savepoint.rollback()
        make_group(work, "Later")
    assert stored(engine) == (0, 2, 2)


def test_we_never_end_the_transaction(engine: sa.Engine) -> None:
    """Binding, writing and failing begin, commit, roll back and close nothing."""
    seen: list[str] = []
    for event in ("begin", "commit", "rollback"):
        sa.event.listen(engine, event, lambda *_, event=event: seen.append(event))
    with engine.connect() as connection, connection.begin():
        work = STORAGE.bind(connection)
        make_group(work)
        with pytest.raises(DuplicateCodeError):
            make_group(work)
        assert seen == ["begin"]
        assert not connection.closed


def test_a_caught_duplicate_leaves_the_transaction_usable(engine: sa.Engine) -> None:
    """After an error of ours the host goes on, and what came before it is stored."""
    with engine.connect() as connection, connection.begin():
        connection.execute(NOTES.insert().values(text="x"))
        work = STORAGE.bind(connection)
        make_group(work)
        with pytest.raises(DuplicateNameError, match="'KEY'"):
            create_group(work, "KEY ACCOUNTS", code="OTHER", at=MOMENT)
        connection.execute(NOTES.insert().values(text="y"))
    assert stored(engine) == (2, 1, 1)


def test_outside_of_a_transaction_nothing_is_written(engine: sa.Engine) -> None:
    """A connection without a transaction is refused."""
    with engine.connect() as connection:
        with pytest.raises(HostTransactionRequiredError):
            STORAGE.bind(connection)
        with connection.begin():
            connection.execute(NOTES.insert().values(text="x"))
        with pytest.raises(HostTransactionRequiredError):
            STORAGE.bind(connection)


@pytest.mark.parametrize("end", ["commit", "rollback", "close"])
def test_after_the_end_nothing_is_written(engine: sa.Engine, end: str) -> None:
    """A unit of work does not outlive the transaction that it was bound to."""
    with engine.connect() as connection:
        transaction = connection.begin()
        work = STORAGE.bind(connection)
        make_group(work)
        groups, customers = work.groups, work.customers
        getattr(connection if end == "close" else transaction, end)()
        with pytest.raises(TransactionClosedError):
            make_group(work)
        with pytest.raises(TransactionClosedError):
            _ = work.customers
        with pytest.raises(TransactionClosedError):
            groups.next_number("series")
        with pytest.raises(TransactionClosedError):
            customers.by_keys([CustomerKey("C1")])
        assert not connection.in_transaction()


def test_a_second_transaction_does_not_revive_the_first(engine: sa.Engine) -> None:
    """What was bound to one transaction is refused in the next one on that connection."""
    with engine.connect() as connection:
        with connection.begin():
            work = STORAGE.bind(connection)
        with connection.begin(), pytest.raises(TransactionClosedError):
            make_group(work)


def test_the_host_ends_its_transaction_inside_of_ours(engine: sa.Engine) -> None:
    """Where the host commits inside atomic(), the context says that there is nothing left."""
    with engine.connect() as connection:
        transaction = connection.begin()
        work = STORAGE.bind(connection)
        context = work.groups.atomic()
        context.__enter__()
        make_group(work)
        transaction.commit()
        with pytest.raises(TransactionClosedError):
            context.__exit__(None, None, None)
    assert stored(engine) == (0, 1, 1)


def test_the_exception_of_the_host_passes_after_its_rollback(engine: sa.Engine) -> None:
    """Where the host rolls back and raises inside atomic(), its own exception is seen."""
    with engine.connect() as connection:
        transaction = connection.begin()
        work = STORAGE.bind(connection)

        def roll_back_and_fail() -> None:
            with work.groups.atomic():
                make_group(work)
                transaction.rollback()
                raise KeyError("host")

        with pytest.raises(KeyError, match="host"):
            roll_back_and_fail()
    assert stored(engine) == (0, 0, 0)


def test_missing_tables_are_said_when_binding() -> None:
    """A host that has not created our tables yet hears so at once."""
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection, connection.begin(), pytest.raises(SchemaError):
        STORAGE.bind(connection)
    engine.dispose()


def test_a_tenant_needs_a_column_that_tells_tenants_apart(engine: sa.Engine) -> None:
    """A named tenant would see the customers of all others, so it is refused."""
    with engine.connect() as connection, connection.begin():
        with pytest.raises(InvalidValueError, match="tenant=COLUMN"):
            STORAGE.bind(connection, tenant="north")
        with pytest.raises(InvalidValueError, match="tenant"):
            STORAGE.bind(connection, tenant=" north")


def test_the_session_of_an_orm_lends_its_connection(engine: sa.Engine) -> None:
    """A host with an ORM binds to the connection of its session, and rolls both back."""
    with sa.orm.Session(engine) as session:
        session.execute(NOTES.insert().values(text="x"))
        make_group(STORAGE.bind(session.connection()))
        session.rollback()
        make_group(STORAGE.bind(session.connection()))
        session.commit()
    assert stored(engine) == (0, 1, 1)


def _create(work: SqlUnitOfWork, code: str, name: str) -> object:
    return create_group(work, name, code=code)


def test_a_broken_rule_of_the_host_is_a_storage_error(engine: sa.Engine) -> None:
    """A constraint that is not ours is reported without the values, and undone alone."""
    trigger = (
        "CREATE TRIGGER no_{0} BEFORE {0} ON cg_group WHEN NEW.name = 'Secret'"
        " BEGIN SELECT RAISE(ABORT, 'not so'); END"
    )
    with engine.begin() as connection:
        for event in ("INSERT", "UPDATE"):
            connection.execute(sa.text(trigger.format(event)))
        work = STORAGE.bind(connection)
        make_group(work)
        for change, code in ((rename_group, "KEY"), (_create, "NEW")):
            with pytest.raises(StorageError) as caught:
                change(work, code, "Secret")
            assert not caught.value.transaction_lost
            assert isinstance(caught.value.__cause__, sqlite3.IntegrityError)
            assert "Secret" not in str(caught.value)
    assert stored(engine) == (0, 1, 1)

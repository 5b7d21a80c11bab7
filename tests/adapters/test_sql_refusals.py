"""Databases and connections that are no good: one clear error each, and nothing is written."""

import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from customer_groups.adapters.sql import EmbeddedGroupStore, load_customers, open_store
from customer_groups.codes import GroupCode
from customer_groups.customers import Customer, CustomerCode
from customer_groups.errors import (
    ConstraintViolatedError,
    HostTransactionRequiredError,
    InvalidValueError,
    SchemaError,
    StorageError,
    StorageUnavailableError,
)
from customer_groups.searching import get_group, search_groups
from customer_groups.service import add_customers, create_group
from databases import DRIVERS, create_engine, new_database
from engines import ENGINES, MARIADB, POSTGRESQL, new_engine
from stores import MOMENT
from two_groups import CODES, FEW, MANY, customers_of_groups

TENANT = "t"


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    """Yield an engine of an empty database, of each kind."""
    with new_engine(request.param, tmp_path) as made:
        yield made


@pytest.fixture
def store(engine: sa.Engine) -> EmbeddedGroupStore:
    """Return a store on that database, with customers and a group."""
    made = EmbeddedGroupStore(engine, tenant=TENANT)
    made.create()
    load_customers(made, map(Customer, CODES))
    made.run(lambda work: create_group(work, "Group A", code="A", customers=CODES[:FEW]))
    return made


def refused(url: sa.URL) -> StorageUnavailableError:
    """Return what a store says whose database cannot be used."""
    with closing(EmbeddedGroupStore(create_engine(url), tenant=TENANT)) as unusable:
        with pytest.raises(StorageUnavailableError) as caught:
            unusable.run(search_groups)
        return caught.value


WRONG_ADDRESSES = [
    *((driver, part) for driver in DRIVERS for part in ("database", "username", "host")),
    *((driver, "password") for driver in MARIADB),  # PostgreSQL trusts everybody here
]


@pytest.mark.parametrize(("driver", "wrong"), WRONG_ADDRESSES)
def test_a_wrong_address(driver: str, wrong: str) -> None:
    """Whatever is wrong, the database cannot be reached, and the driver's error says why."""
    url = new_database(driver)
    elsewhere = {key: value for key, value in url.query.items() if "/" not in value}
    addresses = {
        "database": url.set(database="nobody"),
        "username": url.set(username="nobody"),
        "password": url.set(password="nobody"),  # noqa: S106  it opens nothing
        "host": url.set(host="127.0.0.1", port=1, query=elsewhere),
    }
    error = refused(addresses[wrong])
    assert "cannot be reached" in str(error)
    assert type(error.__cause__).__name__ == "OperationalError"


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    """A folder and a text are refused, each with what SQLite says of it."""
    text = tmp_path / "text"
    text.write_text("No database, but long enough to be taken for one. " * 30)
    assert "unable to open" in str(refused(sa.URL.create("sqlite", database=str(tmp_path))))
    assert "not a database" in str(refused(sa.URL.create("sqlite", database=str(text))))


def test_tables_that_are_missing(engine: sa.Engine) -> None:
    """A database without our tables is refused, by a store and by a host's binding."""
    store = EmbeddedGroupStore(engine, tenant=TENANT)
    with pytest.raises(SchemaError, match="create_schema"):
        store.run(search_groups)
    with engine.begin() as connection, pytest.raises(SchemaError, match="create_schema"):
        store.storage.bind(connection, tenant=TENANT)


def test_a_table_that_is_missing(store: EmbeddedGroupStore) -> None:
    """Where somebody dropped one of our tables, the schema is what to look at."""
    with store.engine.begin() as connection:
        store.storage.tables.memberships.drop(connection)
    with store.transaction() as work:
        with pytest.raises(StorageError, match="see the cause") as caught:
            add_customers(work, "A", CODES)
        assert not caught.value.transaction_lost
        assert "cg_membership" in str(caught.value.__cause__)
        assert get_group(work, "A").customers == FEW


def test_a_connection_that_commits_each_statement(store: EmbeddedGroupStore) -> None:
    """Autocommit is refused, by a store and by a host's binding, before anything is written."""
    at_once = store.engine.execution_options(isolation_level="AUTOCOMMIT")
    careless = EmbeddedGroupStore(at_once, tenant=TENANT)
    with pytest.raises(HostTransactionRequiredError):
        careless.run(lambda work: create_group(work, "Outside"))
    with at_once.begin() as connection, pytest.raises(HostTransactionRequiredError):
        careless.storage.bind(connection, tenant=TENANT)
    assert customers_of_groups(store) == {"A": FEW}


def test_a_connection_that_renames_schemas(store: EmbeddedGroupStore) -> None:
    """Not all of our statements would follow it, so it is refused, and the way out said."""
    renamed = store.engine.execution_options(schema_translate_map={None: "elsewhere"})
    elsewhere = EmbeddedGroupStore(renamed, tenant=TENANT)
    with pytest.raises(InvalidValueError, match="build_tables") as caught:
        elsewhere.run(search_groups)
    assert caught.value.field == "schema_translate_map"
    with renamed.begin() as connection, pytest.raises(InvalidValueError, match="build_tables"):
        store.storage.bind(connection, tenant=TENANT)


def codes_that_cannot_be_read() -> Iterator[str]:
    """Yield a code, and fail as a file does."""
    yield from CODES
    raise TimeoutError("the host's own")


def cannot_be_written(*_: object) -> None:
    """Fail as a file does."""
    raise OSError("the host's own")


@pytest.mark.parametrize("size", [FEW, MANY])
def test_errors_of_the_host_pass(store: EmbeddedGroupStore, size: int) -> None:
    """What the host's own list or callback raises is not taken for an error of the driver."""
    strangers = [CustomerCode(f"X{number}") for number in range(size)]
    with store.transaction() as work:
        with pytest.raises(TimeoutError, match="the host's own"):
            add_customers(work, "A", codes_that_cannot_be_read())
        with pytest.raises(OSError, match="the host's own"):
            work.groups.add_members(
                GroupCode("A"),
                enumerate(strangers),
                at=MOMENT,
                by=None,
                on_outcome=cannot_be_written,
            )
        add_customers(work, "A", CODES[: FEW + 1])
    assert customers_of_groups(store) == {"A": FEW + 1}


READ_ONLY = {
    "sqlite": "PRAGMA query_only = on",
    "postgresql": "SET TRANSACTION READ ONLY",
    "mariadb": "START TRANSACTION READ ONLY",
}


def test_a_file_that_may_only_be_read(tmp_path: Path) -> None:
    """A file opened for reading refuses changes, and searches go on."""
    file = f"sqlite:///file:{tmp_path / 'groups.db'}?uri=true"
    reading = open_store(f"{file}&mode=ro", create=False)
    with closing(open_store(file)) as store, closing(reading):
        store.run(lambda work: create_group(work, "Group A", code="A"))
        with reading.transaction() as work:
            with pytest.raises(StorageUnavailableError, match="readonly"):
                create_group(work, "Group B")
            assert get_group(work, "A").customers == 0
        assert customers_of_groups(store) == {"A": 0}


@pytest.mark.parametrize("size", [FEW, MANY])
def test_a_transaction_that_may_only_read(store: EmbeddedGroupStore, size: int) -> None:
    """Changes are refused, and searches go on."""
    with store.engine.connect() as connection:
        connection.begin()
        connection.exec_driver_sql(READ_ONLY[store.engine.dialect.name])
        work = store.storage.bind(connection, tenant=TENANT)
        changes: list[Callable[[], object]] = [
            lambda: create_group(work, "Group B"),
            lambda: add_customers(work, "A", CODES[:size]),
            lambda: work.groups.next_number("S"),
        ]
        for change in changes:
            with pytest.raises(StorageUnavailableError) as caught:
                change()
            assert not caught.value.transaction_lost
            assert get_group(work, "A").customers == FEW
        connection.invalidate()  # SQLite keeps that setting
    assert customers_of_groups(store) == {"A": FEW}


def test_a_pool_without_a_free_connection(store: EmbeddedGroupStore) -> None:
    """Who waits in vain for a connection is told so."""
    engine = sa.create_engine(store.engine.url, pool_size=1, max_overflow=0, pool_timeout=0.05)
    with closing(EmbeddedGroupStore(engine, tenant=TENANT)) as small:
        in_vain = pytest.raises(StorageUnavailableError, match="became free")
        with small.transaction(), in_vain, small.transaction():
            pass  # pragma: no cover  the inner transaction does not begin


@pytest.mark.parametrize("driver", POSTGRESQL)
def test_a_database_in_another_encoding(driver: str) -> None:
    """A PostgreSQL database that cannot hold every character is refused, and no table made."""
    administrator = create_engine(new_database(driver)).execution_options(
        isolation_level="AUTOCOMMIT"
    )
    name = f"latin_{driver}"
    with administrator.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} ENCODING 'LATIN1' TEMPLATE template0")
    administrator.dispose()
    url = administrator.url.set(database=name)
    refuses_to_create(url, "LATIN1")


@pytest.mark.parametrize("driver", MARIADB)
def test_a_connection_in_another_encoding(driver: str) -> None:
    """A MariaDB connection that cannot carry every character is refused, and no table made."""
    url = new_database(driver)
    refuses_to_create(url.update_query_dict({"charset": "latin1"}), "latin1")


@pytest.mark.parametrize("driver", POSTGRESQL)
def test_a_client_in_another_encoding(driver: str) -> None:
    """A PostgreSQL connection that cannot carry every character is refused, and no table made."""
    url = new_database(driver)
    refuses_to_create(url.update_query_dict({"options": "-cclient_encoding=LATIN1"}), "LATIN1")


def refuses_to_create(url: sa.URL, encoding: str) -> None:
    """Check that a database is refused because of its encoding, and stays empty."""
    assert encoding in str(refused(url))
    with closing(EmbeddedGroupStore(create_engine(url), tenant=TENANT)) as store:
        with pytest.raises(StorageUnavailableError, match=encoding):
            store.create()
        assert sa.inspect(store.engine).get_table_names() == []


SECRETS = {"name": "Hushed name", "code": "HUSHED", "actor": "hushed@actor"}


def test_errors_do_not_show_values(store: EmbeddedGroupStore) -> None:
    """Even where the host's engine shows parameters, our errors and their causes do not."""
    shows = sa.create_engine(store.engine.url)
    with shows.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE cg_group RENAME COLUMN members_changed_by TO a")
        connection.exec_driver_sql("ALTER TABLE cg_group RENAME COLUMN created_by TO b")
    with shows.begin() as connection:
        work = store.storage.bind(connection, tenant=TENANT)
        with pytest.raises(StorageError, match="see the cause") as adding:
            add_customers(work, "A", CODES, by=SECRETS["actor"])
        with pytest.raises(StorageError, match="see the cause") as creating:
            create_group(work, SECRETS["name"], code=SECRETS["code"])
    shows.dispose()
    for error in (adding.value, creating.value):
        assert isinstance(error.__cause__, shows.dialect.loaded_dbapi.Error)
        printed = "".join(traceback.format_exception(error))
        assert [secret for secret in SECRETS.values() if secret in printed] == []


def test_a_rule_of_the_host_does_not_show_values(store: EmbeddedGroupStore) -> None:
    """A constraint that is not ours is reported without what it refused; we go on."""
    with store.engine.begin() as connection:
        connection.exec_driver_sql("CREATE UNIQUE INDEX one_creator ON cg_group (created_by)")
    with store.transaction() as work:
        create_group(work, "Group B", by=SECRETS["actor"])
        with pytest.raises(ConstraintViolatedError) as caught:
            create_group(work, "Group C", by=SECRETS["actor"])
        assert not caught.value.transaction_lost
        assert SECRETS["actor"] not in str(caught.value)
        create_group(work, "Group D")
    assert len(customers_of_groups(store)) == 3


LIMITED = {
    "postgresql": [
        "REVOKE TEMP ON DATABASE {database} FROM PUBLIC",
        "CREATE ROLE {role} LOGIN",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    ],
    "mariadb": [
        "CREATE USER {role}@localhost",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON {database}.* TO {role}@localhost",
    ],
}


@pytest.mark.parametrize("engine", DRIVERS, indirect=True)
def test_temporary_tables_are_refused(store: EmbeddedGroupStore) -> None:
    """Where the database gives no temporary tables, a long list is imported all the same."""
    database = store.engine.url.database
    role = f"limited_{database}"
    with store.engine.begin() as connection:
        for statement in LIMITED[store.engine.dialect.name]:
            connection.exec_driver_sql(statement.format(database=database, role=role))
    url = store.engine.url.set(username=role)
    with closing(EmbeddedGroupStore(create_engine(url), tenant=TENANT)) as limited:
        counts = limited.run(lambda work: add_customers(work, "A", CODES)).counts
    assert (counts.added, counts.already_member) == (len(CODES) - FEW, FEW)
    assert customers_of_groups(store) == {"A": len(CODES)}

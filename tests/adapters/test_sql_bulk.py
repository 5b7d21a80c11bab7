"""How rows get into a database in bulk, and when the database may copy them by itself."""

import pytest
import sqlalchemy as sa

from customer_groups.adapters.sql.customer_table import SqlCustomerDirectory
from customer_groups.errors import StorageError
from stores import SQL_STORES, HostStore


@pytest.fixture(params=SQL_STORES)
def engine(request: pytest.FixtureRequest) -> str:
    """Return the name of each engine."""
    return str(request.param)


def test_refused_rows(engine: str) -> None:
    """Rows that the database refuses are an error of ours, whose cause is the driver's."""
    with SQL_STORES[engine]() as store:
        nameless = [("t", None, 1)]
        with pytest.raises(StorageError) as caught, store.transaction() as work:
            work.session.insert_rows(store.storage.tables.series, nameless)
    assert caught.value.__cause__ is not None
    assert not isinstance(caught.value.__cause__, sa.exc.SQLAlchemyError)


def test_rows_of_any_text(engine: str) -> None:
    """Characters that mean something to a format of files arrive as they are."""
    rows = [("t", name, 1) for name in ("a\\b", "\\N", "NULL", "a,b", 'a"b', "{a}", "straße 😀")]
    with SQL_STORES[engine]() as store, store.transaction() as work:
        table = store.storage.tables.series
        work.session.insert_rows(table, rows)
        assert {tuple(row) for row in work.session.rows(sa.select(table))} == set(rows)


def test_own_transactions_copy_customers(engine: str) -> None:
    """In a transaction of our own the database resolves a long list by itself."""
    with SQL_STORES[engine]() as store, store.transaction() as work:
        assert isinstance(work.customers, SqlCustomerDirectory)
        assert work.customers.may_be_copied(by_key=False)


def test_only_mariadb_must_not_copy_customers(engine: str) -> None:
    """In a host's transaction that sees one moment, MariaDB would lock its customers."""
    with SQL_STORES[engine]() as store, HostStore(store).transaction() as work:
        assert isinstance(work.customers, SqlCustomerDirectory)
        is_mariadb = getattr(store.engine.dialect, "is_mariadb", False)
        assert work.customers.may_be_copied(by_key=False) is not is_mariadb

"""The work of a long list grows with the list, even where the database has no statistics."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from customer_groups.adapters.sql import EmbeddedGroupStore, SqlUnitOfWork
from customer_groups.customers import Customer
from customer_groups.service import add_customers, create_group, remove_customers, set_customers
from stores import SERVERS, SQL_STORES, customer

SIZE = 1_500
GROUP = "G"

CODES = [f"C{number:05}" for number in range(3 * SIZE)]
REPEATED = [f"R{number:05}" for number in range(SIZE)]


def customers() -> Iterator[Customer]:
    """Yield customers of whom some share a code, and only one of those is active."""
    for code in CODES:
        yield customer(code, code)
    for code in REPEATED:
        yield customer(f"{code}-1", code)
        yield customer(f"{code}-2", code, active=False)


CHANGES: Mapping[str, Callable[[SqlUnitOfWork, int], object]] = {
    "add": lambda work, size: add_customers(work, GROUP, CODES[size : 2 * size]),
    "add repeated codes": lambda work, size: add_customers(work, GROUP, REPEATED[:size]),
    "remove": lambda work, size: remove_customers(work, GROUP, CODES[:size]),
    "replace": lambda work, size: set_customers(work, GROUP, CODES[size // 2 : 2 * size]),
}
"""What is done to a group whose members are the first customers, as many as the list has."""


@contextmanager
def group_of(store: EmbeddedGroupStore, size: int) -> Iterator[SqlUnitOfWork]:
    """Make a group in a transaction that is rolled back, so that nobody can count it before."""
    with store.engine.connect() as connection:
        transaction = connection.begin()
        work = store.storage.bind(connection, tenant=store.tenant)
        create_group(work, "Group", code=GROUP)
        add_customers(work, GROUP, CODES[:size])
        yield work
        transaction.rollback()


@pytest.mark.parametrize("change", CHANGES)
def test_sqlite_works_as_long_as_the_list(change: str) -> None:
    """Twice as long a list takes about twice as many steps of SQLite's machine."""

    def steps(size: int) -> int:
        ticks = 0

        def tick() -> None:
            nonlocal ticks
            ticks += 1

        with group_of(store, size) as work:
            driver: Any = work.session.connection.connection.driver_connection
            driver.set_progress_handler(tick, 1_000)
            CHANGES[change](work, size)
            driver.set_progress_handler(None, 0)
        return ticks

    with SQL_STORES["sqlite"](customers()) as store:
        assert steps(SIZE) < 3 * steps(SIZE // 2)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("driver", SERVERS)
def test_servers_work_as_long_as_the_list(driver: str, change: str) -> None:
    """MariaDB reads about twice as many rows; PostgreSQL ends long before a nested loop would."""

    def rows_read(work: SqlUnitOfWork) -> int:
        status = work.session.rows(sa.text("SHOW SESSION STATUS LIKE 'Handler_read%'"))
        return sum(int(count) for _, count in status)

    def read_for(size: int) -> int:
        with group_of(store, size) as work:
            before = rows_read(work)
            CHANGES[change](work, size)
            return rows_read(work) - before

    with SQL_STORES[driver](customers()) as store:
        if store.engine.dialect.name == "postgresql":
            with group_of(store, SIZE) as work:
                work.session.execute(sa.text("SET LOCAL statement_timeout = '5s'"))
                CHANGES[change](work, SIZE)
        else:
            with store.engine.begin() as connection:
                connection.exec_driver_sql("ANALYZE TABLE cg_customer")
            assert read_for(SIZE) < 3 * read_for(SIZE // 2)

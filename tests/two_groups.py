"""Two groups on a server, for tests of transactions that get into each other's way."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from customer_groups.adapters.sql import EmbeddedGroupStore, SqlUnitOfWork, verify
from customer_groups.customers import Customer
from customer_groups.searching import search_groups
from customer_groups.service import create_group
from databases import create_engine
from processes import analyze_customers
from stores import server_store

__all__ = ["CODES", "FEW", "MANY", "customers_of_groups", "impatient", "look", "two_groups"]

CODES = [f"C{number:04}" for number in range(1_200)]
FEW, MANY = 20, 1_000  # many take the way through temporary tables


@contextmanager
def two_groups(driver: str) -> Iterator[EmbeddedGroupStore]:
    """Open a store on a server, with customers, and the first few of them in groups A and B."""
    with server_store(map(Customer, CODES), driver=driver) as store:
        analyze_customers(store)
        for code in "AB":
            with store.transaction() as work:
                create_group(work, f"Group {code}", code=code, customers=CODES[:FEW])
        yield store


@contextmanager
def impatient(store: EmbeddedGroupStore) -> Iterator[EmbeddedGroupStore]:
    """Open the same store with statements that wait one second at most for a lock."""
    is_mariadb = store.engine.dialect.name == "mariadb"
    wait = "innodb_lock_wait_timeout = 1" if is_mariadb else "lock_timeout = '1s'"
    engine = create_engine(store.engine.url)
    sa.event.listen(engine, "begin", lambda begun: begun.exec_driver_sql(f"SET {wait}"))
    try:
        yield EmbeddedGroupStore(engine, tenant=store.tenant)
    finally:
        engine.dispose()


def look(work: SqlUnitOfWork) -> None:
    """Read something; it fixes what a transaction under REPEATABLE READ sees from now on."""
    search_groups(work)


def customers_of_groups(store: EmbeddedGroupStore) -> dict[str, int]:
    """Return how many customers each group has, once it is known that nothing is wrong."""
    with store.transaction() as work:
        assert verify(work.session.connection, store.storage.tables) == []
        return {each.group.code: each.customers for each in search_groups(work).items}

"""What every host may expect of a library that works in its transaction."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pytest
import sqlalchemy as sa

from customer_groups.adapters.sql import CustomerTable, SqlStorage, SqlUnitOfWork
from customer_groups.errors import DuplicateNameError, HostTransactionRequiredError
from customer_groups.service import add_customers, create_group
from servers import mariadb, postgres

__all__ = ["CHECKS", "ENGINES", "Host", "Operation", "driver_state", "new_url"]

T = TypeVar("T")
Operation = Callable[[SqlUnitOfWork], T]

ENGINES = ["sqlite", "postgresql", "mariadb"]

TOO_MANY_FOR_A_STATEMENT = [f"STRANGER-{number}" for number in range(600)]

# Values that drivers return in another way once somebody registers an adapter for them, and
# what else a library might change for the host.
PEEKS = {
    "sqlite": "SELECT group_concat(name || narg) FROM pragma_function_list WHERE NOT builtin",
    "postgresql": """SELECT '{"a": 1}'::jsonb, '{"a": 1}'::json, 1.5::numeric, DATE '2026-01-02',
        '12345678-1234-5678-1234-567812345678'::uuid, ARRAY['a'], current_setting('TimeZone'),
        current_setting('client_encoding'), current_setting('transaction_isolation')""",
    "mysql": """SELECT 1.5, DATE '2026-01-02', CAST('a' AS BINARY), @@sql_mode, @@tx_isolation,
        @@character_set_client, @@collation_connection, @@autocommit""",
}
PEEKS["mariadb"] = PEEKS["mysql"]


class Host(Protocol):
    """An application with customers, a database and a transaction of its own.

    Attributes:
        url: Where its database is, for who looks at it from outside.
        storage: Where our tables and its customers are.
    """

    url: sa.URL
    storage: SqlStorage

    def begin(self) -> None:
        """Begin a transaction, in the host's own way."""

    def commit(self) -> None:
        """Commit it."""

    def rollback(self) -> None:
        """Roll it back."""

    def insert(self, code: str) -> None:
        """Create a customer, in the host's own way."""

    def lend(self, operation: Operation[T]) -> T:
        """Let us work in the transaction."""

    def lend_outside(self, operation: Operation[object]) -> None:
        """Let us work where the driver commits each statement by itself."""

    def state(self) -> object:
        """Return the `driver_state` of the connection that the transaction is on."""


def new_url(engine: str, folder: Path, driver: str | None = None) -> sa.URL:
    """Return where a new, empty database is.

    Args:
        engine: "sqlite", "postgresql" or "mariadb".
        folder: Where a file of SQLite goes.
        driver: What SQLAlchemy calls the driver; None for psycopg or PyMySQL.
    """
    if engine == "sqlite":
        return sa.URL.create("sqlite", database=str(folder / "host.sqlite"))
    server = postgres() if engine == "postgresql" else mariadb()
    usual = "psycopg" if engine == "postgresql" else "pymysql"
    return server.url(driver or usual, server.new_database())


def driver_state(connection: Any, engine: str) -> list[object]:  # noqa: ANN401  any driver's
    """Return what a host has set up with its driver."""
    cursor = connection.cursor()
    cursor.execute(PEEKS[engine])
    values = repr(cursor.fetchone())
    cursor.close()
    names = ("isolation_level", "row_factory", "cursor_factory", "text_factory")
    return [values, *(repr(getattr(connection, name, None)) for name in names)]


def commits_together(host: Host) -> None:
    """What the host commits is kept, its rows and ours."""
    with changing(host, customers=2, groups=1):
        host.begin()
        host.insert("KEPT-1")
        host.lend(lambda work: create_group(work, "Kept", customers=["KEPT-1"]))
        host.insert("KEPT-2")
        host.commit()


def rolls_back_together(host: Host) -> None:
    """What the host rolls back is lost, its rows and ours."""
    with changing(host):
        host.begin()
        host.insert("LOST-1")
        host.lend(lambda work: create_group(work, "Lost", customers=["LOST-1"]))
        host.insert("LOST-2")
        host.rollback()


def survives_a_caught_error(host: Host) -> None:
    """After a duplicate that somebody caught, the host's transaction goes on."""

    def create_twice(work: SqlUnitOfWork) -> None:
        create_group(work, "Twin")
        with pytest.raises(DuplicateNameError):
            create_group(work, "TWIN")

    with changing(host, customers=2, groups=1):
        host.begin()
        host.insert("CAUGHT-1")
        host.lend(create_twice)
        host.insert("CAUGHT-2")
        host.commit()


def refuses_autocommit(host: Host) -> None:
    """Outside of a transaction we are refused before anything is written."""
    with changing(host), pytest.raises(HostTransactionRequiredError):
        host.lend_outside(lambda work: create_group(work, "Outside"))


def leaves_the_driver_alone(host: Host) -> None:
    """What the host has registered with its driver stays as it was."""
    host.begin()
    host.insert("UNTOUCHED")
    before = host.state()
    host.lend(lambda work: create_group(work, "Untouched"))
    after = host.state()
    host.rollback()
    assert after == before


def loses_a_savepoint_that_came_first(host: Host) -> None:
    """A savepoint that is the first statement does not outlive the host's rollback."""

    def create(work: SqlUnitOfWork) -> None:
        with work.groups.atomic():
            create_group(work, "First")

    with changing(host):
        host.begin()
        host.lend(create)
        host.rollback()


def commits_no_large_list_early(host: Host) -> None:
    """A list that goes through temporary tables commits nothing of the host's."""

    def import_list(work: SqlUnitOfWork) -> None:
        group = create_group(work, "Large")
        counts = add_customers(work, group.code, ["EARLY", *TOO_MANY_FOR_A_STATEMENT]).counts
        assert (counts.added, counts.unknown) == (1, len(TOO_MANY_FOR_A_STATEMENT))

    with changing(host):
        host.begin()
        host.insert("EARLY")
        with changing(host):
            host.lend(import_list)
        host.rollback()


CHECKS: list[Callable[[Host], None]] = [
    commits_together,
    rolls_back_together,
    survives_a_caught_error,
    refuses_autocommit,
    leaves_the_driver_alone,
    loses_a_savepoint_that_came_first,
    commits_no_large_list_early,
]
"""Each works with whatever the others have left in the database."""


@contextmanager
def changing(host: Host, *, customers: int = 0, groups: int = 0) -> Iterator[None]:
    """Check how many rows have been committed at the end of the context."""
    customers_before, groups_before = committed(host)
    yield
    assert committed(host) == (customers_before + customers, groups_before + groups)


def committed(host: Host) -> tuple[int, int]:
    """Return how many customers and groups somebody else can see."""
    assert isinstance(host.storage.customers, CustomerTable)
    engine = sa.create_engine(host.url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        customers, groups = (
            connection.scalars(sa.select(sa.func.count()).select_from(table)).one()
            for table in (host.storage.customers.source, host.storage.tables.groups)
        )
    return customers, groups

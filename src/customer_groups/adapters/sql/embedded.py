"""A database of our own, for those who bring none: one SQLite file, customers included."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from customer_groups.adapters.sql.customer_table import CustomerTable
from customer_groups.adapters.sql.dialects import dialect_of
from customer_groups.adapters.sql.parts import KEYS_AT_A_TIME, parts
from customer_groups.adapters.sql.schema import create_schema
from customer_groups.adapters.sql.session import SqlSession
from customer_groups.adapters.sql.store import SqlGroupStore, SqlStorage, retrying
from customer_groups.adapters.sql.tables import build_tables
from customer_groups.adapters.sql.translating import translated
from customer_groups.adapters.sql.types import exact_text
from customer_groups.customers import Customer
from customer_groups.errors import InvalidValueError
from customer_groups.repository import DEFAULT_TENANT

__all__ = ["EmbeddedGroupStore", "load_customers", "open_store"]

SECONDS_TO_WAIT = 10
PAGE_CACHE = 64 * 1024  # KiB


class EmbeddedGroupStore(SqlGroupStore):
    """A `SqlGroupStore` with a table of customers of its own; `open_store` makes it."""

    def __init__(self, engine: sa.Engine, *, tenant: str) -> None:
        """Open the groups of one tenant."""
        metadata = sa.MetaData()
        self.customer_table = _customers(metadata)
        column = self.customer_table.c
        customers = CustomerTable(
            self.customer_table,
            code=column.code,
            key=column.customer_key,
            name=column.name,
            type=column.type,
            active=column.active == 1,
            tenant=column.tenant,
        )
        storage = SqlStorage(build_tables(metadata), customers=customers)
        super().__init__(engine, storage, tenant=tenant)

    def create(self) -> None:
        """Create the tables that are missing.

        Raises:
            SchemaError: there are tables of another version.
            StorageError: the database refuses.
        """
        # Several processes may open a new file at once, and changing its mode does not wait.
        retrying()(self._create)

    def close(self) -> None:
        """Close the connections to the database; the next transaction opens a new one."""
        self.engine.dispose()

    def _create(self) -> None:
        with translated(), self.engine.begin() as connection:
            SqlSession(connection).begin_writing()
            create_schema(connection, self.storage.tables)
            self.customer_table.create(connection, checkfirst=True)


def open_store(
    url: str, *, tenant: str = DEFAULT_TENANT, create: bool = True
) -> EmbeddedGroupStore:
    """Open a SQLite database of our own.

    Args:
        url: ``sqlite:///PATH``; without a path, a database in the memory of this thread.
        tenant: Whose groups; see `parse_tenant`.
        create: Whether to create what is missing; else the file is not looked at before
            the first transaction.

    Raises:
        InvalidValueError: the URL is not one of SQLite, or the tenant is malformed.
        SchemaError: there are tables of another version.
        StorageUnavailableError: the file cannot be created or opened.
    """
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise InvalidValueError("database URL", url, "is not like sqlite:///erp.db") from None
    if parsed.drivername not in {"sqlite", "sqlite+pysqlite"}:
        reason = "is not SQLite; use SqlGroupStore with an engine and a CustomerTable of yours"
        raise InvalidValueError("database URL", parsed.render_as_string(), reason)
    is_uri = (parsed.database or "").startswith("file:")
    if parsed.host or (parsed.query and not is_uri):
        reason = "has more than a path; write it like sqlite:///erp.db"
        raise InvalidValueError("database URL", parsed.render_as_string(), reason)
    engine = sa.create_engine(
        parsed, hide_parameters=True, connect_args={"timeout": SECONDS_TO_WAIT}
    )
    sa.event.listen(engine, "connect", _set_up)
    store = EmbeddedGroupStore(engine, tenant=tenant)
    if create:
        try:
            store.create()
        except BaseException:
            store.close()
            raise
    return store


def load_customers(store: EmbeddedGroupStore, customers: Iterable[Customer]) -> int:
    """Store customers in the store's own table, in place of those with the same keys.

    All or none. Customers who are not listed stay.

    Args:
        store: A store made by `open_store`.
        customers: Any number of them; of several with the same key the last one counts.

    Returns:
        How many customers were listed.

    Raises:
        StorageError: the database refuses.
    """
    table, loaded = store.customer_table, 0
    is_tenant = table.c.tenant == store.tenant
    with store.transaction() as work:
        session = work.session
        session.begin_writing()
        for part in parts(customers, KEYS_AT_A_TIME):
            rows = {customer.key: _row(store.tenant, customer) for customer in part}
            replaced = table.delete().where(is_tenant, table.c.customer_key.in_(list(rows)))
            session.execute(replaced)
            session.execute(table.insert(), list(rows.values()))
            loaded += len(part)
    if loaded > KEYS_AT_A_TIME:
        with translated(), store.engine.begin() as connection:
            dialect_of(connection).analyze_stored(connection, table)
    return loaded


def _row(tenant: str, customer: Customer) -> dict[str, Any]:
    return {
        "tenant": tenant,
        "customer_key": customer.key,
        "code": customer.code,
        "name": customer.name,
        "type": customer.type,
        "active": int(customer.active),
    }


def _customers(metadata: sa.MetaData) -> sa.Table:
    return sa.Table(
        "cg_customer",
        metadata,
        sa.Column("tenant", exact_text(64), primary_key=True),
        sa.Column("customer_key", exact_text(140), primary_key=True),
        sa.Column("code", exact_text(140)),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("type", sa.Text),
        sa.Column("active", sa.SmallInteger, nullable=False),
        # Holds all that resolving a code needs: SQLite might prefer the primary key else.
        sa.Index("cg_customer_code", "tenant", "code", "active"),
        sqlite_with_rowid=False,
    )


def _set_up(connection: Any, _record: object) -> None:  # noqa: ANN401  whatever the driver has
    # Readers do not wait for writers in this mode, and a commit is still durable.
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA cache_size = -{PAGE_CACHE}")

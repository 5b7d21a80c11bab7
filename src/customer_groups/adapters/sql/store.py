"""Where the groups are, and the transactions on them."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import attrs
import sqlalchemy as sa
import tenacity

from customer_groups.adapters.sql.customer_table import CustomerTable, SqlCustomerDirectory
from customer_groups.adapters.sql.groups import groups_of_keys
from customer_groups.adapters.sql.repository import SqlGroupRepository
from customer_groups.adapters.sql.schema import VersionedTables, check_schema
from customer_groups.adapters.sql.session import SqlSession
from customer_groups.adapters.sql.tables import GroupTables
from customer_groups.adapters.sql.translating import translated, translated_commit
from customer_groups.customers import CustomerDirectory
from customer_groups.errors import RetryableConflictError, StorageError
from customer_groups.repository import DEFAULT_TENANT, parse_tenant

__all__ = ["SqlGroupStore", "SqlStorage", "SqlUnitOfWork", "retrying"]

T = TypeVar("T")

ATTEMPTS = 50  # on a cluster, many writers may be in each other's way for a while
SECONDS_TO_TRY = 30
SHORTEST_WAIT = 0.02  # seconds
LONGEST_WAIT = 1.0


def retrying() -> tenacity.Retrying:
    """Return what calls a function, and again after a conflict.

    It gives up after 50 attempts, or after the first one that ends 30 seconds or more after
    the beginning.
    """
    return tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(RetryableConflictError),
        stop=tenacity.stop_any(
            tenacity.stop_after_attempt(ATTEMPTS), tenacity.stop_after_delay(SECONDS_TO_TRY)
        ),
        wait=tenacity.wait_random_exponential(SHORTEST_WAIT, LONGEST_WAIT),
        reraise=True,
    )


def _roll_back(transaction: sa.RootTransaction) -> None:
    try:
        with translated():
            transaction.rollback()
    except StorageError:
        # Nobody may use this connection again.
        transaction.connection.invalidate()


class SqlUnitOfWork:
    """A `UnitOfWork` in one transaction on a database.

    Attributes:
        session: Where statements run.
        tenant: Whose groups they are.
    """

    def __init__(
        self,
        session: SqlSession,
        tenant: str,
        groups: SqlGroupRepository,
        customers: CustomerDirectory,
        checked: set[VersionedTables],
    ) -> None:
        """Hold what works on the transaction; `SqlStorage.bind` does this."""
        self.session = session
        self.tenant = tenant
        self._groups = groups
        self._customers = customers
        self._checked = checked

    def require_schema(self, tables: VersionedTables) -> None:
        """Do nothing if the tables have the version that this code needs.

        A store looks once, a host's unit of work once for itself.

        Raises:
            SchemaError: they are missing, or of another version.
            StorageUnavailableError: the database sorts text in another way than we do.
        """
        if tables not in self._checked:
            with self.session.noticing_loss():
                check_schema(self.session.connection, tables)
            self._checked.add(tables)

    @property
    def groups(self) -> SqlGroupRepository:
        """The groups and memberships."""
        self.session.require_open()
        return self._groups

    @property
    def customers(self) -> CustomerDirectory:
        """The customers who may become members."""
        self.session.require_open()
        return self._customers


@attrs.frozen(eq=False)
class SqlStorage:
    """Says where the groups and the customers are: one object for all tenants.

    Attributes:
        tables: Our tables, made by `build_tables`.
        customers: The host's customers: a table of the same database, or a function that
            returns the directory of a tenant.
    """

    tables: GroupTables
    customers: CustomerTable | Callable[[str], CustomerDirectory] = attrs.field(kw_only=True)
    _groups_of_keys: sa.Select[Any] = attrs.field(init=False)

    @_groups_of_keys.default
    def _built_once(self) -> sa.Select[Any]:
        return groups_of_keys(self.tables)

    def bind(self, connection: sa.Connection, *, tenant: str = DEFAULT_TENANT) -> SqlUnitOfWork:
        """Return a unit of work in the host's own transaction.

        It never begins, commits, rolls back or closes: the host does, and our changes are
        kept or lost with its own. (Where SQLAlchemy has begun and SQLite's driver has not,
        our first change makes it begin.)

        Args:
            connection: A connection whose transaction is open.
            tenant: Whose groups; see `parse_tenant`.

        Raises:
            HostTransactionRequiredError: no transaction is open on the connection.
            InvalidValueError: the tenant is malformed, the customers do not tell tenants
                apart, or the connection has a ``schema_translate_map``.
            SchemaError: our tables are missing, or of another version.
            StorageError: the transaction was lost, or the database cannot be used.
        """
        return self.open(SqlSession(connection), tenant, set())

    def open(
        self, session: SqlSession, tenant: str, checked: set[VersionedTables]
    ) -> SqlUnitOfWork:
        """Return a unit of work on a session.

        Args:
            session: An open transaction.
            tenant: Whose groups.
            checked: The tables whose version is known to be right; ours join them.
        """
        customers = self._directory(session, parse_tenant(tenant))
        groups = SqlGroupRepository(session, self.tables, self._groups_of_keys, tenant, customers)
        work = SqlUnitOfWork(session, tenant, groups, customers, checked)
        work.require_schema(self.tables)
        return work

    def _directory(self, session: SqlSession, tenant: str) -> CustomerDirectory:
        if isinstance(self.customers, CustomerTable):
            return SqlCustomerDirectory(session, self.customers, tenant)
        return self.customers(tenant)


class SqlGroupStore:
    """A `GroupStore` that opens transactions of its own."""

    def __init__(
        self, engine: sa.Engine, storage: SqlStorage, *, tenant: str = DEFAULT_TENANT
    ) -> None:
        """Open the groups of one tenant.

        Args:
            engine: Where connections come from.
            storage: Where the groups and customers are.
            tenant: Whose groups; see `parse_tenant`.

        Raises:
            InvalidValueError: the tenant is malformed.
        """
        self.engine = engine
        self.storage = storage
        self.tenant = parse_tenant(tenant)
        self._checked: set[VersionedTables] = set()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[SqlUnitOfWork]:
        """Return a context that is one transaction; see `GroupStore.transaction`.

        On SQLite it takes the lock of the one writer with its first change: who only reads
        waits for nobody, and each of its queries sees what was committed before that query.

        Raises:
            SchemaError: our tables are missing, or of another version.
        """
        with translated():
            connection = self.engine.connect()
        with contextlib.closing(connection):
            with translated():
                transaction = connection.begin()
            try:
                session = SqlSession(connection)
                session.begin_own()
                yield self.storage.open(session, self.tenant, self._checked)
                session.require_open()
                with translated_commit():
                    transaction.commit()
            except BaseException:
                _roll_back(transaction)
                raise

    def run(self, operation: Callable[[SqlUnitOfWork], T]) -> T:
        """Run ``operation`` in a transaction, again after a conflict; see `GroupStore.run`.

        It tries 50 times at most, and begins no other attempt once 30 seconds have passed.
        """

        def attempt() -> T:
            with self.transaction() as work:
                return operation(work)

        return retrying()(attempt)

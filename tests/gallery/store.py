"""The store of the adapter on sqlite3."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from customer_groups.adapters.memory import InMemoryCustomerDirectory
from customer_groups.customers import Customer, CustomerDirectory
from customer_groups.errors import RetryableConflictError
from customer_groups.repository import GroupRepository, GroupStore, UnitOfWork, parse_tenant
from customer_groups.testing import MayFail
from gallery.adapter import SqliteGroups
from gallery.session import Session, SqliteStorage, never

__all__ = ["SqliteStore", "SqliteUnitOfWork"]

T = TypeVar("T")

ATTEMPTS = 5
SECONDS_BETWEEN = 0.01


class SqliteUnitOfWork(UnitOfWork):
    """One open transaction."""

    def __init__(
        self, session: Session, groups: GroupRepository, customers: CustomerDirectory
    ) -> None:
        """Hand out the groups and customers until the session ends."""
        self.session = session
        self.held_groups = groups
        self.held_customers = customers

    @property
    def groups(self) -> GroupRepository:
        """The groups."""
        self.session.require_open()
        return self.held_groups

    @property
    def customers(self) -> CustomerDirectory:
        """The customers."""
        self.session.require_open()
        return self.held_customers


class SqliteStore(GroupStore):
    """Opens transactions of one tenant."""

    def __init__(
        self,
        storage: SqliteStorage,
        tenant: str,
        customers: Sequence[Customer] = (),
        *,
        groups: type[SqliteGroups] = SqliteGroups,
        session: type[Session] = Session,
        may_fail: MayFail = never,
    ) -> None:
        """Open a storage for one tenant and its customers."""
        self.storage = storage
        self.groups = groups
        self.session = session
        self.may_fail = may_fail
        self.tenant = self.known_as(tenant)
        self.customers = self.directory_of(customers)

    def known_as(self, tenant: str) -> str:
        """Return the tenant as it is stored."""
        return parse_tenant(tenant)

    def directory_of(self, customers: Sequence[Customer]) -> CustomerDirectory:
        """Return who may become a member."""
        return InMemoryCustomerDirectory(customers, self.tenant)

    @contextmanager
    def transaction(self) -> Iterator[SqliteUnitOfWork]:
        """Return a context that is one transaction."""
        session = self.session(self.storage, self.may_fail)
        try:
            session.begin()
            groups = self.groups(session, self.tenant, self.customers)
            try:
                yield SqliteUnitOfWork(session, groups, self.customers)
            except BaseException:
                session.rollback()
                raise
            session.commit()
        finally:
            session.close()

    def run(self, operation: Callable[[UnitOfWork], T]) -> T:
        """Run an operation in a transaction, again after a conflict."""
        for attempt in range(1, ATTEMPTS):
            try:
                return self.once(operation)
            except RetryableConflictError:
                time.sleep(SECONDS_BETWEEN * attempt)
        return self.once(operation)

    def once(self, operation: Callable[[UnitOfWork], T]) -> T:
        """Run an operation in a transaction."""
        with self.transaction() as work:
            return operation(work)

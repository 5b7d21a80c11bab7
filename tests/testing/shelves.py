"""A small storage with faults of its own: contents on a shelf, for adapters to get wrong."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TypeVar

import attrs

from customer_groups.adapters.memory import (
    InMemoryCustomerDirectory,
    InMemoryGroupRepository,
    InMemoryUnitOfWork,
)
from customer_groups.adapters.memory.contents import Contents, StoredGroup
from customer_groups.customers import Customer
from customer_groups.errors import (
    OutcomeUnknownError,
    RetryableConflictError,
    StorageError,
    StorageUnavailableError,
)
from customer_groups.testing import MayFail, RawCounts
from customer_groups.testing.contracts.failing import FailingRules
from customer_groups.testing.contracts.surviving import SurvivingRules

__all__ = ["Shelf", "ShelfFaults", "ShelfRepository", "ShelfStore"]

T = TypeVar("T")

ATTEMPTS = 3


@attrs.define(eq=False)
class Shelf:
    """What is stored.

    Attributes:
        contents: Everything, by tenant.
        counters: How many members groups say they have, for stores that have counters.
        is_locked: Whether somebody has it.
    """

    contents: dict[str, Contents] = attrs.field(factory=dict)
    counters: dict[tuple[str, str], int] = attrs.field(factory=dict)
    is_locked: bool = False


class ShelfRepository(InMemoryGroupRepository):
    """Asks before each use of the shelf."""

    def __init__(self, store: "ShelfStore") -> None:
        """Begin with what is on the shelf."""
        self.store = store
        contents = store.shelf.contents.get(store.tenant, Contents())
        super().__init__(store.tenant, contents, store.customers)

    @property
    def contents(self) -> Contents:
        """All groups; looking may fail."""
        self.store.use("looking")
        return super().contents

    @property
    def kept(self) -> Contents:
        """All groups, without looking."""
        return self._contents

    def _store(self, stored: StoredGroup) -> None:
        self.store.use("writing")
        super()._store(stored)


class ShelfStore:
    """A store that keeps all rules about faults."""

    repository: type[ShelfRepository] = ShelfRepository

    def __init__(
        self, shelf: Shelf, tenant: str, customers: Sequence[Customer], may_fail: MayFail
    ) -> None:
        """Open the groups of a tenant."""
        self.shelf = shelf
        self.tenant = tenant
        self.customers = InMemoryCustomerDirectory(customers, tenant)
        self.may_fail = may_fail

    @contextmanager
    def transaction(self) -> Iterator[InMemoryUnitOfWork]:
        """Put all on the shelf at the end, or nothing."""
        self.begin()
        groups = self.repository(self)
        try:
            yield InMemoryUnitOfWork(groups, self.customers)
            self.commit(groups)
        except BaseException:
            self.roll_back(groups)
            raise
        finally:
            groups.close()
            self.end()

    def run(self, operation: Callable[[InMemoryUnitOfWork], T]) -> T:
        """Try a few times."""
        for _ in range(ATTEMPTS - 1):
            with suppress(RetryableConflictError), self.transaction() as work:
                return operation(work)
        with self.transaction() as work:
            return operation(work)

    def begin(self) -> None:
        """Take the lock."""
        self.use("beginning")
        if self.shelf.is_locked:
            raise RetryableConflictError("somebody else has the shelf")
        self.shelf.is_locked = True

    def commit(self, groups: ShelfRepository) -> None:
        """Replace what is on the shelf."""
        self.use_alone("the commit")
        self.use("the commit")
        self.shelf.contents[self.tenant] = groups.kept
        try:
            self.may_fail("after the commit", OSError("the shelf does not answer"))
        except OSError as error:
            raise OutcomeUnknownError("the shelf did not say what it stored") from error

    def roll_back(self, groups: ShelfRepository) -> None:  # noqa: ARG002
        """Leave what is on the shelf."""
        with suppress(StorageError):
            self.use("the rollback")

    def end(self) -> None:
        """Give the lock back."""
        self.shelf.is_locked = False

    def use(self, what: str) -> None:
        """Ask whether the shelf is there."""
        try:
            self.may_fail(what, OSError("the shelf is gone"))
        except OSError as error:
            raise StorageUnavailableError("the shelf is gone; try again later") from error

    def use_alone(self, what: str) -> None:
        """Ask whether somebody else is in the way."""
        try:
            self.may_fail(what, BlockingIOError("somebody is in the way"))
        except OSError as error:
            raise RetryableConflictError("somebody is in the way; try again") from error


class ShelfFaults(SurvivingRules, FailingRules):
    """The contract of an adapter of shelves."""

    store: type[ShelfStore] = ShelfStore
    make_storage = staticmethod(Shelf)

    def open_store(self, storage: Shelf, tenant: str, customers: Sequence[Customer]) -> ShelfStore:
        """Open the groups of a tenant on a shelf that never fails."""
        return self.store(storage, tenant, customers, lambda _what, _error: None)

    def faults(
        self, storage: Shelf, tenant: str, customers: Sequence[Customer], may_fail: MayFail
    ) -> ShelfStore:
        """Open the groups of a tenant on a shelf that fails."""
        return self.store(storage, tenant, customers, may_fail)

    def audit(self, storage: Shelf) -> RawCounts:
        """Count what is on the shelf."""
        sizes = {
            (tenant, str(code)): len(stored.members)
            for tenant, contents in storage.contents.items()
            for code, stored in contents.groups.items()
        }
        return RawCounts({place: storage.counters.get(place) for place in sizes}, sizes)

# ruff: noqa: ARG002, D102, D107 - the class says what its methods do wrong
"""Adapters that several users use at once: right ones, and ones with one bug each."""

import functools
import random
import shutil
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, TypeVar

import attrs

from customer_groups.adapters.memory import (
    InMemoryCustomerDirectory,
    InMemoryGroupRepository,
    InMemoryGroupStore,
    InMemoryStorage,
    InMemoryUnitOfWork,
)
from customer_groups.adapters.memory.contents import Contents, StoredGroup
from customer_groups.adapters.sql import EmbeddedGroupStore, load_customers, open_store
from customer_groups.codes import GroupCode
from customer_groups.customers import Customer
from customer_groups.errors import (
    ConstraintViolatedError,
    OutcomeUnknownError,
    RetryableConflictError,
    StorageError,
    StorageUnavailableError,
)
from customer_groups.testing.contracts.contests import ContestRules
from customer_groups.testing.contracts.meanwhile import MeanwhileRules
from customer_groups.testing.contracts.racing import HistoryRules
from customer_groups.testing.layers import RawCounts

T = TypeVar("T")


class Rules(HistoryRules, ContestRules, MeanwhileRules):
    """All rules about several users at once."""


Groups = Mapping[GroupCode, StoredGroup]


class Shelf:
    """What each tenant has stored."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.contents: dict[str, Contents] = {}
        self.locks = defaultdict[str, threading.Lock](threading.Lock)
        self.tenant = ""
        self.pending: dict[str, Contents] = {}


class SnapshotStore:
    """A store whose transactions work on a copy; of two that overlap, the second is refused."""

    def __init__(self, shelf: Shelf, tenant: str, customers: Iterable[Customer]) -> None:
        self.shelf = shelf
        self.tenant = tenant
        self.directory = InMemoryCustomerDirectory(customers, tenant)

    @contextmanager
    def transaction(self) -> Iterator[InMemoryUnitOfWork]:
        """Begin with what is stored now."""
        before = self.begin()
        groups = InMemoryGroupRepository(self.tenant, before, self.directory)
        try:
            yield InMemoryUnitOfWork(groups, self.directory)
            if groups.contents is not before:
                self.commit(before, groups.contents)
        except BaseException:
            self.roll_back(before)
            raise
        finally:
            groups.close()

    def begin(self) -> Contents:
        """Return what is stored."""
        return self.shelf.contents.get(self.tenant, Contents())

    def commit(self, before: Contents, after: Contents) -> None:
        """Store what was changed."""
        with self.shelf.lock:
            now = self.shelf.contents.get(self.tenant, before)
            self.shelf.contents[self.tenant] = self.merged(before, now, after)

    def roll_back(self, before: Contents) -> None:
        """Do nothing: nothing is stored before the commit."""

    def merged(self, before: Contents, now: Contents, after: Contents) -> Contents:
        """Return what to store when others have stored something since the beginning."""
        if now is not before:
            raise RetryableConflictError("somebody was faster", transaction_lost=True)
        return after

    def run(self, operation: Callable[[InMemoryUnitOfWork], T]) -> T:
        """Try until nobody is in the way."""
        while True:
            try:
                with self.transaction() as work:
                    return operation(work)
            except RetryableConflictError:
                time.sleep(random.uniform(0, 0.005))


def changed(before: Groups, after: Groups) -> set[GroupCode]:
    """Return the groups that a transaction has added, changed or removed."""
    return {code for code in {*before, *after} if before.get(code) is not after.get(code)}


def put(into: Groups, groups: Groups, codes: Iterable[GroupCode]) -> Groups:
    """Return some groups, with those of these codes taken from others."""
    codes = set(codes)
    kept = {code: stored for code, stored in into.items() if code not in codes}
    return kept | {code: stored for code, stored in groups.items() if code in codes}


class NamesUnguarded(SnapshotStore):
    """Looks only whether the same groups were changed: two groups get the same name."""

    def merged(self, before: Contents, now: Contents, after: Contents) -> Contents:
        mine = changed(before.groups, after.groups)
        others = changed(before.groups, now.groups)
        if mine & others or now.numbers != before.numbers:
            raise RetryableConflictError("somebody was faster")
        return attrs.evolve(after, groups=put(now.groups, after.groups, mine))


class LastGroupWins(SnapshotStore):
    """Writes each group that it changed as a whole: what others did to it is lost."""

    def merged(self, before: Contents, now: Contents, after: Contents) -> Contents:
        if before.numbers != now.numbers:
            raise RetryableConflictError("somebody was faster")
        mine = changed(before.groups, after.groups)
        return attrs.evolve(after, groups=put(now.groups, after.groups, mine))


class LastCommitWins(SnapshotStore):
    """Writes everything as it knows it."""

    def merged(self, before: Contents, now: Contents, after: Contents) -> Contents:
        return after


class NumbersFromSnapshot(SnapshotStore):
    """Guards the groups, but writes numbers as it counted them."""

    def merged(self, before: Contents, now: Contents, after: Contents) -> Contents:
        if now.groups is not before.groups:
            raise RetryableConflictError("somebody was faster")
        return attrs.evolve(after, groups=after.groups)


class VersionsFromSnapshot(SnapshotStore):
    """Compares the version with the copy only, and members with what is stored."""

    def merged(self, before: Contents, now: Contents, after: Contents) -> Contents:
        groups = dict(now.groups)
        for code in changed(before.groups, after.groups):
            old, mine, theirs = (each.groups.get(code) for each in (before, after, now))
            if old is None or mine is None or theirs is None or old.members is not mine.members:
                if theirs is not old:
                    raise RetryableConflictError("somebody was faster")
                groups = dict(put(groups, after.groups, {code}))
            else:
                groups[code] = attrs.evolve(theirs, group=mine.group)
        if before.numbers != now.numbers:
            raise RetryableConflictError("somebody was faster")
        return attrs.evolve(after, groups=groups)


class CountersFromSnapshot(SnapshotStore):
    """Merges members one by one, but writes their version and time as it counted them."""

    def merged(self, before: Contents, now: Contents, after: Contents) -> Contents:
        groups = dict(now.groups)
        for code in changed(before.groups, after.groups):
            old, mine, theirs = (each.groups.get(code) for each in (before, after, now))
            if old is None or mine is None or theirs is None or old.group != mine.group:
                if theirs is not old:
                    raise RetryableConflictError("somebody was faster")
                groups = dict(put(groups, after.groups, {code}))
            else:
                left = old.members.keys() - mine.members.keys()
                members = {**mine.members, **theirs.members}
                kept = {key: each for key, each in members.items() if key not in left}
                groups[code] = attrs.evolve(mine, group=theirs.group, members=kept)
        if before.numbers != now.numbers:
            raise RetryableConflictError("somebody was faster")
        return attrs.evolve(after, groups=groups)


class RemovedComesBack(NamesUnguarded):
    """Adds members to a group that was removed meanwhile, which brings it back."""

    def merged(self, before: Contents, now: Contents, after: Contents) -> Contents:
        mine = changed(before.groups, after.groups)
        removed = {code for code in mine if code in before.groups and code not in now.groups}
        if now is not before and not removed:
            raise RetryableConflictError("somebody was faster")
        return attrs.evolve(now, groups=put(now.groups, after.groups, mine))


class NeverRepeats(SnapshotStore):
    """Refuses one of two transactions, and leaves it at that."""

    def run(self, operation: Callable[[InMemoryUnitOfWork], T]) -> T:
        with self.transaction() as work:
            return operation(work)


class NeverReachable(NeverRepeats):
    """Works for nobody."""

    error: ClassVar[StorageError] = StorageUnavailableError("not today")

    def begin(self) -> Contents:
        raise self.error


class AlwaysInConflict(NeverReachable):
    """Takes everybody for somebody who is in the way."""

    error = RetryableConflictError("somebody is in the way")


class NeverKnown(NeverReachable):
    """Does not know what it did."""

    error = OutcomeUnknownError("who knows")


class StoresNoGroups(NeverRepeats):
    """Answers who reads or draws numbers, and refuses to store any group."""

    def merged(self, before: Contents, now: Contents, after: Contents) -> Contents:
        if before.groups is not after.groups:
            raise RetryableConflictError("somebody is in the way")
        return attrs.evolve(after, groups=now.groups)


class DropsReaders(SnapshotStore):
    """Blames who only reads for what others store meanwhile."""

    @contextmanager
    def transaction(self) -> Iterator[InMemoryUnitOfWork]:
        before = self.begin()
        with super().transaction() as work:
            yield work
            if work.groups.contents == before != self.begin():
                raise ConstraintViolatedError("what is this?")


class BlindReaders(SnapshotStore):
    """Lets nobody see groups who has stored none."""

    has_stored = False

    @contextmanager
    def transaction(self) -> Iterator[InMemoryUnitOfWork]:
        with super().transaction() as work:
            yield work
        if self.begin().groups and not self.has_stored:
            raise StorageUnavailableError("too busy")

    def commit(self, before: Contents, after: Contents) -> None:
        super().commit(before, after)
        self.has_stored = True


class RollsBackOthers(SnapshotStore):
    """Writes back what was stored when the undone transaction began."""

    def roll_back(self, before: Contents) -> None:
        self.shelf.contents[self.tenant] = before


class SharedTenant(SnapshotStore):
    """Keeps the tenant of a transaction where all stores share it."""

    @contextmanager
    def transaction(self) -> Iterator[InMemoryUnitOfWork]:
        with self.shelf.locks[self.tenant]:
            self.shelf.tenant = self.tenant
            with super().transaction() as work:
                yield work

    def commit(self, before: Contents, after: Contents) -> None:
        self.shelf.contents[self.shelf.tenant] = after


class Cached(SnapshotStore):
    """Begins with what it committed itself, until somebody is in the way."""

    cached: Contents | None = None

    def begin(self) -> Contents:
        if self.cached is None:
            self.cached = super().begin()
        return self.cached

    def commit(self, before: Contents, after: Contents) -> None:
        self.cached = None
        super().commit(before, after)
        self.cached = after


class Locked(SnapshotStore):
    """A store whose transactions wait for each other."""

    @contextmanager
    def transaction(self) -> Iterator[InMemoryUnitOfWork]:
        with self.shelf.lock, super().transaction() as work:
            yield work

    def commit(self, before: Contents, after: Contents) -> None:
        self.shelf.contents[self.tenant] = after


class Unlucky(Locked):
    """A right store whose connection breaks now and then, before a commit or after it."""

    @contextmanager
    def transaction(self) -> Iterator[InMemoryUnitOfWork]:
        before, after = (random.random() < 0.1 for _ in range(2))
        with super().transaction() as work:
            yield work
            if before:
                raise random.choice([OutcomeUnknownError, RetryableConflictError])("broken")
        if after:
            raise OutcomeUnknownError("broken")

    def run(self, operation: Callable[[InMemoryUnitOfWork], T]) -> T:
        """Give up after the second conflict."""
        try:
            with self.transaction() as work:
                return operation(work)
        except RetryableConflictError:
            with self.transaction() as work:
                return operation(work)


class ReleasesEarly(SnapshotStore):
    """Lets others in just before the commit is written."""

    @contextmanager
    def transaction(self) -> Iterator[InMemoryUnitOfWork]:
        self.shelf.lock.acquire()
        self.is_locked = True
        try:
            with super().transaction() as work:
                yield work
        finally:
            if self.is_locked:
                self.shelf.lock.release()

    def commit(self, before: Contents, after: Contents) -> None:
        self.is_locked = False
        self.shelf.lock.release()
        time.sleep(0.000_1)  # the disk
        self.shelf.contents[self.tenant] = after


class KeepsTheLock(SnapshotStore):
    """Does not unlock when a transaction is undone."""

    @contextmanager
    def transaction(self) -> Iterator[InMemoryUnitOfWork]:
        self.shelf.lock.acquire()
        with super().transaction() as work:
            yield work
        self.shelf.lock.release()

    def commit(self, before: Contents, after: Contents) -> None:
        self.shelf.contents[self.tenant] = after


CHANGES = [
    *("add", "replace", "remove", "next_number", "rekey_customers"),
    *("add_members", "remove_members", "replace_members"),
]


class InPlaceRepository(InMemoryGroupRepository):
    """Changes what is stored at once; whoever looks sees it."""

    def __init__(self, store: "InPlace") -> None:
        self.store = store
        super().__init__(store.tenant, store.stored, store.directory)

    @property
    def _contents(self) -> Contents:
        return self.store.stored

    @_contents.setter
    def _contents(self, contents: Contents) -> None:
        self.store.stored = contents


class InPlace(SnapshotStore):
    """Changes what is stored at once, and takes it back when the transaction is undone.

    Who changes something keeps others from changing anything until the end.
    """

    undo: Contents | None = None

    @property
    def stored(self) -> Contents:
        """What is stored."""
        return self.begin()

    @stored.setter
    def stored(self, contents: Contents) -> None:
        self.shelf.contents[self.tenant] = contents

    @contextmanager
    def transaction(self) -> Iterator[InMemoryUnitOfWork]:
        groups = self.repository()
        try:
            yield InMemoryUnitOfWork(groups, self.directory)
        except BaseException:
            self.stored = self.stored if self.undo is None else self.undo
            raise
        finally:
            groups.close()
            self.end()

    def repository(self) -> InPlaceRepository:
        """Return a repository that locks before its first change."""
        groups = InPlaceRepository(self)
        for name in CHANGES:
            setattr(groups, name, functools.partial(self.change, getattr(groups, name)))
        return groups

    def change(self, method: Callable[..., T], *arguments: object, **options: object) -> T:
        """Lock, then make the change."""
        if self.undo is None:
            self.shelf.lock.acquire()
            self.undo = self.stored
        return method(*arguments, **options)

    def end(self) -> None:
        """Unlock, if it was locked."""
        if self.undo is not None:
            self.undo = None
            self.shelf.lock.release()


class InPlaceUnlocked(InPlace):
    """The same, but nobody keeps others away: each call works on what it read at its start."""

    def change(self, method: Callable[..., T], *arguments: object, **options: object) -> T:
        return method(*arguments, **options)


class OneConnection(InPlaceUnlocked):
    """All stores use one connection: who commits or rolls back does it for everybody."""

    @property
    def stored(self) -> Contents:
        """What the connection sees."""
        return self.shelf.pending.get(self.tenant, Contents())

    @stored.setter
    def stored(self, contents: Contents) -> None:
        self.shelf.pending[self.tenant] = contents

    @contextmanager
    def transaction(self) -> Iterator[InMemoryUnitOfWork]:
        try:
            with super().transaction() as work:
                yield work
        except BaseException:
            self.shelf.pending = dict(self.shelf.contents)
            raise
        self.shelf.contents = dict(self.shelf.pending)


class OnAShelf(Rules):
    """The contract of stores on a shelf.

    Attributes:
        store: The kind of store that the users have.
    """

    store: ClassVar[type[SnapshotStore]] = SnapshotStore
    make_storage = staticmethod(Shelf)

    def open_store(
        self, storage: Shelf, tenant: str, customers: Sequence[Customer]
    ) -> SnapshotStore:
        """Open a store that is alone, so it does not matter what is wrong with it."""
        kind = Locked if issubclass(self.store, (Locked, OneConnection)) else SnapshotStore
        return kind(storage, tenant, customers)

    def concurrent(
        self, storage: Shelf, tenant: str, customers: Sequence[Customer]
    ) -> SnapshotStore:
        """Open the store of a user."""
        return self.store(storage, tenant, customers)

    def audit(self, storage: Shelf) -> RawCounts:
        """Count what stands on the shelf."""
        stored: dict[tuple[str, str], int] = {
            (tenant, code): len(each.members)
            for tenant, contents in storage.contents.items()
            for code, each in contents.groups.items()
        }
        return RawCounts(stored, stored)


def on_a_shelf(store: type[SnapshotStore]) -> type[Rules]:
    """Return the contract of a kind of stores."""
    return type(f"Of{store.__name__}", (OnAShelf,), {"store": store})


class Memory(Rules):
    """The contract of our adapter in memory."""

    make_storage = staticmethod(InMemoryStorage)
    open_store = staticmethod(InMemoryGroupStore)
    concurrent = staticmethod(InMemoryGroupStore)


class Sqlite(Rules):
    """The contract of our SQL adapter; a storage is the path of a database."""

    def make_storage(self) -> Path:
        """Make a new database."""
        path = Path(tempfile.mkdtemp()) / "groups.db"
        open_store(f"sqlite:///{path}").close()
        return path

    def open_store(
        self, storage: Path, tenant: str, customers: Sequence[Customer]
    ) -> EmbeddedGroupStore:
        """Open the groups of a tenant."""
        store = self.concurrent(storage, tenant, customers)
        load_customers(store, customers)
        return store

    def concurrent(
        self,
        storage: Path,
        tenant: str,
        customers: Sequence[Customer],
    ) -> EmbeddedGroupStore:
        """Open the same groups, with connections of their own."""
        return open_store(f"sqlite:///{storage}", tenant=tenant, create=False)

    def close_storage(self, storage: Path) -> None:
        """Throw the database away."""
        shutil.rmtree(storage.parent)


RIGHT: dict[str, type[Rules]] = {
    "memory": Memory,
    "snapshots": OnAShelf,
    "locked": on_a_shelf(Locked),
    "unlucky": on_a_shelf(Unlucky),
    "sqlite": Sqlite,
}

WRONG: dict[str, type[Rules]] = {
    **{
        store.__name__: on_a_shelf(store)
        for store in (
            *(NamesUnguarded, LastGroupWins, LastCommitWins, NumbersFromSnapshot),
            *(VersionsFromSnapshot, CountersFromSnapshot, RemovedComesBack, NeverRepeats),
            *(RollsBackOthers, SharedTenant, Cached, ReleasesEarly, KeepsTheLock),
            *(InPlace, InPlaceUnlocked, OneConnection, DropsReaders, BlindReaders),
            *(NeverReachable, AlwaysInConflict, NeverKnown, StoresNoGroups),
        )
    },
}

"""What the author of an adapter tells the kit, and how the rules begin."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import pytest
from hypothesis import settings

from customer_groups.customers import Customer
from customer_groups.repository import GroupRepository, GroupStore
from customer_groups.testing.contracts.guarding import Contract
from customer_groups.testing.contracts.values import CUSTOMERS
from customer_groups.testing.driver import TENANTS
from customer_groups.testing.layers import MayFail, RawCounts, Storage
from customer_groups.testing.profiles import ProfileName
from customer_groups.testing.recording import Recording

__all__ = ["OpenStore", "RepositoryRules"]

OpenStore = Callable[[str, Sequence[Customer]], GroupStore]


class RepositoryRules(Contract):
    """The hooks of a repository's contract.

    Every rule begins with a new storage, and puts it away at the end.

    Attributes:
        profile: How long to look for faults: "quick", "standard" or "deep".
        hypothesis: What else Hypothesis is told; None for the settings that are in force.
    """

    profile: ProfileName = "standard"
    hypothesis: settings | None = None

    def make_storage(self) -> Storage:
        """Return a new, empty storage."""
        raise NotImplementedError("say how to make a storage, by defining make_storage(self)")

    def open_store(
        self, storage: Storage, tenant: str, customers: Sequence[Customer]
    ) -> GroupStore:
        """Return a store of one tenant; opening it again replaces the customers.

        Args:
            storage: What `make_storage` returned.
            tenant: The tenant.
            customers: All customers that the tenant has from now on.
        """
        raise NotImplementedError(
            "say how to open a store, by defining open_store(self, storage, tenant, customers)"
        )

    def close_storage(self, storage: Storage) -> None:
        """Put a storage away; nothing is done unless a subclass defines it."""

    def audit(self, storage: Storage) -> RawCounts:  # noqa: ARG002
        """Return what a storage holds, counted without the adapter and its transactions.

        What the adapter only keeps for itself, such as rows that are marked as deleted, does
        not count.

        Defining this method opts into the rules about what cannot be seen through the
        repository: memberships without a group, counters that are wrong.
        """
        pytest.skip("to opt in, define audit(self, storage)")

    def concurrent(
        self,
        storage: Storage,  # noqa: ARG002
        tenant: str,  # noqa: ARG002
        customers: Sequence[Customer],  # noqa: ARG002
    ) -> GroupStore:
        """Return a store for use at the same time as others on this storage.

        Defining this method opts into the rules about transactions that run at once. It is
        called in the thread that uses the store; under the profile "deep" in other processes,
        too. That rule is skipped where this contract or the storage cannot be pickled, or
        where a process does not see the groups that another one has stored.

        Args:
            storage: What `make_storage` returned.
            tenant: The tenant.
            customers: The customers that `open_store` was given before; they do not change.
        """
        pytest.skip("to opt in, define concurrent(self, storage, tenant, customers)")

    def faults(
        self,
        storage: Storage,  # noqa: ARG002
        tenant: str,  # noqa: ARG002
        customers: Sequence[Customer],  # noqa: ARG002
        may_fail: MayFail,  # noqa: ARG002
    ) -> GroupStore:
        """Return a store that asks before each step whether this step shall fail.

        Defining this method opts into the rules about what fails underneath the adapter.

        Args:
            storage: What `make_storage` returned.
            tenant: The tenant.
            customers: The customers that `open_store` was given before; they do not change.
            may_fail: To be called before each use of the storage (connecting, savepoints and
                the rollback are uses, too), and after a commit, with what is done in words,
                and the error with which the storage would fail there.
                It raises the error if that shall happen now.
        """
        pytest.skip("to opt in, define faults(self, storage, tenant, customers, may_fail)")

    def has_layer(self, method: str) -> bool:
        """Return whether the adapter opts into a layer, by the name of its method."""
        return getattr(type(self), method) is not getattr(RepositoryRules, method)

    @contextmanager
    def _stores(self) -> Iterator[OpenStore]:
        """Make a storage, on which stores are opened by tenant and customers."""
        storage = self.make_storage()
        recording = Recording()

        def open_store(tenant: str, customers: Sequence[Customer]) -> GroupStore:
            opening = partial(self.open_store, storage, tenant, customers)
            return recording.open(tenant, customers, opening)

        try:
            yield open_store
        except Exception as error:
            recording.explain(error)
            raise
        finally:
            self.close_storage(storage)

    @contextmanager
    def _store(self, customers: Sequence[Customer] = CUSTOMERS) -> Iterator[GroupStore]:
        """Open an empty store, for rules about several transactions."""
        with self._stores() as open_store:
            yield open_store(TENANTS[0], customers)

    @contextmanager
    def _groups(self, customers: Sequence[Customer] = CUSTOMERS) -> Iterator[GroupRepository]:
        """Begin a transaction in an empty store, for rules about one transaction."""
        with self._store(customers) as store, store.transaction() as work:
            yield work.groups

    @contextmanager
    def _two_tenants(self) -> Iterator[tuple[GroupStore, GroupStore]]:
        """Open the stores of two tenants on one storage."""
        with self._stores() as open_store:
            yield open_store(TENANTS[0], CUSTOMERS), open_store(TENANTS[1], CUSTOMERS)

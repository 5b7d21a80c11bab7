"""What the author of an adapter for reservations tells the kit, and how the rules begin."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial

import pytest
from hypothesis import settings

from customer_groups.customers import Customer
from customer_groups.reservations.model import StockKey
from customer_groups.reservations.quantities import Quantity
from customer_groups.reservations.repository import ReservationRules, ReservationWork
from customer_groups.reservations.store import ReservationStore
from customer_groups.testing.contracts.guarding import Contract
from customer_groups.testing.contracts.values import CUSTOMERS
from customer_groups.testing.driver import TENANTS
from customer_groups.testing.layers import MayFail, Storage
from customer_groups.testing.profiles import ProfileName
from customer_groups.testing.reservations.expectations import expect_sums_agree
from customer_groups.testing.reservations.values import PIECES, open_groups

__all__ = ["OpenReservations", "ReservationRepositoryRules"]

OpenReservations = Callable[[str], ReservationStore]


class ReservationRepositoryRules(Contract):
    """The hooks of the contract of reservations.

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
        self, storage: Storage, tenant: str, customers: Sequence[Customer], rules: ReservationRules
    ) -> ReservationStore:
        """Return the groups and reservations of one tenant.

        Opening them again replaces the customers and the rules, and keeps all else.

        Args:
            storage: What `make_storage` returned.
            tenant: The tenant.
            customers: All customers that the tenant has from now on.
            rules: What the host has declared.
        """
        raise NotImplementedError(
            "say how to open a store, by defining"
            " open_store(self, storage, tenant, customers, rules)"
        )

    def set_on_hand(self, work: ReservationWork, on_hand: Mapping[StockKey, Quantity]) -> None:
        """Store what the host has, in the transaction of this unit of work.

        The host has nothing of a stock before this is called for it.

        Args:
            work: A unit of work of a store that `open_store` or `concurrent` returned.
            on_hand: How much there is from now on; other stocks keep what they have.
        """
        raise NotImplementedError(
            "say how the host stores its stock, by defining set_on_hand(self, work, on_hand)"
        )

    def close_storage(self, storage: Storage) -> None:
        """Put a storage away; nothing is done unless a subclass defines it."""

    def concurrent(
        self,
        storage: Storage,  # noqa: ARG002
        tenant: str,  # noqa: ARG002
        customers: Sequence[Customer],  # noqa: ARG002
        rules: ReservationRules,  # noqa: ARG002
    ) -> ReservationStore:
        """Return a store for use at the same time as others on this storage.

        Defining this method opts into the rules about transactions that run at once. It is
        called in the thread that uses the store; under the profile "deep" in other processes,
        too.

        Args:
            storage: What `make_storage` returned.
            tenant: The tenant.
            customers: The customers that `open_store` was given before; they do not change.
            rules: The rules that `open_store` was given before.
        """
        pytest.skip("to opt in, define concurrent(self, storage, tenant, customers, rules)")

    def faults(
        self,
        storage: Storage,  # noqa: ARG002
        tenant: str,  # noqa: ARG002
        customers: Sequence[Customer],  # noqa: ARG002
        rules: ReservationRules,  # noqa: ARG002
        may_fail: MayFail,  # noqa: ARG002
    ) -> ReservationStore:
        """Return a store that asks before each step whether this step shall fail.

        Defining this method opts into the rules about what fails underneath the adapter.

        Args:
            storage: What `make_storage` returned.
            tenant: The tenant.
            customers: The customers that `open_store` was given before; they do not change.
            rules: The rules that `open_store` was given before.
            may_fail: To be called before each use of the storage (connecting, savepoints and
                the rollback are uses, too), and after a commit, with what is done in words,
                and the error with which the storage would fail there.
                It raises the error if that shall happen now.
        """
        pytest.skip("to opt in, define faults(self, storage, tenant, customers, rules, may_fail)")

    def has_layer(self, method: str) -> bool:
        """Return whether the adapter opts into a layer, by the name of its method."""
        return getattr(type(self), method) is not getattr(ReservationRepositoryRules, method)

    @contextmanager
    def _stores(
        self, rules: ReservationRules = PIECES, customers: Sequence[Customer] = CUSTOMERS
    ) -> Iterator[OpenReservations]:
        """Make a storage, on which stores are opened by tenant."""
        storage = self.make_storage()
        try:
            yield partial(self._opened, storage, customers, rules)
        finally:
            self.close_storage(storage)

    @contextmanager
    def _store(
        self,
        on_hand: Mapping[StockKey, Quantity],
        rules: ReservationRules = PIECES,
        customers: Sequence[Customer] = CUSTOMERS,
    ) -> Iterator[ReservationStore]:
        """Open a store with the groups of the rules, for rules about several transactions.

        Args:
            on_hand: What the host has.
            rules: What it has declared.
            customers: Its customers.
        """
        with self._stores(rules, customers) as open_store:
            store = open_store(TENANTS[0])
            store.run(partial(self._stock, on_hand))
            yield store

    @contextmanager
    def _work(
        self, on_hand: Mapping[StockKey, Quantity], rules: ReservationRules = PIECES
    ) -> Iterator[ReservationWork]:
        """Begin a transaction with the groups of the rules, for rules about one transaction.

        At the end of the rule all sums must agree.

        Args:
            on_hand: What the host has.
            rules: What it has declared.
        """
        with self._store(on_hand, rules) as store, store.transaction() as work:
            yield work
            expect_sums_agree(work)

    @contextmanager
    def _two_tenants(
        self, on_hand: Mapping[StockKey, Quantity]
    ) -> Iterator[tuple[ReservationStore, ReservationStore]]:
        """Open the stores of two tenants on one storage; both have the same groups and stock."""
        with self._stores() as open_store:
            stores = (open_store(TENANTS[0]), open_store(TENANTS[1]))
            for store in stores:
                store.run(partial(self._stock, on_hand))
            yield stores

    def _opened(
        self, storage: Storage, customers: Sequence[Customer], rules: ReservationRules, tenant: str
    ) -> ReservationStore:
        return self.open_store(storage, tenant, customers, rules)

    def _stock(self, on_hand: Mapping[StockKey, Quantity], work: ReservationWork) -> None:
        open_groups(work)
        self.set_on_hand(work, on_hand)

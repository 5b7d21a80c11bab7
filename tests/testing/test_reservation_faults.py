"""The rules about storages that fail during a request: right ones keep them, wrong ones do not."""

from collections.abc import Sequence
from contextlib import suppress

import attrs
import pytest

from customer_groups.adapters.memory.contents import Contents
from customer_groups.customers import Customer
from customer_groups.errors import StorageUnavailableError
from customer_groups.reservations.memory.contents import ReservationContents
from customer_groups.reservations.repository import ReservationRules
from customer_groups.reservations.store import ReservationStore
from customer_groups.testing import MayFail
from customer_groups.testing.contracts.guarding import rules_of
from customer_groups.testing.profiles import ProfileName
from customer_groups.testing.reservations.failing import ReservationFailingRules
from testing.reservation_hooks import InMemoryRules
from testing.shelves import Shelf, ShelfRepository, ShelfStore

RULES = [*rules_of(ReservationFailingRules)]


def never(what: str, error: Exception) -> None:
    """Fail at no point."""


class Rules(InMemoryRules, ReservationFailingRules):
    """The rules, on a shelf that can fail."""

    profile: ProfileName = "quick"
    store: type[ShelfStore] = ShelfStore
    make_storage = staticmethod(Shelf)

    def opens(self, storage: Shelf, tenant: str, customers: Sequence[Customer]) -> ShelfStore:
        """Open the groups on a shelf that never fails."""
        return ShelfStore(storage, tenant, customers, never)

    def faults(
        self,
        storage: Shelf,
        tenant: str,
        customers: Sequence[Customer],
        rules: ReservationRules,
        may_fail: MayFail,
    ) -> ReservationStore:
        """Open the groups and reservations on a shelf that fails."""
        return self.with_reservations(self.store(storage, tenant, customers, may_fail), rules)


class TriesAgain(ShelfStore):
    """Does each step again that has failed, which its callers never notice."""

    def use(self, what: str) -> None:
        """Ask once more."""
        with suppress(OSError):
            self.may_fail(what, OSError("the shelf is gone"))
        super().use(what)


class SaysTooLittle(ShelfStore):
    """Says that nothing was stored where the answer to the commit was lost."""

    def commit(self, groups: ShelfRepository) -> None:
        """Raise the same, whenever something fails."""
        self.shelf.contents[self.tenant] = groups.kept
        self.use("the commit")


class SaysNothing(ShelfStore):
    """Says that all is well where the commit has failed."""

    def commit(self, groups: ShelfRepository) -> None:
        """Raise nothing."""
        try:
            super().commit(groups)
        except StorageUnavailableError:
            return


def _requests_in(contents: Contents) -> ReservationContents:
    kept = contents.others.get(ReservationContents)
    return kept if isinstance(kept, ReservationContents) else ReservationContents()


class KeepsNotes(ShelfStore):
    """Keeps the notes of requests whatever becomes of their effects."""

    def roll_back(self, groups: ShelfRepository) -> None:
        """Store the requests, and nothing else."""
        before = self.shelf.contents[self.tenant]
        noted, kept = _requests_in(groups.kept), _requests_in(before)
        others = {**before.others, ReservationContents: attrs.evolve(kept, requests=noted.requests)}
        self.shelf.contents[self.tenant] = attrs.evolve(before, others=others)
        super().roll_back(groups)


class LeaksErrors(ShelfStore):
    """Raises what its storage raises."""

    def use(self, what: str) -> None:
        """Let the error of the shelf through."""
        self.may_fail(what, OSError("the shelf is gone"))


def rules_on(store: type[ShelfStore]) -> Rules:
    """Return the rules, on a kind of store."""
    contract = Rules()
    contract.store = store
    return contract


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("store", [ShelfStore, TriesAgain])
def test_a_right_storage_keeps_the_rules(store: type[ShelfStore], rule: str) -> None:
    """Whatever fails, all of a request is stored or nothing, and it is completed once."""
    getattr(rules_on(store), rule)()


@pytest.mark.parametrize(
    ("store", "rule", "why"),
    [
        (SaysTooLittle, "test_a_fault_keeps_all_of_a_request_or_nothing", "nothing is stored;"),
        (SaysNothing, "test_a_fault_keeps_all_of_a_request_or_nothing", "all of it is stored;"),
        (LeaksErrors, "test_a_fault_keeps_all_of_a_request_or_nothing", "an error of ours"),
        (KeepsNotes, "test_a_request_that_has_failed_is_completed_once", "after a fault at"),
    ],
)
def test_a_wrong_storage_is_found_out(store: type[ShelfStore], rule: str, why: str) -> None:
    """Each bug breaks a rule, which says where the storage failed."""
    with pytest.raises(AssertionError, match=why):
        getattr(rules_on(store), rule)()


def test_a_store_that_does_not_ask_is_found_out() -> None:
    """A store that never fails proves nothing."""

    class Deaf(Rules):
        def faults(
            self,
            storage: Shelf,
            tenant: str,
            customers: Sequence[Customer],
            rules: ReservationRules,
            _: MayFail,
        ) -> ReservationStore:
            return super().faults(storage, tenant, customers, rules, never)

    with pytest.raises(AssertionError, match=r"reserve asks may_fail\(\)"):
        Deaf().test_the_storage_may_fail_in_every_request()

"""Adapters whose storage fails, and some that take it less seriously."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from itertools import islice
from typing import TypeVar

import pytest

from customer_groups.adapters.memory import (
    InMemoryGroupRepository,
    InMemoryGroupStore,
    InMemoryStorage,
    InMemoryUnitOfWork,
)
from customer_groups.adapters.memory.contents import Contents, StoredGroup
from customer_groups.codes import GroupCode
from customer_groups.customers import Customer, CustomerKey
from customer_groups.errors import (
    OutcomeUnknownError,
    RetryableConflictError,
    StorageError,
    StorageUnavailableError,
)
from customer_groups.model import CustomerGroup
from customer_groups.outcomes import Entry, OnOutcome, OutcomeCounts
from customer_groups.paging import Page
from customer_groups.query import GroupQuery, GroupSummary
from customer_groups.testing import MayFail
from customer_groups.testing.contracts.failing import FailingRules
from customer_groups.testing.contracts.guarding import rules_of
from customer_groups.testing.contracts.surviving import SurvivingRules
from customer_groups.testing.faults import Faults
from customer_groups.testing.profiles import ProfileName
from testing.shelves import Shelf, ShelfFaults, ShelfRepository, ShelfStore

T = TypeVar("T")


RULES = list(rules_of(ShelfFaults))


@pytest.mark.parametrize("profile", ["quick", "standard", "deep"])
@pytest.mark.parametrize("rule", RULES)
def test_a_right_adapter_keeps_the_rules(profile: ProfileName, rule: str) -> None:
    """However hard the kit looks, it finds no fault in a right adapter."""

    class Faults(ShelfFaults):
        pass

    Faults.profile = profile
    getattr(Faults(), rule)()


class NeverAsks(ShelfStore):
    """Its hook does nothing."""

    def __init__(
        self,
        shelf: Shelf,
        tenant: str,
        customers: Sequence[Customer],
        may_fail: MayFail,  # noqa: ARG002
    ) -> None:
        """Forget whom to ask."""
        super().__init__(shelf, tenant, customers, lambda _what, _error: None)


def broken_hook(what: str, error: Exception) -> None:
    """Fail by itself."""
    raise TypeError(f"{what}: {error} is no text")


class HasABrokenHook(ShelfStore):
    """Its hook fails whenever it is asked."""

    def __init__(
        self, shelf: Shelf, tenant: str, customers: Sequence[Customer], may_fail: MayFail
    ) -> None:
        """Pass the wrong hook on, where there is one."""
        hook = broken_hook if isinstance(may_fail, Faults) else may_fail
        super().__init__(shelf, tenant, customers, hook)


class AsksBeforeTheCommitOnly(ShelfStore):
    """Its hook forgets that answers get lost."""

    def commit(self, groups: ShelfRepository) -> None:
        """Ask nobody afterwards."""
        self.use("the commit")
        self.shelf.contents[self.tenant] = groups.kept


class CommitsEachWrite(ShelfStore):
    """Its driver is in autocommit mode."""

    class repository(ShelfRepository):  # noqa: N801  stands in for the one above
        """Puts each group on the shelf at once."""

        def _store(self, stored: StoredGroup) -> None:
            super()._store(stored)
            self.store.shelf.contents[self.store.tenant] = self.kept


class CommitsEachPart(ShelfStore):
    """It keeps the transactions of the database short."""

    class repository(ShelfRepository):  # noqa: N801
        """Adds a hundred members at a time."""

        def add_members(
            self,
            code: GroupCode,
            entries: Iterable[Entry],
            *,
            at: datetime,
            by: str | None,
            by_key: bool = False,
            on_outcome: OnOutcome | None = None,
        ) -> OutcomeCounts:
            """Put each part on the shelf."""
            values = iter(entries)
            options = {"at": at, "by": by, "by_key": by_key, "on_outcome": on_outcome}
            counts = OutcomeCounts()
            while part := list(islice(values, 100)):
                counts = super().add_members(code, part, **options)  # type: ignore[arg-type]
                if len(part) == 100:
                    self.store.shelf.contents[self.store.tenant] = self.kept
            return counts


class SwallowsTheCommit(ShelfStore):
    """It logs what fails, and goes on."""

    def commit(self, groups: ShelfRepository) -> None:
        """Commit, perhaps."""
        with suppress(StorageError):
            super().commit(groups)


class KnowsTooMuch(ShelfStore):
    """It says that nothing was stored, whatever failed."""

    def commit(self, groups: ShelfRepository) -> None:
        """Commit, and call all errors the same."""
        try:
            super().commit(groups)
        except OutcomeUnknownError as error:
            raise StorageUnavailableError(error.message) from error.__cause__


class NeverKnows(ShelfStore):
    """Whatever fails, it does not know what is stored."""

    def use(self, what: str) -> None:
        """Ask, and call all errors the same."""
        try:
            super().use(what)
        except StorageUnavailableError as error:
            raise OutcomeUnknownError(error.message) from error.__cause__


class LetsErrorsThrough(ShelfStore):
    """It forgot that beginning may fail."""

    def begin(self) -> None:
        """Begin without a net."""
        self.may_fail("beginning", OSError("the shelf is gone"))
        super().begin()


class LetsErrorsThroughWithoutWords(LetsErrorsThrough):
    """Its hook does not say what it is about to do."""

    def __init__(
        self, shelf: Shelf, tenant: str, customers: Sequence[Customer], may_fail: MayFail
    ) -> None:
        """Pass on no words."""
        super().__init__(shelf, tenant, customers, lambda _what, error: may_fail("", error))


class ForgetsTheCause(ShelfStore):
    """Its errors do not say where they come from."""

    def use(self, what: str) -> None:
        """Hide the cause."""
        try:
            super().use(what)
        except StorageUnavailableError as error:
            raise StorageUnavailableError(error.message) from None


class TellsTheValues(ShelfStore):
    """Its errors help to find the group that could not be stored."""

    class repository(ShelfRepository):  # noqa: N801
        """Quotes the name of a new group."""

        def add(self, group: CustomerGroup) -> None:
            """Say which group it was."""
            try:
                super().add(group)
            except StorageUnavailableError as error:
                said = f"{error.message}, so {group.name!r} is not stored"
                raise StorageUnavailableError(said) from error.__cause__


class FindsNothing(ShelfStore):
    """It takes what it cannot read for empty."""

    class repository(ShelfRepository):  # noqa: N801
        """Finds nothing where it cannot look."""

        def find(
            self,
            query: GroupQuery,
            *,
            limit: int,
            after: str | None = None,
            with_total: bool = False,
        ) -> Page[GroupSummary]:
            """Return an empty page instead of an error."""
            try:
                return super().find(query, limit=limit, after=after, with_total=with_total)
            except StorageError:
                return Page(())


class KeepsTheLock(ShelfStore):
    """It gives the lock back where all went well."""

    def roll_back(self, groups: ShelfRepository) -> None:
        """Leave something behind."""
        super().roll_back(groups)
        self.end = lambda: None  # type: ignore[method-assign]


class KeepsWhatFailed(ShelfStore):
    """A connection that is not rolled back goes to the next transaction."""

    left: Contents | None = None

    def begin(self) -> None:
        """Go on with what the last transaction left."""
        super().begin()
        if self.left is not None:
            self.shelf.contents[self.tenant] = self.left

    def roll_back(self, groups: ShelfRepository) -> None:
        """Leave it, where the rollback is not needed for sure."""
        self.left = groups.kept


class ForgetsTheLoss(ShelfStore):
    """It says that the transaction is lost, and begins another one unnoticed."""

    def use(self, what: str) -> None:
        """Say so."""
        try:
            super().use(what)
        except StorageUnavailableError as error:
            error.transaction_lost = True
            raise


class WritesBeforeItLooks(ShelfStore):
    """A call of two writes has no savepoint around it."""

    class repository(ShelfRepository):  # noqa: N801
        """Counts after it has stored."""

        def _store(self, stored: StoredGroup) -> None:
            super()._store(stored)
            self.store.use("counting")


class KeepsHalfOfAtomic(ShelfStore):
    """It has no savepoints."""

    class repository(ShelfRepository):  # noqa: N801
        """Keeps everything."""

        @contextmanager
        def atomic(self) -> Iterator[None]:
            """Undo nothing."""
            yield


class HidesTheError(ShelfStore):
    """What fails last is what the caller hears."""

    def roll_back(self, groups: ShelfRepository) -> None:  # noqa: ARG002
        """Raise what the rollback raises."""
        self.use("the rollback")


class NeverTriesAgain(ShelfStore):
    """Its `run` runs once."""

    def run(self, operation: Callable[[InMemoryUnitOfWork], T]) -> T:
        """Try once."""
        with self.transaction() as work:
            return operation(work)


class DoesItTwice(ShelfStore):
    """It takes a lost answer for a conflict."""

    def commit(self, groups: ShelfRepository) -> None:
        """Commit, and let it be done again."""
        try:
            super().commit(groups)
        except OutcomeUnknownError as error:
            raise RetryableConflictError(error.message) from error.__cause__


class GivesNumbersOut(ShelfStore):
    """It does not mind if a number cannot be stored."""

    class repository(ShelfRepository):  # noqa: N801
        """Gives out the next number first."""

        def next_number(self, series: str) -> int:
            """Return a number, and store it if that is possible."""
            before = self.kept.numbers.get(series, 0)
            with suppress(StorageError):
                return super().next_number(series)
            return before + 1


class RekeysGroupByGroup(ShelfStore):
    """It gives customers of one group after the other their keys."""

    class repository(ShelfRepository):  # noqa: N801
        """Stores each group by itself."""

        def rekey_customers(
            self,
            mapping: Mapping[CustomerKey, CustomerKey | None],
            *,
            at: datetime,
            by: str | None,
        ) -> int:
            """Store the half."""
            changed = InMemoryGroupRepository.rekey_customers(self, mapping, at=at, by=by)
            self.store.use("writing the rest")
            return changed


class CountsInAdvance(ShelfStore):
    """Counters have a transaction of their own."""

    def commit(self, groups: ShelfRepository) -> None:
        """Store the counters first."""
        if groups.kept is not self.shelf.contents.get(self.tenant):
            for code, stored in groups.kept.groups.items():
                self.shelf.counters[self.tenant, code] = len(stored.members)
        super().commit(groups)


BROKEN: Collection[tuple[str, type[ShelfStore]]] = [
    ("test_the_storage_may_fail_in_every_change", NeverAsks),
    ("test_the_storage_may_fail_in_every_change", HasABrokenHook),
    ("test_the_storage_may_fail_after_a_commit", AsksBeforeTheCommitOnly),
    ("test_a_fault_keeps_all_of_a_transaction_or_nothing", CommitsEachWrite),
    ("test_a_fault_keeps_all_of_a_long_list_or_nothing", CommitsEachPart),
    ("test_where_no_error_is_raised_all_is_stored", SwallowsTheCommit),
    ("test_where_an_error_is_raised_nothing_is_stored", KnowsTooMuch),
    ("test_before_the_commit_the_outcome_is_known", NeverKnows),
    ("test_errors_of_the_storage_are_storage_errors", LetsErrorsThrough),
    ("test_errors_of_the_storage_are_storage_errors", LetsErrorsThroughWithoutWords),
    ("test_errors_of_the_storage_are_storage_errors", ForgetsTheCause),
    ("test_errors_of_the_storage_tell_no_values", TellsTheValues),
    ("test_a_read_that_fails_says_so", FindsNothing),
    ("test_a_store_works_again_after_a_fault", KeepsTheLock),
    ("test_nothing_is_left_for_the_next_transaction", KeepsWhatFailed),
    ("test_a_lost_transaction_stays_lost", ForgetsTheLoss),
    ("test_a_call_that_failed_costs_no_other_call", WritesBeforeItLooks),
    ("test_a_call_that_failed_costs_no_other_call", RekeysGroupByGroup),
    ("test_a_fault_inside_atomic_undoes_all_of_it", KeepsHalfOfAtomic),
    ("test_an_exception_passes_on_where_the_rollback_fails", HidesTheError),
    ("test_a_fault_leaves_the_counts_right", CountsInAdvance),
    ("test_run_repeats_after_a_conflict_and_stores_once", NeverTriesAgain),
    ("test_run_repeats_after_a_conflict_and_stores_once", DoesItTwice),
    ("test_a_number_that_was_kept_is_not_drawn_again", GivesNumbersOut),
]


@pytest.mark.parametrize(("rule", "broken"), BROKEN)
def test_the_rule_finds_the_fault(rule: str, broken: type[ShelfStore]) -> None:
    """Each of them is found by the rule that is about it."""

    class Faults(ShelfFaults):
        store = broken

    with pytest.raises(AssertionError, match="expected"):
        getattr(Faults(), rule)()


def test_each_rule_has_a_broken_adapter() -> None:
    """No rule goes without proof that it can fail."""
    assert {rule for rule, _ in BROKEN} == set(RULES)


@pytest.mark.parametrize("rule", RULES)
def test_who_has_no_fault_points_skips_the_rules(rule: str) -> None:
    """The layer is left out where its method is not defined; memory never fails."""

    class Memory(SurvivingRules, FailingRules):
        make_storage = staticmethod(InMemoryStorage)
        open_store = staticmethod(InMemoryGroupStore)

    with pytest.raises(pytest.skip.Exception, match="define faults"):
        getattr(Memory(), rule)()


def test_the_message_says_what_is_stored() -> None:
    """All, nothing, or what is neither; and which point failed."""

    class Faults(ShelfFaults):
        store = CommitsEachWrite

    with pytest.raises(AssertionError) as caught:
        Faults().test_a_fault_keeps_all_of_a_transaction_or_nothing()
    message = str(caught.value)
    assert "the storage fails at point" in message
    assert "stored now: neither all nor nothing" in message
    assert "now: north: GroupSummary(" in message
    assert "North" not in message

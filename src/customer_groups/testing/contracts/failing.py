"""The rules about a storage that fails: what is stored then, and what the caller is told."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import attrs

from customer_groups.customers import Customer
from customer_groups.errors import OutcomeUnknownError, StorageError
from customer_groups.repository import GroupStore
from customer_groups.testing.comparison import Everything, answer_of
from customer_groups.testing.contracts.base import RepositoryRules
from customer_groups.testing.contracts.expectations import expect_that
from customer_groups.testing.contracts.jobs import (
    ADDING,
    CROWD,
    CROWDED,
    FILLING,
    JOINING,
    LONG,
    READING,
    REKEYING,
    REMOVING,
    SEVERAL,
    SINGLE,
    TALE,
    TELLING,
)
from customer_groups.testing.contracts.values import CUSTOMERS
from customer_groups.testing.counting import drifted
from customer_groups.testing.driver import TENANTS
from customer_groups.testing.faults import Bench, Faults, Job
from customer_groups.testing.model import GroupModel
from customer_groups.testing.profiles import PROFILES

__all__ = ["BenchRules", "FailingRules"]


class BenchRules(RepositoryRules):
    """Rules that are tried while the storage fails."""

    @contextmanager
    def _bench(
        self, customers: Sequence[Customer] = CUSTOMERS, filling: Job = FILLING
    ) -> Iterator[Bench]:
        """Make a storage that holds something, and a store on it that fails."""
        storage = self.make_storage()
        faults = Faults()
        try:
            bench = Bench(
                storage=storage,
                watching={
                    tenant: self.open_store(storage, tenant, customers) for tenant in TENANTS
                },
                failing=self.faults(storage, TENANTS[0], customers, faults),
                faults=faults,
                models={tenant: GroupModel(customers) for tenant in TENANTS},
                filling=filling,
                most=PROFILES[self.profile].fault_points,
            )
            bench.fill()
            yield bench
        finally:
            self.close_storage(storage)


class FailingRules(BenchRules):
    """Faults of the storage. They are chosen by how often ``may_fail`` was asked before."""

    def test_the_storage_may_fail_in_every_change(self) -> None:
        """Rule: `faults` asks ``may_fail`` before each use of the storage.

        Usual cause: the hook returns a store that does not ask; then nothing can be tested.

        Fix: ask where your adapter calls its storage: before each statement, request or
        write, and before the commit.
        """
        with self._bench() as bench:
            for job in SINGLE:
                expect_that(f"{job.name} asks may_fail()", bench.points_of(job))

    def test_the_storage_may_fail_after_a_commit(self) -> None:
        """Rule: `faults` asks ``may_fail`` after a commit, too.

        Usual cause: it asks before the commit only; but the answer to a commit can be lost
        as well.

        Fix: ask once more when the storage has committed, before the adapter is told so.
        """
        with self._bench() as bench:
            kept = [trial for trial in bench.trials([ADDING]) if trial.now == trial.after]
        expect_that("at some point the storage fails when the change is stored already", kept)

    def test_a_fault_keeps_all_of_a_transaction_or_nothing(self) -> None:
        """Rule: wherever the storage fails, all of a transaction is stored, or nothing of it.

        Usual cause: statements that commit by themselves, several writes without a
        transaction around them, a commit after an error.

        Fix: make all changes in one transaction of the storage, and commit once, at its end.
        """
        with self._bench() as bench:
            for trial in bench.trials(SINGLE):
                trial.demand_whole()
            for trial in bench.trials([SEVERAL], stays=True):
                trial.demand_whole()

    def test_a_fault_keeps_all_of_a_long_list_or_nothing(self) -> None:
        """Rule: wherever the storage fails in a long list, the whole list is stored, or nothing.

        Usual cause: a commit after each part of the list.

        Fix: store all parts in the transaction that the caller has begun.
        """
        with self._bench(CROWD, CROWDED) as bench:
            for trial in bench.trials(LONG):
                trial.demand_whole()

    def test_where_no_error_is_raised_all_is_stored(self) -> None:
        """Rule: a transaction that ends without an error is stored, whatever failed meanwhile.

        Usual cause: an error of a write or of the commit is caught and forgotten.

        Fix: let every error of the storage end the transaction, unless you repeat what failed.
        """
        with self._bench() as bench:
            for trial in bench.trials([SEVERAL]):
                if trial.raised is None:
                    trial.demand("all is stored, since nothing was raised", trial.is_done)

    def test_where_an_error_is_raised_nothing_is_stored(self) -> None:
        """Rule: after an error nothing is stored, unless it is an `OutcomeUnknownError`.

        Usual cause: the answer to a commit is lost, and the error says that the storage was
        not available; who then repeats the work does it twice.

        Fix: raise `OutcomeUnknownError` for what fails during and after the commit.
        """
        with self._bench() as bench:
            for trial in bench.trials([ADDING, JOINING]):
                if trial.raised is not None and not isinstance(trial.raised, OutcomeUnknownError):
                    claim = "nothing is stored, or the error is an OutcomeUnknownError"
                    trial.demand(claim, trial.now == trial.before)

    def test_before_the_commit_the_outcome_is_known(self) -> None:
        """Rule: what fails before the end of a transaction's block is no `OutcomeUnknownError`.

        Usual cause: whatever fails in the storage is reported as an unknown outcome; then
        nobody knows that it is safe to do it again.

        Fix: raise `OutcomeUnknownError` for what fails during and after the commit only.
        """
        with self._bench() as bench:
            for trial in bench.trials([READING[0], ADDING, JOINING], _is_unknown_too_early):
                trial.demand("the outcome is known: nothing is stored", trial.answer is not True)

    def test_errors_of_the_storage_are_storage_errors(self) -> None:
        """Rule: what fails in the storage is a `StorageError`, with the original as its cause.

        Usual cause: an exception of the driver passes through, often that of connecting, of
        the commit or of the rollback; or ``raise ... from None``.

        Fix: ``raise StorageUnavailableError(...) from error``, around each use of the storage.
        """
        with self._bench() as bench:
            for trial in bench.trials(SINGLE):
                if trial.raised is not None:
                    is_ours = isinstance(trial.raised, StorageError)
                    trial.demand("the error is a StorageError", is_ours)
                    trial.demand("the error has a __cause__", trial.raised.__cause__)

    def test_errors_of_the_storage_tell_no_values(self) -> None:
        """Rule: a `StorageError` says nothing of a value that was stored or searched.

        Usual cause: its message is the text of the driver's error, with the statement and its
        values, which then stand in every log.

        Fix: write a message of your own; who needs more looks at the ``__cause__``.
        """
        with self._bench() as bench:
            for trial in bench.trials([TELLING]):
                said = f"{trial.raised} {trial.raised!r}"
                trial.demand(f"{TALE!r} does not stand in {said}", TALE not in said.casefold())

    def test_a_read_that_fails_says_so(self) -> None:
        """Rule: what is read while the storage fails is the right answer, or an error.

        Usual cause: an error ends a page early, or stands for "nothing found".

        Fix: raise a `StorageError` where the storage fails, and never return what is left.
        """
        with self._bench() as bench:
            for job in READING:
                right = job(bench.models[TENANTS[0]])
                for trial in bench.trials([job]):
                    is_right = isinstance(trial.raised, StorageError) or trial.answer == right
                    trial.demand(f"an error, or {right}", is_right)

    def test_a_store_works_again_after_a_fault(self) -> None:
        """Rule: once the storage works again, a store does, too: it reads and writes.

        Usual cause: a broken connection is kept, a lock or a file is left behind, a flag
        stays set.

        Fix: give up in ``finally`` what a transaction has taken, and open again what broke.
        """
        with self._bench() as bench:
            for trial in bench.trials([ADDING, JOINING]):
                again = answer_of(_read_and_write, bench.failing)
                claim = f"the next transaction of this store works; its answer was {again!r}"
                trial.demand(claim, not isinstance(again, Exception))

    def test_nothing_is_left_for_the_next_transaction(self) -> None:
        """Rule: what was not stored when a transaction failed is not stored later, either.

        Usual cause: the transaction of a connection stays open after an error, and the next
        one commits it; or what was to be written is kept in the store.

        Fix: roll back after every error; where that fails, close the connection.
        """
        with self._bench() as bench:
            for trial in bench.trials([JOINING, REKEYING]):
                answer_of(_read_and_write, bench.failing)
                later = attrs.evolve(trial, now=bench.stored())
                claim = "after another transaction of this store, the same is stored as before it"
                later.demand(claim, later.now == trial.now)

    def test_a_fault_leaves_the_counts_right(self) -> None:
        """Rule: wherever the storage fails, counters and memberships agree, as `audit` tells.

        Usual cause: a membership and its counter, or a group and its memberships, are stored
        by two transactions.

        Fix: store them in one.
        """
        with self._bench() as bench:
            for trial in bench.trials([JOINING, REKEYING, REMOVING]):
                wrong = drifted(self.audit(bench.storage))
                trial.demand(f"counters are right; they are not in {wrong}", not wrong)


def _read_and_write(store: GroupStore) -> object:
    return store.run(lambda work: (Everything()(work.groups), work.groups.next_number("faults")))


def _is_unknown_too_early(store: GroupStore, job: Job) -> bool:
    """Do a job; return whether the outcome is said to be unknown before the commit begins."""
    is_working = True
    try:
        with store.transaction() as work:
            job(work.groups)
            is_working = False
    except OutcomeUnknownError:
        return is_working
    return False

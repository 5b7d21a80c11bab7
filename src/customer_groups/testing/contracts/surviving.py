"""The rules about faults of the storage that do not end the work: they are caught, or repeated."""

from collections.abc import Iterable

import attrs

from customer_groups.errors import RetryableConflictError, StorageError
from customer_groups.paging import MAX_PAGE
from customer_groups.query import GroupQuery
from customer_groups.repository import GroupRepository, GroupStore
from customer_groups.testing.comparison import Interrupted, Operation, answer_of, call
from customer_groups.testing.contracts.failing import BenchRules
from customer_groups.testing.contracts.jobs import ADDING, JOINING, REKEYING, RENAMING, SEVERAL
from customer_groups.testing.contracts.values import group
from customer_groups.testing.driver import TENANTS
from customer_groups.testing.faults import Job

__all__ = ["SurvivingRules"]

DRAWING = Job("drawing a number", (call("next_number", "numbers"),))
PROBES = (call("find", GroupQuery(), limit=MAX_PAGE), call("add", group("D")))


class SurvivingRules(BenchRules):
    """What goes on after a fault: the unit of work, `atomic`, `run`, the series of numbers."""

    def test_a_lost_transaction_stays_lost(self) -> None:
        """Rule: after an error that says ``transaction_lost``, every further call raises it.

        Usual cause: the storage begins a new transaction by itself, and the calls that
        follow are stored without those before.

        Fix: remember the error in the unit of work, and raise it again in every method.
        """
        probed: list[object] = []

        def attempt(store: GroupStore, job: Job) -> None:
            probed.clear()
            with store.transaction() as work:
                for each in job.calls:
                    if _is_lost(answer_of(each, work.groups)):
                        probed.extend(answer_of(probe, work.groups) for probe in PROBES)

        with self._bench() as bench:
            for trial in bench.trials([JOINING, REKEYING], attempt):
                is_lost = all(map(_is_lost, probed))
                trial.demand(f"all further calls raise the same error; came: {probed}", is_lost)

    def test_a_call_that_failed_costs_no_other_call(self) -> None:
        """Rule: a call that failed has changed nothing; if the others commit, they commit whole.

        Usual cause: a call of several writes is not undone where the second one fails; or a
        transaction that is lost ends as if it were stored.

        Fix: put a savepoint around such a call; let the end of a lost transaction raise.
        """
        succeeded: list[Operation] = []

        def attempt(store: GroupStore, job: Job) -> None:
            succeeded.clear()
            with store.transaction() as work:
                succeeded.extend(_successes(work.groups, job.calls))

        with self._bench() as bench:
            for trial in bench.trials([SEVERAL], attempt):
                whole = attrs.evolve(trial, after=bench.stored_after(succeeded))
                whole.demand_outcome("exactly what those calls did that succeeded")

    def test_a_fault_inside_atomic_undoes_all_of_it(self) -> None:
        """Rule: where the storage fails inside `atomic`, all of it is undone, and nothing else.

        Usual cause: the savepoint is not rolled back; or it could not be, and the transaction
        is stored all the same.

        Fix: roll back to the savepoint on every exception; where that fails, the transaction
        is lost.
        """
        before, inside, behind = ADDING.calls, (*JOINING.calls, *REKEYING.calls), RENAMING.calls
        job = Job("changes before, inside and behind atomic()", (*before, *inside, *behind))
        succeeded: list[Operation] = []

        def attempt(store: GroupStore, _job: Job) -> None:
            succeeded.clear()
            with store.transaction() as work:
                succeeded.extend(_successes(work.groups, before))
                if answer_of(lambda groups: _do_atomically(groups, inside), work.groups) is None:
                    succeeded.extend(inside)
                succeeded.extend(_successes(work.groups, behind))

        with self._bench() as bench:
            for trial in bench.trials([job], attempt):
                whole = attrs.evolve(trial, after=bench.stored_after(succeeded))
                whole.demand_outcome("what succeeded, of atomic() all or nothing")

    def test_an_exception_passes_on_where_the_rollback_fails(self) -> None:
        """Rule: the exception that leaves a transaction passes on, even if the rollback fails.

        Usual cause: the error of the rollback is raised in its place, and hides it.

        Fix: catch what the rollback raises, and close the connection.
        """
        left: list[Exception] = []

        def attempt(store: GroupStore, job: Job) -> None:
            left.clear()
            with store.transaction() as work:
                job(work.groups)
                left.append(Interrupted("on purpose"))
                raise left[0]

        with self._bench() as bench:
            for stays in (False, True):
                for trial in bench.trials([ADDING, JOINING], attempt, stays=stays):
                    trial.demand("nothing is stored", trial.now == trial.before)
                    is_there = not left or trial.raised is left[0]
                    trial.demand("the exception of the caller arrives", is_there)

    def test_run_repeats_after_a_conflict_and_stores_once(self) -> None:
        """Rule: `run` does not give up after one conflict, and what it does is stored once.

        Usual cause: conflicts of the commit are not repeated; or a commit whose answer was
        lost counts as a conflict, and is done again.

        Fix: repeat all of the transaction after `RetryableConflictError`, and raise that
        only where nothing is stored.
        """
        with self._bench() as bench:
            for trial in bench.trials([RENAMING, JOINING], _run):
                is_conflict = isinstance(trial.raised, RetryableConflictError)
                trial.demand("run() tries again after one conflict", not is_conflict)
                trial.demand_outcome("the whole job, done once")

    def test_a_number_that_was_kept_is_not_drawn_again(self) -> None:
        """Rule: wherever the storage fails, no number of a committed transaction comes back.

        Usual cause: the number is given out before its increment is stored.

        Fix: increment the stored number in the transaction that draws it.
        """
        kept: list[object] = []
        with self._bench() as bench:
            for trial in bench.trials([DRAWING], _run):
                drawn = [trial.answer, _run(bench.watching[TENANTS[0]], DRAWING)]
                kept += [
                    number for answer in drawn if isinstance(answer, list) for number in answer
                ]
                trial.demand(f"all numbers differ: {kept}", len(set(kept)) == len(kept))


def _is_lost(answer: object) -> bool:
    return isinstance(answer, StorageError) and answer.transaction_lost


def _successes(groups: GroupRepository, calls: Iterable[Operation]) -> list[Operation]:
    """Make calls, catch what they raise, and return those that raised nothing."""
    return [each for each in calls if not isinstance(answer_of(each, groups), Exception)]


def _do_atomically(groups: GroupRepository, calls: Iterable[Operation]) -> None:
    with groups.atomic():
        for each in calls:
            each(groups)


def _run(store: GroupStore, job: Job) -> object:
    return store.run(lambda work: job(work.groups))

"""The rules about a storage that fails during a request, which may be made again then."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from random import Random

import attrs

from customer_groups.errors import OutcomeUnknownError, StorageError
from customer_groups.reservations.repository import ReservationRules
from customer_groups.reservations.store import ReservationStore
from customer_groups.testing.comparison import answer_of, call, demand_same, is_same_answer
from customer_groups.testing.contracts.expectations import expect_that
from customer_groups.testing.driver import TENANTS
from customer_groups.testing.faults import Faults, spread
from customer_groups.testing.profiles import PROFILES
from customer_groups.testing.reservations.base import ReservationRepositoryRules
from customer_groups.testing.reservations.drawing import CUSTOMERS
from customer_groups.testing.reservations.failing_jobs import JOBS
from customer_groups.testing.reservations.functions import (
    Functions,
    Operation,
    SetOnHand,
    Together,
)
from customer_groups.testing.reservations.model import ReservationModel
from customer_groups.testing.reservations.scenes import Scene
from customer_groups.testing.sources import cut

__all__ = ["ReservationFailingRules"]

_RULES = ReservationRules()
_SHARE_OF_POINTS = 40
_LOOK = call("draws", "nobody")


@attrs.frozen
class _Trial:
    """A request during which the storage has failed, or should have.

    Attributes:
        asked: The request.
        point: Where the storage failed, in words; None where it was not asked so often.
        answer: What the request returned or raised.
        right: What it should return where nothing fails.
        look: Shows what is stored.
        before: What was stored before.
        after: What is stored once it is done.
        now: What is stored now.
    """

    asked: Operation
    point: str | None
    answer: object
    right: object
    look: Operation
    before: object
    after: object
    now: object

    def demand(self, claim: str, holds: object) -> None:
        """Refuse an adapter of which a claim does not hold.

        Raises:
            AssertionError: it does not.
        """
        __tracebackhide__ = True
        states = {"nothing of it": self.before, "all of it": self.after}
        stored = next((said for said, state in states.items() if state == self.now), "a part of it")
        expect_that(
            f"{claim}; {self.asked!r} where the storage fails at {self.point}:"
            f" the caller got {cut(repr(self.answer))}, and stored is {stored}",
            holds,
        )


@attrs.frozen(eq=False)
class _Bench:
    """A storage on which requests are tried while it fails.

    Attributes:
        faults: Makes the storage fail underneath ``failing``.
        failing: The store that fails.
        watching: A store on the same storage that never does.
        host: Stores what the host has.
        numbers: Numbers the trials: each of them has a scene of its own.
    """

    faults: Faults
    failing: ReservationStore
    watching: ReservationStore
    host: SetOnHand
    numbers: Iterator[int]

    def points_of(self, job: str) -> int:
        """Return at how many points a request could fail."""
        self._try(job, 0)
        return self.faults.points

    def trials(self, most: int) -> Iterator[_Trial]:
        """Yield what becomes of requests that fail at one point after the other.

        Args:
            most: At about how many points each of them fails.
        """
        for job in JOBS:
            for number in spread(self.points_of(job), most):
                yield self._try(job, number)

    def run(self, operation: Operation) -> object:
        """Run an operation in the store that never fails."""
        return self.watching.run(lambda work: operation(Functions(work, self.host)))

    def _try(self, job: str, point: int) -> _Trial:
        """Make a request that fails at this point; 0 for none."""
        scene = Scene(next(self.numbers), Random(0))  # noqa: S311 - nothing is drawn
        before, request = JOBS[job](scene)
        asked: Operation = request
        filling, look = Together((*scene.opening(9), *before)), scene.look([*before, asked])
        model = ReservationModel.of(CUSTOMERS, _RULES)
        filling(model)
        self.run(filling)
        self._ask_alone(_LOOK)  # what only a first transaction does, is done then
        self.faults.begin(point)
        answer = answer_of(self._ask_alone, asked)
        self.faults.end()
        before_it = look(model)
        return _Trial(
            asked,
            point=self.faults.failed_at,
            answer=answer,
            right=asked(model),
            look=look,
            before=before_it,
            after=look(model),
            now=self.run(look),
        )

    def _ask_alone(self, operation: Operation) -> object:
        with self.failing.transaction() as work:
            return operation(Functions(work, self.host))

    def ask_again(self, asked: Operation) -> object:
        """Make a request in the store that has failed, and works again."""
        return self.failing.run(lambda work: asked(Functions(work, self.host)))


class ReservationFailingRules(ReservationRepositoryRules):
    """Faults of the storage. They are chosen by how often ``may_fail`` was asked before."""

    @contextmanager
    def _bench(self) -> Iterator[_Bench]:
        storage, faults = self.make_storage(), Faults()
        tenant = TENANTS[0]
        try:
            yield _Bench(
                watching=self.open_store(storage, tenant, CUSTOMERS, _RULES),
                failing=self.faults(storage, tenant, CUSTOMERS, _RULES, faults),
                faults=faults,
                host=self.set_on_hand,
                numbers=count(),
            )
        finally:
            self.close_storage(storage)

    def _trials(self, bench: _Bench) -> Iterator[_Trial]:
        points = PROFILES[self.profile].fault_points
        return bench.trials(max(1, points // _SHARE_OF_POINTS))

    def test_the_storage_may_fail_in_every_request(self) -> None:
        """Rule: `faults` asks ``may_fail`` before each use of the storage.

        Usual cause: the hook returns a store that does not ask; then nothing can be tested.

        Fix: ask where your adapter calls its storage: before each statement, request or
        write, and before and after the commit.
        """
        with self._bench() as bench:
            for job in JOBS:
                expect_that(f"{job} asks may_fail()", bench.points_of(job))

    def test_a_fault_keeps_all_of_a_request_or_nothing(self) -> None:
        """Rule: wherever the storage fails, all of a request is stored or nothing, as is said.

        Usual cause: the request is noted, or the ledger written, in a transaction of its own.

        Fix: make all changes of a request in the transaction of the unit of work. Raise an
        `OutcomeUnknownError` where they may be stored, else another `StorageError`.
        """
        with self._bench() as bench:
            for trial in self._trials(bench):
                answer, now = trial.answer, trial.now
                trial.demand("all of it is stored, or nothing", now in (trial.before, trial.after))
                if isinstance(answer, Exception):
                    is_known = not isinstance(answer, OutcomeUnknownError)
                    trial.demand("an error of ours is raised", isinstance(answer, StorageError))
                    trial.demand("nothing is stored", now == trial.before or not is_known)
                else:
                    trial.demand("all of it is stored", now == trial.after)
                    trial.demand("the answer is right", is_same_answer(trial.right, answer))
                bench.ask_again(trial.asked)  # the next trial must not find what is due in this one

    def test_a_request_that_has_failed_is_completed_once(self) -> None:
        """Rule: the same request again is done once in all, though the first may have been stored.

        Usual cause: its answer is stored by another transaction than its effect; or a commit
        whose answer was lost is taken for one that failed.

        Fix: store the request, its effect and its answer in one transaction.
        """
        with self._bench() as bench:
            for trial in self._trials(bench):
                where = f"after a fault at {trial.point}"
                for _ in ("again", "a third time"):
                    answer = answer_of(bench.ask_again, trial.asked)
                    demand_same(trial.right, answer, where, trial.asked)
                demand_same(trial.after, bench.run(trial.look), where, trial.look)

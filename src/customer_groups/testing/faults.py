"""Transactions in which the storage fails, at one point after the other."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

import attrs

from customer_groups.errors import OutcomeUnknownError
from customer_groups.paging import MAX_PAGE
from customer_groups.query import GroupQuery
from customer_groups.repository import GroupRepository, GroupStore
from customer_groups.testing.comparison import Everything, Interrupted, Operation, answer_of
from customer_groups.testing.driver import TENANTS
from customer_groups.testing.layers import Storage
from customer_groups.testing.model import GroupModel
from customer_groups.testing.sources import cut, source_of

__all__ = ["Attempt", "Bench", "Faults", "Job", "Stored", "Trial", "in_one_transaction", "spread"]

Stored = tuple[tuple[str, object], ...]
"""What is stored: groups as lists show them, and memberships, each with its tenant."""

LAST_POINTS = 3  # the commit, and what comes behind it


@attrs.define(eq=False)
class Faults:
    """Says at which point the storage fails: what an adapter asks by `MayFail`.

    Attributes:
        points: How often it was asked since `begin`.
        failed_at: What the adapter was about to do when the storage failed first; None as
            long as it has not.
    """

    points: int = 0
    failed_at: str | None = None
    _first: int = 0
    _stays: bool = False

    def begin(self, first: int = 0, *, stays: bool = False) -> None:
        """Begin to count.

        Args:
            first: The point at which the storage fails, counted from 1; 0 for none.
            stays: Whether it fails at all later points, too, until `end`.
        """
        self.points, self.failed_at = 0, None
        self._first, self._stays = first, stays

    def end(self) -> None:
        """From now on nothing fails."""
        self._first = 0

    def __call__(self, what: str, error: Exception) -> None:
        """Raise the error if the storage fails now."""
        self.points += 1
        if self.points == self._first or (self._stays and 0 < self._first < self.points):
            self.failed_at = what if self.failed_at is None else self.failed_at
            raise error


@attrs.frozen
class Job:
    """Calls that belong together.

    Attributes:
        name: What they do, in words.
        calls: The calls, for repositories and the model.
    """

    name: str
    calls: Sequence[Operation]

    def __call__(self, groups: GroupRepository | GroupModel) -> list[object]:
        """Make the calls, and return their answers."""
        return [call(groups) for call in self.calls]


Attempt = Callable[[GroupStore, Job], object]
"""Does a job in a store."""


def in_one_transaction(store: GroupStore, job: Job) -> object:
    """Do a job in a transaction of its own."""
    with store.transaction() as work:
        return job(work.groups)


@attrs.frozen
class Trial:
    """What became of a job while the storage failed.

    Attributes:
        job: What was tried, in words.
        point: The fault, in words.
        answer: What the attempt returned or raised.
        before: What was stored before.
        after: What is stored once all of the job is.
        now: What is stored; an error where somebody else could not read it.
    """

    job: str
    point: str
    answer: object
    before: Stored
    after: Stored
    now: Stored

    @property
    def raised(self) -> Exception | None:
        """What the attempt raised."""
        return self.answer if isinstance(self.answer, Exception) else None

    @property
    def is_done(self) -> bool:
        """Whether all of the job is stored."""
        return self.now == self.after

    def demand_whole(self) -> None:
        """Refuse an adapter that has stored a part of the job."""
        __tracebackhide__ = True
        self.demand("all of it is stored, or nothing", self.now in {self.before, self.after})

    def demand_outcome(self, whole: str) -> None:
        """Refuse an adapter that has stored something else than the caller was told.

        Args:
            whole: What should be stored if no error was raised, in words.
        """
        __tracebackhide__ = True
        if self.raised is None:
            self.demand(f"stored is {whole}", self.is_done)
        elif isinstance(self.raised, OutcomeUnknownError):
            self.demand_whole()
        else:
            self.demand("nothing is stored, since that was raised", self.now == self.before)

    def demand(self, claim: str, holds: object) -> None:
        """Refuse an adapter of which a claim does not hold.

        Raises:
            AssertionError: it does not; the error says what was tried, and what is stored.
        """
        __tracebackhide__ = True
        if holds:
            return
        raise AssertionError(
            f"{self.job}; the storage fails at {self.point}\n"
            f"  expected: {claim}\n"
            f"  the caller got: {cut(repr(self.answer))}\n"
            f"  stored now: {self._shown()}"
        ) from self.raised

    def _shown(self) -> str:
        """Return what is stored, in words if they are enough."""
        if self.is_done:
            return "all of it"
        if self.now == self.before:
            return "nothing of it"
        states = {"before": self.before, "if all were": self.after, "now": self.now}
        same = set.intersection(*map(set, states.values()))
        lines = [
            f"    {when}: {tenant}: {source_of(value)}"
            for when, state in states.items()
            for tenant, value in state
            if (tenant, value) not in same
        ]
        return "\n".join(["neither all nor nothing:", *map(cut, lines)])


@attrs.frozen(eq=False)
class Bench:
    """A storage on which jobs are tried while it fails, by one of two tenants.

    Attributes:
        storage: The storage.
        faults: Makes the storage fail underneath ``failing``.
        failing: The store of the first tenant in which jobs are done.
        watching: Stores of both tenants, on the same storage, which never fails for them.
        models: What both tenants have stored between the trials.
        filling: The job that stores this.
        most: At about how many points of a call the storage fails; others are left out.
    """

    storage: Storage
    faults: Faults
    failing: GroupStore
    watching: Mapping[str, GroupStore]
    models: Mapping[str, GroupModel]
    filling: Job
    most: int

    def fill(self) -> None:
        """Store what the jobs work on."""
        for tenant in TENANTS:
            in_one_transaction(self.watching[tenant], self.filling)
            self.filling(self.models[tenant])

    def points_of(self, job: Job, attempt: Attempt = in_one_transaction) -> int:
        """Do a job without any fault, undo it, and return at how many points it could fail.

        Raises:
            AssertionError: it fails, though the storage does not.
        """
        self._settle()
        self.faults.begin()
        answer = answer_of(lambda store: attempt(store, job), self.failing)
        if isinstance(answer, Exception) and not isinstance(answer, Interrupted):
            raise AssertionError(  # noqa: TRY004 - the adapter's fault, not that of a type
                f"{job.name}, in the store that `faults` returns\n"
                "  expected: it works as long as may_fail() raises nothing\n"
                f"  the caller got: {answer!r}"
            ) from answer
        points = self.faults.points
        self._restore(self.stored(), self.stored_after(()))
        return points

    def trials(
        self, jobs: Sequence[Job], attempt: Attempt = in_one_transaction, *, stays: bool = False
    ) -> Iterator[Trial]:
        """Yield what becomes of jobs that fail at one point after the other.

        Between two trials the storage works again, and holds what it held at first.

        Args:
            jobs: The jobs.
            attempt: Does a job.
            stays: Whether the storage stays away from the point on where it fails first.
        """
        for job in jobs:
            total = self.points_of(job, attempt)
            before, after = self.stored_after(()), self.stored_after(job.calls)
            for number in spread(total, self.most * len(job.calls)):
                answer = self._try(job, attempt, number, stays=stays)
                now = self.stored()
                if self.faults.failed_at is not None:
                    later = ", and at every later one" if stays else ""
                    point = f"point {number} of {total} ({self.faults.failed_at}){later}"
                    yield Trial(job.name, point, answer, before, after, now)
                self._restore(now, before)

    def stored(self) -> Stored:
        """Return what is stored, as the stores that never fail see it."""
        answers = {
            tenant: answer_of(lambda store: store.run(lambda work: Everything()(work.groups)), each)
            for tenant, each in self.watching.items()
        }
        return _stored(answers)

    def stored_after(self, calls: Sequence[Operation]) -> Stored:
        """Return what is stored once the first tenant has made these calls."""
        models = {tenant: model.copy() for tenant, model in self.models.items()}
        for call in calls:
            answer_of(call, models[TENANTS[0]])
        return _stored({tenant: Everything()(model) for tenant, model in models.items()})

    def _try(self, job: Job, attempt: Attempt, number: int, *, stays: bool) -> object:
        """Do a job that fails at this point, and return what it returned or raised."""
        self._settle()
        self.faults.begin(number, stays=stays)
        answer = answer_of(lambda store: attempt(store, job), self.failing)
        self.faults.end()
        return answer

    def _settle(self) -> None:
        """Let the store do what only a first transaction does, so that points keep their number."""
        answer_of(lambda store: store.run(lambda work: work.groups.groups_of([])), self.failing)

    def _restore(self, now: Stored, before: Stored) -> None:
        if now != before:
            self.watching[TENANTS[0]].run(lambda work: self._refill(work.groups))

    def _refill(self, groups: GroupRepository) -> None:
        for summary in groups.find(GroupQuery(), limit=MAX_PAGE).items:
            groups.remove(summary.group.code)
        self.filling(groups)


def spread(total: int, most: int) -> list[int]:
    """Return which points are tried; those at the end always are: there is the commit.

    Args:
        total: How many points there are.
        most: About how many of them are tried; those at the end come on top.
    """
    points = range(1, total + 1)
    step = max(1, math.ceil(total / most))
    return sorted({*points[::step], *points[-LAST_POINTS:]})


def _stored(answers: Mapping[str, object]) -> Stored:
    return tuple((tenant, value) for tenant in answers for value in _values(answers[tenant]))


def _values(answer: object) -> Iterator[object]:
    """Yield the groups and members of an answer of `Everything`, or the error in its place."""
    if not isinstance(answer, dict):
        yield answer
        return
    for page in (
        *answer["groups"],
        *(page for each in answer["members"].values() for page in each),
    ):
        yield from page

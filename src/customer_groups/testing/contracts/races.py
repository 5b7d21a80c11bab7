"""How the rules about several users at once begin, and what they have in common."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from random import Random
from typing import Any, TypeAlias, TypeVar

import attrs

from customer_groups.codes import GroupCode, parse_group_code
from customer_groups.errors import CustomerGroupsError
from customer_groups.query import GroupQuery
from customer_groups.repository import GroupStore, UnitOfWork
from customer_groups.testing.comparison import Interrupted
from customer_groups.testing.contracts.base import RepositoryRules
from customer_groups.testing.contracts.plans import RUNNERS
from customer_groups.testing.driver import TENANTS
from customer_groups.testing.histories import UNSETTLED
from customer_groups.testing.layers import RawCounts
from customer_groups.testing.profiles import PROFILES
from customer_groups.testing.racers import OpensStore, StuckError, Team, threads

__all__ = [
    "Race",
    "RacingRules",
    "Round",
    "UnsettledError",
    "demand_an_answer",
    "insist",
    "tried",
]

_TENANTS_OF_RACERS = (TENANTS[0],) * 3

T = TypeVar("T")

_SECONDS_TO_THINK = 0.001
_SECONDS_FOR_A_ROUND = 0.009
_SHARE_OF_ROUNDS = 0.5
_ATTEMPTS = 10


class UnsettledError(Exception):
    """A round in which nothing could be checked, since the storage gave no answers."""


def demand_an_answer(answers: Iterable[object]) -> None:
    """End a round in which the storage answered nobody.

    Args:
        answers: What users were told, without those who changed their minds.
    """
    answers = list(answers)
    if all(isinstance(answer, UNSETTLED) for answer in answers):
        raise UnsettledError(f"all users were refused, by errors such as {answers[:1]}")


def insist(team: Team, operation: Callable[[UnitOfWork], T]) -> list[T]:
    """Let users run an operation, one after the other, while nobody else is at work.

    Args:
        team: The users.
        operation: What they do; to be pickled where they are processes. A connection may
            break, so it is tried again; a storage that does not work refuses it each time.

    Returns:
        What the operation returned, user by user.

    Raises:
        AssertionError: the storage gives one of them no answer.
    """
    answers: list[Any] = team.one_by_one(partial(_again_and_again, operation))
    refusals = [answer for answer in answers if isinstance(answer, UNSETTLED)]
    if refusals:
        raise AssertionError(
            f"a user of the storage was refused {_ATTEMPTS} times while nobody else was at work;"
            f" does `concurrent` return a store that works? It raised {refusals[0]!r}"
        )
    return answers


def _again_and_again(operation: Callable[[UnitOfWork], T], store: GroupStore) -> object:
    """Return what an operation comes to, or how it failed the last time."""
    answer = None
    for _ in range(_ATTEMPTS):
        answer = _answer_of(operation, store)
        if not isinstance(answer, UNSETTLED):
            break
    return answer


def _look(work: UnitOfWork) -> None:
    work.groups.find(GroupQuery(), limit=1)


def _draw_a_number(work: UnitOfWork) -> None:
    work.groups.next_number("ALONE")


@attrs.frozen
class Race:
    """Users of one storage, and somebody of each tenant who looks on.

    Attributes:
        team: The users.
        onlookers: Who looks on, by tenant; in threads, so that nobody waits for ever.
        audit: Counts what is stored; None where the adapter does not let us.
    """

    team: Team
    onlookers: Mapping[str, Team]
    audit: Callable[[], RawCounts] | None

    def alone(self, task: Callable[[GroupStore], T], tenant: str = TENANTS[0]) -> T:
        """Let who looks on do something, while nobody else is at work."""
        answers: list[T] = self.onlookers[tenant].race([task])
        return answers[0]

    def run(self, operation: Callable[[UnitOfWork], T]) -> T:
        """Let who looks on run an operation; the round ends if it comes to nothing."""
        answer: T = self.alone(partial(_answer_of, operation))
        demand_an_answer([answer])
        return answer

    def expect_stores_that_work(self) -> None:
        """Refuse a storage that answers nobody, even if nobody is in the way."""
        for onlooker in self.onlookers.values():
            insist(onlooker, _look)
            insist(onlooker, _draw_a_number)
        insist(self.team, _look)


def _answer_of(operation: Callable[[UnitOfWork], T], store: GroupStore) -> Any:  # noqa: ANN401
    """Return what an operation returns, or the error by which it got no answer."""
    try:
        return store.run(operation)
    except UNSETTLED as error:
        return error


Round: TypeAlias = Callable[[Race, Random, GroupCode], None]
"""Races once: with what is drawn for it, and the code of a group that there is not yet."""


class RacingRules(RepositoryRules):
    """The hooks of a repository's contract, for rules about several users."""

    @contextmanager
    def _race(
        self,
        tenants: Sequence[str] = _TENANTS_OF_RACERS,
        start: Callable[[Sequence[OpensStore]], AbstractContextManager[Team]] = threads,
    ) -> Iterator[Race]:
        """Make a storage with one user for each of these tenants."""
        if not self.has_layer("concurrent"):
            self.concurrent(None, TENANTS[0], RUNNERS)
        storage = self.make_storage()
        with ExitStack() as closing:
            closing.callback(self.close_storage, storage)
            for tenant in dict.fromkeys(tenants):
                self.open_store(storage, tenant, RUNNERS)
            opening = {
                tenant: partial(self.concurrent, storage, tenant, RUNNERS) for tenant in tenants
            }
            audit = partial(self.audit, storage) if self.has_layer("audit") else None
            try:
                with ExitStack() as teams:
                    onlookers = {
                        tenant: teams.enter_context(threads([open_store]))
                        for tenant, open_store in opening.items()
                    }
                    team = teams.enter_context(start([opening[tenant] for tenant in tenants]))
                    race = Race(team, onlookers, audit)
                    race.expect_stores_that_work()
                    yield race
            except StuckError:
                closing.pop_all()  # whoever is stuck still uses the storage
                raise

    def _in_each_round(self, one_round: Round, race: Race) -> None:
        """Race as often as the profile says, each time about another group.

        A slow storage is asked less often, but half as often at least: its transactions
        overlap for longer, too.

        Raises:
            AssertionError: a round failed, or nothing could be checked in any of them.
        """
        numbers = _numbers_of_rounds(PROFILES[self.profile].rounds)
        reasons = [_hold(one_round, race, number) for number in numbers]
        if None not in reasons:
            raise AssertionError(
                f"in none of {len(reasons)} rounds could anything be checked: {reasons[-1]}"
            )

    def _in_all_rounds(self, one_round: Round) -> None:
        """Race with three users in threads."""
        with self._race() as race:
            self._in_each_round(one_round, race)


def _numbers_of_rounds(rounds: int) -> Iterator[int]:
    deadline = time.monotonic() + rounds * _SECONDS_FOR_A_ROUND
    for number in range(rounds):
        if number >= rounds * _SHARE_OF_ROUNDS and time.monotonic() > deadline:
            return
        yield number


def _hold(one_round: Round, race: Race, number: int) -> UnsettledError | None:
    """Hold a round; return why nothing could be checked in it, if so."""
    try:
        one_round(race, Random(number), parse_group_code(f"R{number}"))  # noqa: S311
    except UnsettledError as error:
        return error
    except AssertionError as error:
        said = f"in round {number}, as Random({number}) draws it: {error}"
        raise type(error)(said).with_traceback(error.__traceback__) from None
    return None


def tried(
    operation: Callable[[UnitOfWork], T], *, once: bool = False, undone: bool = False
) -> Callable[[GroupStore], T | CustomerGroupsError | None]:
    """Return a task that does something in a transaction, and thinks before the end of it.

    Args:
        operation: What is done.
        once: Whether to open the transaction oneself, so that nobody repeats it.
        undone: Whether to change one's mind at the end; then the answer is None.

    Returns:
        The task, which returns what the operation returns, or the error that the store raises.
    """

    def thoughtful(work: UnitOfWork) -> T:
        answer = operation(work)
        time.sleep(_SECONDS_TO_THINK)
        if undone:
            raise Interrupted
        return answer

    def task(store: GroupStore) -> T | CustomerGroupsError | None:
        try:
            if not once:
                return store.run(thoughtful)
            with store.transaction() as work:
                return thoughtful(work)
        except CustomerGroupsError as error:
            return error
        except Interrupted:
            return None

    return task

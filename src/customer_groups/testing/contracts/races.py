"""How the rules about several users at once begin, and what they have in common."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from functools import partial
from random import Random
from typing import TypeAlias, TypeVar

import attrs

from customer_groups.codes import GroupCode, parse_group_code
from customer_groups.errors import (
    CustomerGroupsError,
    OutcomeUnknownError,
    RetryableConflictError,
    StorageError,
    StorageUnavailableError,
)
from customer_groups.repository import GroupStore, UnitOfWork
from customer_groups.testing.comparison import Interrupted
from customer_groups.testing.contracts.base import RepositoryRules
from customer_groups.testing.contracts.plans import RUNNERS
from customer_groups.testing.driver import TENANTS
from customer_groups.testing.layers import RawCounts
from customer_groups.testing.profiles import PROFILES
from customer_groups.testing.racers import OpensStore, StuckError, Team, threads

__all__ = ["UNSETTLED", "Race", "RacingRules", "Round", "tried"]

_TENANTS_OF_RACERS = (TENANTS[0],) * 3

T = TypeVar("T")

UNSETTLED = (RetryableConflictError, OutcomeUnknownError, StorageUnavailableError)
"""How a transaction may end without an answer to what was asked."""

_SECONDS_TO_THINK = 0.001
_SECONDS_FOR_A_ROUND = 0.009
_SHARE_OF_ROUNDS = 0.15


class _UnsettledError(Exception):
    """Nobody knows what is stored, since the storage did not tell."""


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
        answer = self.alone(partial(_answer_of, operation))
        if isinstance(answer, StorageError):
            raise _UnsettledError from answer
        return answer


def _answer_of(operation: Callable[[UnitOfWork], T], store: GroupStore) -> T | StorageError:
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
                    yield Race(team, onlookers, audit)
            except StuckError:
                closing.pop_all()  # whoever is stuck still uses the storage
                raise

    def _in_each_round(self, one_round: Round, race: Race) -> None:
        """Race as often as the profile says, each time about another group.

        A slow storage is asked less often: its transactions overlap for longer, too.
        """
        rounds = PROFILES[self.profile].rounds
        deadline = time.monotonic() + rounds * _SECONDS_FOR_A_ROUND
        for number in range(rounds):
            if number >= rounds * _SHARE_OF_ROUNDS and time.monotonic() > deadline:
                return
            try:
                with suppress(_UnsettledError):
                    one_round(race, Random(number), parse_group_code(f"R{number}"))  # noqa: S311
            except AssertionError as error:
                said = f"in round {number}, as Random({number}) draws it: {error}"
                raise type(error)(said) from error

    def _in_all_rounds(self, one_round: Round) -> None:
        """Race with three users in threads."""
        with self._race() as race:
            self._in_each_round(one_round, race)


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

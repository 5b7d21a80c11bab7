"""The rules about members and numbers that change while others use the same storage."""

import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import chain
from random import Random

from customer_groups.codes import GroupCode
from customer_groups.customers import CustomerKey
from customer_groups.errors import (
    GroupNotFoundError,
    OutcomeUnknownError,
    RetryableConflictError,
    StorageError,
)
from customer_groups.outcomes import OutcomeCounts
from customer_groups.query import GroupQuery, GroupSummary
from customer_groups.repository import GroupStore, UnitOfWork
from customer_groups.testing.contracts.expectations import expect, expect_that
from customer_groups.testing.contracts.plans import RUNNERS
from customer_groups.testing.contracts.races import (
    Race,
    RacingRules,
    demand_an_answer,
    tried,
)
from customer_groups.testing.contracts.values import NOON, TICK, group, join, lines, member_keys
from customer_groups.testing.histories import UNSETTLED, taking_time
from customer_groups.text import equals

__all__ = ["MeanwhileRules"]

_KEYS = [customer.key for customer in RUNNERS]
_LOOKS = 10
_SECONDS_OF_ONE_ATTEMPT = 1.0
_GAVE_UP, _GAVE_UP_AT_ONCE = "gave up", "gave up at once"


def _add_group(code: GroupCode, work: UnitOfWork) -> None:
    work.groups.add(group(code))


def _import(code: GroupCode, keys: Sequence[CustomerKey], work: UnitOfWork) -> OutcomeCounts:
    entries = taking_time(lines(*keys))
    return work.groups.add_members(code, entries, at=NOON, by="anna", by_key=True)


def _read_and_import(
    code: GroupCode, keys: Sequence[CustomerKey], work: UnitOfWork
) -> OutcomeCounts:
    return _import(work.groups.get(code).code, keys, work)


def _refuse_errors(answers: Iterable[object]) -> None:
    """Refuse errors that no store raises here; the round ends if there are only others."""
    answers = list(answers)
    errors = [answer for answer in answers if isinstance(answer, Exception)]
    expect("errors", [error for error in errors if not isinstance(error, UNSETTLED)], [])
    demand_an_answer(answers)


def _summary(code: GroupCode, work: UnitOfWork) -> GroupSummary:
    found = work.groups.find(GroupQuery(code=equals(code)), limit=10).items
    expect(f"how many groups have the code {code}", len(found), 1)
    return found[0]


def _expect_members(race: Race, code: GroupCode, keys: set[CustomerKey], changes: int) -> None:
    """Refuse other members, and numbers that do not say how many they are."""
    summary = race.run(partial(_summary, code))
    expect("the members", race.run(lambda work: member_keys(work.groups, code)), sorted(keys))
    expect("the number of customers", summary.customers, len(keys))
    expect("members_version", summary.members_version, changes)


def _imports_round(race: Race, draw: Random, code: GroupCode) -> None:
    """Let users import lists that overlap, in different orders."""
    race.run(partial(_add_group, code))
    lists = [_KEYS[:16], _KEYS[8:][::-1], draw.sample(_KEYS, 12)]
    tasks = [partial(_persist, partial(_read_and_import, code, keys)) for keys in lists]
    answers = race.team.race(tasks)
    expect_that("run() tries again after a conflict", _GAVE_UP_AT_ONCE not in answers)
    errors = [answer for answer in answers if isinstance(answer, Exception)]
    known = [error for error in errors if not isinstance(error, OutcomeUnknownError)]
    expect("errors of run(), while others import, too", known, [])
    counts = [answer for answer in answers if isinstance(answer, OutcomeCounts)]
    demand_an_answer([*counts, *errors])
    if len(counts) == len(lists):
        keys = set(chain.from_iterable(lists))
        expect("how many customers were added", sum(each.added for each in counts), len(keys))
        _expect_members(race, code, keys, sum(each.added > 0 for each in counts))


def _persist(operation: Callable[[UnitOfWork], OutcomeCounts], store: GroupStore) -> object:
    """Return what `run` returns or, where it ended in a conflict, how soon it gave up."""
    attempts = 0

    def counted(work: UnitOfWork) -> OutcomeCounts:
        nonlocal attempts
        attempts += 1
        return operation(work)

    begin = time.monotonic()
    try:
        return store.run(counted)
    except RetryableConflictError:
        is_slow = time.monotonic() - begin > _SECONDS_OF_ONE_ATTEMPT
        return _GAVE_UP if attempts > 1 or is_slow else _GAVE_UP_AT_ONCE
    except StorageError as error:
        return error


def _changes_round(race: Race, draw: Random, code: GroupCode) -> None:
    """Let users add customers, each of them others."""
    race.run(partial(_add_group, code))
    undone = draw.randrange(4)
    parts = [_KEYS[:3], _KEYS[3:6], _KEYS[6:9]]
    imports = [
        tried(partial(_import, code, keys), undone=user == undone)
        for user, keys in enumerate(parts)
    ]
    answers = race.team.race(imports)
    _refuse_errors(answer for answer in answers if answer is not None)
    if any(isinstance(answer, UNSETTLED) for answer in answers):
        return
    times = sorted(answer.at for answer in answers if answer is not None)
    expect("the times of the changes", times, [NOON + n * TICK for n in range(len(times))])
    stored = chain.from_iterable(keys for user, keys in enumerate(parts) if user != undone)
    _expect_members(race, code, set(stored), len(times))


def _replacing_round(race: Race, draw: Random, code: GroupCode) -> None:
    """Let one user replace the members of a group to which the others add some."""
    race.run(partial(_add_group, code))
    race.run(partial(_import, code, _KEYS[:3]))
    listed, *joining = (draw.sample(_KEYS[n : n + 5], 3) for n in (2, 7, 12))
    replaced, *joined = race.team.race(
        [
            tried(partial(_replace_members, code, listed)),
            *(tried(partial(_import, code, keys)) for keys in joining),
        ]
    )
    answers = [replaced, *joined]
    _refuse_errors(answers)
    if any(isinstance(answer, UNSETTLED) for answer in answers):
        return
    staying, leaving = set(listed), set(_KEYS[:3]) - set(listed)
    for keys, counts in zip(joining, joined, strict=True):
        (staying if counts.at > replaced.at else leaving).update(keys)
    expect("how many members left when they were replaced", replaced.removed, len(leaving))
    _expect_members(race, code, staying, changes=1 + len(answers))


def _replace_members(
    code: GroupCode, keys: Sequence[CustomerKey], work: UnitOfWork
) -> OutcomeCounts:
    entries = taking_time(lines(*keys))
    return work.groups.replace_members(code, entries, at=NOON, by="bert", by_key=True)


def _removal_round(race: Race, draw: Random, code: GroupCode) -> None:
    """Let one user remove a group to which the others add members."""
    race.run(partial(_add_group, code))
    imports = [tried(partial(_import, code, draw.sample(_KEYS, 3))) for _ in range(2)]
    removed, *joined = race.team.race([tried(lambda work: work.groups.remove(code)), *imports])
    demand_an_answer([removed])
    known = [None if isinstance(answer, GroupNotFoundError) else answer for answer in joined]
    expect("what remove() says", removed, None)
    _refuse_errors([removed, *known])
    found = race.run(lambda work: work.groups.groups_of(_KEYS))
    codes = {each.code for groups in found.values() for each in groups}
    expect_that(f"nobody is in the removed group {code}, but in {sorted(codes)}", code not in codes)
    _expect_no_orphans(race)
    race.run(partial(_add_group, code))
    _expect_members(race, code, set(), 0)


def _expect_no_orphans(race: Race) -> None:
    if race.audit is not None:
        raw = race.audit()
        orphans = {place: count for place, count in raw.memberships.items() if count}
        expect("memberships without a group", sorted(orphans.keys() - raw.groups.keys()), [])


def _numbers_round(race: Race, draw: Random, code: GroupCode) -> None:
    """Let users draw numbers of a series, some of which are given back."""
    undone = draw.randrange(4)
    draws = [tried(partial(_two_numbers, code), undone=user == undone) for user in range(3)]
    drawn = race.team.race(draws)
    answers = [*drawn, race.run(partial(_two_numbers, code))]
    _refuse_errors(answer for answer in drawn if answer is not None)
    numbers = list(chain.from_iterable(each for each in answers if isinstance(each, list)))
    expect_that(f"no number stands twice in {answers}", len(numbers) == len(set(numbers)))


def _two_numbers(series: str, work: UnitOfWork) -> list[int]:
    return [work.groups.next_number(series), work.groups.next_number(series)]


def _readers_round(race: Race, draw: Random, code: GroupCode) -> None:
    """Let users look at a group that is changed, several things at once."""
    race.run(partial(_add_group, code))
    undone = draw.sample([True, True, False, False], 4)
    look = partial(_look, code)
    committed, *seen = race.team.race([partial(_change, code, undone), look, look])
    _refuse_errors(chain.from_iterable(seen))
    _refuse_errors(committed)
    if any(isinstance(summary, UNSETTLED) for summary in committed):
        return
    for answers in seen:
        summaries = [answer for answer in answers if isinstance(answer, GroupSummary)]
        never = [summary for summary in summaries if summary not in committed]
        expect("what a reader saw that was never committed", never[:1], [])
        order = [committed.index(summary) for summary in summaries]
        expect("the order in which a reader saw the commits", order, sorted(order))


def _change(code: GroupCode, undone: Sequence[bool], store: GroupStore) -> list[object]:
    """Change a group, and return what was stored after each change, or errors."""
    told: list[object] = [tried(partial(_summary, code))(store)]
    for number, is_undone in enumerate(undone):
        told.append(tried(partial(_rename_and_join, code, number), undone=is_undone)(store))
        told.append(tried(partial(_summary, code))(store))
    return told


def _rename_and_join(code: GroupCode, number: int, work: UnitOfWork) -> None:
    join(work.groups, code, *_KEYS[2 * number : 2 * number + 2], at=NOON)
    renamed = work.groups.get(code).renamed(f"{code}, changed {number}", at=NOON)
    work.groups.replace(renamed)


def _look(code: GroupCode, store: GroupStore) -> list[object]:
    """Look at a group again and again, and return what was seen, or errors."""
    return [tried(partial(_summary, code))(store) for _ in range(_LOOKS)]


class MeanwhileRules(RacingRules):
    """Nothing is lost, counted twice or seen too early, whoever else is at work."""

    def test_imports_at_once_lose_nobody(self) -> None:
        """Rule: lists that overlap can be imported at once by `run`; everybody is added once.

        Usual cause: the list of members, or their number, is written back as it was read,
        plus one's own; or two imports wait for each other's rows, and `run` does not repeat.

        Fix: let others wait at the group, not at its members; count with ``n = n + 1``.
        """
        self._in_all_rounds(_imports_round)

    def test_changes_of_members_at_once_are_counted(self) -> None:
        """Rule: each change raises `members_version` by one and has a time of its own.

        Usual cause: the version or the last time is read before others are kept away.

        Fix: read both in the same step in which the group is changed, or after it.
        """
        self._in_all_rounds(_changes_round)

    def test_members_are_replaced_with_those_who_joined_meanwhile(self) -> None:
        """Rule: who joined before the members were replaced leaves; who joined later stays.

        Usual cause: `replace_members` reads who is a member before it keeps others away, so
        who joined in between is forgotten, and stays.

        Fix: write to the group first, then read its members.
        """
        self._in_all_rounds(_replacing_round)

    def test_nobody_joins_a_group_that_is_removed(self) -> None:
        """Rule: after a group was removed it has no members, whoever joined meanwhile.

        Usual cause: members are added after looking whether the group is there.

        Fix: write to the group's own row before members are added, in the same transaction.
        """
        self._in_all_rounds(_removal_round)

    def test_numbers_drawn_at_once_differ(self) -> None:
        """Rule: no two committed transactions hold the same number of a series.

        Usual cause: the number is read, raised and written back while others do the same; or
        a rollback writes an old number back.

        Fix: raise it in the storage, in one step, and read it afterwards.
        """
        self._in_all_rounds(_numbers_round)

    def test_readers_see_what_is_committed_as_a_whole(self) -> None:
        """Rule: nobody sees a transaction before it commits, nor a part of it, nor goes back.

        Usual cause: changes are made in place and taken back, or are read from two places at
        two times; or a cache outlives the transaction.

        Fix: make changes in a transaction of the storage; read each group at one moment.
        """
        self._in_all_rounds(_readers_round)

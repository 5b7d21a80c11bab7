"""The rules about what several users want at the same time, and only one of them can have."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from random import Random

import attrs

from customer_groups.codes import GroupCode
from customer_groups.errors import (
    DuplicateCodeError,
    DuplicateNameError,
    GroupNotFoundError,
    StaleGroupError,
)
from customer_groups.model import CustomerGroup
from customer_groups.query import GroupQuery
from customer_groups.repository import UnitOfWork
from customer_groups.testing.contracts.expectations import expect, expect_error, expect_that
from customer_groups.testing.contracts.races import (
    Race,
    RacingRules,
    demand_an_answer,
    tried,
)
from customer_groups.testing.contracts.values import NOON, group
from customer_groups.testing.histories import MAYBE_STORED, UNSETTLED
from customer_groups.text import equals

__all__ = ["ContestRules"]


@attrs.frozen(kw_only=True)
class _Contest:
    """What each of several users wants to store, though only one of them can.

    Attributes:
        attempts: How they try it, by what they want.
        stored: Returns what is stored of all that.
        loss: Returns how somebody must be refused, by what they want and what is stored.
    """

    attempts: Mapping[str, Callable[[UnitOfWork], object]]
    stored: Callable[[UnitOfWork], Sequence[str]]
    loss: Callable[[str, str], Exception]

    def hold(self, race: Race, draw: Random) -> None:
        """Let the users try, of whom one may change their mind, and check what came of it."""
        once = draw.choice((True, False))
        undone = draw.choice([*self.attempts, None])
        tasks = [
            tried(attempt, once=once, undone=wish == undone)
            for wish, attempt in self.attempts.items()
        ]
        answers = dict(zip(self.attempts, race.team.race(tasks), strict=True))
        answers = {wish: answer for wish, answer in answers.items() if wish != undone}
        self._check(answers, race.run(self.stored))

    def _check(self, answers: Mapping[str, object], stored: Sequence[str]) -> None:
        """Refuse answers by which nobody has it, or more than one, or another than is stored."""
        told = "; ".join(f"{wish!r}: {answer!r}" for wish, answer in answers.items())
        errors = {wish: each for wish, each in answers.items() if isinstance(each, Exception)}
        unsettled = [wish for wish, error in errors.items() if isinstance(error, UNSETTLED)]
        unknown = [wish for wish, error in errors.items() if isinstance(error, MAYBE_STORED)]
        certain = [wish for wish in stored if wish not in unknown]
        winners = [wish for wish in answers if wish not in errors]
        expect(f"what is stored, after these answers: {told}", certain, winners)
        expect_that(f"not more than one is stored, after {told}", len(stored) <= 1)
        expect_that(f"one is stored, after {told}", stored or unsettled)
        for wish, error in errors.items():
            if wish not in unsettled:
                expect_that(f"what refused {wish!r} is stored, after {told}", stored)
                refused = partial(_raise, error)
                expect_error(f"the refusal of {wish!r}", refused, self.loss(wish, stored[0]))
        demand_an_answer(answers.values())


def _raise(error: Exception) -> None:
    raise error


def _names_round(race: Race, draw: Random, code: GroupCode) -> None:
    """Let users give the same name to new groups, and to groups that have another name."""
    name = f"Köln {code}"
    variants = [name, name.upper(), f" {name.lower()}  ", name.replace("ö", "o\u0308")]
    codes = [f"{code}-{number}" for number in range(3)]
    named = dict(zip(codes, map(group, codes, draw.sample(variants, 3)), strict=True))
    existing = codes[: draw.randrange(4)]
    for other in existing:
        race.run(partial(_add, group(other)))
    attempts = {
        each: partial(_rename if each in existing else _add, new) for each, new in named.items()
    }
    _Contest(
        attempts=attempts,
        stored=lambda work: [each.code for each in _found(work, GroupQuery(name=equals(name)))],
        loss=lambda wish, stored: DuplicateNameError(named[wish].name, stored),
    ).hold(race, draw)


def _codes_round(race: Race, draw: Random, code: GroupCode) -> None:
    """Let users add groups of different names, but the same code."""
    named = {name: group(code, name) for name in (f"{code} of user {n}" for n in range(3))}
    _Contest(
        attempts={name: partial(_add, new) for name, new in named.items()},
        stored=lambda work: [each.name for each in _found(work, GroupQuery(code=equals(code)))],
        loss=lambda _wish, _stored: DuplicateCodeError(code),
    ).hold(race, draw)


def _versions_round(race: Race, draw: Random, code: GroupCode) -> None:
    """Let users change a group that all of them have read."""
    read = group(code)
    race.run(partial(_add, read))
    named = {
        name: read.renamed(name, at=NOON) for name in (f"{code} of user {n}" for n in range(3))
    }
    _Contest(
        attempts={name: partial(_replace, changed) for name, changed in named.items()},
        stored=lambda work: sorted({work.groups.get(code).name} - {read.name}),
        loss=lambda _wish, _stored: StaleGroupError(code, expected=1, actual=2),
    ).hold(race, draw)


def _removal_round(race: Race, draw: Random, code: GroupCode) -> None:
    """Let one user remove a group as it was read, which the others change."""
    read, gone = group(code), "nothing"
    race.run(partial(_add, read))
    attempts = {
        name: partial(_replace, read.renamed(name, at=NOON))
        for name in (f"{code} of user {n}" for n in range(2))
    }

    def stored(work: UnitOfWork) -> list[str]:
        names = [each.name for each in _found(work, GroupQuery(code=equals(code)))] or [gone]
        return [name for name in names if name != read.name]

    def loss(_wish: str, what: str) -> Exception:
        if what == gone:
            return GroupNotFoundError(code)
        return StaleGroupError(code, expected=1, actual=2)

    _Contest(
        attempts={gone: partial(_remove_first_version, code), **attempts}, stored=stored, loss=loss
    ).hold(race, draw)


def _remove_first_version(code: GroupCode, work: UnitOfWork) -> None:
    work.groups.remove(code, version=1)


def _add(new: CustomerGroup, work: UnitOfWork) -> None:
    work.groups.add(new)


def _rename(new: CustomerGroup, work: UnitOfWork) -> None:
    work.groups.replace(work.groups.get(new.code).renamed(new.name, at=NOON))


def _replace(changed: CustomerGroup, work: UnitOfWork) -> None:
    work.groups.replace(changed)


def _found(work: UnitOfWork, query: GroupQuery) -> list[CustomerGroup]:
    return [summary.group for summary in work.groups.find(query, limit=10).items]


class ContestRules(RacingRules):
    """Of several users who want the same, one gets it, and the others are told why not."""

    def test_one_of_several_users_gets_a_name(self) -> None:
        """Rule: of groups that get a name at once, in any variant, one has it; others are told.

        Usual cause: the name is looked for first, and stored if nobody has it.

        Fix: store `name_key` under a constraint of the storage; turn its violation into
        `DuplicateNameError` by looking up who has the name then.
        """
        self._in_all_rounds(_names_round)

    def test_one_of_several_users_gets_a_code(self) -> None:
        """Rule: of groups that are added with the same code at once, one is stored.

        Usual cause: the code is looked for first; or the last group overwrites the others.

        Fix: let the storage refuse a key that it has, when it stores the group.
        """
        self._in_all_rounds(_codes_round)

    def test_one_of_several_users_changes_a_version(self) -> None:
        """Rule: of several transactions that replace the same version at once, one succeeds.

        Usual cause: the version is compared first, perhaps with what a transaction saw when
        it began, and stored later.

        Fix: make the comparison a part of the change, such as ``UPDATE .. WHERE version =``.
        """
        self._in_all_rounds(_versions_round)

    def test_one_of_several_users_changes_or_removes_a_version(self) -> None:
        """Rule: a version that is changed is not removed at the same time, nor the other way round.

        Usual cause: `remove` compares the version first, and deletes the group later, whatever
        its version is then.

        Fix: make the comparison a part of the deletion: ``DELETE .. WHERE version =``.
        """
        self._in_all_rounds(_removal_round)

"""Lists of customers that are read, worked through or reported wrongly."""

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime

import attrs

from customer_groups.codes import GroupCode
from customer_groups.customers import CustomerKey
from customer_groups.errors import CustomerGroupsError, StorageUnavailableError
from customer_groups.model import Membership
from customer_groups.outcomes import (
    Entry,
    OnOutcome,
    Outcome,
    OutcomeCounts,
    Verdict,
)
from gallery.adapter import SqliteGroups
from gallery.cases import cases

__all__ = ["CASES"]


class LastChunkDropped(SqliteGroups):
    """Chunks are worked through when they are full, and the last one is not."""

    def insert_members(self, members: Collection[Membership]) -> None:
        """Store all full chunks of memberships."""
        rows = list(members)
        full = len(rows) // 500 * 500
        super().insert_members(rows[:full] if full else rows)


class LastChunkOfQuestionDropped(SqliteGroups):
    """A question about many customers is answered for full chunks only."""

    def chunks(self, keys: Sequence[str]) -> Iterator[Sequence[str]]:
        """Yield full chunks, if there are any."""
        for chunk in super().chunks(keys):
            if len(chunk) == 500 or len(keys) < 500:
                yield chunk


class ChunksOverlap(SqliteGroups):
    """Chunks share their last and first value, so somebody gets a group twice."""

    def chunks(self, keys: Sequence[str]) -> Iterator[Sequence[str]]:
        """Yield parts of a sequence."""
        for start in range(0, len(keys), 500):
            yield keys[start : start + 501]


class DuplicatesPerChunk(SqliteGroups):
    """Each chunk of a list is looked through for duplicates of its own."""

    def additions(
        self, code: GroupCode, entries: Iterable[Entry], *, by_key: bool
    ) -> list[Verdict]:
        """Return what becomes of each value."""
        read = self.read(entries)
        verdicts: list[Verdict] = []
        joined: set[CustomerKey | None] = set()
        for start in range(0, len(read), 500):
            for each in super().additions(code, read[start : start + 500], by_key=by_key):
                again = each.outcome is Outcome.ADDED and each.customer in joined
                outcome = Outcome.ALREADY_MEMBER if again else each.outcome
                verdicts.append(attrs.evolve(each, outcome=outcome))
                joined.add(each.customer)
        return verdicts


class OneInList(SqliteGroups):
    """An IN list takes all keys at once, and a statement at most 999 parameters."""

    def chunks(self, keys: Sequence[str]) -> Iterator[Sequence[str]]:
        """Yield everything, to a database as they were built for long."""
        self.session.connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 999)
        yield keys


class ReadTwice(SqliteGroups):
    """A list is gone through twice, so of a generator nothing is left."""

    def additions(
        self, code: GroupCode, entries: Iterable[Entry], *, by_key: bool
    ) -> list[Verdict]:
        """Return what becomes of each value."""
        values = [value for _, value in entries]
        self.candidates(values, by_key=by_key)
        return super().additions(code, entries, by_key=by_key)


class RemovalsReadTwice(SqliteGroups):
    """A list of customers to remove is measured before it is read."""

    def removals(self, code: GroupCode, entries: Iterable[Entry], *, by_key: bool) -> list[Verdict]:
        """Return what becomes of each value."""
        longest = max((line for line, _ in entries), default=0)
        verdicts = super().removals(code, entries, by_key=by_key)
        return [each for each in verdicts if each.line <= longest]


class HalfImportKept(SqliteGroups):
    """Chunks are stored one by one, and stay when reading the next one fails."""

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
        """Make customers members."""
        read: list[Entry] = []
        try:
            read.extend(entries)
        except Exception:
            super().add_members(code, read, at=at, by=by, by_key=by_key)
            raise
        return super().add_members(code, read, at=at, by=by, by_key=by_key, on_outcome=on_outcome)


class KeptWithoutListener(SqliteGroups):
    """The list is stored, though whoever was told the outcomes refused them."""

    def counted(self, verdicts: Sequence[Verdict], on_outcome: OnOutcome | None) -> OutcomeCounts:
        """Return the counts."""
        self.untold = (verdicts, on_outcome)
        return super().counted(verdicts, None)

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
        """Make customers members, then tell the outcomes."""
        counts = super().add_members(
            code, entries, at=at, by=by, by_key=by_key, on_outcome=on_outcome
        )
        super().counted(*self.untold)
        return counts


class ListenerSilenced(SqliteGroups):
    """What whoever is told the outcomes raises is swallowed."""

    def counted(self, verdicts: Sequence[Verdict], on_outcome: OnOutcome | None) -> OutcomeCounts:
        """Return the counts."""
        if on_outcome is None:
            return super().counted(verdicts, None)

        def tell(line: int, value: str, outcome: Outcome) -> None:
            with suppress(Exception):
                on_outcome(line, value, outcome)

        return super().counted(verdicts, tell)


class ListenerErrorWrapped(SqliteGroups):
    """What whoever is told the outcomes raises becomes an error of the storage."""

    def counted(self, verdicts: Sequence[Verdict], on_outcome: OnOutcome | None) -> OutcomeCounts:
        """Return the counts."""
        try:
            return super().counted(verdicts, on_outcome)
        except Exception as error:
            raise StorageUnavailableError("the list could not be stored") from error


class OutcomesGrouped(SqliteGroups):
    """Outcomes are told one kind after the other."""

    def counted(self, verdicts: Sequence[Verdict], on_outcome: OnOutcome | None) -> OutcomeCounts:
        """Return the counts."""
        return super().counted(sorted(verdicts, key=lambda v: v.outcome), on_outcome)


class OutcomesByValue(SqliteGroups):
    """Outcomes are told in the order of the values, because a set lost that of the list."""

    def counted(self, verdicts: Sequence[Verdict], on_outcome: OnOutcome | None) -> OutcomeCounts:
        """Return the counts."""
        return super().counted(sorted(verdicts, key=lambda v: v.value), on_outcome)


class DuplicatesToldLast(SqliteGroups):
    """Duplicates are told after everything else."""

    def counted(self, verdicts: Sequence[Verdict], on_outcome: OnOutcome | None) -> OutcomeCounts:
        """Return the counts."""
        last = sorted(verdicts, key=lambda v: v.outcome is Outcome.DUPLICATE)
        return super().counted(last, on_outcome)


class OutcomesTwice(SqliteGroups):
    """Rejects are told when they are found, and again with all outcomes."""

    def counted(self, verdicts: Sequence[Verdict], on_outcome: OnOutcome | None) -> OutcomeCounts:
        """Return the counts."""
        super().counted([v for v in verdicts if v.outcome is Outcome.AMBIGUOUS], on_outcome)
        return super().counted(verdicts, on_outcome)


class SuccessTold(SqliteGroups):
    """Every value is told, those that worked among them."""

    def counted(self, verdicts: Sequence[Verdict], on_outcome: OnOutcome | None) -> OutcomeCounts:
        """Return the counts."""
        for each in verdicts if on_outcome else ():
            on_outcome(each.line, each.value, each.outcome)  # type: ignore[misc]
        return super().counted(verdicts, None)


class OnlyRejectsTold(SqliteGroups):
    """What is merely information is not told."""

    def counted(self, verdicts: Sequence[Verdict], on_outcome: OnOutcome | None) -> OutcomeCounts:
        """Return the counts."""
        information = {Outcome.ALREADY_MEMBER, Outcome.NOT_A_MEMBER}
        super().counted([v for v in verdicts if v.outcome not in information], on_outcome)
        return super().counted(verdicts, None)


class ToldAfterTheEnd(SqliteGroups):
    """Outcomes are told when the next call comes, not before this one returns."""

    def counted(self, verdicts: Sequence[Verdict], on_outcome: OnOutcome | None) -> OutcomeCounts:
        """Return the counts."""
        self.session.storage.remembered["later"] = (verdicts, on_outcome)
        return super().counted(verdicts, None)

    def read(self, entries: Iterable[Entry]) -> list[Entry]:
        """Return the values of a list, after telling what is left to tell."""
        verdicts, on_outcome = self.session.storage.remembered.pop("later", ((), None))
        super().counted(verdicts, on_outcome)
        return super().read(entries)


class LinesCountedAgain(SqliteGroups):
    """The line that is told is the number of the value in the list."""

    def read(self, entries: Iterable[Entry]) -> list[Entry]:
        """Return the values of a list, numbered."""
        return [(number, value) for number, (_, value) in enumerate(entries, start=1)]


class OneValuePerLine(SqliteGroups):
    """Values are kept in a dictionary by line, so of several on one line the last one stays."""

    def read(self, entries: Iterable[Entry]) -> list[Entry]:
        """Return the values of a list, one for each line."""
        return list(dict(entries).items())


class ValuesOnce(SqliteGroups):
    """A list is made unique before it is looked at, so nothing is ever a duplicate."""

    def read(self, entries: Iterable[Entry]) -> list[Entry]:
        """Return the values of a list, each once."""
        first: dict[str, int] = {}
        for line, value in entries:
            first.setdefault(value, line)
        return [(line, value) for value, line in first.items()]


class ListCut(SqliteGroups):
    """Only the first thousand values of a list are read."""

    def read(self, entries: Iterable[Entry]) -> list[Entry]:
        """Return the first values of a list."""
        return super().read(entries)[:1_000]


class UnknownNeverDuplicate(SqliteGroups):
    """An unknown value is unknown each time it stands in the list."""

    def counted(self, verdicts: Sequence[Verdict], on_outcome: OnOutcome | None) -> OutcomeCounts:
        """Return the counts."""
        unknown = {v.value for v in verdicts if v.outcome is Outcome.UNKNOWN}
        told = [
            attrs.evolve(v, outcome=Outcome.UNKNOWN) if v.value in unknown else v for v in verdicts
        ]
        return super().counted(told, on_outcome)


class RepeatedIsMember(SqliteGroups):
    """A value that stood earlier in the list counts as a member already."""

    def counted(self, verdicts: Sequence[Verdict], on_outcome: OnOutcome | None) -> OutcomeCounts:
        """Return the counts."""
        added = {v.value for v in verdicts if v.outcome is Outcome.ADDED}
        told = [
            attrs.evolve(v, outcome=Outcome.ALREADY_MEMBER)
            if v.outcome is Outcome.DUPLICATE and v.value in added
            else v
            for v in verdicts
        ]
        return super().counted(told, on_outcome)


class DuplicatesOfAnyCase(SqliteGroups):
    """Values of a list that differ in case are called duplicates."""

    def counted(self, verdicts: Sequence[Verdict], on_outcome: OnOutcome | None) -> OutcomeCounts:
        """Return the counts."""
        seen: set[str] = set()
        told = []
        for each in verdicts:
            same = each.value.casefold() in seen
            told.append(attrs.evolve(each, outcome=Outcome.DUPLICATE) if same else each)
            seen.add(each.value.casefold())
        return super().counted(told, on_outcome)


class RejectsUncounted(SqliteGroups):
    """Ambiguous values are told and not counted."""

    def counted(self, verdicts: Sequence[Verdict], on_outcome: OnOutcome | None) -> OutcomeCounts:
        """Return the counts."""
        return attrs.evolve(super().counted(verdicts, on_outcome), ambiguous=0)


class LeftUncounted(SqliteGroups):
    """Replacing the members does not count who left."""

    def replace_members(
        self,
        code: GroupCode,
        entries: Iterable[Entry],
        *,
        at: datetime,
        by: str | None,
        by_key: bool = False,
        on_outcome: OnOutcome | None = None,
    ) -> OutcomeCounts:
        """Make customers the only members."""
        counts = super().replace_members(
            code, entries, at=at, by=by, by_key=by_key, on_outcome=on_outcome
        )
        return attrs.evolve(counts, removed=0)


class ListenerForgotten(SqliteGroups):
    """Replacing the members tells no outcomes."""

    def replace_members(
        self,
        code: GroupCode,
        entries: Iterable[Entry],
        *,
        at: datetime,
        by: str | None,
        by_key: bool = False,
        on_outcome: OnOutcome | None = None,  # noqa: ARG002 - that is the bug
    ) -> OutcomeCounts:
        """Make customers the only members."""
        return super().replace_members(code, entries, at=at, by=by, by_key=by_key)


class OnlyOwnErrorsUndo(SqliteGroups):
    """A list is undone after errors of this library only, not after those of its reader."""

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """Return a context that undoes what fails with an error of the library."""
        foreign: Exception | None = None
        with super().atomic():
            try:
                yield
            except CustomerGroupsError:
                raise
            except Exception as error:  # noqa: BLE001 - that is the bug
                foreign = error
        if foreign is not None:
            raise foreign


CASES = cases(
    LastChunkDropped,
    LastChunkOfQuestionDropped,
    ChunksOverlap,
    DuplicatesPerChunk,
    OneInList,
    ReadTwice,
    RemovalsReadTwice,
    HalfImportKept,
    KeptWithoutListener,
    ListenerSilenced,
    ListenerErrorWrapped,
    OutcomesGrouped,
    OutcomesByValue,
    DuplicatesToldLast,
    OutcomesTwice,
    SuccessTold,
    OnlyRejectsTold,
    ToldAfterTheEnd,
    LinesCountedAgain,
    OneValuePerLine,
    ValuesOnce,
    ListCut,
    UnknownNeverDuplicate,
    RepeatedIsMember,
    DuplicatesOfAnyCase,
    RejectsUncounted,
    LeftUncounted,
    ListenerForgotten,
    OnlyOwnErrorsUndo,
)

"""Members who should not be, and others who should."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

import attrs

from customer_groups.codes import GroupCode
from customer_groups.customers import Customer, CustomerDirectory, CustomerKey
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


class InactiveAllowed(SqliteGroups):
    """Inactive customers become members."""

    def candidates(
        self, values: Sequence[str], *, by_key: bool
    ) -> Mapping[str, Sequence[Customer]]:
        """Return customers as if those who are alone with a code were active."""
        found = super().candidates(values, by_key=by_key)
        return {
            value: [attrs.evolve(c, active=c.active or len(has_it) == 1) for c in has_it]
            for value, has_it in found.items()
        }


class InactiveAllowedByKey(SqliteGroups):
    """Inactive customers become members where they are named by their key."""

    def candidates(
        self, values: Sequence[str], *, by_key: bool
    ) -> Mapping[str, Sequence[Customer]]:
        """Return customers as if they were active."""
        found = super().candidates(values, by_key=by_key)
        if not by_key:
            return found
        return {value: [attrs.evolve(has_it[0], active=True)] for value, has_it in found.items()}


class FirstOfSeveral(SqliteGroups):
    """Of several customers with a code the first one is taken."""

    def candidates(
        self, values: Sequence[str], *, by_key: bool
    ) -> Mapping[str, Sequence[Customer]]:
        """Return one customer for each value."""
        found = super().candidates(values, by_key=by_key)
        return {value: has_it[:1] for value, has_it in found.items()}


class FirstActiveOfSeveral(SqliteGroups):
    """Of several active customers with a code the first one is taken."""

    def candidates(
        self, values: Sequence[str], *, by_key: bool
    ) -> Mapping[str, Sequence[Customer]]:
        """Return the first active customer for each value."""
        found = super().candidates(values, by_key=by_key)
        return {
            value: [c for c in has_it if c.active][:1] or has_it for value, has_it in found.items()
        }


class AlwaysAmbiguous(SqliteGroups):
    """A code that several customers have is ambiguous, though only one of them is active."""

    def candidates(
        self, values: Sequence[str], *, by_key: bool
    ) -> Mapping[str, Sequence[Customer]]:
        """Return customers, those who share a code as if they were active."""
        found = super().candidates(values, by_key=by_key)
        return {
            value: [attrs.evolve(c, active=True) for c in has_it] if len(has_it) > 1 else has_it
            for value, has_it in found.items()
        }


class SharedInactiveUnknown(SqliteGroups):
    """A code that only inactive customers share is unknown instead of ambiguous."""

    def candidates(
        self, values: Sequence[str], *, by_key: bool
    ) -> Mapping[str, Sequence[Customer]]:
        """Return customers, but not if all of several are inactive."""
        found = super().candidates(values, by_key=by_key)
        return {
            value: has_it
            for value, has_it in found.items()
            if len(has_it) == 1 or any(customer.active for customer in has_it)
        }


class AnybodyAllowed(SqliteGroups):
    """The directory is not asked: whatever is typed becomes a member."""

    def candidates(
        self, values: Sequence[str], *, by_key: bool
    ) -> Mapping[str, Sequence[Customer]]:
        """Return customers, and new ones for what nobody has."""
        found = super().candidates(values, by_key=by_key)
        return {v: found.get(v) or [Customer(None, key=CustomerKey(v))] for v in values}


class InactiveBeforeMember(SqliteGroups):
    """A member who is inactive now is called inactive instead of a member."""

    def additions(
        self, code: GroupCode, entries: Iterable[Entry], *, by_key: bool
    ) -> list[Verdict]:
        """Return what becomes of each value."""
        verdicts = super().additions(code, entries, by_key=by_key)
        inactive = _inactive(self.customers, verdicts)
        return [
            attrs.evolve(v, outcome=Outcome.INACTIVE)
            if v.outcome is Outcome.ALREADY_MEMBER and v.customer in inactive
            else v
            for v in verdicts
        ]


def _inactive(customers: CustomerDirectory, verdicts: Sequence[Verdict]) -> set[CustomerKey | None]:
    keys = [verdict.customer for verdict in verdicts if verdict.customer is not None]
    return {key for key, customer in customers.by_keys(keys).items() if not customer.active}


class InactiveStay(SqliteGroups):
    """Inactive customers cannot be removed."""

    def removals(self, code: GroupCode, entries: Iterable[Entry], *, by_key: bool) -> list[Verdict]:
        """Return what becomes of each value."""
        verdicts = super().removals(code, entries, by_key=by_key)
        inactive = _inactive(self.customers, verdicts)
        return [
            attrs.evolve(v, outcome=Outcome.INACTIVE) if v.customer in inactive else v
            for v in verdicts
        ]


class DeletedStay(SqliteGroups):
    """Who is no customer any more cannot be removed."""

    def removals(self, code: GroupCode, entries: Iterable[Entry], *, by_key: bool) -> list[Verdict]:
        """Return what becomes of each value."""
        verdicts = super().removals(code, entries, by_key=by_key)
        known = self.customers.by_keys([v.customer for v in verdicts if v.customer is not None])
        return [
            attrs.evolve(v, outcome=Outcome.UNKNOWN)
            if v.customer is not None and v.customer not in known
            else v
            for v in verdicts
        ]


class RemovedByTypedCode(SqliteGroups):
    """What is typed is taken for the key of a member first, and as a code only then."""

    def removals(self, code: GroupCode, entries: Iterable[Entry], *, by_key: bool) -> list[Verdict]:
        """Return what becomes of each value."""
        members = self.member_keys(code)
        return [
            attrs.evolve(v, outcome=Outcome.REMOVED, customer=CustomerKey(v.value))
            if v.value in members and v.outcome is not Outcome.DUPLICATE
            else v
            for v in super().removals(code, entries, by_key=by_key)
        ]


class RejectedStay(SqliteGroups):
    """Replacing the members keeps those whose line was rejected."""

    def staying(self, verdicts: Sequence[Verdict]) -> set[CustomerKey]:
        """Return the members who stay."""
        return super().staying(verdicts) | {CustomerKey(v.value) for v in verdicts}


class NobodyIsNothing(SqliteGroups):
    """Replacing the members by an empty list does nothing."""

    def staying(self, verdicts: Sequence[Verdict]) -> set[CustomerKey]:
        """Return the members who stay."""
        return super().staying(verdicts) if verdicts else _Everybody()


class _Everybody(set[CustomerKey]):
    def __rsub__(self, other: object) -> "set[CustomerKey]":
        return set()


class NobodyIsEverybody(SqliteGroups):
    """Removing an empty list removes all members."""

    def removals(self, code: GroupCode, entries: Iterable[Entry], *, by_key: bool) -> list[Verdict]:
        """Return what becomes of each value."""
        verdicts = super().removals(code, entries, by_key=by_key)
        if verdicts:
            return verdicts
        return [Verdict(0, key, Outcome.REMOVED, key) for key in self.member_keys(code)]


class InactiveGroupClosed(SqliteGroups):
    """An inactive group gains no members."""

    def additions(
        self, code: GroupCode, entries: Iterable[Entry], *, by_key: bool
    ) -> list[Verdict]:
        """Return what becomes of each value."""
        verdicts = super().additions(code, entries, by_key=by_key)
        if self.get(code).is_active:
            return verdicts
        return [
            attrs.evolve(v, outcome=Outcome.INACTIVE) if v.outcome is Outcome.ADDED else v
            for v in verdicts
        ]


class NoSuchGroupAddsNothing(SqliteGroups):
    """Adding nobody to a group that does not exist is fine."""

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
        read = self.read(entries)
        if not read:
            return OutcomeCounts()
        return super().add_members(code, read, at=at, by=by, by_key=by_key, on_outcome=on_outcome)


class TimesOfMembersAsDoubles(SqliteGroups):
    """When somebody was added is a number of double precision: too few digits for far years."""

    def membership_of(self, row: sqlite3.Row) -> Membership:
        """Return the membership that is stored in a row."""
        stored = super().membership_of(row)
        seconds = stored.added_at.timestamp()
        return attrs.evolve(stored, added_at=datetime.fromtimestamp(seconds, UTC))


CASES = cases(
    TimesOfMembersAsDoubles,
    InactiveAllowed,
    InactiveAllowedByKey,
    FirstOfSeveral,
    FirstActiveOfSeveral,
    AlwaysAmbiguous,
    SharedInactiveUnknown,
    AnybodyAllowed,
    InactiveBeforeMember,
    InactiveStay,
    DeletedStay,
    RemovedByTypedCode,
    RejectedStay,
    NobodyIsNothing,
    NobodyIsEverybody,
    InactiveGroupClosed,
    NoSuchGroupAddsNothing,
)

"""One change of the members of a group, as a list asks for it."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

import attrs

from customer_groups.codes import GroupCode, parse_group_code
from customer_groups.customers import CustomerKey
from customer_groups.errors import InvalidValueError, StaleGroupError
from customer_groups.files.spool import Spool
from customer_groups.importing.modes import ImportMode, parse_mode
from customer_groups.model import Membership, parse_actor, time_or_now
from customer_groups.outcomes import Entry, OnOutcome, OutcomeCounts
from customer_groups.paging import MAX_PAGE, Page, walk
from customer_groups.repository import UnitOfWork
from customer_groups.searching import get_group

__all__ = ["Change", "Changed", "member_keys", "require_made_on"]


@attrs.frozen
class Changed:
    """What a change did.

    Attributes:
        counts: How many entries had each outcome.
        leaving: The first members who left because a list replaced them, by key.
    """

    counts: OutcomeCounts
    leaving: tuple[CustomerKey, ...] = ()


@attrs.frozen(kw_only=True)
class Change:
    """A change of members, as it was asked for."""

    group: GroupCode = attrs.field(converter=parse_group_code)
    mode: ImportMode = attrs.field(default=ImportMode.ADD, converter=parse_mode)
    by_key: bool = False
    by: str | None = attrs.field(default=None, converter=parse_actor)
    at: datetime = attrs.field(default=None, converter=time_or_now)

    def make(
        self,
        work: UnitOfWork,
        entries: Iterable[Entry],
        on_outcome: OnOutcome | None = None,
        *,
        most: int = 0,
    ) -> Changed:
        """Change the members; to be called where an exception undoes it.

        Args:
            work: The unit of work.
            entries: The list.
            on_outcome: Told what did not simply work.
            most: How many of those who leave are told.

        Raises:
            StaleGroupError: somebody else changed the members while a list replaced them.
            InvalidValueError: a list would replace all members by nobody.
        """
        if self.mode is ImportMode.REPLACE:
            return self._replace(work, entries, on_outcome, most)
        return Changed(self._counts(work, entries, on_outcome))

    def _replace(
        self, work: UnitOfWork, entries: Iterable[Entry], on_outcome: OnOutcome | None, most: int
    ) -> Changed:
        # The repository only counts who leaves, and afterwards nobody knows who was there.
        version = get_group(work, self.group).members_version
        with Spool() as before:
            for key in member_keys(work, self.group):
                before.append(key)
            counts = self._counts(work, entries, on_outcome)
            require_made_on(work, self.group, version, counts)
            _require_somebody(counts)
            gone = _no_longer_members(work, self.group, iter(before)) if counts.removed else ()
            return Changed(counts, tuple(islice(gone, most)))

    def _counts(
        self, work: UnitOfWork, entries: Iterable[Entry], on_outcome: OnOutcome | None
    ) -> OutcomeCounts:
        methods = {
            ImportMode.ADD: work.groups.add_members,
            ImportMode.REMOVE: work.groups.remove_members,
            ImportMode.REPLACE: work.groups.replace_members,
        }
        return methods[self.mode](
            self.group,
            entries,
            at=self.at,
            by=self.by,
            by_key=self.by_key,
            on_outcome=on_outcome,
        )


def member_keys(
    work: UnitOfWork, code: GroupCode, *, added_at: datetime | None = None
) -> Iterator[CustomerKey]:
    """Return the keys of the members of a group, in code-point order, read page by page.

    Args:
        work: The unit of work.
        code: The group.
        added_at: Only members who were added at exactly this time.
    """

    def page(after: str | None) -> Page[Membership]:
        return work.groups.members(code, limit=MAX_PAGE, added_at=added_at, after=after)

    return (member.customer for member in walk(page))


def require_made_on(work: UnitOfWork, code: GroupCode, version: int, counts: OutcomeCounts) -> None:
    """Do nothing if a change was made on the members as they were at some version.

    A change of members raises ``members_version`` by one, and keeps all others away until
    the end of the transaction. So what others did before it shows in the version after it.

    Args:
        work: The unit of work, in which the change was made.
        code: The group.
        version: The ``members_version`` that was seen before the change.
        counts: What the change did.

    Raises:
        StaleGroupError: the members were changed between the two.
    """
    own_changes = 0 if counts.at is None else 1
    made_on = get_group(work, code).members_version - own_changes
    if made_on != version:
        raise StaleGroupError(code, version, made_on)


def _require_somebody(counts: OutcomeCounts) -> None:
    if counts.removed and not counts.added + counts.already_member:
        reason = (
            f"would leave nobody of {counts.removed} members, because the list names no"
            " customer who can be one; check the list, or empty the group with set_customers"
        )
        raise InvalidValueError("mode", ImportMode.REPLACE.value, reason)


def _no_longer_members(
    work: UnitOfWork, code: GroupCode, keys: Iterator[CustomerKey]
) -> Iterator[CustomerKey]:
    while batch := tuple(islice(keys, MAX_PAGE)):
        members = work.groups.which_are_members(code, batch)
        yield from (key for key in batch if key not in members)

"""Groups as a table wants them: found, created or changed."""

from datetime import datetime

import attrs

from customer_groups.codes import GroupCode
from customer_groups.errors import DuplicateNameError, GroupNotFoundError
from customer_groups.importing.groups.claims import GroupClaim, Refusal
from customer_groups.importing.groups.codes import OtherCodes
from customer_groups.importing.groups.report import GroupCounts
from customer_groups.model import CustomerGroup, GroupStatus
from customer_groups.query import GroupQuery
from customer_groups.repository import UnitOfWork
from customer_groups.service import create_group, deactivate_group
from customer_groups.text import equals

__all__ = ["GroupChanges"]


@attrs.define(kw_only=True)
class GroupChanges:
    """What one table does to the groups, while it is read.

    Attributes:
        work: The unit of work.
        codes: Draws codes for groups without any.
        at: When this happens.
        by: Who does it.
    """

    work: UnitOfWork
    codes: OtherCodes
    at: datetime
    by: str | None
    _created: int = 0
    _updated: int = 0
    _settled: set[GroupCode] = attrs.field(factory=set, init=False)

    @property
    def counts(self) -> GroupCounts:
        """How many groups were created, updated, and left as they were, each counted once."""
        unchanged = len(self._settled) - self._created - self._updated
        return GroupCounts(created=self._created, updated=self._updated, unchanged=unchanged)

    def settle(self, claim: GroupClaim) -> GroupCode | Refusal:
        """Make a group what a row says of it, and return its code; or why it cannot be that.

        Only the first row of a group changes it; the others must say the same.
        """
        try:
            group = self._find(claim)
            if group is None:
                return self._create(claim)
            if group.code in self._settled:
                return _agreed(claim, group)
            self._update(claim, group)
        except DuplicateNameError as error:
            return Refusal(claim.name, "name_taken", f"is the name of the group {error.code}")
        self._settled.add(group.code)
        return group.code

    def _find(self, claim: GroupClaim) -> CustomerGroup | None:
        if claim.code is None:
            query = GroupQuery(name=equals(claim.name or ""))
            return next((each.group for each in self.work.groups.find(query, limit=1).items), None)
        try:
            return self.work.groups.get(claim.code)
        except GroupNotFoundError:
            return None

    def _create(self, claim: GroupClaim) -> GroupCode | Refusal:
        if claim.name is None:
            return Refusal(claim.code, "group_name", "is the code of no group, and has no name")
        group = create_group(
            self.work,
            claim.name,
            code=claim.code,
            codes=self.codes,
            attributes=claim.attributes,
            by=self.by,
            at=self.at,
        )
        if claim.status is GroupStatus.INACTIVE:
            deactivate_group(self.work, group.code, by=self.by, at=self.at)
        if claim.code is not None:
            self.codes.pass_over(self.work.groups.next_number)
        self._created += 1
        self._settled.add(group.code)
        return group.code

    def _update(self, claim: GroupClaim, group: CustomerGroup) -> None:
        changes = claim.changes_to(group)
        if changes:
            changed = attrs.evolve(group, **changes, updated_at=self.at, updated_by=self.by)
            self.work.groups.replace(changed)
            self._updated += 1


def _agreed(claim: GroupClaim, group: CustomerGroup) -> GroupCode | Refusal:
    """Return the code of a group if a later row says nothing else of it."""
    for value in claim.changes_to(group).values():
        shown = value if isinstance(value, str) else dict(value)
        message = f"is not what an earlier line says of the group {group.code}"
        return Refusal(shown, "contradiction", message)
    return group.code

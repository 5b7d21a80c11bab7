"""An import, taken back."""

from datetime import datetime

import attrs

from customer_groups.codes import GroupCode
from customer_groups.errors import InvalidValueError
from customer_groups.files.spool import Spool
from customer_groups.importing.changes import Change, member_keys, require_made_on
from customer_groups.importing.modes import ImportMode
from customer_groups.importing.report import ImportReport
from customer_groups.outcomes import OutcomeCounts
from customer_groups.repository import UnitOfWork
from customer_groups.searching import get_group

__all__ = ["UndoReport", "undo_import"]


@attrs.frozen(kw_only=True)
class UndoReport:
    """What was taken back of an import.

    Attributes:
        group: The code of the group.
        removed: How many customers whom the import had added are members no longer.
        already_gone: How many customers whom it had added were members no longer, or were
            members anew, and were left alone.
        not_restored: How many members had left by the import; they do not come back.
        at: The time stored with this change of members; None if no member changed.
    """

    group: GroupCode
    removed: int
    already_gone: int
    not_restored: int
    at: datetime | None


def undo_import(
    work: UnitOfWork, report: ImportReport, *, by: str | None = None, at: datetime | None = None
) -> UndoReport:
    """Remove exactly those members whom an import added and who are still there from it.

    A customer who was a member before the import stays. So does one who left since and came
    back, as somebody decided that later. Members who left by the import do not come back:
    import them again. Memory does not grow with the import.

    Args:
        work: The unit of work.
        report: What the import reported.
        by: Who does it.
        at: When this happens; None means now.

    Returns:
        What was taken back, and what could not be.

    Raises:
        GroupNotFoundError: the group is there no longer.
        InvalidValueError: the report is of a dry run, or of a group that was deleted and whose
            code another one has now; or ``by`` or ``at`` break their rules.
        StaleGroupError: somebody else changed the members meanwhile; undo it again.
    """
    change = Change(group=report.group, mode=ImportMode.REMOVE, by_key=True, by=by, at=at)
    with work.groups.atomic():
        summary = get_group(work, report.group)
        _require_undoable(report, summary.group.created_at)
        counts = _removed_again(work, change, report.counts)
        require_made_on(work, report.group, summary.members_version, counts)
    return UndoReport(
        group=report.group,
        removed=counts.removed,
        already_gone=report.counts.added - counts.removed,
        not_restored=report.counts.removed,
        at=counts.at,
    )


def _require_undoable(report: ImportReport, group_created_at: datetime) -> None:
    if report.dry_run:
        reason = "is of a dry run, so there is nothing to undo"
        raise InvalidValueError("report", report.group, reason)
    if report.group_created_at != group_created_at:
        reason = "is of a group that was deleted; another one has its code now, and is left alone"
        raise InvalidValueError("report", report.group, reason)


def _removed_again(work: UnitOfWork, change: Change, imported: OutcomeCounts) -> OutcomeCounts:
    with Spool() as keys:  # the repository must not be used while it consumes a list
        if imported.added:
            for key in member_keys(work, change.group, added_at=imported.at):
                keys.append(key)
        return change.make(work, enumerate(keys, 1)).counts

"""Imports that are planned first, shown to somebody, and done later."""

from datetime import datetime
from typing import Unpack

import attrs

from customer_groups.codes import GroupCode
from customer_groups.errors import StaleGroupError
from customer_groups.files.rejects import Rejects
from customer_groups.files.sources import Source
from customer_groups.importing.changes import Change, require_made_on
from customer_groups.importing.customers import PlanOptions, import_of
from customer_groups.importing.jobs import atomic
from customer_groups.importing.report import ImportReport
from customer_groups.outcomes import Entry, Outcome
from customer_groups.query import GroupSummary
from customer_groups.repository import UnitOfWork
from customer_groups.searching import get_group

__all__ = ["ImportPlan", "apply_plan", "plan_import"]


@attrs.frozen(kw_only=True)
class ImportPlan:
    """An import that was tried, with the list that it is of.

    `make_converter` makes a record of it, to be kept until it is applied. It takes about 150
    bytes of memory for each value of its list.

    Attributes:
        report: What would become of the list.
        members_version: The ``members_version`` of the group that it was tried on.
        by_key: Whether the values are keys of customers instead of codes.
        entries: The lines and values of the list; malformed values are left out.
        most_reported: How many rejects a report holds.
    """

    report: ImportReport
    members_version: int
    by_key: bool
    entries: tuple[Entry, ...]
    most_reported: int

    @property
    def group(self) -> GroupCode:
        """The code of the group."""
        return self.report.group


def plan_import(
    work: UnitOfWork, code: str, source: Source, **options: Unpack[PlanOptions]
) -> ImportPlan:
    """Try to import a list, change nothing, and keep what is needed to do it later.

    Arguments and errors are those of `import_customers` in a dry run. The plan holds the
    whole list in memory.

    Returns:
        The plan, for `apply_plan`; its ``report`` says what would become of the list.
    """
    task = import_of(code, source, {**options, "dry_run": True})
    summary = get_group(work, code)
    with task.collected_rejects() as found, atomic(work.groups, undo=True):
        with task.reading(found) as reading:
            entries = tuple(reading.entries)
        changed = task.change_members(work, entries, found)
        report = task.report(summary.group, reading, changed, found)
        task.deliver(found, report)
    return ImportPlan(
        report=report,
        members_version=summary.members_version,
        by_key=task.change.by_key,
        entries=entries,
        most_reported=task.most_reported,
    )


def apply_plan(
    work: UnitOfWork, plan: ImportPlan, *, by: str | None = None, at: datetime | None = None
) -> ImportReport:
    """Do what was planned, if nobody changed the members of the group since.

    The outcomes are found anew: a customer who was made inactive since is one of them. Of
    the values that were malformed, the report has those that the report of the plan has.

    Args:
        work: The unit of work.
        plan: The plan.
        by: Who does it.
        at: When this happens; None means now.

    Returns:
        What became of every value of the list.

    Raises:
        GroupNotFoundError: the group is there no longer.
        StaleGroupError: its members were changed since, or it was deleted and another one
            has its code. Nothing was changed; make a new plan.
        InvalidValueError: ``by`` or ``at`` break their rules, or nobody would be left.
    """
    planned = plan.report
    change = Change(group=plan.group, mode=planned.mode, by_key=plan.by_key, by=by, at=at)
    with Rejects(plan.most_reported) as found, work.groups.atomic():
        _require_current(plan, get_group(work, plan.group))
        for each in planned.rejects:
            if each.outcome is Outcome.MALFORMED:
                found.add_malformed(each.line, each.value, each.reason, each.message)
        changed = change.make(work, plan.entries, found.add_outcome, most=plan.most_reported)
        require_made_on(work, plan.group, plan.members_version, changed.counts)
        return attrs.evolve(
            planned,
            counts=attrs.evolve(changed.counts, malformed=planned.counts.malformed),
            rejects=found.first(plan.most_reported),
            leaving=changed.leaving,
            dry_run=False,
        )


def _require_current(plan: ImportPlan, summary: GroupSummary) -> None:
    planned_for = (plan.report.group_created_at, plan.members_version)
    if (summary.group.created_at, summary.members_version) != planned_for:
        raise StaleGroupError(plan.group, plan.members_version, summary.members_version)

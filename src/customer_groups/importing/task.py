"""One import, from the list to the report."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import attrs

from customer_groups.files.cells import Row
from customer_groups.files.reading import Findings, Layout
from customer_groups.files.reject_table import refusing_rejects, write_rejects
from customer_groups.files.rejects import Rejects
from customer_groups.files.values import read_values
from customer_groups.importing.changes import Change, Changed
from customer_groups.importing.intake import Intake
from customer_groups.importing.jobs import Job
from customer_groups.importing.modes import ImportMode
from customer_groups.importing.report import ImportReport
from customer_groups.model import CustomerGroup
from customer_groups.outcomes import Entry, well_formed
from customer_groups.repository import UnitOfWork

__all__ = ["Import", "Reading"]


@attrs.frozen
class Reading:
    """A list while it is read; what it counts is complete when its entries have ended.

    Attributes:
        entries: The well-formed values, to be iterated once.
        intake: Counts what was read.
        findings: What the reader found beside the values.
    """

    entries: Iterator[Entry]
    intake: Intake[Entry]
    findings: Findings


@attrs.frozen(kw_only=True)
class Import(Job[Rejects, ImportReport]):
    """An import of a list into a group, as it was asked for.

    Attributes:
        change: What the list means for the members.
    """

    change: Change

    def collected_rejects(self) -> Rejects:
        """Return where to collect rejects."""
        return Rejects(self.most_kept)

    def run(self, work: UnitOfWork, found: Rejects) -> ImportReport:
        """Read the list and change the members, once."""
        group = work.groups.get(self.change.group)
        with self.reading(found) as reading:
            changed = self.change_members(work, reading.entries, found)
        return self.report(group, reading, changed, found)

    @contextmanager
    def reading(self, rejects: Rejects) -> Iterator[Reading]:
        """Open the list; rejects of an earlier attempt are forgotten."""
        rejects.clear()
        findings = Findings(rejects.add_unreadable)
        with self.list.opened(self._values, findings) as intake:
            by_key = self.list.layout.by_key
            entries = well_formed(intake, rejects.add_malformed, by_key=by_key)
            yield Reading(entries, intake, findings)

    def _values(self, rows: Iterator[Row], layout: Layout, findings: Findings) -> Iterator[Entry]:
        if self.change.mode is ImportMode.REPLACE:
            rows = refusing_rejects(rows)
        return read_values(rows, layout, findings)

    def change_members(
        self, work: UnitOfWork, entries: Iterable[Entry], rejects: Rejects
    ) -> Changed:
        """Change the members as the entries say, and collect the rejects."""
        return self.change.make(work, entries, rejects.add_outcome, most=self.most_reported)

    def report(
        self, group: CustomerGroup, reading: Reading, changed: Changed, rejects: Rejects
    ) -> ImportReport:
        """Return the report, once the list has been read and the members are changed."""
        return ImportReport(
            group=group.code,
            group_created_at=group.created_at,
            mode=self.change.mode,
            counts=attrs.evolve(changed.counts, malformed=rejects.malformed),
            values=reading.intake.count + reading.findings.unreadable,
            blank_lines=reading.findings.blank_lines,
            header_lines=reading.findings.header_lines,
            rejects=rejects.first(self.most_reported),
            leaving=changed.leaving,
            dry_run=self.dry_run,
            detected=reading.findings.detected(self.list.format),
        )

    def deliver(self, found: Rejects, report: ImportReport) -> None:
        """Write the rejects, if that was asked for."""
        if self.rejects is not None:
            write_rejects(self.rejects, found, self.list.layout, report.detected)

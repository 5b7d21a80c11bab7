"""One import of groups, from the file to the report."""

from datetime import datetime

import attrs

from customer_groups.codes import CodeGenerator, SequentialCodes
from customer_groups.files.reading import Findings
from customer_groups.files.records import RowReader
from customer_groups.importing.groups.changes import GroupChanges
from customer_groups.importing.groups.codes import OtherCodes, codes_among
from customer_groups.importing.groups.columns import GroupColumns
from customer_groups.importing.groups.members import Members
from customer_groups.importing.groups.rejects import RejectedRows
from customer_groups.importing.groups.report import GroupsReport
from customer_groups.importing.jobs import Job
from customer_groups.model import parse_actor, time_or_now
from customer_groups.outcomes import OutcomeCounts
from customer_groups.repository import UnitOfWork

__all__ = ["GroupsImport"]


@attrs.frozen(kw_only=True)
class GroupsImport(Job[RejectedRows, GroupsReport]):
    """An import of groups, as it was asked for.

    Attributes:
        columns: Which columns of the file say what.
        codes: Draws codes for groups that have none in the file.
        at: When this happens.
        by: Who does it.
    """

    columns: GroupColumns
    codes: CodeGenerator = attrs.field(factory=SequentialCodes)
    at: datetime = attrs.field(default=None, converter=time_or_now)
    by: str | None = attrs.field(default=None, converter=parse_actor)

    def collected_rejects(self) -> RejectedRows:
        """Return where to collect rejects, and the rows that they stand in."""
        return RejectedRows(self.most_kept)

    def run(self, work: UnitOfWork, found: RejectedRows) -> GroupsReport:
        """Read the file and do what it says, once."""
        findings = Findings(found.rejects.add_unreadable)
        reader = RowReader()
        found.begin(reader.names)
        # A later row may have a code that would be drawn for an earlier one, or a column that
        # makes others mean something else.
        with self.list.opened(reader.read, findings) as intake:
            found.rows.keep(intake)
        columns = self.columns.among(reader.names, are_ordered=not reader.are_objects)
        codes = OtherCodes(self.codes, codes_among(columns.cells("group_code", found.rows)))
        changes = GroupChanges(work=work, codes=codes, at=self.at, by=self.by)
        members = Members(changes, found.rejects)
        members.add_all(columns.records(found.rows))
        return GroupsReport(
            groups=changes.counts,
            customers=OutcomeCounts.of(members.outcomes),
            rows=intake.count + findings.unreadable,
            rows_without_customer=members.rows_without,
            rows_refused=members.rows_refused + findings.unreadable,
            blank_lines=findings.blank_lines,
            header_lines=findings.header_lines,
            rejects=found.rejects.first(self.most_reported),
            dry_run=self.dry_run,
            detected=findings.detected(self.list.format),
            columns=columns.names_of_fields(),
            ignored=columns.ignored(),
        )

    def deliver(self, found: RejectedRows, report: GroupsReport) -> None:
        """Write the rejects, if that was asked for."""
        if self.rejects is not None:
            found.write(self.rejects, self.list.layout, report.detected)

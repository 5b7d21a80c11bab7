"""One import, from the list to the report."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import attrs

from customer_groups.codes import GroupCode, parse_group_code
from customer_groups.errors import InvalidValueError
from customer_groups.files.reading import Findings
from customer_groups.files.reject_table import write_rejects
from customer_groups.files.rejects import Rejects
from customer_groups.files.sources import Source
from customer_groups.files.target import Target, is_same_file, require_writable
from customer_groups.files.values import read_values
from customer_groups.importing.intake import FileList, ValueList
from customer_groups.importing.report import ImportReport
from customer_groups.model import parse_actor, parse_time
from customer_groups.outcomes import well_formed
from customer_groups.repository import GroupRepository, UnitOfWork

__all__ = ["Import", "atomic", "require_rejects_elsewhere"]


def _now_if_none(time: datetime | None) -> datetime:
    return datetime.now(UTC) if time is None else parse_time(time)


@attrs.frozen(kw_only=True)
class Import:
    """An import of a list into a group, as it was asked for."""

    code: GroupCode = attrs.field(converter=parse_group_code)
    list: FileList | ValueList
    dry_run: bool = False
    rejects: Target | None = None
    by: str | None = attrs.field(default=None, converter=parse_actor)
    at: datetime = attrs.field(default=None, converter=_now_if_none)

    def collected_rejects(self) -> Rejects:
        """Return where to collect rejects: all that will be written, else all reported."""
        return Rejects(self.list.layout.limits.reported_rejects if self.rejects is None else None)

    def run(self, work: UnitOfWork, rejects: Rejects) -> ImportReport:
        """Read the list and add its customers, once."""
        work.groups.get(self.code)
        rejects.clear()
        layout = self.list.layout
        findings = Findings(rejects.add_unreadable)
        with self.list.opened(read_values, findings) as intake:
            counts = work.groups.add_members(
                self.code,
                well_formed(intake, rejects.add_malformed, by_key=layout.by_key),
                at=self.at,
                by=self.by,
                by_key=layout.by_key,
                on_outcome=rejects.add_outcome,
            )
        reported = rejects.first(layout.limits.reported_rejects)
        return ImportReport(
            group=self.code,
            counts=attrs.evolve(counts, malformed=rejects.malformed),
            values=intake.count + findings.unreadable,
            blank_lines=findings.blank_lines,
            header_lines=findings.header_lines,
            rejects=reported,
            rejects_omitted=len(rejects) - len(reported),
            dry_run=self.dry_run,
            detected=findings.detected(self.list.format),
        )

    def deliver(self, rejects: Rejects, report: ImportReport) -> None:
        """Write the rejects, if that was asked for."""
        if self.rejects is not None:
            layout = self.list.layout
            write_rejects(self.rejects, rejects, layout, report.detected, encoding=layout.encoding)


def require_rejects_elsewhere(rejects: Target | None, source: Source) -> None:
    """Find out before anything is stored whether rejects can be written at all.

    Raises:
        InvalidValueError: they would replace the list.
        OSError: they cannot be written.
    """
    if isinstance(rejects, str | os.PathLike):
        if isinstance(source, os.PathLike) and is_same_file(source, rejects):
            reason = "is the list itself; name another file"
            raise InvalidValueError("rejects", os.fspath(rejects), reason)
        require_writable(rejects)


class _UndoError(Exception):
    """Leaves a context to undo what happened in it."""


@contextmanager
def atomic(groups: GroupRepository, *, undo: bool) -> Iterator[None]:
    """Keep all that happens, or nothing if an exception leaves the context, or on demand."""
    with suppress(_UndoError), groups.atomic():
        yield
        if undo:
            raise _UndoError

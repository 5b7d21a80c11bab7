"""One import of reservations, from the file to the report."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import islice

import attrs

from customer_groups.errors import GroupNotFoundError, InvalidValueError
from customer_groups.files.reading import Findings
from customer_groups.files.records import FullRow, RowReader, fields_at
from customer_groups.importing.columns import FoundColumns
from customer_groups.importing.groups.rows import KeptRows
from customer_groups.importing.jobs import Job
from customer_groups.repository import UnitOfWork
from customer_groups.reservations.errors import (
    GroupInactiveError,
    InsufficientStockError,
    RequestReusedError,
)
from customer_groups.reservations.files.columns import FIELDS, ReservationColumns
from customer_groups.reservations.files.outcomes import RowOutcome, RowReject
from customer_groups.reservations.files.rejects import RowRejects
from customer_groups.reservations.files.report import ReservationsReport
from customer_groups.reservations.files.rows import AskedRow, RowForm
from customer_groups.reservations.quantities import written
from customer_groups.reservations.repository import ReservationWork

__all__ = ["ReservationsImport"]

_ROWS_AT_A_TIME = 500

# What an error of a row calls the fields; whatever else cannot be is not the fault of a row.
_FIELD_OF = {
    **{field: field for field in FIELDS},
    "request id": "id",
    "group code": "group",
    "stock key": "stock",
    "end": "valid_to",
}
_NOT_OPEN = "is not active, or was not opened for reservations again since it was not"
_REUSED = "is the id of a request that asked for something else; use a new one"


@attrs.frozen(kw_only=True)
class ReservationsImport(Job[RowRejects, ReservationsReport]):
    """An import of reservations, as it was asked for.

    Attributes:
        bound: Returns the reservations in the transaction of a unit of work.
        columns: Which columns of the file say what.
        form: Makes requests of the rows.
    """

    bound: Callable[[UnitOfWork], ReservationWork]
    columns: ReservationColumns
    form: RowForm

    def collected_rejects(self) -> RowRejects:
        """Return where to collect rejects, with their rows."""
        return RowRejects(self.most_kept)

    def run(self, work: UnitOfWork, found: RowRejects) -> ReservationsReport:
        """Read the file, and then reserve row by row, once."""
        findings = Findings(found.add_unreadable)
        reader = RowReader()
        found.begin(reader.names)
        # A file that cannot be read shall be known before the first stock is locked.
        with closing(KeptRows()) as rows:
            with self.list.opened(reader.read, findings) as intake:
                rows.keep(intake)
            columns = self.columns.among(reader.names, are_ordered=not reader.are_objects)
            run = _Run(self.bound(work), self.form, columns, found)
            run.reserve_all(iter(rows))
        run.counts[RowOutcome.MALFORMED] += findings.unreadable
        return ReservationsReport(
            request_id=self.form.request_id,
            counts={outcome: run.counts[outcome] for outcome in RowOutcome},
            blank_lines=findings.blank_lines,
            header_lines=findings.header_lines,
            rejects=found.first(self.most_reported),
            dry_run=self.dry_run,
            detected=findings.detected(self.list.format),
            columns=columns.names_of_fields(),
            ignored=columns.ignored(),
        )

    def deliver(self, found: RowRejects, report: ReservationsReport) -> None:
        """Write the rejects, if that was asked for."""
        if self.rejects is not None:
            found.write(self.rejects, self.list.layout, report.detected)


@attrs.frozen
class _Run:
    """Rows on their way to reservations.

    Attributes:
        work: The unit of work.
        form: Makes requests of the rows.
        columns: Where the fields stand.
        rejects: Where to set aside what cannot be used.
        counts: How many rows had each outcome.
    """

    work: ReservationWork
    form: RowForm
    columns: FoundColumns
    rejects: RowRejects
    counts: Counter[RowOutcome] = attrs.field(factory=Counter)

    def reserve_all(self, rows: Iterator[FullRow]) -> None:
        while batch := list(islice(rows, _ROWS_AT_A_TIME)):
            asked = [self._asked(*row) for row in batch]
            ids = [each.request_id for each in asked if isinstance(each, AskedRow)]
            known = set(self.work.reservations.get(ids))
            for (line, cells), each in zip(batch, asked, strict=True):
                if isinstance(each, AskedRow):
                    self._count(self._reserved(line, each, known), cells)
                else:
                    self._count(each, cells)

    def _asked(self, line: int, cells: Sequence[object]) -> AskedRow | RowReject:
        fields = fields_at(self.columns.places, cells)
        try:
            return self.form.asked(line, dict(zip(FIELDS, fields, strict=True)))
        except InvalidValueError as error:
            return _malformed(line, error)

    def _reserved(self, line: int, asked: AskedRow, known: set[str]) -> RowOutcome | RowReject:
        """Reserve as a row asks, and return what became of it."""
        try:
            made = asked.reserve(self.work, at=self.form.at, by=self.form.by)
        except InvalidValueError as error:
            return _malformed(line, error)
        except GroupNotFoundError as error:
            return _refused(line, error.code, RowOutcome.UNKNOWN_GROUP, "no group has it")
        except GroupInactiveError as error:
            return _refused(line, error.code, RowOutcome.INACTIVE_GROUP, _NOT_OPEN)
        except InsufficientStockError as error:
            free = f"is more than is free, which is {written(error.shortages[0].free)}"
            return _refused(line, str(asked.quantity), RowOutcome.INSUFFICIENT, free)
        except RequestReusedError as error:
            return _refused(line, error.request_id, RowOutcome.REQUEST_REUSED, _REUSED)
        is_known = made.id in known
        known.add(made.id)
        return RowOutcome.REPEATED if is_known else RowOutcome.RESERVED

    def _count(self, outcome: RowOutcome | RowReject, cells: Sequence[object]) -> None:
        if isinstance(outcome, RowReject):
            self.rejects.add(outcome, cells)
            self.counts[outcome.outcome] += 1
        else:
            self.counts[outcome] += 1


def _malformed(line: int, error: InvalidValueError) -> RowReject:
    if error.field not in _FIELD_OF:
        raise error
    field = _FIELD_OF[error.field]
    return RowReject(line, str(error.value), RowOutcome.MALFORMED, field, error.reason)


def _refused(line: int, value: str, outcome: RowOutcome, message: str) -> RowReject:
    return RowReject(line, value, outcome, outcome.value, message)

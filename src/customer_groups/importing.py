"""From a list of customers, in whatever form it comes, to the members of a group."""

import os
from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from itertools import chain, islice

import attrs

from customer_groups.codes import GroupCode, parse_group_code
from customer_groups.errors import InvalidValueError, LimitExceededError
from customer_groups.files.decoding import checked_encoding, text_pieces
from customer_groups.files.delimited import read_delimited
from customer_groups.files.dialects import Dialect
from customer_groups.files.formats import DELIMITED, IMPORTS, JSON_LINES, PASTED
from customer_groups.files.json_lines import read_json_lines
from customer_groups.files.limits import DEFAULT_LIMITS, Limits
from customer_groups.files.pasted import read_pasted
from customer_groups.files.progress import OnProgress
from customer_groups.files.reading import Detected, Findings, Layout
from customer_groups.files.reject_table import write_rejects
from customer_groups.files.rejects import Rejects
from customer_groups.files.repeating import repeatable
from customer_groups.files.sources import Readable, Source, open_stream
from customer_groups.files.target import Target, is_same_file, require_writable
from customer_groups.model import parse_actor, parse_time
from customer_groups.outcomes import Entry, OutcomeCounts, Reject, well_formed
from customer_groups.repository import GroupRepository, GroupStore, UnitOfWork

__all__ = ["Detected", "ImportReport", "import_customers", "import_into"]

_VALUES = "values"
_BATCH = 5_000
_READERS = {
    PASTED: read_pasted,
    DELIMITED: read_delimited,
    JSON_LINES: read_json_lines,
}


@attrs.frozen(kw_only=True)
class ImportReport:
    """What became of a list.

    Attributes:
        group: The code of the group.
        counts: How many values had each outcome; all but ``removed`` add up to ``values``.
        values: How many values were read.
        blank_lines: How many lines had nothing on them.
        header_lines: How many lines say what is in the others.
        rejects: The first rejects, by line; of those on one line, the malformed ones first.
        rejects_omitted: How many more there are.
        dry_run: Whether the import was only tried, and nothing changed.
        detected: How the list was laid out, be it said by the caller or found.
    """

    group: GroupCode
    counts: OutcomeCounts
    values: int
    blank_lines: int
    header_lines: int
    rejects: tuple[Reject, ...]
    rejects_omitted: int
    dry_run: bool
    detected: Detected


def import_customers(
    work: UnitOfWork,
    code: str,
    source: Source,
    *,
    format: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    column: str | int | None = None,
    dialect: str = Dialect.EXACT,
    by_key: bool = False,
    dry_run: bool = False,
    rejects: Target | None = None,
    limits: Limits = DEFAULT_LIMITS,
    on_progress: OnProgress | None = None,
    by: str | None = None,
    at: datetime | None = None,
) -> ImportReport:
    """Add the customers of a list to a group.

    A value that cannot be used is an outcome in the report, and the others are imported. An
    error means that the list cannot be read, and then nothing is imported. Memory does not
    grow with the list.

    Args:
        work: The unit of work.
        code: The code of the group.
        source: A ``str`` is pasted text, never a path. A ``PathLike`` is a file. Else an
            open file of bytes or text, read from where it stands and left open; else any
            iterable, each item of which is one value.
        format: ``"pasted"`` (separated by line ends, commas, semicolons and tabs),
            ``"delimited"`` (CSV and the like) or ``"jsonl"``. By default pasted text is
            pasted, and a file has the format that its suffix says: .csv, .txt, .tsv, .jsonl
            or .ndjson; an open file without a suffix is delimited.
        encoding: The encoding of bytes. By default that of their byte order mark, else
            UTF-8.
        delimiter: What separates the cells of delimited text. By default what a first line
            ``sep=;`` names, else the one of ``, ; tab |`` that gives the records of the
            first lines the same number of cells.
        column: The column of customers: its name in the header or in the objects of JSON
            Lines, or its position from 1 in delimited text. By default the only one, or the
            only one with a usual name, such as "Customer No." or ``customer_code``.
        dialect: ``"spreadsheet"`` to take off the ``'`` that an export in this dialect puts
            in front of what looks like a formula.
        by_key: Whether the values are keys of customers instead of codes.
        dry_run: Whether to do everything, report it, and undo it.
        rejects: Where to write the rejects, to be corrected and imported again: in the
            format of the list and with the same options; or delimited, where the list was
            pasted text or an iterable. Written even if there are none. A path is replaced as
            a whole, and cannot be that of the list.
        limits: What the list may not go beyond.
        on_progress: Called with how much was read so far and how much there is, every few
            thousand values and at the end of the list: in bytes of a file, in characters of
            text, in values of an iterable. The second is None where it is not known.
        by: Who does it.
        at: When this happens; None means now.

    Returns:
        What became of every value.

    Raises:
        GroupNotFoundError: there is no group with this code.
        ImportFileError: the list cannot be read; one of its subclasses says why.
        InvalidValueError: an argument cannot be what it is.
        OSError: a file cannot be read or written.
    """
    task = _Import(
        code=code,
        format=_format_of(source, format),
        encoding=encoding,
        layout=Layout(
            delimiter=delimiter, column=column, dialect=dialect, by_key=by_key, limits=limits
        ),
        dry_run=dry_run,
        rejects=rejects,
        on_progress=on_progress,
        by=by,
        at=at,
    )
    task.check_target(source)
    with task.collected_rejects() as found, _atomic(work.groups, undo=dry_run):
        report = task.run(work, source, found)
        task.deliver(found, report)
    return report


def import_into(
    store: GroupStore,
    code: str,
    source: Source,
    *,
    format: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    column: str | int | None = None,
    dialect: str = Dialect.EXACT,
    by_key: bool = False,
    dry_run: bool = False,
    rejects: Target | None = None,
    limits: Limits = DEFAULT_LIMITS,
    on_progress: OnProgress | None = None,
    by: str | None = None,
    at: datetime | None = None,
) -> ImportReport:
    """Add the customers of a list to a group, in a transaction of its own.

    All arguments after ``store`` are those of `import_customers`. Where another transaction
    is in the way, the import is tried again as `GroupStore.run` does it: progress then
    starts anew, and a source that can be read only once is copied beforehand. The rejects
    are written after the commit; that they can be is found out before, but an error while
    writing them, such as a full disk, does not undo the import.

    Raises:
        StorageError: the storage failed; nothing was imported, unless it is an
            `OutcomeUnknownError`.
        GroupNotFoundError, ImportFileError, InvalidValueError, OSError: as for
            `import_customers`.
    """
    task = _Import(
        code=code,
        format=_format_of(source, format),
        encoding=encoding,
        layout=Layout(
            delimiter=delimiter, column=column, dialect=dialect, by_key=by_key, limits=limits
        ),
        dry_run=dry_run,
        rejects=rejects,
        on_progress=on_progress,
        by=by,
        at=at,
    )
    task.check_target(source)
    with task.collected_rejects() as found:
        with repeatable(source, limits) as again:

            def attempt(work: UnitOfWork) -> ImportReport:
                with _atomic(work.groups, undo=dry_run):
                    return task.run(work, again(), found)

            report = store.run(attempt)
        task.deliver(found, report)
    return report


def _now_if_none(time: datetime | None) -> datetime:
    return datetime.now(UTC) if time is None else parse_time(time)


@attrs.frozen(kw_only=True)
class _Import:
    """An import, as it was asked for."""

    code: GroupCode = attrs.field(converter=parse_group_code)
    format: str
    encoding: str | None = attrs.field(converter=checked_encoding)
    layout: Layout
    dry_run: bool
    rejects: Target | None
    on_progress: OnProgress | None
    by: str | None = attrs.field(converter=parse_actor)
    at: datetime = attrs.field(converter=_now_if_none)

    def check_target(self, source: Source) -> None:
        """Find out before anything is stored whether rejects can be written at all."""
        if isinstance(self.rejects, str | os.PathLike):
            if isinstance(source, os.PathLike) and is_same_file(source, self.rejects):
                reason = "is the list itself; name another file"
                raise InvalidValueError("rejects", os.fspath(self.rejects), reason)
            require_writable(self.rejects)

    def collected_rejects(self) -> Rejects:
        """Return where to collect rejects: all that will be written, else all reported."""
        return Rejects(self.layout.limits.reported_rejects if self.rejects is None else None)

    def run(self, work: UnitOfWork, source: Source, rejects: Rejects) -> ImportReport:
        """Read the source and add its customers, once."""
        work.groups.get(self.code)
        rejects.clear()
        findings = Findings(rejects.add_unreadable)
        with self._opened(source, findings) as intake:
            counts = work.groups.add_members(
                self.code,
                well_formed(intake, rejects.add_malformed, by_key=self.layout.by_key),
                at=self.at,
                by=self.by,
                by_key=self.layout.by_key,
                on_outcome=rejects.add_outcome,
            )
        reported = rejects.first(self.layout.limits.reported_rejects)
        return ImportReport(
            group=self.code,
            counts=attrs.evolve(counts, malformed=rejects.malformed),
            values=intake.values + findings.unreadable,
            blank_lines=findings.blank_lines,
            header_lines=findings.header_lines,
            rejects=reported,
            rejects_omitted=len(rejects) - len(reported),
            dry_run=self.dry_run,
            detected=Detected(
                format=self.format,
                encoding=findings.encoding,
                delimiter=findings.delimiter,
                column=findings.column,
            ),
        )

    @contextmanager
    def _opened(self, source: Source, findings: Findings) -> Iterator["_Intake"]:
        limits = self.layout.limits
        tell = self.on_progress or _tell_nobody
        if isinstance(source, str | os.PathLike | Readable):
            with open_stream(source, limits.input_bytes) as stream:
                findings.encoding, pieces = text_pieces(iter(stream), self.encoding)
                values = _READERS[self.format](pieces, self.layout, findings)
                yield _Intake(values, limits.rows, lambda _: tell(stream.done, stream.total))
        else:
            total = len(source) if isinstance(source, Sized) else None
            yield _Intake(enumerate(source, 1), limits.rows, lambda done: tell(done, total))

    def deliver(self, rejects: Rejects, report: ImportReport) -> None:
        """Write the rejects, if that was asked for."""
        if self.rejects is not None:
            write_rejects(
                self.rejects, rejects, self.layout, report.detected, encoding=self.encoding
            )


@attrs.define
class _Intake:
    """The values of a list on their way in: counted, limited, and told about."""

    entries: Iterator[Entry]
    most: int
    tell: Callable[[int], object]
    values: int = 0

    def __iter__(self) -> Iterator[Entry]:
        return chain.from_iterable(self._batches())

    def _batches(self) -> Iterator[tuple[Entry, ...]]:
        while batch := tuple(islice(self.entries, _BATCH)):
            self.values += len(batch)
            if self.values > self.most:
                raise LimitExceededError("rows", self.most)
            yield batch
            self.tell(self.values)
        self.tell(self.values)


def _tell_nobody(_done: int, _total: int | None) -> None:
    pass


class _UndoError(Exception):
    """Leaves a context to undo what happened in it."""


@contextmanager
def _atomic(groups: GroupRepository, *, undo: bool) -> Iterator[None]:
    """Keep all that happens, or nothing if an exception leaves the context, or on demand."""
    with suppress(_UndoError), groups.atomic():
        yield
        if undo:
            raise _UndoError


def _format_of(source: object, named: str | None) -> str:
    if isinstance(source, str):
        return IMPORTS.choose(PASTED if named is None else named, source)
    if isinstance(source, os.PathLike | Readable):
        return IMPORTS.choose(named, source)
    if isinstance(source, bytes) or not isinstance(source, Iterable):
        reason = "is no source; pass text, a path, an open file or the values themselves"
        raise InvalidValueError("source", source, reason)
    if named is not None:
        raise InvalidValueError("format", named, "is not for values; leave it out")
    return _VALUES

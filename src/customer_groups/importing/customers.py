"""Lists of customers, imported into one group."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict, Unpack

from customer_groups.files.columns import ColumnName
from customer_groups.files.dialects import Dialect
from customer_groups.files.limits import DEFAULT_LIMITS, Limits
from customer_groups.files.progress import OnProgress
from customer_groups.files.reading import Reader
from customer_groups.files.sources import Source
from customer_groups.files.target import Target
from customer_groups.importing.changes import Change
from customer_groups.importing.modes import ImportMode
from customer_groups.importing.options import taken_fields, taken_list
from customer_groups.importing.report import ImportReport
from customer_groups.importing.task import Import
from customer_groups.repository import GroupStore, UnitOfWork

__all__ = ["ImportOptions", "PlanOptions", "import_customers", "import_into", "import_of"]


class PlanOptions(TypedDict, total=False):
    """The optional arguments of `plan_import`; `import_customers` says what they mean."""

    mode: str
    format: str | Reader | None
    encoding: str | None
    delimiter: str | None
    sheet: str | int | None
    column: ColumnName
    header: bool | int | None
    dialect: str
    by_key: bool
    rejects: Target | None
    limits: Limits
    on_progress: OnProgress | None


class ImportOptions(PlanOptions, total=False):
    """The optional arguments of `import_into`; `import_customers` says what they mean."""

    dry_run: bool
    by: str | None
    at: datetime | None


def import_customers(
    work: UnitOfWork,
    code: str,
    source: Source,
    *,
    mode: str = ImportMode.ADD,
    format: str | Reader | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | int | None = None,
    column: ColumnName = None,
    header: bool | int | None = None,
    dialect: str = Dialect.EXACT,
    by_key: bool = False,
    dry_run: bool = False,
    rejects: Target | None = None,
    limits: Limits = DEFAULT_LIMITS,
    on_progress: OnProgress | None = None,
    by: str | None = None,
    at: datetime | None = None,
) -> ImportReport:
    """Add the customers of a list to a group, remove them, or replace its members by them.

    A value that cannot be used is an outcome in the report, and the others are imported. An
    error means that the list cannot be read, and then nothing is imported. Memory does not
    grow with the list.

    Args:
        work: The unit of work.
        code: The code of the group.
        source: A ``str`` is pasted text, never a path. A ``PathLike`` is a file. Else an
            open file of bytes or text, read from where it stands and left open; else any
            iterable, each item of which is one value.
        mode: ``"add"``; ``"remove"`` to end the memberships of these customers; or
            ``"replace"`` to make them the only members: then the report says who leaves, and
            a list that would leave nobody of the members is refused, as it is most likely the
            wrong one. So is one that has the columns of a file of rejects: the members who
            were not rejected are missing there. To replace reads all members first.
        format: ``"pasted"`` (separated by line ends, commas, semicolons and tabs),
            ``"delimited"`` (CSV and the like), ``"xlsx"``, ``"jsonl"``, or a `Reader` of
            your own. By default pasted text is pasted, and a file has the format that its
            suffix says: .csv, .txt, .tsv, .xlsx, .xlsm, .jsonl or .ndjson; an open file
            without a suffix is delimited.
        encoding: The encoding of bytes that are text. By default that of their byte order
            mark, else UTF-8.
        delimiter: What separates the cells of delimited text. By default what a first line
            ``sep=;`` names, else the one of ``, ; tab |`` that gives the records of the
            first lines the same number of cells.
        sheet: The name of a sheet, or its position from 1. By default the first visible one.
        column: The column of customers: its name in the header or in the objects of JSON
            Lines, or several names of which one is there; or its position from 1 in a
            table. By default the only one, or the only one with a usual name, such as
            "Customer No." or ``customer_code``.
        header: Whether the first row of a table names the columns. By default it does if
            the column of customers is found in it by name, or has a usual name there. Or the
            number of the line that names them, from 1, where a title stands above it.
        dialect: ``"spreadsheet"`` to take off the ``'`` that an export in this dialect puts
            in front of what looks like a formula; JSON Lines have none in either dialect.
        by_key: Whether the values are keys of customers instead of codes.
        dry_run: Whether to do everything, report it, and undo it.
        rejects: Where to write the rejects, to be corrected and imported again: in the
            format of the list and with the same options, but with the mode ``"add"`` where
            the list replaced the members; or delimited, where the list was
            pasted text or an iterable. What was no text in a spreadsheet, such as a date, is
            the text of its number there, and is taken at its word if nobody corrects it.
            Written even if there are none. A path is replaced as a whole; it cannot be that
            of the list, nor end as that of another format.
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
        InvalidValueError: an argument cannot be what it is, nobody would be left, or
            rejects are to replace the members.
        StaleGroupError: somebody else changed the members while they were replaced.
        OSError: a file cannot be read or written.
    """
    options = ImportOptions(
        mode=mode,
        format=format,
        encoding=encoding,
        delimiter=delimiter,
        sheet=sheet,
        column=column,
        header=header,
        dialect=dialect,
        by_key=by_key,
        dry_run=dry_run,
        rejects=rejects,
        limits=limits,
        on_progress=on_progress,
        by=by,
        at=at,
    )
    return import_of(code, source, options).run_in(work)


def import_into(
    store: GroupStore, code: str, source: Source, **options: Unpack[ImportOptions]
) -> ImportReport:
    """Import the customers of a list into a group, in a transaction of its own.

    The arguments after ``store`` and the options are those of `import_customers`. Where
    another transaction is in the way, the import is tried again as `GroupStore.run` does it:
    progress then starts anew, and a source that can be read only once is copied beforehand.
    The rejects are written after the commit; that they can be is found out before, but an
    error while writing them, such as a full disk, does not undo the import.

    Raises:
        RejectsNotWrittenError: the import is stored, and writing the rejects failed; the
            error has the report.
        StorageError: the storage failed; nothing was imported, unless it is an
            `OutcomeUnknownError`.
        GroupNotFoundError, ImportFileError, InvalidValueError, OSError: as for
            `import_customers`.
    """
    return import_of(code, source, options).run_alone(store)


def import_of(code: str, source: Source, options: Mapping[str, object]) -> Import:
    """Return an import as its arguments ask for it.

    Raises:
        ImportFileError, InvalidValueError, OSError: as for `import_customers`, as far as that
            is known before the list is opened.
    """
    given = dict[str, Any](options)
    listed = taken_list(source, given)
    change = Change(group=code, by_key=listed.layout.by_key, **taken_fields(Change, given))
    task = Import(change=change, list=listed, **given)
    task.require_deliverable()
    return task

"""Lists of customers, imported into one group."""

from datetime import datetime
from typing import Any, TypedDict, Unpack

import attrs

from customer_groups.files.columns import ColumnName
from customer_groups.files.dialects import Dialect
from customer_groups.files.limits import DEFAULT_LIMITS, Limits
from customer_groups.files.progress import OnProgress
from customer_groups.files.reading import Layout, Reader
from customer_groups.files.sources import Source
from customer_groups.files.target import Target
from customer_groups.importing.intake import list_of
from customer_groups.importing.report import ImportReport
from customer_groups.importing.task import Import, atomic, require_rejects_elsewhere
from customer_groups.repository import GroupStore, UnitOfWork

__all__ = ["ImportOptions", "import_customers", "import_into"]


class ImportOptions(TypedDict, total=False):
    """The optional arguments of `import_customers`, which says what they mean."""

    format: str | Reader | None
    encoding: str | None
    delimiter: str | None
    sheet: str | int | None
    column: ColumnName
    header: bool | None
    dialect: str
    by_key: bool
    dry_run: bool
    rejects: Target | None
    limits: Limits
    on_progress: OnProgress | None
    by: str | None
    at: datetime | None


def import_customers(
    work: UnitOfWork,
    code: str,
    source: Source,
    *,
    format: str | Reader | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | int | None = None,
    column: ColumnName = None,
    header: bool | None = None,
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
            the column of customers is found in it by name, or has a usual name there.
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
    options = ImportOptions(
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
    task = _import_of(code, source, options)
    with task.collected_rejects() as found, atomic(work.groups, undo=dry_run):
        report = task.run(work, found)
        task.deliver(found, report)
    return report


def import_into(
    store: GroupStore, code: str, source: Source, **options: Unpack[ImportOptions]
) -> ImportReport:
    """Add the customers of a list to a group, in a transaction of its own.

    The arguments after ``store`` and the options are those of `import_customers`. Where
    another transaction is in the way, the import is tried again as `GroupStore.run` does it:
    progress then starts anew, and a source that can be read only once is copied beforehand.
    The rejects are written after the commit; that they can be is found out before, but an
    error while writing them, such as a full disk, does not undo the import.

    Raises:
        StorageError: the storage failed; nothing was imported, unless it is an
            `OutcomeUnknownError`.
        GroupNotFoundError, ImportFileError, InvalidValueError, OSError: as for
            `import_customers`.
    """
    task = _import_of(code, source, options)
    with task.collected_rejects() as found:
        with task.list.repeatable() as again:

            def attempt(work: UnitOfWork) -> ImportReport:
                with atomic(work.groups, undo=task.dry_run):
                    return attrs.evolve(task, list=again()).run(work, found)

            report = store.run(attempt)
        task.deliver(found, report)
    return report


def _import_of(code: str, source: Source, options: ImportOptions) -> Import:
    given = dict[str, Any](options)
    format, on_progress = given.pop("format", None), given.pop("on_progress", None)
    of_layout = {name for field in attrs.fields(Layout) if (name := field.name) in given}
    layout = Layout(**{name: given.pop(name) for name in of_layout})
    listed = list_of(source, layout, format=format, on_progress=on_progress)
    require_rejects_elsewhere(given.get("rejects"), source)
    return Import(code=code, list=listed, **given)

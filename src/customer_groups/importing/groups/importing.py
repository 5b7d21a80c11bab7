"""Whole groups, imported from a file."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, TypedDict, Unpack

from customer_groups.codes import CodeGenerator, SequentialCodes
from customer_groups.files.columns import ColumnName
from customer_groups.files.dialects import Dialect
from customer_groups.files.limits import DEFAULT_LIMITS, Limits
from customer_groups.files.progress import OnProgress
from customer_groups.files.reading import Reader
from customer_groups.files.sources import FileSource
from customer_groups.files.target import Target
from customer_groups.importing.groups.columns import GroupColumns
from customer_groups.importing.groups.report import GroupsReport
from customer_groups.importing.groups.run import GroupsImport
from customer_groups.importing.options import taken_table
from customer_groups.repository import GroupStore, UnitOfWork

__all__ = ["GroupsOptions", "import_groups", "import_groups_into"]

_USUAL_COLUMNS: Final[Mapping[str, ColumnName]] = MappingProxyType({})


class GroupsOptions(TypedDict, total=False):
    """The optional arguments of `import_groups`, which says what they mean."""

    format: str | Reader | None
    encoding: str | None
    delimiter: str | None
    sheet: str | int | None
    columns: Mapping[str, ColumnName]
    dialect: str
    codes: CodeGenerator
    dry_run: bool
    rejects: Target | None
    limits: Limits
    on_progress: OnProgress | None
    by: str | None
    at: datetime | None


def import_groups(
    work: UnitOfWork,
    source: FileSource,
    *,
    format: str | Reader | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | int | None = None,
    columns: Mapping[str, ColumnName] = _USUAL_COLUMNS,
    dialect: str = Dialect.EXACT,
    codes: CodeGenerator = SequentialCodes(),  # noqa: B008  a frozen value
    dry_run: bool = False,
    rejects: Target | None = None,
    limits: Limits = DEFAULT_LIMITS,
    on_progress: OnProgress | None = None,
    by: str | None = None,
    at: datetime | None = None,
) -> GroupsReport:
    """Create and update groups, and add their customers, as the rows of a table say.

    It reads what `export_groups` writes, with members or without; and a table that a person
    made, with a row for each customer of each group, in any order. A row names its group by
    code, or if it has none by name. A group that is not there is created. One that is there
    gets the name, status and attributes that the row says; what the table has no column for,
    or an empty cell, stays as it is. A group that is found by its name keeps the spelling of
    it. All rows of a group must say the same of it: the first one decides.

    The customer of a row is named by its key, or if the row has none by its code, and
    becomes a member; nobody is removed from a group. A row with both must mean one customer
    by them, unless the customer has no code. Keys are of use only where both systems have the
    same ones; else leave them out with ``columns={"customer_key": None}``.

    A row that cannot be used is a reject in the report, and the others are imported. An
    error means that nothing is imported. All rows are read first, and set aside on disk where
    they are many. Memory grows with the number of groups, by their codes, and not with the
    number of rows. A customer who is named again for the same group
    within ten thousand rows is a ``duplicate``, later on ``already_member``.

    Args:
        work: The unit of work.
        source: A ``str`` is the text itself, never a path. A ``PathLike`` is a file. Else an
            open file of bytes or text, read from where it stands and left open.
        format: ``"delimited"``, ``"xlsx"``, ``"jsonl"``, or a `Reader` of your own. By
            default a file has the format that its suffix says; text, and an open file
            without a suffix, is delimited.
        encoding: As for `import_customers`.
        delimiter: As there.
        sheet: As there.
        columns: Which columns hold the fields ``group_code``, ``group_name``, ``status``,
            ``attributes``, ``customer_key`` and ``customer_code``: the name of a column,
            several names that it may have, or its position from 1; None for a field that is
            not to be read. The fields of JSON Lines have no position. By default a column is
            recognised by its usual names, such as "Group", "Customer group", "Group code",
            "Status", "Customer No.", or those of `export_groups`. The first row names the
            columns.
        dialect: As there.
        codes: Draws codes for groups that have none in the file, and none that stands
            anywhere in the file. For each group that is created with its code from the file a
            number is drawn, too, so that later codes are behind those. Where the codes of the
            file begin further on, `create_group` gets past them when it comes to them, which
            may draw twice as many numbers as there are codes, once.
        dry_run: Whether to do everything, report it, and undo it.
        rejects: Where to write the rejects, to be corrected and imported again: the rows
            with all their columns, in the format of the file, followed by ``line``,
            ``value``, ``outcome``, ``reason`` and ``message``. What could not be taken
            apart into columns stands in ``value``. Rows that are not corrected are taken
            at their word: a date has become its number as text, and a row that contradicted
            another one now is the first. Written even if there are none. A path is replaced
            as a whole; it cannot be that of the file, nor end as that of another format.
        limits: What the file may not go beyond.
        on_progress: As for `import_customers`.
        by: Who does it.
        at: When this happens; None means now.

    Returns:
        What became of every group and every row.

    Raises:
        ImportFileError: the file cannot be read; one of its subclasses says why.
        InvalidValueError: an argument cannot be what it is.
        CodesExhaustedError: all codes that were drawn for a new group were taken.
        DuplicateCodeError, StaleGroupError, GroupNotFoundError: somebody else created,
            changed or removed a group of the file at the same time; import it again.
        OSError: a file cannot be read or written.
    """
    options = GroupsOptions(
        format=format,
        encoding=encoding,
        delimiter=delimiter,
        sheet=sheet,
        columns=columns,
        dialect=dialect,
        codes=codes,
        dry_run=dry_run,
        rejects=rejects,
        limits=limits,
        on_progress=on_progress,
        by=by,
        at=at,
    )
    return _import_of(source, options).run_in(work)


def import_groups_into(
    store: GroupStore, source: FileSource, **options: Unpack[GroupsOptions]
) -> GroupsReport:
    """Import groups in a transaction of its own.

    The arguments after ``store`` and the options are those of `import_groups`. Where another
    transaction is in the way, the import is tried again as `GroupStore.run` does it:
    progress then starts anew, and an open file is copied beforehand. The rejects are written
    after the commit; that they can be is found out before, but an error while writing them,
    such as a full disk, does not undo the import.

    Raises:
        RejectsNotWrittenError: the import is stored, and writing the rejects failed; the
            error has the report.
        StorageError: the storage failed; nothing was imported, unless it is an
            `OutcomeUnknownError`.
        CodesExhaustedError, DuplicateCodeError, GroupNotFoundError, ImportFileError,
        InvalidValueError, OSError: as for `import_groups`.
    """
    return _import_of(source, options).run_alone(store)


def _import_of(source: FileSource, options: GroupsOptions) -> GroupsImport:
    given = dict[str, Any](options)
    listed = taken_table(source, given)
    columns = GroupColumns(given.pop("columns", _USUAL_COLUMNS))
    task = GroupsImport(list=listed, columns=columns, **given)
    task.require_deliverable()
    return task

"""Reservations, imported from a table."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from types import MappingProxyType
from typing import Any, Final, TypedDict, Unpack

from customer_groups.files.columns import ColumnName
from customer_groups.files.dialects import Dialect
from customer_groups.files.limits import DEFAULT_LIMITS, Limits
from customer_groups.files.progress import OnProgress
from customer_groups.files.reading import Reader
from customer_groups.files.sources import FileSource
from customer_groups.files.target import Target
from customer_groups.importing.options import taken_table
from customer_groups.repository import UnitOfWork
from customer_groups.reservations.files.columns import ReservationColumns
from customer_groups.reservations.files.report import ReservationsReport
from customer_groups.reservations.files.rows import RowForm
from customer_groups.reservations.files.run import ReservationsImport
from customer_groups.reservations.files.stock_keys import StockKeyOf, item_at_location
from customer_groups.reservations.repository import ReservationWork
from customer_groups.reservations.store import ReservationStore

__all__ = ["ReservationsOptions", "import_reservations", "import_reservations_into"]

_USUAL_COLUMNS: Final[Mapping[str, ColumnName]] = MappingProxyType({})


class ReservationsOptions(TypedDict, total=False):
    """The optional arguments of `import_reservations`, which says what they mean."""

    format: str | Reader | None
    encoding: str | None
    delimiter: str | None
    sheet: str | int | None
    columns: Mapping[str, ColumnName]
    dialect: str
    stock_key: StockKeyOf
    time_zone: tzinfo
    dry_run: bool
    rejects: Target | None
    limits: Limits
    on_progress: OnProgress | None
    by: str | None
    at: datetime | None


def import_reservations(
    work: ReservationWork,
    source: FileSource,
    *,
    request_id: str,
    format: str | Reader | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | int | None = None,
    columns: Mapping[str, ColumnName] = _USUAL_COLUMNS,
    dialect: str = Dialect.EXACT,
    stock_key: StockKeyOf = item_at_location,
    time_zone: tzinfo = UTC,
    dry_run: bool = False,
    rejects: Target | None = None,
    limits: Limits = DEFAULT_LIMITS,
    on_progress: OnProgress | None = None,
    by: str | None = None,
    at: datetime | None = None,
) -> ReservationsReport:
    """Reserve stock for groups, as the rows of a table say, in their order.

    Each row is a request of its own, and has an outcome: its stock is set aside, or it is a
    reject in the report, which has changed nothing, and the others are imported. An error
    means that nothing is imported. The request of a row, and so its reservation, has the id
    that the row says, or else ``request_id``, a colon and the line of the row. So the same file
    again with the same ``request_id`` has no second effect, and neither has the file of an
    export. A file whose lines have moved, such as corrected rejects, another sheet of it, or
    another column with quantities, needs a ``request_id`` of its own.

    The fields of a row are

    * ``group``: the code of the group.
    * ``stock``: the key of the stock; or ``item`` and, if there is one, ``location``. A row
      with a stock and one of these is refused.
    * ``quantity``: a number such as 1200 or 2.5, without separators of thousands. A number
      cell of a spreadsheet counts as it is shown, with up to 15 digits. JSON Lines have decimal
      places in text only.
    * ``valid_from``, ``valid_to``: when members can begin to consume it, and when no longer; a
      date or a time in ISO 8601, or a date cell of a spreadsheet. A date is the beginning of
      that day: what is valid to 2026-12-31 cannot be consumed on that day.
    * ``priority``: 1 to 99; empty for 50.
    * ``holds_before_start``: yes or no; empty for yes.
    * ``id``: identifies the request; empty for one that is made of ``request_id`` and the line.

    All rows are read first, and set aside on disk where they are many; so memory does not grow
    with the file, and a file that cannot be read locks nothing. The stocks are locked in the
    order of the rows. A file that is sorted by stock does not wait for others in a circle.

    Args:
        work: The unit of work.
        source: As for `import_groups`.
        request_id: Identifies the import; at most 69 characters, as the line comes behind.
        format: As for `import_groups`, like all up to ``sheet``.
        encoding: As there.
        delimiter: As there.
        sheet: As there.
        columns: Which columns hold the fields: the name of a column, several names that it may
            have, or its position from 1; None for a field that is not to be read. The fields
            of JSON Lines have no position. By default a column is recognised by its usual
            names, such as "Group", "Item No.", "Warehouse", "Qty", "From", "Until" or those of
            `export_reservations`. The first row names the columns.
        dialect: As for `import_groups`.
        stock_key: Makes the key of a stock of an item and a location, which is empty where
            there is none; by default ``item@location``.
        time_zone: The time zone of dates, and of times that name none.
        dry_run: Whether to do everything, report it, and undo it.
        rejects: Where to write the rejects, to be corrected and imported again: the rows
            with all their columns, in the format of the file, followed by ``line``,
            ``value``, ``outcome``, ``reason`` and ``message``. Written even if there are
            none. A path is replaced as a whole; it cannot be that of the file, nor end as that
            of another format.
        limits: What the file may not go beyond.
        on_progress: As for `import_customers`.
        by: Who does it.
        at: When this happens; None means now.

    Returns:
        What became of every row.

    Raises:
        ImportFileError: the file cannot be read; one of its subclasses says why.
        InvalidValueError: an argument cannot be what it is.
        OSError: a file cannot be read or written.
    """
    options = ReservationsOptions(
        format=format,
        encoding=encoding,
        delimiter=delimiter,
        sheet=sheet,
        columns=columns,
        dialect=dialect,
        stock_key=stock_key,
        time_zone=time_zone,
        dry_run=dry_run,
        rejects=rejects,
        limits=limits,
        on_progress=on_progress,
        by=by,
        at=at,
    )
    return _import_of(source, lambda _: work, request_id, options).run_in(work.core)


def import_reservations_into(
    store: ReservationStore,
    source: FileSource,
    *,
    request_id: str,
    **options: Unpack[ReservationsOptions],
) -> ReservationsReport:
    """Import reservations in a transaction of its own.

    The arguments after ``store`` and the options are those of `import_reservations`. Where
    another transaction is in the way, the import is tried again as `GroupStore.run` does it:
    progress then starts anew, and an open file is copied beforehand. The rejects are written
    after the commit; that they can be is found out before, but an error while writing them,
    such as a full disk, does not undo the import.

    Raises:
        RejectsNotWrittenError: the import is stored, and writing the rejects failed; the
            error has the report.
        StorageError: the storage failed; nothing was imported, unless it is an
            `OutcomeUnknownError`. It may be imported again with the same ``request_id``.
        ImportFileError, InvalidValueError, OSError: as for `import_reservations`.
    """
    task = _import_of(source, store.reservations.bind, request_id, options)
    return task.run_alone(store.groups)


def _import_of(
    source: FileSource,
    bound: Callable[[UnitOfWork], ReservationWork],
    request_id: str,
    options: ReservationsOptions,
) -> ReservationsImport:
    given = dict[str, Any](options)
    listed = taken_table(source, given)
    form = RowForm(
        request_id=request_id,
        stock_key=given.pop("stock_key", item_at_location),
        time_zone=given.pop("time_zone", UTC),
        at=given.pop("at", None),
        by=given.pop("by", None),
    )
    columns = ReservationColumns(given.pop("columns", _USUAL_COLUMNS))
    task = ReservationsImport(list=listed, bound=bound, form=form, columns=columns, **given)
    task.require_deliverable()
    return task

"""From reservations and their ledger to files that machines and people read."""

from collections.abc import Collection
from datetime import datetime

from customer_groups.files.dialects import Dialect
from customer_groups.files.exports import Export, writer_for
from customer_groups.files.progress import OnProgress
from customer_groups.files.reading import Layout
from customer_groups.files.target import Target
from customer_groups.files.writing import Writer
from customer_groups.paging import MAX_PAGE, walk
from customer_groups.reservations.asking import find_reservations, history
from customer_groups.reservations.model import GroupReservation, LedgerEntry, ReservationState
from customer_groups.reservations.quantities import Quantity
from customer_groups.reservations.repository import ReservationWork

__all__ = [
    "LEDGER_COLUMNS",
    "RESERVATION_COLUMNS",
    "export_ledger",
    "export_reservations",
]

RESERVATION_COLUMNS = (
    "id",
    "group",
    "stock",
    "quantity",
    "consumed",
    "remaining",
    "valid_from",
    "valid_to",
    "priority",
    "holds_before_start",
    "state",
    "created_at",
    "created_by",
)
"""The columns that `export_reservations` writes."""

LEDGER_COLUMNS = (
    "stock",
    "version",
    "line",
    "kind",
    "held",
    "outstanding",
    "reservation",
    "customer",
    "request_id",
    "at",
    "by",
)
"""The columns that `export_ledger` writes."""

_Row = tuple[object, ...]


def export_reservations(
    work: ReservationWork,
    target: Target,
    *,
    group: str | None = None,
    stock: str | None = None,
    states: Collection[ReservationState | str] = (),
    format: str | Writer | None = None,
    dialect: str = Dialect.EXACT,
    delimiter: str | None = None,
    on_progress: OnProgress | None = None,
) -> int:
    """Write reservations to a file, by stock and id.

    The columns are `RESERVATION_COLUMNS`. Quantities are exact: digits, and in JSON Lines
    text where there are decimal places. Times are ISO 8601 in UTC. Memory does not grow with
    the result. `import_reservations` reads the file back, with all that was reserved. What is
    left of it comes back from an export of ``states=["active", "planned"]``, by
    ``columns={"quantity": "remaining"}``: ``remaining`` is 0 where a reservation was released
    or has expired.

    Args:
        work: The unit of work.
        target: As for `export_groups`, like ``format`` and all that follows.
        group: Only those of the group with this code.
        stock: Only those of this stock.
        states: Only those in one of these states; none for all.
        format: As there.
        dialect: As there.
        delimiter: As there.
        on_progress: As there; nobody knows the number of all rows.

    Returns:
        How many reservations were written.

    Raises:
        InvalidValueError: a value breaks its rules; or as for `export_groups`.
        UnknownFormatError, UnwritableError, OSError: as there.
    """
    writer = writer_for(target, format, Layout(dialect=dialect, delimiter=delimiter))
    found = walk(
        lambda after: find_reservations(
            work, group=group, stock=stock, states=states, limit=MAX_PAGE, after=after
        )
    )
    rows = map(_reservation_row, found)
    return Export(target, writer, on_progress).write(RESERVATION_COLUMNS, rows, None)


def export_ledger(
    work: ReservationWork,
    target: Target,
    *,
    stock: str | None = None,
    reservation: str | None = None,
    format: str | Writer | None = None,
    dialect: str = Dialect.EXACT,
    delimiter: str | None = None,
    on_progress: OnProgress | None = None,
) -> int:
    """Write the ledger to a file: by stock, and for each in the order in which it happened.

    The columns are `LEDGER_COLUMNS`. All else is as for `export_reservations`.

    Args:
        work: The unit of work.
        target: As there, like ``format`` and all that follows.
        stock: Only what moved this stock.
        reservation: Only what concerned the reservation with this id.
        format: As there.
        dialect: As there.
        delimiter: As there.
        on_progress: As there.

    Returns:
        How many entries were written.

    Raises:
        InvalidValueError, UnknownFormatError, UnwritableError, OSError: as there.
    """
    writer = writer_for(target, format, Layout(dialect=dialect, delimiter=delimiter))
    found = walk(
        lambda after: history(
            work, stock=stock, reservation=reservation, limit=MAX_PAGE, after=after
        )
    )
    rows = map(_ledger_row, found)
    return Export(target, writer, on_progress).write(LEDGER_COLUMNS, rows, None)


def _reservation_row(reservation: GroupReservation) -> _Row:
    return (
        reservation.id,
        reservation.group,
        reservation.stock,
        _number(reservation.quantity),
        _number(reservation.consumed),
        _number(reservation.left),
        _time(reservation.valid_from),
        _time(reservation.valid_to),
        reservation.priority,
        "yes" if reservation.holds_before_start else "no",
        reservation.state.value,
        _time(reservation.created_at),
        reservation.created_by,
    )


def _ledger_row(entry: LedgerEntry) -> _Row:
    return (
        entry.stock,
        entry.version,
        entry.line,
        entry.kind.value,
        _number(entry.held),
        _number(entry.outstanding),
        entry.reservation,
        entry.customer,
        entry.request_id,
        _time(entry.at),
        entry.by,
    )


def _number(quantity: Quantity) -> int | str:
    return quantity if isinstance(quantity, int) else f"{quantity:f}"


def _time(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()

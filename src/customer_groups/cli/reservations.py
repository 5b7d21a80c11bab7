"""Commands that list reservations and their ledger, or write them to files."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypedDict, TypeVar, Unpack

import click

from customer_groups.cli.options import delimiter, dialect, output, paging
from customer_groups.cli.output import progress_bar
from customer_groups.cli.quantities import record_of
from customer_groups.cli.result import Result, Table
from customer_groups.cli.searches import note_on_page
from customer_groups.cli.session import Session
from customer_groups.files.formats import EXPORTS
from customer_groups.files.progress import OnProgress
from customer_groups.reservations import (
    GroupReservation,
    LedgerEntry,
    ReservationState,
    find_reservations,
    history,
)
from customer_groups.reservations.files import export_ledger, export_reservations
from customer_groups.reservations.quantities import written

__all__ = ["ledger", "list_reservations"]

F = TypeVar("F", bound=Callable[..., Any])


class _FileOptions(TypedDict):
    """How a file is written."""

    format: str | None
    dialect: str
    delimiter: str | None


def _export_options(command: F) -> F:
    """Add the options of commands that show a page, or write all to a file."""
    options = (
        paging,
        click.option(
            "--export", "file", type=output, metavar="FILE", help="Write all to a file instead."
        ),
        click.option("--format", type=click.Choice(EXPORTS.names), help="Else by file name."),
        dialect,
        delimiter,
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command("reservations")
@click.option("--group", metavar="CODE", help="Only those for this group.")
@click.option("--stock", help="Only those of this stock.")
@click.option(
    "--state",
    "states",
    type=click.Choice([each.value for each in ReservationState]),
    multiple=True,
    help="Only those in this state; repeat it for several.",
)
@_export_options
@click.pass_obj
def list_reservations(
    session: Session,
    /,
    *,
    group: str | None,
    stock: str | None,
    states: tuple[str, ...],
    limit: int,
    after: str | None,
    file: Path | None,
    **options: Unpack[_FileOptions],
) -> Result:
    """List reservations, by stock and id, or write them to a file."""
    with session.reservations() as held, held.store.transaction() as work:
        if file is not None:
            return _written(
                file,
                lambda tell: export_reservations(
                    work,
                    file,
                    group=group,
                    stock=stock,
                    states=states,
                    on_progress=tell,
                    **options,
                ),
            )
        page = find_reservations(
            work, group=group, stock=stock, states=states, limit=limit, after=after
        )
    return Result(
        {"reservations": record_of(page.items), "next": page.next},
        (_table_of_reservations(page.items),),
        note_on_page(page),
    )


@click.command()
@click.option("--stock", help="Only what moved this stock.")
@click.option("--reservation", help="Only what concerned this reservation.")
@_export_options
@click.pass_obj
def ledger(
    session: Session,
    /,
    *,
    stock: str | None,
    reservation: str | None,
    limit: int,
    after: str | None,
    file: Path | None,
    **options: Unpack[_FileOptions],
) -> Result:
    """Show what moved stocks: for each in the order in which it happened; or write it to a file."""
    with session.reservations() as held, held.store.transaction() as work:
        if file is not None:
            return _written(
                file,
                lambda tell: export_ledger(
                    work, file, stock=stock, reservation=reservation, on_progress=tell, **options
                ),
            )
        page = history(work, stock=stock, reservation=reservation, limit=limit, after=after)
    return Result(
        {"entries": record_of(page.items), "next": page.next},
        (_table_of_entries(page.items),),
        note_on_page(page),
    )


def _written(file: Path, export: Callable[[OnProgress], int]) -> Result:
    with progress_bar("Writing") as tell:
        written = export(tell)
    return Result({"file": str(file), "written": written}, (f"Wrote {written:,} to {file}.",))


def _table_of_reservations(reservations: tuple[GroupReservation, ...]) -> Table:
    return Table(
        ("id", "group", "stock", "quantity", "left", "from", "until", "priority", "state"),
        [
            (
                each.id,
                each.group,
                each.stock,
                written(each.quantity),
                written(each.left),
                each.valid_from,
                each.valid_to,
                each.priority,
                each.state,
            )
            for each in reservations
        ],
    )


def _table_of_entries(entries: tuple[LedgerEntry, ...]) -> Table:
    return Table(
        (
            "stock",
            "when",
            "request",
            "what",
            "held",
            "outstanding",
            "reservation",
            "customer",
            "by",
        ),
        [
            (
                each.stock,
                each.at,
                each.request_id,
                each.kind,
                written(each.held),
                written(each.outstanding),
                each.reservation,
                each.customer,
                each.by,
            )
            for each in entries
        ],
    )

"""The command that reads files of reservations."""

from datetime import tzinfo
from pathlib import Path
from typing import Unpack

import click

from customer_groups.cli.options import (
    FILE,
    LayoutOptions,
    actor,
    columns_option,
    dialect,
    dry_run,
    rejects_option,
    source_at,
    strict,
    table_options,
)
from customer_groups.cli.outcomes import (
    import_and_rejects,
    note_on_hidden,
    sentence_on_layout,
    tables_of_columns,
    tables_of_outcomes,
    with_note_on_dry_run,
)
from customer_groups.cli.output import progress_bar
from customer_groups.cli.quantities import record_of, zone_option
from customer_groups.cli.requests import request_of_content
from customer_groups.cli.result import Result
from customer_groups.cli.session import Session
from customer_groups.reservations.files import (
    ReservationsReport,
    RowOutcome,
    import_reservations_into,
)

__all__ = ["import_reservation_file"]


class _Reading(LayoutOptions):
    """What decides which reservations are read from a file."""

    format: str | None
    columns: dict[str, str | int | None]
    dialect: str
    time_zone: tzinfo


@click.command("import-reservations")
@click.argument("file", type=FILE)
@table_options
@columns_option
@dialect
@zone_option
@rejects_option
@strict
@dry_run
@click.option(
    "--request-id",
    metavar="ID",
    help="The same again has no second effect; else one that is made of FILE and how it is read.",
)
@actor
@click.pass_obj
def import_reservation_file(
    session: Session,
    /,
    *,
    file: str,
    format: str | None,
    columns: dict[str, str | int | None],
    dialect: str,
    zone: tzinfo,
    rejects: Path | None,
    strict: bool,
    dry_run: bool,
    request_id: str | None,
    by: str | None,
    **layout: Unpack[LayoutOptions],
) -> Result:
    """Reserve stock as a FILE says, row by row.

    The fields are group, stock (or item and location), quantity, valid_from, valid_to,
    priority, holds_before_start and id; their columns are recognised by the usual names. The
    same file again has no second effect, unless it has another --request-id, or options by
    which it is read otherwise, such as --sheet and --column. For FILE - is standard input, which
    is a new request each time.
    """
    source = source_at(file)
    reading = _Reading(format=format, columns=columns, dialect=dialect, time_zone=zone, **layout)
    if request_id is None:
        request_id = request_of_content(source, reading)
    with session.reservations() as held, progress_bar("Reading", then="Reserving") as tell:
        report, failure = import_and_rejects(
            lambda: import_reservations_into(
                held.store,
                source,
                request_id=request_id,
                rejects=rejects,
                dry_run=dry_run,
                on_progress=tell,
                by=by,
                **reading,
            ),
            rejects,
        )
    return _result(report, is_strict=strict, failure=failure)


def _result(report: ReservationsReport, *, is_strict: bool, failure: str) -> Result:
    counts = [(outcome.value, number) for outcome, number in report.counts.items()]
    made = report.counts[RowOutcome.RESERVED]
    sentence = f"{made:,} of {report.rows:,} rows reserved, as request {report.request_id}."
    notes = (
        note_on_hidden(report.rejected, "rejects", "--rejects FILE writes all"),
        note_on_hidden(len(report.ignored), "columns are not read", "--json names all"),
    )
    return Result(
        record_of(report),
        (
            with_note_on_dry_run(sentence, is_dry_run=report.dry_run),
            sentence_on_layout(report.detected),
            *tables_of_columns(report.columns, report.ignored),
            *tables_of_outcomes(counts, report.rejects),
        ),
        "\n".join(filter(None, notes)),
        failure,
        is_success=not (is_strict and report.rejected),
    )

"""The command that reads files of groups and their customers."""

from pathlib import Path
from typing import Unpack

import attrs
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
    table_of_counts,
    tables_of_columns,
    tables_of_outcomes,
    with_note_on_dry_run,
)
from customer_groups.cli.output import progress_bar
from customer_groups.cli.result import Result
from customer_groups.cli.session import Session
from customer_groups.converters import make_converter
from customer_groups.importing import GroupsReport, import_groups_into

__all__ = ["import_group_file"]

_CUSTOMER_FIELDS = ("customer_key", "customer_code")


@click.command("import-groups")
@click.argument("file", type=FILE)
@table_options
@columns_option
@dialect
@rejects_option
@strict
@dry_run
@actor
@click.pass_obj
def import_group_file(
    session: Session,
    /,
    *,
    file: str,
    format: str | None,
    columns: dict[str, str | int | None],
    dialect: str,
    rejects: Path | None,
    strict: bool,
    dry_run: bool,
    by: str | None,
    **layout: Unpack[LayoutOptions],
) -> Result:
    """Create and update groups, and add customers to them, as a FILE says.

    It is what export writes, with --members or without, or a table with a row for each
    customer of each group. Nobody is removed from a group. The fields are group_code,
    group_name, status, attributes, customer_key and customer_code; their columns are
    recognised by the usual names. For FILE - is standard input.
    """
    with session.store() as store, progress_bar("Reading", then="Storing") as tell:
        report, failure = import_and_rejects(
            lambda: import_groups_into(
                store,
                source_at(file),
                format=format,
                columns=columns,
                dialect=dialect,
                rejects=rejects,
                dry_run=dry_run,
                on_progress=tell,
                by=by,
                **layout,
            ),
            rejects,
        )
    return _result(report, is_strict=strict, failure=failure)


def _result(report: GroupsReport, *, is_strict: bool, failure: str) -> Result:
    outcomes: list[tuple[str, int]] = [
        *report.customers.by_outcome().items(),
        ("without a customer", report.rows_without_customer),
        ("refused", report.rows_refused),
    ]
    sentence = f"{report.customers.added:,} customers added, of {report.rows:,} rows."
    rejected = report.customers.rejected + report.rows_refused
    notes = (
        note_on_hidden(rejected, "rejects", "--rejects FILE writes all"),
        _note_on_customers(report),
        note_on_hidden(len(report.ignored), "columns are not read", "--json names all"),
    )
    return Result(
        make_converter().unstructure(report),
        (
            with_note_on_dry_run(sentence, is_dry_run=report.dry_run),
            sentence_on_layout(report.detected),
            *tables_of_columns(report.columns, report.ignored),
            table_of_counts(("groups", "number"), attrs.asdict(report.groups).items()),
            *tables_of_outcomes(outcomes, report.rejects),
        ),
        "\n".join(filter(None, notes)),
        failure,
        is_success=not (is_strict and rejected),
    )


def _note_on_customers(report: GroupsReport) -> str:
    """Return a sentence that says so if no column was there that names customers."""
    if not report.columns.keys().isdisjoint(_CUSTOMER_FIELDS):
        return ""
    return (
        "No column of customers was found, so nobody was added to a group:"
        " name it with --column customer_code=COLUMN."
    )

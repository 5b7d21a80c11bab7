"""Commands that read and write files: customers of a group, and groups."""

import re
import sys
from contextlib import nullcontext
from pathlib import Path

import click

from customer_groups.cli.options import (
    FILE,
    dialect,
    group_conditions,
    is_standard,
    member_options,
    source_at,
    text_options,
)
from customer_groups.cli.outcomes import note_on_rejects, tables_of_outcomes
from customer_groups.cli.output import progress_bar
from customer_groups.cli.result import Result
from customer_groups.cli.session import Session
from customer_groups.converters import make_converter
from customer_groups.exporting import export_customers, export_groups
from customer_groups.files.formats import EXPORTS, IMPORTS
from customer_groups.importing import ImportReport, import_into
from customer_groups.query import GroupQuery
from customer_groups.repository import UnitOfWork
from customer_groups.searching import customer_key

__all__ = ["export", "import_list"]

_POSITION = re.compile("[0-9]{1,9}")


@click.command("import")
@click.argument("code")
@click.argument("file", type=FILE)
@click.option("--format", "format_", type=click.Choice(IMPORTS.names), help="Else by file name.")
@text_options
@click.option("--column", metavar="NAME|NUMBER", help="Which column holds the customers.")
@dialect
@click.option("--dry-run", is_flag=True, help="Do everything, report it, and undo it.")
@click.option("--rejects", type=FILE, metavar="FILE", help="Write the rejects, to be corrected.")
@member_options
@click.pass_obj
def import_list(
    session: Session,
    /,
    *,
    code: str,
    file: str,
    format_: str | None,
    encoding: str | None,
    delimiter: str | None,
    column: str | None,
    dialect: str,
    rejects: str | None,
    by: str | None,
    by_key: bool,
    dry_run: bool,
    strict: bool,
) -> Result:
    """Add the customers of a FILE to a group.

    Each of them has an outcome, and those who cannot be added do not keep the others out.
    For FILE - is standard input.
    """
    with session.store() as store, progress_bar("Reading", then="Storing") as tell:
        report = import_into(
            store,
            code,
            source_at(file),
            format=format_,
            encoding=encoding,
            delimiter=delimiter,
            column=_column(column),
            dialect=dialect,
            by_key=by_key,
            dry_run=dry_run,
            rejects=None if rejects is None else Path(rejects),
            on_progress=tell,
            by=by,
        )
    return _result(report, is_strict=strict)


@click.command()
@click.argument("file", type=FILE, default="-")
@click.option("--group", metavar="CODE", help="Write the customers of this group.")
@group_conditions
@click.option("--format", "format_", type=click.Choice(EXPORTS.names), help="Else by file name.")
@dialect
@click.pass_obj
def export(
    session: Session,
    /,
    *,
    file: str,
    group: str | None,
    format_: str | None,
    dialect: str,
    **conditions: str | None,
) -> Result | None:
    """Write groups, or the customers of one, to a FILE.

    Without FILE, or with -, that is standard output. The groups that satisfy all conditions
    are written; all, where there are none; or with --group its customers.
    """
    if session.as_json and is_standard(file):
        raise click.UsageError("with --json name a FILE: standard output is for the JSON object")
    if group is not None and any(conditions.values()):
        raise click.UsageError("--group cannot be combined with conditions on groups")
    out = sys.stdout.buffer
    bar = nullcontext() if is_standard(file) else progress_bar("Writing")
    target = out if is_standard(file) else Path(file)
    with session.transaction() as work, bar as tell:
        if group is None:
            written = export_groups(
                work,
                target,
                query=_query(work, **conditions),
                format=format_,
                dialect=dialect,
                on_progress=tell,
            )
        else:
            written = export_customers(
                work, group, target, format=format_, dialect=dialect, on_progress=tell
            )
    out.flush()
    if is_standard(file):
        return None
    return Result({"file": file, "written": written}, (f"Wrote {written:,} to {file}.",))


def _query(
    work: UnitOfWork,
    *,
    code: str | None,
    name: str | None,
    status: str | None,
    customer: str | None,
) -> GroupQuery:
    key = None if customer is None else customer_key(work, customer)
    return GroupQuery(code=code, name=name, status=status, customer=key)


def _column(text: str | None) -> str | int | None:
    return int(text) if text is not None and _POSITION.fullmatch(text) else text


def _result(report: ImportReport, *, is_strict: bool) -> Result:
    record = make_converter().unstructure(report)
    undone = " This was a dry run: nothing is stored." if report.dry_run else ""
    sentence = f"{report.counts.added:,} of {report.values:,} added to {report.group}.{undone}"
    return Result(
        {**record.pop("counts"), **record},
        (sentence, *tables_of_outcomes(report.counts, report.rejects)),
        note_on_rejects(report.counts, "--rejects FILE writes all"),
        is_success=not (is_strict and report.counts.rejected),
    )

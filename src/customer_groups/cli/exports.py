"""The command that writes files of groups and their customers."""

import sys
from contextlib import nullcontext
from pathlib import Path

import click

from customer_groups.cli.options import FILE, delimiter, dialect, group_conditions, is_standard
from customer_groups.cli.output import progress_bar
from customer_groups.cli.result import Result
from customer_groups.cli.session import Session
from customer_groups.exporting import export_customers, export_groups
from customer_groups.files.formats import EXPORTS
from customer_groups.query import GroupQuery
from customer_groups.repository import UnitOfWork
from customer_groups.searching import customer_key

__all__ = ["export"]


@click.command()
@click.argument("file", type=FILE, default="-")
@click.option("--group", metavar="CODE", help="Write the customers of this group.")
@click.option("--members", is_flag=True, help="Write the customers of each group as well.")
@group_conditions
@click.option("--format", type=click.Choice(EXPORTS.names), help="Else by file name.")
@dialect
@delimiter
@click.pass_obj
def export(
    session: Session,
    /,
    *,
    file: str,
    group: str | None,
    members: bool,
    format: str | None,
    dialect: str,
    delimiter: str | None,
    **conditions: str | None,
) -> Result | None:
    """Write groups, or the customers of one, to a FILE.

    Without FILE, or with -, that is standard output. The groups that satisfy all conditions
    are written; all, where there are none; with --members a row for each customer of each
    group, for import-groups to read; or with --group the customers of one group.
    """
    if session.as_json and is_standard(file):
        raise click.UsageError("with --json name a FILE: standard output is for the JSON object")
    if group is not None and (members or any(conditions.values())):
        raise click.UsageError("--group cannot be combined with --members or with conditions")
    out = sys.stdout.buffer
    bar = nullcontext() if is_standard(file) else progress_bar("Writing")
    target = out if is_standard(file) else Path(file)
    with session.transaction() as work, bar as tell:
        if group is None:
            written = export_groups(
                work,
                target,
                query=_query(work, **conditions),
                members=members,
                format=format,
                dialect=dialect,
                delimiter=delimiter,
                on_progress=tell,
            )
        else:
            written = export_customers(
                work,
                group,
                target,
                format=format,
                dialect=dialect,
                delimiter=delimiter,
                on_progress=tell,
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

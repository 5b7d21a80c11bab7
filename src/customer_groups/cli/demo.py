"""A command that shows the others at work, on sample data."""

import contextlib
import shlex
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from customer_groups.cli.database import init, load_customer_file
from customer_groups.cli.exports import export
from customer_groups.cli.groups import create
from customer_groups.cli.imports import import_list, undo
from customer_groups.cli.result import Result, Table
from customer_groups.cli.searches import customers, search, show
from customer_groups.cli.session import DEFAULT_URL, Session
from customer_groups.repository import DEFAULT_TENANT

__all__ = ["demo"]

_STEPS: tuple[tuple[click.Command, str], ...] = (
    (init, ""),
    (load_customer_file, "customers.csv"),
    (customers, "--type Restaurant --active"),
    (create, "'Key accounts' --customer 00007 --customer 00012 --customer 00031 --by anna"),
    (create, "'Spring campaign' --by anna"),
    (import_list, "CG-000002 campaign.csv --report report.json --by anna"),
    (show, "CG-000002"),
    (search, "--customer 00007 --order name"),
    (export, "campaign-members.csv --group CG-000002"),
    (export, "groups.xlsx --members"),
    (undo, "report.json --by anna"),
)
_END = (
    "All this happened in a temporary folder, which is gone again."
    " For a database of your own, run: customer-groups init"
)


@click.command()
@click.pass_context
def demo(context: click.Context) -> Result:
    """Show the commands at work.

    They work on sample data, in a temporary folder that is gone afterwards. The database
    that --db names is not touched.
    """
    session = Session(DEFAULT_URL, DEFAULT_TENANT, context.obj.as_json)
    shown: list[str | Table] = []
    steps: list[dict[str, object]] = []
    with TemporaryDirectory() as folder, contextlib.chdir(folder):
        _copy_sample_files()
        for command, arguments in _STEPS:
            line = f"customer-groups {command.name} {arguments}".strip()
            result = _run(command, arguments, context, session)
            shown += [f"$ {line}", *result.shown, *filter(None, [result.note])]
            steps.append({"command": line, "result": result.record})
    return Result({"steps": steps}, tuple(shown), _END)


def _copy_sample_files() -> None:
    sample = files("customer_groups.cli") / "sample"
    for name in ("customers.csv", "campaign.csv"):
        Path(name).write_bytes(sample.joinpath(name).read_bytes())


def _run(
    command: click.Command, arguments: str, context: click.Context, session: Session
) -> Result:
    words = shlex.split(arguments)
    with command.make_context(command.name, words, parent=context, obj=session) as own:
        result: Result = command.invoke(own)
    return result

"""The command line as a whole: what all commands share, and how each of them ends."""

import click

from customer_groups.cli.closing import activate, deactivate, delete
from customer_groups.cli.consuming import consume_stock, settle_stock, unconsume_stock
from customer_groups.cli.database import init, load_customer_file
from customer_groups.cli.demo import demo
from customer_groups.cli.exports import export
from customer_groups.cli.group_files import import_group_file
from customer_groups.cli.groups import create, rename
from customer_groups.cli.imports import apply, import_list, plan, undo
from customer_groups.cli.members import add, remove
from customer_groups.cli.output import show_error, show_result
from customer_groups.cli.reconciling import reconcile
from customer_groups.cli.reservation_files import import_reservation_file
from customer_groups.cli.reservations import ledger, list_reservations
from customer_groups.cli.reserving import expire, move, release_stock, reserve_stock
from customer_groups.cli.searches import customers, search, show
from customer_groups.cli.session import DEFAULT_URL, Session
from customer_groups.cli.stocks import load_stock, stock
from customer_groups.errors import CustomerGroupsError
from customer_groups.repository import DEFAULT_TENANT

__all__ = ["commands"]

_INTERRUPTED = 130  # what shells expect after Ctrl-C


class _Commands(click.Group):
    """Commands that return a result, or raise."""

    def invoke(self, ctx: click.Context) -> None:
        """Run a command, and show its result or its error."""
        as_json = ctx.params["as_json"]
        try:
            result = super().invoke(ctx)
            if result is not None:
                show_result(result, as_json=as_json)
        except BrokenPipeError:
            raise  # click ends quietly
        except (CustomerGroupsError, OSError) as error:
            show_error(error, as_json=as_json)
            ctx.exit(1)
        except KeyboardInterrupt:
            ctx.exit(_INTERRUPTED)
        if result is not None and (result.failure or not result.is_success):
            ctx.exit(1)


@click.group(cls=_Commands)
@click.option(
    "--db",
    "url",
    metavar="URL",
    envvar="CUSTOMER_GROUPS_DB",
    show_envvar=True,
    default=DEFAULT_URL,
    show_default=True,
    help="The database, a file of SQLite.",
)
@click.option("--tenant", default=DEFAULT_TENANT, show_default=True, help="Whose groups.")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object.")
@click.pass_context
def commands(context: click.Context, url: str, tenant: str, *, as_json: bool) -> None:
    """Put customers into groups, search the groups, import and export lists.

    The exit code is 0 if it is done, 1 if it cannot be done, 2 if it was asked for wrongly.
    """
    context.obj = Session(url, tenant, as_json)


for _command in (
    init,
    load_customer_file,
    create,
    rename,
    activate,
    deactivate,
    delete,
    add,
    remove,
    show,
    search,
    customers,
    import_list,
    plan,
    apply,
    undo,
    import_group_file,
    export,
    load_stock,
    stock,
    reserve_stock,
    import_reservation_file,
    release_stock,
    move,
    expire,
    consume_stock,
    unconsume_stock,
    settle_stock,
    list_reservations,
    ledger,
    reconcile,
    demo,
):
    commands.add_command(_command)

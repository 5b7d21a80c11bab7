"""Commands that make a database and fill it with customers."""

from typing import Unpack

import click

from customer_groups.adapters.sql import load_customers
from customer_groups.cli.customer_file import CustomerColumns, read_customers
from customer_groups.cli.options import FILE, LayoutOptions, source_at, table_options
from customer_groups.cli.output import progress_bar
from customer_groups.cli.result import Result
from customer_groups.cli.session import Session
from customer_groups.files.reading import Layout

__all__ = ["init", "load_customer_file"]


@click.command()
@click.pass_obj
def init(session: Session) -> Result:
    """Create the database; what is there already stays."""
    with session.store(create=True):
        return Result({"database": session.url}, (f"{session.url} is ready.",))


@click.command("load-customers")
@click.argument("file", type=FILE)
@click.option("--code", metavar="COLUMN", help="What people type; else the usual column.")
@click.option("--name", metavar="COLUMN", help='The name; else "name".')
@click.option("--type", "type_", metavar="COLUMN", help='The kind of customer; else "type".')
@click.option("--active", metavar="COLUMN", help='Yes or no, 1 or 0; else "active".')
@click.option("--key", metavar="COLUMN", help='What never changes; else "key", else the code.')
@table_options
@click.pass_obj
def load_customer_file(
    session: Session,
    /,
    *,
    file: str,
    code: str | None,
    name: str | None,
    type_: str | None,
    active: str | None,
    key: str | None,
    format: str | None,
    **layout: Unpack[LayoutOptions],
) -> Result:
    """Load customers from a FILE.

    It is a table with a header, or JSON Lines; only the column of codes is needed. For FILE
    - is standard input. Customers with the same key are replaced; those who are not in the
    file stay. All customers of the file are loaded, or none.
    """
    columns = CustomerColumns(code=code, name=name, type=type_, active=active, key=key)
    with session.store() as store, progress_bar("Loading") as tell:
        customers = read_customers(
            source_at(file),
            columns,
            Layout(**layout),
            format=format,
            on_progress=tell,
        )
        loaded = load_customers(store, customers)
    return Result({"loaded": loaded}, (f"Customers loaded: {loaded:,}.",))

"""Commands about what is on hand, and for whom."""

from typing import Unpack

import click

from customer_groups.cli.buyers import key_of_known
from customer_groups.cli.options import (
    FILE,
    LayoutOptions,
    by_key,
    source_at,
    table_options,
)
from customer_groups.cli.output import progress_bar
from customer_groups.cli.quantities import on_hand, quantity, record_of
from customer_groups.cli.result import Result, Table
from customer_groups.cli.session import Session
from customer_groups.cli.stock_file import read_stocks
from customer_groups.customers import CustomerKey
from customer_groups.files.reading import Layout
from customer_groups.reservations import Availability, Quantity, availability, available_to
from customer_groups.reservations.quantities import written
from customer_groups.reservations.sql import EmbeddedReservations

__all__ = ["load_stock", "stock"]


@click.command()
@click.argument("stock")
@click.option("--set", "there", metavar="QUANTITY", type=quantity, help="Store what is on hand.")
@click.option("--for", "customer", metavar="CUSTOMER", help="Show what this one can take.")
@by_key
@click.pass_obj
def stock(
    session: Session,
    /,
    *,
    stock: str,
    there: Quantity | None,
    customer: str | None,
    by_key: bool,
) -> Result:
    """Show what there is of a STOCK, and for which groups it is held."""
    with session.reservations() as held:
        key = None if customer is None else _key_of(held, customer, by_key=by_key)
        if there is not None:
            held.load_on_hand({stock: on_hand(there)})
        with held.store.transaction() as work:
            share = None if key is None else available_to(work, key, stock)
            return _result(availability(work, stock), customer, share)


@click.command("load-stock")
@click.argument("file", type=FILE)
@table_options
@click.pass_obj
def load_stock(
    session: Session, /, *, file: str, format: str | None, **layout: Unpack[LayoutOptions]
) -> Result:
    """Store what is on hand, from a FILE.

    It is a table with a header, or JSON Lines, with the columns stock and quantity; or item,
    location and quantity. Stocks that are not in the file stay as they are. All of the file is
    stored, or nothing. For FILE - is standard input.
    """
    with session.reservations() as held:
        with progress_bar("Loading") as tell:
            stocks = read_stocks(source_at(file), Layout(**layout), format=format, on_progress=tell)
        held.load_on_hand(stocks)
    return Result({"loaded": len(stocks)}, (f"Stocks loaded: {len(stocks):,}.",))


def _key_of(held: EmbeddedReservations, customer: str, *, by_key: bool) -> CustomerKey:
    with held.store.transaction() as work:
        return key_of_known(work.core, customer, by_key=by_key)


def _result(found: Availability, customer: str | None, share: Quantity | None) -> Result:
    numbers = {
        "on hand": found.on_hand,
        "held": found.held,
        "outstanding": found.outstanding,
        "free": found.free,
        **({"short of": found.shortfall} if found.shortfall else {}),
        **({} if share is None else {f"for {customer}": share}),
    }
    by_group = [(code, written(held)) for code, held in found.by_group]
    record = {
        **record_of(found),
        "free": str(found.free),
        "shortfall": str(found.shortfall),
        "available": None if share is None else str(share),
    }
    whole = Table(("stock", found.stock), [(name, written(each)) for name, each in numbers.items()])
    return Result(record, (whole, *([Table(("group", "held"), by_group)] if by_group else [])))

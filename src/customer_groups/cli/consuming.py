"""Commands that take stock for the orders of customers, give it back, or send it out."""

from collections.abc import Mapping

import click

from customer_groups.cli.buyers import key_of_known
from customer_groups.cli.options import actor, by_key
from customer_groups.cli.quantities import record_of, stock_and_quantity
from customer_groups.cli.requests import request_option
from customer_groups.cli.result import Result, Table
from customer_groups.cli.session import Session
from customer_groups.reservations import (
    Consumption,
    Quantity,
    ReservationWork,
    StockKey,
    consume,
    settle,
    unconsume,
)
from customer_groups.reservations.quantities import written

__all__ = ["consume_stock", "settle_stock", "unconsume_stock"]

_Lines = tuple[tuple[str, Quantity], ...]

_consumption = click.argument("consumption")
_lines = click.argument("lines", metavar="[STOCK=QUANTITY]...", nargs=-1, type=stock_and_quantity)


@click.command("consume")
@click.argument("customer")
@click.argument(
    "lines", metavar="STOCK=QUANTITY...", nargs=-1, required=True, type=stock_and_quantity
)
@by_key
@click.option("--partial", is_flag=True, help="Take what there is where that is less.")
@request_option
@actor
@click.pass_obj
def consume_stock(
    session: Session,
    /,
    *,
    customer: str,
    lines: _Lines,
    by_key: bool,
    partial: bool,
    request_id: str,
    by: str | None,
) -> Result:
    """Take stock for an order of a CUSTOMER.

    First from the reservations of the groups that the customer is in, then from what is free.
    The id of the request is the CONSUMPTION that settle and unconsume ask for.
    """

    def operation(work: ReservationWork) -> Consumption:
        key = key_of_known(work.core, customer, by_key=by_key)
        return consume(work, key, lines, request_id=request_id, allow_partial=partial, by=by)

    with session.reservations() as held:
        done = held.store.run(operation)
    what = f"Consumed for {done.customer}: {done.id}." if done.draws else "Nothing was consumed."
    return _result(what, done, request_id)


@click.command("unconsume")
@_consumption
@_lines
@request_option
@actor
@click.pass_obj
def unconsume_stock(
    session: Session, /, *, consumption: str, lines: _Lines, request_id: str, by: str | None
) -> Result:
    """Give back what a CONSUMPTION has taken and not sent out, or a part of it."""
    with session.reservations() as held:
        done = held.store.run(
            lambda work: unconsume(work, consumption, lines or None, request_id=request_id, by=by)
        )
    return _result(f"Given back from {done.id}.", done, request_id)


@click.command("settle")
@_consumption
@_lines
@request_option
@actor
@click.pass_obj
def settle_stock(
    session: Session, /, *, consumption: str, lines: _Lines, request_id: str, by: str | None
) -> Result:
    """Send out what a CONSUMPTION has taken, or a part of it: so much less is on hand."""
    with session.reservations() as held:

        def operation(work: ReservationWork) -> Consumption:
            def lower(leaving: Mapping[StockKey, Quantity]) -> None:
                held.change_on_hand(work, {key: -part for key, part in leaving.items()})

            return settle(
                work, consumption, lines or None, request_id=request_id, lower=lower, by=by
            )

        done = held.store.run(operation)
    return _result(f"Sent out from {done.id}.", done, request_id)


def _result(sentence: str, done: Consumption, request_id: str) -> Result:
    rows = [
        (
            draw.stock,
            draw.reservation or "free stock",
            *map(written, (draw.quantity, draw.settled, draw.returned, draw.outstanding)),
        )
        for draw in done.draws
    ]
    columns = ("stock", "from", "taken", "sent out", "returned", "outstanding")
    return Result(
        {**record_of(done), "request_id": request_id},
        (sentence, Table(columns, rows)),
        "\n".join(f"Missing: {each}." for each in done.missing),
    )

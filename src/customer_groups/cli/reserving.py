"""Commands that set stock aside for groups, and give it up or move it again."""

from datetime import tzinfo

import click

from customer_groups.cli.options import actor
from customer_groups.cli.quantities import moment, quantity, record_of, zone_option
from customer_groups.cli.requests import request_option
from customer_groups.cli.result import Result
from customer_groups.cli.session import Session
from customer_groups.reservations import (
    GroupReservation,
    Quantity,
    expire_all,
    reallocate,
    release,
    reserve,
)
from customer_groups.reservations.model import DEFAULT_PRIORITY
from customer_groups.reservations.quantities import written

__all__ = ["expire", "move", "release_stock", "reserve_stock"]

_part = click.option("--quantity", "part", type=quantity, help="How much; else all that is left.")


@click.command("reserve")
@click.argument("group")
@click.argument("stock")
@click.argument("quantity", type=quantity)
@click.option("--from", "start", metavar="TIME", help="When it can be consumed; else at once.")
@click.option("--until", "end", metavar="TIME", help="When no longer; else for ever.")
@zone_option
@click.option(
    "--priority",
    type=int,
    default=DEFAULT_PRIORITY,
    show_default=True,
    help="Which is consumed first: 1 before 99.",
)
@click.option("--not-before-start", is_flag=True, help="Others can take the stock before --from.")
@request_option
@actor
@click.pass_obj
def reserve_stock(
    session: Session,
    /,
    *,
    group: str,
    stock: str,
    quantity: Quantity,
    start: str | None,
    end: str | None,
    zone: tzinfo,
    priority: int,
    not_before_start: bool,
    request_id: str,
    by: str | None,
) -> Result:
    """Set a QUANTITY of a STOCK aside for the customers of a GROUP.

    The reservation has the id of the request. A date is the beginning of that day.
    """
    valid_from, valid_to = moment(start, zone), moment(end, zone)
    with session.reservations() as held:
        made = held.store.run(
            lambda work: reserve(
                work,
                group,
                stock,
                quantity,
                request_id=request_id,
                valid_from=valid_from,
                valid_to=valid_to,
                priority=priority,
                holds_before_start=not not_before_start,
                by=by,
            )
        )
    what = f"{written(made.quantity)} of {made.stock} for {made.group}"
    return Result(record_of(made), (f"Reserved {what}: {made.id}, {made.state}.",))


@click.command("release")
@click.argument("reservation")
@_part
@request_option
@actor
@click.pass_obj
def release_stock(
    session: Session,
    /,
    *,
    reservation: str,
    part: Quantity | None,
    request_id: str,
    by: str | None,
) -> Result:
    """Give up what is not consumed of a RESERVATION, or a part of it."""
    with session.reservations() as held:
        done = held.store.run(
            lambda work: release(work, reservation, request_id=request_id, quantity=part, by=by)
        )
    return Result({**record_of(done), "request_id": request_id}, (_what_is_left(done),))


@click.command("reallocate")
@click.argument("reservation")
@click.argument("group")
@_part
@request_option
@actor
@click.pass_obj
def move(
    session: Session,
    /,
    *,
    reservation: str,
    group: str,
    part: Quantity | None,
    request_id: str,
    by: str | None,
) -> Result:
    """Move what is not consumed of a RESERVATION, or a part of it, to another GROUP."""
    with session.reservations() as held:
        done = held.store.run(
            lambda work: reallocate(
                work, reservation, group, request_id=request_id, quantity=part, by=by
            )
        )
    made = done.target
    what = f"{written(made.quantity)} of {made.stock} to {made.group}"
    return Result(record_of(done), (f"Moved {what}: {made.id}.", _what_is_left(done.source)))


@click.command()
@request_option
@actor
@click.pass_obj
def expire(session: Session, request_id: str, by: str | None) -> Result:
    """Free what is held by reservations whose time is over, and begin those whose has come."""
    with session.reservations() as held:
        done = expire_all(held.store, request_id=request_id, by=by)
    return Result(
        {"request_id": request_id, "expired": list(done.expired), "begun": list(done.begun)},
        (f"{len(done.expired):,} reservations expired, {len(done.begun):,} began.",),
    )


def _what_is_left(reservation: GroupReservation) -> str:
    left = written(reservation.remaining) if reservation.state.is_open else "nothing"
    return f"{reservation.id} is {reservation.state}; it holds {left}."

"""Commands that switch groups on and off, or delete them, with the stock held for them."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from customer_groups.cli.options import actor
from customer_groups.cli.requests import request_option
from customer_groups.cli.result import Result
from customer_groups.cli.session import Session
from customer_groups.converters import make_converter
from customer_groups.reservations import (
    GroupClosing,
    Holdings,
    activate_group,
    deactivate_group,
    delete_group,
)

__all__ = ["activate", "deactivate", "delete"]

F = TypeVar("F", bound=Callable[..., Any])


def _holdings(command: F) -> F:
    """Add the option that says what becomes of stock."""
    option = click.option(
        "--holdings",
        type=click.Choice([each.value for each in Holdings]),
        default=Holdings.REFUSE.value,
        show_default=True,
        help="What becomes of stock that is held for it; refuse leaves the group as it is.",
    )
    return option(command)


@click.command()
@click.argument("code")
@request_option
@actor
@click.pass_obj
def activate(session: Session, code: str, request_id: str, by: str | None) -> Result:
    """Switch a group on."""
    with session.reservations() as held:
        group = held.store.run(
            lambda work: activate_group(work, code, request_id=request_id, by=by)
        )
    record = {**make_converter().unstructure(group), "request_id": request_id}
    return Result(record, (f"{group.code} is active.",))


@click.command()
@click.argument("code")
@_holdings
@request_option
@actor
@click.pass_obj
def deactivate(
    session: Session, /, *, code: str, holdings: str, request_id: str, by: str | None
) -> Result:
    """Switch a group off; it keeps its customers."""
    with session.reservations() as held:
        closed = held.store.run(
            lambda work: deactivate_group(
                work, code, request_id=request_id, holdings=holdings, by=by
            )
        )
    group = closed.group
    record = {
        **make_converter().unstructure(group),
        "released": closed.released,
        "request_id": request_id,
    }
    return Result(record, (f"{group.code} is inactive.{_what_was_released(closed)}",))


@click.command()
@click.argument("code")
@_holdings
@request_option
@actor
@click.pass_obj
def delete(
    session: Session, /, *, code: str, holdings: str, request_id: str, by: str | None
) -> Result:
    """Delete a group; its customers stay."""
    with session.reservations() as held:
        closed = held.store.run(
            lambda work: delete_group(work, code, request_id=request_id, holdings=holdings, by=by)
        )
    deleted = closed.group.code
    record = {"deleted": deleted, "released": closed.released, "request_id": request_id}
    return Result(record, (f"Deleted {deleted}.{_what_was_released(closed)}",))


def _what_was_released(closed: GroupClosing) -> str:
    return f" Released: {', '.join(closed.released)}." if closed.released else ""

"""Commands that create and rename groups."""

import click

from customer_groups.cli.options import actor
from customer_groups.cli.result import Result
from customer_groups.cli.session import Session
from customer_groups.converters import make_converter
from customer_groups.model import CustomerGroup
from customer_groups.service import (
    create_group,
    rename_group,
)

__all__ = ["create", "rename"]


@click.command()
@click.argument("name")
@click.option("--code", help="Its code; one is drawn where none is given.")
@click.option("--customer", "customers", metavar="CODE", multiple=True, help="A first customer.")
@actor
@click.pass_obj
def create(
    session: Session, /, name: str, code: str | None, customers: tuple[str, ...], by: str | None
) -> Result:
    """Create a group."""
    with session.transaction() as work:
        group = create_group(work, name, code=code, customers=customers, by=by)
    return _result(group, f"Created {group.code}, {group.name}.")


@click.command()
@click.argument("code")
@click.argument("name")
@actor
@click.pass_obj
def rename(session: Session, code: str, name: str, by: str | None) -> Result:
    """Give a group another name."""
    with session.transaction() as work:
        group = rename_group(work, code, name, by=by)
    return _result(group, f"{group.code} is named {group.name}.")


def _result(group: CustomerGroup, sentence: str) -> Result:
    return Result(make_converter().unstructure(group), (sentence,))

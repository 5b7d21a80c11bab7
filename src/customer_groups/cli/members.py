"""Commands that add and remove single customers."""

import click

from customer_groups.cli.options import actor, by_key, strict
from customer_groups.cli.outcomes import note_on_hidden, tables_of_outcomes
from customer_groups.cli.result import Result
from customer_groups.cli.session import Session
from customer_groups.codes import parse_group_code
from customer_groups.converters import make_converter
from customer_groups.service import MembersChange, add_customers, remove_customers

__all__ = ["add", "remove"]


@click.command()
@click.argument("code")
@click.argument("customers", metavar="CUSTOMER...", nargs=-1, required=True)
@by_key
@strict
@actor
@click.pass_obj
def add(
    session: Session,
    /,
    *,
    code: str,
    customers: tuple[str, ...],
    by: str | None,
    by_key: bool,
    strict: bool,
) -> Result:
    """Add customers to a group."""
    with session.transaction() as work:
        change = add_customers(work, code, customers, by_key=by_key, by=by)
    sentence = f"{change.counts.added} of {len(customers)} added."
    return _result(code, change, sentence, is_strict=strict)


@click.command()
@click.argument("code")
@click.argument("customers", metavar="CUSTOMER...", nargs=-1, required=True)
@by_key
@strict
@actor
@click.pass_obj
def remove(
    session: Session,
    /,
    *,
    code: str,
    customers: tuple[str, ...],
    by: str | None,
    by_key: bool,
    strict: bool,
) -> Result:
    """Remove customers from a group."""
    with session.transaction() as work:
        change = remove_customers(work, code, customers, by_key=by_key, by=by)
    sentence = f"{change.counts.removed} of {len(customers)} removed."
    return _result(code, change, sentence, is_strict=strict)


def _result(code: str, change: MembersChange, sentence: str, *, is_strict: bool) -> Result:
    record = make_converter().unstructure(change)
    return Result(
        {"group": parse_group_code(code), **record},
        (sentence, *tables_of_outcomes(change.counts.by_outcome().items(), change.rejects)),
        note_on_hidden(change.counts.rejected, "rejects", "--json shows all"),
        is_success=not (is_strict and change.rejects),
    )

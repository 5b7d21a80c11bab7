"""Commands that look things up: a group, groups, customers."""

from collections.abc import Sequence
from typing import Any

import click

from customer_groups.cli.options import group_conditions, paging
from customer_groups.cli.result import Result, Table
from customer_groups.cli.session import Session
from customer_groups.converters import make_converter
from customer_groups.paging import Page
from customer_groups.query import GroupOrder, GroupSummary
from customer_groups.searching import (
    GroupMember,
    get_group,
    list_customers,
    search_customers,
    search_groups,
)

__all__ = ["customers", "note_on_page", "search", "show"]

_SHOWN_MEMBERS = 10


@click.command()
@click.argument("code")
@click.pass_obj
def show(session: Session, code: str) -> Result:
    """Show a group and its first customers."""
    with session.transaction() as work:
        summary = get_group(work, code)
        members = list_customers(work, code, limit=_SHOWN_MEMBERS).items
    (record,) = _records([summary])
    hidden = summary.customers - len(members)
    advice = f"customer-groups export --group {summary.group.code} writes all"
    return Result(
        {**record, "members": make_converter().unstructure(members)},
        (_table_of_group(summary), _table_of_members(members)),
        f"{hidden:,} more customers; {advice}." if hidden else "",
    )


@click.command()
@group_conditions
@click.option(
    "--order",
    type=click.Choice([each.value for each in GroupOrder]),
    default=GroupOrder.CODE.value,
    show_default=True,
    help="By what to order; a hyphen reverses.",
)
@paging
@click.option("--total", "with_total", is_flag=True, help="Count all that are found.")
@click.pass_obj
def search(
    session: Session,
    /,
    *,
    code: str | None,
    name: str | None,
    status: str | None,
    customer: str | None,
    order: str,
    limit: int,
    after: str | None,
    with_total: bool,
) -> Result:
    """Search groups.

    Those that satisfy all conditions are found; all, where there are none.
    """
    with session.transaction() as work:
        page = search_groups(
            work,
            code=code,
            name=name,
            status=status,
            customer=customer,
            order_by=order,
            limit=limit,
            after=after,
            with_total=with_total,
        )
    return Result(
        {"groups": _records(page.items), "next": page.next, "total": page.total},
        (_table_of_groups(page.items),),
        note_on_page(page),
    )


@click.command()
@click.option("--code", metavar="TEXT", help="What the code contains.")
@click.option("--name", metavar="TEXT", help="What the name contains.")
@click.option("--type", "type_", metavar="TYPE", help="The type, exactly.")
@click.option("--active/--inactive", default=None, help="Only these.")
@paging
@click.pass_obj
def customers(
    session: Session,
    /,
    *,
    code: str | None,
    name: str | None,
    type_: str | None,
    limit: int,
    after: str | None,
    active: bool | None,
) -> Result:
    """Search customers, for a pick list.

    Those who satisfy all conditions are found; all, where there are none.
    """
    with session.transaction() as work:
        page = search_customers(
            work, code=code, name=name, type=type_, active=active, limit=limit, after=after
        )
    rows = [(each.code, each.name, each.type, each.active) for each in page.items]
    return Result(
        {"customers": make_converter().unstructure(page.items), "next": page.next},
        (Table(("code", "name", "type", "active"), rows),),
        note_on_page(page),
    )


def _records(summaries: Sequence[GroupSummary]) -> list[dict[str, Any]]:
    """Return a flat record for each group: what it is, and how many customers it has."""
    records = make_converter().unstructure(summaries)
    return [{**record.pop("group"), **record} for record in records]


def _table_of_group(summary: GroupSummary) -> Table:
    group = summary.group
    return Table(
        ("group", group.code),
        (
            ("name", group.name),
            ("status", group.status),
            ("customers", summary.customers),
            ("created", group.created_at),
            ("created by", group.created_by),
            ("changed", group.updated_at),
            ("changed by", group.updated_by),
            ("customers changed", summary.members_changed_at),
            ("customers changed by", summary.members_changed_by),
            *group.attributes.items(),
        ),
    )


def _table_of_members(members: Sequence[GroupMember]) -> Table:
    return Table(
        ("customer", "name", "since", "by"),
        [
            (
                member.customer.code if member.customer else member.membership.customer,
                member.customer.name if member.customer else "(no longer a customer)",
                member.membership.added_at,
                member.membership.added_by,
            )
            for member in members
        ],
    )


def _table_of_groups(summaries: Sequence[GroupSummary]) -> Table:
    return Table(
        ("code", "name", "status", "customers", "changed"),
        [
            (
                summary.group.code,
                summary.group.name,
                summary.group.status,
                summary.customers,
                summary.group.updated_at,
            )
            for summary in summaries
        ],
    )


def note_on_page(page: Page[Any]) -> str:
    """Return how many there are, where that was asked for, and how to see the next page."""
    found = "" if page.total is None else f"{page.total:,} found. "
    more = f"There are more: repeat this with --after {page.next}" if page.next else ""
    return f"{found}{more}".strip()

"""Rows of groups: how they become values, and how they are searched."""

import json
import operator
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from customer_groups.adapters.sql.tables import GroupTables
from customer_groups.model import CustomerGroup, Membership
from customer_groups.query import GroupOrder, GroupQuery, GroupSummary
from customer_groups.text import MatchMode, TextMatch, name_key

__all__ = [
    "after_position",
    "conditions",
    "group_from_row",
    "group_values",
    "groups_of_keys",
    "membership_from_row",
    "order_columns",
    "summary_from_row",
]

SURROGATES = range(0xD800, 0xE000)


def group_values(group: CustomerGroup) -> dict[str, Any]:
    """Return the values of the columns that hold the group itself."""
    return {
        "code": group.code,
        "name": group.name,
        "name_key": name_key(group.name),
        "status": group.status.value,
        "version": group.version,
        "created_at": group.created_at,
        "created_by": group.created_by,
        "updated_at": group.updated_at,
        "updated_by": group.updated_by,
        "attributes": json.dumps(dict(group.attributes), ensure_ascii=False),
    }


def group_from_row(row: sa.Row[Any]) -> CustomerGroup:
    """Return the group that a row of the table of groups holds."""
    return CustomerGroup(
        row.code,
        row.name,
        row.created_at,
        row.created_by,
        updated_at=row.updated_at,
        updated_by=row.updated_by,
        status=row.status,
        version=row.version,
        attributes=json.loads(row.attributes),
    )


def summary_from_row(row: sa.Row[Any]) -> GroupSummary:
    """Return the summary that a row of the table of groups holds."""
    return GroupSummary(
        group_from_row(row),
        row.customers,
        row.members_version,
        row.members_changed_at,
        row.members_changed_by,
    )


def membership_from_row(row: Iterable[Any]) -> Membership:
    """Return the membership that a row of the table of memberships holds."""
    _, group, customer, added_at, added_by = row
    return Membership(group, customer, added_at, added_by)


def groups_of_keys(tables: GroupTables) -> sa.Select[Any]:
    """Return a query for the groups that customers are in, each with the key of the customer.

    It can be built once: its parameters are ``of_tenant``, the ``states`` of the groups, and
    the ``keys`` of the customers.
    """
    groups, memberships = tables.groups.c, tables.memberships.c
    is_group = sa.and_(groups.tenant == memberships.tenant, groups.code == memberships.group_code)
    return (
        sa.select(tables.groups, memberships.customer_key)
        .join_from(tables.memberships, tables.groups, is_group)
        .where(memberships.tenant == sa.bindparam("of_tenant"))
        .where(groups.status.in_(sa.bindparam("states", expanding=True)))
        .where(memberships.customer_key.in_(sa.bindparam("keys", expanding=True)))
        .order_by(groups.code)
    )


def conditions(tables: GroupTables, tenant: str, query: GroupQuery) -> list[sa.ColumnElement[bool]]:
    """Return what a row of the table of groups must satisfy to be found; see `matches`."""
    groups, memberships = tables.groups.c, tables.memberships.c
    found = [groups.tenant == tenant]
    if query.status is not None:
        found.append(groups.status == query.status.value)
    if query.code is not None:
        found += _match_code(groups.code, query.code)
    if query.name is not None:
        found += _match(groups.name_key, query.name.mode, query.name.key)
    if query.customer is not None:
        codes = sa.select(memberships.group_code).where(
            memberships.tenant == tenant, memberships.customer_key == query.customer
        )
        found.append(groups.code.in_(codes))
    return found


def _match_code(column: sa.Column[str], match: TextMatch) -> Sequence[sa.ColumnElement[bool]]:
    # Capitals of some other letters are ASCII, and no code has another letter anyway.
    if not match.key.isascii():
        return [sa.false()]
    return _match(column, match.mode, match.key.upper())


def _match(column: sa.Column[str], mode: MatchMode, text: str) -> Sequence[sa.ColumnElement[bool]]:
    if mode is MatchMode.EQUALS:
        return [column == text]
    if not text:
        return []
    if mode is MatchMode.CONTAINS:
        return [column.contains(text, autoescape=True)]
    return [column >= text, column < _end_of_prefix(text)]


def _end_of_prefix(prefix: str) -> str:
    """Return the first text, by code point, after all that begin with ``prefix``."""
    point = ord(prefix[-1]) + 1  # there is one: the last code point is no character
    return prefix[:-1] + chr(SURROGATES.stop if point in SURROGATES else point)


def order_columns(tables: GroupTables, order: GroupOrder) -> list[sa.Column[Any]]:
    """Return the columns of `GroupOrder.sort_key`."""
    groups = tables.groups.c
    by = {
        GroupOrder.CODE: [groups.code],
        GroupOrder.NAME: [groups.name_key],
        GroupOrder.CHANGED: [groups.updated_at, groups.code],
    }
    return by[order.ascending]


def after_position(
    tables: GroupTables, order: GroupOrder, position: Sequence[str]
) -> sa.ColumnElement[bool]:
    """Return the condition for what comes after a position in an order."""
    beyond: Callable[[sa.Column[Any], Any], sa.ColumnElement[bool]] = (
        operator.lt if order.descending else operator.gt
    )
    columns = order_columns(tables, order)
    if order.ascending is not GroupOrder.CHANGED:
        return beyond(columns[0], position[0])
    changed, code = columns
    time = datetime.fromisoformat(position[0])
    # A range on the first column for the index, then the ties.
    in_range = changed <= time if order.descending else changed >= time
    return sa.and_(in_range, sa.or_(beyond(changed, time), beyond(code, position[1])))

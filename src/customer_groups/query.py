"""What groups can be searched by, and what a search returns."""

import enum
from collections.abc import Container
from datetime import datetime

import attrs

from customer_groups.customers import CustomerKey, parse_customer_key
from customer_groups.model import CustomerGroup, GroupStatus, parse_status
from customer_groups.text import TextMatch, fold, name_key, one_of, text_match

__all__ = ["GroupOrder", "GroupQuery", "GroupSummary", "matches"]


class GroupOrder(enum.StrEnum):
    """By what groups are ordered; a hyphen reverses the whole order.

    Ties in the time of the last change are broken by the code; there are no other ties.
    """

    CODE = "code"
    CODE_DESCENDING = "-code"
    NAME = "name"
    NAME_DESCENDING = "-name"
    CHANGED = "changed"
    CHANGED_DESCENDING = "-changed"

    @property
    def descending(self) -> bool:
        """Whether the order is reversed."""
        return self.value.startswith("-")

    @property
    def ascending(self) -> "GroupOrder":
        """The same order, not reversed."""
        return GroupOrder(self.value.removeprefix("-"))

    def sort_key(self, group: CustomerGroup) -> tuple[str, ...]:
        """Return what the group is sorted by: code, name key, or time of change and code.

        Returns:
            Texts to be compared by code point, one after the other. They tell the groups of
            a tenant apart, so they also are the position of a cursor.
        """
        if self.ascending is GroupOrder.NAME:
            return (name_key(group.name),)
        if self.ascending is GroupOrder.CHANGED:
            return (group.updated_at.isoformat(timespec="microseconds"), group.code)
        return (group.code,)


def _parse_order(order: str) -> GroupOrder:
    return one_of(GroupOrder, "order", order)


@attrs.frozen(kw_only=True)
class GroupQuery:
    """A search for groups; the default asks for all of them, by code.

    Attributes:
        code: A condition on the code; plain text means "contains".
        name: A condition on the name; plain text means "contains".
        status: The status that groups must have.
        customer: The key of a customer that must be a member.
        order_by: The order of the result.
    """

    code: TextMatch | None = attrs.field(default=None, converter=text_match)
    name: TextMatch | None = attrs.field(default=None, converter=text_match)
    status: GroupStatus | None = attrs.field(
        default=None, converter=attrs.converters.optional(parse_status)
    )
    customer: CustomerKey | None = attrs.field(
        default=None, converter=attrs.converters.optional(parse_customer_key)
    )
    order_by: GroupOrder = attrs.field(default=GroupOrder.CODE, converter=_parse_order)


def matches(query: GroupQuery, group: CustomerGroup, members: Container[CustomerKey]) -> bool:
    """Return whether a search finds the group; the meaning of every `GroupQuery`.

    Args:
        query: The search.
        group: The group.
        members: The keys of the customers in the group.
    """
    return (
        (query.status is None or query.status is group.status)
        and (query.customer is None or query.customer in members)
        and (query.code is None or query.code.accepts(fold(group.code)))
        and (query.name is None or query.name.accepts(name_key(group.name)))
    )


@attrs.frozen
class GroupSummary:
    """A group as a list shows it.

    Attributes:
        group: The group.
        customers: How many members it has.
        members_version: Counts the changes of its members, from 0.
        members_changed_at: When its members last changed; None if they never did.
        members_changed_by: Who changed them.
    """

    group: CustomerGroup
    customers: int = 0
    members_version: int = 0
    members_changed_at: datetime | None = None
    members_changed_by: str | None = None

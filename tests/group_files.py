"""Groups in files, for tests: a store to import them into, and what is in a store."""

from collections.abc import Iterator, Mapping

import attrs

from customer_groups.customers import CustomerKey
from customer_groups.importing.changes import member_keys
from customer_groups.model import Attributes, CustomerGroup, GroupStatus
from customer_groups.repository import UnitOfWork
from customer_groups.searching import search_groups

__all__ = ["GroupContents", "contents"]


@attrs.frozen
class GroupContents:
    """What a file says of a group, and all that it has to bring back."""

    name: str
    status: GroupStatus = GroupStatus.ACTIVE
    attributes: Attributes = attrs.field(factory=Attributes, converter=Attributes)
    members: tuple[str, ...] = ()


def contents(work: UnitOfWork) -> Mapping[str, GroupContents]:
    """Return all groups by their codes; not more than a page."""
    groups = (summary.group for summary in search_groups(work, limit=1_000).items)
    return {group.code: _contents(group, member_keys(work, group.code)) for group in groups}


def _contents(group: CustomerGroup, members: Iterator[CustomerKey]) -> GroupContents:
    return GroupContents(group.name, group.status, group.attributes, tuple(members))

"""Following the host when customers get other keys."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import datetime

import sqlalchemy as sa

from customer_groups.adapters.sql.members import GroupMembers, LockedMembers
from customer_groups.adapters.sql.parts import KEYS_AT_A_TIME, parts
from customer_groups.adapters.sql.session import SqlSession
from customer_groups.adapters.sql.tables import GroupTables
from customer_groups.codes import GroupCode
from customer_groups.customers import CustomerKey
from customer_groups.errors import GroupNotFoundError

__all__ = ["locked_groups", "memberships_by_group", "rekey_members"]

_NewKeys = Mapping[CustomerKey, CustomerKey | None]


def memberships_by_group(
    session: SqlSession, tables: GroupTables, tenant: str, keys: Collection[CustomerKey]
) -> Mapping[GroupCode, Collection[CustomerKey]]:
    """Return which of these customers is in which groups; groups are in order of their codes."""
    column = tables.memberships.c
    query = session.dialect.deciding(
        sa.select(column.group_code, column.customer_key).where(column.tenant == tenant)
    )
    found: dict[GroupCode, list[CustomerKey]] = defaultdict(list)
    for part in parts(sorted(keys), KEYS_AT_A_TIME):
        for code, key in session.rows(query.where(column.customer_key.in_(part))):
            found[code].append(key)
    return dict(sorted(found.items()))


def locked_groups(
    groups: Mapping[GroupCode, GroupMembers], at: datetime
) -> Mapping[GroupCode, LockedMembers]:
    """Return the members of those groups that are there still; nobody else can change them now.

    Args:
        groups: The members by group, in order of the codes.
        at: When they are going to change.
    """
    locked: dict[GroupCode, LockedMembers] = {}
    for code, members in groups.items():
        with suppress(GroupNotFoundError):
            locked[code] = members.lock(at)
    return locked


def rekey_members(locked: LockedMembers, keys: _NewKeys, *, by: str | None) -> bool:
    """Give the members of one group their new keys, and return whether that changed any.

    See `GroupRepository.rekey_customers`.

    Args:
        locked: The members of the group.
        keys: New keys by old keys, all old keys of the mapping that are members; none maps to
            itself.
        by: Who does it.
    """
    before = {
        CustomerKey(row.customer_key): (row.added_at, row.added_by)
        for row in locked.rows_of(keys.keys())
    }
    new_keys = {key for key in keys.values() if key is not None}
    staying = locked.among(new_keys - keys.keys())
    after: dict[CustomerKey, tuple[datetime, str | None]] = {}
    for old, since in sorted(before.items(), key=lambda member: (member[1][0], member[0])):
        new = keys[old]
        if new is not None and new not in staying:
            after.setdefault(new, since)
    if after == before:
        return False
    locked.delete(before)
    locked.insert((key, added_at, added_by) for key, (added_at, added_by) in after.items())
    locked.record(joined=len(after), left=len(before), by=by)
    return True

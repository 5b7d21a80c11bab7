"""Following the host when customers get other keys."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from customer_groups.adapters.sql.members import GroupMembers
from customer_groups.adapters.sql.parts import KEYS_AT_A_TIME, parts
from customer_groups.adapters.sql.session import SqlSession
from customer_groups.adapters.sql.tables import GroupTables
from customer_groups.codes import GroupCode
from customer_groups.customers import CustomerKey

__all__ = ["groups_with_any", "rekey_members"]

_NewKeys = Mapping[CustomerKey, CustomerKey | None]


def groups_with_any(
    session: SqlSession, tables: GroupTables, tenant: str, keys: _NewKeys
) -> list[GroupCode]:
    """Return the codes of the groups that any of these customers is in, in order."""
    memberships = tables.memberships.c
    codes = session.dialect.deciding(
        sa.select(memberships.group_code).where(memberships.tenant == tenant)
    )
    return sorted(
        {
            row.group_code
            for part in parts(sorted(keys), KEYS_AT_A_TIME)
            for row in session.rows(codes.where(memberships.customer_key.in_(part)))
        }
    )


def rekey_members(members: GroupMembers, keys: _NewKeys, *, at: datetime, by: str | None) -> bool:
    """Give the members of one group their new keys, and return whether that changed any.

    See `GroupRepository.rekey_customers`.

    Args:
        members: The members of the group.
        keys: New keys by old keys; none maps to itself.
        at: When.
        by: Who does it.
    """
    locked = members.lock(at)
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

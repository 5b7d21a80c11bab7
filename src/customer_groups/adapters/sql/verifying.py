"""Looking for what must not be there: the database has no foreign keys between our tables."""

import enum

import attrs
import sqlalchemy as sa

from customer_groups.adapters.sql.tables import GroupTables
from customer_groups.adapters.sql.translating import translated

__all__ = ["Fault", "FaultKind", "verify"]


class FaultKind(enum.StrEnum):
    """What can be wrong."""

    ORPHANS = "memberships without a group"
    WRONG_COUNT = "wrong number of customers"


@attrs.frozen
class Fault:
    """Something that no sequence of our operations leads to.

    Attributes:
        kind: What is wrong.
        tenant: Whose group it is.
        group: The code of the group.
        stored: How many customers the group says it has.
        counted: How many memberships there are.
    """

    kind: FaultKind
    tenant: str
    group: str
    stored: int
    counted: int


def verify(connection: sa.Connection, tables: GroupTables) -> list[Fault]:
    """Return what is wrong with the stored groups of all tenants; nothing is the rule.

    It reads all memberships, so it takes about a second for each million of them.

    Args:
        connection: A connection in a transaction; what it sees is what is judged.
        tables: Our tables.

    Raises:
        StorageError: the tables cannot be read.

    Returns:
        Orphaned memberships, then wrong numbers of customers; each by tenant and group.
    """
    groups, memberships = tables.groups.c, tables.memberships.c
    counted = (
        sa.select(memberships.tenant, memberships.group_code, sa.func.count().label("members"))
        .group_by(memberships.tenant, memberships.group_code)
        .subquery()
    )
    same = sa.and_(groups.tenant == counted.c.tenant, groups.code == counted.c.group_code)
    orphans = (
        sa.select(counted.c.tenant, counted.c.group_code, sa.literal(0), counted.c.members)
        .join_from(counted, tables.groups, same, isouter=True)
        .where(groups.code.is_(None))
        .order_by(counted.c.tenant, counted.c.group_code)
    )
    members = sa.func.coalesce(counted.c.members, 0)
    wrong = (
        sa.select(groups.tenant, groups.code, groups.customers, members)
        .join_from(tables.groups, counted, same, isouter=True)
        .where(groups.customers != members)
        .order_by(groups.tenant, groups.code)
    )
    with translated():
        return [
            Fault(kind, *row)
            for kind, statement in ((FaultKind.ORPHANS, orphans), (FaultKind.WRONG_COUNT, wrong))
            for row in connection.execute(statement)
        ]

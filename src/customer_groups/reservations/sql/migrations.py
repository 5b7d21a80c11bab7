"""Bringing the tables of reservations of an earlier release to the version of this code."""

from collections.abc import Sequence

import sqlalchemy as sa

from customer_groups.adapters.sql.migrations import Step, take_steps
from customer_groups.reservations.sql.tables import ReservationTables

__all__ = ["STEPS", "migrate"]

STEPS: Sequence[Step[ReservationTables]] = ()
"""The first step turns version 1 into version 2, and so on."""


def migrate(connection: sa.Connection, tables: ReservationTables) -> None:
    """Bring the tables to the version that this code needs; create them if there are none.

    As `customer_groups.adapters.sql.migrate` does with the tables of the groups, under the
    same lock and with the same errors.

    Args:
        connection: A connection in a transaction, such as ``op.get_bind()`` of Alembic.
        tables: The tables of the reservations, made by `build_tables`.
    """
    take_steps(connection, tables, STEPS)

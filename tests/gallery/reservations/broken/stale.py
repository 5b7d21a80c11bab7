"""Adapters that use what they read before the lock, or read what is no longer so."""

import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from customer_groups.adapters.sql.session import SqlSession
from customer_groups.reservations.model import Draw, GroupReservation
from customer_groups.reservations.quantities import Scale
from customer_groups.reservations.sql import SqlReservationRepository
from customer_groups.reservations.sql.statements import ReservationStatements
from customer_groups.reservations.sql.tenant_table import TenantTable
from gallery.reservations.on_servers import SECONDS_TO_THE_DATABASE, ServerCase

__all__ = ["CASES"]


class IdentityMap(SqlReservationRepository):
    """A reservation that was read once in a transaction is not read again after the lock."""

    def get(
        self, reservations: Collection[str], *, lock: bool = False
    ) -> Mapping[str, GroupReservation]:
        """Return reservations as they were seen first."""
        seen: dict[str, GroupReservation] = vars(self).setdefault("seen", {})
        found = super().get([each for each in reservations if each not in seen], lock=lock)
        seen.update(found)
        time.sleep(SECONDS_TO_THE_DATABASE)
        return {each: seen[each] for each in sorted(reservations) if each in seen}


class DrawsFromIdentityMap(SqlReservationRepository):
    """Draws that were read once in a transaction are not read again after the lock."""

    def draws(self, consumption: str, *, lock: bool = False) -> tuple[Draw, ...]:
        """Return draws as they were seen first."""
        seen: dict[str, tuple[Draw, ...]] = vars(self).setdefault("seen", {})
        if consumption not in seen:
            seen[consumption] = super().draws(consumption, lock=lock)
            time.sleep(SECONDS_TO_THE_DATABASE)
        return seen[consumption]


class PlainTable(TenantTable):
    """Reads what was there when the transaction began."""

    def select(
        self, query: sa.Select[Any], parameters: Mapping[str, Any], *, lock: bool = False
    ) -> Sequence[sa.Row[Any]]:
        """Return rows by a plain read."""
        del lock
        return super().select(query, parameters)


class PlainReadAfterLock(SqlReservationRepository):
    """What is read under a lock is read plainly, and may be as old as the transaction."""

    def __init__(
        self, session: SqlSession, statements: ReservationStatements, tenant: str, scale: Scale
    ) -> None:
        """Read reservations plainly."""
        super().__init__(session, statements, tenant, scale)
        self._reservations = PlainTable(session, statements.tables.reservations, tenant)


class PlainDrawsAfterLock(SqlReservationRepository):
    """Draws are read plainly under the lock, and may be as old as the transaction."""

    def __init__(
        self, session: SqlSession, statements: ReservationStatements, tenant: str, scale: Scale
    ) -> None:
        """Read draws plainly."""
        super().__init__(session, statements, tenant, scale)
        self._draws = PlainTable(session, statements.tables.draws, tenant)


CASES = (
    *(ServerCase(broken, repository=broken) for broken in (IdentityMap, DrawsFromIdentityMap)),
    *(
        ServerCase(broken, repository=broken, driver="pymysql", is_of_host=True)
        for broken in (PlainReadAfterLock, PlainDrawsAfterLock)
    ),
)
"""The last ones need a host on MariaDB, whose transactions see one moment."""

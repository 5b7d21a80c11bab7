"""A broken adapter, made of the right one and the one part that is wrong."""

from collections.abc import Sequence

import attrs

from customer_groups.customers import Customer
from gallery.adapter import SqliteGroups
from gallery.exhibits import Exhibit, Layer
from gallery.session import Session, SqliteStorage
from gallery.store import SqliteStore

__all__ = ["Broken", "Case", "Impatient", "WithoutUniqueNames", "cases"]

Broken = type[SqliteGroups] | type[Session] | type[SqliteStore] | type[SqliteStorage]
"""The part of an adapter that is wrong."""


class WithoutUniqueNames(SqliteStorage):
    """A database that leaves it to the adapter to keep names apart."""

    schema = SqliteStorage.schema.replace(", UNIQUE (tenant, name_key)", "")


class Impatient(SqliteStorage):
    """A database in which nobody waits for another transaction to end."""

    seconds_to_wait = 0.0


@attrs.frozen
class Case(Exhibit):
    """An adapter for groups with one bug; the other parts are those that it needs."""

    groups: type[SqliteGroups] = SqliteGroups
    session: type[Session] = Session
    store: type[SqliteStore] = SqliteStore
    storage: type[SqliteStorage] = SqliteStorage

    def make_storage(self) -> SqliteStorage:
        """Return a new storage."""
        return self.storage()

    def open_store(
        self, storage: SqliteStorage, tenant: str, customers: Sequence[Customer]
    ) -> SqliteStore:
        """Return the store of a tenant."""
        return self.store(storage, tenant, customers, groups=self.groups, session=self.session)


def cases(
    *broken: Broken,
    layer: Layer = "rules",
    session: type[Session] = Session,
    storage: type[SqliteStorage] = SqliteStorage,
) -> tuple[Case, ...]:
    """Return adapters with one broken part each.

    Args:
        broken: The broken parts.
        layer: The part of the kit that must find each of them.
        session: What else their bugs need.
        storage: What else their bugs need.
    """
    return tuple(
        _case(part, Case(part, layer, session=session, storage=storage)) for part in broken
    )


def _case(part: Broken, case: Case) -> Case:
    if issubclass(part, SqliteGroups):
        return attrs.evolve(case, groups=part)
    if issubclass(part, Session):
        return attrs.evolve(case, session=part)
    if issubclass(part, SqliteStore):
        return attrs.evolve(case, store=part)
    return attrs.evolve(case, storage=part)

"""Reservations on every engine, for tests of what is special to SQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from customer_groups.adapters.sql import EmbeddedGroupStore
from customer_groups.codes import GroupCode
from customer_groups.reservations.model import GroupReservation
from customer_groups.reservations.quantities import Quantity
from customer_groups.reservations.repository import Booking, ReservationRules
from customer_groups.reservations.sql import EmbeddedReservations
from customer_groups.reservations.store import ReservationStore
from customer_groups.service import create_group
from reservations.promises import A, B, entry
from stores import SERVERS, HostStore, server_store, sql_store

__all__ = ["GROUP", "ON_ALL", "as_host", "groups_of", "held", "reservations", "statements_on"]

GROUP = GroupCode("G")
ON_ALL = ["sqlite", *SERVERS]
"""The engines that `reservations` can be asked for."""


@contextmanager
def reservations(
    name: str, folder: Path, *, rules: ReservationRules | None = None
) -> Iterator[EmbeddedReservations]:
    """Open reservations with 100 "a" and 10 "b" on hand, and a group that ONE is a member of.

    Args:
        name: One of `ON_ALL`.
        folder: Where a file of SQLite goes.
        rules: What is declared.
    """
    file = folder / "reservations.db"
    opened = sql_store(file=file) if name == "sqlite" else server_store(driver=name)
    with opened as store:
        embedded = EmbeddedReservations(store, rules=rules)
        try:
            embedded.load_on_hand({A: 100, B: 10})
            store.run(lambda work: create_group(work, "Key", code=GROUP, customers=["ONE"]))
            yield embedded
        finally:
            tables = [*embedded.tables.all, embedded.on_hand_table]
            for table in tables:
                table.drop(store.engine)


def groups_of(embedded: EmbeddedReservations) -> EmbeddedGroupStore:
    """Return the store of the groups, whose transactions those of the reservations are."""
    store = embedded.store.groups
    assert isinstance(store, EmbeddedGroupStore)
    return store


@contextmanager
def statements_on(engine: sa.Engine) -> Iterator[list[str]]:
    """Return a context that notes which statements run on an engine."""
    statements: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        statements.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


def as_host(embedded: EmbeddedReservations) -> ReservationStore:
    """Return a store of a host whose transactions see one moment."""
    return ReservationStore(HostStore(groups_of(embedded)), embedded.store.reservations)


def held(*made: GroupReservation, version: int = 1, limit: Quantity = 100) -> Booking:
    """Return the booking of new reservations, each of another stock that was locked.

    Args:
        made: The reservations.
        version: The number of the change of their stocks.
        limit: How much of each stock may be promised.
    """
    entries = (
        entry(
            stock=each.stock,
            version=version,
            request_id=each.id,
            held=each.held,
            reservation=each.id,
        )
        for each in made
    )
    return Booking(entries=tuple(entries), limits={each.stock: limit for each in made}, made=made)

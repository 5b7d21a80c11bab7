"""Stores on the nodes of a cluster, and what these hold."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import attrs
import sqlalchemy as sa

from customer_groups.adapters.sql import EmbeddedGroupStore, load_customers, verify
from customer_groups.customers import Customer
from customer_groups.service import create_group
from databases import create_engine
from servers import galera
from servers.galera import NODES

__all__ = ["GROUP", "Contents", "contents", "new_database", "open_on"]

GROUP = "ALL"

Rows = Sequence[sa.Row[Any]]


@attrs.frozen
class Contents:
    """What a database holds, in the order of the keys."""

    groups: Rows
    memberships: Rows
    series: Rows


def new_database(codes: Iterable[str] = ()) -> str:
    """Make a database that has these customers and an empty group of no code, on every node.

    Returns:
        Its name.
    """
    database = galera().new_database()
    with open_on(0, database) as store:
        store.create()
        load_customers(store, map(Customer, codes))
        store.run(lambda work: create_group(work, "All", code=GROUP))
    contents(database)
    return database


@contextmanager
def open_on(node: int, database: str) -> Iterator[EmbeddedGroupStore]:
    """Open a store on one node, with connections of its own."""
    engine = create_engine(galera().url(node, "pymysql", database))
    store = EmbeddedGroupStore(engine, tenant="t")
    try:
        yield store
    finally:
        store.close()


def contents(database: str, nodes: Iterable[int] = NODES) -> Contents:
    """Return what the nodes hold, once it is known that nothing is wrong and all hold the same."""
    first, *others = [_contents_of_node(node, database) for node in nodes]
    assert all(other == first for other in others)
    return first


def _contents_of_node(node: int, database: str) -> Contents:
    with open_on(node, database) as store, store.engine.connect() as connection:
        connection.execute(sa.text("SET wsrep_sync_wait = 1"))
        tables = store.storage.tables
        assert verify(connection, tables) == []
        return Contents(
            *(
                connection.execute(sa.select(table).order_by(*table.primary_key)).all()
                for table in (tables.groups, tables.memberships, tables.series)
            )
        )

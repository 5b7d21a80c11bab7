"""Bringing the tables of an earlier release to the version that this code needs."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import sqlalchemy as sa

from customer_groups.adapters.sql.dialects import dialect_of
from customer_groups.adapters.sql.schema import VersionedTables, create_schema
from customer_groups.adapters.sql.session import SqlSession
from customer_groups.adapters.sql.tables import GroupTables
from customer_groups.adapters.sql.translating import translated
from customer_groups.errors import ConstraintViolatedError, RetryableConflictError, SchemaError

__all__ = ["STEPS", "Step", "migrate", "take_steps"]

T = TypeVar("T", bound=VersionedTables)

Step = Callable[[sa.Connection, T], None]
"""Turns the tables of one version into those of the next.

It may find that it did so before: MariaDB commits whatever changes a table at once, so a
crash can leave the tables ahead of the version that they say, never behind it.
"""

STEPS: Sequence[Step[GroupTables]] = ()
"""The first step turns version 1 into version 2, and so on."""


def migrate(connection: sa.Connection, tables: GroupTables) -> None:
    """Bring the tables to the version that this code needs; create them if there are none.

    Nothing is changed where they have that version, so it may be called at every start.
    Of processes that do so at once, one does it. The others wait for it and find it done, or,
    where they cannot see what it did, get an error that says to repeat: in PostgreSQL under
    REPEATABLE READ, and on another node of a Galera cluster.

    It never commits. MariaDB commits by itself whatever changes a table, and what was
    pending on the connection with it: migrate in a transaction of its own there. Called
    again after a failure, it goes on where it stopped.

    Args:
        connection: A connection in a transaction, such as ``op.get_bind()`` of Alembic.
        tables: Our tables, made by `build_tables`.

    Raises:
        HostTransactionRequiredError: no transaction is open on the connection.
        SchemaError: the tables are of a later version than this code knows.
        RetryableConflictError: another process is migrating and does not come to an end, or
            has just done so; repeat it in a new transaction.
        StorageError: the database refuses.
    """
    take_steps(connection, tables, STEPS)


def take_steps(connection: sa.Connection, tables: T, steps: Sequence[Step[T]]) -> None:
    """Do what `migrate` does, with these steps."""
    newest = len(steps) + 1
    SqlSession(connection).begin_writing()
    with translated(), dialect_of(connection).migrating(connection):
        found = _version_for_update(connection, tables)
        if found is None:
            _create(connection, tables)
            found = tables.version
        if not 1 <= found <= newest:
            raise SchemaError(found, newest)
        for version, step in enumerate(steps[found - 1 :], start=found + 1):
            step(connection, tables)
            connection.execute(tables.versions.update().values(version=version))


def _create(connection: sa.Connection, tables: VersionedTables) -> None:
    try:
        create_schema(connection, tables)
    except ConstraintViolatedError as error:
        raise RetryableConflictError(
            "another process has just recorded the version; try again in a new transaction",
            transaction_lost=True,
        ) from error.__cause__


def _version_for_update(connection: sa.Connection, tables: VersionedTables) -> int | None:
    """Return the version that is there, after waiting for whoever has not committed it yet."""
    table = tables.versions
    if not sa.inspect(connection).has_table(table.name, table.schema):
        return None
    latest = sa.select(table.c.version).order_by(table.c.version.desc()).limit(1)
    version: int | None = connection.scalar(latest.with_for_update())
    return version

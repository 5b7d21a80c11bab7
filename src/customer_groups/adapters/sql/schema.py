"""Sets of tables that have a version: creating them, and refusing those of another one."""

import re
from abc import ABC, abstractmethod
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.schema import CreateIndex, CreateTable

from customer_groups.adapters.sql.dialects import dialect_of
from customer_groups.adapters.sql.translating import translated
from customer_groups.errors import InvalidValueError, SchemaError

__all__ = [
    "VersionedTables",
    "check_schema",
    "checked_prefix",
    "create_schema",
    "ddl",
    "schema_version",
    "table_options",
    "versions_table",
]

_PREFIX = re.compile(r"[a-z][a-z0-9_]{0,15}")


class VersionedTables(ABC):
    """Tables that are created together, and recorded with the version that they have.

    Attributes:
        version: The version that this code needs.
    """

    version: ClassVar[int]

    @property
    @abstractmethod
    def versions(self) -> sa.Table:
        """The table of one row that holds the version."""

    @property
    @abstractmethod
    def all(self) -> list[sa.Table]:
        """All tables, in the order in which they can be created."""

    @property
    def indexes(self) -> list[sa.Index]:
        """All indexes that are created by statements of their own, in order."""
        indexes = (index for table in self.all for index in table.indexes)
        return sorted(indexes, key=lambda index: str(index.name))


def checked_prefix(prefix: str) -> str:
    """Return the prefix if the names of tables may begin with it.

    Raises:
        InvalidValueError: it is malformed.
    """
    if not _PREFIX.fullmatch(prefix):
        reason = "is not a small letter and at most 15 small letters, digits or underscores"
        raise InvalidValueError("prefix", prefix, reason)
    return prefix


def table_options(schema: str | None) -> dict[str, Any]:
    """Return what all of our tables are made with: twice in one metadata, they are the same.

    Args:
        schema: The schema that they are in; None for the default one.
    """
    options = {"engine": "InnoDB", "row_format": "DYNAMIC", "default_charset": "utf8mb4"}
    return {"schema": schema, "keep_existing": True} | {
        f"{dialect}_{option}": value
        for dialect in ("mysql", "mariadb")
        for option, value in options.items()
    }


def versions_table(metadata: sa.MetaData, name: str, schema: str | None) -> sa.Table:
    """Return a table for the version of a set of tables."""
    return sa.Table(
        name,
        metadata,
        sa.Column("version", sa.Integer, autoincrement=False),
        sa.PrimaryKeyConstraint("version", name=f"{name}_pk"),
        **table_options(schema),
    )


def create_schema(connection: sa.Connection, tables: VersionedTables) -> None:
    """Create those of our tables and indexes that are missing; the caller commits.

    Where there may be tables of an earlier version, or several processes start at once,
    call `migrate`.

    Args:
        connection: A connection in a transaction.
        tables: What to create.

    Raises:
        SchemaError: there are tables of another version.
        StorageUnavailableError: the database sorts text in another way than we do.
    """
    with translated():
        dialect_of(connection).require_unicode(connection)
        found = schema_version(connection, tables)
        if found not in {None, tables.version}:
            raise SchemaError(found, tables.version)
        tables.versions.metadata.create_all(connection, tables=tables.all)
        # MariaDB commits one by one: a crash may have left a table without its index.
        for index in tables.indexes:
            index.create(connection, checkfirst=True)
        if found is None:
            connection.execute(tables.versions.insert().values(version=tables.version))


def schema_version(connection: sa.Connection, tables: VersionedTables) -> int | None:
    """Return the version of the tables that are there; None where there are none."""
    table = tables.versions
    with translated():
        if not sa.inspect(connection).has_table(table.name, table.schema):
            return None
        version: int | None = connection.scalar(sa.select(sa.func.max(table.c.version)))
        return version


def check_schema(connection: sa.Connection, tables: VersionedTables) -> None:
    """Do nothing if the tables have the version that this code needs.

    Raises:
        SchemaError: they are missing, or of another version.
        StorageUnavailableError: the database sorts text in another way than we do.
    """
    with translated():
        dialect_of(connection).require_unicode(connection)
    found = schema_version(connection, tables)
    if found != tables.version:
        error = SchemaError(found, tables.version)
        # There may be several sets of tables: whoever reads this has to know which one it is.
        error.add_note(f"their version is looked for in the table {tables.versions.fullname}")
        raise error


def ddl(dialect: sa.Dialect, tables: VersionedTables) -> list[str]:
    """Return the statements that create the tables, for migrations written by hand.

    Args:
        dialect: The dialect to write them in, ``connection.dialect`` for one.
        tables: What to create.
    """
    version = tables.versions.insert().values(version=tables.version)
    statements: list[sa.ClauseElement] = [CreateTable(table) for table in tables.all]
    statements += [CreateIndex(index) for index in tables.indexes]
    return [
        str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True})).strip()
        for statement in [*statements, version]
    ]

"""Our tables, in the caller's metadata; nothing is created before somebody asks for it."""

import re
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy.schema import CreateIndex, CreateTable

from customer_groups.adapters.sql.dialects import dialect_of
from customer_groups.adapters.sql.translating import translated
from customer_groups.adapters.sql.types import Microseconds, exact_text, long_text
from customer_groups.errors import InvalidValueError, SchemaError

__all__ = [
    "SCHEMA_VERSION",
    "GroupTables",
    "build_tables",
    "check_schema",
    "create_schema",
    "ddl",
    "schema_version",
]

SCHEMA_VERSION = 1

_PREFIX = re.compile(r"[a-z][a-z0-9_]{0,15}")
_MYSQL_OPTIONS: dict[str, Any] = {
    f"{dialect}_{option}": value
    for dialect in ("mysql", "mariadb")
    for option, value in (
        ("engine", "InnoDB"),
        ("row_format", "DYNAMIC"),
        ("default_charset", "utf8mb4"),
    )
}


@attrs.frozen(eq=False)
class GroupTables:
    """The tables of the groups, made by `build_tables`.

    The tenant is the first column of every key and index, so a distributed database can
    keep each tenant in one place.

    Attributes:
        prefix: What the names of the tables begin with.
        groups: One row for each group, with the number of its customers.
        memberships: One row for each customer in a group.
        series: The last number of each series.
        versions: One row: the version of these tables.
    """

    prefix: str
    groups: sa.Table
    memberships: sa.Table
    series: sa.Table
    versions: sa.Table

    @property
    def all(self) -> list[sa.Table]:
        """All tables, in the order in which they can be created."""
        return [self.groups, self.memberships, self.series, self.versions]

    @property
    def indexes(self) -> list[sa.Index]:
        """All indexes that are created by statements of their own, in order."""
        indexes = (index for table in self.all for index in table.indexes)
        return sorted(indexes, key=lambda index: str(index.name))


def build_tables(
    metadata: sa.MetaData, prefix: str = "cg_", schema: str | None = None
) -> GroupTables:
    """Put our tables into ``metadata``, and return them.

    Args:
        metadata: The host's; its migrations then see our tables like its own.
        prefix: What the names of tables, keys and indexes begin with: a small letter, then
            at most 15 small letters, digits or underscores.
        schema: The schema that the tables are in; None for the default one.

    Raises:
        InvalidValueError: the prefix is malformed.
    """
    if not _PREFIX.fullmatch(prefix):
        reason = "is not a small letter and at most 15 small letters, digits or underscores"
        raise InvalidValueError("prefix", prefix, reason)
    return GroupTables(
        prefix,
        _groups(metadata, prefix, schema),
        _memberships(metadata, prefix, schema),
        sa.Table(
            f"{prefix}series",
            metadata,
            sa.Column("tenant", exact_text(64)),
            sa.Column("name", exact_text(64)),
            sa.Column("number", sa.BigInteger, nullable=False),
            sa.PrimaryKeyConstraint("tenant", "name", name=f"{prefix}series_pk"),
            schema=schema,
            **_MYSQL_OPTIONS,
        ),
        sa.Table(
            f"{prefix}schema",
            metadata,
            sa.Column("version", sa.Integer, autoincrement=False),
            sa.PrimaryKeyConstraint("version", name=f"{prefix}schema_pk"),
            schema=schema,
            **_MYSQL_OPTIONS,
        ),
    )


def _groups(metadata: sa.MetaData, prefix: str, schema: str | None) -> sa.Table:
    return sa.Table(
        f"{prefix}group",
        metadata,
        sa.Column("tenant", exact_text(64)),
        sa.Column("code", exact_text(32)),
        sa.Column("name", exact_text(100), nullable=False),
        sa.Column("name_key", exact_text(191), nullable=False),
        sa.Column("status", exact_text(8), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("created_at", Microseconds, nullable=False),
        sa.Column("created_by", exact_text(140)),
        sa.Column("updated_at", Microseconds, nullable=False),
        sa.Column("updated_by", exact_text(140)),
        sa.Column("attributes", long_text(), nullable=False),
        sa.Column("customers", sa.BigInteger, nullable=False),
        sa.Column("members_version", sa.BigInteger, nullable=False),
        sa.Column("members_changed_at", Microseconds),
        sa.Column("members_changed_by", exact_text(140)),
        # Raised to lock the group: only a real write holds on every engine.
        sa.Column("fence", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "code", name=f"{prefix}group_pk"),
        sa.UniqueConstraint("tenant", "name_key", name=f"{prefix}group_name"),
        sa.Index(f"{prefix}group_changed", "tenant", "updated_at", "code"),
        schema=schema,
        **_MYSQL_OPTIONS,
    )


def _memberships(metadata: sa.MetaData, prefix: str, schema: str | None) -> sa.Table:
    return sa.Table(
        f"{prefix}membership",
        metadata,
        sa.Column("tenant", exact_text(64)),
        sa.Column("group_code", exact_text(32)),
        sa.Column("customer_key", exact_text(140)),
        sa.Column("added_at", Microseconds, nullable=False),
        sa.Column("added_by", exact_text(140)),
        sa.PrimaryKeyConstraint(
            "tenant", "group_code", "customer_key", name=f"{prefix}membership_pk"
        ),
        sa.Index(f"{prefix}membership_customer", "tenant", "customer_key", "group_code"),
        schema=schema,
        sqlite_with_rowid=False,
        **_MYSQL_OPTIONS,
    )


def create_schema(connection: sa.Connection, tables: GroupTables) -> None:
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
        if found not in {None, SCHEMA_VERSION}:
            raise SchemaError(found, SCHEMA_VERSION)
        tables.versions.metadata.create_all(connection, tables=tables.all)
        # MariaDB commits one by one: a crash may have left a table without its index.
        for index in tables.indexes:
            index.create(connection, checkfirst=True)
        if found is None:
            connection.execute(tables.versions.insert().values(version=SCHEMA_VERSION))


def schema_version(connection: sa.Connection, tables: GroupTables) -> int | None:
    """Return the version of the tables that are there; None where there are none."""
    table = tables.versions
    with translated():
        if not sa.inspect(connection).has_table(table.name, table.schema):
            return None
        version: int | None = connection.scalar(sa.select(sa.func.max(table.c.version)))
        return version


def check_schema(connection: sa.Connection, tables: GroupTables) -> None:
    """Do nothing if the tables have the version that this code needs.

    Raises:
        SchemaError: they are missing, or of another version.
        StorageUnavailableError: the database sorts text in another way than we do.
    """
    with translated():
        dialect_of(connection).require_unicode(connection)
    found = schema_version(connection, tables)
    if found != SCHEMA_VERSION:
        raise SchemaError(found, SCHEMA_VERSION)


def ddl(dialect: sa.Dialect, tables: GroupTables) -> list[str]:
    """Return the statements that create the tables, for migrations written by hand.

    Args:
        dialect: The dialect to write them in, ``connection.dialect`` for one.
        tables: What to create.
    """
    version = tables.versions.insert().values(version=SCHEMA_VERSION)
    statements: list[sa.ClauseElement] = [CreateTable(table) for table in tables.all]
    statements += [CreateIndex(index) for index in tables.indexes]
    return [
        str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True})).strip()
        for statement in [*statements, version]
    ]

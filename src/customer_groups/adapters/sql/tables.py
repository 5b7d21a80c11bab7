"""Our tables, in the caller's metadata; nothing is created before somebody asks for it."""

from typing import ClassVar

import attrs
import sqlalchemy as sa

from customer_groups.adapters.sql.schema import (
    VersionedTables,
    checked_prefix,
    table_options,
    versions_table,
)
from customer_groups.adapters.sql.types import Microseconds, exact_text, long_text

__all__ = ["SCHEMA_VERSION", "GroupTables", "build_tables"]

SCHEMA_VERSION = 1


@attrs.frozen(eq=False)
class GroupTables(VersionedTables):
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

    version: ClassVar[int] = SCHEMA_VERSION

    prefix: str
    groups: sa.Table
    memberships: sa.Table
    series: sa.Table
    versions: sa.Table

    @property
    def all(self) -> list[sa.Table]:
        """All tables, in the order in which they can be created."""
        return [self.groups, self.memberships, self.series, self.versions]


def build_tables(
    metadata: sa.MetaData, prefix: str = "cg_", schema: str | None = None
) -> GroupTables:
    """Put our tables into ``metadata``, and return them.

    Where they are in it already, they are returned as they are.

    Args:
        metadata: The host's; its migrations then see our tables like its own.
        prefix: What the names of tables, keys and indexes begin with: a small letter, then
            at most 15 small letters, digits or underscores.
        schema: The schema that the tables are in; None for the default one.

    Raises:
        InvalidValueError: the prefix is malformed.
    """
    return GroupTables(
        checked_prefix(prefix),
        _groups(metadata, prefix, schema),
        _memberships(metadata, prefix, schema),
        sa.Table(
            f"{prefix}series",
            metadata,
            sa.Column("tenant", exact_text(64)),
            sa.Column("name", exact_text(64)),
            sa.Column("number", sa.BigInteger, nullable=False),
            sa.PrimaryKeyConstraint("tenant", "name", name=f"{prefix}series_pk"),
            **table_options(schema),
        ),
        versions_table(metadata, f"{prefix}schema", schema),
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
        **table_options(schema),
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
        sqlite_with_rowid=False,
        **table_options(schema),
    )

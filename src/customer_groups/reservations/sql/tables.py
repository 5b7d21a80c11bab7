"""The tables of the reservations, in the caller's metadata."""

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
from customer_groups.reservations.sql.types import Millionths

__all__ = ["SCHEMA_VERSION", "ReservationTables", "build_tables"]

SCHEMA_VERSION = 1

_TENANT = 64
_REQUEST = 80
_FINGERPRINT = 64
_GROUP = 32
_STOCK = 140
_CUSTOMER = 140
_ACTOR = 140
_WORD = 10


@attrs.frozen(eq=False)
class ReservationTables(VersionedTables):
    """The tables of the reservations, made by `build_tables`.

    The tenant is the first column of every key and index, so a distributed database can
    keep each tenant in one place. Quantities are whole numbers of millionths.

    Attributes:
        prefix: What the names of the tables begin with.
        requests: One row for each request, with the answer that it got.
        gates: One row for each group whose gate was ever locked.
        stocks: One row for each stock that was ever locked, with what is promised of it.
        reservations: One row for each reservation.
        draws: One row for each place that a consumption took stock from.
        ledger: One row for each change of what is promised; it only grows.
        versions: One row: the version of these tables.
    """

    version: ClassVar[int] = SCHEMA_VERSION

    prefix: str
    requests: sa.Table
    gates: sa.Table
    stocks: sa.Table
    reservations: sa.Table
    draws: sa.Table
    ledger: sa.Table
    versions: sa.Table

    @property
    def all(self) -> list[sa.Table]:
        """All tables, in the order in which they can be created."""
        return [
            self.requests,
            self.gates,
            self.stocks,
            self.reservations,
            self.draws,
            self.ledger,
            self.versions,
        ]


def build_tables(
    metadata: sa.MetaData, prefix: str = "cg_", schema: str | None = None
) -> ReservationTables:
    """Put the tables of the reservations into ``metadata``, and return them.

    Where they are in it already, they are returned as they are.

    Args:
        metadata: The host's; its migrations then see these tables like its own. It may be
            the one that has the tables of the groups.
        prefix: What the names of tables, keys and indexes begin with: a small letter, then
            at most 15 small letters, digits or underscores.
        schema: The schema that the tables are in; None for the default one.

    Raises:
        InvalidValueError: the prefix is malformed.
    """
    return ReservationTables(
        checked_prefix(prefix),
        _requests(metadata, prefix, schema),
        _gates(metadata, prefix, schema),
        _stocks(metadata, prefix, schema),
        _reservations(metadata, prefix, schema),
        _draws(metadata, prefix, schema),
        _ledger(metadata, prefix, schema),
        versions_table(metadata, f"{prefix}reservation_schema", schema),
    )


def _requests(metadata: sa.MetaData, prefix: str, schema: str | None) -> sa.Table:
    return sa.Table(
        f"{prefix}request",
        metadata,
        sa.Column("tenant", exact_text(_TENANT)),
        sa.Column("request_id", exact_text(_REQUEST)),
        sa.Column("fingerprint", exact_text(_FINGERPRINT), nullable=False),
        sa.Column("answer", long_text()),
        sa.PrimaryKeyConstraint("tenant", "request_id", name=f"{prefix}request_pk"),
        **table_options(schema),
    )


def _gates(metadata: sa.MetaData, prefix: str, schema: str | None) -> sa.Table:
    return sa.Table(
        f"{prefix}gate",
        metadata,
        sa.Column("tenant", exact_text(_TENANT)),
        sa.Column("group_code", exact_text(_GROUP)),
        sa.Column("is_open", sa.SmallInteger, nullable=False),
        # Raised to lock the gate: only a real write holds on every engine.
        sa.Column("fence", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "group_code", name=f"{prefix}gate_pk"),
        **table_options(schema),
    )


def _stocks(metadata: sa.MetaData, prefix: str, schema: str | None) -> sa.Table:
    return sa.Table(
        f"{prefix}stock",
        metadata,
        sa.Column("tenant", exact_text(_TENANT)),
        sa.Column("stock", exact_text(_STOCK)),
        sa.Column("held", Millionths, nullable=False),
        sa.Column("outstanding", Millionths, nullable=False),
        # Raised to lock the stock.
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "stock", name=f"{prefix}stock_pk"),
        **table_options(schema),
    )


def _reservations(metadata: sa.MetaData, prefix: str, schema: str | None) -> sa.Table:
    name = f"{prefix}reservation"
    return sa.Table(
        name,
        metadata,
        sa.Column("tenant", exact_text(_TENANT)),
        sa.Column("id", exact_text(_REQUEST)),
        sa.Column("group_code", exact_text(_GROUP), nullable=False),
        sa.Column("group_created_at", Microseconds),
        sa.Column("stock", exact_text(_STOCK), nullable=False),
        sa.Column("quantity", Millionths, nullable=False),
        sa.Column("consumed", Millionths, nullable=False),
        sa.Column("valid_from", Microseconds),
        sa.Column("valid_to", Microseconds),
        sa.Column("priority", sa.SmallInteger, nullable=False),
        sa.Column("holds_before_start", sa.SmallInteger, nullable=False),
        sa.Column("state", exact_text(_WORD), nullable=False),
        # When its state is to change; NULL for those that have ended, and for those without end.
        sa.Column("due_at", Microseconds),
        sa.Column("created_at", Microseconds, nullable=False),
        sa.Column("created_by", exact_text(_ACTOR)),
        sa.PrimaryKeyConstraint("tenant", "id", name=f"{name}_pk"),
        # For those of a stock that hold something, however many have ended.
        sa.Index(f"{name}_stock", "tenant", "stock", "state"),
        # For lists of all, and of those of a group.
        sa.Index(f"{name}_list", "tenant", "stock", "id"),
        sa.Index(f"{name}_group", "tenant", "group_code", "stock", "id"),
        # For those whose time has come, however many have ended.
        sa.Index(f"{name}_due", "tenant", "due_at"),
        **table_options(schema),
    )


def _draws(metadata: sa.MetaData, prefix: str, schema: str | None) -> sa.Table:
    return sa.Table(
        f"{prefix}draw",
        metadata,
        sa.Column("tenant", exact_text(_TENANT)),
        sa.Column("consumption", exact_text(_REQUEST)),
        sa.Column("line", sa.Integer, autoincrement=False),
        sa.Column("customer_key", exact_text(_CUSTOMER), nullable=False),
        sa.Column("stock", exact_text(_STOCK), nullable=False),
        sa.Column("reservation", exact_text(_REQUEST)),
        sa.Column("quantity", Millionths, nullable=False),
        sa.Column("settled", Millionths, nullable=False),
        sa.Column("returned", Millionths, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "consumption", "line", name=f"{prefix}draw_pk"),
        sa.Index(f"{prefix}draw_stock", "tenant", "stock"),
        **table_options(schema),
    )


def _ledger(metadata: sa.MetaData, prefix: str, schema: str | None) -> sa.Table:
    name = f"{prefix}ledger"
    key = ("stock", "version", "line")
    return sa.Table(
        name,
        metadata,
        sa.Column("tenant", exact_text(_TENANT)),
        sa.Column("stock", exact_text(_STOCK)),
        sa.Column("version", sa.BigInteger, autoincrement=False),
        sa.Column("line", sa.Integer, autoincrement=False),
        sa.Column("request_id", exact_text(_REQUEST), nullable=False),
        sa.Column("kind", exact_text(_WORD), nullable=False),
        sa.Column("held", Millionths, nullable=False),
        sa.Column("outstanding", Millionths, nullable=False),
        sa.Column("reservation", exact_text(_REQUEST)),
        sa.Column("customer_key", exact_text(_CUSTOMER)),
        sa.Column("created_at", Microseconds, nullable=False),
        sa.Column("created_by", exact_text(_ACTOR)),
        sa.PrimaryKeyConstraint("tenant", *key, name=f"{name}_pk"),
        sa.Index(f"{name}_reservation", "tenant", "reservation", *key),
        **table_options(schema),
    )

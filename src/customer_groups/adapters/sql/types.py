"""Column types that mean the same on every engine."""

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

__all__ = ["Microseconds", "exact_text", "is_padded", "long_text"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Microseconds(sa.TypeDecorator[datetime]):
    """A moment, kept as the microseconds since 1970 in UTC.

    Hosts register converters of their own for the date types of their drivers; nobody
    does for whole numbers, and all engines keep them exactly.
    """

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> int | None:  # noqa: ARG002
        """Return the moment as a number."""
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        """Return the number as a moment."""
        return None if value is None else _EPOCH + timedelta(microseconds=value)


def exact_text(length: int) -> sa.String:
    """Return a type for text that is compared and ordered by code point."""
    binary = mysql.VARCHAR(length, charset="utf8mb4", collation="utf8mb4_bin")
    return (
        sa.String(length)
        .with_variant(sa.String(length, collation="C"), "postgresql")
        .with_variant(binary, "mysql", "mariadb")
    )


def long_text() -> sa.Text:
    """Return a type for text of up to some hundred kilobytes."""
    return sa.Text().with_variant(mysql.MEDIUMTEXT(charset="utf8mb4"), "mysql", "mariadb")


def is_padded(column: sa.ColumnElement[Any]) -> bool:
    """Return whether it is text that the database may fill up with spaces."""
    return isinstance(column.type, (sa.CHAR, sa.NCHAR))

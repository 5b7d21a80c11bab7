"""Columns of the host: compared exactly in spite of its collations, and through its indexes."""

from collections.abc import Sequence
from typing import Any

import attrs
import sqlalchemy as sa

from customer_groups.adapters.sql.session import SqlSession
from customer_groups.adapters.sql.types import is_padded

__all__ = ["HostColumns", "as_indexed", "as_text", "is_number", "is_text"]

LARGEST_INTEGER = 2**63 - 1


def as_text(column: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
    """Return the expression as the text that the database holds, without padding."""
    if is_text(column) and not is_padded(column):
        return sa.type_coerce(column, sa.String())
    return sa.cast(column, sa.String)


def as_indexed(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Return the expression as a number or text, put so that an index on it can be used."""
    return column if is_padded(column) or is_number(column) else as_text(column)


def is_number(column: sa.ColumnElement[Any]) -> bool:
    """Return whether the expression is a whole number."""
    return isinstance(column.type, sa.Integer)


def is_text(column: sa.ColumnElement[Any]) -> bool:
    """Return whether the expression is text, and no enumeration."""
    # SQLAlchemy calls enumerations texts, but PostgreSQL does not compare them with any.
    return isinstance(column.type, sa.String) and not isinstance(column.type, sa.Enum)


@attrs.frozen(eq=False)
class HostColumns:
    """Compares columns of one source of the host with texts of ours.

    Attributes:
        session: Where statements run.
        source: What the columns belong to.
    """

    session: SqlSession
    source: sa.FromClause

    def is_any_of(
        self, column: sa.ColumnElement[Any], texts: Sequence[str]
    ) -> sa.ColumnElement[bool]:
        """Return the condition that a column has one of these values; it may hold for others.

        It is put so that an index on the column can be used. A collation may see more
        values as equal, so the caller compares once more.
        """
        if is_number(column):
            numbers = [number for text in texts if (number := _number(text)) is not None]
            return _large(column).in_(numbers)
        indexed = as_indexed(column)
        return indexed.in_(self.comparable(indexed, texts))

    def has(self, column: sa.ColumnElement[Any], text: str) -> sa.ColumnElement[bool]:
        """Return the condition that a column has exactly this value."""
        if is_number(column):
            number = _number(text)
            return sa.false() if number is None else _large(column) == number
        indexed = as_indexed(column)
        (alike,) = self.comparable(indexed, [text])
        return sa.and_(indexed == alike, self.characters(column) == text)

    def comparable(self, column: sa.ColumnElement[str], texts: Sequence[str]) -> Sequence[Any]:
        """Return the texts so that the column can be compared with them; see `Dialect`."""
        rows = sa.select().select_from(self.source)
        return self.session.dialect.comparable(column, rows, texts, self.session.rows)

    def characters(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
        """Return the expression as text that is compared and ordered by code point."""
        return self.session.dialect.exact(as_text(column))


def _large(column: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    """Return a column of whole numbers so that it may be compared with larger ones."""
    return sa.type_coerce(column, sa.BigInteger)


def _number(text: str) -> int | None:
    """Return the number that is written exactly so, if a database can hold it."""
    if not text.isascii() or not text.removeprefix("-").isdigit():
        return None
    number = int(text)
    return number if str(number) == text and abs(number) <= LARGEST_INTEGER else None

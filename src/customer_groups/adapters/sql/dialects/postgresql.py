"""PostgreSQL, and what speaks its language."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import DropTable

from customer_groups.adapters.sql.dialects.base import MIGRATION_LOCK, Dialect, Query
from customer_groups.errors import StorageUnavailableError

__all__ = ["PostgreSQL"]

# Two characters that no code and no key can hold.
BETWEEN_VALUES = "\x1f"
NO_VALUE = "\x1e"


class PostgreSQL(Dialect):
    """What is special about PostgreSQL; see `Dialect`."""

    error_ends_transaction = True
    undoes_temporary_tables = True

    def require_unicode(self, connection: sa.Connection) -> None:
        """Refuse databases and connections in other encodings."""
        for setting, what in (
            ("server_encoding", "the database was created with"),
            ("client_encoding", "the connection speaks"),
        ):
            encoding = connection.scalar(sa.select(sa.func.current_setting(setting)))
            if encoding != "UTF8":
                raise StorageUnavailableError(
                    f"{what} the encoding {encoding}, which cannot hold every character; use UTF8"
                )

    def begin_own(self, connection: sa.Connection) -> None:
        """Do nothing: readers and writers do not wait for each other."""

    def begin_writing(self, connection: sa.Connection) -> None:
        """Do nothing: the driver begins before the first statement."""

    def has_begun(self, connection: sa.Connection) -> bool:  # noqa: ARG002
        """Return True: errors never end a transaction unnoticed."""
        return True

    @contextmanager
    def migrating(self, connection: sa.Connection) -> Iterator[None]:
        """Take a lock that lasts until the transaction ends."""
        key = sa.func.hashtext(MIGRATION_LOCK)
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))
        yield

    def deciding(self, query: sa.Select[Any]) -> sa.Select[Any]:
        """Return it as it is.

        Under READ COMMITTED every query sees what is committed; else the write that locked
        the group has failed if anything had changed.
        """
        return query

    def may_copy(
        self,
        column: sa.ColumnElement[str],  # noqa: ARG002
        rows: sa.Select[Any],  # noqa: ARG002
        query: Query,  # noqa: ARG002
    ) -> bool:
        """Return True: reading locks nothing."""
        return True

    def exact(self, text: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
        """Return the text in the collation that compares bytes."""
        return sa.collate(text, "C")

    def compared_like(
        self,
        column: sa.ColumnElement[str],
        rows: sa.Select[Any],
        value: sa.ColumnElement[str],
        query: Query,
    ) -> sa.ColumnElement[str]:
        """Return the value in the column's own collation: an index serves only that one."""
        any_value = rows.with_only_columns(column).limit(1).scalar_subquery()
        ((collation,),) = query(sa.select(sa.func.pg_collation_for(any_value)))
        # The server has quoted the name.
        return value if collation is None else value.op("COLLATE")(sa.literal_column(collation))

    def comparable(
        self,
        column: sa.ColumnElement[str],  # noqa: ARG002
        rows: sa.Select[Any],  # noqa: ARG002
        texts: Sequence[str],
        query: Query,  # noqa: ARG002
    ) -> Sequence[Any]:
        """Return them as they are: all columns can hold all texts."""
        return texts

    def is_ascii(self, text: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
        """Return the condition that there are as many bytes as characters."""
        return sa.func.octet_length(text) == sa.func.char_length(text)

    def insert(
        self, connection: sa.Connection, table: sa.Table, rows: Sequence[tuple[Any, ...]]
    ) -> None:
        """Let psycopg copy the rows; the others would repeat a statement row by row.

        Those send each column as one text, which takes twice the time.
        """
        if connection.dialect.driver == "psycopg":
            _copy(connection, table, rows)
        else:
            _insert_columns(connection, table, rows)

    def insert_or_change(
        self, table: sa.Table, changes: Mapping[str, sa.ColumnElement[Any]]
    ) -> sa.Insert:
        """Return an insert that updates on a conflict."""
        return postgresql.insert(table).on_conflict_do_update(
            index_elements=table.primary_key, set_=changes
        )

    def may_stream(self, connection: sa.Connection) -> bool:
        """Return whether the driver has cursors for it that it closes when they are read."""
        driver_connection: Any = connection.connection.dbapi_connection
        return connection.dialect.driver != "asyncpg" and not driver_connection.autocommit

    def analyze(self, connection: sa.Connection, table: sa.Table) -> None:
        """Count it: the planner takes a table that nobody has looked at for a small one."""
        name = connection.dialect.identifier_preparer.format_table(table)
        connection.exec_driver_sql(f"ANALYZE {name}")

    def analyze_stored(self, connection: sa.Connection, table: sa.Table) -> None:
        """Count it: the server does so by itself, but only a minute later."""
        self.analyze(connection, table)

    def drop_temporary(self, connection: sa.Connection, table: sa.Table) -> None:
        """Drop it like any table."""
        connection.execute(DropTable(table))


def _copy(connection: sa.Connection, table: sa.Table, rows: Sequence[tuple[Any, ...]]) -> None:
    preparer = connection.dialect.identifier_preparer
    statement = f"COPY {preparer.format_table(table)} FROM STDIN"
    driver_connection: Any = connection.connection.dbapi_connection
    try:
        if connection.dialect.is_async:
            driver_connection.run_async(lambda lent: _copy_async(lent, statement, rows))
        else:
            with driver_connection.cursor() as cursor, cursor.copy(statement) as copy:
                for row in rows:
                    copy.write_row(row)
    except connection.dialect.loaded_dbapi.Error as error:
        # As SQLAlchemy wraps what goes through it.
        raise sa.exc.DBAPIError(statement, None, error) from error


async def _copy_async(
    driver_connection: Any,  # noqa: ANN401  psycopg's
    statement: str,
    rows: Sequence[tuple[Any, ...]],
) -> None:
    async with driver_connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            await copy.write_row(row)


def _insert_columns(
    connection: sa.Connection, table: sa.Table, rows: Sequence[tuple[Any, ...]]
) -> None:
    names = [column.name for column in table.columns]
    arrays = [
        _array(values, column)
        for values, column in zip(zip(*rows, strict=True), table.columns, strict=True)
    ]
    lines = sa.func.unnest(*arrays).table_valued(*names).render_derived()
    connection.execute(table.insert().from_select(names, sa.select(*lines.columns)))


def _array(values: Sequence[Any], column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    text = BETWEEN_VALUES.join(NO_VALUE if value is None else str(value) for value in values)
    array = sa.func.string_to_array(text, BETWEEN_VALUES, NO_VALUE)
    kind = sa.BigInteger if isinstance(column.type, sa.Integer) else sa.Text
    return sa.cast(array, sa.ARRAY(kind))

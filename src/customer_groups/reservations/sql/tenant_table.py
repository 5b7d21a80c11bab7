"""The rows that one tenant has in one table: statements that are built once, and run for a tenant.

Parameters that find rows are called ``of_`` and the name of the column, or ``keys`` where any of
many will do: so none is taken for a value that is to be stored.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import attrs
import sqlalchemy as sa

from customer_groups.adapters.sql.parts import KEYS_AT_A_TIME, parts
from customer_groups.adapters.sql.session import SqlSession
from customer_groups.paging import Page, checked_limit, decode_cursor, encode_cursor

__all__ = ["TenantTable", "inserting", "is_among", "is_of", "selecting", "updating"]

T = TypeVar("T")

_Condition = sa.ColumnElement[bool]
_Parameters = Mapping[str, Any]


def is_of(table: sa.Table, *key: str) -> _Condition:
    """Return the condition for the rows of the tenant, with these columns as the parameters say."""
    columns = (table.c[name] for name in ("tenant", *key))
    return sa.and_(*(column == sa.bindparam(f"of_{column.name}") for column in columns))


def is_among(column: sa.Column[Any]) -> _Condition:
    """Return the condition that a column has any of the values of the parameter ``keys``."""
    return column.in_(sa.bindparam("keys", expanding=True))


def selecting(
    table: sa.Table, *conditions: _Condition, order_by: Iterable[str] = ()
) -> sa.Select[Any]:
    """Return a query for rows of the tenant that satisfy all conditions."""
    columns = [table.c[name] for name in order_by]
    return sa.select(table).where(is_of(table), *conditions).order_by(*columns)


def updating(table: sa.Table, *key: str) -> sa.Update:
    """Return a change of the row with this key; it stores whatever else the parameters name."""
    return table.update().where(is_of(table, *key))


def inserting(insert: sa.Insert) -> sa.Insert:
    """Return an insert for the tenant; it stores what the parameters name."""
    return insert.values(tenant=sa.bindparam("of_tenant"))


@attrs.frozen(eq=False)
class TenantTable:
    """The rows of one tenant in one table.

    Attributes:
        session: Where statements run.
        table: The table.
        tenant: Whose rows.
    """

    session: SqlSession
    table: sa.Table
    tenant: str

    def rows(
        self, statement: sa.Executable, parameters: _Parameters | None = None
    ) -> Sequence[sa.Row[Any]]:
        """Return what a statement with these parameters returns."""
        return self.session.rows(statement, self._completed(parameters or {}))

    def select(
        self, query: sa.Select[Any], parameters: _Parameters, *, lock: bool = False
    ) -> Sequence[sa.Row[Any]]:
        """Return the rows that a query finds.

        Args:
            query: The query.
            parameters: Its parameters.
            lock: Whether to see what is committed now, to decide upon it.
        """
        return self.rows(self.session.dialect.deciding(query) if lock else query, parameters)

    def select_among(
        self, query: sa.Select[Any], keys: Collection[str], *, lock: bool = False
    ) -> Iterator[sa.Row[Any]]:
        """Yield the rows that a query finds by ``keys``, which are given in parts, in order."""
        for part in parts(sorted(set(keys)), KEYS_AT_A_TIME):
            yield from self.select(query, {"keys": part}, lock=lock)

    def run(
        self, statement: sa.Executable, parameters: _Parameters | None = None
    ) -> sa.CursorResult[Any]:
        """Run a statement that returns no rows."""
        return self.session.execute(statement, self._completed(parameters or {}))

    def run_for_each(self, statement: sa.Executable, parameters: Iterable[_Parameters]) -> None:
        """Run a statement as often as there are parameters for it."""
        for part in parts(map(self._completed, parameters), KEYS_AT_A_TIME):
            self.session.execute(statement, part)

    def replace(
        self, statement: sa.Update, key: Collection[str], rows: Iterable[_Parameters]
    ) -> None:
        """Store rows in place of those with the same keys.

        Args:
            statement: What `updating` returns for that key.
            key: The columns that a row is told apart by.
            rows: The rows, each given without its tenant.
        """
        renamed = (
            {f"of_{name}" if name in key else name: value for name, value in row.items()}
            for row in rows
        )
        self.run_for_each(statement, renamed)

    def insert(self, rows: Iterable[_Parameters]) -> None:
        """Insert rows, each given without its tenant."""
        self.run_for_each(inserting(self.table.insert()), rows)

    def insert_missing(self, values: _Parameters) -> None:
        """Insert a row unless there is one with its key, if need be after waiting for others."""
        same = {"tenant": self.table.c.tenant}
        self.run(inserting(self.session.dialect.insert_or_change(self.table, same)), values)

    def delete(self, *conditions: _Condition) -> None:
        """Delete the rows that satisfy all conditions."""
        self.run(self.table.delete().where(is_of(self.table), *conditions))

    def page(
        self,
        asked: Sequence[str],
        given: Mapping[str, Any],
        order_by: Sequence[str],
        value: Callable[[sa.Row[Any]], T],
        *,
        where: Sequence[_Condition] = (),
        limit: int,
        after: str | None,
    ) -> Page[T]:
        """Return a page of what rows hold.

        Args:
            asked: What is asked for, in words: a cursor serves nothing else.
            given: The columns that have one value in all of the rows, with that value.
            order_by: The columns that they are ordered by, no two rows alike.
            value: Makes a value of a row.
            where: What else the rows satisfy.
            limit: How many at most.
            after: The cursor of the page before.
        """
        checked_limit(limit)
        context = (self.tenant, *asked)
        alike = (self.table.c[name] == each for name, each in given.items())
        # MariaDB sorts all rows if the order or the range begins with what they have alike.
        varying = [name for name in order_by if name not in given]
        query = selecting(self.table, *alike, *where, order_by=varying)
        if after is not None:
            position = dict(zip(order_by, decode_cursor(context, after), strict=True))
            query = query.where(*self._after({name: position[name] for name in varying}))
        rows = self.rows(query.limit(limit + 1))
        items = tuple(value(row) for row in rows[:limit])
        if len(rows) <= limit:
            return Page(items)
        last = [str(getattr(rows[limit - 1], name)) for name in order_by]
        return Page(items, encode_cursor(context, last))

    def _completed(self, parameters: _Parameters) -> _Parameters:
        return {"of_tenant": self.tenant, **parameters}

    def _after(self, position: Mapping[str, str]) -> list[_Condition]:
        """Return the conditions for what comes after a position in the order of its columns."""
        columns = [self.table.c[name] for name in position]
        last = [
            sa.literal(column.type.python_type(text), column.type)
            for column, text in zip(columns, position.values(), strict=True)
        ]
        # The first one is a range that all engines use the index for.
        return [columns[0] >= last[0], sa.tuple_(*columns) > sa.tuple_(*last)]

"""The host's customers, read from whatever table, view or query they are in."""

import functools
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs
import sqlalchemy as sa

from customer_groups.adapters.sql.host_columns import (
    HostColumns,
    as_indexed,
    as_text,
    is_number,
    is_text,
)
from customer_groups.adapters.sql.parts import KEYS_AT_A_TIME, parts
from customer_groups.adapters.sql.session import SqlSession
from customer_groups.customers import (
    Customer,
    CustomerCode,
    CustomerKey,
    CustomerQuery,
    is_well_formed,
    parse_customer_code,
)
from customer_groups.errors import InvalidCustomerCodeError, InvalidValueError
from customer_groups.paging import Page, checked_limit, decode_cursor, encode_cursor
from customer_groups.repository import DEFAULT_TENANT
from customer_groups.text import TextMatch

__all__ = ["CustomerTable", "SqlCustomerDirectory", "is_active"]

ROWS_TO_SEARCH = 1_000


@attrs.frozen(eq=False)
class CustomerTable:
    """Says where the host's customers are: each row of the source is one customer.

    All but the source are expressions over it: columns, or computed ones. What is neither
    text nor a whole number, such as `sqlalchemy.Enum`, is turned into text by the database.
    A source whose index holds the code is searched through it, unless the code is turned
    into text. Where the tenant leads the primary key, run the database's ANALYZE after many
    customers have come: without statistics, SQLite and MariaDB may read the whole tenant for
    each code.

    Attributes:
        source: A table, alias, view or ``select(...).subquery()``.
        code: What people type: text or a whole number; may be NULL or repeated.
        key: What identifies a customer for good: text as `parse_customer_key` returns it,
            or a whole number; unique, never NULL. None means that the code does.
        name: The name to show.
        type: The kind of customer.
        active: Whether the customer may become a member; NULL means no. None means that
            everybody may.
        tenant: Whose customer it is; needed as soon as a tenant is named.
        where: What else a row must satisfy to be a customer.
    """

    source: sa.FromClause = attrs.field(validator=attrs.validators.instance_of(sa.FromClause))
    code: sa.ColumnElement[Any] = attrs.field(kw_only=True)
    key: sa.ColumnElement[Any] | None = attrs.field(default=None, kw_only=True)
    name: sa.ColumnElement[Any] | None = attrs.field(default=None, kw_only=True)
    type: sa.ColumnElement[Any] | None = attrs.field(default=None, kw_only=True)
    active: sa.ColumnElement[bool] | None = attrs.field(default=None, kw_only=True)
    tenant: sa.ColumnElement[Any] | None = attrs.field(default=None, kw_only=True)
    where: sa.ColumnElement[bool] | None = attrs.field(default=None, kw_only=True)

    @property
    def identity(self) -> sa.ColumnElement[Any]:
        """The expression that identifies a customer: the key, or else the code."""
        return self.code if self.key is None else self.key


def is_active(table: CustomerTable) -> sa.ColumnElement[int]:
    """Return an expression that is 1 for customers who may become members, else 0."""
    if table.active is None:
        return sa.literal(1)
    return sa.case((table.active, 1), else_=0)


class SqlCustomerDirectory:
    """A `CustomerDirectory` over a `CustomerTable`."""

    def __init__(self, session: SqlSession, table: CustomerTable, tenant: str) -> None:
        """Read the customers of one tenant.

        Raises:
            InvalidValueError: the tenant has a name, but no expression tells tenants apart.
        """
        if table.tenant is None and tenant != DEFAULT_TENANT:
            raise InvalidValueError("tenant", tenant, "needs CustomerTable(..., tenant=COLUMN)")
        self._session = session
        self._tenant = tenant
        self._host = HostColumns(session, table.source)
        self.table = table

    def lookup(self, codes: Collection[CustomerCode]) -> Mapping[CustomerCode, Sequence[Customer]]:
        """Return who has these codes; see `CustomerDirectory.lookup`."""
        found: dict[CustomerCode, list[Customer]] = defaultdict(list)
        for part in parts(sorted(set(codes)), KEYS_AT_A_TIME):
            for customer in self._customers(self._host.is_any_of(self.table.code, part)):
                if customer.code is not None:
                    found[customer.code].append(customer)
        return {
            code: tuple(sorted(found[code], key=lambda customer: customer.key))
            for code in codes
            if code in found
        }

    def by_keys(self, keys: Collection[CustomerKey]) -> Mapping[CustomerKey, Customer]:
        """Return the customers that have these keys; see `CustomerDirectory.by_keys`."""
        wanted = set(keys)
        return {
            customer.key: customer
            for part in parts(sorted(wanted), KEYS_AT_A_TIME)
            for customer in self._customers(self._host.is_any_of(self.table.identity, part))
            if customer.key in wanted
        }

    def search(
        self, query: CustomerQuery, *, limit: int, after: str | None = None
    ) -> Page[Customer]:
        """Return a page of the customers that ``query`` accepts, by the column of the key.

        The database narrows the search down, `CustomerQuery.accepts` decides.
        """
        checked_limit(limit)
        context = ("customers", self._tenant, repr(query))
        last = None if after is None else decode_cursor(context, after)[0]
        found: list[Customer] = []
        for customer in self._walk(self._narrowed(query), last):
            if query.accepts(customer):
                found.append(customer)
            if len(found) > limit:
                return Page(tuple(found[:limit]), encode_cursor(context, (found[-2].key,)))
        return Page(tuple(found))

    def types(self) -> tuple[str, ...]:
        """Return the types that customers have; see `CustomerDirectory.types`."""
        if self.table.type is None:
            return ()
        column = self._host.characters(self.table.type)
        statement = (
            sa.select(column)
            .select_from(self.table.source)
            .where(column.is_not(None), *self._conditions)
            .distinct()
        )
        return tuple(sorted({row[0] for row in self._session.rows(statement)}))

    def may_be_copied(self, *, by_key: bool) -> bool:
        """Return whether the database had better resolve a long list by itself.

        Not so if no index would be used, or if the host could not edit its customers
        meanwhile.
        """
        column, session = self._wanted(by_key=by_key), self._session
        return is_text(column) and session.dialect.may_copy(column, self._select(), session.rows)

    def resolving(self, value: sa.ColumnElement[str], *, by_key: bool) -> sa.ColumnElement[bool]:
        """Return the condition on which a row of the source is a customer with this value.

        Both the column's own collation, so that its index can be used, and the characters
        themselves must agree.
        """
        column, session = self._wanted(by_key=by_key), self._session
        indexed = as_indexed(column)
        alike = session.dialect.compared_like(indexed, self._select(), value, session.rows)
        is_exact = self._host.characters(column) == value
        return sa.and_(indexed == alike, is_exact, *self._conditions)

    def _wanted(self, *, by_key: bool) -> sa.ColumnElement[Any]:
        return self.table.identity if by_key else self.table.code

    @functools.cached_property
    def _conditions(self) -> list[sa.ColumnElement[bool]]:
        """The conditions that a row of this tenant satisfies; most transactions need none."""
        conditions = [] if self.table.where is None else [self.table.where]
        if self.table.tenant is not None:
            conditions.append(self._host.has(self.table.tenant, self._tenant))
        return conditions

    def _select(self) -> sa.Select[Any]:
        table = self.table
        columns: list[sa.ColumnElement[Any]] = [
            as_text(table.identity).label("customer_key"),
            as_text(table.code).label("code"),
            (sa.null() if table.name is None else as_text(table.name)).label("name"),
            (sa.null() if table.type is None else as_text(table.type)).label("type"),
            is_active(table).label("active"),
        ]
        return sa.select(*columns).select_from(table.source).where(*self._conditions)

    def _customers(self, condition: sa.ColumnElement[bool]) -> Iterator[Customer]:
        for row in self._session.rows(self._select().where(condition)):
            if (customer := _customer_from_row(row)) is not None:
                yield customer

    def _walk(
        self, conditions: Sequence[sa.ColumnElement[bool]], last: str | None
    ) -> Iterator[Customer]:
        key = self.table.identity
        order = self._order_of(key)
        statement = self._select().where(*conditions).order_by(*order).limit(ROWS_TO_SEARCH)
        while True:
            beyond = [] if last is None else [self._is_after(key, last)]
            rows = self._session.rows(statement.where(*beyond))
            for row in rows:
                if (customer := _customer_from_row(row)) is not None:
                    yield customer
            if len(rows) < ROWS_TO_SEARCH:
                return
            last = rows[-1].customer_key

    def _order_of(self, key: sa.ColumnElement[Any]) -> list[sa.ColumnElement[Any]]:
        """Return what keys are ordered by: the column, so that its index can be used.

        A collation may take several keys for equal; those are told apart by their characters.
        """
        indexed = as_indexed(key)
        return [indexed] if is_number(key) else [indexed, self._host.characters(key)]

    def _is_after(self, key: sa.ColumnElement[Any], last: str) -> sa.ColumnElement[bool]:
        """Return the condition that a key comes after another one in `_order_of`."""
        indexed = as_indexed(key)
        if is_number(key):
            return indexed > int(last)
        (alike,) = self._host.comparable(indexed, [last])
        is_larger = sa.or_(indexed > alike, self._host.characters(key) > last)
        return sa.and_(indexed >= alike, is_larger)

    def _narrowed(self, query: CustomerQuery) -> list[sa.ColumnElement[bool]]:
        conditions = []
        if query.active is not None:
            conditions.append(is_active(self.table) == int(query.active))
        if query.type is not None and self.table.type is not None:
            conditions.append(self._host.characters(self.table.type) == query.type)
        if query.code is not None:
            conditions.append(self._may_match(as_text(self.table.code), query.code))
        if query.name is not None and self.table.name is not None:
            name = sa.func.coalesce(as_text(self.table.name), "")
            conditions.append(self._may_match(name, query.name))
        return conditions

    def _may_match(self, column: sa.ColumnElement[str], match: TextMatch) -> sa.ColumnElement[bool]:
        """Return a condition that holds for all texts that match, and for few others.

        Only ASCII text is folded alike by every database; other text is left to Python.
        White space is left out of the pattern, because folding collapses it.
        """
        is_other = sa.not_(self._session.dialect.is_ascii(column))
        if not match.key.isascii():
            return is_other
        words = [
            word.replace("/", "//").replace("%", "/%").replace("_", "/_")
            for word in match.key.split()
        ]
        pattern = "%".join(["", *words, ""])
        return sa.or_(
            is_other, sa.func.lower(self._session.dialect.exact(column)).like(pattern, escape="/")
        )


def _customer_from_row(row: Iterable[Any]) -> Customer | None:
    """Return the customer of a row, or None if its key cannot be one.

    A code that breaks the rules is none: nobody could type it.
    """
    key, code, name, kind, active = row
    if not _is_canonical(key):
        return None
    typed = code if code is not None and _is_canonical(code) else None
    return Customer(typed, name or "", kind, active=bool(active), key=key)


def _is_canonical(text: str) -> bool:
    """Return whether a text is a code or key as it stands, without trimming."""
    try:
        return is_well_formed(text) or parse_customer_code(text) == text
    except InvalidCustomerCodeError:
        return False

"""What the host has on hand, read from whatever table it is in."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

import attrs
import sqlalchemy as sa

from customer_groups.adapters.sql.host_columns import HostColumns, as_indexed, as_text
from customer_groups.adapters.sql.parts import KEYS_AT_A_TIME, parts
from customer_groups.adapters.sql.session import SqlSession
from customer_groups.errors import InvalidValueError
from customer_groups.repository import DEFAULT_TENANT
from customer_groups.reservations.model import StockKey
from customer_groups.reservations.quantities import Quantity

__all__ = ["SqlStockOnHand", "StockTable"]


def _lockable(_: object, __: object, source: sa.FromClause) -> None:
    if not isinstance(source, sa.Table | sa.Join | sa.Alias | sa.TableClause):
        reason = "is no table, alias or join, so its rows cannot be locked; put conditions in where"
        raise InvalidValueError("source of StockTable", type(source).__name__, reason)


def _exact(_: object, __: object, quantity: sa.ColumnElement[Any]) -> None:
    if isinstance(quantity.type, sa.Float) or not getattr(quantity.type, "asdecimal", True):
        reason = "is a float, which cannot hold a tenth; make it Integer or Numeric"
        raise InvalidValueError("quantity of StockTable", str(quantity.type), reason)


@attrs.frozen(eq=False)
class StockTable:
    """Says where the host keeps what it has on hand: one row for each stock.

    All but the source are expressions over it: columns, or computed ones. The rows are read
    with ``FOR UPDATE`` before anything more is promised of a stock, so who changes the table
    waits until then. SQLite has one writer anyway.

    Attributes:
        source: A table, an alias of one, or a join of some. A query cannot be locked.
        key: The key of the stock, see `parse_stock_key`: text or a whole number, such as an
            item and a location put together. No two rows of a tenant may have the same.
        quantity: How much there is: a whole number or a decimal; NULL for none.
        tenant: Whose stock it is; needed as soon as a tenant is named.
        where: What else a row must satisfy.
        rows: The query for the keys and quantities of all rows, of whatever tenant: building
            it takes longer than running it.

    Raises:
        InvalidValueError: the source cannot be locked, or the quantity is a float.
    """

    source: sa.FromClause = attrs.field(validator=_lockable)
    key: sa.ColumnElement[Any] = attrs.field(kw_only=True)
    quantity: sa.ColumnElement[Any] = attrs.field(kw_only=True, validator=_exact)
    tenant: sa.ColumnElement[Any] | None = attrs.field(default=None, kw_only=True)
    where: sa.ColumnElement[bool] | None = attrs.field(default=None, kw_only=True)
    rows: sa.Select[Any] = attrs.field(init=False)

    @rows.default
    def _all_rows(self) -> sa.Select[Any]:
        columns: list[sa.ColumnElement[Any]] = [
            as_text(self.key),
            sa.func.coalesce(self.quantity, 0),
        ]
        return (
            sa.select(*columns)
            .select_from(self.source)
            .where(sa.true() if self.where is None else self.where)
            .order_by(as_indexed(self.key))
        )


class SqlStockOnHand:
    """A `StockOnHand` over a `StockTable`."""

    def __init__(self, session: SqlSession, table: StockTable, tenant: str) -> None:
        """Read the stock of one tenant.

        Raises:
            InvalidValueError: the tenant has a name, but no expression tells tenants apart.
        """
        if table.tenant is None and tenant != DEFAULT_TENANT:
            raise InvalidValueError("tenant", tenant, "needs StockTable(..., tenant=COLUMN)")
        self._session = session
        self._table = table
        self._host = HostColumns(session, table.source)
        self._rows = table.rows
        if table.tenant is not None:
            self._rows = table.rows.where(self._host.has(table.tenant, tenant))

    def __call__(self, stocks: Collection[StockKey], *, lock: bool) -> Mapping[StockKey, Quantity]:
        """Return how much there is of each stock; see `StockOnHand`.

        Raises:
            InvalidValueError: two rows have the same key.
        """
        found: dict[StockKey, list[Quantity]] = defaultdict(list)
        for part in parts(sorted(set(stocks)), KEYS_AT_A_TIME):
            for key, quantity in self._session.rows(self._query(part, lock=lock)):
                found[key].append(quantity)
        return {stock: _only(stock, found[stock]) for stock in stocks if stock in found}

    def _query(self, stocks: list[StockKey], *, lock: bool) -> sa.Select[Any]:
        query = self._rows.where(self._host.is_any_of(self._table.key, stocks))
        return query.with_for_update() if lock else query


def _only(stock: StockKey, quantities: list[Quantity]) -> Quantity:
    if len(quantities) > 1:
        reason = "has several rows of StockTable; give each its own key, or narrow down by where"
        raise InvalidValueError("stock", stock, reason)
    return quantities[0]

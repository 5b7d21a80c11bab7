"""Reservations in a database of our own, with what is on hand, for those who bring none."""

from collections.abc import Mapping

import sqlalchemy as sa

from customer_groups.adapters.sql import (
    EmbeddedGroupStore,
    SqlUnitOfWork,
    create_schema,
    schema_version,
)
from customer_groups.adapters.sql.parts import KEYS_AT_A_TIME, parts
from customer_groups.adapters.sql.schema import table_options
from customer_groups.adapters.sql.session import SqlSession
from customer_groups.adapters.sql.store import retrying
from customer_groups.adapters.sql.translating import translated
from customer_groups.adapters.sql.types import exact_text
from customer_groups.errors import InvalidValueError
from customer_groups.reservations.model import StockKey, parse_stock_key
from customer_groups.reservations.quantities import Quantity, as_quantity, difference
from customer_groups.reservations.repository import ReservationRules, ReservationWork
from customer_groups.reservations.sql.stock_table import StockTable
from customer_groups.reservations.sql.storage import SqlReservations, sql_work
from customer_groups.reservations.sql.tenant_table import TenantTable, updating
from customer_groups.reservations.sql.types import Millionths
from customer_groups.reservations.store import ReservationStore

__all__ = ["EmbeddedReservations"]

_Quantities = Mapping[str, Quantity] | Mapping[StockKey, Quantity]


class EmbeddedReservations:
    """Reservations beside the groups of an embedded store, and a table of what is on hand.

    Attributes:
        store: Opens the transactions.
        tables: The tables of the reservations.
        on_hand_table: What is on hand: a quantity for each tenant and stock.
    """

    def __init__(self, store: EmbeddedGroupStore, *, rules: ReservationRules | None = None) -> None:
        """Create the tables that are missing.

        Args:
            store: A store made by `open_store`.
            rules: What is declared; whole pieces and no allowance if None.

        Raises:
            StorageError: the database refuses.
        """
        self.on_hand_table = _on_hand(sa.MetaData())
        column = self.on_hand_table.c
        on_hand = StockTable(
            self.on_hand_table, key=column.stock, quantity=column.quantity, tenant=column.tenant
        )
        declared = ReservationRules() if rules is None else rules
        reservations = SqlReservations(store.storage, on_hand=on_hand, rules=declared)
        self.tables = reservations.tables
        self.store = ReservationStore(store, reservations)
        self._groups = store
        # Several processes may open a new file at once.
        retrying()(self._create)

    def load_on_hand(self, quantities: _Quantities) -> None:
        """Store how much there is of stocks, whatever it was; of others it stays.

        Args:
            quantities: How much there is now, by the key of the stock.

        Raises:
            InvalidValueError: a key or a quantity breaks its rules.
            StorageError: the database refuses.
        """
        rows = [
            {"stock": stock, "quantity": quantity}
            for stock, quantity in sorted(_parsed(quantities).items())
        ]
        with self._groups.transaction() as work, work.groups.atomic():
            table = self._rows(work)
            for part in parts(rows, KEYS_AT_A_TIME):
                table.delete(self.on_hand_table.c.stock.in_([row["stock"] for row in part]))
                table.insert(part)

    def change_on_hand(self, work: ReservationWork, changes: _Quantities) -> None:
        """Raise how much there is of stocks, or lower it: goods have come, or left.

        All or nothing. Goods that leave are settled in the same transaction, before.

        Args:
            work: A unit of work of `store`.
            changes: By how much, by the key of the stock.

        Raises:
            InvalidValueError: more is to leave than there is, or a key or a quantity breaks
                its rules.
        """
        table, column = self._rows(sql_work(work.core)), self.on_hand_table.c
        with work.reservations.atomic():
            for stock, change in sorted(_parsed(changes).items()):
                table.insert_missing({"stock": stock, "quantity": 0})
                leaving = max(0, difference(0, change))
                is_enough = sa.and_(
                    column.stock == stock,
                    # Goods may come, however much is owed.
                    column.quantity >= leaving if leaving else sa.true(),
                )
                changed = updating(self.on_hand_table).where(is_enough)
                if not table.run(changed.values(quantity=column.quantity + change)).rowcount:
                    reason = f"is more than what is on hand of {stock!r}"
                    raise InvalidValueError("quantity to leave", leaving, reason)

    def _rows(self, work: SqlUnitOfWork) -> TenantTable:
        return TenantTable(work.session, self.on_hand_table, work.tenant)

    def _create(self) -> None:
        with translated(), self._groups.engine.begin() as connection:
            if schema_version(connection, self.tables) is None:
                SqlSession(connection).begin_writing()
                self.on_hand_table.create(connection, checkfirst=True)
                create_schema(connection, self.tables)


def _parsed(quantities: _Quantities) -> Mapping[StockKey, Quantity]:
    parsed: dict[StockKey, Quantity] = {}
    for stock, quantity in quantities.items():
        key = parse_stock_key(stock)
        if key in parsed:
            raise InvalidValueError("stock", stock, "comes twice, but for space around it")
        parsed[key] = as_quantity("quantity on hand", quantity)
    return parsed


def _on_hand(metadata: sa.MetaData) -> sa.Table:
    return sa.Table(
        "cg_on_hand",
        metadata,
        sa.Column("tenant", exact_text(64), primary_key=True),
        sa.Column("stock", exact_text(140), primary_key=True),
        sa.Column("quantity", Millionths, nullable=False),
        **table_options(None),
    )

"""Where the reservations are, and how they join the transactions of the groups."""

import attrs

from customer_groups.adapters.sql import SqlStorage, SqlUnitOfWork
from customer_groups.adapters.sql.dialects import Dialect
from customer_groups.errors import InvalidValueError
from customer_groups.repository import UnitOfWork
from customer_groups.reservations.repository import ReservationRules, StockOnHand
from customer_groups.reservations.sql.repository import SqlReservationRepository
from customer_groups.reservations.sql.statements import ReservationStatements
from customer_groups.reservations.sql.stock_table import SqlStockOnHand, StockTable
from customer_groups.reservations.sql.tables import ReservationTables, build_tables

__all__ = ["SqlReservationWork", "SqlReservations", "sql_work"]


def sql_work(work: UnitOfWork) -> SqlUnitOfWork:
    """Return a unit of work of the groups if it is in a database.

    Raises:
        InvalidValueError: it is not.
    """
    if not isinstance(work, SqlUnitOfWork):
        reason = "is not in a database; bind reservations of the same kind of storage"
        raise InvalidValueError("unit of work", type(work).__name__, reason)
    return work


class SqlReservationWork:
    """A `ReservationWork` in one transaction on a database; `SqlReservations.bind` makes it."""

    def __init__(
        self,
        core: SqlUnitOfWork,
        reservations: SqlReservationRepository,
        on_hand: StockOnHand,
        rules: ReservationRules,
    ) -> None:
        """Hold what works on the transaction."""
        self._core = core
        self._reservations = reservations
        self._on_hand = on_hand
        self.rules = rules

    @property
    def core(self) -> SqlUnitOfWork:
        """The groups and customers."""
        self._core.session.require_open()
        return self._core

    @property
    def reservations(self) -> SqlReservationRepository:
        """The reservations."""
        self._core.session.require_open()
        return self._reservations

    @property
    def on_hand(self) -> StockOnHand:
        """What the host has."""
        self._core.session.require_open()
        return self._on_hand


@attrs.frozen(eq=False)
class SqlReservations:
    """`Reservations` in the database of the groups, in the same transactions.

    One object for all tenants.

    Attributes:
        sql: Where the groups are. The tables of the reservations have the same prefix, are in
            the same schema, and in the same metadata; `build_tables` may have put them there.
        on_hand: What the host has: a table of the same database, or what tells it for all
            tenants and transactions; None where each transaction says so.
        rules: What the host has declared.
        tables: The tables of the reservations.
    """

    sql: SqlStorage
    on_hand: StockTable | StockOnHand | None = attrs.field(default=None, kw_only=True)
    rules: ReservationRules = attrs.field(factory=ReservationRules, kw_only=True)
    tables: ReservationTables = attrs.field(init=False)
    _statements: dict[type[Dialect], ReservationStatements] = attrs.field(init=False, factory=dict)

    @tables.default
    def _beside_the_groups(self) -> ReservationTables:
        prefix, groups = self.sql.tables.prefix, self.sql.tables.groups
        return build_tables(groups.metadata, prefix, groups.schema)

    def bind(self, work: UnitOfWork, *, on_hand: StockOnHand | None = None) -> SqlReservationWork:
        """Return the reservations in the transaction of a unit of work.

        Args:
            work: The unit of work.
            on_hand: What tells what the host has, for this tenant and in this transaction;
                None for what all transactions share.

        Raises:
            InvalidValueError: its groups are not in a database, nobody tells what is on hand,
                or the table of stock does not tell tenants apart.
            SchemaError: the tables are missing, or of another version.
            StorageError: the transaction was lost, or the database cannot be used.
        """
        core = sql_work(work)
        core.require_schema(self.tables)
        statements = self.statements(core.session.dialect)
        repository = SqlReservationRepository(
            core.session, statements, core.tenant, self.rules.scale
        )
        told = self._shared_on_hand(core) if on_hand is None else on_hand
        return SqlReservationWork(core, repository, told, self.rules)

    def statements(self, dialect: Dialect) -> ReservationStatements:
        """Return the statements for an engine, built with the first transaction on it."""
        engine = type(dialect)
        if engine not in self._statements:
            self._statements[engine] = ReservationStatements(self.tables, dialect)
        return self._statements[engine]

    def _shared_on_hand(self, work: SqlUnitOfWork) -> StockOnHand:
        if self.on_hand is None:
            reason = (
                "is missing; pass it to SqlReservations for all transactions, or to bind for one"
            )
            raise InvalidValueError("on_hand", None, reason)
        if isinstance(self.on_hand, StockTable):
            return SqlStockOnHand(work.session, self.on_hand, work.tenant)
        return self.on_hand

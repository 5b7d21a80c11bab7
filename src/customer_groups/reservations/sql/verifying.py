"""Looking for what must not be there, in all that is stored about reservations."""

import enum
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import attrs
import sqlalchemy as sa

from customer_groups.adapters.sql import GroupTables
from customer_groups.adapters.sql.translating import translated
from customer_groups.model import GroupStatus
from customer_groups.reservations.model import ReservationState
from customer_groups.reservations.quantities import Quantity
from customer_groups.reservations.sql.auditing import holds, outstanding_of_draw, remaining
from customer_groups.reservations.sql.tables import ReservationTables
from customer_groups.reservations.sql.types import Millionths

__all__ = ["ReservationFault", "ReservationFaultKind", "verify"]

_WITH_MORE = [state.value for state in ReservationState if state.has_more]


class ReservationFaultKind(enum.StrEnum):
    """What can be wrong, and with what."""

    HELD_UNLIKE_LEDGER = "stock whose held total is not the sum of the ledger"
    OUTSTANDING_UNLIKE_LEDGER = "stock whose outstanding total is not the sum of the ledger"
    HELD_UNLIKE_RESERVATIONS = "stock whose held total is not what reservations hold"
    OUTSTANDING_UNLIKE_DRAWS = "stock whose outstanding total is not what draws have outstanding"
    OVERDRAWN = "reservation of which more is consumed than there is"
    WRONG_STATE = "reservation whose state does not fit what is consumed"
    OVERSETTLED = "consumption of which more is settled and returned than was taken"
    UNANSWERED = "request that was stored without its answer"
    GATE_BYPASSED = "group with stock whose status is not what its gate says"


@attrs.frozen
class ReservationFault:
    """Something that no sequence of our operations leads to.

    Attributes:
        kind: What is wrong.
        tenant: Whose it is.
        subject: The key of the stock, the id of the reservation, consumption or request, or
            the code of the group.
        excess: How much more is stored than there should be; 0 where nothing is counted.
    """

    kind: ReservationFaultKind
    tenant: str
    subject: str
    excess: Decimal = Decimal(0)


def verify(
    connection: sa.Connection, tables: ReservationTables, groups: GroupTables
) -> list[ReservationFault]:
    """Return what is wrong with the stored reservations of all tenants; nothing is the rule.

    It reads the whole ledger. `reconcile` does less, for one tenant, and says who is short.

    Args:
        connection: A connection in a transaction; what it sees is what is judged, so let
            nobody write meanwhile, or use one moment: ``REPEATABLE READ``.
        tables: The tables of the reservations.
        groups: The tables of the groups.

    Raises:
        StorageError: the tables cannot be read.

    Returns:
        The faults by kind, in the order of `ReservationFaultKind`; each by tenant and subject.
    """
    queries = (*_sums(tables), *_broken_rows(tables), _bypassed(tables, groups))
    with translated():
        return [
            ReservationFault(kind, *row)
            for kind, query in zip(ReservationFaultKind, queries, strict=True)
            for row in connection.execute(query.order_by(*list(query.selected_columns)[:2]))
        ]


def _sums(tables: ReservationTables) -> Iterator[sa.Select[Any]]:
    """Yield queries for what stored totals are too high, given each source that they come from."""
    stocks, ledger = tables.stocks.c, tables.ledger.c
    yield _excess(stocks.held, tables.ledger, ledger.held)
    yield _excess(stocks.outstanding, tables.ledger, ledger.outstanding)
    yield _excess(stocks.held, tables.reservations, remaining(tables), where=holds(tables))
    yield _excess(stocks.outstanding, tables.draws, outstanding_of_draw(tables))


def _excess(
    total: sa.Column[Quantity],
    source: sa.Table,
    quantity: sa.ColumnElement[Quantity],
    *,
    where: sa.ColumnElement[bool] | None = None,
) -> sa.Select[Any]:
    """Return a query for the stocks whose total is not the sum of a source, and by how much.

    What stands on one side alone is found as well.
    """
    columns = (source.c.tenant, source.c.stock, sa.type_coerce(-quantity, Millionths))
    counted = sa.select(*columns).where(sa.true() if where is None else where)
    stored = sa.select(total.table.c.tenant, total.table.c.stock, total.label("quantity"))
    both = sa.union_all(stored, counted).subquery()
    excess = sa.func.sum(both.c.quantity)
    return (
        sa.select(both.c.tenant, both.c.stock, excess)
        .group_by(both.c.tenant, both.c.stock)
        .having(excess != 0)
    )


def _broken_rows(tables: ReservationTables) -> Iterator[sa.Select[Any]]:
    """Yield queries for rows that contradict themselves."""
    reservation, draw, request = tables.reservations.c, tables.draws.c, tables.requests.c
    rest, outstanding = remaining(tables), outstanding_of_draw(tables)
    overdrawn = sa.type_coerce(-rest, Millionths)
    yield sa.select(reservation.tenant, reservation.id, overdrawn).where(rest < 0)
    yield sa.select(reservation.tenant, reservation.id).where(_is_wrong_state(tables))
    oversettled = sa.func.sum(sa.type_coerce(-outstanding, Millionths))
    yield (
        sa.select(draw.tenant, draw.consumption, oversettled)
        .where(outstanding < 0)
        .group_by(draw.tenant, draw.consumption)
    )
    yield sa.select(request.tenant, request.request_id).where(request.answer.is_(None))


def _is_wrong_state(tables: ReservationTables) -> sa.ColumnElement[bool]:
    column, rest = tables.reservations.c, remaining(tables)
    return sa.or_(
        sa.and_(column.state.in_(_WITH_MORE), rest == 0),
        sa.and_(column.state == ReservationState.PLANNED.value, column.consumed != 0),
        sa.and_(column.state == ReservationState.EXHAUSTED.value, rest > 0),
        column.state.not_in([state.value for state in ReservationState]),
    )


def _bypassed(tables: ReservationTables, groups: GroupTables) -> sa.Select[Any]:
    """Return a query for groups that were switched past the functions which close their gate."""
    reservation, group, gate = tables.reservations.c, groups.groups.c, tables.gates.c
    made_for = reservation.group_created_at
    is_group = sa.and_(
        group.tenant == reservation.tenant,
        group.code == reservation.group_code,
        # Another group may have got the code of one that is gone.
        sa.or_(made_for.is_(None), made_for == group.created_at),
    )
    is_gate = sa.and_(gate.tenant == reservation.tenant, gate.group_code == reservation.group_code)
    is_active = sa.case((group.status == GroupStatus.ACTIVE.value, 1), else_=0)
    return (
        sa.select(reservation.tenant, reservation.group_code)
        .join_from(tables.reservations, groups.groups, is_group, isouter=True)
        .join(tables.gates, is_gate, isouter=True)
        .where(reservation.state.in_(_WITH_MORE))
        .where(sa.func.coalesce(gate.is_open, 1) != is_active)
        .distinct()
    )

"""Whether all that is stored about a stock agrees, and putting right what does not."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial

import attrs

from customer_groups.codes import GroupCode
from customer_groups.errors import GroupNotFoundError, InvalidValueError
from customer_groups.model import GroupStatus
from customer_groups.reservations.model import (
    EntryKind,
    GroupReservation,
    LedgerEntry,
    StockKey,
    parse_stock_key,
    shortfall_of,
)
from customer_groups.reservations.quantities import Quantity, exact_sums
from customer_groups.reservations.repository import Booking, ReservationWork, StockAudit
from customer_groups.reservations.requests import Request, once
from customer_groups.reservations.shelves import quantities_on_hand

__all__ = ["BypassedGate", "Reconciliation", "StockFinding", "reconcile", "repair"]

STOCKS_AT_A_TIME = 100


@attrs.frozen(kw_only=True)
class StockFinding:
    """A stock of which something does not agree, or more is promised than there is.

    Attributes:
        stock: The stock.
        audit: What is stored, added up from each source.
        shortfall: How much more is promised than what is on hand and the allowance: the host
            has taken it away since. Only the host can put that right, or a release.
    """

    stock: StockKey
    audit: StockAudit
    shortfall: Quantity

    @property
    def agrees(self) -> bool:
        """Whether the totals, the ledger, the reservations and the draws agree."""
        return _agrees(self.audit)


@attrs.frozen
class BypassedGate:
    """A group with stock that was switched off, deleted or switched on past our functions.

    Or one that was deleted while its stock was kept, and another group has its code and an open
    gate now: nobody can consume that stock before it is released or moved.

    Attributes:
        group: Its code.
        status: Its status; None where the group that stock was reserved for is gone, even if
            another one has its code now.
        is_open: Whether it may gain stock, as far as reservations know.
    """

    group: GroupCode
    status: GroupStatus | None
    is_open: bool


@attrs.frozen
class Reconciliation:
    """What was found in some stocks.

    Attributes:
        findings: The stocks where something is wrong, by key.
        bypassed: The groups with stock in them that were changed past us, by code.
        next: What to pass as ``after`` for the next stocks; None when all were looked at.
    """

    findings: tuple[StockFinding, ...] = ()
    bypassed: tuple[BypassedGate, ...] = ()
    next: str | None = None


def reconcile(
    work: ReservationWork, *, stocks: Collection[str] | None = None, after: str | None = None
) -> Reconciliation:
    """Look whether the totals of stocks are the sum of their ledger, and who is short.

    It locks the stocks that it looks at until the transaction ends, so that the sums belong
    together; it counts their versions up and changes nothing else. What is due and was not
    expired yet counts as held.

    Args:
        work: The unit of work.
        stocks: The stocks; None for the next 100 of all.
        after: Where the call before has stopped; None for the beginning.

    Raises:
        InvalidCursorError: ``after`` comes from another function or tenant.
    """
    with exact_sums():
        if stocks is not None:
            return _found(work, _parsed(stocks))
        page = work.reservations.stocks(limit=STOCKS_AT_A_TIME, after=after)
        return attrs.evolve(_found(work, page.items), next=page.next)


def repair(
    work: ReservationWork,
    stocks: Collection[str],
    *,
    request_id: str,
    at: datetime | None = None,
    by: str | None = None,
) -> Reconciliation:
    """Make the totals of stocks what their reservations and draws say, and the ledger their sum.

    An entry in the ledger says by how much the ledger was wrong, be it nothing.

    Args:
        work: The unit of work.
        stocks: The stocks.
        request_id: Identifies the request.
        at: When.
        by: Who does it.

    Returns:
        What was found before; it is right now, but for shortfalls and bypassed gates.

    Raises:
        RequestReusedError: the same ``request_id`` asked for something else before.
    """
    request, keys = Request(request_id, at, by), _parsed(stocks)
    do = partial(_repair, work, request, keys)
    return once(work, request, {"repair": keys}, do, Reconciliation)


def _parsed(stocks: Collection[str]) -> list[StockKey]:
    if isinstance(stocks, str):
        raise InvalidValueError("stocks", stocks, "is one text; pass a list of stocks")
    return sorted({parse_stock_key(stock) for stock in stocks})


def _agrees(audit: StockAudit) -> bool:
    totals, ledger = audit.totals, audit.ledger
    held = totals.held == ledger.held == audit.held
    return held and totals.outstanding == ledger.outstanding == audit.outstanding


def _found(work: ReservationWork, stocks: Sequence[StockKey]) -> Reconciliation:
    if not stocks:
        return Reconciliation()
    repository = work.reservations
    repository.lock_stocks(stocks)
    audits = repository.audit(stocks)
    on_hand = quantities_on_hand(work, stocks, lock=True)
    findings = (
        StockFinding(
            stock=stock,
            audit=audits[stock],
            shortfall=shortfall_of(
                audits[stock].held + audits[stock].outstanding,
                on_hand[stock] + work.rules.allowance,
            ),
        )
        for stock in stocks
    )
    return Reconciliation(
        tuple(each for each in findings if each.shortfall or not each.agrees),
        tuple(_bypassed(work, repository.of_stocks(stocks, lock=True))),
    )


def _bypassed(
    work: ReservationWork, reservations: Iterable[GroupReservation]
) -> list[BypassedGate]:
    # Of each group one: of those with the same code, made at other times, too.
    of_groups = {(each.group, each.group_created_at): each for each in reservations}
    suspects = {gate.group for gate in _mismatches(work, of_groups.values())}
    # Somebody may have switched a group between two of our looks; nobody does so each time.
    again = [each for each in of_groups.values() if each.group in suspects]
    return sorted(set(_mismatches(work, again)), key=_place)


def _mismatches(
    work: ReservationWork, of_groups: Iterable[GroupReservation]
) -> Iterator[BypassedGate]:
    looked_at = list(of_groups)
    closed = work.reservations.closed_gates({each.group for each in looked_at})
    for each in looked_at:
        status = _status_of_its_group(work, each)
        is_open = each.group not in closed
        if is_open != (status is GroupStatus.ACTIVE):
            yield BypassedGate(each.group, status, is_open)


def _place(gate: BypassedGate) -> tuple[GroupCode, bool]:
    return gate.group, gate.status is None


def _status_of_its_group(
    work: ReservationWork, reservation: GroupReservation
) -> GroupStatus | None:
    """Return the status of the very group that a reservation was made for."""
    try:
        group = work.core.groups.get(reservation.group)
    except GroupNotFoundError:
        return None
    return group.status if reservation.is_for(group) else None


def _repair(work: ReservationWork, request: Request, stocks: Sequence[StockKey]) -> Reconciliation:
    found = _found(work, stocks)
    for finding in found.findings:
        if not finding.agrees:
            work.reservations.correct(finding.stock, finding.audit.ledger)
            work.reservations.book(Booking(entries=(_correction(request, finding),)))
    return found


def _correction(request: Request, finding: StockFinding) -> LedgerEntry:
    audit = finding.audit
    return LedgerEntry(
        stock=finding.stock,
        version=audit.totals.version,
        line=1,
        request_id=request.id,
        kind=EntryKind.REPAIR,
        held=audit.held - audit.ledger.held,
        outstanding=audit.outstanding - audit.ledger.outstanding,
        at=request.at,
        by=request.by,
    )

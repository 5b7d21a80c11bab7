"""How a rule says that nothing has changed, and that all sums are right."""

from collections.abc import Callable, Mapping

import attrs

from customer_groups.paging import MAX_PAGE
from customer_groups.query import GroupQuery, GroupSummary
from customer_groups.reservations.model import Draw, GroupReservation, LedgerEntry, StockKey
from customer_groups.reservations.quantities import Quantity
from customer_groups.reservations.repository import ReservationWork
from customer_groups.testing.contracts.expectations import expect, expect_error
from customer_groups.testing.contracts.values import all_items
from customer_groups.testing.reservations.values import all_entries, all_reservations, promised

__all__ = ["Stored", "expect_refused", "expect_sums_agree", "stored"]


@attrs.frozen
class Stored:
    """All that can be seen of a tenant; not how often its stocks were locked.

    Attributes:
        groups: Its groups.
        reservations: Its reservations.
        entries: Its ledger.
        draws: What was consumed, by the ids of requests that have made entries.
        totals: What is held and outstanding of each stock of which there is anything.
    """

    groups: list[GroupSummary]
    reservations: list[GroupReservation]
    entries: list[LedgerEntry]
    draws: Mapping[str, tuple[Draw, ...]]
    totals: Mapping[StockKey, tuple[Quantity, Quantity]]


def stored(work: ReservationWork) -> Stored:
    """Return all that can be seen of a tenant."""
    groups, entries = work.core.groups, all_entries(work)
    totals = {stock: promised(work, stock) for stock in _all_stocks(work)}
    return Stored(
        groups=all_items(lambda after: groups.find(GroupQuery(), limit=MAX_PAGE, after=after)),
        reservations=all_reservations(work),
        entries=entries,
        draws={
            request: work.reservations.draws(request)
            for request in sorted({entry.request_id for entry in entries})
        },
        totals={stock: sums for stock, sums in totals.items() if any(sums)},
    )


def expect_refused(
    what: str, work: ReservationWork, action: Callable[[], object], error: Exception
) -> None:
    """Refuse an action that does not raise this error, or changes anything before it does.

    Args:
        what: What is done, in the words of somebody who writes an adapter.
        work: Where it is done.
        action: Does it.
        error: What it must raise.

    Raises:
        AssertionError: it raises something else or nothing, or has changed something.
    """
    __tracebackhide__ = True
    before = stored(work)
    expect_error(what, action, error)
    expect(f"what is stored after {what}, which was refused", stored(work), before)


def expect_sums_agree(work: ReservationWork) -> None:
    """Refuse totals of any stock that are not the sum of its ledger, reservations and draws.

    Raises:
        AssertionError: there are some.
    """
    __tracebackhide__ = True
    stocks = _all_stocks(work)
    work.reservations.lock_stocks(stocks)
    for stock, audit in sorted(work.reservations.audit(stocks).items()):
        sums = (audit.totals.held, audit.totals.outstanding)
        expect(
            f"the sums of the ledger of {stock!r}",
            (audit.ledger.held, audit.ledger.outstanding),
            sums,
        )
        added_up = (audit.held, audit.outstanding)
        expect(f"what reservations hold and draws have outstanding of {stock!r}", added_up, sums)


def _all_stocks(work: ReservationWork) -> list[StockKey]:
    return all_items(lambda after: work.reservations.stocks(limit=MAX_PAGE, after=after))

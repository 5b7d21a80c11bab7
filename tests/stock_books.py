"""What must hold of stored reservations, whatever happened at the same time, for tests."""

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

import attrs
import sqlalchemy as sa

from customer_groups.reservations.asking import history
from customer_groups.reservations.consuming import Consumption
from customer_groups.reservations.expiring import Expiry
from customer_groups.reservations.groups import GroupClosing
from customer_groups.reservations.model import (
    Draw,
    EntryKind,
    GroupReservation,
    LedgerEntry,
    StockKey,
)
from customer_groups.reservations.quantities import Quantity, as_quantity
from customer_groups.reservations.reconciling import reconcile
from customer_groups.reservations.repository import ReservationWork
from customer_groups.reservations.reserving import Reallocation
from customer_groups.reservations.sql import verify
from stockrooms import Stockroom

__all__ = ["Done", "ledger_of", "require_answers_in_books", "require_right_books"]

_Trace = Counter[tuple[EntryKind, str]]
"""How much was moved, by kind and by reservation, or by stock where that was free.

Of what is no order, how many entries there are.
"""

_OF_ORDERS = {EntryKind.CONSUME, EntryKind.UNCONSUME, EntryKind.SETTLE}
_OF_TIME = {EntryKind.EXPIRE, EntryKind.BEGIN}


@attrs.frozen
class Done:
    """A request that was answered.

    Attributes:
        request_id: The request.
        kind: What it moves; None if nothing.
        answer: What it was answered.
    """

    request_id: str
    kind: EntryKind | None
    answer: object


def require_right_books(room: Stockroom, brought_in: Mapping[str, int]) -> None:
    """Fail unless all sums agree, and never more was promised than there was.

    What was settled must have been taken out in the same transaction.

    Args:
        room: Where the books are; nobody may change them meanwhile.
        brought_in: How much of each stock there was at the beginning.
    """
    with room.groups.engine.connect() as connection:
        assert verify(connection, room.embedded.tables, room.groups.storage.tables) == []
    with room.embedded.store.transaction() as work:
        found = reconcile(work)
        assert (found.findings, found.bypassed, found.next) == ((), (), None)
        left = _replayed(ledger_of(work), brought_in)
        assert left == work.on_hand(sorted(left), lock=False)


def require_answers_in_books(room: Stockroom, done: Iterable[Done]) -> None:
    """Fail unless each request has one answer and one effect, and no other request has any."""
    entries: defaultdict[str, list[LedgerEntry]] = defaultdict(list)
    with room.embedded.store.transaction() as work:
        for entry in ledger_of(work):
            entries[entry.request_id].append(entry)
    first: dict[str, Done] = {}
    for each in done:
        assert each == first.setdefault(each.request_id, each)
    assert entries.keys() <= first.keys() == _stored_requests(room)
    for each in first.values():
        assert _trace_of_answer(each) == _trace_of_entries(each, entries[each.request_id])


def ledger_of(work: ReservationWork) -> list[LedgerEntry]:
    """Return the ledger, by stock, version and line."""
    entries: list[LedgerEntry] = []
    after = None
    while True:
        page = history(work, limit=1_000, after=after)
        entries += page.items
        after = page.next
        if after is None:
            return entries


def _replayed(
    entries: Iterable[LedgerEntry], brought_in: Mapping[str, int]
) -> Mapping[StockKey, Quantity]:
    """Return what is left on hand, having looked at each change of each stock."""
    left: dict[StockKey, Quantity] = {StockKey(each): brought_in[each] for each in brought_in}
    held = dict.fromkeys(left, as_quantity("held", 0))
    outstanding = held.copy()
    for (stock, _), change in itertools.groupby(entries, lambda each: (each.stock, each.version)):
        moves = list(change)
        assert len({entry.request_id for entry in moves}) == 1
        assert [entry.line for entry in moves] == list(range(1, len(moves) + 1))
        held[stock] += sum(entry.held for entry in moves)
        outstanding[stock] += sum(entry.outstanding for entry in moves)
        left[stock] += sum(each.outstanding for each in moves if each.kind is EntryKind.SETTLE)
        assert min(held[stock], outstanding[stock]) >= 0
        assert held[stock] + outstanding[stock] <= left[stock]
    return left


def _stored_requests(room: Stockroom) -> set[str]:
    with room.groups.engine.connect() as connection:
        return set(connection.scalars(sa.select(room.embedded.tables.requests.c.request_id)))


def _trace_of_entries(done: Done, entries: Iterable[LedgerEntry]) -> _Trace:
    """Return what a request has moved; what came to its time on the way is not its own."""
    trace: _Trace = Counter()
    for entry in entries:
        if done.kind is EntryKind.EXPIRE or entry.kind not in _OF_TIME:
            amount = abs(int(entry.outstanding)) if entry.kind in _OF_ORDERS else 1
            trace[entry.kind, entry.reservation or entry.stock] += amount
    return trace


def _trace_of_answer(done: Done) -> _Trace:
    match done.answer:
        case GroupReservation() as made if done.kind is not None:
            return Counter([(done.kind, made.id)])
        case Reallocation(source, target):
            return Counter([(EntryKind.MOVE_OUT, source.id), (EntryKind.MOVE_IN, target.id)])
        case GroupClosing(_, released):
            return Counter((EntryKind.RELEASE, each) for each in released)
        case Expiry(expired, begun):
            ended = ((EntryKind.EXPIRE, each) for each in expired)
            return Counter([*ended, *((EntryKind.BEGIN, each) for each in begun)])
        case Consumption(_, _, draws) if done.kind is not None:
            return _trace_of_draws(done.kind, draws)
    return Counter()


def _trace_of_draws(kind: EntryKind, draws: Iterable[Draw]) -> _Trace:
    """Return what an order has moved, where each kind of move was made once."""
    moved = {"consume": "quantity", "unconsume": "returned", "settle": "settled"}[kind]
    trace: _Trace = Counter()
    for draw in draws:
        trace[kind, draw.reservation or draw.stock] += getattr(draw, moved)
    return trace

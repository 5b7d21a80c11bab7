"""The rules about many stocks and reservations in one request."""

from collections.abc import Sequence
from functools import partial

from customer_groups.reservations.consuming import consume, settle
from customer_groups.reservations.errors import InsufficientStockError, Shortage
from customer_groups.reservations.groups import Holdings, deactivate_group
from customer_groups.reservations.model import EntryKind, GroupReservation, LedgerEntry, StockKey
from customer_groups.reservations.reconciling import reconcile
from customer_groups.reservations.repository import Booking, ReservationWork, StockTotals
from customer_groups.reservations.reserving import release, reserve
from customer_groups.testing.contracts.expectations import expect, expect_entries
from customer_groups.testing.contracts.values import NOON, A
from customer_groups.testing.reservations.base import ReservationRepositoryRules
from customer_groups.testing.reservations.expectations import expect_refused
from customer_groups.testing.reservations.values import (
    MEMBER,
    X,
    all_entries,
    all_reservations,
    promised,
)

__all__ = ["ManyRules"]

_STOCKS = [StockKey(f"stock {number:04}") for number in range(2_000)]
_SOME_STOCKS = _STOCKS[:700]
_RESERVATIONS = 700


class ManyRules(ReservationRepositoryRules):
    """An order may have as many lines, and a group as many reservations, as it likes."""

    def test_an_order_of_many_stocks(self) -> None:
        """Rule: two thousand stocks are locked, consumed, settled and looked at in one request.

        Usual cause: a statement has more parameters than the storage takes.

        Fix: send them in parts, in the order of their keys.
        """
        with self._store(dict.fromkeys(_STOCKS, 3)) as store, store.transaction() as work:
            reserve(work, A, _STOCKS[-1], 1, request_id="last")
            found = [each.id for each in work.reservations.of_stocks(_STOCKS, lock=True)]
            expect("what is held of them", found, ["last"])
            release(work, "last", request_id="release")
            lines = [(stock, 2) for stock in reversed(_STOCKS)]
            taken = consume(work, MEMBER, lines, request_id="c")
            expect("how many draws there are", len(taken.draws), len(_STOCKS))
            expect("the draws", work.reservations.draws("c"), taken.draws)
            expect("what is found", reconcile(work, stocks=_STOCKS).findings, ())
            settle(work, "c", [(stock, 1) for stock in _STOCKS], request_id="s")
            totals = work.reservations.totals(_STOCKS)
            left = dict.fromkeys(_STOCKS, StockTotals(0, 1, 3))
            left[_STOCKS[-1]] = StockTotals(0, 1, 5)
            expect_entries("what is promised of them", totals, left)
            audits = work.reservations.audit(_STOCKS)
            outstanding = {stock: audit.outstanding for stock, audit in audits.items()}
            expect_entries("what is outstanding", outstanding, dict.fromkeys(_STOCKS, 1))
            moves = [entry for entry in all_entries(work) if entry.reservation is None]
            entries = [(entry.stock, entry.outstanding) for entry in moves]
            expect("the ledger", entries, [(s, n) for s in _STOCKS for n in (2, -1)])

    def test_many_stocks_are_short(self) -> None:
        """Rule: of hundreds of stocks, the last may be short, and nothing of any is taken.

        Usual cause: the parts in which they are sent are kept or undone each on its own.

        Fix: undo all parts.
        """
        *enough, short = _SOME_STOCKS
        entries = tuple(
            LedgerEntry(
                stock=stock,
                version=1,
                line=1,
                request_id="q",
                kind=EntryKind.CONSUME,
                outstanding=2,
                at=NOON,
            )
            for stock in _SOME_STOCKS
        )
        limits = {**dict.fromkeys(enough, 2), short: 1}
        with self._work({}) as work:
            work.reservations.lock_stocks(_SOME_STOCKS)
            book = partial(work.reservations.book, Booking(entries=entries, limits=limits))
            error = InsufficientStockError((Shortage(short, 2, 1),))
            expect_refused("book", work, book, error)

    def test_a_stock_with_many_reservations(self) -> None:
        """Rule: hundreds of reservations of a stock are consumed, found, and released in order.

        Usual cause: they are read in pages, of which only the first is looked at.

        Fix: read all of them; a statement takes as many as there are.
        """
        ids = [f"r{number:04}" for number in range(_RESERVATIONS)]
        with self._work({X: _RESERVATIONS}) as work:
            _hold_one_each(work, ids)
            expect("those of the group", [r.id for r in work.reservations.of_group(A)], ids)
            expect("those by id", sorted(work.reservations.get(ids, lock=True)), ids)
            half = _RESERVATIONS // 2
            taken = consume(work, MEMBER, [(X, half)], request_id="c", at=NOON)
            expect("where it came from", [draw.reservation for draw in taken.draws], ids[:half])
            closing = deactivate_group(work, A, holdings=Holdings.RELEASE, request_id="off")
            expect("what was released", sorted(closing.released), ids)
            expect("what is promised", promised(work), (0, half))
            found = [each.id for each in all_reservations(work)]
            expect("all reservations, page by page", found, ids)


def _hold_one_each(work: ReservationWork, ids: Sequence[str]) -> None:
    """Book a reservation of one X for each id, all at once."""
    made = tuple(
        GroupReservation(id=id_, group=A, stock=X, quantity=1, created_at=NOON) for id_ in ids
    )
    entries = tuple(
        LedgerEntry(
            stock=X,
            version=1,
            line=line,
            request_id="import",
            kind=EntryKind.RESERVE,
            held=1,
            reservation=id_,
            at=NOON,
        )
        for line, id_ in enumerate(ids, start=1)
    )
    work.reservations.lock_stocks([X])
    work.reservations.book(Booking(entries=entries, limits={X: len(ids)}, made=made))

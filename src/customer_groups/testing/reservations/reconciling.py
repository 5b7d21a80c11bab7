"""The rules about looking whether all sums agree, and putting right what does not."""

from functools import partial

import attrs

from customer_groups.reservations.consuming import consume, unconsume
from customer_groups.reservations.errors import RequestReusedError
from customer_groups.reservations.model import EntryKind, StockKey
from customer_groups.reservations.quantities import Quantity
from customer_groups.reservations.reconciling import (
    STOCKS_AT_A_TIME,
    Reconciliation,
    StockFinding,
    reconcile,
    repair,
)
from customer_groups.reservations.repository import (
    Booking,
    ReservationWork,
    StockAudit,
    StockTotals,
)
from customer_groups.reservations.reserving import reserve
from customer_groups.testing.contracts.expectations import expect
from customer_groups.testing.contracts.values import NOON, A
from customer_groups.testing.reservations.base import ReservationRepositoryRules
from customer_groups.testing.reservations.expectations import expect_refused, stored
from customer_groups.testing.reservations.story import ON_HAND, tell
from customer_groups.testing.reservations.values import (
    MEMBER,
    X,
    Y,
    Z,
    all_entries,
    promised,
)

__all__ = ["ReconcilingRules"]

_WRONG = StockTotals(7, 1)


def _plant(work: ReservationWork) -> None:
    """Hold three of X, consume two of them, and store totals that are wrong."""
    reserve(work, A, X, 5, request_id="r")
    consume(work, MEMBER, [(X, 2)], request_id="c")
    work.reservations.lock_stocks([X])
    work.reservations.correct(X, _WRONG)


def _without_version(totals: StockTotals) -> StockTotals:
    return attrs.evolve(totals, version=0)


class ReconcilingRules(ReservationRepositoryRules):
    """Totals, ledger, reservations and draws say the same, or it is found out."""

    def test_all_that_was_done_agrees(self) -> None:
        """Rule: after any requests nothing is found, and looking changes nothing.

        Usual cause: what is added up leaves something out, such as what is planned.

        Fix: add up what each reservation holds by its state, and what each draw has outstanding.
        """
        with self._work(ON_HAND) as work:
            tell(work)
            before = stored(work)
            for stocks in (None, [X, Y, Z], []):
                expect(f"reconcile({stocks})", reconcile(work, stocks=stocks), Reconciliation())
            expect("what is stored", stored(work), before)

    def test_each_stock_is_added_up_from_its_sources(self) -> None:
        """Rule: an audit has the totals, and the sums of ledger, reservations and draws.

        Usual cause: one of them is copied from another, so that they always agree.

        Fix: sum up each of them from its own rows.
        """
        with self._store({X: 10}) as store, store.transaction() as work:
            _plant(work)
            version = work.reservations.lock_stocks([X, Y])[X].version
            audits = work.reservations.audit([X, Y])
            found = attrs.evolve(audits[X], ledger=_without_version(audits[X].ledger))
            totals = attrs.evolve(_WRONG, version=version)
            expected = StockAudit(totals, ledger=StockTotals(3, 2), held=3, outstanding=2)
            expect("the audit of X", found, expected)
            expect("the totals of Y", audits[Y].totals, StockTotals(version=1))

    def test_wrong_totals_are_found_and_repaired(self) -> None:
        """Rule: totals that are wrong are found, put right once, and the ledger is their sum.

        Usual cause: `correct` adds to what is stored, or changes the version.

        Fix: store the totals as they are given, and keep the version.
        """
        with self._work({X: 10, Y: 10}) as work:
            _plant(work)
            found = reconcile(work)
            (finding,) = found.findings
            expect("the stock that is wrong", (finding.stock, finding.agrees), (X, False))
            before = work.reservations.totals([X])[X].version
            answer = repair(work, [X, Y], request_id="repair", at=NOON)
            expect("what was repaired", [each.stock for each in answer.findings], [X])
            expect("what is promised", promised(work), (3, 2))
            version = work.reservations.totals([X])[X].version
            expect("the version", version, before + 1)
            expect("what is found then", reconcile(work), Reconciliation())
            again = repair(work, [Y, X], request_id="repair")
            expect("the answer to the same again", again, answer)
            expect_refused(
                "another repair",
                work,
                partial(repair, work, [X], request_id="repair"),
                RequestReusedError("repair"),
            )
            expect("going on", unconsume(work, "c", request_id="u").draws[0].returned, 2)

    def test_a_wrong_ledger_is_repaired_by_an_entry(self) -> None:
        """Rule: what the ledger lacks against reservations and draws, an entry adds.

        Usual cause: `book` refuses what has no limit, and a repair may be more than there is.

        Fix: check only the stocks that have a limit; add each entry to the totals.
        """
        for quantity in (3, 12):
            with self._work({X: 10}) as work:
                made = reserve(work, A, X, 5, request_id="r", at=NOON)
                wrong = attrs.evolve(made, quantity=quantity)
                work.reservations.lock_stocks([X])
                work.reservations.book(Booking(changed=(wrong,)))
                repair(work, [X], request_id="repair", at=NOON, by="ben")
                last = all_entries(work)[-1]
                seen = (last.kind, last.held, last.outstanding, last.reservation, last.by)
                expect("the entry", seen, (EntryKind.REPAIR, quantity - 5, 0, None, "ben"))
                expect("what is promised", promised(work), (quantity, 0))

    def test_a_shortfall_is_shown(self) -> None:
        """Rule: stock that the host took away after it was promised is shown as missing.

        Usual cause: the host is asked in another transaction, or without its lock.

        Fix: read what is on hand through the same connection.
        """
        with self._work({X: 10, Y: 1}) as work:
            reserve(work, A, X, 5, request_id="r")
            consume(work, MEMBER, [(X, 2), (Y, 1)], request_id="c")
            self.set_on_hand(work, {X: 3})
            (finding,) = reconcile(work).findings
            expect("what is short", _short(finding), (X, 2, True))
            (same,) = repair(work, [X], request_id="repair").findings
            expect("what is short for a repair", _short(same), (X, 2, True))
            expect("what is promised all the same", promised(work), (3, 2))
            self.set_on_hand(work, {X: 5})
            expect("what is found with more on hand", reconcile(work), Reconciliation())

    def test_all_stocks_are_looked_at(self) -> None:
        """Rule: page by page every stock is looked at.

        Usual cause: the list of stocks does not continue after the last one.

        Fix: continue after the key.
        """
        keys = [StockKey(f"{number:03}") for number in range(STOCKS_AT_A_TIME + 5)]
        with self._store(dict.fromkeys(keys, 1)) as store, store.transaction() as work:
            consume(work, MEMBER, [(key, 1) for key in keys], request_id="c")
            self.set_on_hand(work, dict.fromkeys(keys, 0))
            first = reconcile(work)
            second = reconcile(work, after=first.next)
            found = [each.stock for page in (first, second) for each in page.findings]
            expect("the stocks that are short", found, keys)
            expect("the end", second.next, None)


def _short(finding: StockFinding) -> tuple[StockKey, Quantity, bool]:
    return finding.stock, finding.shortfall, finding.agrees

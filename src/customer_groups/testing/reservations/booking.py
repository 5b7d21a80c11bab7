"""The rules about the protocol itself: locks, bookings and their limits."""

from collections.abc import Mapping
from functools import partial

import attrs

from customer_groups.reservations.errors import (
    InsufficientStockError,
    RequestReusedError,
    Shortage,
)
from customer_groups.reservations.model import (
    Draw,
    EntryKind,
    GroupReservation,
    LedgerEntry,
    ReservationState,
    StockKey,
)
from customer_groups.reservations.repository import (
    Booking,
    ReservationWork,
    StockTotals,
)
from customer_groups.testing.contracts.expectations import expect, expect_error
from customer_groups.testing.contracts.values import EVENING, NOON, TICK, A, B, C
from customer_groups.testing.reservations.base import ReservationRepositoryRules
from customer_groups.testing.reservations.expectations import expect_refused
from customer_groups.testing.reservations.values import MEMBER, Options, X, Y, Z, promised

__all__ = ["BookingRules"]

_Moves = Mapping[StockKey, list[tuple[int, int]]]

_DRAW = Draw(consumption="c", line=1, customer=MEMBER, stock=X, quantity=4)
_NOTHING = Booking()
_MADE = GroupReservation(id="r", group=A, stock=X, quantity=4, created_at=NOON)


def _with_entries(booking: Booking, versions: Mapping[StockKey, int], moves: _Moves) -> Booking:
    """Return a booking with entries that change what is held and outstanding, stock by stock."""
    entries = tuple(
        LedgerEntry(
            stock=stock,
            version=versions[stock],
            line=line,
            request_id="q",
            kind=EntryKind.RESERVE,
            held=held,
            outstanding=outstanding,
            at=NOON,
        )
        for stock, changes in moves.items()
        for line, (held, outstanding) in enumerate(changes, start=1)
    )
    return attrs.evolve(booking, entries=entries)


def _book(
    work: ReservationWork,
    moves: _Moves,
    limits: Mapping[StockKey, int],
    booking: Booking = _NOTHING,
) -> None:
    """Lock the stocks, and book these moves of them."""
    locked = work.reservations.lock_stocks(sorted(moves))
    versions = {stock: totals.version for stock, totals in locked.items()}
    with work.reservations.atomic():
        limited = attrs.evolve(booking, limits=limits)
        work.reservations.book(_with_entries(limited, versions, moves))


class BookingRules(ReservationRepositoryRules):
    """Each method does what its words say, whoever calls it."""

    def test_each_lock_counts_a_change(self) -> None:
        """Rule: `lock_stocks` returns the totals with a version that is one more each time.

        Usual cause: the version is raised by `book`, or not stored.

        Fix: write ``version = version + 1`` first of all; the write is the lock.
        """
        with self._work({}) as work:
            locked = work.reservations.lock_stocks([X, Y])
            expect("the first time", locked, {X: StockTotals(0, 0, 1), Y: StockTotals(0, 0, 1)})
            _book_held(work, {X: 3})
            expect("then", work.reservations.lock_stocks([X]), {X: StockTotals(3, 0, 3)})
            totals = {X: StockTotals(3, 0, 3), Y: StockTotals(0, 0, 1), Z: StockTotals()}
            expect("totals()", work.reservations.totals([X, Y, Z]), totals)
            expect("no stocks", work.reservations.lock_stocks([]), {})
            _book_held(work, {X: -3})

    def test_entries_of_a_stock_are_summed_before_the_limit(self) -> None:
        """Rule: a limit is for all entries of the stock together, not for each.

        Usual cause: entries are checked and added one by one.

        Fix: sum them by stock, and write each stock once.
        """
        with self._store({}) as store, store.transaction() as work:
            too_many = partial(_book, work, {X: [(3, 0), (0, 3)]}, {X: 5})
            short = InsufficientStockError((Shortage(X, 6, 5),))
            expect_refused("three and three of five", work, too_many, short)
            _book(work, {X: [(9, 0), (0, 3), (-7, 0)]}, {X: 5})
            expect("what is promised", promised(work), (2, 3))
            _book(work, {X: [(-2, 2)]}, {X: 5})
            expect("what is promised then", promised(work), (0, 5))

    def test_all_of_a_booking_is_stored_or_nothing(self) -> None:
        """Rule: where one stock is short, nothing of any is stored, and all short ones are named.

        Usual cause: `book` leaves what it wrote before the stock that is short.

        Fix: check all stocks first, or undo to a savepoint.
        """
        moves = {X: [(4, 0)], Y: [(2, 0)], Z: [(0, 3)]}
        with self._store({}) as store, store.transaction() as work:
            versions = {
                stock: totals.version
                for stock, totals in work.reservations.lock_stocks([X, Y, Z]).items()
            }
            all_of_it = Booking(made=(_MADE,), drawn=(_DRAW,))
            limited = attrs.evolve(all_of_it, limits={X: 4, Y: 1, Z: 2})
            short = _with_entries(limited, versions, moves)
            error = InsufficientStockError((Shortage(Y, 2, 1), Shortage(Z, 3, 2)))
            expect_refused("book", work, lambda: work.reservations.book(short), error)
            expect("its draws", work.reservations.draws("c"), ())
            expect("its reservation", work.reservations.get(["r"]), {})
            _book(work, moves, {X: 4, Y: 2, Z: 3}, all_of_it)
            expect("its draws when there is enough", work.reservations.draws("c"), (_DRAW,))

    def test_a_limit_is_for_what_rises(self) -> None:
        """Rule: what falls is booked whatever the limit is, and what is outstanding has it, too.

        Usual cause: every booking is checked, or only the sum of held and outstanding.

        Fix: check the sum where the sum rises, and what is outstanding where that rises.
        """
        with self._store({}) as store, store.transaction() as work:
            _book(work, {X: [(8, 2)]}, {X: 10})
            _book(work, {X: [(-1, 0)]}, {X: 3})
            _book(work, {X: [(-1, 1)]}, {X: 3})
            more = partial(_book, work, {X: [(-1, 1)]}, {X: 3})
            error = InsufficientStockError((Shortage(X, 1, 0),))
            expect_refused("more outstanding than there is", work, more, error)
            held = partial(_book, work, {X: [(1, 0)]}, {X: 9})
            expect_refused("more held than there is", work, held, error)
            _book(work, {X: [(0, -3)]}, {})
            _book(work, {X: [(0, 0)]}, {})
            _book(work, {X: [(1, 0)], Y: [(0, 0)]}, {X: 7})
            expect("what is promised", promised(work), (7, 0))

    def test_a_stock_without_a_limit_has_none(self) -> None:
        """Rule: what is booked without a limit is booked, as much as it may be.

        Usual cause: a missing limit is an error, or is taken for nothing on hand.

        Fix: check only the stocks that have a limit; a repair has none.
        """
        with self._store({}) as store, store.transaction() as work:
            _book(work, {X: [(5, 2)], Y: [(1, 0)]}, {Y: 1})
            expect("what is promised", promised(work), (5, 2))
            more = partial(_book, work, {X: [(5, 0)], Y: [(1, 0)]}, {Y: 1})
            error = InsufficientStockError((Shortage(Y, 1, 0),))
            expect_refused("one with a limit and one without", work, more, error)

    def test_a_changed_value_takes_the_place_of_the_one_before(self) -> None:
        """Rule: a booking replaces reservations by id, and draws by consumption and line.

        Usual cause: only some of the fields are stored again.

        Fix: store every field that may change: quantity, consumed, state; settled, returned.
        """
        second = attrs.evolve(_DRAW, line=2, reservation="r")
        later = (
            attrs.evolve(_DRAW, settled=1, returned=2),
            attrs.evolve(second, settled=3, returned=1),
        )
        with self._store({}) as store, store.transaction() as work:
            _store(work, Booking(made=(_MADE,), drawn=(second, _DRAW)))
            expect("the draws", work.reservations.draws("c"), (_DRAW, second))
            _store(work, Booking(redrawn=later))
            expect("the draws then", work.reservations.draws("c"), later)
            _store(work, Booking(redrawn=(second,)))
            expect("one of them", work.reservations.draws("c"), (later[0], second))
            for changed in (
                _MADE.with_consumed(3),
                _MADE.lowered(1),
                _MADE.ended(ReservationState.EXPIRED),
                attrs.evolve(_MADE, quantity=9, consumed=9, state=ReservationState.EXHAUSTED),
            ):
                _store(work, Booking(changed=(changed,)))
                expect("the reservation", work.reservations.get(["r"], lock=True), {"r": changed})

    def test_what_is_not_there_is_left_out(self) -> None:
        """Rule: unknown reservations, draws, gates and stocks give nothing, and no error.

        Usual cause: an empty list is written into ``IN ()``.

        Fix: return at once where nothing is asked for.
        """
        with self._work({}) as work:
            repository = work.reservations
            for lock in (False, True):
                expect("get", repository.get(["r"], lock=lock), {})
                expect("get of none", repository.get([], lock=lock), {})
                expect("draws", repository.draws("c", lock=lock), ())
                expect("of_stocks", repository.of_stocks([X], lock=lock), ())
                expect("of_stocks of none", repository.of_stocks([], lock=lock), ())
                expect("of_group", repository.of_group(A, lock=lock), ())
            expect("totals of none", repository.totals([]), {})
            expect("audit of none", repository.audit([]), {})
            expect("lock_gates of none", repository.lock_gates([]), {})
            expect("closed_gates of none", repository.closed_gates([]), frozenset())
            repository.book(Booking())

    def test_gates_are_open_until_they_are_closed(self) -> None:
        """Rule: a gate that nobody closed is open; each is closed and opened on its own.

        Usual cause: a gate that is locked for the first time is stored as closed.

        Fix: insert it as open, and leave one that is there as it is.
        """
        with self._work({}) as work:
            repository, every = work.reservations, [A, B, C]
            for closed in ({A, B}, {B}, {B, C}, set()):
                repository.lock_gates(every)
                for code in every:
                    repository.set_gate(code, is_open=code not in closed)
                gates = {code: code not in closed for code in every}
                expect("lock_gates", repository.lock_gates(every), gates)
                expect("closed_gates", repository.closed_gates(every), closed)
                expect("one of them", repository.closed_gates([A]), closed & {A})

    def test_requests_are_noted(self) -> None:
        """Rule: `begin` returns None once, then the answer; another fingerprint is refused.

        Usual cause: answers are cut off, or an answer is changed on its way.

        Fix: store answers as text without a limit.
        """
        answer = '{"x": "\u00e9 \U0001f4e6 \\ \' ""}' + " " * 200_000
        with self._store({}) as store:
            with store.transaction() as work:
                expect("begin", work.reservations.begin("q", "f" * 64), None)
                work.reservations.finish("q", answer)
                expect("begin again", work.reservations.begin("q", "f" * 64), answer)
                other = partial(work.reservations.begin, "q", "f" * 63 + "e")
                expect_error("another fingerprint", other, RequestReusedError("q"))
            with store.transaction() as work:
                expect("begin later", work.reservations.begin("q", "f" * 64), answer)
                other = partial(work.reservations.begin, "q", "f" * 63 + "e")
                expect_error("another one later", other, RequestReusedError("q"))

    def test_reservations_with_more_are_found(self) -> None:
        """Rule: `of_stocks` has what is planned or active, stock by stock.

        Usual cause: those of all stocks are sorted together, or exhausted ones are returned.

        Fix: sort by stock first; leave out what holds nothing any more.
        """
        asked: Options = {"group": A, "quantity": 1, "created_at": NOON}
        made = tuple(
            GroupReservation(id=f"{stock}{state.value}", stock=stock, state=state, **asked)
            for stock in (Y, X)
            for state in ReservationState
        )
        first = GroupReservation(id="z", stock=Y, priority=1, **asked)
        with self._store({}) as store, store.transaction() as work:
            _store(work, Booking(made=(*made, first)))
            for lock in (False, True):
                found = [each.id for each in work.reservations.of_stocks([Y, X], lock=lock)]
                expect("of_stocks", found, ["Xactive", "Xplanned", "z", "Yactive", "Yplanned"])
                one = [each.id for each in work.reservations.of_stocks([X], lock=lock)]
                expect("of one", one, ["Xactive", "Xplanned"])
                opened = [each.id for each in work.reservations.of_group(A, lock=lock)]
                wanted = [*("Xactive", "Xexhausted", "Xplanned"), "Yactive", "Yexhausted"]
                expect("of_group", opened, [*wanted, "Yplanned", "z"])

    def test_reservations_of_a_stock_come_in_order(self) -> None:
        """Rule: `of_stocks` has those of each stock in the order of consumption.

        Usual cause: NULL sorts before all ends, or priorities sort as text.

        Fix: sort as `GroupReservation.order_of_consumption` does.
        """
        soon: Options = {"valid_to": EVENING}
        late: Options = {"valid_to": EVENING + TICK}
        windows: dict[str, Options] = {
            "z": {"priority": 2},
            "y": {"priority": 10, **soon},
            "x": {"priority": 10},
            "c": soon,
            "b": late,
            "a": {},
        }
        made = [
            GroupReservation(id=id_, group=A, stock=X, quantity=1, created_at=NOON, **window)
            for id_, window in windows.items()
        ]
        for stored in (made, made[::-1]):
            with self._store({}) as store, store.transaction() as work:
                _store(work, Booking(made=tuple(stored)))
                for lock in (False, True):
                    expect("of_stocks", [*work.reservations.of_stocks([X], lock=lock)], made)


def _store(work: ReservationWork, booking: Booking) -> None:
    """Book values, and no entries."""
    _book(work, {X: [], Y: []}, {}, booking)


def _book_held(work: ReservationWork, held: Mapping[StockKey, int]) -> None:
    moves = {stock: [(change, 0)] for stock, change in held.items()}
    _book(work, moves, dict.fromkeys(moves, 100))

"""The rules about stock that is given back."""

from functools import partial

from customer_groups.reservations.asking import get_reservation
from customer_groups.reservations.consuming import Consumption, consume, settle, unconsume
from customer_groups.reservations.errors import (
    ConsumptionNotFoundError,
    NotOutstandingError,
    Shortage,
)
from customer_groups.reservations.model import GroupReservation, ReservationState
from customer_groups.reservations.quantities import Quantity
from customer_groups.reservations.repository import ReservationWork
from customer_groups.reservations.reserving import release, reserve
from customer_groups.testing.contracts.expectations import expect
from customer_groups.testing.contracts.values import EVENING, NOON, A, B
from customer_groups.testing.reservations.base import ReservationRepositoryRules
from customer_groups.testing.reservations.expectations import expect_refused
from customer_groups.testing.reservations.values import (
    BOTH,
    MEMBER,
    X,
    Y,
    Z,
    all_entries,
    all_reservations,
    free,
    promised,
    sources,
)

__all__ = ["ReturningRules"]

_ON_HAND = {X: 12}

_Left = tuple[list[GroupReservation], tuple[Quantity, Quantity], list[tuple[str | None, Quantity]]]


def _consumed(work: ReservationWork, wanted: int) -> Consumption:
    """Hold three for B and then four for A, and consume so many of twelve."""
    reserve(work, A, X, 4, request_id="r2", priority=2, at=NOON)
    reserve(work, B, X, 3, request_id="r1", priority=1, at=NOON)
    return consume(work, BOTH, [(X, wanted)], request_id="c", at=NOON)


def _left(work: ReservationWork, consumption: Consumption) -> _Left:
    """Return what there is now; how it came about is left out."""
    return all_reservations(work), promised(work), sources(consumption)


class ReturningRules(ReservationRepositoryRules):
    """Goods that were taken come back to where they were."""

    def test_giving_back_is_as_if_less_had_been_taken(self) -> None:
        """Rule: consuming a and b and giving back b leaves what consuming a would have left.

        Usual cause: what was taken first is given back first, or all of it to free stock.

        Fix: store each draw with its reservation and line.
        """
        for taken, kept in ((11, 9), (11, 5), (11, 2), (9, 7), (7, 3), (5, 4), (3, 1)):
            with self._work(_ON_HAND) as work:
                less = _left(work, _consumed(work, kept))
            with self._work(_ON_HAND) as work:
                _consumed(work, taken)
                rest = unconsume(work, "c", [(X, taken - kept)], request_id="u", at=NOON)
                what = f"what is left of {taken} when {taken - kept} come back"
                expect(what, _left(work, rest), less)

    def test_all_comes_back_where_nothing_else_is_said(self) -> None:
        """Rule: without lines, all that is outstanding comes back, and exhausted is active again.

        Usual cause: the state of the reservation stays exhausted.

        Fix: store all that `Booking.changed` says, and find all draws of the consumption.
        """
        with self._work({X: 9, Y: 9}) as work:
            made = reserve(work, A, X, 4, request_id="r", at=NOON)
            consume(work, MEMBER, [(X, 5), (Y, 2)], request_id="c")
            now = unconsume(work, "c", request_id="u")
            expect("what is outstanding", sources(now), [])
            returned = [(draw.quantity, draw.returned) for draw in now.draws]
            expect("what came back", returned, [(4, 4), (1, 1), (2, 2)])
            expect("the reservation", get_reservation(work, "r"), made)
            expect("what is promised", [promised(work, s) for s in (X, Y)], [(4, 0), (0, 0)])

    def test_what_comes_back_too_late_is_free(self) -> None:
        """Rule: what comes back after the reservation was released or has ended is free.

        Usual cause: it raises what is held for a reservation that is over.

        Fix: read the reservation under the lock of its stock, in whatever state it is.
        """
        with self._work({X: 9, Y: 9}) as work:
            reserve(work, A, X, 4, request_id="r1", valid_to=EVENING, at=NOON)
            reserve(work, A, Y, 4, request_id="r2", at=NOON)
            consume(work, MEMBER, [(X, 3), (Y, 3)], request_id="c", at=NOON)
            release(work, "r2", request_id="release", at=NOON)
            unconsume(work, "c", [(X, 2), (Y, 2)], request_id="u", at=EVENING)
            found = [(each.state, each.consumed) for each in all_reservations(work)]
            wanted = [(ReservationState.EXPIRED, 3), (ReservationState.RELEASED, 3)]
            expect("the reservations", found, wanted)
            expect("what is promised", [promised(work, s) for s in (X, Y)], [(0, 1), (0, 1)])
            expect("what is free", [free(work, s) for s in (X, Y)], [8, 8])
            last = all_entries(work, X)[-1]
            expect("the entry", (last.held, last.outstanding, last.reservation), (0, -2, "r1"))

    def test_an_exhausted_reservation_ends_as_well(self) -> None:
        """Rule: what comes back after the end of a reservation that was exhausted is free.

        Usual cause: only active reservations are looked at, and this one is active again.

        Fix: return it from `get`, whatever its state is.
        """
        with self._work({X: 4}) as work:
            reserve(work, A, X, 4, request_id="r", valid_to=EVENING, at=NOON)
            consume(work, MEMBER, [(X, 4)], request_id="c", at=NOON)
            unconsume(work, "c", [(X, 1)], request_id="u", at=EVENING)
            expect("the state", get_reservation(work, "r").state, ReservationState.EXPIRED)
            expect("what is promised", promised(work), (0, 3))

    def test_no_more_comes_back_or_leaves_than_was_taken(self) -> None:
        """Rule: of each stock at most what is outstanding is settled or given back.

        Usual cause: draws are read before the lock, or what was settled is not stored.

        Fix: read draws under the lock of their stocks, and store `settled` and `returned`.
        """
        with self._work({X: 9, Y: 9}) as work:
            reserve(work, A, X, 2, request_id="r")
            consume(work, MEMBER, [(X, 5), (Y, 1)], request_id="c")
            settle(work, "c", [(X, 1)], request_id="s")
            unconsume(work, "c", [(X, 1)], request_id="u")
            short = (Shortage(X, 4, 3), Shortage(Y, 2, 1), Shortage(Z, 1, 0))
            for change in (settle, unconsume):
                lines = [(Z, 1), (Y, 2), (X, 2), (X, 2)]
                ask = partial(change, work, "c", lines, request_id="n")
                expect_refused(change.__name__, work, ask, NotOutstandingError("c", short))

    def test_unknown_consumptions_are_refused(self) -> None:
        """Rule: what was never consumed can neither leave nor come back.

        Usual cause: any request is taken for a consumption.

        Fix: return only the draws of this request.
        """
        with self._work({X: 9}) as work:
            reserve(work, A, X, 2, request_id="r")
            consume(work, MEMBER, [(X, 5)], request_id="c")
            for change in (settle, unconsume):
                for unknown in ("r", "C", "c1", "c%"):
                    ask = partial(change, work, unknown, request_id="n")
                    error = ConsumptionNotFoundError(unknown)
                    expect_refused(f"{change.__name__} {unknown!r}", work, ask, error)

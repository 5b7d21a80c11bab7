"""The rules about goods that leave the host."""

from functools import partial

from customer_groups.reservations.asking import availability, get_reservation
from customer_groups.reservations.consuming import consume, settle, unconsume
from customer_groups.reservations.errors import NotOutstandingError
from customer_groups.reservations.model import EntryKind
from customer_groups.reservations.quantities import Quantity
from customer_groups.reservations.repository import ReservationWork
from customer_groups.reservations.reserving import release, reserve
from customer_groups.testing.contracts.expectations import expect
from customer_groups.testing.contracts.values import EVENING, NOON, A
from customer_groups.testing.reservations.base import ReservationRepositoryRules
from customer_groups.testing.reservations.expectations import expect_refused
from customer_groups.testing.reservations.values import (
    MEMBER,
    STRANGER,
    X,
    Y,
    all_entries,
    free,
    promised,
    sources,
)

__all__ = ["SettlingRules"]


def _seen(work: ReservationWork) -> tuple[Quantity, Quantity]:
    """Return what is free, and what is free or held."""
    there = availability(work, X)
    return there.free, there.free + there.held


class SettlingRules(ReservationRepositoryRules):
    """Who sends goods out says so, and lowers the stock in the same transaction."""

    def test_what_leaves_changes_nothing_for_others(self) -> None:
        """Rule: when goods leave, the host has less, less is outstanding, and as much is free.

        Usual cause: `settle` lowers what is held, or the host is asked in another transaction.

        Fix: lower what is outstanding only; ask the host through the same connection.
        """
        with self._work({X: 10}) as work:
            reserve(work, A, X, 5, request_id="r")
            consume(work, MEMBER, [(X, 3)], request_id="c1")
            consume(work, STRANGER, [(X, 4)], request_id="c2")
            before = _seen(work)
            for id_, quantity, left in (("c1", 3, 7), ("c2", 2, 5), ("c2", 2, 3)):
                settle(work, id_, [(X, quantity)], request_id=f"settle {left}")
                self.set_on_hand(work, {X: left})
                expect(f"what others see, with {left} left", _seen(work), before)
            expect("what is promised in the end", promised(work), (2, 0))

    def test_what_was_taken_first_leaves_first(self) -> None:
        """Rule: goods are settled from the first that was taken, and given back from the last.

        Usual cause: draws come in another order.

        Fix: order draws by their line.
        """
        with self._work({X: 10}) as work:
            reserve(work, A, X, 3, request_id="r1", priority=1)
            reserve(work, A, X, 3, request_id="r2", priority=2)
            consume(work, MEMBER, [(X, 8)], request_id="c")
            first = settle(work, "c", [(X, 4)], request_id="s1")
            expect("what is outstanding", sources(first), [("r2", 2), (None, 2)])
            second = unconsume(work, "c", [(X, 3)], request_id="u")
            expect("what is outstanding then", sources(second), [("r2", 1)])
            last = settle(work, "c", request_id="s2")
            done = [(draw.settled, draw.returned) for draw in last.draws]
            expect("what became of it", done, [(3, 0), (2, 1), (0, 2)])
            expect("the draws as stored", work.reservations.draws("c"), last.draws)
            expect("what is promised in the end", promised(work), (1, 0))

    def test_what_is_all_settled_is_refused(self) -> None:
        """Rule: where nothing is outstanding, there is nothing to settle or to give back.

        Usual cause: `draws` tells what was outstanding before.

        Fix: return the draws as they were booked last.
        """
        with self._work({X: 5}) as work:
            consume(work, STRANGER, [(X, 2)], request_id="c")
            settle(work, "c", request_id="s")
            for change in (settle, unconsume):
                again = partial(change, work, "c", request_id="again")
                expect_refused(change.__name__, work, again, NotOutstandingError("c", ()))

    def test_what_leaves_after_the_end_leaves_all_the_same(self) -> None:
        """Rule: goods that were consumed in time are settled, whatever became of the reservation.

        Usual cause: only open reservations are found.

        Fix: return a reservation from `get`, whatever its state is.
        """
        with self._work({X: 5, Y: 5}) as work:
            for id_, stock in (("r1", X), ("r2", Y)):
                reserve(work, A, stock, 4, request_id=id_, valid_to=EVENING, at=NOON)
            consume(work, MEMBER, [(X, 3), (Y, 3)], request_id="c", at=NOON)
            release(work, "r2", request_id="release", at=NOON)
            settle(work, "c", request_id="s", at=EVENING)
            expect("what is promised", [promised(work, s) for s in (X, Y)], [(0, 0), (0, 0)])
            expect(
                "what is consumed",
                [get_reservation(work, r).consumed for r in ("r1", "r2")],
                [3, 3],
            )
            expect("what is free", [free(work, s) for s in (X, Y)], [5, 5])

    def test_the_entries_say_whose_goods_left(self) -> None:
        """Rule: the ledger says for each part that leaves where it came from, and for whom.

        Usual cause: customer or reservation is not stored with the entry.

        Fix: store every field of `LedgerEntry`.
        """
        with self._work({X: 5}) as work:
            reserve(work, A, X, 2, request_id="r")
            consume(work, MEMBER, [(X, 3)], request_id="c")
            settle(work, "c", request_id="s", at=NOON, by="ben")
            found = [
                (entry.line, entry.reservation, entry.outstanding, entry.customer, entry.by)
                for entry in all_entries(work)
                if entry.kind is EntryKind.SETTLE
            ]
            wanted = [(1, "r", -2, MEMBER, "ben"), (2, None, -1, MEMBER, "ben")]
            expect("the entries", found, wanted)

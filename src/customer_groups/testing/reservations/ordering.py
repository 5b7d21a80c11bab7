"""The rules about what is consumed first."""

from datetime import timedelta
from itertools import permutations

import attrs

from customer_groups.reservations.consuming import consume
from customer_groups.reservations.repository import ReservationWork
from customer_groups.reservations.reserving import reserve
from customer_groups.testing.contracts.expectations import expect
from customer_groups.testing.contracts.values import EVENING, MORNING, NOON, TICK, A, B, C
from customer_groups.testing.reservations.base import ReservationRepositoryRules
from customer_groups.testing.reservations.values import BOTH, X, Y, sources

__all__ = ["OrderRules"]


@attrs.frozen
class _Wish:
    """A reservation to be made; its age in ticks, its end in hours after the evening."""

    id: str
    group: str = A
    priority: int = 50
    ends: int | None = None
    age: int = 0


def _reserve(work: ReservationWork, wish: _Wish) -> None:
    reserve(
        *(work, wish.group, X, 1),
        request_id=wish.id,
        priority=wish.priority,
        valid_to=None if wish.ends is None else EVENING + timedelta(hours=wish.ends),
        at=NOON - wish.age * TICK,
    )


class OrderRules(ReservationRepositoryRules):
    """Priority first, then the earliest end, then age, then the id; what is free comes last."""

    def test_what_is_held_is_consumed_in_order(self) -> None:
        """Rule: priority 1 comes before 99, an end before a later one and before none, old first.

        Usual cause: NULL sorts first, priorities sort as text, or times lose microseconds.

        Fix: sort as `GroupReservation.order_of_consumption` does.
        """
        in_order = (
            _Wish("z9", B, priority=2, age=1),
            _Wish("z8", priority=10, ends=1),
            _Wish("z7", B, priority=10, ends=2, age=2),
            _Wish("z6", priority=10, ends=2, age=1),
            _Wish("B", B, priority=10, age=1),
            _Wish("a", priority=10, age=1),
            _Wish("A", priority=10),
            _Wish("y", B, priority=99, ends=0, age=9),
        )
        wanted = [(wish.id, 1) for wish in in_order]
        for made in (in_order, in_order[::-1], in_order[::2] + in_order[1::2]):
            with self._work({X: 9}) as work:
                for wish in made:
                    _reserve(work, wish)
                taken = consume(work, BOTH, [(X, 9)], request_id="c", at=NOON)
                expect("where it came from", sources(taken), [*wanted, (None, 1)])

    def test_several_orders_go_on_where_the_last_one_ended(self) -> None:
        """Rule: what is left of a reservation is consumed before the next is begun.

        Usual cause: what a reservation has consumed is not stored.

        Fix: store all that `Booking.changed` says.
        """
        with self._work({X: 9}) as work:
            reserve(work, A, X, 3, request_id="r1", priority=1)
            reserve(work, B, X, 3, request_id="r2", priority=2)
            taken = [
                sources(consume(work, BOTH, [(X, 2)], request_id=f"c{number}"))
                for number in range(4)
            ]
            expect(
                "where they came from",
                taken,
                [[("r1", 2)], [("r1", 1), ("r2", 1)], [("r2", 2)], [(None, 2)]],
            )

    def test_groups_of_others_are_passed_over(self) -> None:
        """Rule: what is held for groups that the customer is not in is left alone.

        Usual cause: reservations are found by stock alone, in the storage's own consumption.

        Fix: return all of them from `of_stocks`, and leave the choice to `consume`.
        """
        for order in permutations((A, B, C)):
            with self._work({X: 4}) as work:
                for number, code in enumerate(order, start=1):
                    reserve(work, code, X, 1, request_id=code, priority=number)
                taken = consume(work, BOTH, [(X, 3)], request_id="c")
                own = [(code, 1) for code in order if code != C]
                expect("where it came from", sources(taken), [*own, (None, 1)])

    def test_stocks_are_drawn_by_key(self) -> None:
        """Rule: the draws of an order come by stock, each in the order of its reservations.

        Usual cause: draws come in the order of another index.

        Fix: order draws by their line.
        """
        with self._work({X: 9, Y: 9}) as work:
            for number in (1, 2):
                for stock in (Y, X):
                    id_ = f"{stock}{number}"
                    reserve(work, A, stock, 1, request_id=id_, priority=3 - number, at=MORNING)
            taken = consume(work, BOTH, [(Y, 3), (X, 2)], request_id="c")
            wanted = [("X2", 1), ("X1", 1), ("Y2", 1), ("Y1", 1), (None, 1)]
            expect("where it came from", sources(taken), wanted)
            expect("the draws as stored", work.reservations.draws("c"), taken.draws)

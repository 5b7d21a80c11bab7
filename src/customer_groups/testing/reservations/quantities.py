"""The rules about quantities, which are exact."""

import decimal
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from customer_groups.errors import InvalidValueError
from customer_groups.reservations.asking import availability, find_reservations, get_reservation
from customer_groups.reservations.consuming import consume, settle, unconsume
from customer_groups.reservations.errors import InsufficientStockError, Shortage
from customer_groups.reservations.quantities import LARGEST, Quantity, Scale
from customer_groups.reservations.repository import ReservationRules, ReservationWork
from customer_groups.reservations.reserving import reallocate, release, reserve
from customer_groups.testing.contracts.expectations import expect
from customer_groups.testing.contracts.values import A, B
from customer_groups.testing.reservations.base import ReservationRepositoryRules
from customer_groups.testing.reservations.expectations import expect_refused
from customer_groups.testing.reservations.values import (
    GRAMS,
    MEMBER,
    PIECES,
    STRANGER,
    X,
    all_entries,
    free,
    promised,
)

__all__ = ["QuantityRules"]

_FINEST = ReservationRules(scale=Scale(6))
_MICRO = Decimal("0.000001")
_BAD: Mapping[ReservationRules, tuple[object, ...]] = {
    PIECES: (
        *(0, -1, Decimal("0.5"), Decimal("NaN"), Decimal("Infinity"), LARGEST + 1, 10**30),
        *(1.0, "1", True),
    ),
    GRAMS: (Decimal("0.0001"), Decimal("1.0005"), Decimal("-0.001"), Decimal("1E-30"), 0.1),
    _FINEST: (Decimal("0.0000001"), Decimal("1E+10")),
}


class QuantityRules(ReservationRepositoryRules):
    """A quantity is stored as it is, to the last place, and so are sums of many."""

    def test_bad_quantities_are_refused(self) -> None:
        """Rule: none, less than none, a finer one than is counted, and floats change nothing.

        Usual cause: the request was noted before its quantity was looked at.

        Fix: let `atomic` undo the note of the request as all else.
        """
        for rules, values in _BAD.items():
            with self._work({X: 10}, rules) as work:
                reserve(work, A, X, 1, request_id="r")
                consume(work, STRANGER, [(X, 1)], request_id="c")
                for value in values:
                    _expect_all_refuse(work, value)

    def test_tenths_add_up(self) -> None:
        """Rule: a tenth three times is three tenths exactly, in totals, ledger and answers.

        Usual cause: quantities are stored or added up as floats.

        Fix: store whole millionths; see `customer_groups.reservations.quantities.to_units`.
        """
        tenth = Decimal("0.1")
        with self._work({X: Decimal("0.3")}, GRAMS) as work:
            for number in range(3):
                reserve(work, A, X, tenth, request_id=f"r{number}")
            expect("what is promised", promised(work), (Decimal("0.3"), 0))
            expect("what is free", free(work), 0)
            consume(work, MEMBER, [(X, tenth), (X, tenth), (X, tenth)], request_id="c")
            expect("what is promised afterwards", promised(work), (0, Decimal("0.3")))
            settle(work, "c", [(X, Decimal("0.299"))], request_id="s")
            expect("what is left in the end", promised(work), (0, Decimal("0.001")))

    def test_quantities_come_back_as_the_scale_writes_them(self) -> None:
        """Rule: whole pieces are ints, all else has the places of the scale.

        Usual cause: quantities come back as the storage writes them.

        Fix: pass each one through `Scale.normal` as it is read.
        """
        for rules, written in ((PIECES, "5"), (GRAMS, "5.000"), (_FINEST, "5.000000")):
            with self._work({X: 9}, rules) as work:
                reserve(work, A, X, 5, request_id="r")
                found, entry = get_reservation(work, "r"), all_entries(work)[0]
                taken = consume(work, STRANGER, [(X, 4)], request_id="c")
                (draw,) = work.reservations.draws("c")
                quantities = {
                    "a reservation": found.quantity,
                    "a page of reservations": find_reservations(work).items[0].quantity,
                    "an entry": entry.held,
                    "what is held": promised(work)[0],
                    "what is promised": availability(work, X).by_group[0][1],
                    "what was drawn": draw.quantity + 1,
                    "the answer": taken.draws[0].quantity + 1,
                }
                shown = {what: str(quantity) for what, quantity in quantities.items()}
                expect(f"quantities at {rules.scale}", shown, dict.fromkeys(shown, written))
                kinds = {type(quantity) for quantity in quantities.values()}
                expect(f"their types at {rules.scale}", kinds, {type(rules.scale.normal(5))})

    def test_the_smallest_quantity_counts(self) -> None:
        """Rule: of two quantities that differ by a millionth, only the smaller one is free.

        Usual cause: quantities are rounded to the places of a money column.

        Fix: store whole millionths.
        """
        on_hand = LARGEST - _MICRO
        with self._work({X: on_hand}, _FINEST) as work:
            expect_refused(
                "a millionth too much",
                work,
                lambda: reserve(work, A, X, LARGEST, request_id="r"),
                InsufficientStockError((Shortage(X, Decimal(LARGEST), on_hand),)),
            )
            made = reserve(work, A, X, on_hand, request_id="r")
            expect("what is held", (made.quantity, get_reservation(work, "r").held), (on_hand,) * 2)
            release(work, "r", quantity=_MICRO, request_id="release")
            expect("what is free", free(work), _MICRO)
            unconsume(work, _consume(work, _MICRO), request_id="u")
            expect("what is free in the end", free(work), _MICRO)

    def test_sums_beyond_doubles_are_exact(self) -> None:
        """Rule: sums of more millionths than a double can count are exact.

        Usual cause: sums are made of floats, or of 32-bit integers.

        Fix: use 64-bit integers for totals, and for what is summed up in the storage.
        """
        odd = LARGEST - 1 + _MICRO  # ten of them are more than 2 ** 53 millionths
        with self._work({X: 20 * LARGEST}, _FINEST) as work:
            for number in range(20):
                reserve(work, A if number % 2 else B, X, odd, request_id=f"r{number}")
            expect("what is held", promised(work), (20 * odd, 0))
            expect("what is free", free(work), 20 - 20 * _MICRO)

    def test_the_numbers_of_the_host_change_nothing(self) -> None:
        """Rule: a host that calculates with few digits gets exact quantities all the same.

        Usual cause: quantities are calculated in the context of the thread.

        Fix: calculate with whole numbers, or in a context of your own.
        """
        quantity = Decimal("123456.789")
        with self._work({X: quantity}, GRAMS) as work, decimal.localcontext(prec=3):
            reserve(work, A, X, quantity, request_id="r")
            consume(work, MEMBER, [(X, Decimal("123456.788"))], request_id="c")
            found = get_reservation(work, "r")
            quantities = (found.quantity, found.consumed, *promised(work))
        expected = (quantity, Decimal("123456.788"), Decimal("0.001"), Decimal("123456.788"))
        expect("the quantities", quantities, expected)


def _expect_all_refuse(work: ReservationWork, bad: Any) -> None:  # noqa: ANN401
    """Refuse a request that takes a bad quantity."""
    requests: Mapping[str, Callable[[], object]] = {
        "reserve": lambda: reserve(work, A, X, bad, request_id="new"),
        "reallocate": lambda: reallocate(work, "r", B, quantity=bad, request_id="new"),
        "consume": lambda: consume(work, MEMBER, [(X, 1), (X, bad)], request_id="new"),
        "settle": lambda: settle(work, "c", [(X, bad)], request_id="new"),
        "unconsume": lambda: unconsume(work, "c", [(X, bad)], request_id="new"),
        "release": lambda: release(work, "r", quantity=bad, request_id="new"),
    }
    for name, ask in requests.items():
        expect_refused(f"{name} with {bad!r}", work, ask, InvalidValueError("", "", ""))


def _consume(work: ReservationWork, quantity: Quantity) -> str:
    return consume(work, STRANGER, [(X, quantity)], request_id="c").id

"""The rules about what is the same: ids and stocks are compared exactly."""

from functools import partial

from customer_groups.paging import Page
from customer_groups.reservations.asking import find_reservations, get_reservation, history
from customer_groups.reservations.consuming import consume, settle
from customer_groups.reservations.errors import ReservationNotFoundError
from customer_groups.reservations.model import GroupReservation, StockKey
from customer_groups.reservations.reserving import reserve
from customer_groups.testing.contracts.expectations import expect, expect_error
from customer_groups.testing.contracts.values import LOOKALIKES, NOON, A, all_items
from customer_groups.testing.reservations.base import ReservationRepositoryRules
from customer_groups.testing.reservations.values import (
    MEMBER,
    STRANGER,
    X,
    all_entries,
    all_reservations,
    promised,
    sources,
)

__all__ = ["IdentityRules"]

_LONGEST_KEY = StockKey("\U0001f4e6" * 139 + "x")
_OTHER_LONGEST_KEY = StockKey("\U0001f4e6" * 139 + "y")
_LONGEST_ID = "\U0001f511" * 79 + "x"
_OTHER_LONGEST_ID = "\U0001f511" * 79 + "y"


class IdentityRules(ReservationRepositoryRules):
    """No two texts are the same because they look the same."""

    def test_ids_are_compared_exactly(self) -> None:
        """Rule: requests whose ids differ in case, accents, width or form are several requests.

        Usual cause: a collation that takes ``a`` for ``A``, ``ß`` for ``ss``, or ``é`` for ``e``
        and an accent.

        Fix: store ids in a column that compares bytes or code points.
        """
        with self._work({X: 100}) as work:
            for each in LOOKALIKES:
                made = reserve(work, A, X, 1, request_id=each)
                expect(f"get_reservation({each!r})", get_reservation(work, each), made)
            expect("how much all of them hold", promised(work), (len(LOOKALIKES), 0))

    def test_consumptions_are_compared_exactly(self) -> None:
        """Rule: a consumption is found by its exact id, and no other one with it.

        Usual cause: draws are found under a collation.

        Fix: store the id of the consumption as that of the request.
        """
        with self._work({X: 100}) as work:
            for each in LOOKALIKES:
                consume(work, STRANGER, [(X, 1)], request_id=each)
            for each in LOOKALIKES:
                settled = settle(work, each, request_id=f"settle {each}")
                expect(f"the draws of {each!r}", len(settled.draws), 1)
            expect("what is promised when all is settled", promised(work), (0, 0))

    def test_stocks_are_compared_exactly(self) -> None:
        """Rule: stocks whose keys differ in anything have nothing to do with each other.

        Usual cause: a collation, on the stocks, the reservations or the ledger.

        Fix: let all columns with the key of a stock compare bytes or code points.
        """
        keys = [StockKey(each) for each in LOOKALIKES]
        with self._work(dict.fromkeys(keys, 1)) as work:
            for number, key in enumerate(keys):
                reserve(work, A, key, 1, request_id=f"r{number}")
            for number, key in enumerate(keys):
                id_ = f"r{number}"
                found = find_reservations(work, stock=key).items
                expect(f"the reservations of {key!r}", [each.id for each in found], [id_])
                entries = history(work, stock=key).items
                expect(f"the ledger of {key!r}", [each.reservation for each in entries], [id_])
                expect(f"what is promised of {key!r}", promised(work, key), (1, 0))

    def test_stocks_are_ordered_by_code_points(self) -> None:
        """Rule: reservations, entries and stocks come in the order of code points.

        Usual cause: the order of a collation, or of 16-bit units.

        Fix: order by a column that compares bytes of UTF-8 or code points.
        """
        keys = [StockKey(each) for each in (*LOOKALIKES, "\U0001f4e6", "\uff5e")]
        with self._work(dict.fromkeys(keys, 1)) as work:
            for number, key in enumerate(keys):
                reserve(work, A, key, 1, request_id=f"r{number}")
            ordered = sorted(keys)
            found = [each.stock for each in all_reservations(work)]
            expect("the stocks of all reservations", found, ordered)
            expect("the stocks of the ledger", [e.stock for e in all_entries(work)], ordered)
            stocks = all_items(lambda after: work.reservations.stocks(limit=7, after=after))
            expect("stocks()", stocks, ordered)

    def test_blanks_around_texts_do_not_count(self) -> None:
        """Rule: ids and keys are trimmed before they are stored and looked up.

        Usual cause: the adapter is given what a user has typed, past the functions.

        Fix: pass requests through the functions of `customer_groups.reservations`.
        """
        with self._work({X: 5}) as work:
            made = reserve(work, " A ", " X ", 2, request_id=" r ", at=NOON)
            expect("the reservation", (made.id, made.group, made.stock), ("r", "A", "X"))
            again = reserve(work, "A", "X", 2, request_id="r", at=NOON)
            expect("the answer to the same without blanks", again, made)
            expect("get_reservation(' r ')", get_reservation(work, " r "), made)

    def test_unknown_ids_are_not_found(self) -> None:
        """Rule: a reservation is found by all of its id, and by that of the reservation only.

        Usual cause: ids are compared as patterns, or requests are taken for reservations.

        Fix: compare with ``=``.
        """
        with self._work({X: 5}) as work:
            reserve(work, A, X, 2, request_id="r1")
            consume(work, MEMBER, [(X, 1)], request_id="c1")
            for unknown in ("r", "r%", "r_", "R1", "r11", "c1"):
                ask = partial(get_reservation, work, unknown)
                expect_error(f"get {unknown!r}", ask, ReservationNotFoundError(unknown))

    def test_the_longest_texts_are_stored_whole(self) -> None:
        """Rule: keys of 140 and ids of 80 characters of any kind come back, on pages of one too.

        Usual cause: columns or indexes that hold bytes, or fewer characters.

        Fix: make the columns wide enough for four bytes a character.
        """
        with self._work({_LONGEST_KEY: 3, _OTHER_LONGEST_KEY: 3}) as work:
            for key in (_LONGEST_KEY, _OTHER_LONGEST_KEY):
                for start in (_LONGEST_ID, _OTHER_LONGEST_ID):
                    reserve(work, A, key, 1, request_id=start[:-2] + key[-1] + start[-1])

            def page_of_one(after: str | None) -> Page[GroupReservation]:
                return find_reservations(work, limit=1, after=after)

            found = [(each.stock[-1], each.id[-2:]) for each in all_items(page_of_one)]
            wanted = [("x", "xx"), ("x", "xy"), ("y", "yx"), ("y", "yy")]
            expect("the ends of the keys and ids", found, wanted)
            taken = consume(work, MEMBER, [(_LONGEST_KEY, 3)], request_id=_LONGEST_ID)
            expect("how much was taken from where", [n for _, n in sources(taken)], [1, 1, 1])
            back = work.reservations.draws(_LONGEST_ID)
            expect("the draws", back, taken.draws)

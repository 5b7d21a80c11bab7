"""The rules about stock that customers take."""

from functools import partial

from customer_groups.errors import InvalidValueError
from customer_groups.reservations.asking import available_to, get_reservation
from customer_groups.reservations.consuming import Consumption, consume
from customer_groups.reservations.errors import InsufficientStockError, Shortage
from customer_groups.reservations.groups import Holdings, deactivate_group
from customer_groups.reservations.model import Draw, EntryKind, LedgerEntry, ReservationState
from customer_groups.reservations.reserving import reserve
from customer_groups.service import remove_customers
from customer_groups.testing.contracts.expectations import expect
from customer_groups.testing.contracts.values import EVENING, NOON, TICK, A, B, C, join
from customer_groups.testing.reservations.base import ReservationRepositoryRules
from customer_groups.testing.reservations.expectations import expect_refused
from customer_groups.testing.reservations.values import (
    BOTH,
    MEMBER,
    STRANGER,
    X,
    Y,
    Z,
    all_entries,
    free,
    promised,
    sources,
)

__all__ = ["ConsumingRules"]


class ConsumingRules(ReservationRepositoryRules):
    """A member takes what is held for the groups first, and then what is free."""

    def test_what_is_consumed_comes_back(self) -> None:
        """Rule: draws and entries are stored with all that they were made with.

        Usual cause: a field is not stored, or draws come in another order.

        Fix: store every field; order draws by their line.
        """
        with self._work({X: 10}) as work:
            reserve(work, A, X, 3, request_id="r", at=NOON)
            taken = consume(work, MEMBER, [(X, 5)], request_id="c", at=EVENING, by="ben")
            draws = tuple(
                Draw(
                    consumption="c",
                    line=line,
                    customer=MEMBER,
                    stock=X,
                    reservation=reservation,
                    quantity=quantity,
                )
                for line, reservation, quantity in ((1, "r", 3), (2, None, 2))
            )
            expect("the answer", taken, Consumption("c", MEMBER, draws))
            expect("the draws", work.reservations.draws("c"), draws)
            entries = [
                LedgerEntry(
                    stock=X,
                    version=2,
                    line=draw.line,
                    request_id="c",
                    kind=EntryKind.CONSUME,
                    held=-draw.quantity if draw.reservation else 0,
                    outstanding=draw.quantity,
                    reservation=draw.reservation,
                    customer=MEMBER,
                    at=EVENING,
                    by="ben",
                )
                for draw in draws
            ]
            expect("the entries", all_entries(work)[1:], entries)

    def test_a_member_takes_what_is_held_and_what_is_free(self) -> None:
        """Rule: members get what is held for their groups and what is free, others what is free.

        Usual cause: what is held is checked against the limit as if it were still free.

        Fix: check what the entries change all together, not each on its own.
        """
        for customer, most in ((MEMBER, 7), (BOTH, 9), (STRANGER, 3)):
            with self._work({X: 10}) as work:
                reserve(work, A, X, 4, request_id="a")
                reserve(work, B, X, 2, request_id="b")
                reserve(work, C, X, 1, request_id="c")
                expect(f"what {customer} can take", available_to(work, customer, X), most)
                ask = partial(consume, work, customer, request_id="order")
                error = InsufficientStockError((Shortage(X, most + 1, most),))
                expect_refused("one more", work, partial(ask, [(X, most + 1)]), error)
                ask([(X, most)])
                expect("what is promised", promised(work), (10 - 3 - (most - 3), most))

    def test_what_is_all_consumed_is_exhausted(self) -> None:
        """Rule: a reservation knows how much of it is consumed, and when it is exhausted.

        Usual cause: a changed reservation is not stored, or only in part.

        Fix: store all that `Booking.changed` says.
        """
        with self._work({X: 10}) as work:
            made = reserve(work, A, X, 4, request_id="r")
            steps = (
                (1, 1, ReservationState.ACTIVE),
                (2, 3, ReservationState.ACTIVE),
                (1, 4, ReservationState.EXHAUSTED),
            )
            for wanted, consumed, state in steps:
                consume(work, MEMBER, [(X, wanted)], request_id=f"up to {consumed}")
                found = get_reservation(work, made.id)
                expect("the reservation", (found.consumed, found.state), (consumed, state))

    def test_a_stock_that_comes_twice_is_added_up(self) -> None:
        """Rule: lines of the same stock are summed before anything is checked.

        Usual cause: each line is checked against what there was before the first.

        Fix: sum the entries of a stock, and check that.
        """
        with self._work({X: 10}) as work:
            reserve(work, A, X, 4, request_id="r")
            for customer, most in ((STRANGER, 6), (MEMBER, 10)):
                ask = partial(consume, work, customer, [(X, most), (X, 1)], request_id="c")
                error = InsufficientStockError((Shortage(X, most + 1, most),))
                expect_refused(f"twice for {customer}", work, ask, error)
            taken = consume(work, MEMBER, [(X, 3), (X, 3)], request_id="c")
            expect("where it came from", sources(taken), [("r", 4), (None, 2)])

    def test_all_lines_are_taken_or_none(self) -> None:
        """Rule: where a line is short nothing is taken, and all that are short are named, by key.

        Usual cause: lines before the one that is short are stored, or the first ends it.

        Fix: check all of them, and let `book` store all of it or nothing.
        """
        lines = [(Z, 3), (Y, 2), (X, 1)]
        with self._work({X: 1, Y: 1, Z: 1}) as work:
            short = InsufficientStockError((Shortage(Y, 2, 1), Shortage(Z, 3, 1)))
            expect_refused(
                "a basket", work, partial(consume, work, MEMBER, lines, request_id="c"), short
            )
            taken = consume(work, MEMBER, lines, request_id="c", allow_partial=True)
            expect("what is missing", taken.missing, short.shortages)
            expect(
                "what was taken",
                [(d.stock, d.quantity) for d in taken.draws],
                [(X, 1), (Y, 1), (Z, 1)],
            )

    def test_part_of_it_is_taken_where_that_is_asked_for(self) -> None:
        """Rule: who takes a part gets all that there is, which may be nothing.

        Usual cause: nothing cannot be stored or answered.

        Fix: let `book` accept a booking in which there is nothing.
        """
        with self._work({X: 5}) as work:
            reserve(work, A, X, 2, request_id="r")
            ask = partial(consume, work, allow_partial=True)
            first = ask(STRANGER, [(X, 9)], request_id="c1")
            expect("what a stranger gets", sources(first), [(None, 3)])
            expect("what is missing", first.missing, (Shortage(X, 9, 3),))
            second = ask(STRANGER, [(X, 9)], request_id="c2")
            expect("nothing", second, Consumption("c2", STRANGER, (), (Shortage(X, 9, 0),)))
            again = ask(STRANGER, [(X, 9)], request_id="c2")
            expect("nothing, asked for again", again, second)

    def test_members_are_those_of_now(self) -> None:
        """Rule: who joins later may consume what was reserved before, and who left may not.

        Usual cause: who is a member is stored with the reservation.

        Fix: leave that to the groups; store nothing about members.
        """
        with self._work({X: 2}) as work:
            reserve(work, A, X, 2, request_id="r")
            ask = partial(consume, work, STRANGER, [(X, 1)])
            short = InsufficientStockError((Shortage(X, 1, 0),))
            expect_refused("before", work, partial(ask, request_id="c"), short)
            join(work.core.groups, A, STRANGER)
            expect("what a new member takes", sources(ask(request_id="c")), [("r", 1)])
            remove_customers(work.core, A, [STRANGER], by_key=True)
            expect_refused("after", work, partial(ask, request_id="d"), short)

    def test_what_an_inactive_group_holds_is_not_consumed(self) -> None:
        """Rule: members of a group that is off take what is free, and the rest stays held.

        Usual cause: the status of the group is not looked at.

        Fix: let `groups_of` of the groups regard the status that it is asked for.
        """
        with self._work({X: 5}) as work:
            reserve(work, A, X, 2, request_id="r")
            deactivate_group(work, A, holdings=Holdings.KEEP, request_id="off")
            expect("what a member can take", available_to(work, MEMBER, X), 3)
            taken = consume(work, MEMBER, [(X, 9)], request_id="c", allow_partial=True)
            expect("what a member takes", sources(taken), [(None, 3)])
            expect("what is promised", promised(work), (2, 3))

    def test_what_is_over_is_not_consumed(self) -> None:
        """Rule: what a reservation held is free the moment that it ends, and it says so.

        Usual cause: expiring is left to somebody who comes later, or the end counts in.

        Fix: store what `book` is given in the same request.
        """
        with self._work({X: 5}) as work:
            reserve(work, A, X, 3, request_id="r1", valid_to=EVENING, at=NOON)
            reserve(work, A, X, 2, request_id="r2", valid_to=EVENING + TICK, at=NOON)
            consume(work, MEMBER, [(X, 1)], request_id="c1", at=EVENING - TICK)
            taken = consume(work, STRANGER, [(X, 2)], request_id="c2", at=EVENING)
            expect("what is free in the evening", sources(taken), [(None, 2)])
            states = [get_reservation(work, each).state for each in ("r1", "r2")]
            expect("the states", states, [ReservationState.EXPIRED, ReservationState.ACTIVE])
            last = consume(work, MEMBER, [(X, 2)], request_id="c3", at=EVENING)
            expect("what still is held", sources(last), [("r2", 2)])

    def test_no_more_is_consumed_than_there_is(self) -> None:
        """Rule: where the host has less than is held, members share what there is.

        Usual cause: what is consumed is checked against the reservation only.

        Fix: refuse what raises the outstanding stock above its limit.
        """
        with self._work({X: 10}) as work:
            reserve(work, A, X, 8, request_id="r")
            consume(work, MEMBER, [(X, 2)], request_id="c1")
            self.set_on_hand(work, {X: 5})
            expect("what a member can take", available_to(work, MEMBER, X), 3)
            expect("what a stranger can take", free(work), 0)
            ask = partial(consume, work, MEMBER, request_id="c2")
            short = InsufficientStockError((Shortage(X, 4, 3),))
            expect_refused("one too many", work, partial(ask, [(X, 4)]), short)
            more = partial(reserve, work, B, X, 1, request_id="r2")
            expect_refused("reserve", work, more, InsufficientStockError((Shortage(X, 1, 0),)))
            ask([(X, 3)])
            expect("what is promised", promised(work), (3, 5))

    def test_an_order_without_lines_is_refused(self) -> None:
        """Rule: who asks for nothing is told so.

        Usual cause: the request was noted before its lines were looked at.

        Fix: let `atomic` undo the note of the request as all else.
        """
        with self._work({X: 5}) as work:
            ask = partial(consume, work, MEMBER, [], request_id="c")
            expect_refused("no lines", work, ask, InvalidValueError("", "", ""))

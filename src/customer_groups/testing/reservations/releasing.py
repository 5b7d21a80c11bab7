"""The rules about stock that is given up, or moved to another group."""

from collections.abc import Callable, Mapping
from functools import partial

import attrs

from customer_groups.codes import parse_group_code
from customer_groups.errors import GroupNotFoundError, InvalidValueError
from customer_groups.reservations.asking import availability, get_reservation
from customer_groups.reservations.consuming import consume, unconsume
from customer_groups.reservations.errors import (
    GroupInactiveError,
    ReservationClosedError,
    ReservationNotFoundError,
)
from customer_groups.reservations.model import ReservationState
from customer_groups.reservations.repository import ReservationWork
from customer_groups.reservations.reserving import Reallocation, reallocate, release, reserve
from customer_groups.service import deactivate_group as deactivate_in_core
from customer_groups.testing.contracts.expectations import expect
from customer_groups.testing.contracts.values import EVENING, MORNING, NOON, A, B, C
from customer_groups.testing.reservations.base import ReservationRepositoryRules
from customer_groups.testing.reservations.expectations import expect_refused
from customer_groups.testing.reservations.values import (
    BOTH,
    MEMBER,
    Options,
    X,
    all_entries,
    kinds,
    promised,
    sources,
)

__all__ = ["ReleasingRules"]

_INVALID = InvalidValueError("", "", "")


def _ways_to_lose(work: ReservationWork) -> Mapping[str, Callable[..., object]]:
    """Return how a reservation with the id "r" becomes smaller, by name."""
    return {
        "release": partial(release, work, "r"),
        "reallocate": partial(reallocate, work, "r", B),
    }


class ReleasingRules(ReservationRepositoryRules):
    """What is not consumed can be given up or moved, once."""

    def test_a_part_is_released(self) -> None:
        """Rule: what is released is free, and the reservation is smaller by it.

        Usual cause: the changed reservation is not stored, or the totals are not lowered.

        Fix: store all that a booking says.
        """
        with self._work({X: 10}) as work:
            made = reserve(work, A, X, 6, request_id="r")
            consume(work, MEMBER, [(X, 1)], request_id="c")
            now = release(work, "r", quantity=2, request_id="release")
            expect("the answer", now, attrs.evolve(made, quantity=4, consumed=1))
            expect("the reservation", get_reservation(work, "r"), now)
            expect("what is promised", promised(work), (3, 1))
            rest = release(work, "r", quantity=3, request_id="rest")
            expect("the state in the end", rest.state, ReservationState.RELEASED)
            expect("what is promised in the end", promised(work), (0, 1))

    def test_the_rest_is_released_once(self) -> None:
        """Rule: without a quantity the rest is freed, exactly and once, and it is over.

        Usual cause: the whole quantity is freed and not what remains, or each time again.

        Fix: store the state of the reservation with the entry that frees the rest.
        """
        with self._work({X: 10}) as work:
            made = reserve(work, A, X, 6, request_id="r")
            consume(work, MEMBER, [(X, 2)], request_id="c")
            now = release(work, "r", request_id="release")
            ended = attrs.evolve(made, consumed=2, state=ReservationState.RELEASED)
            expect("the answer", now, ended)
            expect("what is promised", promised(work), (0, 2))
            for quantity in (None, 1):
                ask = partial(release, work, "r", quantity=quantity, request_id="again")
                error = ReservationClosedError("r", "released")
                expect_refused("releasing it again", work, ask, error)
            move = partial(reallocate, work, "r", B, request_id="move")
            expect_refused("moving it", work, move, ReservationClosedError("r", "released"))
            expect("the ledger", kinds(work), ["reserve", "consume", "release"])

    def test_what_is_planned_is_released(self) -> None:
        """Rule: what is planned is given up as well; it frees what it held, and never begins.

        Usual cause: only active reservations are found.

        Fix: find planned ones, too.
        """
        with self._work({X: 10}) as work:
            for id_, holds in (("holds", True), ("waits", False)):
                reserve(
                    *(work, A, X, 6),
                    request_id=id_,
                    valid_from=EVENING,
                    holds_before_start=holds,
                    at=NOON,
                )
            release(work, "waits", quantity=1, request_id="1", at=NOON)
            expect("what waits", get_reservation(work, "waits").quantity, 5)
            release(work, "waits", request_id="2", at=NOON)
            release(work, "holds", request_id="3", at=NOON)
            expect("what is promised", promised(work), (0, 0))
            taken = consume(work, MEMBER, [(X, 10)], request_id="c", at=EVENING)
            expect("where it comes from", sources(taken), [(None, 10)])

    def test_no_more_is_released_than_remains(self) -> None:
        """Rule: more than remains is neither released nor moved.

        Usual cause: what was consumed is not stored.

        Fix: store all that `Booking.changed` says.
        """
        with self._work({X: 10}) as work:
            reserve(work, A, X, 6, request_id="r")
            consume(work, MEMBER, [(X, 2)], request_id="c")
            for name, ask in _ways_to_lose(work).items():
                more = partial(ask, quantity=5, request_id="new")
                expect_refused(f"{name} more", work, more, _INVALID)

    def test_what_is_over_is_not_released(self) -> None:
        """Rule: whose time is over can neither be released nor moved; it has expired.

        Usual cause: the stored state is looked at, which may be from before the end.

        Fix: leave that to the functions; store what they book.
        """
        with self._work({X: 10}) as work:
            reserve(work, A, X, 6, request_id="r", valid_to=EVENING, at=NOON)
            for name, ask in _ways_to_lose(work).items():
                late = partial(ask, request_id="new", at=EVENING)
                error = ReservationClosedError("r", "expired")
                expect_refused(f"{name} what is over", work, late, error)

    def test_unknown_reservations_are_refused(self) -> None:
        """Rule: what is no reservation can neither be released nor moved.

        Usual cause: the id of any request is taken for that of a reservation.

        Fix: look it up among the reservations.
        """
        with self._work({X: 10}) as work:
            consume(work, MEMBER, [(X, 2)], request_id="c")
            for unknown in ("c", "nothing"):
                error = ReservationNotFoundError(unknown)
                ask = partial(release, work, unknown, request_id="new")
                expect_refused("release", work, ask, error)
                move = partial(reallocate, work, unknown, B, request_id="new")
                expect_refused("reallocate", work, move, error)

    def test_what_is_moved_stays_held(self) -> None:
        """Rule: moving changes who it is held for; as much is held as before, at no moment less.

        Usual cause: what moves is released and reserved anew, and so may be taken in between.

        Fix: store both reservations and both entries of the booking at once.
        """
        asked: Options = {"valid_from": MORNING, "valid_to": EVENING, "priority": 3}
        with self._work({X: 6}) as work:
            made = reserve(work, A, X, 6, **asked, request_id="r", at=NOON, by="anna")
            moved = reallocate(work, "r", B, quantity=2, request_id="m", at=NOON, by="ben")
            target = attrs.evolve(made, id="m", group=B, quantity=2, created_by="ben")
            expect("the answer", moved, Reallocation(attrs.evolve(made, quantity=4), target))
            expect("the target as stored", get_reservation(work, "m"), target)
            there = availability(work, X, at=NOON)
            expect("what is held for whom", there.by_group, ((A, 4), (B, 2)))
            expect("what is free", there.free, 0)
            entries = [(each.kind, each.held, each.reservation) for each in all_entries(work)[1:]]
            expect("the ledger", entries, [("move_out", -2, "r"), ("move_in", 2, "m")])

    def test_all_that_remains_is_moved(self) -> None:
        """Rule: without a quantity all that remains is moved; what was consumed stays where it was.

        Usual cause: the whole quantity is moved, or what was consumed with it.

        Fix: store both reservations as the booking says.
        """
        with self._work({X: 9}) as work:
            reserve(work, A, X, 6, request_id="r")
            consume(work, MEMBER, [(X, 2)], request_id="c")
            moved = reallocate(work, "r", C, request_id="m")
            left = (moved.source.quantity, moved.source.consumed, moved.source.state)
            expect("the source", left, (2, 2, ReservationState.EXHAUSTED))
            expect("the target", (moved.target.quantity, moved.target.consumed), (4, 0))
            expect("what is promised", promised(work), (4, 2))
            nothing = partial(reallocate, work, "r", B, request_id="n")
            expect_refused("moving when nothing is left", work, nothing, _INVALID)
            unconsume(work, "c", request_id="u")
            expect("what remains of the source", get_reservation(work, "r").remaining, 2)
            reallocate(work, "r", B, request_id="m2")
            expect(
                "its state in the end", get_reservation(work, "r").state, ReservationState.RELEASED
            )
            expect(
                "what a member of both takes",
                sources(consume(work, BOTH, [(X, 2)], request_id="d")),
                [("m2", 2)],
            )

    def test_what_is_planned_is_moved_with_its_window(self) -> None:
        """Rule: what waits is moved as it is: its start, its end and whether it holds stay.

        Usual cause: the target is taken for active, or holds what its source did not.

        Fix: store all fields of what is made.
        """
        with self._work({X: 6}) as work:
            for id_, holds in (("holds", True), ("waits", False)):
                made = reserve(
                    *(work, A, X, 4),
                    request_id=id_,
                    valid_from=EVENING,
                    holds_before_start=holds,
                    at=NOON,
                )
                moved = reallocate(work, id_, B, quantity=3, request_id=f"{id_}, moved", at=NOON)
                target = attrs.evolve(made, id=f"{id_}, moved", group=B, quantity=3)
                expect("the target", moved.target, target)
            expect("what is held", promised(work), (4, 0))

    def test_only_an_active_group_is_given_stock(self) -> None:
        """Rule: the group that gets stock must be active, the one that gives need not be.

        Usual cause: the gate of the wrong group is looked at.

        Fix: let `lock_gates` say for each group whether it is open.
        """
        unknown = parse_group_code("UNKNOWN")
        with self._work({X: 6}) as work:
            reserve(work, A, X, 4, request_id="r")
            deactivate_in_core(work.core, A)
            deactivate_in_core(work.core, C)
            errors = {
                unknown: GroupNotFoundError(unknown),
                C: GroupInactiveError(C),
                A: GroupInactiveError(A),
            }
            for code, error in errors.items():
                ask = partial(reallocate, work, "r", code, request_id="m")
                expect_refused(f"moving to {code}", work, ask, error)
            reallocate(work, "r", B, request_id="m")
            same = partial(reallocate, work, "m", B, request_id="n")
            expect_refused("moving to the same group", work, same, _INVALID)

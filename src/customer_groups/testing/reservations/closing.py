"""The rules about groups that are switched off, on, or deleted while stock is held for them."""

from collections.abc import Callable
from functools import partial

import attrs

from customer_groups.errors import GroupNotFoundError, StaleGroupError
from customer_groups.model import GroupStatus
from customer_groups.reservations.asking import available_to, get_reservation
from customer_groups.reservations.consuming import consume, unconsume
from customer_groups.reservations.errors import GroupInactiveError, ReservationsHeldError
from customer_groups.reservations.groups import (
    GroupClosing,
    Holdings,
    activate_group,
    deactivate_group,
    delete_group,
)
from customer_groups.reservations.model import ReservationState
from customer_groups.reservations.reconciling import BypassedGate, reconcile
from customer_groups.reservations.repository import ReservationWork
from customer_groups.reservations.reserving import reallocate, release, reserve
from customer_groups.service import activate_group as activate_in_core
from customer_groups.service import deactivate_group as deactivate_in_core
from customer_groups.service import delete_group as delete_in_core
from customer_groups.testing.contracts.expectations import expect
from customer_groups.testing.contracts.values import EVENING, NOON, A, B, C, group, join
from customer_groups.testing.reservations.base import ReservationRepositoryRules
from customer_groups.testing.reservations.expectations import expect_refused
from customer_groups.testing.reservations.values import (
    MEMBER,
    STRANGER,
    Options,
    X,
    Y,
    free,
    promised,
    sources,
)

__all__ = ["ClosingRules"]

_CLOSINGS: tuple[Callable[..., GroupClosing], ...] = (deactivate_group, delete_group)


def _hold(work: ReservationWork) -> None:
    """Hold stock for A: some of it consumed, all of it, none yet, and some for later."""
    asked: Options = {"at": NOON}
    reserve(work, A, Y, 3, request_id="active", **asked)
    reserve(work, A, X, 2, request_id="exhausted", priority=1, **asked)
    consume(work, MEMBER, [(X, 2), (Y, 1)], request_id="c", **asked)
    reserve(work, A, X, 1, request_id="later", valid_from=EVENING, **asked)
    waits: Options = {"valid_from": EVENING, "holds_before_start": False}
    reserve(work, A, X, 99, request_id="waits", **waits, **asked)
    reserve(work, B, X, 1, request_id="of another", **asked)


class ClosingRules(ReservationRepositoryRules):
    """What becomes of the stock is said, and done in the same transaction."""

    def test_a_group_with_stock_is_not_closed(self) -> None:
        """Rule: unless something else is said, a group stays as it is while stock is held for it.

        Usual cause: planned reservations are not found, or exhausted ones count.

        Fix: return from `of_group` all that are open, by id.
        """
        for close in _CLOSINGS:
            with self._work({X: 9, Y: 9}) as work:
                _hold(work)
                ask = partial(close, work, A, request_id="close", at=NOON)
                error = ReservationsHeldError(A, ("active", "later", "waits"))
                expect_refused(close.__name__, work, ask, error)
                for id_ in ("active", "later", "waits"):
                    release(work, id_, request_id=f"release {id_}", at=NOON)
                answer = ask()
                expect("what was released with it", answer.released, ("exhausted",))
                unconsume(work, "c", request_id="u", at=NOON)
                expect("what is promised", promised(work), (1, 0))

    def test_what_is_over_keeps_no_group(self) -> None:
        """Rule: a reservation whose time is over holds nothing, though nobody has said so yet.

        Usual cause: its state is stored, and its end is not.

        Fix: store the end of a reservation to the microsecond.
        """
        for close in _CLOSINGS:
            with self._work({X: 9}) as work:
                reserve(work, A, X, 2, request_id="r", valid_to=EVENING, at=NOON)
                answer = close(work, A, request_id="close", at=EVENING)
                expect(f"what was released by {close.__name__}", answer.released, ())
                state = get_reservation(work, "r").state
                expect("its state", state, ReservationState.EXPIRED)

    def test_closing_releases_all_that_is_open(self) -> None:
        """Rule: all that is held or planned for the group is released, and the answer says what.

        Usual cause: only active reservations are found, or those of one stock.

        Fix: return from `of_group` all that are open, of every stock.
        """
        for close in _CLOSINGS:
            with self._work({X: 9, Y: 9}) as work:
                _hold(work)
                answer = close(work, A, holdings="release", request_id="close", at=NOON)
                ids = ("active", "exhausted", "later", "waits")
                expect("what was released", sorted(answer.released), [*ids])
                states = {get_reservation(work, id_).state for id_ in ids}
                expect("their states", states, {ReservationState.RELEASED})
                expect("what is promised", [promised(work, s) for s in (X, Y)], [(1, 2), (0, 1)])
                other = get_reservation(work, "of another")
                expect("the state of another group's", other.state, ReservationState.ACTIVE)

    def test_closing_may_keep_what_is_held(self) -> None:
        """Rule: what is kept is held on, for nobody, until it is moved or the group is back.

        Usual cause: reservations are removed or released with their group.

        Fix: let nothing in the storage of reservations depend on the row of the group.
        """
        for close in _CLOSINGS:
            with self._work({X: 9}) as work:
                reserve(work, A, X, 3, request_id="r")
                reserve(work, A, X, 1, request_id="s")
                before = get_reservation(work, "r")
                answer = close(work, A, holdings=Holdings.KEEP, request_id="close")
                expect("what was released", answer.released, ())
                expect("the reservation", get_reservation(work, "r"), before)
                shares = [available_to(work, each, X) for each in (MEMBER, STRANGER)]
                expect("what customers can take", shares, [5, 5])
                reallocate(work, "r", B, quantity=2, request_id="m")
                release(work, "s", request_id="release")
                expect("what is held in the end", promised(work), (3, 0))

    def test_a_group_that_is_back_has_its_stock(self) -> None:
        """Rule: a group that is switched on again can consume what was kept, and gain more.

        Usual cause: the gate stays closed, or is opened past the transaction.

        Fix: store gates as all else.
        """
        with self._work({X: 9}) as work:
            reserve(work, A, X, 3, request_id="r")
            off = deactivate_group(work, A, holdings=Holdings.KEEP, request_id="off")
            expect("the status", off.group.status, GroupStatus.INACTIVE)
            on = activate_group(work, A, request_id="on")
            expect("the status again", on.status, GroupStatus.ACTIVE)
            reserve(work, A, X, 1, request_id="s")
            taken = consume(work, MEMBER, [(X, 4)], request_id="c")
            expect("what a member takes", sources(taken), [("r", 3), ("s", 1)])

    def test_what_was_closed_gains_nothing(self) -> None:
        """Rule: a group that was closed gains no stock, nor does a new one with its code.

        Usual cause: the gate is removed with the group.

        Fix: keep gates apart from groups; only `set_gate` opens one.
        """
        with self._work({X: 9}) as work:
            last = delete_group(work, A, request_id="delete")
            expect("the group as it was", last.group.code, A)
            ask = partial(reserve, work, A, X, 1, request_id="r")
            expect_refused("reserve", work, ask, GroupNotFoundError(A))
            work.core.groups.add(group(A))
            expect_refused("reserve for a new one", work, ask, GroupInactiveError(A))
            activate_group(work, A, request_id="on")
            ask()
            expect("what is held", promised(work), (1, 0))

    def test_a_new_group_with_the_code_has_no_part_in_what_is_kept(self) -> None:
        """Rule: what was kept for a group that was deleted is not held for a new one with its code.

        Usual cause: when the group of a reservation was made is not stored.

        Fix: store every field of `GroupReservation`, times to the microsecond.
        """
        with self._work({X: 9}) as work:
            reserve(work, A, X, 3, request_id="r")
            delete_group(work, A, holdings=Holdings.KEEP, request_id="delete")
            work.core.groups.add(attrs.evolve(group(A), created_at=NOON))
            join(work.core.groups, A, MEMBER)
            activate_group(work, A, request_id="on")
            reserve(work, A, X, 2, request_id="s")
            taken = consume(work, MEMBER, [(X, 9)], request_id="c", allow_partial=True)
            expect("what a member takes", sources(taken), [("s", 2), (None, 4)])

    def test_what_ends_while_a_group_closes_has_expired(self) -> None:
        """Rule: what is over when the group is closed has expired, and refuses nothing.

        Usual cause: reservations are read before those that are due have ended.

        Fix: read with the lock what this transaction has written, too.
        """
        with self._work({X: 9}) as work:
            reserve(work, A, X, 3, request_id="r", valid_to=EVENING, at=NOON)
            reserve(work, A, X, 3, request_id="s", at=NOON)
            release_all = partial(deactivate_group, work, A, holdings=Holdings.RELEASE)
            answer = release_all(request_id="off", at=EVENING)
            expect("what was released", answer.released, ("s",))
            expect("what has expired", get_reservation(work, "r").state, ReservationState.EXPIRED)
            expect("what is free", free(work), 9)

    def test_a_closing_that_fails_changes_nothing(self) -> None:
        """Rule: who has seen an older group, or names none, closes nothing and releases nothing.

        Usual cause: the gate or the reservations are written before the group is.

        Fix: let `atomic` undo groups and reservations together.
        """
        with self._work({X: 9, Y: 9}) as work:
            _hold(work)
            for close in _CLOSINGS:
                stale = partial(close, work, A, holdings="release", request_id="n", version=7)
                error = StaleGroupError(A, expected=7, actual=1)
                expect_refused("a stale version", work, stale, error)
                unknown = partial(close, work, "UNKNOWN", holdings="release", request_id="n")
                expect_refused("no group", work, unknown, GroupNotFoundError("UNKNOWN"))
            reserve(work, A, X, 1, request_id="still open", at=NOON)

    def test_a_bypass_is_found(self) -> None:
        """Rule: a group with stock that was changed past reservations is found by `reconcile`.

        Usual cause: `closed_gates` names all of the groups, or none.

        Fix: return those that `set_gate` has closed.
        """
        with self._work({X: 9}) as work:
            for code in (A, B, C):
                reserve(work, code, X, 1, request_id=code)
            expect("the gates at first", reconcile(work).bypassed, ())
            deactivate_in_core(work.core, A)
            delete_in_core(work.core, C)
            deactivate_group(work, B, holdings=Holdings.KEEP, request_id="off")
            past_us = (
                BypassedGate(A, GroupStatus.INACTIVE, is_open=True),
                BypassedGate(C, None, is_open=True),
            )
            expect("the gates that were bypassed", reconcile(work).bypassed, past_us)
            activate_in_core(work.core, B)
            opened = BypassedGate(B, GroupStatus.ACTIVE, is_open=False)
            found = (past_us[0], opened, past_us[1])
            expect("with one that is on", reconcile(work).bypassed, found)
            deactivate_group(work, A, holdings=Holdings.KEEP, request_id="off too")
            activate_group(work, B, request_id="on")
            expect("what is left", reconcile(work).bypassed, past_us[1:])

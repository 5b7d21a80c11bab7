"""The rules about time: when reservations begin and end."""

from datetime import datetime
from functools import partial

from customer_groups.paging import Page
from customer_groups.reservations.asking import (
    availability,
    available_to,
    get_reservation,
)
from customer_groups.reservations.consuming import consume, unconsume
from customer_groups.reservations.errors import InsufficientStockError, Shortage
from customer_groups.reservations.expiring import Expiry, expire_due
from customer_groups.reservations.groups import activate_group, deactivate_group
from customer_groups.reservations.model import GroupReservation, ReservationState, StockKey
from customer_groups.reservations.repository import ReservationWork
from customer_groups.reservations.reserving import reserve
from customer_groups.service import activate_group as activate_in_core
from customer_groups.testing.contracts.expectations import expect, expect_all, expect_entries
from customer_groups.testing.contracts.values import EVENING, NOON, TICK, A, B, all_items
from customer_groups.testing.reservations.base import ReservationRepositoryRules
from customer_groups.testing.reservations.expectations import expect_refused, stored
from customer_groups.testing.reservations.values import (
    MEMBER,
    STRANGER,
    Options,
    X,
    Y,
    all_entries,
    kinds,
    promised,
    sources,
)

__all__ = ["WindowRules"]

_WAITING, _ENDING = 110, 120


def _plan(work: ReservationWork, quantity: int, *, holds: bool) -> GroupReservation:
    return reserve(
        *(work, A, X, quantity),
        request_id="r",
        valid_from=EVENING,
        holds_before_start=holds,
        at=NOON,
    )


def _expire_all(work: ReservationWork) -> list[Expiry]:
    """Call `expire_due` in the evening until it has looked at everything."""
    answers = [expire_due(work, request_id="expire 0", at=EVENING)]
    while answers[-1].next is not None and len(answers) < _ENDING:
        id_, after = f"expire {len(answers)}", answers[-1].next
        answers.append(expire_due(work, request_id=id_, after=after, at=EVENING))
    return answers


class WindowRules(ReservationRepositoryRules):
    """A reservation begins at its start and is over at its end, whoever comes first."""

    def test_what_is_planned_is_held(self) -> None:
        """Rule: stock is kept before the start, from members as well, and is theirs from then on.

        Usual cause: what is planned does not count as held, or is never begun.

        Fix: return planned reservations from `of_stocks`, too.
        """
        with self._work({X: 10}) as work:
            made = _plan(work, 4, holds=True)
            expect("the state", made.state, ReservationState.PLANNED)
            early = partial(consume, work, MEMBER, [(X, 7)], at=EVENING - TICK)
            short = InsufficientStockError((Shortage(X, 7, 6),))
            expect_refused("before the start", work, partial(early, request_id="c"), short)
            taken = consume(work, MEMBER, [(X, 7)], request_id="c", at=EVENING)
            expect("where it comes from", sources(taken), [("r", 4), (None, 3)])
            entries = [(each.kind, each.held) for each in all_entries(work)]
            wanted = [("reserve", 4), ("begin", 0), ("consume", -4), ("consume", 0)]
            expect("the ledger", entries, wanted)

    def test_what_does_not_hold_gets_what_is_free(self) -> None:
        """Rule: what holds nothing before its start begins with what is free then.

        Usual cause: it begins with all that was planned, past what is on hand.

        Fix: store the reservation as the booking has it, and check its entries as all others.
        """
        with self._work({X: 10}) as work:
            _plan(work, 8, holds=False)
            expect("what is promised", promised(work), (0, 0))
            consume(work, STRANGER, [(X, 7)], request_id="c1", at=NOON)
            taken = consume(work, MEMBER, [(X, 2)], request_id="c2", at=EVENING)
            expect("where it comes from", sources(taken), [("r", 2)])
            found = get_reservation(work, "r")
            state = (found.quantity, found.consumed, found.state)
            expect("the reservation", state, (3, 2, ReservationState.ACTIVE))
            expect("what is promised then", promised(work), (1, 9))

    def test_what_gets_nothing_waits(self) -> None:
        """Rule: where nothing is free at its start, it stays planned, and begins when there is.

        Usual cause: it is begun with nothing, or forgotten.

        Fix: return it from `of_stocks` and from `due` as long as it is planned.
        """
        with self._work({X: 5}) as work:
            made = _plan(work, 4, holds=False)
            consume(work, STRANGER, [(X, 5)], request_id="c1", at=NOON)
            expect("the answer", expire_due(work, request_id="e1", at=EVENING), Expiry())
            expect("the reservation", get_reservation(work, "r"), made)
            unconsume(work, "c1", [(X, 3)], request_id="u", at=EVENING)
            answer = expire_due(work, request_id="e2", at=EVENING)
            expect("the answer then", answer, Expiry(begun=("r",)))
            expect("what it holds", get_reservation(work, "r").held, 3)

    def test_what_waits_for_a_closed_group_gains_nothing(self) -> None:
        """Rule: what holds nothing before its start waits as long as its group is switched off.

        Usual cause: `closed_gates` forgets some of the groups, or tells what was before.

        Fix: return all groups that are asked for and whose gates are closed now.
        """
        with self._work({X: 9}) as work:
            _plan(work, 4, holds=False)
            held: Options = {"valid_from": EVENING, "at": NOON}
            reserve(work, A, X, 2, request_id="held", **held)
            deactivate_group(work, A, holdings="keep", request_id="close", at=NOON)
            answer = expire_due(work, request_id="e1", at=EVENING)
            expect("what begins", answer.begun, ("held",))
            activate_in_core(work.core, A)
            answer = expire_due(work, request_id="e2", at=EVENING)
            expect("what begins behind a closed gate", answer, Expiry())
            activate_group(work, A, request_id="open", at=EVENING)
            answer = expire_due(work, request_id="e3", at=EVENING)
            expect("what begins when the group is back", answer.begun, ("r",))
            expect("what is held", promised(work), (6, 0))

    def test_questions_see_what_is_due(self) -> None:
        """Rule: who asks is told what a request at that time would find, and changes nothing.

        Usual cause: the totals are returned as they are stored.

        Fix: leave that to the functions; return what is stored.
        """
        with self._work({X: 10}) as work:
            reserve(work, B, X, 3, request_id="b", valid_to=EVENING, at=NOON)
            _plan(work, 9, holds=False)
            before = stored(work)
            moments = (EVENING - TICK, EVENING)
            members = [available_to(work, MEMBER, X, at=at) for at in moments]
            expect("what a member can take before and after", members, [7, 10])
            strangers = [available_to(work, STRANGER, X, at=at) for at in moments]
            expect("what others can take before and after", strangers, [7, 1])
            held = [availability(work, X, at=at).by_group for at in moments]
            expect("what is held before and after", held, [((B, 3),), ((A, 9),)])
            expect("what is stored", stored(work), before)

    def test_what_is_due_ends_once(self) -> None:
        """Rule: the end frees exactly what remains, once, at the very moment of the end.

        Usual cause: the whole quantity is freed, or each time again, or the end counts in.

        Fix: store the state with the entry; look for ends at or before the time.
        """
        with self._work({X: 10, Y: 10}) as work:
            reserve(work, A, X, 6, request_id="x", valid_to=EVENING, at=NOON)
            reserve(work, A, Y, 5, request_id="y", valid_to=EVENING + TICK, at=NOON)
            consume(work, MEMBER, [(X, 2), (Y, 5)], request_id="c", at=NOON)
            early = expire_due(work, request_id="e1", at=EVENING - TICK)
            expect("before the end", early, Expiry())
            expect("at the end", expire_due(work, request_id="e2", at=EVENING), Expiry(("x",)))
            expect("once more", expire_due(work, request_id="e3", at=EVENING), Expiry())
            later = expire_due(work, request_id="e4", at=EVENING + TICK)
            expect("an exhausted one", later, Expiry(("y",)))
            expect("what is promised", [promised(work, s) for s in (X, Y)], [(0, 2), (0, 5)])
            expect("what happened", kinds(work), ["reserve", "consume", "expire"])

    def test_all_that_is_due_is_found(self) -> None:
        """Rule: page by page all ends and beginnings are found, though some have to wait.

        Usual cause: a page begins where the last one ended in a list that has changed, or
        those that wait are returned again and again.

        Fix: continue after the stock and id of the last one.
        """
        waits: Options = {"valid_from": EVENING, "holds_before_start": False, "at": NOON}
        ends: Options = {"valid_to": EVENING, "at": NOON}
        stocks = [StockKey(f"y{number:03}") for number in range(_ENDING)]
        with self._work(dict.fromkeys(stocks, 1)) as work:
            for number in range(_WAITING):
                reserve(work, A, X, 1, request_id=f"x{number:03}", **waits)
            for stock in stocks:
                reserve(work, A, stock, 1, request_id=stock, **ends)
            answers = _expire_all(work)
            found = [id_ for answer in answers for id_ in answer.expired]
            expect_all("what has ended", found, stocks)
            expect("what has begun", [answer.begun for answer in answers if answer.begun], [])
            left = {stock: promised(work, stock) for stock in stocks}
            expect_entries("what is promised", left, dict.fromkeys(stocks, (0, 0)))

    def test_due_finds_ends_and_beginnings(self) -> None:
        """Rule: `due` returns what is open with its end, or planned with its start, reached.

        Usual cause: those that are over are found again, or exhausted ones are missing.

        Fix: look at the state as `is_due` and `begins` of the reservation do.
        """
        ends: Options = {"valid_to": EVENING}
        starts: Options = {"valid_from": EVENING}
        with self._work({X: 10}) as work:
            for id_, window in (
                *(("a ends", ends), ("b begins", starts), ("c never", {})),
                *(("d later", {"valid_to": EVENING + TICK}), ("e exhausted", ends)),
                ("f later", {"valid_from": EVENING + TICK}),
            ):
                reserve(work, A, X, 1, request_id=id_, **window, at=NOON)
            reserve(work, B, X, 1, request_id="0", **ends, at=NOON)
            early, late = (
                [each.id for each in all_items(partial(_due, work, at))]
                for at in (EVENING - TICK, EVENING)
            )
            expect("what is due too early", early, [])
            expect("what is due", late, ["0", "a ends", "b begins", "e exhausted"])
            _expire_all(work)
            expect("what is due afterwards", all_items(partial(_due, work, EVENING)), [])


def _due(work: ReservationWork, at: datetime, after: str | None) -> Page[GroupReservation]:
    return work.reservations.due(at, limit=2, after=after)

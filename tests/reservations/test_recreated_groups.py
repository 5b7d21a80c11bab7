"""Another group that gets the code of one that is gone has no part in what was set aside for it."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from customer_groups.codes import GroupCode
from customer_groups.model import GroupStatus
from customer_groups.reservations.asking import available_to, get_reservation
from customer_groups.reservations.consuming import consume
from customer_groups.reservations.errors import GroupInactiveError, InsufficientStockError
from customer_groups.reservations.expiring import expire_due
from customer_groups.reservations.groups import (
    GroupClosing,
    activate_group,
    deactivate_group,
    delete_group,
)
from customer_groups.reservations.reconciling import BypassedGate, reconcile
from customer_groups.reservations.repository import ReservationWork
from customer_groups.reservations.reserving import reallocate, release, reserve
from customer_groups.service import activate_group as activate_in_core
from customer_groups.service import delete_group as delete_in_core
from reservations.furnished import BEFORE, MEMBER, furnished, make_group
from reservations.promises import DAY, NOW, A

LATER = DAY / 2
DELETIONS: dict[str, Callable[[ReservationWork], object]] = {
    "with reservations": lambda work: delete_group(work, "G", holdings="keep", request_id="x"),
    "past reservations": lambda work: delete_in_core(work.core, "G"),
}


@pytest.fixture(params=[*DELETIONS])
def work(request: pytest.FixtureRequest) -> Iterator[ReservationWork]:
    """Open a unit of work where six of ten are held for a group, and another one has its code."""
    with furnished({A: 10}, "G").transaction() as work:
        reserve(work, "G", A, 6, request_id="old", at=NOW)
        DELETIONS[request.param](work)
        make_group(work, later=LATER)
        activate_group(work, "G", request_id="on", at=NOW)
        yield work


def test_what_was_set_aside_is_of_no_use_to_the_new_group(work: ReservationWork) -> None:
    """Its members see and take what is free, and no more."""
    assert available_to(work, MEMBER, A) == 4
    with pytest.raises(InsufficientStockError) as caught:
        consume(work, MEMBER, {A: 5}, request_id="c")
    assert caught.value.shortages[0].free == 4
    assert consume(work, MEMBER, {A: 4}, request_id="c").draws[0].reservation is None
    assert get_reservation(work, "old").remaining == 6


def test_a_reservation_is_for_the_group_that_has_the_code_now(work: ReservationWork) -> None:
    """The same code, another group, and another reservation that its members consume."""
    made = reserve(work, "G", A, 3, request_id="new", at=NOW)
    assert made.group_created_at == BEFORE + LATER
    assert get_reservation(work, "old").group_created_at == BEFORE
    assert available_to(work, MEMBER, A) == 4
    assert consume(work, MEMBER, {A: 4}, request_id="c").draws[0].reservation == "new"


def test_what_was_set_aside_for_a_group_that_is_gone_is_found(work: ReservationWork) -> None:
    """Until it is released, whoever has the code now."""
    gone = (BypassedGate(GroupCode("G"), None, is_open=True),)
    assert reconcile(work).bypassed == gone
    reserve(work, "G", A, 1, request_id="new")
    assert reconcile(work).bypassed == gone
    release(work, "old", request_id="release")
    assert reconcile(work).bypassed == ()


def test_what_was_set_aside_may_be_moved(work: ReservationWork) -> None:
    """The reservation that gets it is for the very group that it is moved to."""
    make_group(work, "L", later=LATER)
    moved = reallocate(work, "old", "L", quantity=2, request_id="m").target
    assert (moved.group, moved.group_created_at) == ("L", BEFORE + LATER)
    assert available_to(work, MEMBER, A) == 6


def test_a_new_group_gains_nothing_before_it_is_switched_on() -> None:
    """Where the old one was deleted with its reservations, its gate stays closed."""
    with furnished({A: 10}, "G").transaction() as work:
        delete_group(work, "G", request_id="delete")
        make_group(work, later=LATER)
        with pytest.raises(GroupInactiveError):
            reserve(work, "G", A, 1, request_id="r")
        activate_group(work, "G", request_id="on")
        assert reserve(work, "G", A, 1, request_id="r").held == 1


def test_what_waits_does_not_begin_for_a_group_that_is_closed() -> None:
    """Nobody could consume it; it begins when the group is back."""
    with furnished({A: 10}, "G").transaction() as work:
        start = NOW + DAY
        waits = partial(reserve, valid_from=start, holds_before_start=False, at=NOW)
        waits(work, "G", A, 6, request_id="r")
        work.reservations.set_gate(GroupCode("G"), is_open=False)
        assert consume(work, "STRANGER", {A: 5}, request_id="c", at=start).missing == ()
        work.reservations.set_gate(GroupCode("G"), is_open=True)
        assert available_to(work, "STRANGER", A, at=start) == 0
        assert available_to(work, MEMBER, A, at=start) == 5


def test_what_was_set_aside_may_be_moved_to_the_new_group(work: ReservationWork) -> None:
    """It has the same code, and is another group."""
    reallocate(work, "old", "G", request_id="m")
    assert available_to(work, MEMBER, A) == 10
    assert reconcile(work).bypassed == ()


@pytest.mark.parametrize("close", [deactivate_group, delete_group])
@pytest.mark.parametrize("holdings", ["refuse", "release"])
def test_what_was_set_aside_stays_when_the_new_group_is_closed(
    work: ReservationWork, close: Callable[..., GroupClosing], holdings: str
) -> None:
    """It is not the new group's, so it neither keeps that open nor is released with it."""
    assert close(work, "G", holdings=holdings, request_id="close").released == ()
    assert get_reservation(work, "old").held == 6


def test_a_gate_that_the_new_group_went_past_is_found_beside_the_old_one(
    work: ReservationWork,
) -> None:
    """The reservation of the one hides nothing that happens to the other."""
    reserve(work, "G", A, 1, request_id="new", at=NOW)
    deactivate_group(work, "G", holdings="keep", request_id="off")
    activate_in_core(work.core, "G")
    found = (BypassedGate(GroupCode("G"), GroupStatus.ACTIVE, is_open=False),)
    assert reconcile(work).bypassed == found


def test_what_waits_does_not_begin_for_another_group_with_the_code() -> None:
    """It would be held, and nobody could consume it."""
    with furnished({A: 10}, "G").transaction() as work:
        start = NOW + DAY
        waits = partial(reserve, valid_from=start, holds_before_start=False, at=NOW)
        waits(work, "G", A, 6, request_id="r")
        delete_group(work, "G", holdings="keep", request_id="delete")
        make_group(work, later=LATER)
        activate_group(work, "G", request_id="on")
        assert available_to(work, "STRANGER", A, at=start) == 10
        assert expire_due(work, request_id="night", at=start).begun == ()
        reallocate(work, "r", "G", request_id="m", at=start)
        assert expire_due(work, request_id="again", at=start).begun == ("m",)

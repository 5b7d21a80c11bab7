"""Groups are switched behind their gates, whatever others do past them or meanwhile."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from customer_groups.codes import GroupCode
from customer_groups.errors import RetryableConflictError
from customer_groups.model import GroupStatus
from customer_groups.reservations.asking import get_reservation
from customer_groups.reservations.consuming import consume, unconsume
from customer_groups.reservations.errors import ReservationsHeldError
from customer_groups.reservations.groups import activate_group, deactivate_group, delete_group
from customer_groups.reservations.model import ReservationState
from customer_groups.reservations.repository import ReservationWork
from customer_groups.reservations.reserving import reallocate, reserve
from customer_groups.service import activate_group as activate_in_core
from customer_groups.service import deactivate_group as deactivate_in_core
from reservations.furnished import MEMBER, furnished, replacing
from reservations.promises import DAY, NOW, A, B

G = GroupCode("G")
CHANGES: dict[str, Callable[..., object]] = {
    "activate": partial(activate_group, code=G),
    "deactivate": partial(deactivate_group, code=G, holdings="keep"),
    "delete": partial(delete_group, code=G, holdings="keep"),
    "reserve": partial(reserve, group=G, stock=A, quantity=1),
    "reallocate": partial(reallocate, reservation="of h", group=G),
}


@pytest.fixture
def work() -> Iterator[ReservationWork]:
    """Open a unit of work with two groups, one of which has a reservation."""
    with furnished({A: 10, B: 10}, "G", "H").transaction() as work:
        reserve(work, "H", A, 1, request_id="of h", at=NOW)
        yield work


def noting(calls: list[str], real: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method that notes its name as it is called."""

    def noted(*arguments: object, **options: object) -> object:
        calls.append(real.__name__)
        return real(*arguments, **options)

    return noted


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_gate_is_locked_before_anything_else(
    work: ReservationWork, change: Callable[..., object]
) -> None:
    """What is read of a group or a stock before that may be old."""
    calls: list[str] = []
    groups, reservations = work.core.groups, work.reservations
    spied = replacing(
        work,
        groups={
            name: noting(calls, getattr(groups, name)) for name in ("get", "replace", "remove")
        },
        reservations={
            name: noting(calls, getattr(reservations, name))
            for name in ("begin", "lock_gates", "lock_stocks", "get", "of_group", "set_gate")
        },
    )
    change(spied, request_id="q")
    assert calls[:2] == ["begin", "lock_gates"]
    assert "get" in calls[2:]


@pytest.mark.parametrize(
    ("past_us", "through_us", "status"),
    [
        (deactivate_in_core, CHANGES["deactivate"], GroupStatus.INACTIVE),
        (activate_in_core, CHANGES["activate"], GroupStatus.ACTIVE),
    ],
)
def test_a_group_that_was_switched_past_its_gate(
    work: ReservationWork,
    past_us: Callable[..., object],
    through_us: Callable[..., object],
    status: GroupStatus,
) -> None:
    """It is stored once more, so that whoever sees an old one is told; then the gate follows."""
    if status is GroupStatus.ACTIVE:
        CHANGES["deactivate"](work, request_id="before")
    past_us(work.core, "G", at=NOW)
    version = work.core.groups.get(G).version
    through_us(work, request_id="q")
    assert work.core.groups.get(G).version == version + 1
    assert work.core.groups.get(G).status is status
    assert work.reservations.lock_gates([G])[G] is (status is GroupStatus.ACTIVE)
    through_us(work, request_id="again")
    assert work.core.groups.get(G).version == version + 1


def test_a_group_that_really_changes_is_stored_once(work: ReservationWork) -> None:
    """Even where its gate did not fit to it: the change tells whoever sees an old one."""
    deactivate_in_core(work.core, "G", at=NOW)
    CHANGES["activate"](work, request_id="q")
    assert work.core.groups.get(G).version == 3
    assert work.reservations.lock_gates([G])[G]


def test_a_group_that_is_as_its_gate_is_not_stored_again(work: ReservationWork) -> None:
    """Switching on what is on changes nothing, nor does switching off what is off."""
    CHANGES["activate"](work, request_id="1")
    assert work.core.groups.get(G).version == 1
    for request_id in "23":
        CHANGES["deactivate"](work, request_id=request_id)
    assert work.core.groups.get(G).version == 2


@pytest.mark.parametrize(
    ("before", "meanwhile", "late"),
    [("activate", "deactivate", "activate"), ("deactivate", "activate", "deactivate")],
)
def test_who_sees_an_old_group_tries_again(
    work: ReservationWork, before: str, meanwhile: str, late: str
) -> None:
    """The gate shows what is committed; what is seen of the group does not fit to it."""
    CHANGES[before](work, request_id="before")
    old = work.core.groups.get(G)
    CHANGES[meanwhile](work, request_id="meanwhile")
    stored, is_open = work.core.groups.get(G), work.reservations.lock_gates([G])[G]
    blind = replacing(work, groups={"get": lambda _: old})
    with pytest.raises(RetryableConflictError, match=r"cannot see; try again$"):
        CHANGES[late](blind, request_id="late")
    assert work.core.groups.get(G) == stored
    assert work.reservations.lock_gates([G])[G] is is_open
    assert work.reservations.begin("late", "no trace of it") is None


@pytest.mark.parametrize("holdings", ["refuse", "release"])
@pytest.mark.parametrize("close", [deactivate_group, delete_group])
def test_who_does_not_see_a_reservation_tries_again(
    work: ReservationWork, close: Callable[..., object], holdings: str
) -> None:
    """It was made after the transaction began; its stock is not locked, so it is not released."""
    reserve(work, "G", A, 1, request_id="seen", at=NOW)
    reserve(work, "G", B, 1, request_id="unseen", at=NOW)
    of_group = work.reservations.of_group

    def seen(code: GroupCode, *, lock: bool = False) -> object:
        return of_group(code, lock=True) if lock else (get_reservation(work, "seen"),)

    late = replacing(work, reservations={"of_group": seen})
    with pytest.raises(RetryableConflictError, match="could not see; try again"):
        close(late, "G", holdings=holdings, request_id="late")
    assert work.core.groups.get(G).is_active
    assert get_reservation(work, "seen").state is ReservationState.ACTIVE
    close(work, "G", holdings="release", request_id="close")
    assert get_reservation(work, "unseen").state is ReservationState.RELEASED


@pytest.mark.parametrize("close", [deactivate_group, delete_group])
def test_only_what_is_left_after_expiring_refuses(
    work: ReservationWork, close: Callable[..., object]
) -> None:
    """What is over at that time holds nothing, and is not named; a refusal expires nothing."""
    end = NOW + DAY
    reserve(work, "G", A, 1, request_id="over", valid_to=end, at=NOW)
    reserve(work, "G", A, 1, request_id="stays", valid_to=end + DAY, at=NOW)
    with pytest.raises(ReservationsHeldError) as caught:
        close(work, "G", request_id="close", at=end)
    assert caught.value.reservations == ("stays",)
    assert get_reservation(work, "over").state is ReservationState.ACTIVE
    closed: Any = close(work, "G", request_id="close", at=end + DAY)
    assert closed.released == ()
    assert {get_reservation(work, each).state for each in ("over", "stays")} == {
        ReservationState.EXPIRED
    }


@pytest.mark.parametrize("close", [deactivate_group, delete_group])
def test_what_is_exhausted_refuses_nothing(
    work: ReservationWork, close: Callable[..., object]
) -> None:
    """It holds nothing; it is closed with the group, and what comes back of it is free."""
    reserve(work, "G", A, 2, request_id="gone", at=NOW)
    consume(work, MEMBER, {A: 2}, request_id="c", at=NOW)
    closed: Any = close(work, "G", request_id="close", at=NOW)
    assert closed.released == ("gone",)
    unconsume(work, "c", request_id="u", at=NOW)
    assert work.reservations.totals([A])[A].held == 1


def test_what_is_released_is_said_without_what_is_over(work: ReservationWork) -> None:
    """A reservation that has just expired was not released with the group."""
    end = NOW + DAY
    reserve(work, "G", A, 1, request_id="over", valid_to=end, at=NOW)
    reserve(work, "G", B, 1, request_id="left", at=NOW)
    closed = deactivate_group(work, "G", holdings="release", request_id="off", at=end)
    assert closed.released == ("left",)
    assert closed.group == work.core.groups.get(G)

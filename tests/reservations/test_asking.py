"""What there is, and what an order has taken, is asked for without changing anything."""

import decimal
from collections.abc import Collection
from decimal import Decimal

import pytest

from customer_groups.errors import InvalidValueError
from customer_groups.reservations.asking import (
    availability,
    available_to,
    find_reservations,
    get_consumption,
    get_reservation,
)
from customer_groups.reservations.consuming import consume, settle, unconsume
from customer_groups.reservations.errors import ConsumptionNotFoundError, ReservationNotFoundError
from customer_groups.reservations.model import ReservationState
from customer_groups.reservations.repository import ReservationRules
from customer_groups.reservations.reserving import release, reserve
from reservations.furnished import MEMBER, furnished
from reservations.promises import A, B


def test_a_consumption_as_it_is_now() -> None:
    """The same that the last change of it returned; its id is trimmed."""
    with furnished({A: 9, B: 9}, "G").transaction() as work:
        reserve(work, "G", A, 2, request_id="r")
        made = consume(work, MEMBER, {A: 3, B: 1}, request_id="c")
        assert get_consumption(work, " c ") == made
        assert settle(work, "c", {A: 1}, request_id="s") == get_consumption(work, "c")
        assert unconsume(work, "c", request_id="u") == get_consumption(work, "c")


def test_a_consumption_that_took_nothing_is_not_found() -> None:
    """Nor is the id of any other request."""
    with furnished({A: 0}, "G").transaction() as work:
        consume(work, MEMBER, {A: 3}, request_id="c", allow_partial=True)
        for unknown in ("c", "G", "never sent"):
            with pytest.raises(ConsumptionNotFoundError, match=f"^no request '{unknown}' "):
                get_consumption(work, unknown)


def test_an_unknown_reservation_is_not_found() -> None:
    """Its id is trimmed and compared exactly; that of an order is none."""
    with furnished({A: 9}, "G").transaction() as work:
        made = reserve(work, "G", A, 2, request_id="r")
        consume(work, MEMBER, {B: 1}, request_id="c", allow_partial=True)
        assert get_reservation(work, " r ") == made
        for unknown in ("R", "c"):
            with pytest.raises(ReservationNotFoundError, match=f"^there is no .* '{unknown}';"):
                get_reservation(work, unknown)


@pytest.mark.parametrize("states", ["active", "", ReservationState.PLANNED])
def test_states_are_a_list(states: Collection[str]) -> None:
    """One text is no list of its characters, and none is not all of them."""
    with (
        furnished({}).transaction() as work,
        pytest.raises(InvalidValueError, match=r"^states .* is one text; pass a list of states$"),
    ):
        find_reservations(work, states=states)


def test_states_may_be_given_as_text() -> None:
    """In any collection; an unknown one is refused."""
    with furnished({A: 9}, "G").transaction() as work:
        for request_id in "12":
            reserve(work, "G", A, 1, request_id=request_id)
        release(work, "1", request_id="release")
        found = find_reservations(work, states={"released", ReservationState.PLANNED})
        assert [each.id for each in found.items] == ["1"]
        with pytest.raises(InvalidValueError, match=r"^state 'open' is none of: planned"):
            find_reservations(work, states=["open"])


def test_a_negative_allowance_is_not_short_of_anything() -> None:
    """So much is never promised: nothing is free, and nothing is missing."""
    with furnished({A: 2}, rules=ReservationRules(allowance=-5)).transaction() as work:
        there = availability(work, A)
    assert (there.on_hand, there.allowance, there.free, there.shortfall) == (2, -5, 0, 0)


def test_answers_are_exact_whatever_the_host_calculates_in() -> None:
    """A host that has set few digits for its own numbers sees all of ours."""
    there, part = Decimal("123456789.123456"), Decimal("0.000001")
    rules = ReservationRules(scale=6)
    with furnished({A: there}, "G", rules=rules).transaction() as work:
        with decimal.localcontext(prec=3):
            reserve(work, "G", A, part, request_id="r")
            taken = consume(work, "STRANGER", {A: part}, request_id="c")
            free, own = availability(work, A).free, available_to(work, MEMBER, A)
        assert taken.draws[0].outstanding == part
        assert free == Decimal("123456789.123454")
        assert own == Decimal("123456789.123455")

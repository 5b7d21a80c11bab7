"""One request has one effect and one answer."""

import decimal
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given

from customer_groups.errors import InvalidValueError
from customer_groups.model import Attributes
from customer_groups.reservations.converters import make_converter
from customer_groups.reservations.errors import RequestReusedError
from customer_groups.reservations.quantities import EXACT
from customer_groups.reservations.repository import ReservationWork
from customer_groups.reservations.requests import Request, once
from reservations.generated import ANSWERS
from reservations.promises import NOW, A, reservation, reservation_store

REQUEST = Request("q", NOW)


def lock(work: ReservationWork) -> int:
    """Change something, and return what nobody can get twice."""
    return work.reservations.lock_stocks([A])[A].version


def asked_for(
    work: ReservationWork, asked: object, do: Callable[[], int], request: Request = REQUEST
) -> int:
    """Do something for a request that is answered with a number."""
    return once(work, request, asked, do, int)


def test_a_request_is_parsed() -> None:
    """Its id is trimmed, its time is in UTC, and both are checked."""
    request = Request(" q ", datetime.fromisoformat("2026-01-02T05:00:00+02:00"), " anna ")
    assert (request.id, request.by) == ("q", "anna")
    assert request.at.isoformat() == "2026-01-02T03:00:00+00:00"
    for wrong in (("",), ("q", NOW.replace(tzinfo=None)), ("q", NOW, "")):
        with pytest.raises(InvalidValueError):
            Request(*wrong)


def test_a_request_without_a_time_is_made_now() -> None:
    """Between before and after."""
    before = datetime.now(UTC)
    assert before <= Request("q").at <= datetime.now(UTC)


def test_the_same_request_has_one_effect_and_one_answer() -> None:
    """In the same transaction and in a later one, whenever and by whomever it is sent."""
    store = reservation_store()
    with store.transaction() as work:
        first = asked_for(work, "x", lambda: lock(work))
        second = asked_for(work, "x", lambda: lock(work))
    with store.transaction() as work:
        third = asked_for(work, "x", lambda: lock(work), Request("q", by="anna"))
        assert (first, second, third) == (1, 1, 1)
        assert work.reservations.totals([A])[A].version == 1


def test_another_request_has_its_own_effect() -> None:
    """What it asks for may be the same."""
    with reservation_store().transaction() as work:
        assert asked_for(work, "x", lambda: lock(work)) == 1
        assert asked_for(work, "x", lambda: lock(work), Request("other", NOW)) == 2


@pytest.mark.parametrize("asked", ["y", ["x"], {"x": None}, None])
def test_an_id_that_asked_for_something_else_is_refused(asked: object) -> None:
    """And nothing is done for it."""
    with reservation_store().transaction() as work:
        asked_for(work, "x", lambda: lock(work))
        with pytest.raises(RequestReusedError, match="'q'"):
            asked_for(work, asked, lambda: lock(work))
        assert work.reservations.totals([A])[A].version == 1


def test_an_error_leaves_no_trace() -> None:
    """What was done is undone, and the id may ask for anything again."""

    def fail() -> int:
        lock(work)
        raise ZeroDivisionError

    with reservation_store().transaction() as work:
        with pytest.raises(ZeroDivisionError):
            asked_for(work, "x", fail)
        assert work.reservations.totals([A])[A].version == 0
        assert asked_for(work, "y", lambda: lock(work)) == 1


def test_a_request_inside_another_is_undone_with_it() -> None:
    """Its answer is part of what the outer one has done."""

    def both() -> int:
        inner = asked_for(work, "inner", lambda: lock(work), Request("inner", NOW))
        return 1 // (inner - inner)

    with reservation_store().transaction() as work:
        with pytest.raises(ZeroDivisionError):
            asked_for(work, "outer", both)
        assert work.reservations.begin("inner", "anything") is None
        assert work.reservations.totals([A])[A].version == 0


def test_a_request_inside_another_may_fail_alone() -> None:
    """Whoever catches its error goes on."""

    def fail() -> int:
        raise ZeroDivisionError

    def both() -> int:
        with pytest.raises(ZeroDivisionError):
            asked_for(work, "inner", fail, Request("inner", NOW))
        return lock(work)

    with reservation_store().transaction() as work:
        assert asked_for(work, "outer", both) == 1
        assert work.reservations.begin("inner", "anything") is None


@given(ANSWERS)
def test_the_answer_comes_back_as_the_value_that_it_was(answer: object) -> None:
    """With its quantities to the last zero, its times and its states."""
    with reservation_store().transaction() as work:
        first, again = (once(work, REQUEST, "x", lambda: answer, type(answer)) for _ in range(2))
    assert first is answer
    assert again == answer
    assert make_converter().unstructure(again) == make_converter().unstructure(answer)


def test_quantities_are_exact_whatever_the_host_calculates_in() -> None:
    """A host that has set few digits for its own numbers loses none of ours."""
    quantity = Decimal("123456789.123456")
    with decimal.localcontext(prec=3), reservation_store().transaction() as work:
        answer = once(work, REQUEST, "x", lambda: quantity + 1, Decimal)
        assert decimal.getcontext().prec == 3
    assert answer == EXACT.add(quantity, 1)


def test_a_host_that_is_called_rounds_as_it_always_does() -> None:
    """It may value what leaves, and books the same cents as elsewhere."""
    halves_up = decimal.localcontext(rounding=decimal.ROUND_HALF_UP)
    with halves_up, reservation_store().transaction() as work:
        answer = once(
            work, REQUEST, "x", lambda: Decimal("0.125").quantize(Decimal("0.01")), Decimal
        )
    assert answer == Decimal("0.13")


@pytest.mark.parametrize("asked", [{A}, [object()], b"x", {"a": 1j}])
def test_what_cannot_be_compared_later_cannot_be_asked(asked: object) -> None:
    """A set has another order each time; nothing is done, and nothing noted."""
    with reservation_store().transaction() as work:
        with pytest.raises(InvalidValueError, match=r"^request .* which cannot be compared later$"):
            asked_for(work, asked, lambda: lock(work))
        assert work.reservations.totals([A])[A].version == 0
        assert work.reservations.begin("q", "no trace of it") is None


def test_what_is_asked_is_compared_as_json() -> None:
    """Values, mappings, times and quantities are the same where they say the same."""
    asked = {"q": [reservation(), Attributes({"a": "b"}), NOW, Decimal("1.50")]}
    other = {"q": [reservation(), Attributes({"a": "c"}), NOW, Decimal("1.50")]}
    with reservation_store().transaction() as work:
        for _ in range(2):
            assert asked_for(work, asked, lambda: lock(work)) == 1
        with pytest.raises(RequestReusedError):
            asked_for(work, other, lambda: lock(work))

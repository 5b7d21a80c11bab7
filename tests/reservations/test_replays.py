"""A request that was answered is answered again, after the host made its scale coarser, too."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial

import pytest

from customer_groups.adapters.memory import InMemoryStorage
from customer_groups.errors import InvalidValueError
from customer_groups.reservations.consuming import consume, settle, unconsume
from customer_groups.reservations.quantities import Quantity
from customer_groups.reservations.repository import ReservationRules, ReservationWork
from customer_groups.reservations.reserving import reallocate, release, reserve
from reservations.furnished import MEMBER, furnished
from reservations.promises import NOW, A, reservation_store

HALF = Decimal("0.5")
ON_HAND: dict[str, Quantity] = {A: 10}
REQUESTS: dict[str, Callable[..., object]] = {
    "reserve": partial(reserve, group="G", stock=A, quantity=Decimal("3.5")),
    "release": partial(release, reservation="reserve", quantity=HALF),
    "reallocate": partial(reallocate, reservation="reserve", group="H", quantity=HALF),
    "consume": partial(consume, customer=MEMBER, lines={A: Decimal("1.5")}),
    "unconsume": partial(unconsume, consumption="consume", lines={A: HALF}),
    "settle": partial(settle, consumption="consume", lines={A: HALF}),
}


def ask_all(work: ReservationWork) -> dict[str, object]:
    """Send all of the requests, each under its own name."""
    return {name: ask(work, request_id=name, at=NOW) for name, ask in REQUESTS.items()}


@pytest.mark.parametrize("name", REQUESTS)
def test_an_answer_outlives_the_scale(name: str) -> None:
    """The same request is answered as before; another one with that quantity is refused."""
    storage, grams = InMemoryStorage(), ReservationRules(scale=3)
    with furnished(ON_HAND, "G", "H", rules=grams, storage=storage).transaction() as work:
        answers = ask_all(work)
    with reservation_store(ON_HAND, storage=storage).transaction() as work:
        before = work.reservations.totals([A])
        assert REQUESTS[name](work, request_id=name) == answers[name]
        with pytest.raises(InvalidValueError) as caught:
            REQUESTS[name](work, request_id="new")
        assert caught.value.rule == "too_fine"
        assert work.reservations.totals([A]) == before
        assert work.reservations.begin("new", "no trace of it") is None

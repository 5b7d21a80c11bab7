"""Strategies for requests that aim at the reservations which a model has."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import partial

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from customer_groups.reservations.groups import Holdings
from customer_groups.reservations.lines import Lines
from customer_groups.testing.comparison import Call, call
from customer_groups.testing.contracts.values import A
from customer_groups.testing.reservations.drawing import (
    CUSTOMERS,
    HOUR,
    STOCKS,
    UNKNOWN,
    group_codes,
    quantities,
    quantity_of,
    request_ids,
    reservation_ids,
    sign,
)
from customer_groups.testing.reservations.model import ReservationModel

__all__ = [
    "bad_calls",
    "consuming",
    "keeping",
    "reallocating",
    "releasing",
    "reserving",
    "returning",
    "settling",
    "signed",
    "switching",
]


def signed(
    calls: Callable[[ReservationModel, datetime], SearchStrategy[Call]],
    model: ReservationModel,
    now: datetime,
) -> SearchStrategy[Call]:
    """Generate requests of a kind, with their ids, that are made now."""
    return st.builds(sign, calls(model, now), request_ids(model), st.just(now))


def reserving(model: ReservationModel, now: datetime) -> SearchStrategy[Call]:
    """Generate reservations, of which some windows are impossible."""
    begins = st.none() | st.integers(-1, 2).map(lambda hours: now + hours * HOUR)
    ends = st.none() | st.integers(0, 4).map(lambda hours: now + hours * HOUR)
    return st.builds(
        partial(call, "reserve"),
        group_codes(),
        st.sampled_from(STOCKS),
        quantities(model),
        valid_from=begins,
        valid_to=ends,
        priority=st.sampled_from([50, 50, 1, 99]),
        holds_before_start=st.booleans(),
    )


def consuming(model: ReservationModel, _now: datetime) -> SearchStrategy[Call]:
    """Generate orders, of customers that there may be."""
    keys = [customer.key for customer in CUSTOMERS]
    return st.builds(
        partial(call, "consume"),
        st.sampled_from([*keys, *keys, UNKNOWN]),
        _lines(model),
        allow_partial=st.booleans(),
    )


def settling(model: ReservationModel, _now: datetime) -> SearchStrategy[Call]:
    """Generate goods that leave."""
    return st.builds(partial(call, "settle"), _orders(model), _parts(model))


def returning(model: ReservationModel, _now: datetime) -> SearchStrategy[Call]:
    """Generate goods that come back."""
    return st.builds(partial(call, "unconsume"), _orders(model), _parts(model))


def _orders(model: ReservationModel) -> SearchStrategy[str]:
    known = sorted(model.promises.draws)
    return st.sampled_from([*known * 5, UNKNOWN])


def _parts(model: ReservationModel) -> SearchStrategy[Lines | None]:
    one = st.tuples(st.just(STOCKS[0]), quantities(model))
    return st.none() | st.lists(one, min_size=1, max_size=1) | _lines(model)


def _lines(model: ReservationModel) -> SearchStrategy[Lines]:
    stocks, some = st.sampled_from(STOCKS), quantities(model)
    return st.one_of(
        st.lists(st.tuples(stocks, some), min_size=1, max_size=3),
        st.dictionaries(stocks, some, min_size=1),
    )


def releasing(model: ReservationModel, _now: datetime) -> SearchStrategy[Call]:
    """Generate the ends of reservations, or of parts of them."""
    parts = st.none() | quantities(model)
    return st.builds(partial(call, "release"), reservation_ids(model), quantity=parts)


def reallocating(model: ReservationModel, _now: datetime) -> SearchStrategy[Call]:
    """Generate moves of reservations from group to group."""
    parts = st.none() | quantities(model)
    ids = reservation_ids(model)
    return st.builds(partial(call, "reallocate"), ids, group_codes(), quantity=parts)


def switching(_model: ReservationModel, _now: datetime) -> SearchStrategy[Call]:
    """Generate what switches groups on or off, or deletes them."""
    codes, versions = group_codes(), st.sampled_from([None, None, None, 1])
    off = st.builds(
        call,
        st.sampled_from(["deactivate_group", "delete_group"]),
        codes,
        holdings=st.sampled_from([Holdings.KEEP, *Holdings]),
        version=versions,
    )
    return off | st.builds(partial(call, "activate_group"), codes, version=versions)


def keeping(_model: ReservationModel, _now: datetime) -> SearchStrategy[Call]:
    """Generate what is done from time to time."""
    return st.sampled_from([call("expire_due"), call("repair", STOCKS)])


def bad_calls(model: ReservationModel, now: datetime) -> SearchStrategy[Call]:
    """Generate requests that no storage is to see."""
    too_fine = quantity_of(model, 1) / Decimal(2)
    bad_quantities = [0, -1, too_fine, 10**9 + 1, 0.5, True, Decimal("NaN"), "1", None]
    item = STOCKS[0]
    asked = [
        *(call("reserve", A, item, quantity) for quantity in bad_quantities),
        *(call("consume", "k0", [(item, 1), (item, quantity)]) for quantity in bad_quantities),
        call("reserve", A, item, 1, valid_from=now, valid_to=now),
        call("reserve", A, item, 1, valid_from=now + HOUR, valid_to=now),
        *(call("reserve", A, item, 1, priority=priority) for priority in (0, 100, "1")),
        *(call("reserve", A, stock, 1) for stock in ("", "a\0", "s" * 141)),
        call("reserve", "no code", item, 1),
        *(call("consume", *bad) for bad in (("", [(item, 1)]), ("k0", []))),
        *(call(method, "", None) for method in ("settle", "unconsume")),
        call("release", "r" * 81),
        call("deactivate_group", A, holdings="lose"),
    ]
    signed = [sign(each, "bad", now) for each in asked]
    unsigned = [sign(call("reserve", A, item, 1), key, now) for key in ("", "r" * 81, "a\n")]
    return st.sampled_from([*signed, *unsigned])

"""What the programs of the kit for reservations are about, and strategies for parts of it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count

import attrs
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from customer_groups.codes import GroupCode
from customer_groups.customers import Customer, CustomerKey
from customer_groups.reservations.model import StockKey, parse_stock_key
from customer_groups.reservations.quantities import Quantity
from customer_groups.testing.comparison import Call, call
from customer_groups.testing.contracts.values import A, B, group, lines
from customer_groups.testing.reservations.functions import OnGroups
from customer_groups.testing.reservations.model import ReservationModel

__all__ = [
    "BEGINNING",
    "CUSTOMERS",
    "GROUPS",
    "HOUR",
    "NUMBERS",
    "PIECES",
    "STOCKS",
    "UNKNOWN",
    "group_codes",
    "joining",
    "members_call",
    "new_id",
    "on_hands",
    "past_us",
    "quantities",
    "quantity_of",
    "request_ids",
    "reservation_ids",
    "sign",
]

BEGINNING = datetime(2026, 3, 1, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)

STOCKS = (parse_stock_key("item"), parse_stock_key("ITEM"))
"""A careless storage takes the one for the other."""

CUSTOMERS = tuple(Customer(f"c{number}", key=f"k{number}") for number in range(3))
"""One joins a group at the beginning, one all of them, and one none."""

GROUPS = (A, B)
UNKNOWN = "nobody"
PIECES = 8
NUMBERS = st.integers(1, PIECES)


def quantity_of(model: ReservationModel, number: int) -> Quantity:
    """Return so many times the smallest quantity that is counted."""
    places = model.promises.rules.scale.places
    return number * Decimal(1).scaleb(-places) if places else number


def quantities(model: ReservationModel) -> SearchStrategy[Quantity]:
    """Generate quantities of the size of what is on hand."""
    return NUMBERS.map(lambda number: quantity_of(model, number))


def on_hands(model: ReservationModel) -> SearchStrategy[dict[StockKey, Quantity]]:
    """Generate what a host has."""
    numbers = st.integers(0, 2 * PIECES)
    some = numbers.map(lambda number: quantity_of(model, number))
    return st.dictionaries(st.sampled_from(STOCKS), some, min_size=1)


def group_codes() -> SearchStrategy[str]:
    """Generate codes of groups that there may be."""
    return st.sampled_from([*GROUPS, *GROUPS, "a", UNKNOWN])


def reservation_ids(model: ReservationModel) -> SearchStrategy[str]:
    """Generate ids of reservations, and one that there is not."""
    known = sorted(model.promises.reservations)
    return st.sampled_from([*known, *known, UNKNOWN])


def new_id(model: ReservationModel) -> str:
    """Return the first id that no request has."""
    return next(key for number in count() if (key := f"r{number}") not in model.answers)


def request_ids(model: ReservationModel) -> SearchStrategy[str]:
    """Generate ids: most are new, some almost, and some were asked for something else."""
    known, new = sorted(model.answers), new_id(model)
    return st.sampled_from([*[new] * 12, new.upper(), *known[-2:]])


def past_us(model: ReservationModel, now: datetime) -> SearchStrategy[OnGroups]:
    """Generate changes of groups of which reservations are told nothing."""
    switched = [
        OnGroups(call("replace", new))
        for each in model.groups.groups
        for new in (each.activated(at=now), each.deactivated(at=now))
    ]
    added = [
        OnGroups(call("add", attrs.evolve(group(code), created_at=at)))
        for code in GROUPS
        for at in (BEGINNING, now)
    ]
    removed = [OnGroups(call("remove", code)) for code in GROUPS]
    return st.sampled_from([*switched, *switched, *added, *removed])


def joining(now: datetime) -> SearchStrategy[OnGroups]:
    """Generate changes of the members of groups."""
    keys = [customer.key for customer in CUSTOMERS]
    return st.builds(
        members_call,
        st.sampled_from(["add_members", "add_members", "remove_members"]),
        st.sampled_from(GROUPS),
        st.lists(st.sampled_from(keys), min_size=1, max_size=2),
        st.just(now),
    )


def members_call(
    method: str, code: GroupCode, customers: Sequence[CustomerKey], at: datetime
) -> OnGroups:
    """Return a change of the members of a group."""
    return OnGroups(call(method, code, lines(*customers), at=at, by=None, by_key=True))


def sign(asked: Call, request_id: str, now: datetime) -> Call:
    """Return a request with its id that is made now."""
    return asked.with_options(request_id=request_id, at=now, by="ann")

"""Hypothesis strategies for the values of reservations, and for what requests are answered."""

from hypothesis import strategies as st

from customer_groups.reservations.consuming import Consumption
from customer_groups.reservations.errors import Shortage
from customer_groups.reservations.expiring import Expiry
from customer_groups.reservations.groups import GroupClosing
from customer_groups.reservations.model import (
    Availability,
    Draw,
    EntryKind,
    GroupReservation,
    LedgerEntry,
    ReservationState,
)
from customer_groups.reservations.reserving import Reallocation
from customer_groups.testing import strategies as values
from reservations.promises import DAY, NOW

__all__ = ["ANSWERS", "AVAILABLE", "DRAWS", "ENTRIES", "RESERVATIONS", "SHORTAGES"]

KEYS = st.text("aZ0-/é😀", min_size=1, max_size=20)
IDS = st.none() | KEYS
CHANGES = st.integers(-(10**9), 10**9) | st.decimals(-(10**9), 10**9, places=6)
AMOUNTS = st.integers(0, 10**9) | st.decimals(0, 10**9, places=3)
RESERVATIONS = st.builds(
    GroupReservation,
    id=KEYS,
    group=values.group_codes(),
    group_created_at=st.none() | values.times(),
    stock=KEYS,
    quantity=AMOUNTS,
    valid_from=st.none() | values.times(max_value=NOW),
    valid_to=st.none() | values.times(min_value=NOW + DAY),
    priority=st.integers(1, 99),
    holds_before_start=st.booleans(),
    state=st.sampled_from(ReservationState),
    created_at=values.times(),
    created_by=values.actors(),
)
ENTRIES = st.builds(
    LedgerEntry,
    stock=KEYS,
    version=st.integers(1),
    line=st.integers(1),
    request_id=KEYS,
    kind=st.sampled_from(EntryKind),
    held=CHANGES,
    outstanding=CHANGES,
    reservation=IDS,
    customer=st.none() | values.customer_keys(),
    at=values.times(),
    by=values.actors(),
)
DRAWS = st.builds(
    Draw,
    consumption=KEYS,
    line=st.integers(1),
    customer=values.customer_keys(),
    stock=KEYS,
    reservation=IDS,
    quantity=AMOUNTS,
)
AVAILABLE = st.builds(
    Availability,
    stock=KEYS,
    on_hand=CHANGES,
    allowance=CHANGES,
    held=AMOUNTS,
    outstanding=AMOUNTS,
    by_group=st.lists(st.tuples(values.group_codes(), AMOUNTS)).map(tuple),
)
SHORTAGES = st.builds(Shortage, KEYS, AMOUNTS, AMOUNTS)
LISTS_OF_IDS = st.lists(KEYS, max_size=3).map(tuple)
ANSWERS = st.one_of(
    RESERVATIONS,
    st.builds(Reallocation, RESERVATIONS, RESERVATIONS),
    st.builds(
        Consumption,
        KEYS,
        values.customer_keys(),
        st.lists(DRAWS, max_size=3).map(tuple),
        st.lists(SHORTAGES, max_size=3).map(tuple),
    ),
    st.builds(Expiry, LISTS_OF_IDS, LISTS_OF_IDS, IDS),
    values.groups(),
    st.builds(GroupClosing, values.groups(), LISTS_OF_IDS),
)
"""What functions return that change something."""

"""A group that is switched while `reconcile` looks is not taken for one that was bypassed."""

from collections.abc import Collection, Iterator
from functools import partial

import pytest

from customer_groups.codes import GroupCode
from customer_groups.errors import InvalidValueError
from customer_groups.model import GroupStatus
from customer_groups.reservations.reconciling import BypassedGate, reconcile, repair
from customer_groups.reservations.repository import ReservationRules, ReservationWork
from customer_groups.reservations.reserving import reserve
from reservations.furnished import furnished, replacing
from reservations.promises import A

G, H = GroupCode("G"), GroupCode("H")


@pytest.fixture
def work() -> Iterator[ReservationWork]:
    """Open a unit of work where two groups hold stock."""
    with furnished({A: 10}, "G", "H").transaction() as work:
        for code in (G, H):
            reserve(work, code, A, 1, request_id=code)
        yield work


def test_only_what_is_seen_twice_is_reported(work: ReservationWork) -> None:
    """The second look is at the suspects alone."""
    closed = iter([{G, H}, {H}])
    asked: list[list[GroupCode]] = []

    def look(groups: Collection[GroupCode]) -> frozenset[GroupCode]:
        asked.append(sorted(groups))
        return frozenset(next(closed) & set(groups))

    found = reconcile(replacing(work, reservations={"closed_gates": look})).bypassed
    assert found == (BypassedGate(H, GroupStatus.ACTIVE, is_open=False),)
    assert asked == [[G, H], [G, H]]


def test_who_is_no_suspect_at_first_is_none_later(work: ReservationWork) -> None:
    """It was switched between the looks, and is not looked at again."""
    closed = iter([{H}, {G}])
    look = replacing(
        work, reservations={"closed_gates": lambda groups: frozenset(next(closed) & set(groups))}
    )
    assert reconcile(look).bypassed == ()


@pytest.mark.parametrize("allowance", [-3, -20])
def test_a_negative_allowance_makes_nothing_short_where_nothing_is_promised(allowance: int) -> None:
    """So much of each stock is never promised; only promises can be short."""
    rules = ReservationRules(allowance=allowance)
    with furnished({A: 2}, "G", rules=rules).transaction() as work:
        assert reconcile(work, stocks=["empty", A]).findings == ()


def test_stocks_are_a_list(work: ReservationWork) -> None:
    """One text is no list of its characters."""
    for ask in (reconcile, partial(repair, request_id="q")):
        with pytest.raises(InvalidValueError, match=r"^stocks 'ab' is one text; pass a list"):
            ask(work, stocks="ab")

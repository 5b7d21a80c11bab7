"""The rules that hold in every situation, with situations that are drawn."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_groups.codes import GroupCode
from customer_groups.customers import CustomerKey
from customer_groups.reservations.asking import availability, available_to
from customer_groups.reservations.consuming import consume, unconsume
from customer_groups.reservations.errors import InsufficientStockError, NotOutstandingError
from customer_groups.reservations.expiring import expire_due
from customer_groups.reservations.groups import Holdings, deactivate_group
from customer_groups.reservations.quantities import Quantity
from customer_groups.reservations.repository import ReservationWork
from customer_groups.reservations.reserving import reserve
from customer_groups.testing.contracts.expectations import expect, expect_that
from customer_groups.testing.contracts.values import MORNING, NOON, A, B, C
from customer_groups.testing.profiles import PROFILES
from customer_groups.testing.reservations.base import ReservationRepositoryRules
from customer_groups.testing.reservations.values import (
    BOTH,
    MEMBER,
    STRANGER,
    X,
    all_entries,
    promised,
)

__all__ = ["SituationRules"]

_HOUR = timedelta(hours=1)
_TICK = timedelta(seconds=1)
_CUSTOMERS = (MEMBER, BOTH, STRANGER)
_MOST = 12
_SHARE_OF_EXAMPLES = 2

_Check = Callable[[ReservationWork, datetime], None]


@attrs.frozen
class _Wish:
    """A reservation to be made in the morning; hours count from noon."""

    group: GroupCode
    quantity: int
    priority: int
    starts: int | None
    lasts: int | None
    holds: bool


@attrs.frozen
class _Order:
    """Stock that a customer takes at noon, and how much of it comes back."""

    customer: CustomerKey
    quantity: int
    returned: int


@attrs.frozen
class _Situation:
    """What a host has done until somebody asks.

    Attributes:
        wishes: What was reserved in the morning, as far as there was enough.
        orders: What was consumed at noon, as far as there was enough.
        inactive: The groups that were switched off after that.
        left: How much the host still has of what were twelve.
        asked: When somebody asks: so many hours after noon.
    """

    wishes: Sequence[_Wish]
    orders: Sequence[_Order]
    inactive: frozenset[GroupCode]
    left: int
    asked: int


_HOURS = st.none() | st.integers(1, 4)
_SITUATIONS = st.builds(
    _Situation,
    wishes=st.lists(
        st.builds(
            _Wish,
            group=st.sampled_from([A, B, C]),
            quantity=st.integers(1, 5),
            priority=st.sampled_from([1, 2, 10]),
            starts=_HOURS,
            lasts=_HOURS,
            holds=st.booleans(),
        ),
        max_size=5,
    ),
    orders=st.lists(
        st.builds(
            _Order,
            customer=st.sampled_from(_CUSTOMERS),
            quantity=st.integers(1, 6),
            returned=st.integers(0, 3),
        ),
        max_size=4,
    ),
    inactive=st.frozensets(st.sampled_from([A, B]), max_size=1),
    left=st.sampled_from([_MOST, _MOST, 9, 3]),
    asked=st.integers(0, 6),
)


def _reserve(work: ReservationWork, number: int, wish: _Wish) -> None:
    start = None if wish.starts is None else NOON + wish.starts * _HOUR
    end = None if wish.lasts is None else (start or NOON) + wish.lasts * _HOUR
    reserve(
        *(work, wish.group, X, wish.quantity),
        request_id=f"r{number}",
        priority=wish.priority,
        valid_from=start,
        valid_to=end,
        holds_before_start=wish.holds,
        at=MORNING + number * _TICK,
    )


def _order(work: ReservationWork, number: int, order: _Order) -> None:
    id_ = f"c{number}"
    consume(work, order.customer, [(X, order.quantity)], request_id=id_, at=NOON)
    if order.returned:
        unconsume(work, id_, [(X, order.returned)], request_id=f"u{number}", at=NOON)


def _enter(work: ReservationWork, situation: _Situation) -> None:
    """Do what the host has done; what there is not enough for is left out."""
    for number, wish in enumerate(situation.wishes):
        with suppress(InsufficientStockError):
            _reserve(work, number, wish)
    for number, order in enumerate(situation.orders):
        with suppress(InsufficientStockError, NotOutstandingError):
            _order(work, number, order)
    for code in sorted(situation.inactive):
        deactivate_group(work, code, holdings=Holdings.KEEP, request_id=f"off {code}", at=NOON)


class SituationRules(ReservationRepositoryRules):
    """Whatever was done before, questions and requests agree, and sums do."""

    def test_what_is_available_is_what_is_consumed(self) -> None:
        """Rule: `available_to` says exactly how much `consume` gives at that time.

        Usual cause: what is read without a lock is not what is read with it.

        Fix: let both read the same, in the same order.
        """

        def check(work: ReservationWork, at: datetime) -> None:
            for customer in _CUSTOMERS:
                most = available_to(work, customer, X, at=at)
                taken: list[Quantity] = []
                with suppress(KeyError):
                    _take_all_in_vain(work, customer, at, taken)
                expect(f"what {customer} gets", taken, [most])

        self._in_situations(check)

    def test_a_stranger_sees_what_nobody_has(self) -> None:
        """Rule: who is in no group can take what is on hand, without what is held and outstanding.

        Usual cause: totals that are not those of the reservations and draws.

        Fix: change totals with the entries, in the same statement or transaction.
        """

        def check(work: ReservationWork, at: datetime) -> None:
            there = availability(work, X, at=at)
            left = max(0, there.on_hand - there.held - there.outstanding)
            expect("what a stranger can take", available_to(work, STRANGER, X, at=at), left)
            by_group = sum(held for _, held in there.by_group)
            expect("what is held for all groups", by_group, there.held)

        self._in_situations(check)

    def test_the_ledger_never_promised_too_much(self) -> None:
        """Rule: at no time was more promised than there was, or less than nothing.

        Usual cause: entries that are not what has changed, or that come in another order.

        Fix: store each entry as it is, with its version and line.
        """

        def check(work: ReservationWork, at: datetime) -> None:
            expire_due(work, request_id="expire", at=at)
            held, outstanding, most = Decimal(0), Decimal(0), Decimal(0)
            for _, change in groupby(all_entries(work, X), lambda entry: entry.version):
                moves = list(change)
                held += sum(entry.held for entry in moves)
                outstanding += sum(entry.outstanding for entry in moves)
                expect_that("no sum is below zero", min(held, outstanding) >= 0)
                most = max(most, held + outstanding)
            expect_that("no more was promised than there was", most <= _MOST)
            expect("what is promised in the end", promised(work), (held, outstanding))

        self._in_situations(check)

    def _in_situations(self, check: _Check) -> None:
        """Check something in each of many situations."""
        profile = PROFILES[self.profile]
        fewer = attrs.evolve(profile, examples=profile.examples // _SHARE_OF_EXAMPLES)
        chosen = fewer.hypothesis_settings(self.hypothesis or settings())

        @chosen
        @given(_SITUATIONS)
        def in_one(situation: _Situation) -> None:
            with self._work({X: _MOST}) as work:
                _enter(work, situation)
                self.set_on_hand(work, {X: situation.left})
                check(work, NOON + situation.asked * _HOUR)

        in_one()


def _take_all_in_vain(
    work: ReservationWork, customer: CustomerKey, at: datetime, taken: list[Quantity]
) -> None:
    """Note what a customer gets who takes all, and undo it."""
    with work.reservations.atomic():
        answer = consume(work, customer, [(X, 99)], request_id="all", allow_partial=True, at=at)
        taken.append(sum(draw.quantity for draw in answer.draws))
        raise KeyError

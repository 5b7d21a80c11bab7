"""The rules about several tenants on one storage."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

from customer_groups.errors import InvalidCursorError
from customer_groups.paging import Page
from customer_groups.reservations.asking import find_reservations, history
from customer_groups.reservations.consuming import consume, settle, unconsume
from customer_groups.reservations.errors import (
    ConsumptionNotFoundError,
    ReservationNotFoundError,
)
from customer_groups.reservations.model import GroupReservation, StockKey
from customer_groups.reservations.repository import ReservationWork, StockTotals
from customer_groups.reservations.reserving import reallocate, release, reserve
from customer_groups.testing.contracts.expectations import expect, expect_error, expect_that
from customer_groups.testing.contracts.values import EVENING, NOON, A, B, C
from customer_groups.testing.reservations.base import ReservationRepositoryRules
from customer_groups.testing.reservations.expectations import stored
from customer_groups.testing.reservations.story import ON_HAND, tell
from customer_groups.testing.reservations.values import MEMBER, Options, X, Y

__all__ = ["ReservationTenantRules"]

_NO_RESERVATION = ReservationNotFoundError("reserve")
_NO_CONSUMPTION = ConsumptionNotFoundError("consume")


class ReservationTenantRules(ReservationRepositoryRules):
    """No tenant sees, changes or waits for anything of another."""

    def test_tenants_do_not_see_each_other(self) -> None:
        """Rule: whatever a tenant does, each method tells another one what it told before.

        Usual cause: the tenant is missing in a condition, a sum or a key.

        Fix: compare the tenant in every statement, and begin every key with it.
        """
        with self._two_tenants(ON_HAND) as (north, south):
            before = south.run(stored)
            north.run(tell)
            for id_, end in (("open", None), ("due", EVENING)):
                north.run(partial(_reserve, quantity=1, request_id=id_, valid_to=end))
            expect("what the other tenant sees", south.run(stored), before)
            with south.transaction() as work:
                repository = work.reservations
                for id_ in ("reserve", "consume"):
                    expect("get", repository.get([id_], lock=True), {})
                    expect("draws", repository.draws(id_, lock=True), ())
                    expect("begin", repository.begin(id_, "f"), None)
                gates = repository.lock_gates([A, B, C])
                expect("lock_gates", gates, dict.fromkeys((A, B, C), True))
                expect("closed_gates", repository.closed_gates([A, B, C]), frozenset())
                expect("of_group", repository.of_group(A, lock=True), ())
                expect("of_stocks", repository.of_stocks([X, Y], lock=True), ())
                expect("due", repository.due(EVENING, limit=9).items, ())
                expect("stocks", repository.stocks(limit=9).items, ())
                versions = [t.version for t in repository.lock_stocks([X, Y]).values()]
                expect("versions", versions, [1, 1])
                sums = [
                    (audit.ledger.held, audit.held, audit.outstanding)
                    for audit in repository.audit([X, Y]).values()
                ]
                expect("audit", sums, [(0, 0, 0)] * 2)

    def test_tenants_do_the_same(self) -> None:
        """Rule: two tenants may use the same ids, and each gets its own answers.

        Usual cause: a unique key without the tenant.

        Fix: begin every unique key with it.
        """
        with self._two_tenants(ON_HAND) as (north, south):
            for store in (north, south):
                store.run(tell)
            expect("what the second tenant sees", south.run(stored), north.run(stored))

    def test_tenants_get_their_own_answers(self) -> None:
        """Rule: where two tenants use an id for different requests, each keeps its answer.

        Usual cause: the tenant is missing in the condition of `finish`.

        Fix: compare it there, too.
        """
        with self._two_tenants(ON_HAND) as stores:
            asked = [
                partial(store.run, partial(_reserve, quantity=quantity, request_id="r"))
                for quantity, store in enumerate(stores, start=1)
            ]
            answers = [ask() for ask in asked]
            expect("the answers again", [ask() for ask in asked], answers)

    def test_tenants_change_their_own(self) -> None:
        """Rule: no request of a tenant changes what another one has under the same ids and keys.

        Usual cause: the tenant is missing in the condition of an update.

        Fix: compare it in every statement.
        """
        with self._two_tenants(ON_HAND) as (north, south):
            for store in (north, south):
                store.run(partial(_reserve, quantity=5, request_id="r"))
                store.run(partial(consume, customer=MEMBER, lines=[(X, 2)], request_id="c"))
            before = south.run(stored)
            north.run(partial(release, reservation="r", quantity=1, request_id="s", at=NOON))
            north.run(partial(settle, consumption="c", request_id="sent"))
            north.run(tell)
            north.run(_correct)
            expect("what the other tenant sees", south.run(stored), before)

    def test_tenants_cannot_name_what_is_not_theirs(self) -> None:
        """Rule: reservations and consumptions of another tenant are not found.

        Usual cause: they are looked up by their id alone.

        Fix: compare the tenant as well.
        """
        with self._two_tenants(ON_HAND) as (north, south):
            north.run(tell)
            requests: Mapping[str, tuple[Callable[..., object], Exception]] = {
                "release": (partial(release, reservation="reserve"), _NO_RESERVATION),
                "reallocate": (
                    partial(reallocate, reservation="reserve", group=B),
                    _NO_RESERVATION,
                ),
                "settle": (partial(settle, consumption="consume"), _NO_CONSUMPTION),
                "unconsume": (partial(unconsume, consumption="consume"), _NO_CONSUMPTION),
            }
            for name, (ask, error) in requests.items():
                request = partial(ask, request_id="q")
                expect_error(name, partial(south.run, request), error)

    def test_cursors_belong_to_their_tenant(self) -> None:
        """Rule: the cursor of another tenant is refused by every list.

        Usual cause: the tenant is no part of what the cursor depends on.

        Fix: pass it to `encode_cursor` and `decode_cursor`.
        """
        with self._two_tenants(ON_HAND) as (north, south):
            for store in (north, south):
                for number, stock in enumerate((X, Y)):
                    ask: Options = {"request_id": f"r{number}", "valid_to": EVENING, "at": NOON}
                    store.run(partial(reserve, group=A, stock=stock, quantity=1, **ask))
            for name, fetch in _LISTS.items():
                cursor = north.run(fetch).next
                expect_that(f"{name} has several pages", cursor)
                again = partial(south.run, partial(fetch, after=cursor))
                expect_error(f"{name} with that cursor", again, InvalidCursorError("", "", ""))


def _reserve(
    work: ReservationWork, *, quantity: int, request_id: str, valid_to: datetime | None = None
) -> GroupReservation:
    return reserve(work, A, X, quantity, request_id=request_id, valid_to=valid_to, at=NOON)


def _correct(work: ReservationWork) -> None:
    """Store totals that are not those of anybody."""
    work.reservations.lock_stocks([X])
    work.reservations.correct(X, StockTotals(77, 7))


def _stocks(work: ReservationWork, after: str | None = None) -> Page[StockKey]:
    return work.reservations.stocks(limit=1, after=after)


def _due(work: ReservationWork, after: str | None = None) -> Page[GroupReservation]:
    return work.reservations.due(EVENING, limit=1, after=after)


_LISTS: Mapping[str, Callable[..., Page[object]]] = {
    "find": partial(find_reservations, limit=1),
    "history": partial(history, limit=1),
    "stocks": _stocks,
    "due": _due,
}

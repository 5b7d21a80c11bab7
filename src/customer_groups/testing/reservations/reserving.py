"""The rules about setting stock aside."""

from datetime import timedelta
from functools import partial

from customer_groups.codes import parse_group_code
from customer_groups.errors import GroupNotFoundError, InvalidValueError
from customer_groups.reservations.asking import availability, get_reservation
from customer_groups.reservations.consuming import consume
from customer_groups.reservations.errors import (
    GroupInactiveError,
    InsufficientStockError,
    Shortage,
)
from customer_groups.reservations.groups import deactivate_group
from customer_groups.reservations.model import (
    Availability,
    EntryKind,
    GroupReservation,
    LedgerEntry,
    ReservationState,
)
from customer_groups.reservations.repository import ReservationRules
from customer_groups.reservations.reserving import reserve
from customer_groups.service import activate_group as activate_in_core
from customer_groups.service import deactivate_group as deactivate_in_core
from customer_groups.testing.contracts.expectations import expect
from customer_groups.testing.contracts.values import EVENING, MORNING, NOON, A, B, C
from customer_groups.testing.reservations.base import ReservationRepositoryRules
from customer_groups.testing.reservations.expectations import expect_refused
from customer_groups.testing.reservations.values import (
    STRANGER,
    Options,
    X,
    Y,
    Z,
    all_entries,
    free,
    promised,
)

__all__ = ["ReservingRules"]


def _short(wanted: int, had: int) -> InsufficientStockError:
    return InsufficientStockError((Shortage(X, wanted, had),))


class ReservingRules(ReservationRepositoryRules):
    """What is set aside for a group is kept from all others, and never more than there is."""

    def test_what_is_reserved_comes_back(self) -> None:
        """Rule: a reservation is stored with all that it was made with.

        Usual cause: a field is not stored, or a time loses its microseconds or its time zone.

        Fix: store every field; store times in UTC with microseconds.
        """
        asked: Options = {"valid_from": MORNING, "valid_to": EVENING, "priority": 7}
        with self._work({X: 10}) as work:
            made = reserve(
                *(work, A, X, 4),
                **asked,
                request_id="r",
                holds_before_start=False,
                at=NOON,
                by="anna",
            )
            expected = GroupReservation(
                **{"id": "r", "group": A, "stock": X, "quantity": 4, **asked},
                holds_before_start=False,
                state=ReservationState.ACTIVE,
                group_created_at=work.core.groups.get(A).created_at,
                created_at=NOON,
                created_by="anna",
            )
            expect("what reserve returns", made, expected)
            expect("what get_reservation returns", get_reservation(work, "r"), expected)
            plain = reserve(work, B, X, 1, request_id="s", at=NOON)
            expect("a reservation without a window", get_reservation(work, "s"), plain)

    def test_a_reservation_makes_an_entry(self) -> None:
        """Rule: the ledger says what was held, for whom, when and by whom.

        Usual cause: a field of the entry is not stored.

        Fix: store every field of `LedgerEntry`.
        """
        with self._work({X: 10}) as work:
            reserve(work, A, X, 4, request_id="r", at=NOON, by="anna")
            entry = LedgerEntry(
                stock=X,
                version=1,
                line=1,
                request_id="r",
                kind=EntryKind.RESERVE,
                held=4,
                reservation="r",
                at=NOON,
                by="anna",
            )
            expect("the ledger", all_entries(work), [entry])

    def test_what_is_reserved_is_not_free(self) -> None:
        """Rule: what is held for one group is free for nobody else, and other stocks are.

        Usual cause: totals are not kept by stock, or not at all.

        Fix: add each entry to the totals of its stock, in the same transaction.
        """
        with self._work({X: 10, Y: 5}) as work:
            reserve(work, B, X, 1, request_id="r1")
            reserve(work, A, X, 2, request_id="r2")
            reserve(work, B, X, 3, request_id="r3")
            expected = Availability(
                stock=X, on_hand=10, held=6, outstanding=0, by_group=((A, 2), (B, 4))
            )
            expect("availability of X", availability(work, X), expected)
            expect("what is free of X, Y and Z", [free(work, s) for s in (X, Y, Z)], [4, 5, 0])

    def test_no_more_is_reserved_than_is_free(self) -> None:
        """Rule: what is free can be reserved to the last piece, and not one more.

        Usual cause: the sum is compared with ``<``, or without what orders have outstanding.

        Fix: let the storage check ``held + outstanding + change <= limit`` as it writes.
        """
        with self._work({X: 10}) as work:
            consume(work, STRANGER, [(X, 2)], request_id="c")
            reserve(work, A, X, 3, request_id="r1")
            ask = partial(reserve, work, B, X, request_id="r2")
            expect_refused("one more than is free", work, partial(ask, 6), _short(6, 5))
            ask(5)
            last = partial(reserve, work, A, X, 1, request_id="r3")
            expect_refused("one when nothing is free", work, last, _short(1, 0))
            expect("what is promised", promised(work), (8, 2))

    def test_an_allowance_is_declared(self) -> None:
        """Rule: so much more than what is on hand may be promised, or less, as is declared.

        Usual cause: the allowance is left out of the limit.

        Fix: check against the limits that `book` is given.
        """
        for allowance, limit in ((3, 13), (-3, 7), (-12, 0)):
            rules = ReservationRules(allowance=allowance)
            with self._work({X: 10}, rules) as work:
                more = partial(reserve, work, A, X, limit + 1, request_id="r")
                expect_refused(f"allowance {allowance}", work, more, _short(limit + 1, limit))
                taken = consume(
                    work, STRANGER, [(X, 100)], request_id="c", allow_partial=True
                ).missing
                expect(f"missing, allowance {allowance}", taken, (Shortage(X, 100, limit),))

    def test_what_the_host_does_not_have_is_not_reserved(self) -> None:
        """Rule: of a stock that the host does not know there is nothing.

        Usual cause: a missing limit is taken for none.

        Fix: check against the limits that `book` is given; they are there for what rises.
        """
        with self._work({}) as work:
            more = partial(reserve, work, A, X, 1, request_id="r")
            expect_refused("an unknown stock", work, more, _short(1, 0))

    def test_only_an_active_group_gains_stock(self) -> None:
        """Rule: nothing is reserved for a group that is unknown, off, or was not opened again.

        Usual cause: the gate is not stored, or `lock_gates` says that every gate is open.

        Fix: store a gate with its state, and read it under its lock.
        """
        unknown = parse_group_code("UNKNOWN")
        with self._work({X: 10}) as work:
            deactivate_in_core(work.core, A)
            deactivate_group(work, B, request_id="off")
            activate_in_core(work.core, B)
            errors = {
                unknown: GroupNotFoundError(unknown),
                A: GroupInactiveError(A),
                B: GroupInactiveError(B),
            }
            for code, error in errors.items():
                ask = partial(reserve, work, code, X, 1, request_id="r")
                expect_refused(f"reserve for {code}", work, ask, error)
            reserve(work, C, X, 1, request_id="r")

    def test_bad_values_are_refused(self) -> None:
        """Rule: a window without a moment in it, one that is over, and bad values change nothing.

        Usual cause: the request was noted before the values were looked at.

        Fix: let `atomic` undo the note of the request as all else.
        """
        second = timedelta(seconds=1)
        bad: tuple[Options, ...] = (
            *({"valid_from": EVENING, "valid_to": NOON}, {"valid_from": NOON, "valid_to": NOON}),
            *({"valid_to": NOON}, {"valid_from": MORNING, "valid_to": NOON - second}),
            *({"priority": 0}, {"priority": 100}, {"valid_to": EVENING.replace(tzinfo=None)}),
            *({"stock": ""}, {"stock": "x" * 141}, {"request_id": ""}, {"request_id": "x" * 81}),
        )
        with self._work({X: 10}) as work:
            for values in bad:
                ask = partial(reserve, work, A, **{"stock": X, "request_id": "r", **values})
                error = InvalidValueError("", "", "")
                expect_refused(f"{values}", work, partial(ask, quantity=1, at=NOON), error)

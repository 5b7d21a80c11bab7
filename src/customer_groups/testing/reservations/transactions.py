"""The rules about transactions: groups, reservations and what the host has are in the same one."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from typing import cast

from customer_groups.errors import InvalidValueError, TransactionClosedError
from customer_groups.repository import UnitOfWork
from customer_groups.reservations.asking import available_to
from customer_groups.reservations.consuming import consume
from customer_groups.reservations.model import StockKey
from customer_groups.reservations.repository import (
    Booking,
    ReservationQuery,
    ReservationRepository,
    ReservationWork,
    StockTotals,
)
from customer_groups.reservations.reserving import reserve
from customer_groups.testing.contracts.expectations import (
    Stopped,
    expect,
    expect_error,
    expect_that,
    raised_by,
    stopped_by,
)
from customer_groups.testing.contracts.values import NOON, A, B, group
from customer_groups.testing.reservations.base import ReservationRepositoryRules
from customer_groups.testing.reservations.expectations import stored
from customer_groups.testing.reservations.story import ON_HAND, tell
from customer_groups.testing.reservations.values import MEMBER, STRANGER, X, Y, free, promised

__all__ = ["ReservationTransactionRules"]


def _every_call(repository: ReservationRepository) -> Mapping[str, Callable[[], object]]:
    """Return a call of each method of a repository, by name."""
    return {
        "begin": partial(repository.begin, "q", "f"),
        "finish": partial(repository.finish, "q", "answer"),
        "lock_gates": partial(repository.lock_gates, [A]),
        "set_gate": partial(repository.set_gate, A, is_open=False),
        "closed_gates": partial(repository.closed_gates, [A]),
        "lock_stocks": partial(repository.lock_stocks, [X]),
        "totals": partial(repository.totals, [X]),
        "get": partial(repository.get, ["r"]),
        "of_stocks": partial(repository.of_stocks, [X]),
        "of_group": partial(repository.of_group, A),
        "due": partial(repository.due, NOON, limit=1),
        "find": partial(repository.find, ReservationQuery(), limit=1),
        "draws": partial(repository.draws, "c"),
        "book": partial(repository.book, Booking()),
        "ledger": partial(repository.ledger, limit=1),
        "stocks": partial(repository.stocks, limit=1),
        "audit": partial(repository.audit, [X]),
        "correct": partial(repository.correct, X, StockTotals()),
        "atomic": partial(_enter, repository),
    }


def _enter(repository: ReservationRepository) -> None:
    ExitStack().enter_context(repository.atomic())


class ReservationTransactionRules(ReservationRepositoryRules):
    """Groups, reservations and what the host has change together, or not at all."""

    def test_what_is_done_is_there_afterwards(self) -> None:
        """Rule: all that a transaction has stored is seen by the next one.

        Usual cause: a part of it is kept in the repository, or on another connection.

        Fix: write everything in the transaction of the unit of work.
        """
        with self._store(ON_HAND) as store:
            with store.transaction() as work:
                tell(work)
                before = stored(work)
            expect("what is stored afterwards", store.run(stored), before)

    def test_what_fails_is_undone(self) -> None:
        """Rule: an error, or a signal, undoes groups and reservations, and what the host stored.

        Usual cause: reservations commit on their own, or only an `Exception` rolls back.

        Fix: leave the transaction to the store of the groups.
        """
        with self._store(ON_HAND) as store:
            before = store.run(stored)

            def fail(kind: type[BaseException], work: ReservationWork) -> None:
                tell(work)
                self.set_on_hand(work, {X: 1})
                raise kind

            expect_error("the transaction", lambda: store.run(partial(fail, KeyError)), KeyError())
            expect("what is stored", store.run(stored), before)
            stop = stopped_by(lambda: store.run(partial(fail, Stopped)))
            expect_that("the signal arrives", stop is not None)
            expect("what is stored after a signal", store.run(stored), before)
            expect("what is free", store.run(free), ON_HAND[X])

    def test_atomic_undoes_groups_and_reservations(self) -> None:
        """Rule: what `atomic` undoes, it undoes of groups and of reservations; the rest stays.

        Usual cause: only one of the two has a savepoint, or the whole transaction is undone.

        Fix: use the same savepoint as `atomic` of the groups.
        """
        with self._store(ON_HAND) as store:
            with store.transaction() as work:
                reserve(work, A, X, 1, request_id="before")
                before = stored(work)
                for atomic in (work.reservations.atomic, work.core.groups.atomic):
                    error = raised_by(partial(_fail_inside, work, atomic))
                    expect_that("the error arrives", isinstance(error, KeyError))
                    expect("what is stored", stored(work), before)
                with work.reservations.atomic():
                    reserve(work, A, X, 2, request_id="kept")
            expect("what is promised in the end", store.run(promised), (3, 0))

    def test_atomic_may_be_nested(self) -> None:
        """Rule: an inner `atomic` undoes its own changes; the outer one undoes both.

        Usual cause: savepoints with one name, or a counter in their place.

        Fix: take a savepoint for each.
        """
        with self._work({X: 9}) as work:
            error = raised_by(partial(_nest, work))
            expect_that("the error arrives", isinstance(error, KeyError))
            expect("what is promised", promised(work), (0, 0))

    def test_a_transaction_sees_what_it_has_written(self) -> None:
        """Rule: whatever is read, with a lock or without, has what this transaction wrote.

        Usual cause: writes wait for the commit, or reads use another connection.

        Fix: write at once, and read on the connection of the unit of work.
        """
        with self._work({X: 9}) as work:
            for number, lock in enumerate((False, True), start=1):
                made = reserve(work, B, X, 1, request_id=f"r{number}", at=NOON)
                repository = work.reservations
                expect("get", repository.get([made.id], lock=lock), {made.id: made})
                found = repository.of_stocks([X], lock=lock)
                expect("of_stocks", len(found), number)
                expect("of_group", repository.of_group(B, lock=lock), found)
                taken = consume(work, STRANGER, [(X, 1)], request_id=f"c{number}")
                expect("draws", repository.draws(taken.id, lock=lock), taken.draws)
                expect("totals", promised(work), (number, number))

    def test_the_host_is_asked_in_the_same_transaction(self) -> None:
        """Rule: what the host has stored in this transaction counts in it.

        Usual cause: what is on hand is read on a connection of its own.

        Fix: hand the connection of the unit of work to the port.
        """
        with self._work({X: 1}) as work:
            self.set_on_hand(work, {X: 6, Y: 2})
            expect("what is free", [free(work, stock) for stock in (X, Y)], [6, 2])
            for lock in (False, True):
                told = work.on_hand([X, Y, StockKey("Z")], lock=lock)
                had = {stock: told.get(stock, 0) for stock in (X, Y)}
                expect("what the port tells", had, {X: 6, Y: 2})
            reserve(work, A, X, 6, request_id="r")

    def test_groups_may_be_changed_beside(self) -> None:
        """Rule: groups made and joined in this transaction count for its reservations.

        Usual cause: `core` is a unit of work of another transaction.

        Fix: return the one that `bind` was given.
        """
        with self._store({X: 9}) as store, store.groups.transaction() as groups:
            groups.groups.add(group("NEW"))
            work = store.reservations.bind(groups)
            reserve(work, "NEW", X, 4, request_id="r")
            expect("what a member takes", available_to(work, MEMBER, X), 5)
            expect_that("core is what bind was given", work.core.groups.get(group("NEW").code))

    def test_after_the_end_nothing_is_done(self) -> None:
        """Rule: who uses a unit of work, or what it gave, after its end is told so.

        Usual cause: the repository holds a connection that has gone back to the pool.

        Fix: ask the unit of work of the groups whether it is open, in every call.
        """
        with self._store({X: 9}) as store:
            with store.groups.transaction() as groups:
                work = store.reservations.bind(groups)
                calls = _every_call(work.reservations)
            for name, call in calls.items():
                expect_error(f"{name} after the end", call, TransactionClosedError())
            for name, ask in {
                "core.groups": lambda: work.core.groups,
                "reservations": lambda: work.reservations,
                "on_hand": lambda: work.on_hand([X], lock=False),
            }.items():
                expect_error(f"{name} after the end", ask, TransactionClosedError())
            late = partial(store.reservations.bind, groups)
            expect_error("bind after the end", lambda: late().core.groups, TransactionClosedError())

    def test_a_strange_unit_of_work_is_refused(self) -> None:
        """Rule: reservations cannot be bound to the groups of another kind of storage.

        Usual cause: the connection is looked for only when it is needed.

        Fix: check the type in `bind`.
        """
        with self._store({}) as store:
            bind = partial(store.reservations.bind, cast(UnitOfWork, object()))
            expect_error("bind", bind, InvalidValueError("", "", ""))


def _fail_inside(work: ReservationWork, atomic: Callable[[], AbstractContextManager[None]]) -> None:
    with atomic():
        tell(work)
        raise KeyError


def _nest(work: ReservationWork) -> None:
    with work.reservations.atomic():
        reserve(work, A, X, 1, request_id="outer")
        error = raised_by(partial(_fail_inside_of, work))
        expect_that("the inner error arrives", isinstance(error, LookupError))
        expect("what is promised in between", promised(work), (1, 0))
        raise KeyError


def _fail_inside_of(work: ReservationWork) -> None:
    with work.reservations.atomic():
        reserve(work, A, X, 2, request_id="inner")
        raise LookupError

"""The rules about transactions: what is kept, and what is undone."""

import time
from collections.abc import Callable

import attrs

from customer_groups.errors import (
    DuplicateCodeError,
    GroupNotFoundError,
    RetryableConflictError,
    StaleGroupError,
    TransactionClosedError,
)
from customer_groups.repository import GroupStore, UnitOfWork
from customer_groups.testing.comparison import Everything, Interrupted
from customer_groups.testing.contracts.base import RepositoryRules
from customer_groups.testing.contracts.expectations import (
    Stopped,
    expect,
    expect_error,
    expect_that,
    raised_by,
    stopped_by,
)
from customer_groups.testing.contracts.values import (
    CUSTOMERS,
    MISSING,
    NOON,
    A,
    B,
    codes_found,
    group,
    join,
    keys,
    lines,
    member_keys,
)
from customer_groups.testing.driver import TENANTS

__all__ = ["TransactionRules"]

_SHORT_CONFLICT, _LONG_CONFLICT = 0.25, 60.0  # seconds


def _do_everything(work: UnitOfWork) -> None:
    """Change all that `_fill` has stored."""
    groups = work.groups
    groups.add(group("C"))
    groups.replace(groups.get(A).renamed("Another", at=NOON))
    groups.remove(B)
    join(groups, A, "THREE")
    groups.remove_members(A, lines("ONE"), at=NOON, by=None)
    groups.rekey_customers({keys("TWO")[0]: None}, at=NOON, by=None)


def _fill(work: UnitOfWork) -> None:
    for code in (A, B):
        work.groups.add(group(code))
        join(work.groups, code, "ONE", "TWO")


def _everything(work: UnitOfWork) -> object:
    return Everything()(work.groups)


def _fail(store: GroupStore, error: BaseException) -> None:
    with store.transaction() as work:
        _do_everything(work)
        raise error


class TransactionRules(RepositoryRules):
    """`GroupStore` and `UnitOfWork`."""

    def test_what_commits_is_seen_by_later_transactions(self) -> None:
        """Rule: at the end of its context a transaction commits; every later one sees all of it.

        Usual cause: a missing commit, or a cache in the store that was used before.

        Fix: commit when the context ends without an exception; keep no state in the store.
        """
        with self._stores() as open_store:
            other = open_store(TENANTS[0], CUSTOMERS)
            expect("the groups before", other.run(lambda work: codes_found(work.groups)), [])
            with open_store(TENANTS[0], CUSTOMERS).transaction() as work:
                _fill(work)
            with other.transaction() as work:
                expect("the groups after the commit", codes_found(work.groups), ["A", "B"])
                expect("the members of 'A'", member_keys(work.groups, A), ["ONE", "TWO"])

    def test_an_exception_passes_on(self) -> None:
        """Rule: an exception that leaves a transaction passes on unchanged.

        Usual cause: the context swallows it, so that the caller believes all is well, or
        wraps it.

        Fix: roll back and raise it again; return nothing true from ``__exit__``.
        """
        with self._store() as store:
            error = Interrupted("on purpose")
            raised = raised_by(lambda: _fail_at_once(store, error))
        expect("what leaves the transaction", raised, error)

    def test_an_exception_rolls_back(self) -> None:
        """Rule: when an exception leaves a transaction, nothing of it is kept.

        Usual cause: statements that commit by themselves, or a commit in ``finally``.

        Fix: roll back on every exception; check that the driver does not commit by itself.
        """
        with self._store() as store:
            store.run(_fill)
            before = store.run(_everything)
            raised_by(lambda: _fail(store, Interrupted()))
            expect("what is stored after the exception", store.run(_everything), before)

    def test_every_exception_rolls_back(self) -> None:
        """Rule: exceptions that are no `Exception`, such as a signal, roll back, too.

        Usual cause: ``except Exception`` around the transaction.

        Fix: ``except BaseException``, or commit only where none was raised.
        """
        with self._store() as store:
            store.run(_fill)
            before = store.run(_everything)
            stop = Stopped()
            raised = stopped_by(lambda: _fail(store, stop))
            expect("what leaves the transaction", raised, stop)
            expect("what is stored afterwards", store.run(_everything), before)

    def test_a_caught_error_leaves_the_transaction_usable(self) -> None:
        """Rule: after an error of this library that was caught, the transaction goes on.

        Usual cause: the storage gives up a transaction after a violated constraint.

        Fix: put a savepoint around what may be refused.
        """
        with self._store() as store:
            with store.transaction() as work:
                groups = work.groups
                _fill(work)
                stale = attrs.evolve(groups.get(A), version=9)
                for what, action, error in (
                    ("add()", lambda: groups.add(group()), DuplicateCodeError("A")),
                    ("get()", lambda: groups.get(MISSING), GroupNotFoundError(MISSING)),
                    ("replace()", lambda: groups.replace(stale), StaleGroupError("A", 9, 1)),
                ):
                    _expect_refusal(what, action, error)
                groups.add(group("C"))
            found = store.run(lambda work: codes_found(work.groups))
            expect("the groups after the commit", found, ["A", "B", "C"])

    def test_nothing_works_after_the_end(self) -> None:
        """Rule: after its end every use of a unit of work raises `TransactionClosedError`.

        Usual cause: the connection is closed or given back, and used again all the same.

        Fix: remember that the transaction ended; look at that in `groups` and `customers`,
        and in every method of the repository.
        """
        with self._store() as store:
            with store.transaction() as work:
                kept = work.groups
            broken: list[UnitOfWork] = []
            raised_by(lambda: _keep_and_fail(store, broken))
            for end, ended in (("a commit", work), ("a rollback", broken[0])):
                for what, use in (
                    ("groups", lambda ended=ended: ended.groups),
                    ("customers", lambda ended=ended: ended.customers),
                ):
                    expect_error(f"using {what} after {end}", use, TransactionClosedError())
            expect_error(
                "add() on a repository that was kept",
                lambda: kept.add(group()),
                TransactionClosedError(),
            )
            expect_error(
                "get() on a repository that was kept",
                lambda: kept.get(A),
                TransactionClosedError(),
            )

    def test_the_directory_knows_the_customers(self) -> None:
        """Rule: `customers` of a unit of work is the directory of those who may join.

        Usual cause: another directory than the one that lists are resolved by.

        Fix: build the repository on the directory that the unit of work gives out.
        """
        with self._store() as store, store.transaction() as work:
            asked = [customer.key for customer in CUSTOMERS]
            found = dict(work.customers.by_keys(asked))
            expect("customers.by_keys()", found, {each.key: each for each in CUSTOMERS})

    def test_run_returns_what_the_operation_returns(self) -> None:
        """Rule: `run` commits what the operation did, and returns its result.

        Usual cause: the result is lost, or the transaction is not ended.

        Fix: return the result after the commit.
        """
        with self._store() as store:
            expect("what run() returns", store.run(_fill_and_answer), "answer")
            found = store.run(lambda work: codes_found(work.groups))
            expect("the groups afterwards", found, ["A", "B"])

    def test_run_passes_exceptions_on(self) -> None:
        """Rule: an exception of the operation is passed on, after one attempt, and rolled back.

        Usual cause: every error is tried again, or an error of the caller is wrapped.

        Fix: repeat after `RetryableConflictError` only.
        """
        attempts: list[UnitOfWork] = []
        error = Interrupted("on purpose")

        def operation(work: UnitOfWork) -> None:
            attempts.append(work)
            _fill(work)
            raise error

        with self._store() as store:
            expect("what run() raises", raised_by(lambda: store.run(operation)), error)
            expect("how often the operation ran", len(attempts), 1)
            expect("the groups", store.run(lambda work: codes_found(work.groups)), [])

    def test_every_attempt_begins_anew(self) -> None:
        """Rule: each attempt of `run` has a new transaction, without what an earlier one did.

        Usual cause: the attempt is repeated in the same transaction, or was not rolled back.

        Fix: roll back, and open a transaction for each attempt.
        """
        found: list[list[str]] = []

        def operation(work: UnitOfWork) -> None:
            found.append(codes_found(work.groups))
            work.groups.add(group())
            if len(found) == 1:
                raise RetryableConflictError("somebody was in the way")

        with self._store() as store:
            raised = raised_by(lambda: store.run(operation))
            expect("the groups that each attempt began with", found, [[] for _ in found])
            stored = store.run(lambda work: codes_found(work.groups))
            expect("the groups afterwards", stored, [] if raised else ["A"])

    def test_a_conflict_without_end_is_a_conflict(self) -> None:
        """Rule: where every attempt meets a conflict, `run` raises `RetryableConflictError`.

        Usual cause: giving up has an error of its own, such as that of a library for retries.

        Fix: raise the error of the last attempt. Under the profile "deep" the conflict takes
        longer than most stores try; otherwise it is over soon, and `run` may succeed.
        """
        patience = _LONG_CONFLICT if self.profile == "deep" else _SHORT_CONFLICT
        end = time.monotonic() + patience

        def operation(work: UnitOfWork) -> None:
            work.groups.next_number("attempts")
            if time.monotonic() < end:
                raise RetryableConflictError("somebody is in the way")

        with self._store() as store:
            raised = raised_by(lambda: store.run(operation))
        is_conflict = raised is None or isinstance(raised, RetryableConflictError)
        expect_that(f"run() ends in a RetryableConflictError, not in {raised!r}", is_conflict)


def _fail_at_once(store: GroupStore, error: BaseException) -> None:
    with store.transaction():
        raise error


def _keep_and_fail(store: GroupStore, kept: list[UnitOfWork]) -> None:
    with store.transaction() as work:
        kept.append(work)
        raise Interrupted


def _fill_and_answer(work: UnitOfWork) -> str:
    _fill(work)
    return "answer"


def _expect_refusal(what: str, action: Callable[[], object], error: Exception) -> None:
    expect_error(f"{what} inside the transaction", action, error)

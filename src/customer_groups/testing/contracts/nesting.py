"""The rules about `atomic`: contexts inside a transaction."""

from collections.abc import Callable

from customer_groups.errors import DuplicateCodeError
from customer_groups.repository import GroupRepository
from customer_groups.testing.comparison import Everything, Interrupted
from customer_groups.testing.contracts.base import RepositoryRules
from customer_groups.testing.contracts.expectations import (
    Stopped,
    expect,
    expect_error,
    raised_by,
    stopped_by,
)
from customer_groups.testing.contracts.values import (
    NOON,
    A,
    B,
    codes_found,
    group,
    join,
    keys,
    lines,
)

__all__ = ["NestingRules"]


def _inside(
    groups: GroupRepository, change: Callable[[], object], error: BaseException | None = None
) -> None:
    """Change something inside a context, which an error may leave."""
    with groups.atomic():
        change()
        if error is not None:
            raise error


class NestingRules(RepositoryRules):
    """`atomic`."""

    def test_what_is_atomic_is_kept(self) -> None:
        """Rule: changes in a context that ends without an exception are kept.

        Usual cause: the savepoint is rolled back at its end, or the context commits.

        Fix: release the savepoint.
        """
        with self._store() as store:
            with store.transaction() as work:
                _inside(work.groups, lambda: work.groups.add(group()))
                expect("the groups after the context", codes_found(work.groups), ["A"])
            found = store.run(lambda work: codes_found(work.groups))
            expect("the groups after the commit", found, ["A"])

    def test_an_exception_leaves_the_context(self) -> None:
        """Rule: an exception that leaves the context passes on unchanged.

        Usual cause: the context swallows or wraps it.

        Fix: roll back to the savepoint, and raise it again.
        """
        error = Interrupted("on purpose")
        with self._groups() as groups:
            raised = raised_by(lambda: _inside(groups, lambda: groups.add(group()), error))
            expect("what leaves the context", raised, error)

    def test_an_exception_undoes_the_context(self) -> None:
        """Rule: everything that happened inside is undone: groups, members, counters.

        Usual cause: nothing is undone, or only part of it, such as rows without caches.

        Fix: use a savepoint, and keep no state outside of the storage.
        """
        with self._store() as store:
            with store.transaction() as work:
                groups = work.groups
                for code in (A, B):
                    groups.add(group(code))
                    join(groups, code, "ONE", "TWO")
                before = Everything()(groups)
                raised_by(lambda: _inside(groups, lambda: _change_all(groups), Interrupted()))
                expect("what is there after the context", Everything()(groups), before)
            with store.transaction() as work:
                expect("what is stored by the commit", Everything()(work.groups), before)

    def test_every_exception_undoes_the_context(self) -> None:
        """Rule: exceptions that are no `Exception`, such as a signal, undo the context, too.

        Usual cause: ``except Exception`` around the savepoint.

        Fix: ``except BaseException``, or release the savepoint only where none was raised.
        """
        with self._groups() as groups:
            for code in (A, B):
                groups.add(group(code))
                join(groups, code, "ONE", "TWO")
            before, stop = Everything()(groups), Stopped()
            raised = stopped_by(lambda: _inside(groups, lambda: _change_all(groups), stop))
            expect("what leaves the context", raised, stop)
            expect("what is there after the context", Everything()(groups), before)

    def test_the_transaction_goes_on_after_an_undone_context(self) -> None:
        """Rule: what was done before and after an undone context is kept.

        Usual cause: the whole transaction is rolled back, or unusable.

        Fix: roll back to the savepoint only.
        """
        with self._store() as store:
            with store.transaction() as work:
                groups = work.groups
                groups.add(group("A"))
                raised_by(lambda: _inside(groups, lambda: groups.add(group("B")), Interrupted()))
                groups.add(group("C"))
            found = store.run(lambda work: codes_found(work.groups))
            expect("the groups after the commit", found, ["A", "C"])

    def test_an_inner_context_is_undone_alone(self) -> None:
        """Rule: in nested contexts, undoing the inner one keeps what the outer one did.

        Usual cause: there is one savepoint, or all have the same name.

        Fix: make a savepoint for each context.
        """
        with self._groups() as groups:
            with groups.atomic():
                groups.add(group("A"))
                raised_by(lambda: _inside(groups, lambda: groups.add(group("B")), Interrupted()))
                groups.add(group("C"))
            expect("the groups after both contexts", codes_found(groups), ["A", "C"])

    def test_an_outer_context_undoes_the_inner_one(self) -> None:
        """Rule: in nested contexts, undoing the outer one undoes what the inner one kept.

        Usual cause: the inner context commits.

        Fix: release the inner savepoint, which leaves its changes to the outer one.
        """
        with self._groups() as groups:
            groups.add(group("A"))
            inner = group("C")

            def nest() -> None:
                groups.add(group("B"))
                _inside(groups, lambda: groups.add(inner))

            raised_by(lambda: _inside(groups, nest, Interrupted()))
            expect("the groups after both contexts", codes_found(groups), ["A"])

    def test_errors_may_be_caught_inside_and_outside(self) -> None:
        """Rule: after a refusal inside a context, caught inside or outside, the work goes on.

        Usual cause: the storage gives up the transaction, or the savepoint, after an error.

        Fix: roll back to the innermost savepoint before anything else is done.
        """
        refusal = DuplicateCodeError("A")
        with self._store() as store:
            with store.transaction() as work:
                groups = work.groups
                groups.add(group("A"))
                with groups.atomic():
                    expect_error("add() inside", lambda: groups.add(group("A")), refusal)
                    groups.add(group("B"))
                expect_error(
                    "add() that leaves the context",
                    lambda: _inside(groups, lambda: groups.add(group("A"))),
                    refusal,
                )
                groups.add(group("C"))
            found = store.run(lambda work: codes_found(work.groups))
            expect("the groups after the commit", found, ["A", "B", "C"])

    def test_a_rollback_undoes_what_was_atomic(self) -> None:
        """Rule: a transaction that is rolled back takes its contexts along.

        Usual cause: the end of a context commits.

        Fix: leave the commit to the transaction.
        """
        with self._store() as store:

            def fail() -> None:
                with store.transaction() as work:
                    _inside(work.groups, lambda: work.groups.add(group()))
                    raise Interrupted

            raised_by(fail)
            found = store.run(lambda work: codes_found(work.groups))
            expect("the groups after the rollback", found, [])


def _change_all(groups: GroupRepository) -> None:
    groups.add(group("C"))
    groups.replace(groups.get(A).renamed("Another", at=NOON))
    join(groups, A, "THREE")
    groups.remove_members(A, lines("ONE"), at=NOON, by=None)
    groups.rekey_customers({keys("TWO")[0]: keys("NEW")[0]}, at=NOON, by=None)
    groups.remove(B)

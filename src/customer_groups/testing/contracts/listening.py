"""The rules about what `on_outcome` is told, and about lists and listeners that raise."""

from collections.abc import Iterable, Iterator

from customer_groups.outcomes import Entry, Outcome
from customer_groups.repository import GroupRepository
from customer_groups.testing.comparison import Interrupted
from customer_groups.testing.contracts.base import RepositoryRules
from customer_groups.testing.contracts.expectations import expect, expect_that, raised_by
from customer_groups.testing.contracts.lists import LIST_METHODS
from customer_groups.testing.contracts.outcomes import told_by
from customer_groups.testing.contracts.values import (
    NOON,
    A,
    all_members,
    crowd,
    group,
    join,
    lines,
    member_keys,
    summary_of,
)

__all__ = ["ListeningRules"]


def _breaking(entries: Iterable[Entry], error: BaseException) -> Iterator[Entry]:
    """Yield all entries, and then raise."""
    yield from entries
    raise error


class ListeningRules(RepositoryRules):
    """`add_members`, `remove_members`, `replace_members`: what leaves them meanwhile."""

    def test_every_outcome_but_success_is_told(self) -> None:
        """Rule: `on_outcome` is told line, value and outcome, except for added and removed.

        Usual cause: only rejects are told, or successes as well.

        Fix: call it for everything that did not simply work, information included.
        """
        listed = lines("ONE", "TWO", "NOBODY", "TWIN", "ASLEEP", "ONE")
        added = ["already_member", "", "unknown", "ambiguous", "inactive", "duplicate"]
        removed = ["", "not_a_member", "unknown", "ambiguous", "not_a_member", "duplicate"]
        for method, outcomes in zip(LIST_METHODS, (added, removed, added), strict=True):
            pairs = zip(listed, outcomes, strict=True)
            expected = [(*entry, outcome) for entry, outcome in pairs if outcome]
            with self._groups() as groups:
                groups.add(group())
                join(groups, A, "ONE")
                expect(f"what {method}() told", told_by(groups, method, A, listed), expected)

    def test_outcomes_are_told_once_and_in_order(self) -> None:
        """Rule: each outcome is told once, in the order of the list, however long that is.

        Usual cause: outcomes are told part by part or kind by kind, or again when the parts
        are put together.

        Fix: order them by their position in the list, before telling them.
        """
        everybody = [customer.key for customer in crowd(1_100)]
        values = [value for key in everybody for value in (key, f"not {key}")]
        listed = lines(*values, *values[:700])
        with self._groups(crowd(1_100)) as groups:
            groups.add(group())
            join(groups, A, *everybody[::3])
            told = told_by(groups, "add_members", A, listed)
        places = [line for line, _, _ in told]
        expect_that("the lines are told in order, each once", places == sorted(set(places)))
        expect("how many outcomes are told", len(told), 1_100 + 367 + 700)
        pairs = [(line, value) for line, value, _ in told]
        expect_that(
            "each line is told with its value", pairs == [listed[line - 1] for line in places]
        )

    def test_lines_are_told_as_they_were_given(self) -> None:
        """Rule: lines may begin anywhere, have gaps, and hold several values.

        Usual cause: the adapter counts by itself, or keeps one value of a line.

        Fix: carry the given line along; keep a position of your own for the order.
        """
        entries = [(7, "NOBODY"), (7, "nobody"), (7, "ONE"), (900_000, "NOBODY"), (2**31, "?")]
        expected = [
            *((7, "NOBODY", "unknown"), (7, "nobody", "unknown"), (900_000, "NOBODY", "duplicate")),
            (2**31, "?", "unknown"),
        ]
        for method in ("add_members", "replace_members"):
            with self._groups() as groups:
                groups.add(group())
                expect(f"what {method}() told", told_by(groups, method, A, entries), expected)

    def test_nobody_needs_to_listen(self) -> None:
        """Rule: without `on_outcome`, lists work and are counted just the same.

        Usual cause: None is called, or outcomes are only computed for the listener.

        Fix: compute the counts from the outcomes, and tell only if there is a listener.
        """
        for method in LIST_METHODS:
            with self._groups() as groups:
                groups.add(group())
                counts = getattr(groups, method)(A, lines("NOBODY", "?"), at=NOON, by=None)
                expect(f"how many {method}() says are unknown", counts.unknown, 2)

    def _expect_undone(self, groups: GroupRepository, method: str, *, listener: bool) -> None:
        """Break a long list off, by its listener or by itself; nothing must be left of it."""
        error = Interrupted("on purpose")
        entries = lines(*(customer.key for customer in crowd(1_100)), "NOBODY")

        def listen(_line: int, _value: str, outcome: Outcome) -> None:
            if outcome is Outcome.UNKNOWN and listener:
                raise error

        before = (all_members(groups, A), summary_of(groups, A))
        raised = raised_by(
            lambda: getattr(groups, method)(
                A,
                entries if listener else _breaking(entries, error),
                at=NOON,
                by=None,
                on_outcome=listen,
            )
        )
        expect(f"what {method}() raises", raised, error)
        after = (all_members(groups, A), summary_of(groups, A))
        expect(f"members and summary after {method}() was broken off", after, before)

    def test_a_list_that_raises_undoes_the_call(self) -> None:
        """Rule: what the list raises passes unchanged, and nothing of the call is kept.

        Usual cause: parts that were sent before are kept, or the error is wrapped.

        Fix: make the call all-or-nothing, with a savepoint, and pass the error on.
        """
        for method in LIST_METHODS:
            with self._groups(crowd(1_100)) as groups:
                groups.add(group())
                join(groups, A, "crowd-00007", "crowd-01099")
                self._expect_undone(groups, method, listener=False)

    def test_a_listener_that_raises_undoes_the_call(self) -> None:
        """Rule: what `on_outcome` raises passes unchanged, and nothing of the call is kept.

        Usual cause: it is called after the members are stored, or the error is wrapped.

        Fix: make the call all-or-nothing, with a savepoint, and pass the error on.
        """
        for method in LIST_METHODS:
            with self._groups(crowd(1_100)) as groups:
                groups.add(group())
                join(groups, A, "crowd-00007", "crowd-01099")
                self._expect_undone(groups, method, listener=True)

    def test_the_transaction_goes_on_after_a_list_that_raised(self) -> None:
        """Rule: only the call is undone; the transaction goes on and can be committed.

        Usual cause: the transaction as a whole is rolled back, or left unusable.

        Fix: roll back to a savepoint of the call.
        """
        with self._store() as store:
            with store.transaction() as work:
                work.groups.add(group())
                join(work.groups, A, "ONE")
                broken = _breaking(lines("TWO"), Interrupted())
                raised = raised_by(lambda: work.groups.add_members(A, broken, at=NOON, by=None))
                expect_that(
                    f"what the list raises passes, not {raised!r}", isinstance(raised, Interrupted)
                )
                join(work.groups, A, "THREE")
            with store.transaction() as work:
                expect(
                    "the members after the commit", member_keys(work.groups, A), ["ONE", "THREE"]
                )

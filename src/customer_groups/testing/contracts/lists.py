"""The rules about lists of customers: what they may be, how long, and how they are counted."""

from collections.abc import Iterator, Sequence

import attrs

from customer_groups.outcomes import Entry, Outcome, OutcomeCounts
from customer_groups.testing.contracts.base import RepositoryRules
from customer_groups.testing.contracts.expectations import expect, expect_all
from customer_groups.testing.contracts.values import (
    EVENING,
    MORNING,
    NOON,
    A,
    B,
    crowd,
    group,
    join,
    lines,
    member_keys,
    summary_of,
)

__all__ = ["LIST_METHODS", "ListRules"]

LIST_METHODS = ("add_members", "remove_members", "replace_members")

_SIZES = (1, 2, 99, 100, 101, 499, 500, 501, 999, 1_000, 1_001)
_MANY = 5_001


@attrs.define
class _OnlyOnce:
    """A list that knows how often somebody began to read it."""

    entries: Sequence[Entry]
    begun: int = 0

    def __iter__(self) -> Iterator[Entry]:
        self.begun += 1
        return iter(self.entries)


class ListRules(RepositoryRules):
    """`add_members`, `remove_members`, `replace_members`: their lists."""

    def test_a_list_is_read_once(self) -> None:
        """Rule: the list may be any iterable, and is read from its beginning once.

        Usual cause: it is read once to resolve the codes, and again to insert them; of a
        generator the second time gives nothing.

        Fix: keep what was read, in memory or in a temporary table.
        """
        for method in LIST_METHODS:
            with self._groups() as groups:
                groups.add(group())
                join(groups, A, "ONE")
                once = _OnlyOnce(lines("TWO", "NOBODY", "ONE"))
                counts = getattr(groups, method)(A, once, at=NOON, by=None)
                expect(f"how often {method}() began to read the list", once.begun, 1)
                expect(f"how many {method}() says are unknown", counts.unknown, 1)

    def test_a_generator_is_a_list(self) -> None:
        """Rule: a generator gives the same result as a list.

        Usual cause: `len`, an index, or a second loop.

        Fix: take values from the iterable in parts, without asking for its length.
        """
        for method in LIST_METHODS:
            results = []
            for entries in (lines("TWO", "ONE"), (entry for entry in lines("TWO", "ONE"))):
                with self._groups() as groups:
                    groups.add(group())
                    join(groups, A, "ONE", "THREE")
                    counts = getattr(groups, method)(A, entries, at=NOON, by=None)
                    results.append((counts, member_keys(groups, A)))
            expect(f"counts and members after {method}() of a generator", results[1], results[0])

    def test_an_empty_list_is_a_list(self) -> None:
        """Rule: nothing is added or removed by an empty list, and all counts are 0.

        Usual cause: a statement without values, or a "first" entry that is not there.

        Fix: let an empty list pass through without a statement.
        """
        with self._groups() as groups:
            groups.add(group())
            join(groups, A, "ONE")
            for method in (groups.add_members, groups.remove_members):
                counts = method(A, iter(()), at=NOON, by=None)
                expect(f"the counts of {method.__name__}()", counts, OutcomeCounts())
            expect("the members", member_keys(groups, A), ["ONE"])

    def test_every_value_is_counted(self) -> None:
        """Rule: the counts say how many values had each outcome, and when members changed.

        Usual cause: some outcome is not counted, or rows are counted instead of values.

        Fix: count the outcome of each value of the list, once.
        """
        listed = lines("ONE", "TWO", "NOBODY", "TWIN", "ASLEEP", "THREE", "ONE", "NOBODY", "?")
        added = OutcomeCounts(
            added=2, already_member=1, unknown=2, ambiguous=1, inactive=1, duplicate=2, at=NOON
        )
        removed = OutcomeCounts(
            removed=1, not_a_member=3, unknown=2, ambiguous=1, duplicate=2, at=NOON
        )
        expected = [added, removed, attrs.evolve(added, removed=1)]
        for method, counts in zip(LIST_METHODS, expected, strict=True):
            with self._groups() as groups:
                groups.add(group())
                join(groups, A, "ONE", "k-apart")
                came = getattr(groups, method)(A, listed, at=NOON, by=None)
                expect(f"the counts of {method}()", came, counts)

    def test_no_value_is_lost_at_the_end_of_a_part(self) -> None:
        """Rule: lists of every length are read whole.

        Usual cause: values are sent to the storage in parts, and the last part, or the one
        that is exactly full, is forgotten.

        Fix: send what is left after the loop.
        """
        everybody = [customer.key for customer in crowd(_SIZES[-1])]
        with self._groups(crowd(_SIZES[-1])) as groups:
            groups.add(group())
            for size in _SIZES:
                listed = everybody[:size]
                counts = groups.replace_members(A, lines(*listed), at=NOON, by=None)
                named = counts.added + counts.already_member
                expect(f"how many of {size} joined or were members", named, size)
                expect_all(f"members() after {size} were listed", member_keys(groups, A), listed)
                counts = groups.remove_members(A, lines(*listed[1:]), at=NOON, by=None)
                expect(f"how many of {size - 1} are removed", counts.removed, size - 1)
                expect("the members who are left", member_keys(groups, A), listed[:1])

    def test_long_lists_are_counted_exactly(self) -> None:
        """Rule: outcomes do not depend on how long a list is, or how far values are apart.

        Usual cause: duplicates and members are only known within one part of the list.

        Fix: remember values across parts, or find duplicates in the storage.
        """
        everybody = [customer.key for customer in crowd(_MANY)]
        unknown = [f"nobody-{number}" for number in range(700)]
        listed = lines(*everybody, *unknown, *everybody[:600], *unknown[:10])
        with self._groups(crowd(_MANY)) as groups:
            groups.add(group())
            join(groups, A, *everybody[:2_000:2])
            counts = groups.add_members(A, listed, at=NOON, by=None)
            expected = OutcomeCounts(
                added=_MANY - 1_000, already_member=1_000, unknown=700, duplicate=610, at=NOON
            )
            expect(f"the counts of {len(listed):,} values", counts, expected)
            summary = summary_of(groups, A)
            expect("the number of customers", summary and summary.customers, _MANY)

    def test_long_lists_remove_exactly_their_customers(self) -> None:
        """Rule: a long list to remove removes these customers, and leaves all others.

        Usual cause: the last part is forgotten, or a range of keys is removed.

        Fix: remove by the exact keys, part by part.
        """
        everybody = [customer.key for customer in crowd(_MANY)]
        with self._groups(crowd(_MANY)) as groups:
            for code in (A, B):
                groups.add(group(code))
                join(groups, code, *everybody)
            counts = groups.remove_members(A, lines(*everybody[1::2]), at=NOON, by=None)
            expect("how many were removed", counts.removed, _MANY // 2)
            what = "members() after every other one left"
            expect_all(what, member_keys(groups, A), everybody[::2])
            summary = summary_of(groups, B)
            expect("the number of customers of 'B'", summary and summary.customers, _MANY)

    def test_long_lists_replace_all_members(self) -> None:
        """Rule: after a long list, the members are exactly those of the list.

        Usual cause: every part of the list replaces what the part before has stored.

        Fix: collect the whole list before members leave.
        """
        everybody = [customer.key for customer in crowd(_MANY)]
        with self._groups(crowd(_MANY)) as groups:
            groups.add(group())
            join(groups, A, *everybody[:1_500])
            counts = groups.replace_members(A, lines(*everybody[700:]), at=NOON, by=None)
            expected = OutcomeCounts(added=_MANY - 1_500, already_member=800, removed=700, at=NOON)
            expect("the counts", counts, expected)
            what = "members() after they were replaced"
            expect_all(what, member_keys(groups, A), everybody[700:])

    def test_values_may_come_at_any_length(self) -> None:
        """Rule: the longest codes and keys, of 140 characters, are told apart to their end.

        Usual cause: a column that is too short, or measured in bytes.

        Fix: make room for 140 characters of four bytes.
        """
        longest = ["😀" * 139 + end for end in "ab"]
        with self._groups(
            [*crowd(1), *(attrs.evolve(crowd(1)[0], code=c, key=c) for c in longest)]
        ) as groups:
            groups.add(group())
            counts = groups.add_members(A, lines(*longest), at=MORNING, by=None)
            expect("how many of two long codes were added", counts.added, 2)
            expect("the members", member_keys(groups, A), longest)
            counts = groups.remove_members(A, lines(longest[0]), at=EVENING, by=None)
            expect("the members after one left", member_keys(groups, A), longest[1:])
            expect("the outcome", counts.by_outcome()[Outcome.REMOVED], 1)

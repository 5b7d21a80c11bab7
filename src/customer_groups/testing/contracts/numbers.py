"""The rules about series of numbers."""

from functools import partial

from customer_groups.codes import parse_group_code
from customer_groups.errors import InvalidValueError
from customer_groups.repository import GroupRepository, GroupStore
from customer_groups.testing.comparison import Interrupted
from customer_groups.testing.contracts.base import RepositoryRules
from customer_groups.testing.contracts.expectations import (
    expect,
    expect_all,
    expect_error,
    expect_that,
    raised_by,
)
from customer_groups.testing.contracts.values import CUSTOMERS, group
from customer_groups.testing.driver import TENANTS

__all__ = ["NumberRules"]

_MANY = 1_100


def _draw(store: GroupStore, series: str = "codes:CG-") -> int:
    return store.run(lambda work: work.groups.next_number(series))


def _draw_and_fail(store: GroupStore) -> None:
    with store.transaction() as work:
        work.groups.next_number("codes:CG-")
        raise Interrupted


def _draw_inside_and_fail(groups: GroupRepository) -> None:
    with groups.atomic():
        groups.next_number("codes:CG-")
        raise Interrupted


def _fail_inside(groups: GroupRepository) -> None:
    with groups.atomic():
        raise Interrupted


class NumberRules(RepositoryRules):
    """`next_number`."""

    def test_a_series_counts_from_one(self) -> None:
        """Rule: the first number of a series is 1, and every number is one more than the last.

        Usual cause: counting from 0, or a series that must be set up before.

        Fix: make the series by its first use.
        """
        with self._groups() as groups:
            drawn = [groups.next_number("codes:CG-") for _ in range(3)]
            expect("the first three numbers", drawn, [1, 2, 3])

    def test_a_series_has_no_end(self) -> None:
        """Rule: however many numbers are drawn, the next one is one more.

        Usual cause: a column of a fixed width, numbers that are compared as texts, or a
        counter that begins anew.

        Fix: store a whole number, and compare it as one.
        """
        expected = [str(number) for number in range(1, _MANY + 1)]
        with self._groups() as groups:
            drawn = [str(groups.next_number("codes:CG-")) for _ in expected]
        expect_all(f"the first {_MANY:,} numbers", drawn, expected)

    def test_committed_numbers_never_come_back(self) -> None:
        """Rule: a number that was committed is never drawn again, in any later transaction.

        Usual cause: the series is kept in memory, or begins anew with each store.

        Fix: store the last number with the transaction.
        """
        with self._stores() as open_store:
            drawn = [_draw(open_store(TENANTS[0], CUSTOMERS)) for _ in range(3)]
            expect("numbers of three transactions", drawn, [1, 2, 3])

    def test_numbers_do_not_depend_on_groups(self) -> None:
        """Rule: whatever groups are added or removed, the series goes on.

        Usual cause: the number comes from counting groups, or from the largest code.

        Fix: keep a counter of its own.
        """
        with self._store() as store:
            with store.transaction() as work:
                for code in ("CG-000007", "CG-000008"):
                    work.groups.add(group(code))
            drawn = [_draw(store), _draw(store)]
            with store.transaction() as work:
                for code in ("CG-000007", "CG-000008"):
                    work.groups.remove(parse_group_code(code))
            expect(
                "numbers before and after groups were removed", [*drawn, _draw(store)], [1, 2, 3]
            )

    def test_series_count_for_themselves(self) -> None:
        """Rule: each series has its own numbers; names of series are compared exactly.

        Usual cause: one counter for all, or names that meet in a collation.

        Fix: keep the last number by exact name, of up to 64 characters.
        """
        names = ["codes:CG-", "codes:cg-", "codes:CG_", "a b", "a  b", "1", "01", "%", "'"]
        names += ["x" * 63 + end for end in "yz"]
        with self._groups() as groups:
            for expected in (1, 2):
                for series in names:
                    number = groups.next_number(series)
                    expect(f"number {expected} of the series {series!r}", number, expected)

    def test_a_rollback_gives_back_no_committed_number(self) -> None:
        """Rule: a rollback may give its own numbers back, but none that was committed.

        Usual cause: the counter is reset to an older value when a transaction fails.

        Fix: let the storage undo what the transaction wrote, or never give numbers back.
        """
        with self._store() as store:
            drawn = [_draw(store), _draw(store)]
            raised_by(partial(_draw_and_fail, store))
            after = [_draw(store), _draw(store)]
            with store.transaction() as work:
                raised_by(partial(_draw_inside_and_fail, work.groups))
                after.append(work.groups.next_number("codes:CG-"))
            rising = [*drawn, *after]
            expect_that(f"{rising} rise, with rollbacks after 2 and 4", sorted({*rising}) == rising)

    def test_an_undone_context_gives_back_no_number_drawn_before_it(self) -> None:
        """Rule: what is undone by `atomic` is what happened inside it; earlier numbers stay drawn.

        Usual cause: all numbers of the transaction are forgotten, or the counter goes back to
        what is committed.

        Fix: go back to where the context began.
        """
        with self._store() as store:
            with store.transaction() as work:
                drawn = [work.groups.next_number("codes:CG-")]
                for fail in (_fail_inside, _draw_inside_and_fail):
                    raised_by(partial(fail, work.groups))
                    drawn.append(work.groups.next_number("codes:CG-"))
            drawn.append(_draw(store))
        rises = sorted({*drawn}) == drawn
        expect_that(
            f"{drawn} rise, with a context that is undone after each of the first two", rises
        )

    def test_names_of_series_are_checked(self) -> None:
        """Rule: a series is named by 1 to 64 characters of printable ASCII, without outer spaces.

        Usual cause: any text is accepted, cut, or refused by the storage.

        Fix: pass it to `parse_series`.
        """
        with self._groups() as groups:
            for series in ("", " a", "a ", "ä", "a\n", "x" * 65):
                expect_error(
                    f"next_number({series!r})",
                    partial(groups.next_number, series),
                    InvalidValueError("series", series, "is malformed"),
                )
            expect("the first number of a good series", groups.next_number("a"), 1)

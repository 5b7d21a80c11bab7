"""The rules about when and by whom the members of a group changed."""

from datetime import timedelta, timezone

from customer_groups.model import LATEST_TIME
from customer_groups.query import GroupQuery
from customer_groups.repository import GroupRepository
from customer_groups.testing.contracts.base import RepositoryRules
from customer_groups.testing.contracts.expectations import expect
from customer_groups.testing.contracts.values import (
    CUSTOMERS,
    EVENING,
    MORNING,
    NOON,
    TICK,
    A,
    B,
    C,
    all_members,
    group,
    join,
    keys,
    lines,
    member_keys,
    summary_of,
)

__all__ = ["ChangeRules"]


def _last_change(groups: GroupRepository) -> object:
    """Return version, time and actor of the last change of the members of A."""
    summary = summary_of(groups, A)
    return summary and (
        summary.members_version,
        summary.members_changed_at,
        summary.members_changed_by,
    )


class ChangeRules(RepositoryRules):
    """Every change of members leaves a number, a version, a time and an actor."""

    def test_every_change_of_members_counts_once(self) -> None:
        """Rule: a call that changes members raises `members_version` by 1, however many change.

        Usual cause: it is raised for each member, or in `add_members` only.

        Fix: raise it once in each call that changes a membership.
        """
        with self._groups() as groups:
            groups.add(group())
            groups.add_members(A, lines("ONE", "TWO"), at=MORNING, by="anna")
            expect("after add_members()", _last_change(groups), (1, MORNING, "anna"))
            groups.remove_members(A, lines("ONE", "TWO"), at=NOON, by="bert")
            expect("after remove_members()", _last_change(groups), (2, NOON, "bert"))
            groups.replace_members(A, lines("TWO", "THREE"), at=EVENING, by=None)
            expect("after replace_members()", _last_change(groups), (3, EVENING, None))
            groups.replace_members(A, [], at=EVENING + TICK, by="anna")
            expect("after emptying it", _last_change(groups), (4, EVENING + TICK, "anna"))

    def test_what_changes_no_member_leaves_no_trace(self) -> None:
        """Rule: a call after which the members are the same leaves version, time and actor.

        Usual cause: the row of the group is written before anybody knows whether it must be.

        Fix: write it only if a membership was inserted or deleted.
        """
        with self._groups() as groups:
            groups.add(group())
            join(groups, A, "ONE", "TWO", at=MORNING, by="anna")
            for method, listed in (
                ("add_members", lines("ONE", "NOBODY", "TWIN", "ASLEEP", "ONE")),
                ("remove_members", lines("THREE", "NOBODY", "TWIN")),
                ("replace_members", lines("TWO", "ONE", "NOBODY")),
                ("add_members", []),
            ):
                counts = getattr(groups, method)(A, listed, at=NOON, by="bert")
                expect(f"`at` of the counts of {method}({listed})", counts.at, None)
                what = f"version, time and actor after {method}({listed})"
                expect(what, _last_change(groups), (1, MORNING, "anna"))

    def test_the_group_itself_does_not_change_with_its_members(self) -> None:
        """Rule: a change of members touches neither `version` nor `updated_at`, `updated_by`.

        Usual cause: one version for both, or a trigger on the row of the group.

        Fix: keep `members_version` and its time in columns of their own.
        """
        with self._groups() as groups:
            groups.add(group())
            join(groups, A, "ONE", at=NOON, by="bert")
            groups.remove_members(A, lines("ONE"), at=EVENING, by="bert")
            expect("get('A') after its members changed", groups.get(A), group())

    def test_the_counts_carry_the_time_that_is_stored(self) -> None:
        """Rule: `at` of the counts, `members_changed_at` and `added_at` are one time.

        Usual cause: the time that was passed is returned, though another one is stored.

        Fix: compute the time once, and use it everywhere.
        """
        with self._groups() as groups:
            groups.add(group())
            join(groups, A, "ONE", at=NOON)
            counts = join(groups, A, "TWO", at=MORNING)
            changed = summary_of(groups, A)
            times = (counts.at, changed and changed.members_changed_at)
            expect("`at` and members_changed_at", times, (NOON + TICK, NOON + TICK))
            added = [member.added_at for member in all_members(groups, A)]
            expect("added_at of ONE and TWO", added, [NOON, NOON + TICK])

    def test_every_change_has_a_time_of_its_own(self) -> None:
        """Rule: a change is stored with `at`, or one microsecond after the last if that is later.

        Usual cause: equal or earlier times are stored as they come, so that two imports
        cannot be told apart.

        Fix: store the later of `at` and the last time plus one microsecond.
        """
        with self._groups() as groups:
            groups.add(group())
            times = [
                join(groups, A, "ONE", at=NOON).at,
                join(groups, A, "TWO", at=NOON).at,
                groups.remove_members(A, lines("ONE"), at=MORNING, by=None).at,
                groups.replace_members(A, lines("ONE"), at=NOON, by=None).at,
                join(groups, A, "THREE", at=EVENING).at,
            ]
            expected = [NOON, NOON + TICK, NOON + 2 * TICK, NOON + 3 * TICK, EVENING]
            expect("the times of five changes", times, expected)

    def test_a_time_may_be_of_any_zone(self) -> None:
        """Rule: `at` is a moment, whatever zone it is given in.

        Usual cause: date and hour are stored, and the distance to UTC is not.

        Fix: turn the time into UTC before it is compared or stored.
        """
        early, late = timezone(-timedelta(hours=11)), timezone(timedelta(hours=13))
        with self._groups() as groups:
            groups.add(group())
            join(groups, A, "ONE", at=NOON.astimezone(early))
            join(groups, A, "TWO", at=(NOON + 2 * TICK).astimezone(late))
            added = [member.added_at for member in all_members(groups, A)]
            expect("added_at of ONE and TWO", added, [NOON, NOON + 2 * TICK])
            expect("version, time and actor", _last_change(groups), (2, NOON + 2 * TICK, "anna"))
            page = groups.members(A, limit=9, added_at=NOON.astimezone(late))
            expect("who was added at noon", [each.customer for each in page.items], ["ONE"])

    def test_the_first_change_may_be_at_any_time(self) -> None:
        """Rule: only earlier changes of members of the same group count.

        Usual cause: the time of creation, or of another group's members, or of the clock.

        Fix: compare with `members_changed_at` of this group only.
        """
        long_ago = MORNING - timedelta(days=9_999)
        with self._groups() as groups:
            for code in (A, B):
                groups.add(group(code))
            join(groups, B, "ONE", at=EVENING)
            expect("the time of the first change", join(groups, A, "ONE", at=long_ago).at, long_ago)

    def test_times_of_members_are_kept_to_the_microsecond(self) -> None:
        """Rule: the time of a change of members is stored exactly, in any year.

        Usual cause: a floating-point number of seconds, or a type that ends or rounds.

        Fix: store UTC with microseconds, for example as a text or a whole number.
        """
        times = [MORNING - timedelta(days=99_999), MORNING, LATEST_TIME - 3 * TICK]
        with self._groups() as groups:
            groups.add(group())
            for version, time in enumerate(times, start=1):
                customer = CUSTOMERS[version - 1].key
                join(groups, A, customer, at=time)
                expect("version, time and actor", _last_change(groups), (version, time, "anna"))
                page = groups.members(A, limit=9, added_at=time)
                expect(
                    f"who was added at {time}, and when",
                    [(each.customer, each.added_at) for each in page.items],
                    [(customer, time)],
                )

    def test_other_groups_do_not_change(self) -> None:
        """Rule: a change of one group's members is a change of no other group.

        Usual cause: the code of the group is missing in the condition of the update.

        Fix: write the row of this tenant and group.
        """
        with self._groups() as groups:
            for code in (A, B):
                groups.add(group(code))
                join(groups, code, "ONE")
            join(groups, B, "TWO", at=NOON)
            groups.replace_members(B, [], at=EVENING, by=None)
            expect("version, time and actor of 'A'", _last_change(groups), (1, MORNING, "anna"))
            expect("groups_of('ONE')", dict(groups.groups_of(keys("ONE"))), {"ONE": (group(),)})

    def test_the_number_of_customers_is_exact(self) -> None:
        """Rule: `customers` is always the number of memberships, whatever was tried.

        Usual cause: a counter is raised by the length of the list: by repeated, rejected or
        present customers, too.

        Fix: change the counter by the number of rows that were inserted or deleted.
        """
        with self._groups() as groups:
            groups.add(group())
            for method, listed in (
                ("add_members", lines("ONE", "TWO", "ONE", "NOBODY", "ASLEEP", "TWIN")),
                ("add_members", lines("ONE", "TWO", "APART")),
                ("remove_members", lines("THREE", "NOBODY", "APART", "k-apart", "APART")),
                ("remove_members", lines("APART")),
                ("replace_members", lines("TWO", "THREE", "THREE")),
                ("replace_members", lines("TWO", "THREE", "REUSED")),
            ):
                getattr(groups, method)(A, listed, at=NOON, by=None)
                summary = summary_of(groups, A)
                members = len(member_keys(groups, A))
                shown = summary and summary.customers
                expect(f"`customers` after {method}({listed})", shown, members)

    def test_every_group_has_a_number_of_its_own(self) -> None:
        """Rule: changes of one group's members leave the numbers of other groups alone.

        Usual cause: the code of the group is missing where the counter is changed.

        Fix: change the row of this tenant and group.
        """
        with self._groups() as groups:
            for code in (A, B, C):
                groups.add(group(code))
            join(groups, A, "ONE", "TWO")
            join(groups, B, "ONE")
            found = groups.find(GroupQuery(), limit=10).items
            shown = [summary.customers for summary in found]
            expect("`customers` of A, B and C", shown, [2, 1, 0])

"""The rules about who stays in a group whose members are replaced."""

from customer_groups.customers import Customer
from customer_groups.model import Membership
from customer_groups.outcomes import OutcomeCounts
from customer_groups.testing.contracts.base import RepositoryRules
from customer_groups.testing.contracts.expectations import expect
from customer_groups.testing.contracts.values import (
    CUSTOMERS,
    MORNING,
    NOON,
    A,
    all_members,
    group,
    join,
    keys,
    lines,
    member_keys,
)
from customer_groups.testing.driver import TENANTS

__all__ = ["StayingRules"]


class StayingRules(RepositoryRules):
    """`replace_members`."""

    def test_replacing_leaves_exactly_the_listed(self) -> None:
        """Rule: after `replace_members`, members are those with `added` or `already_member`.

        Usual cause: customers are only added, or those who left are not counted.

        Fix: remove everybody whom the list does not name, and count them as `removed`.
        """
        with self._groups() as groups:
            groups.add(group())
            join(groups, A, "ONE", "TWO", "k-apart")
            listed = lines("THREE", "ONE", "NOBODY")
            counts = groups.replace_members(A, listed, at=NOON, by="bert")
            expected = OutcomeCounts(added=1, already_member=1, unknown=1, removed=2, at=NOON)
            expect("the counts of replace_members()", counts, expected)
            expect("the members", member_keys(groups, A), ["ONE", "THREE"])

    def test_who_stays_is_as_before(self) -> None:
        """Rule: who was a member already keeps `added_at` and `added_by`, whatever is listed.

        Usual cause: memberships are overwritten, or all deleted and inserted again.

        Fix: insert only those who join, and delete only those who leave.
        """
        for method in ("add_members", "replace_members"):
            with self._groups() as groups:
                groups.add(group())
                join(groups, A, "ONE", at=MORNING, by="anna")
                getattr(groups, method)(A, lines("ONE", "TWO"), at=NOON, by="bert")
                expected = [
                    Membership(A, keys("ONE")[0], MORNING, "anna"),
                    Membership(A, keys("TWO")[0], NOON, "bert"),
                ]
                expect(f"members() after {method}()", all_members(groups, A), expected)

    def test_rejected_members_leave_when_members_are_replaced(self) -> None:
        """Rule: a member whose line is rejected leaves; an inactive one that is listed stays.

        Usual cause: rejected lines are taken for "do not touch", or inactive members leave.

        Fix: keep those with the outcome `already_member`, and nobody else.
        """
        members = [Customer(None, key=key) for key in ("ASLEEP", "gone", "k-twin-1", "ONE")]
        with self._stores() as open_store:
            with open_store(TENANTS[0], members).transaction() as work:
                work.groups.add(group())
                join(work.groups, A, *(customer.key for customer in members))
            with open_store(TENANTS[0], CUSTOMERS).transaction() as work:
                listed = lines("ASLEEP", "gone", "TWIN")
                counts = work.groups.replace_members(A, listed, at=NOON, by=None)
                expected = OutcomeCounts(
                    already_member=1, unknown=1, ambiguous=1, removed=3, at=NOON
                )
                expect("the counts of replace_members()", counts, expected)
                expect("the members", member_keys(work.groups, A), ["ASLEEP"])

    def test_an_empty_list_empties_the_group(self) -> None:
        """Rule: `replace_members` by nobody ends every membership.

        Usual cause: an empty list returns early.

        Fix: treat it as any other list.
        """
        with self._groups() as groups:
            groups.add(group())
            join(groups, A, "ONE", "TWO")
            counts = groups.replace_members(A, iter(()), at=NOON, by=None)
            expect("the counts", counts, OutcomeCounts(removed=2, at=NOON))
            expect("the members", member_keys(groups, A), [])

    def test_members_are_replaced_by_key(self) -> None:
        """Rule: with `by_key`, `replace_members` takes keys; who is gone does not stay.

        Usual cause: the option is ignored.

        Fix: pass it on to the look-up.
        """
        with self._groups() as groups:
            groups.add(group())
            join(groups, A, "ONE", "k-twin-1")
            listed = lines("k-twin-1", "k-twin-2", "TWIN")
            counts = groups.replace_members(A, listed, at=NOON, by=None, by_key=True)
            expected = OutcomeCounts(added=1, already_member=1, unknown=1, removed=1, at=NOON)
            expect("the counts", counts, expected)
            expect("the members", member_keys(groups, A), ["k-twin-1", "k-twin-2"])

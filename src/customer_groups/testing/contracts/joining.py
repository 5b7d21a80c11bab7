"""The rules about who becomes a member, and with which outcome."""

from functools import partial

from customer_groups.customers import Customer
from customer_groups.errors import GroupNotFoundError
from customer_groups.model import Membership
from customer_groups.testing.contracts.expectations import expect, expect_error
from customer_groups.testing.contracts.outcomes import OutcomeRules, outcomes_of
from customer_groups.testing.contracts.values import (
    CUSTOMERS,
    MISSING,
    MORNING,
    NOON,
    A,
    B,
    all_members,
    group,
    join,
    lines,
    member_keys,
)
from customer_groups.testing.driver import TENANTS

__all__ = ["JoiningRules"]


class JoiningRules(OutcomeRules):
    """`add_members`: which customers join."""

    def test_listed_customers_join(self) -> None:
        """Rule: each customer whose code is listed becomes a member, at that time, by that actor.

        Usual cause: a list that is not read to its end, or a field that is not stored.

        Fix: insert one membership for each resolved customer, with `at` and `by`.
        """
        with self._groups() as groups:
            groups.add(group())
            counts = groups.add_members(A, lines("TWO", "ONE"), at=NOON, by="bert ß")
            expect("how many were added", counts.added, 2)
            expected = [Membership(A, key, NOON, "bert ß") for key in ("ONE", "TWO")]
            expect("members() of 'A'", all_members(groups, A), expected)

    def test_an_unknown_code_adds_nobody(self) -> None:
        """Rule: a code that no customer has is `unknown`.

        Usual cause: a membership of somebody who does not exist, or an error for the list.

        Fix: only customers of the directory become members; report the others.
        """
        self._expect_outcomes("NOBODY ONE", "unknown added", "ONE")

    def test_an_ambiguous_code_adds_nobody(self) -> None:
        """Rule: a code that several customers have is `ambiguous`, unless one of them is active.

        Usual cause: the first customer found, or all of them, become members.

        Fix: take the only one, or the only active one; otherwise none.
        """
        self._expect_outcomes("TWIN CLOSED", "ambiguous ambiguous", "")

    def test_the_only_active_customer_of_a_code_is_meant(self) -> None:
        """Rule: of several customers with a code, the only active one becomes a member.

        Usual cause: every repeated code counts as ambiguous, or the first customer is taken.

        Fix: look at who is active before calling a code ambiguous.
        """
        self._expect_outcomes("REUSED", "added", "k-new")

    def test_inactive_customers_do_not_join(self) -> None:
        """Rule: the only customer of a code who is not active is `inactive`, and stays outside.

        Usual cause: the flag is not looked at, or the customer counts as unknown.

        Fix: look up inactive customers as well, and refuse them.
        """
        self._expect_outcomes("ASLEEP", "inactive", "")

    def test_members_are_already_members(self) -> None:
        """Rule: a customer who is in the group is `already_member`, and nothing else happens.

        Usual cause: the violated constraint passes as an error, or a second row is made.

        Fix: look up who is a member before inserting.
        """
        self._expect_outcomes("ONE TWO", "already_member added", "ONE TWO", before=["ONE"])

    def test_an_inactive_member_is_already_a_member(self) -> None:
        """Rule: `already_member` comes before `inactive`.

        Usual cause: the flag is looked at first.

        Fix: keep the order of `Outcome`.
        """
        awake = [Customer("ASLEEP")]
        with self._stores() as open_store:
            with open_store(TENANTS[0], awake).transaction() as work:
                work.groups.add(group())
                join(work.groups, A, "ASLEEP")
            with open_store(TENANTS[0], CUSTOMERS).transaction() as work:
                came = outcomes_of(work.groups, A, ["ASLEEP"])
                expect("the outcome of an inactive member", came, ["already_member"])

    def test_an_ambiguous_code_of_a_member_is_ambiguous(self) -> None:
        """Rule: `ambiguous` comes before `already_member`: the code does not say who is meant.

        Usual cause: the members are searched by code before the directory is asked.

        Fix: resolve the code first.
        """
        before = ["k-twin-1", "k-twin-2"]
        self._expect_outcomes("TWIN", "ambiguous", "k-twin-1 k-twin-2", before=before)

    def test_a_repeated_value_is_a_duplicate(self) -> None:
        """Rule: a value that stood earlier in the list is `duplicate`, whatever became of that.

        Usual cause: only values that were added count, or the second one is looked up again.

        Fix: remember every value of the list, also rejected ones.
        """
        self._expect_outcomes(
            "ONE NOBODY TWIN ASLEEP TWO NOBODY ONE ASLEEP TWIN TWO ONE",
            "added unknown ambiguous inactive already_member" + " duplicate" * 6,
            "ONE TWO",
            before=["TWO"],
        )

    def test_inactive_groups_gain_members(self) -> None:
        """Rule: an inactive group may be edited; customers join it.

        Usual cause: the status of the group is mixed up with that of customers.

        Fix: do not look at the status of the group.
        """
        with self._groups() as groups:
            groups.add(group().deactivated(at=NOON))
            expect("the outcome", outcomes_of(groups, A, ["ONE"]), ["added"])

    def test_a_customer_may_be_in_several_groups(self) -> None:
        """Rule: membership in one group says nothing about another.

        Usual cause: memberships are unique by customer, instead of by group and customer.

        Fix: make tenant, group and customer together the key.
        """
        with self._groups() as groups:
            groups.add(group("A"))
            groups.add(group("B"))
            join(groups, A, "ONE")
            expect("the outcome in 'B'", outcomes_of(groups, B, ["ONE", "TWO"]), ["added", "added"])
            expect("members() of 'A'", member_keys(groups, A), ["ONE"])

    def test_a_missing_group_gains_no_members(self) -> None:
        """Rule: lists for a code that no group has raise `GroupNotFoundError`, empty ones too.

        Usual cause: memberships without a group, or an empty list that is never looked at.

        Fix: look for the group first.
        """
        with self._groups() as groups:
            for method in (groups.add_members, groups.remove_members, groups.replace_members):
                for listed in ([], lines("ONE")):
                    expect_error(
                        f"{method.__name__}() of a missing group, {len(listed)} entries",
                        partial(method, MISSING, listed, at=MORNING, by=None),
                        GroupNotFoundError(MISSING),
                    )
            groups.add(group(MISSING))
            expect("the members of that code", member_keys(groups, MISSING), [])

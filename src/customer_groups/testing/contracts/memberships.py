"""The rules about looking memberships up."""

from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

from customer_groups.customers import Customer
from customer_groups.errors import GroupNotFoundError
from customer_groups.model import GroupStatus, Membership
from customer_groups.paging import Page
from customer_groups.query import GroupQuery
from customer_groups.repository import GroupRepository, UnitOfWork
from customer_groups.testing.contracts.base import RepositoryRules
from customer_groups.testing.contracts.expectations import (
    expect,
    expect_all,
    expect_entries,
    expect_error,
    expect_that,
)
from customer_groups.testing.contracts.values import (
    CUSTOMERS,
    LOOKALIKES,
    MISSING,
    MORNING,
    NOON,
    TICK,
    A,
    B,
    all_items,
    codes_found,
    crowd,
    group,
    join,
    keys,
    lines,
    member_keys,
)
from customer_groups.testing.driver import TENANTS

__all__ = ["MembershipRules"]

_MANY = 2_100


def _added_at(groups: GroupRepository, time: datetime, after: str | None) -> Page[Membership]:
    return groups.members(A, limit=1, added_at=time, after=after)


def _fill(work: UnitOfWork) -> None:
    work.groups.add(group())
    join(work.groups, A, "ONE", "TWO")


def _expect_one_and_two_found(groups: GroupRepository) -> None:
    asked = keys("ONE", "TWO", "NOBODY")
    found = groups.which_are_members(A, asked)
    expect(f"which_are_members('A', {asked})", found, frozenset({"ONE", "TWO"}))
    expected = {"ONE": (group(),), "TWO": (group(),), "NOBODY": ()}
    expect(f"groups_of({asked})", dict(groups.groups_of(asked)), expected)
    for key in ("ONE", "TWO"):
        expect(f"find(customer={key!r})", codes_found(groups, GroupQuery(customer=key)), ["A"])
    expect("members('A')", member_keys(groups, A), ["ONE", "TWO"])


class MembershipRules(RepositoryRules):
    """`members`, `groups_of`, `which_are_members`."""

    def test_members_of_one_import_are_found(self) -> None:
        """Rule: with `added_at`, only members who were added at exactly this time are listed.

        Usual cause: times are rounded, or compared with "since".

        Fix: store microseconds, and compare for equality.
        """
        with self._groups() as groups:
            groups.add(group())
            join(groups, A, "ONE", at=NOON)
            join(groups, A, "TWO", "THREE", at=NOON + TICK)
            for time, expected in ((NOON, ["ONE"]), (NOON + TICK, ["THREE", "TWO"]), (MORNING, [])):
                found = all_items(partial(_added_at, groups, time))
                came = [member.customer for member in found]
                expect(f"members(added_at={time}), limit=1", came, expected)

    def test_members_have_no_total(self) -> None:
        """Rule: the `total` of a page of members is None; the group knows their number.

        Usual cause: a count of all members for each page.

        Fix: leave it out.
        """
        with self._groups() as groups:
            groups.add(group())
            join(groups, A, "ONE")
            expect("the total of members()", groups.members(A, limit=1).total, None)

    def test_a_missing_group_has_no_members(self) -> None:
        """Rule: `members` and `which_are_members` of a missing group raise `GroupNotFoundError`.

        Usual cause: an empty answer, because there are no rows.

        Fix: look for the group where nothing is found.
        """
        with self._groups() as groups:
            expect_error(
                "members() of a missing group",
                lambda: groups.members(MISSING, limit=10),
                GroupNotFoundError(MISSING),
            )
            for asked in (keys("ONE"), []):
                expect_error(
                    f"which_are_members() of a missing group, asked for {asked}",
                    partial(groups.which_are_members, MISSING, asked),
                    GroupNotFoundError(MISSING),
                )

    def test_groups_of_answers_for_every_key(self) -> None:
        """Rule: each key that was asked for has an entry; it is empty where there is no group.

        Usual cause: only keys that were found are in the answer, or the directory is asked.

        Fix: begin with an empty entry for each key.
        """
        with self._groups() as groups:
            groups.add(group())
            join(groups, A, "ONE")
            asked = {*keys("ONE", "TWO", "NOBODY")}
            expected = {"ONE": (group(),), "TWO": (), "NOBODY": ()}
            expect(f"groups_of({sorted(asked)})", dict(groups.groups_of(asked)), expected)
            expect("groups_of() nobody", dict(groups.groups_of([])), {})

    def test_keys_may_be_repeated_in_the_question(self) -> None:
        """Rule: a key that is asked for twice has the same answer as one that is asked for once.

        Usual cause: a join with the list of keys, or a loop over it, gives a group twice.

        Fix: ask for each key once.
        """
        with self._groups() as groups:
            groups.add(group())
            join(groups, A, "ONE")
            asked = keys("ONE", "TWO", "ONE", "TWO", "ONE")
            expected = {"ONE": (group(),), "TWO": ()}
            expect(f"groups_of({asked})", dict(groups.groups_of(asked)), expected)
            found = groups.which_are_members(A, asked)
            expect(f"which_are_members('A', {asked})", found, frozenset({"ONE"}))

    def test_groups_of_a_customer_are_ordered_by_code(self) -> None:
        """Rule: the groups of a customer are whole groups, ordered by code, inactive ones too.

        Usual cause: they stand in the order of joining, or inactive groups are left out.

        Fix: order by the code in code-point order; leave groups out only by `status`.
        """
        with self._groups() as groups:
            for code in ("B", "A_1", "A", "A-1", "AA"):
                groups.add(group(code))
                join(groups, group(code).code, "ONE")
            groups.replace(groups.get(B).deactivated(at=NOON))
            found = dict(groups.groups_of(keys("ONE")))
            ordered = [groups.get(group(code).code) for code in ("A", "A-1", "AA", "A_1", "B")]
            expect("groups_of('ONE')", found, {"ONE": tuple(ordered)})

    def test_a_customer_may_be_in_many_groups(self) -> None:
        """Rule: all groups of a customer are returned, however many there are.

        Usual cause: the groups are read page by page, and only the first page is used.

        Fix: read all of them.
        """
        codes = [group(f"G{number:03}").code for number in range(120)]
        with self._groups() as groups:
            for code in codes:
                groups.add(group(code))
                join(groups, code, "ONE")
            [one] = keys("ONE")
            found = groups.groups_of([one]).get(one, ())
            expect_all("groups_of('ONE')", [each.code for each in found], codes)

    def test_answers_cannot_change_what_is_stored(self) -> None:
        """Rule: the repository neither keeps nor hands out anything that can be changed.

        Usual cause: an inner list or dictionary is returned, or a list that was passed is kept.

        Fix: return new values; copy what is passed.
        """
        listed, mapping = lines("ONE", "TWO"), dict.fromkeys(keys("TWO"), keys("NEW")[0])
        with self._groups() as groups:
            groups.add(group())
            groups.add_members(A, listed, at=NOON, by=None)
            groups.rekey_customers(mapping, at=NOON, by=None)
            answer: Any = groups.groups_of(keys("ONE"))
            with suppress(TypeError, AttributeError):
                answer.clear()
            listed.clear()
            mapping.clear()
            expect("the members", member_keys(groups, A), ["NEW", "ONE"])
            found = dict(groups.groups_of(keys("ONE")))
            expect("groups_of('ONE')", found, {"ONE": (group(),)})

    def test_groups_of_may_be_asked_by_status(self) -> None:
        """Rule: with a status, only groups with that status are in the answer.

        Usual cause: the status is ignored, or keys without such a group are left out.

        Fix: compare the status of the group; keep an entry for each key.
        """
        with self._groups() as groups:
            for code in (A, B):
                groups.add(group(code))
                join(groups, code, "ONE")
            join(groups, A, "TWO")
            inactive = groups.replace(groups.get(A).deactivated(at=NOON))
            for status, expected in (
                (GroupStatus.ACTIVE, {"ONE": (group("B"),), "TWO": ()}),
                (GroupStatus.INACTIVE, {"ONE": (inactive,), "TWO": (inactive,)}),
            ):
                found = dict(groups.groups_of(keys("ONE", "TWO"), status=status))
                expect(f"groups_of(status={status})", found, expected)

    def test_which_are_members_returns_the_subset(self) -> None:
        """Rule: the answer is a frozenset of those of the keys that are members of this group.

        Usual cause: all members are returned, those of any group, or a list.

        Fix: look up these keys in this group.
        """
        with self._groups() as groups:
            for code in (A, B):
                groups.add(group(code))
            join(groups, A, "ONE", "k-apart")
            join(groups, B, "TWO")
            found = groups.which_are_members(A, keys("ONE", "TWO", "NOBODY", "APART"))
            expect("which_are_members('A', ...)", found, frozenset({"ONE"}))
            expect_that(
                f"the answer is a frozenset, not a {type(found).__name__}",
                isinstance(found, frozenset),
            )
            expect("which of nobody are members", groups.which_are_members(A, []), frozenset())

    def test_look_ups_do_not_ask_the_directory(self) -> None:
        """Rule: a member is found by its key, whatever became of the customer in the directory.

        Usual cause: memberships are joined with the customers, or keys are looked up first.

        Fix: look in the memberships only.
        """
        with self._stores() as open_store:
            open_store(TENANTS[0], CUSTOMERS).run(_fill)
            for customers in ((), [Customer("ONE", active=False)], [Customer("OTHER")]):
                with open_store(TENANTS[0], customers).transaction() as work:
                    _expect_one_and_two_found(work.groups)

    def test_groups_and_keys_are_kept_apart(self) -> None:
        """Rule: a membership is known by its group and its key, and never by both run together.

        Usual cause: one key of storage is made of code and customer, joined by a character
        that may stand in them, so that two memberships meet.

        Fix: keep them in two columns, or escape the character.
        """
        signs = "._/-"
        with self._groups([Customer("C"), *(Customer(f"B{sign}C") for sign in signs)]) as groups:
            groups.add(group())
            join(groups, A, *(f"B{sign}C" for sign in signs))
            for sign in signs:
                other = group(f"A{sign}B")
                groups.add(other)
                expect(f"members of {other.code!r}", member_keys(groups, other.code), [])
                added = join(groups, other.code, "C").added
                expect(f"how many join {other.code!r} by the key 'C'", added, 1)
                groups.remove(other.code)
            left = sorted(f"B{sign}C" for sign in signs)
            expect("the members of 'A' afterwards", member_keys(groups, A), left)

    def test_keys_are_compared_character_by_character(self) -> None:
        """Rule: look-ups by key find the exact key, and never a similar one.

        Usual cause: a collation in the comparison, or keys that become numbers.

        Fix: a binary collation on the key of memberships.
        """
        everybody = [Customer(code) for code in LOOKALIKES]
        some, others = keys(*LOOKALIKES[::2]), keys(*LOOKALIKES[1::2])
        with self._groups(everybody) as groups:
            groups.add(group())
            join(groups, A, *some)
            found = groups.which_are_members(A, keys(*LOOKALIKES))
            expect("which_are_members()", found, frozenset(some))
            expected = dict.fromkeys(some, (group(),)) | dict.fromkeys(others, ())
            expect("groups_of()", dict(groups.groups_of(keys(*LOOKALIKES))), expected)

    def test_large_batches_are_looked_up_whole(self) -> None:
        """Rule: look-ups take any number of keys, and answer for each as if it were alone.

        Usual cause: a limit of the storage on bound values, or parts that are forgotten or
        overlap, so that somebody has no group, or one group twice.

        Fix: ask in parts that have no key in common, and put the answers together.
        """
        everybody = [customer.key for customer in crowd(_MANY)]
        with self._groups(crowd(_MANY)) as groups:
            groups.add(group())
            join(groups, A, *everybody[1:])
            found = groups.which_are_members(A, everybody)
            what = f"which_are_members() of {_MANY:,}"
            expect_all(what, sorted(found), everybody[1:])
            expected = {key: (group(),) for key in everybody} | {everybody[0]: ()}
            expect_entries(f"groups_of() of {_MANY:,}", groups.groups_of(everybody), expected)

"""The rules about customers who get other keys."""

from collections.abc import Mapping
from itertools import pairwise

from customer_groups.customers import Customer, CustomerKey
from customer_groups.model import Membership
from customer_groups.query import GroupQuery
from customer_groups.repository import GroupRepository
from customer_groups.testing.contracts.base import RepositoryRules
from customer_groups.testing.contracts.expectations import expect, expect_all, expect_that
from customer_groups.testing.contracts.values import (
    EVENING,
    LOOKALIKES,
    MORNING,
    NOON,
    TICK,
    A,
    B,
    C,
    all_members,
    crowd,
    group,
    join,
    keys,
    member_keys,
    summary_of,
)

__all__ = ["RekeyingRules"]


def _rekey(groups: GroupRepository, **mapping: str | None) -> int:
    """Give customers other keys at noon, in the name of bert."""
    given = {
        CustomerKey(old): None if new is None else CustomerKey(new) for old, new in mapping.items()
    }
    return groups.rekey_customers(given, at=NOON, by="bert")


def _changed_by(groups: GroupRepository) -> str | None:
    [summary] = groups.find(GroupQuery(), limit=1).items
    return summary.members_changed_by


class RekeyingRules(RepositoryRules):
    """`rekey_customers`."""

    def _expect_members(
        self, mapping: Mapping[str, str | None], before: Mapping[str, int], after: Mapping[str, int]
    ) -> None:
        """Rekey members who were added at some time, in microseconds after the morning."""
        customers = [Customer(key) for key in before]
        with self._groups(customers) as groups:
            groups.add(group())
            for key, time in sorted(before.items(), key=lambda item: item[1]):
                join(groups, A, key, at=MORNING + time * TICK, by=f"by {key}")
            old = {member.added_by: member.added_at for member in all_members(groups, A)}
            _rekey(groups, **mapping)
            came = {
                member.customer: round((member.added_at - MORNING) / TICK)
                for member in all_members(groups, A)
            }
            expect(f"members, and when they were added, after {dict(mapping)}", came, dict(after))
            kept = {member.added_by: member.added_at for member in all_members(groups, A)}
            expect_that(
                f"time and actor stay together: {kept}, from {old}", kept.items() <= old.items()
            )
            summary = summary_of(groups, A)
            expect("the number of customers", summary and summary.customers, len(after))

    def test_memberships_follow_a_new_key(self) -> None:
        """Rule: the membership of an old key becomes one of the new key, with time and actor.

        Usual cause: the membership is removed and added again, now.

        Fix: change the key of the membership, and nothing else of it.
        """
        with self._groups() as groups:
            groups.add(group())
            join(groups, A, "ONE", "TWO")
            _rekey(groups, ONE="NEW")
            expected = [Membership(A, key, MORNING, "anna") for key in keys("NEW", "TWO")]
            expect("the members of 'A'", all_members(groups, A), expected)
            found = dict(groups.groups_of(keys("ONE", "NEW")))
            expect("the groups of both keys", found, {"ONE": (), "NEW": (group(),)})

    def test_memberships_follow_in_all_groups(self) -> None:
        """Rule: every group is changed, inactive ones too, and their number is returned.

        Usual cause: only one group, or only active ones, are looked at; or members are counted.

        Fix: change all memberships of the tenant; return how many groups have changed members.
        """
        with self._groups() as groups:
            for code in (A, B, C):
                groups.add(group(code))
            groups.replace(groups.get(B).deactivated(at=NOON))
            join(groups, A, "ONE", "TWO")
            join(groups, B, "ONE")
            join(groups, C, "THREE")
            expect("how many groups changed", _rekey(groups, ONE="NEW", TWO="NEWER"), 2)
            members = [member_keys(groups, code) for code in (A, B, C)]
            expect("the members of A, B and C", members, [["NEW", "NEWER"], ["NEW"], ["THREE"]])

    def test_keys_may_be_swapped(self) -> None:
        """Rule: all keys change at once, so two customers may swap theirs.

        Usual cause: the keys change one after the other, and the two memberships meet.

        Fix: compute all memberships first, then store them.
        """
        self._expect_members({"x": "y", "y": "x"}, {"x": 0, "y": 1}, {"y": 0, "x": 1})

    def test_keys_may_form_a_chain(self) -> None:
        """Rule: all keys change at once, so in a chain each member moves by one step.

        Usual cause: the keys change one after the other: the first member moves twice, or
        meets the next one.

        Fix: compute all memberships first, then store them.
        """
        chain = {"x": "y", "y": "z", "z": "w"}
        self._expect_members(chain, {"x": 2, "y": 1, "z": 0}, {"y": 2, "z": 1, "w": 0})
        self._expect_members(chain, {"x": 0, "z": 1}, {"y": 0, "w": 1})
        self._expect_members({"x": "y", "y": None}, {"x": 1, "y": 0}, {"y": 1})

    def test_a_merged_customer_stays_a_member_once(self) -> None:
        """Rule: where the new key is a member itself, its own membership stays as it was.

        Usual cause: a violated constraint, a second membership, or the older one wins.

        Fix: drop the memberships that move to a key that stays.
        """
        self._expect_members({"x": "y"}, {"x": 0, "y": 1}, {"y": 1})
        self._expect_members({"x": "y", "y": "y"}, {"x": 0, "y": 1}, {"y": 1})

    def test_of_merged_members_the_first_one_stays(self) -> None:
        """Rule: where several move to a key that was no member, the one added first stays.

        Usual cause: the last one written wins, or the first one by key.

        Fix: keep the one with the earliest `added_at`.
        """
        merged = dict.fromkeys("xyz", "new")
        self._expect_members(merged, {"x": 2, "y": 1, "z": 3}, {"new": 1})
        self._expect_members(
            {"x": "y", "y": "x", "z": "x"}, {"x": 3, "y": 2, "z": 1}, {"y": 3, "x": 1}
        )

    def test_age_is_not_the_order_of_writing(self) -> None:
        """Rule: the membership that was added first is the one with the earliest `added_at`.

        Usual cause: the order in which rows were written, which an earlier new key changes.

        Fix: compare `added_at`.
        """
        with self._groups() as groups:
            groups.add(group())
            join(groups, A, "ONE", at=MORNING)
            join(groups, A, "TWO", at=MORNING + TICK)
            _rekey(groups, ONE="z", TWO="y")
            _rekey(groups, z="a")
            _rekey(groups, y="b", a="c")
            _rekey(groups, b="new", c="new")
            expected = [Membership(A, key, MORNING, "anna") for key in keys("new")]
            expect("the member after all others merged", all_members(groups, A), expected)
            join(groups, A, "THREE", at=EVENING)
            _rekey(groups, new="z")
            _rekey(groups, THREE="last", z="last")
            expected = [Membership(A, key, MORNING, "anna") for key in keys("last")]
            expect("the member after another merge", all_members(groups, A), expected)

    def test_forgotten_customers_leave(self) -> None:
        """Rule: a new key of None ends the memberships of the old key.

        Usual cause: None is stored as a key, or becomes a text.

        Fix: delete these memberships.
        """
        self._expect_members({"x": None}, {"x": 0, "y": 1}, {"y": 1})
        self._expect_members({"x": None, "y": None}, {"x": 0, "y": 1}, {})

    def test_the_directory_is_not_asked(self) -> None:
        """Rule: neither old nor new keys need to be customers, and inactive ones may be.

        Usual cause: the new key is looked up.

        Fix: believe the mapping.
        """
        with self._groups() as groups:
            groups.add(group())
            join(groups, A, "ONE", "TWO")
            _rekey(groups, ONE="ASLEEP", TWO="NOBODY")
            expect("the members", member_keys(groups, A), ["ASLEEP", "NOBODY"])

    def test_new_keys_are_a_change_of_members(self) -> None:
        """Rule: a changed group has one more `members_version`, the time and the actor.

        Usual cause: memberships change behind the back of their group.

        Fix: write the row of every changed group, once; the group itself does not change.
        """
        with self._groups() as groups:
            groups.add(group())
            join(groups, A, "ONE", "TWO", at=EVENING)
            _rekey(groups, ONE="NEW", TWO=None)
            summary = summary_of(groups, A)
            shown = summary and (
                summary.members_version,
                summary.members_changed_at,
                summary.members_changed_by,
                summary.group,
            )
            expected = (2, EVENING + TICK, "bert", group())
            expect("version, time, actor and group", shown, expected)

    def test_nobody_may_give_new_keys(self) -> None:
        """Rule: with an actor of None, nobody has changed the members; memberships keep theirs.

        Usual cause: None leaves the former actor where it is.

        Fix: store None as the storage's own "nothing".
        """
        with self._groups() as groups:
            groups.add(group())
            join(groups, A, "ONE")
            one, new = keys("ONE", "NEW")
            groups.rekey_customers({one: new}, at=NOON, by=None)
            expect("members_changed_by", _changed_by(groups), None)
            expect("members('A')", all_members(groups, A), [Membership(A, new, MORNING, "anna")])

    def test_groups_without_these_customers_do_not_change(self) -> None:
        """Rule: a group whose memberships are the same before and after has not changed.

        Usual cause: every group is written, or every group with a customer of the mapping.

        Fix: compare the memberships; mappings of a key to itself change nothing.
        """
        with self._groups() as groups:
            for code in (A, B):
                groups.add(group(code))
                join(groups, code, "ONE", "TWO")
            before = [summary_of(groups, code) for code in (A, B)]
            changed = [
                _rekey(groups),
                _rekey(groups, ONE="ONE"),
                _rekey(groups, NOBODY="ONE", one="NEW"),
                _rekey(groups, ONE="TWO", TWO="ONE"),
            ]
            expect("how many groups changed each time", changed, [0, 0, 0, 0])
            after = [summary_of(groups, code) for code in (A, B)]
            expect("what find() shows of both", after, before)

    def test_old_keys_are_compared_character_by_character(self) -> None:
        """Rule: only memberships of exactly the old keys change.

        Usual cause: a collation in the condition of the update.

        Fix: a binary collation on the key of memberships.
        """
        with self._groups([Customer(code) for code in LOOKALIKES]) as groups:
            groups.add(group())
            join(groups, A, *LOOKALIKES)
            old, staying = LOOKALIKES[::2], LOOKALIKES[1::2]
            mapping = {CustomerKey(key): CustomerKey(f"new {key}") for key in old}
            groups.rekey_customers(mapping, at=NOON, by=None)
            expected = sorted([*staying, *mapping.values()])
            expect("the members", member_keys(groups, A), expected)

    def test_every_part_of_a_long_mapping_is_followed(self) -> None:
        """Rule: a membership follows its new key wherever that stands in a long mapping.

        Usual cause: groups are looked for by the first part of the mapping only.

        Fix: look for the groups of all old keys, part by part.
        """
        everybody = [customer.key for customer in crowd(1_201)]
        mapping = {key: CustomerKey(f"new {key}") for key in everybody}
        places = {A: 0, B: 600, C: 1_200}
        with self._groups(crowd(1_201)) as groups:
            for code, place in places.items():
                groups.add(group(code))
                join(groups, code, everybody[place])
            changed = groups.rekey_customers(mapping, at=NOON, by=None)
            expect("how many groups changed", changed, len(places))
            found = {code: member_keys(groups, code) for code in places}
            expected = {code: [mapping[everybody[place]]] for code, place in places.items()}
            expect("the members of A, B and C", found, expected)

    def test_long_mappings_are_followed_whole(self) -> None:
        """Rule: a mapping may have any length, and changes all at once.

        Usual cause: a limit of the storage on bound values, or parts that do not know each
        other, so that a chain across two of them moves a member twice.

        Fix: compute all memberships before storing the first part.
        """
        everybody = [customer.key for customer in crowd(1_201)]
        with self._groups(crowd(1_201)) as groups:
            groups.add(group())
            join(groups, A, *everybody[:-1])
            mapping = dict(pairwise(everybody))
            changed = groups.rekey_customers(mapping, at=NOON, by=None)
            expect("how many groups changed", changed, 1)
            what = "members() after everybody got the key of the next one"
            expect_all(what, member_keys(groups, A), everybody[1:])

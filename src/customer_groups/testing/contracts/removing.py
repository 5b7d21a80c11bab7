"""The rules about removing groups."""

from functools import partial

import attrs

from customer_groups.codes import parse_group_code
from customer_groups.errors import GroupNotFoundError, StaleGroupError
from customer_groups.query import GroupSummary
from customer_groups.testing.contracts.base import RepositoryRules
from customer_groups.testing.contracts.expectations import expect, expect_entries, expect_error
from customer_groups.testing.contracts.values import (
    MISSING,
    A,
    B,
    codes_found,
    crowd,
    group,
    join,
    member_keys,
    summary_of,
)

__all__ = ["RemovingRules"]


class RemovingRules(RepositoryRules):
    """`remove`."""

    def test_a_removed_group_is_gone(self) -> None:
        """Rule: after `remove` no method finds the group any more.

        Usual cause: the group is only marked, and some query forgets to look at the mark.

        Fix: delete it.
        """
        with self._store() as store:
            store.run(lambda work: work.groups.add(group()))
            store.run(lambda work: work.groups.remove(A))
            with store.transaction() as work:
                expect("the groups after remove()", codes_found(work.groups), [])
                expect_error(
                    "get() of a removed group",
                    lambda: work.groups.get(A),
                    GroupNotFoundError("A"),
                )

    def test_memberships_go_with_their_group(self) -> None:
        """Rule: a removed group leaves no membership; a new one of its code has no members.

        Usual cause: the memberships are not deleted, and come back with the code.

        Fix: delete memberships and group in one step.
        """
        everybody = [customer.key for customer in crowd(1_100)]
        with self._groups(crowd(1_100)) as groups:
            groups.add(group())
            join(groups, A, *everybody)
            groups.remove(A)
            nowhere = dict.fromkeys(everybody, ())
            expect_entries("groups_of() after remove()", groups.groups_of(everybody), nowhere)
            groups.add(group())
            expect("members() of a new group of that code", member_keys(groups, A), [])
            summary = summary_of(groups, A)
            shown = summary and (summary.customers, summary.members_version)
            expect("customers and members_version of it", shown, (0, 0))

    def test_removing_touches_no_other_group(self) -> None:
        """Rule: `remove` removes this group and its memberships, and nothing else.

        Usual cause: a condition that matches too much: a prefix of the code, a wildcard in
        it, or the members of the group wherever they are.

        Fix: compare tenant and code exactly in both deletions.
        """
        others = ("A-1", "A1", "AA", "B")
        with self._groups() as groups:
            for code in ("A_1", *others):
                groups.add(group(code))
                join(groups, parse_group_code(code), "ONE")
            groups.remove(parse_group_code("A_1"))
            for code in others:
                expect(
                    f"members of {code!r} after remove('A_1')",
                    member_keys(groups, parse_group_code(code)),
                    ["ONE"],
                )

    def test_code_and_name_are_free_afterwards(self) -> None:
        """Rule: code and name of a removed group may be used again.

        Usual cause: a mark instead of a deletion keeps them taken.

        Fix: delete the group.
        """
        with self._groups() as groups:
            groups.add(group("A", "Alpha"))
            groups.remove(A)
            groups.add(group("B", "Alpha"))
            groups.add(group("A", "Beta"))
            expect("the groups", codes_found(groups), ["A", "B"])

    def test_code_and_name_are_free_in_the_same_transaction(self) -> None:
        """Rule: a removal frees a code and a name that were committed, without another commit.

        Usual cause: codes and names are compared with what is committed, or with what was
        there when the transaction began.

        Fix: look at what the transaction has done so far.
        """
        with self._store() as store:
            store.run(lambda work: work.groups.add(group("A", "Alpha")))
            with store.transaction() as work:
                work.groups.remove(A)
                work.groups.add(group("B", "Alpha"))
                work.groups.add(group("A", "Beta"))
            names = store.run(lambda work: [work.groups.get(code).name for code in (A, B)])
        expect("the names of A and B", names, ["Beta", "Alpha"])

    def test_a_code_used_again_has_a_new_group(self) -> None:
        """Rule: a group that is added under the code of a removed one is stored as it is given.

        Usual cause: the new group takes over the version or the fields of the removed one, or
        changes of one transaction are put together wrongly.

        Fix: remove everything that is stored under the code; let `add` begin anew.
        """
        again = attrs.evolve(group("A", "Again"), created_by=None, version=2)
        with self._store() as store:
            with store.transaction() as work:
                for given in (group(), again):
                    work.groups.add(given)
                    expect("get('A') after add()", work.groups.get(A), given)
                    join(work.groups, A, "ONE")
                    work.groups.replace(attrs.evolve(given, name="Other", attributes={"a": "b"}))
                    work.groups.remove(A)
                work.groups.add(again)
                expect("get('A') in the same transaction", work.groups.get(A), again)
                expect("what find() shows", summary_of(work.groups, A), GroupSummary(again))
            stored = store.run(lambda work: summary_of(work.groups, A))
        expect("what find() shows in the next transaction", stored, GroupSummary(again))

    def test_a_missing_group_cannot_be_removed(self) -> None:
        """Rule: `remove` of a code that no group has raises `GroupNotFoundError`.

        Usual cause: deleting no row is no error for the storage.

        Fix: look at how many rows were deleted; also where a version is given.
        """
        with self._groups() as groups:
            groups.add(group())
            for version in (None, 1):
                expect_error(
                    f"remove() of a missing group, version={version}",
                    partial(groups.remove, MISSING, version=version),
                    GroupNotFoundError(MISSING),
                )

    def test_a_stale_version_is_not_removed(self) -> None:
        """Rule: with a version, only that version is removed; else `StaleGroupError`.

        Usual cause: the version is ignored, or 0 is taken for None.

        Fix: make the version a condition of the deletion.
        """
        with self._groups() as groups:
            groups.add(attrs.evolve(group(), version=3))
            join(groups, A, "ONE")
            for version in (0, 2, 4):
                expect_error(
                    f"remove(version={version}) where version 3 is stored",
                    partial(groups.remove, A, version=version),
                    StaleGroupError("A", version, 3),
                )
            expect("members() after the refusals", member_keys(groups, A), ["ONE"])

    def test_the_stored_version_is_removed(self) -> None:
        """Rule: a group is removed if the given version is the stored one.

        Usual cause: the version is compared with another counter, such as `members_version`.

        Fix: compare it with the version of the group.
        """
        with self._groups() as groups:
            groups.add(attrs.evolve(group("A"), version=3))
            groups.add(group("B"))
            join(groups, B, "ONE")
            groups.remove(A, version=3)
            groups.remove(B, version=1)
            expect("the groups after both were removed", codes_found(groups), [])

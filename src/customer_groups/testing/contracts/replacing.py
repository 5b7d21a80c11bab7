"""The rules about replacing groups: compare-and-set."""

from functools import partial

import attrs

from customer_groups.errors import (
    DuplicateNameError,
    GroupNotFoundError,
    InvalidValueError,
    StaleGroupError,
)
from customer_groups.model import CustomerGroup, GroupStatus
from customer_groups.repository import UnitOfWork
from customer_groups.testing.contracts.base import RepositoryRules
from customer_groups.testing.contracts.expectations import expect, expect_error
from customer_groups.testing.contracts.values import (
    EVENING,
    MISSING,
    MORNING,
    NOON,
    TICK,
    A,
    B,
    C,
    all_members,
    codes_found,
    group,
    join,
    summary_of,
)

__all__ = ["ReplacingRules"]


class ReplacingRules(RepositoryRules):
    """`replace`."""

    def test_a_replaced_group_has_the_new_fields(self) -> None:
        """Rule: `replace` stores name, status, attributes and `updated_*` as they are given.

        Usual cause: an UPDATE that leaves a column out, or sets the time by itself.

        Fix: store every field of the group that is passed.
        """
        changed = attrs.evolve(
            group("A", "Alpha"),
            name="Beta 😀",
            status=GroupStatus.INACTIVE,
            attributes={"region": "north"},
            updated_at=NOON,
            updated_by="bert",
        )
        with self._store() as store:
            store.run(lambda work: work.groups.add(group("A", "Alpha")))
            store.run(lambda work: work.groups.replace(changed))
            stored = store.run(lambda work: work.groups.get(A))
        expect("get('A') after replace()", stored, attrs.evolve(changed, version=2))

    def test_attributes_are_replaced_whole(self) -> None:
        """Rule: after `replace`, a group has the attributes that are given, and no others.

        Usual cause: attributes are merged into the stored ones, or left where none are given.

        Fix: remove what is stored, and store what is given.
        """
        with self._store() as store:
            given = attrs.evolve(group(), attributes={"a": "1", "b": "2"})
            store.run(lambda work: work.groups.add(given))
            for version, attributes in enumerate(({"b": "3", "c": ""}, {}), start=1):
                changed = attrs.evolve(given, attributes=attributes, version=version)
                store.run(partial(_replace, changed))
                stored = store.run(lambda work: work.groups.get(A))
                expect(f"attributes after {attributes} were given", stored.attributes, attributes)

    def test_replace_returns_the_group_as_stored(self) -> None:
        """Rule: `replace` returns the given group with `version + 1`, and that is stored.

        Usual cause: the version is not counted, or the group is returned as it was given.

        Fix: raise the version in the same step, and return the new value.
        """
        with self._groups() as groups:
            groups.add(attrs.evolve(group(), version=7))
            changed = groups.get(A).renamed("Beta", at=NOON)
            returned = groups.replace(changed)
            expect("what replace() returns", returned, attrs.evolve(changed, version=8))
            expect("get('A') afterwards", groups.get(A), returned)

    def test_every_replacement_counts(self) -> None:
        """Rule: the version rises even where the new value is the same as the stored one.

        Usual cause: the storage reports no changed row where no column changes, and that is
        taken for a stale version.

        Fix: let every replacement change the version, and count rows that were found.
        """
        with self._groups() as groups:
            groups.add(group())
            expect("the version after replace()", groups.replace(groups.get(A)).version, 2)
            expect("the version after another", groups.replace(groups.get(A)).version, 3)

    def test_a_stale_version_is_refused(self) -> None:
        """Rule: who read an older version gets `StaleGroupError` with both, and changes nothing.

        Usual cause: the version is not compared, or compared with what was read before.

        Fix: make the version a condition of the statement that writes.
        """
        with self._store() as store:
            store.run(lambda work: work.groups.add(group("A", "Alpha")))
            old = store.run(lambda work: work.groups.get(A))
            won = store.run(lambda work: work.groups.replace(old.renamed("Beta", at=NOON)))
            with store.transaction() as work:
                expect_error(
                    "replace() of version 1 after somebody stored version 2",
                    lambda: work.groups.replace(old.renamed("Gamma", at=EVENING)),
                    StaleGroupError("A", 1, 2),
                )
            stored = store.run(lambda work: work.groups.get(A))
        expect("get('A') after the refusal", stored, won)

    def test_a_version_that_was_never_stored_is_refused(self) -> None:
        """Rule: a version above the stored one is stale, too.

        Usual cause: only smaller versions are refused.

        Fix: compare for equality.
        """
        with self._groups() as groups:
            groups.add(group())
            expect_error(
                "replace() of version 2 where version 1 is stored",
                lambda: groups.replace(attrs.evolve(group(), version=2)),
                StaleGroupError("A", 2, 1),
            )

    def test_what_is_not_there_cannot_be_replaced(self) -> None:
        """Rule: `replace` of a code that no group has raises `GroupNotFoundError`.

        Usual cause: an "upsert" adds the group, or the missing row counts as stale.

        Fix: tell "not there" from "another version".
        """
        with self._groups() as groups:
            expect_error(
                "replace() of a group that was never added",
                lambda: groups.replace(group(MISSING)),
                GroupNotFoundError(MISSING),
            )
            expect("the groups afterwards", codes_found(groups), [])

    def test_the_time_of_creation_stays(self) -> None:
        """Rule: a changed `created_at` is refused with `InvalidValueError`.

        Usual cause: the field is silently ignored or silently stored.

        Fix: compare it with what is stored.
        """
        with self._groups() as groups:
            groups.add(group())
            expect_error(
                "replace() with another created_at",
                lambda: groups.replace(attrs.evolve(group(), created_at=MORNING + TICK)),
                InvalidValueError("created_at", NOON, "differs"),
            )
            expect("get('A') afterwards", groups.get(A), group())

    def test_the_creator_stays(self) -> None:
        """Rule: a changed `created_by` is refused with `InvalidValueError`.

        Usual cause: the field is silently ignored or silently stored.

        Fix: compare it with what is stored; None differs from any text.
        """
        with self._groups() as groups:
            groups.add(group())
            for other in ("bert", "Anna", None):
                changed = attrs.evolve(group(), created_by=other)
                expect_error(
                    f"replace() with created_by={other!r} instead of 'anna'",
                    partial(groups.replace, changed),
                    InvalidValueError("created_by", other, "differs"),
                )

    def test_the_name_of_another_group_is_refused(self) -> None:
        """Rule: a rename to the name of another group raises `DuplicateNameError` with its code.

        Usual cause: uniqueness is looked at in `add` only.

        Fix: make the `name_key` unique, and translate the error in `replace`, too.
        """
        with self._groups() as groups:
            groups.add(group("A", "Alpha"))
            groups.add(group("B", "Beta"))
            expect_error(
                "replace() of 'A' with a variant of the name of 'B'",
                lambda: groups.replace(groups.get(A).renamed("BETA", at=NOON)),
                DuplicateNameError("BETA", "B"),
            )
            expect("get('A') afterwards", groups.get(A), group("A", "Alpha"))

    def test_a_variant_of_its_own_name_is_free(self) -> None:
        """Rule: a group may be renamed to what counts as its own name.

        Usual cause: the check for taken names finds the group itself.

        Fix: leave the group itself out of the check.
        """
        with self._groups() as groups:
            groups.add(group("A", "Alpha"))
            groups.replace(groups.get(A).renamed("ALPHA", at=NOON))
            expect("the name after a change of case", groups.get(A).name, "ALPHA")

    def test_a_rename_frees_the_old_name_and_takes_the_new_one(self) -> None:
        """Rule: after a rename another group may have the old name, and none the new one.

        Usual cause: the key of the name is not changed with the name.

        Fix: store the `name_key` whenever the name is stored.
        """
        with self._groups() as groups:
            groups.add(group("A", "Alpha"))
            groups.replace(groups.get(A).renamed("Beta", at=NOON))
            groups.add(group("B", "Alpha"))
            expect_error(
                "add() under the new name of a renamed group",
                lambda: groups.add(group("C", "Beta")),
                DuplicateNameError("Beta", "A"),
            )

    def test_a_name_given_up_is_free_in_the_same_transaction(self) -> None:
        """Rule: a rename frees a name that was committed before, without another commit.

        Usual cause: names are compared with what is committed, or with what was there when
        the transaction began.

        Fix: look at what the transaction has done so far.
        """
        with self._store() as store:
            with store.transaction() as work:
                work.groups.add(group("A", "Alpha"))
                work.groups.add(group("B", "Beta"))
            with store.transaction() as work:
                for code, name in ((A, "Other"), (B, "Alpha"), (A, "Beta")):
                    work.groups.replace(work.groups.get(code).renamed(name, at=NOON))
                work.groups.replace(work.groups.get(A).renamed("Gamma", at=NOON))
                work.groups.add(group("C", "Beta"))
            names = store.run(lambda work: [work.groups.get(code).name for code in (A, B, C)])
        expect("the names of A, B and C", names, ["Gamma", "Alpha", "Beta"])

    def test_the_time_of_the_change_is_the_callers(self) -> None:
        """Rule: `updated_at` is stored as it is given, also if it is earlier than what is stored.

        Usual cause: the later one of both times is kept, or the adapter reads a clock.

        Fix: store what is given; only changes of members have times that rise.
        """
        with self._groups() as groups:
            groups.add(attrs.evolve(group(), updated_at=EVENING))
            for time in (NOON, MORNING - TICK):
                groups.replace(attrs.evolve(groups.get(A), updated_at=time))
                expect("updated_at", groups.get(A).updated_at, time)

    def test_versions_are_large_numbers(self) -> None:
        """Rule: a version may be larger than 31 bits can hold, and still counts up by one.

        Usual cause: a column of 32 bits, or a number that becomes a floating-point one.

        Fix: store it in 64 bits.
        """
        for version in (2**31 - 1, 2**31, 2**53):
            with self._groups() as groups:
                groups.add(attrs.evolve(group(), version=version))
                expect("the version of an added group", groups.get(A).version, version)
                groups.replace(groups.get(A).renamed("Other", at=NOON))
                expect("the version after replace()", groups.get(A).version, version + 1)

    def test_refusals_have_an_order(self) -> None:
        """Rule: `replace` looks at the version, then at the creation, then at the name.

        Usual cause: whatever the storage notices first is reported.

        Fix: where nothing was stored, read the group again and decide in this order.
        """
        with self._groups() as groups:
            groups.add(group("A", "Alpha"))
            groups.add(group("B", "Beta"))
            wrong = attrs.evolve(group("A", "Beta"), created_by="bert", version=2)
            expect_error(
                "replace() with all three wrong",
                lambda: groups.replace(wrong),
                StaleGroupError("A", 2, 1),
            )
            expect_error(
                "replace() with another creator and a taken name",
                lambda: groups.replace(attrs.evolve(wrong, version=1)),
                InvalidValueError("created_by", "bert", "differs"),
            )

    def test_members_stay_when_a_group_is_replaced(self) -> None:
        """Rule: `replace` touches neither the members nor when they last changed.

        Usual cause: the group is deleted and inserted again, or its counters are reset.

        Fix: update the row; leave the columns about members alone.
        """
        with self._groups() as groups:
            groups.add(group())
            join(groups, A, "ONE", "TWO")
            members, before = all_members(groups, A), summary_of(groups, A)
            stored = groups.replace(groups.get(A).deactivated(at=EVENING))
            expect("members() after replace()", all_members(groups, A), members)
            expected = before and attrs.evolve(before, group=stored)
            expect("what find() shows after replace()", summary_of(groups, A), expected)

    def test_other_groups_stay_when_a_group_is_replaced(self) -> None:
        """Rule: `replace` changes the one group and no other.

        Usual cause: a condition on the code that matches too much.

        Fix: compare tenant and code exactly.
        """
        with self._groups() as groups:
            for code in ("A", "A-1", "A_1"):
                groups.add(group(code))
            groups.replace(groups.get(A).renamed("Alpha", at=NOON))
            for code in ("A-1", "A_1"):
                expect(f"get({code!r})", groups.get(group(code).code), group(code))


def _replace(changed: CustomerGroup, work: UnitOfWork) -> None:
    work.groups.replace(changed)

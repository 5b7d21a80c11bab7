"""The rules about the order in which groups are found."""

from collections.abc import Sequence

import attrs

from customer_groups.query import GroupOrder, GroupQuery
from customer_groups.testing.contracts.base import RepositoryRules
from customer_groups.testing.contracts.expectations import expect
from customer_groups.testing.contracts.values import (
    EVENING,
    MORNING,
    NOON,
    TICK,
    C,
    codes_found,
    group,
    join,
)

__all__ = ["OrderingRules"]

_CODES = ("1", "10", "2", "A", "A-1", "A.1", "A/1", "A0", "AA", "A_1", "B")
_NAMES = ("10", "9", "alpha", "Alpha-2", "ALPHA 3", "Beta", "zeta", "Ärzte", "Ω", "\ufffd", "😀")


class OrderingRules(RepositoryRules):
    """`find`: the order of its result."""

    def _expect_order(
        self, order: GroupOrder, names: Sequence[str], expected: Sequence[str]
    ) -> None:
        with self._groups() as groups:
            for number, name in enumerate(names):
                groups.add(group(f"G{number}", name))
            found = groups.find(GroupQuery(order_by=order), limit=100).items
            expect(
                f"names in the order {order!r}", [each.group.name for each in found], [*expected]
            )

    def test_codes_are_ordered_by_code_point(self) -> None:
        """Rule: the order of codes is that of their characters' numbers in Unicode.

        Usual cause: a collation of a language, which ignores punctuation at first, or codes
        that are ordered as numbers.

        Fix: order in a binary collation.
        """
        with self._groups() as groups:
            for number, code in enumerate(reversed(_CODES)):
                groups.add(attrs.evolve(group(code), updated_at=MORNING + number * TICK))
            ascending = codes_found(groups, GroupQuery(order_by=GroupOrder.CODE))
            expect("codes in ascending order", ascending, [*_CODES])
            descending = codes_found(groups, GroupQuery(order_by=GroupOrder.CODE_DESCENDING))
            expect("codes in descending order", descending, [*_CODES[::-1]])

    def test_names_are_ordered_by_their_key(self) -> None:
        """Rule: the order of names is that of their `name_key`, by code point.

        Usual cause: the name itself is ordered, so that capitals come first, or a collation
        of a language decides.

        Fix: order by the column of the `name_key`, in a binary collation.
        """
        expected = sorted(_NAMES, key=lambda name: group("X", name).name.casefold())
        self._expect_order(GroupOrder.NAME, _NAMES[::-1], expected)

    def test_names_are_ordered_downwards(self) -> None:
        """Rule: a hyphen reverses the order of names.

        Usual cause: the direction is ignored.

        Fix: order by the `name_key` descending.
        """
        names = ("b", "A", "c", "B 2", "é", "E")
        self._expect_order(GroupOrder.NAME_DESCENDING, names, ("é", "E", "c", "B 2", "b", "A"))

    def test_rare_characters_come_last(self) -> None:
        """Rule: characters beyond the Basic Multilingual Plane sort after all others.

        Usual cause: texts are ordered by UTF-16 units.

        Fix: order by UTF-8 bytes or by code points.
        """
        names = ("\ufffd", "😀", "𠀀", "\uac00", "a")
        self._expect_order(GroupOrder.NAME, names, ("a", "\uac00", "\ufffd", "😀", "𠀀"))

    def test_groups_are_ordered_by_their_last_change(self) -> None:
        """Rule: "changed" orders by `updated_at`, to the microsecond.

        Usual cause: times are rounded, compared as texts of different length, or the time of
        creation is taken.

        Fix: order by a fixed-width or numeric form of `updated_at`.
        """
        times = {"D": MORNING, "B": MORNING + TICK, "A": NOON.replace(microsecond=0), "C": NOON}
        with self._groups() as groups:
            for code, time in times.items():
                groups.add(attrs.evolve(group(code), updated_at=time))
            found = codes_found(groups, GroupQuery(order_by=GroupOrder.CHANGED))
            expect("groups by last change", found, ["D", "B", "A", "C"])

    def test_ties_in_the_last_change_are_broken_by_the_code(self) -> None:
        """Rule: groups that changed at the same time are ordered by code; all is reversible.

        Usual cause: ties stand as they come, or are broken the same way in both directions.

        Fix: order by time and code, both in the same direction.
        """
        with self._groups() as groups:
            for code in ("B", "D", "A", "C"):
                groups.add(group(code))
            groups.replace(attrs.evolve(groups.get(C), updated_at=EVENING))
            found = codes_found(groups, GroupQuery(order_by=GroupOrder.CHANGED))
            expect("groups by last change", found, ["A", "B", "D", "C"])
            found = codes_found(groups, GroupQuery(order_by=GroupOrder.CHANGED_DESCENDING))
            expect("groups by last change, reversed", found, ["C", "D", "B", "A"])

    def test_members_do_not_change_the_order(self) -> None:
        """Rule: a change of members is no change of the group, in its order neither.

        Usual cause: `updated_at` is set whenever the row of the group is written.

        Fix: set `members_changed_at` instead.
        """
        with self._groups() as groups:
            for number, code in enumerate("CBA"):
                groups.add(attrs.evolve(group(code), updated_at=MORNING + number * TICK))
            join(groups, C, "ONE", at=EVENING)
            found = codes_found(groups, GroupQuery(order_by=GroupOrder.CHANGED))
            expect("groups by last change", found, ["C", "B", "A"])

"""The rules about names that count as the same, and names that do not."""

from functools import partial

import attrs

from customer_groups.errors import DuplicateNameError
from customer_groups.testing.contracts.base import RepositoryRules
from customer_groups.testing.contracts.expectations import expect, expect_error, raised_by
from customer_groups.testing.contracts.values import NOON, codes_found, group

__all__ = ["NamingRules"]


class NamingRules(RepositoryRules):
    """Names are compared by `name_key`, never by a collation."""

    def _expect_same(self, stored: str, *others: str) -> None:
        with self._groups() as groups:
            groups.add(group("A", stored))
            for number, other in enumerate(others):
                refused = group(f"B{number}", other)
                expect_error(
                    f"add() of a group named {other!r} beside {stored!r}",
                    partial(groups.add, refused),
                    DuplicateNameError(refused.name, "A"),
                )

    def _expect_different(self, *names: str) -> None:
        with self._groups() as groups:
            for number, name in enumerate(names):
                raised = raised_by(partial(groups.add, group(f"G{number}", name)))
                expect(f"what add() raises for {name!r} beside {names[:number]}", raised, None)
            expected = sorted(f"G{number}" for number in range(len(names)))
            expect(f"the groups named {', '.join(map(repr, names))}", codes_found(groups), expected)

    def test_names_ignore_the_case_of_ascii_letters(self) -> None:
        """Rule: "Key accounts" and "KEY ACCOUNTS" are the same name.

        Usual cause: a unique index on the name itself.

        Fix: make the column of the `name_key` unique.
        """
        self._expect_same("Key accounts", "KEY ACCOUNTS", "key Accounts", "Key accounts")

    def test_names_ignore_the_case_of_all_letters(self) -> None:
        """Rule: "Émile" and "éMILE" are the same name, in every script.

        Usual cause: the storage lowers ASCII letters only.

        Fix: compare the `name_key` that Python computes.
        """
        self._expect_same("Émile Ω Ж", "éMILE ω ж", "ÉMILE ω Ж")

    def test_names_are_casefolded(self) -> None:
        """Rule: "Straße" and "STRASSE", and the forms of sigma, are the same.

        Usual cause: `lower()` where `casefold()` is needed.

        Fix: compare the `name_key`.
        """
        self._expect_same("Straße ΟΔΟΣ ſet", "STRASSE οδος set", "strasse οδοσ SET")

    def test_names_ignore_compatibility_forms(self) -> None:
        """Rule: full-width letters and ligatures are the same as plain ones.

        Usual cause: names are normalised to NFC only, or not at all.

        Fix: compare the `name_key`; it is based on NFKC.
        """
        self._expect_same("Fish 12 Å", "Ｆｉｓｈ １２ Å", "ﬁsh ⑫ Å", "FISH ¹2 \u212b")

    def test_names_ignore_the_normal_form(self) -> None:
        """Rule: a letter with its accent is the same name as letter and accent.

        Usual cause: the characters are compared as they were typed.

        Fix: compare the `name_key`.
        """
        self._expect_same("Café ồ", "Cafe\u0301 o\u0302\u0300", "CAFE\u0301 ô\u0300")

    def test_names_ignore_the_kind_and_amount_of_spaces(self) -> None:
        """Rule: one space, several, and other white space are the same.

        Usual cause: names are only trimmed.

        Fix: compare the `name_key`.
        """
        self._expect_same(
            "Key accounts", " Key  accounts ", "Key\u00a0accounts", "Key\u3000 accounts"
        )

    def test_names_ignore_invisible_characters(self) -> None:
        """Rule: soft hyphens, joiners and variation selectors make no difference.

        Usual cause: a comparison character by character.

        Fix: compare the `name_key`.
        """
        self._expect_same(
            "Key accounts", "Key\u200b accounts", "Key ac\u00adcounts\ufe0f", "K\u200dey accounts"
        )

    def test_names_ignore_spaces_around_invisible_characters(self) -> None:
        """Rule: where invisible characters part white space, it still counts as one space.

        Usual cause: white space is collapsed before invisible characters are removed.

        Fix: compare the `name_key`, which does both until nothing changes.
        """
        self._expect_same(
            "Key accounts", "Key \u200b accounts", "\u2060 Key accounts", "Key accounts \u00ad "
        )

    def test_names_of_inactive_groups_are_taken(self) -> None:
        """Rule: an inactive group keeps its name, so no other group may have it.

        Usual cause: names are unique among active groups only.

        Fix: a unique constraint that does not ask for the status.
        """
        with self._groups() as groups:
            groups.add(group("A", "Alpha").deactivated(at=NOON))
            groups.add(group("B", "Beta"))
            expect_error(
                "add() of a group with the name of an inactive one",
                lambda: groups.add(group("C", "ALPHA")),
                DuplicateNameError("ALPHA", "A"),
            )
            for renamed in (group("B", "alpha"), group("B", "alpha").deactivated(at=NOON)):
                expect_error(
                    f"replace() that renames an {renamed.status} group so",
                    partial(groups.replace, renamed),
                    DuplicateNameError("alpha", "A"),
                )

    def test_accents_make_a_difference(self) -> None:
        """Rule: "resume" and "résumé" are two names, and so are "o", "ö" and "ø".

        Usual cause: a collation that ignores accents.

        Fix: a binary collation on the column of the `name_key`.
        """
        self._expect_different("resume", "resumé", "résumé", "o", "ö", "ø", "ı", "i", "l", "ł")

    def test_punctuation_makes_a_difference(self) -> None:
        """Rule: names that differ in spaces, signs or digits only are different.

        Usual cause: a collation that ignores punctuation, or wildcards in a comparison.

        Fix: a binary collation on the column of the `name_key`.
        """
        self._expect_different(
            "AB", "A B", "A-B", "A_B", "A%B", "A.B", "AB 2", "AB 02", "AB-", "1", "01", "1.0"
        )

    def test_the_last_character_of_a_long_name_counts(self) -> None:
        """Rule: names of 100 characters that differ in the last one are different.

        Usual cause: names or keys are cut, or only a prefix of the column is indexed.

        Fix: give the column of the `name_key` room for 191 characters, all of them unique.
        """
        self._expect_different(
            "n" * 99 + "a", "n" * 99 + "b", "n" * 99, "ß" * 95 + "a", "ß" * 95 + "b"
        )

    def test_characters_beyond_the_basic_plane_count(self) -> None:
        """Rule: names that differ in an emoji or a rare letter only are different.

        Usual cause: an encoding of three bytes, or a collation that gives them no weight.

        Fix: store full UTF-8 in a binary collation.
        """
        self._expect_different("A 😀", "A 😁", "A 𠀀", "A 𠀁", "A")

    def test_names_are_shown_as_they_were_given(self) -> None:
        """Rule: the name itself is stored as it is; only comparisons use the key.

        Usual cause: the key is stored in place of the name.

        Fix: keep name and `name_key` in two columns.
        """
        with self._groups() as groups:
            for number, name in enumerate(("STRAßE Ｆ ﬁ", "é Key-Accounts", "ΟΔΟΣ")):
                stored = group(f"G{number}", name)
                groups.add(stored)
                renamed = groups.replace(
                    attrs.evolve(stored, name=name.swapcase(), updated_at=NOON)
                )
                expect("the name after replace()", groups.get(stored.code), renamed)
                expect(
                    "its spelling", groups.get(stored.code).name, group("X", name.swapcase()).name
                )
            expect("the number of groups", len(codes_found(groups)), 3)

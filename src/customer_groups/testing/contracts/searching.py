"""The rules about the texts that groups are searched by."""

from collections.abc import Mapping
from typing import Any

from customer_groups.query import GroupQuery
from customer_groups.testing.contracts.base import RepositoryRules
from customer_groups.testing.contracts.expectations import expect
from customer_groups.testing.contracts.values import codes_found, group
from customer_groups.text import MatchMode, TextMatch, contains, equals, starts_with

__all__ = ["SearchingRules"]

_LITERALS = {"A": "100% wool", "B": "100 kg wool", "C": "a_b", "D": "axb", "E": "a*b?", "F": "[ab]"}


class SearchingRules(RepositoryRules):
    """`find`: conditions on name and code, as `matches` says."""

    def _expect_found(self, names: Mapping[str, str], expected: Mapping[Any, str]) -> None:
        """Search the names of some groups by texts, which must find these codes."""
        with self._groups() as groups:
            for code, name in names.items():
                groups.add(group(code, name))
            for text, codes in expected.items():
                found = "".join(codes_found(groups, GroupQuery(name=text)))
                expect(f"find() of {text!r} among {names}", found, codes)

    def test_plain_text_may_stand_anywhere_in_the_name(self) -> None:
        """Rule: "contains" finds the text at the beginning, in the middle and at the end.

        Usual cause: a search by prefix or by whole words.

        Fix: look for the folded text anywhere in the `name_key`.
        """
        names = {"A": "Key accounts", "B": "The key", "C": "Monkeys", "D": "Kay", "E": "ke y"}
        self._expect_found(names, {"key": "ABC", "y a": "A", "zzz": "", contains("nkey"): "C"})

    def test_starts_with_looks_at_the_beginning(self) -> None:
        """Rule: "starts with" finds the text at the beginning of the name only.

        Usual cause: the mode of the match is ignored, or an upper bound of a range is wrong.

        Fix: compare the beginning of the `name_key`.
        """
        names = {"A": "Key accounts", "B": "The key", "C": "Keyz\U0010fffd", "D": "Kez", "E": "Ke"}
        wanted = {starts_with("key"): "AC", starts_with("KEYZ"): "C", starts_with("kez"): "D"}
        wanted |= {starts_with("Keyz\U0010fffd"): "C", starts_with("\U0010fffd"): ""}
        self._expect_found(names, {**wanted, starts_with("key\ud7ff"): ""})

    def test_equals_compares_the_whole_name(self) -> None:
        """Rule: "equals" finds the one group whose name is the same.

        Usual cause: the mode of the match is ignored, or the name itself is compared.

        Fix: compare the whole `name_key`.
        """
        names = {"A": "Key", "B": "Key accounts", "C": "The key", "D": "Straße"}
        self._expect_found(names, {equals("KEY"): "A", equals("strasse"): "D", equals("Ke"): ""})

    def test_search_text_ignores_case(self) -> None:
        """Rule: the text is folded as names are: case makes no difference in any script.

        Usual cause: the storage lowers ASCII letters only, or `lower()` is used.

        Fix: search by the `key` of the `TextMatch` in the `name_key`.
        """
        names = {"A": "ÉMILE", "B": "straße", "C": "ΟΔΟΣ"}
        self._expect_found(names, {"émi": "A", "Rass": "B", "RAß": "B", "δος": "C", "ΔΟσ": "C"})

    def test_search_text_ignores_how_it_is_typed(self) -> None:
        """Rule: normal form, width, ligatures and white space of the text do not count.

        Usual cause: the text is searched as it was typed.

        Fix: search by the `key` of the `TextMatch` in the `name_key`.
        """
        names = {"A": "Café fish", "B": "Cafe  Ｂ", "C": "ﬁsh"}
        typed = {"CAFE\u0301": "A", "fe \u3000 b": "B", "ﬁ": "AC", "ＳＨ": "AC", "f\u200bish": "AC"}
        self._expect_found(names, typed)

    def test_percent_is_an_ordinary_character(self) -> None:
        """Rule: ``%`` in a search text finds a percent sign, and nothing else.

        Usual cause: the text becomes a LIKE pattern without escapes.

        Fix: escape it, or use a function that knows no pattern.
        """
        self._expect_found(
            _LITERALS, {"%": "A", "100%": "A", starts_with("%"): "", equals("%"): ""}
        )

    def test_underscore_is_an_ordinary_character(self) -> None:
        """Rule: ``_`` in a search text finds an underscore, and nothing else.

        Usual cause: the text becomes a LIKE pattern without escapes.

        Fix: escape it, or use a function that knows no pattern.
        """
        self._expect_found(
            _LITERALS, {"_": "C", "a_b": "C", starts_with("a_"): "C", equals("a_b"): "C"}
        )

    def test_other_wildcards_are_ordinary_characters(self) -> None:
        """Rule: ``*``, ``?`` and brackets find themselves, and nothing else.

        Usual cause: the text becomes a GLOB pattern or a regular expression.

        Fix: escape it, or use a function that knows no pattern.
        """
        self._expect_found(
            _LITERALS, {"*": "E", "a*": "E", "?": "E", "[ab]": "F", "[": "F", ".": ""}
        )

    def test_quotes_and_backslashes_are_ordinary_characters(self) -> None:
        r"""Rule: ``'``, ``"``, ``\`` and ``;`` find themselves, and break nothing.

        Usual cause: the text is pasted into a statement, or the escape is not escaped.

        Fix: bind the text as a parameter, and escape the escape character.
        """
        names = {
            "A": "O'Neil",
            "B": 'the "best"',
            "C": "back\\slash",
            "D": "back%slash",
            "E": "x;--",
        }
        typed = {"'": "A", "'N": "A", '"': "B", "\\": "C", "k\\s": "C", "\\%": "", ";--": "E"}
        self._expect_found(names, {**typed, starts_with("back\\"): "C", equals("BACK\\slash"): "C"})

    def test_a_text_that_folds_to_nothing_is_in_every_name(self) -> None:
        """Rule: everything contains and starts with nothing; no name equals it.

        Usual cause: an empty pattern finds nothing, or an empty condition is left out.

        Fix: treat the empty key as any other text.
        """
        names = {"A": "Alpha", "B": "Beta"}
        for nothing in ("", "  ", "\u200b\u00ad"):
            every = {TextMatch(nothing, mode): "AB" for mode in MatchMode}
            self._expect_found(names, {**every, equals(nothing): ""})

    def test_the_end_of_the_longest_name_is_found(self) -> None:
        """Rule: a name is searched to its end, however long its key is.

        Usual cause: keys are cut.

        Fix: store up to 191 characters of `name_key`.
        """
        names = {"A": "ß" * 95 + "a", "B": "n" * 99 + "b"}
        self._expect_found(names, {"sa": "A", equals("S" * 190 + "A"): "A", "nB": "B"})

    def test_the_longest_search_text_is_searched(self) -> None:
        """Rule: a text may have 400 characters, and many more when it is folded.

        Usual cause: a limit of the storage on patterns, or a parameter as long as the column.

        Fix: a text longer than any key is in none; answer so without asking.
        """
        names = {"A": "ﷺ" * 10, "B": "n" * 100}
        wanted = {mode("ﷺ" * 400): "" for mode in (contains, starts_with, equals)}
        self._expect_found(names, {**wanted, "%" * 400: "", "N" * 100: "B", "N" * 101: ""})

    def test_codes_are_searched(self) -> None:
        """Rule: a condition on the code works as one on the name; case makes no difference.

        Usual cause: the folded text is looked for in codes that are in capitals.

        Fix: fold the code as well, or raise an ASCII text to capitals; a text with another
        character is in no code.
        """
        cg = "CG-1 CG-10"
        wanted: dict[str | TextMatch, str] = {"cg-": f"{cg} XCG-1", "_": "A_1", "%": "", "é": ""}
        wanted |= {"ß": "", "ａ_": "A_1", "": "A-1 A_1 CG-1 CG-10 XCG-1", equals(""): ""}
        wanted |= {starts_with("cg"): cg, starts_with("a_"): "A_1", equals("cg-1"): "CG-1"}
        codes = ["A-1", "A_1", "CG-1", "CG-10", "XCG-1"]
        with self._groups() as groups:
            for code in codes:
                groups.add(group(code))
            for text, expected in wanted.items():
                found = codes_found(groups, GroupQuery(code=text))
                expect(f"find(code={text!r}) among {codes}", found, expected.split())

"""The rules about adding groups and getting them back."""

from datetime import UTC, datetime, timedelta, timezone

import attrs

from customer_groups.codes import parse_group_code
from customer_groups.errors import DuplicateCodeError, DuplicateNameError, GroupNotFoundError
from customer_groups.model import LATEST_TIME, CustomerGroup, GroupStatus
from customer_groups.testing.contracts.base import RepositoryRules
from customer_groups.testing.contracts.expectations import expect, expect_error
from customer_groups.testing.contracts.values import (
    EVENING,
    MISSING,
    MORNING,
    A,
    B,
    codes_found,
    group,
    member_keys,
    summary_of,
)

__all__ = ["AddingRules"]

_LOOKALIKES = ("A", "A-1", "A.1", "A/1", "A_1", "A-10", "00123", "123", "1E5", "100000")
_LONGEST_NAME = "😀" * 99 + "Z"


class AddingRules(RepositoryRules):
    """`add` and `get`."""

    def _expect_stored_as_given(self, given: CustomerGroup) -> None:
        with self._store() as store:
            store.run(lambda work: work.groups.add(given))
            stored = store.run(lambda work: work.groups.get(given.code))
        expect(f"get({given.code!r}), in the transaction after add()", stored, given)

    def test_a_group_comes_back_as_it_was_given(self) -> None:
        """Rule: every field of an added group is stored as it is, version and status too.

        Usual cause: a field without a column, or one that the adapter fills in by itself.

        Fix: store all fields of the group; read no clock, and count no version in `add`.
        """
        given = CustomerGroup(
            parse_group_code("X.1/2_3-4"),
            "Ωmega 😀 'quoted' %_\\ 名",
            MORNING,
            "anna ß",
            updated_at=EVENING,
            updated_by="bert",
            status=GroupStatus.INACTIVE,
            version=7,
            attributes={"region": "north"},
        )
        self._expect_stored_as_given(given)

    def test_attributes_come_back_character_by_character(self) -> None:
        """Rule: the keys and values of attributes are stored exactly, empty values included.

        Usual cause: values are trimmed or normalised, keys meet regardless of case, or an
        empty text becomes "nothing".

        Fix: store the attributes as one text of your own making, or in columns that compare
        and keep every character.
        """
        texts = {"a": "", "A": "  padded  ", "é": "e\u0301", "ключ": "\u2028", "q'\"\\": "%s {} 😀"}
        more = {f"key {number}": "x" * number * 20 for number in range(45)}
        self._expect_stored_as_given(attrs.evolve(group(), attributes={**texts, **more}))

    def test_attribute_values_are_text_whatever_they_look_like(self) -> None:
        """Rule: a value that looks like a number, a null or a part of a file is a text.

        Usual cause: each value is written or read by itself, by a parser that guesses types;
        or attributes are lines, cut at a sign that a value has, too.

        Fix: write all attributes as one JSON text, or each value into a column of text.
        """
        looks = (
            *("1", "01", "1.0", "1e5", "NaN", "null", "None", "true", "no", "2026-01-02", "+"),
            *("{}", "[1]", '{"a": 1}', '"quoted"', "'quoted'", "b=c", "=", "a: b", "- x", "#"),
            *("a,b;c|d", "\\n", "\\u0041", "\\", "%41", "&amp;", "${a}", "<b>", "' OR 1"),
        )
        values = {f"key {number}": value for number, value in enumerate(looks)}
        self._expect_stored_as_given(attrs.evolve(group(), attributes=values))

    def test_attribute_keys_are_text_whatever_they_look_like(self) -> None:
        """Rule: a key may have any sign, also one that is a path or an operator elsewhere.

        Usual cause: a document database reads dots, brackets and ``$``; or attributes are
        lines, cut at a sign that a key has, too.

        Fix: write all attributes as one JSON text, or each key into a column of text.
        """
        signs = (".", "_", "[0]", "$", "=", ":", ": ", ",", ";", "|", "/", "\\", "'", '"', "#", "%")
        keys = [f"a{sign}b" for sign in signs] + ["$set", "1", "01", "null", "a", "a b", "*"]
        texts = {key: f"value of {key}" for key in keys}
        self._expect_stored_as_given(attrs.evolve(group(), attributes=texts))

    def test_the_longest_values_are_kept_whole(self) -> None:
        """Rule: nothing is cut: 32 characters of code, 100 of name, 140 of actor.

        Usual cause: a column too short, or measured in bytes or in UTF-16 units.

        Fix: make columns long enough for characters outside the Basic Multilingual Plane.
        """
        code, actor = parse_group_code("Z" * 32), "😀" * 139 + "x"
        self._expect_stored_as_given(CustomerGroup(code, _LONGEST_NAME, MORNING, actor))

    def test_the_longest_attributes_are_kept_whole(self) -> None:
        """Rule: 50 attributes with keys of 64 and values of 1,000 characters are kept.

        Usual cause: a column for all of them that holds less than 250,000 bytes.

        Fix: use the longest type of text that the storage has.
        """
        attributes = {"😀" * 62 + f"{number:02}": "😀" * 1_000 for number in range(50)}
        self._expect_stored_as_given(attrs.evolve(group(), attributes=attributes))

    def test_times_are_kept_to_the_microsecond(self) -> None:
        """Rule: times come back as the same moment, in UTC, whatever the calendar holds.

        Usual cause: a type that rounds to seconds or milliseconds, shifts by the time zone of
        the server, or ends in 1970 or 2038.

        Fix: store UTC with microseconds, for example as a text or a number of your own.
        """
        moments = [
            datetime.min.replace(tzinfo=UTC),
            datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
            datetime(2026, 3, 29, 2, 30, 0, 1, tzinfo=timezone(timedelta(hours=2))),
            datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC),
            LATEST_TIME - timedelta(microseconds=3),
            LATEST_TIME,
        ]
        for moment in moments:
            self._expect_stored_as_given(
                attrs.evolve(group(), created_at=moment, updated_at=moment)
            )

    def test_nobody_is_not_a_text(self) -> None:
        """Rule: an actor of None comes back as None, and the text "None" as that text.

        Usual cause: None is stored as an empty text, or as its name.

        Fix: store None as the storage's own "nothing".
        """
        given = attrs.evolve(group(), created_by=None, updated_by="None")
        self._expect_stored_as_given(given)

    def test_a_new_group_has_no_members(self) -> None:
        """Rule: a group begins with no member, and no change of members.

        Usual cause: the list of members or the counters are not initialised.

        Fix: begin with 0 customers and `members_version` 0; when and by whom are None.
        """
        with self._groups() as groups:
            groups.add(group())
            expect("members() of a new group", member_keys(groups, A), [])
            summary = summary_of(groups, A)
            shown = summary and attrs.astuple(summary, recurse=False)[1:]
            expect("what find() shows of a new group", shown, (0, 0, None, None))

    def test_a_code_is_taken_once(self) -> None:
        """Rule: a code that a group has is refused with `DuplicateCodeError`.

        Usual cause: the error of the storage passes as it is, or the group is overwritten.

        Fix: make the code unique within the tenant, and translate the error.
        """
        with self._groups() as groups:
            groups.add(group("A", "Alpha"))
            expect_error(
                "add() of a second group 'A'",
                lambda: groups.add(group("A", "Another")),
                DuplicateCodeError("A"),
            )

    def test_a_name_is_taken_once(self) -> None:
        """Rule: a name that a group has is refused; the error says the code of that group.

        Usual cause: names are not unique, or the error names the new group.

        Fix: make the `name_key` unique within the tenant, and look up whose it is.
        """
        with self._groups() as groups:
            groups.add(group("A", "Alpha"))
            expect_error(
                "add() of 'B' under the name of 'A'",
                lambda: groups.add(group("B", "Alpha")),
                DuplicateNameError("Alpha", "A"),
            )

    def test_the_code_is_looked_at_before_the_name(self) -> None:
        """Rule: where both code and name are taken, the error is about the code.

        Usual cause: whichever constraint the storage checks first decides.

        Fix: after a violation, look for the code first, then for the name.
        """
        with self._groups() as groups:
            groups.add(group("A", "Alpha"))
            groups.add(group("B", "Beta"))
            expect_error(
                "add() with the code of 'A' and the name of 'B'",
                lambda: groups.add(group("A", "Beta")),
                DuplicateCodeError("A"),
            )

    def test_a_refused_group_changes_nothing(self) -> None:
        """Rule: after a refusal everything is as before, and the transaction goes on.

        Usual cause: the group is overwritten before it is checked, or the storage gives the
        transaction up after a violated constraint.

        Fix: use a savepoint around the statement, or look before you write.
        """
        with self._store() as store:
            with store.transaction() as work:
                groups = work.groups
                groups.add(group("A", "Alpha"))
                expect_error(
                    "add() of a code that is taken",
                    lambda: groups.add(group("A", "Other")),
                    DuplicateCodeError("A"),
                )
                expect_error(
                    "add() of a name that is taken",
                    lambda: groups.add(group("B", "ALPHA")),
                    DuplicateNameError("ALPHA", "A"),
                )
                groups.add(group("C", "Gamma"))
            with store.transaction() as work:
                expect("the groups after the commit", codes_found(work.groups), ["A", "C"])
                expect("get('A')", work.groups.get(A), group("A", "Alpha"))

    def test_a_missing_group_is_not_found(self) -> None:
        """Rule: `get` of a code that no group has raises `GroupNotFoundError` with that code.

        Usual cause: None is returned, or the error of the storage or a KeyError passes.

        Fix: raise `GroupNotFoundError(code)` where nothing is found.
        """
        with self._groups() as groups:
            groups.add(group("A"))
            expect_error(
                "get() of a code that no group has",
                lambda: groups.get(MISSING),
                GroupNotFoundError(MISSING),
            )

    def test_codes_are_compared_exactly(self) -> None:
        """Rule: two codes are the same only if they are so character by character.

        Usual cause: codes become numbers, are wildcards, or meet in a collation that ignores
        punctuation.

        Fix: keep codes as text, compare them by bytes or in a binary collation.
        """
        with self._groups() as groups:
            for code in _LOOKALIKES:
                groups.add(group(code))
            for code in _LOOKALIKES:
                expect(f"get({code!r})", groups.get(parse_group_code(code)), group(code))
            expect_error(
                "get('0123') beside groups '00123' and '123'",
                lambda: groups.get(parse_group_code("0123")),
                GroupNotFoundError("0123"),
            )

    def test_what_was_added_is_seen_at_once(self) -> None:
        """Rule: a method sees what earlier calls in the same transaction did.

        Usual cause: changes are collected until the commit, while reads go to the storage.

        Fix: write through, or read from what was collected as well.
        """
        with self._groups() as groups:
            groups.add(group("A"))
            groups.add(group("B"))
            expect("get('B') after add()", groups.get(B), group("B"))
            expect("the codes that find() shows", codes_found(groups), ["A", "B"])

"""The guard against formulas can always be taken off again."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.errors import InvalidValueError
from customer_groups.files.dialects import (
    Dialect,
    guarded,
    parse_dialect,
    unguarded,
    unguarded_rows,
)


@given(st.text(st.characters() | st.sampled_from("=+-@'＝＋－＠ \t\r\n\0\ufeff;,|\"")))
def test_the_guard_comes_off(text: str) -> None:
    """Whatever the text, it is itself again."""
    assert unguarded(guarded(text)) == text


def test_no_two_texts_are_guarded_alike() -> None:
    """The guard is injective."""
    texts = [
        "".join(letters)
        for size in range(4)
        for letters in product("=＝+-@'|1a \t\0;\"", repeat=size)
    ]
    assert len({guarded(text) for text in texts}) == len(texts)


@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "+1", "-1", "@SUM(A1)", "＝1", "＋1", "－1", "＠1"),
        *("=cmd|'/C calc'!A0", "-2+3+cmd|' /C calc'!A0", '=HYPERLINK("http://x")', "@1", "=", "'"),
        *(
            "  =1",
            "\u00a0=1",
            "\u2003=1",
            "\x1f=1",
            "\ufeff \ufeff+1",
            "\ufeff＝1",
            "\ufeff=1",
            "\tC1",
            "\rC1",
            "\nC1",
            "\0C1",
            "'C1",
        ),
    ],
)
def test_what_may_be_more_than_text_is_guarded(text: str) -> None:
    """Exactly one apostrophe is put in front."""
    assert guarded(text) == "'" + text


@pytest.mark.parametrize("text", ["", "C1", "1=1", " 'C1", " C1", "a-b", "00123", "O'Hara"])
def test_other_text_stays_as_it_is(text: str) -> None:
    """Nobody sees the guard where it is not needed."""
    assert guarded(text) == text


def test_the_guard_comes_off_all_text_of_a_row() -> None:
    """What is not text has none."""
    rows = [(2, ["'=1", "C1", None, 5]), (7, ["''"])]
    assert list(unguarded_rows(rows)) == [(2, ["=1", "C1", None, 5]), (7, ["'"])]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Miller;=1+1;x", "Miller;'=1+1;x"),
        ("a, -1", "a,' -1"),
        ("a\t=2\tb", "a\t'=2\tb"),
        ("a|'@x", "a|''@x"),
        ('a;"=1"', 'a;\'"=1"'),
        ("a\r\n=1", "a\r\n'=1"),
        ("\t=1", "'\t'=1"),
        (";;=1,=2", ";;'=1,'=2"),
    ],
)
def test_what_another_delimiter_would_make_a_cell_of_is_guarded(text: str, expected: str) -> None:
    """A spreadsheet that expects semicolons begins a cell in the middle of a text."""
    assert guarded(text) == expected
    assert unguarded(expected) == text


@pytest.mark.parametrize("text", ["a, b", "Meyer, 'the boss'", "1;2", "a=b;c", "x - y"])
def test_what_stands_behind_a_delimiter_is_mostly_text(text: str) -> None:
    """And then it stays as it is."""
    assert guarded(text) == unguarded(text) == text


def test_a_dialect_has_a_name() -> None:
    """There are two, and another is refused."""
    assert parse_dialect("exact") is Dialect.EXACT
    assert parse_dialect(Dialect.SPREADSHEET) is Dialect.SPREADSHEET
    with pytest.raises(InvalidValueError, match="is none of: exact, spreadsheet"):
        parse_dialect("excel")

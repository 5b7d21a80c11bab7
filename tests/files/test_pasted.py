"""Pasted lists are split without guessing."""

import re

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.errors import LimitExceededError
from customer_groups.files.cells import BLANK, Row, Single
from customer_groups.files.limits import Limits
from customer_groups.files.pasted import PastedReader
from customer_groups.files.reading import Findings, Layout
from lists import EXACT, Listed, values_in


def read(text: str, layout: Layout = EXACT) -> Listed:
    """Return what a pasted text holds."""
    return values_in(PastedReader(), text, layout)


def test_four_separators_separate() -> None:
    """Spaces do not: codes may hold them."""
    values, findings = read("C1,C2;C3\tC4\nC 5\r\nC6\rC7")
    expected = [(1, "C1"), (1, "C2"), (1, "C3"), (1, "C4"), (2, "C 5"), (3, "C6"), (4, "C7")]
    assert values == expected
    assert findings.blank_lines == 0


def test_blank_values_are_no_values() -> None:
    """A trailing comma adds nothing; a line with nothing on it is counted."""
    values, findings = read("C1,, C2 ,\n\n ; \t\nC3\n")
    assert values == [(1, "C1"), (1, " C2 "), (4, "C3")]
    assert findings.blank_lines == 2


@pytest.mark.parametrize("text", ["00123", "1E5", '"C1"', "'C1", "code", "=1+1"])
def test_a_value_is_what_was_pasted(text: str) -> None:
    """No quotes, headers, numbers or formulas are seen in it."""
    assert read(text).values == [(1, text)]


def test_the_spreadsheet_dialect_takes_one_apostrophe_off() -> None:
    """Whoever names the dialect means the text too."""
    values, _ = read("'=1,''x,y", Layout(dialect="spreadsheet"))
    assert [value for _, value in values] == ["=1", "'x", "y"]


@given(st.lists(st.text(st.sampled_from("C1 é'\""), min_size=1).filter(str.strip)))
def test_values_come_out_as_they_went_in(values: list[str]) -> None:
    """One on each line, every line is a value."""
    assert read("\n".join(values)).values == list(enumerate(values, 1))


def test_a_line_may_have_as_many_values_as_there_are() -> None:
    """The limit is one of a value, and a list of codes is often pasted on one line."""
    codes = [f"C{number}" for number in range(100_000)]
    text = "first\n" + ", ".join(codes) + "\nlast"
    values, _ = read(text, Layout(limits=Limits(record_characters=5)))
    assert values[0] == (1, "first")
    assert values[1:-1] == [(2, code if code == "C0" else f" {code}") for code in codes]
    assert values[-1] == (3, "last")


@pytest.mark.parametrize("text", ["C" * 200_000, "C1," + "," * 200_000, " ;\t" * 70_000])
def test_a_value_must_come_to_its_end(text: str) -> None:
    """Pasted text is in memory, but a file of it may go on like this for ever."""
    with pytest.raises(LimitExceededError) as caught:
        read(text, Layout(limits=Limits(record_characters=100_000)))
    assert attrs.astuple(caught.value) == ("record_characters", 100_000)


def test_many_blank_lines_are_no_long_value() -> None:
    """Each of them is counted, however many there are."""
    values, findings = read("\n" * 200_000 + "C1", Layout(limits=Limits(record_characters=10)))
    assert values == [(200_001, "C1")]
    assert findings.blank_lines == 200_000


LINES = st.lists(st.text(st.sampled_from("C1 ,;\t\r\n")), max_size=9).map("".join)


@given(LINES, st.integers(1, 3))
def test_it_does_not_matter_how_text_is_cut(text: str, size: int) -> None:
    """Values, their lines, and blank lines are those of the whole text."""
    pieces = (text[begin : begin + size] for begin in range(0, len(text), size))
    cut = list(PastedReader().rows(pieces, EXACT, Findings()))  # type: ignore[arg-type]
    lines = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n")
    expected: list[Row] = []
    for number, line in enumerate(lines if text else [], 1):
        values = [value for value in re.split("[,;\t]", line) if value.strip()]
        expected += [(number, Single(value)) for value in values] or [(number, BLANK)]
    assert cut == expected

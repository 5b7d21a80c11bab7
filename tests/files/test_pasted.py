"""Pasted lists are split without guessing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.errors import LimitExceededError
from customer_groups.files.limits import Limits
from customer_groups.files.pasted import PastedReader
from customer_groups.files.reading import Layout
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


def test_a_line_of_a_file_must_end() -> None:
    """Pasted text is in memory, but a file of it may never end."""
    layout = Layout(limits=Limits(record_characters=5))
    with pytest.raises(LimitExceededError):
        read("C1,C2,C3", layout)

"""A layout is checked when it is made."""

import pytest

from customer_groups.errors import InvalidValueError
from customer_groups.files.dialects import Dialect
from customer_groups.files.reading import Findings, Layout


@pytest.mark.parametrize("delimiter", ["", ",,", '"', "\n", "\r"])
def test_a_delimiter_is_one_character_that_can_separate(delimiter: str) -> None:
    """Quotes and line ends have their own meaning."""
    with pytest.raises(InvalidValueError, match="delimiter"):
        Layout(delimiter=delimiter)
    assert Layout(delimiter="#").delimiter == "#"


def test_dialect_and_column_are_parsed() -> None:
    """They may be given as plain text, and are refused at once."""
    assert Layout(dialect="spreadsheet").dialect is Dialect.SPREADSHEET
    for wrong in (
        {"dialect": "excel"},
        {"column": 0},
        {"sheet": 0},
        {"sheet": True},
        {"header": 0},
        {"header": 1.0},
    ):
        with pytest.raises(InvalidValueError):
            Layout(**wrong)


def test_yes_is_not_the_number_of_a_line() -> None:
    """``True`` is the first row with text, wherever it is; 1 is line 1."""
    assert (Layout(header=True).header_line, Layout(header=1).header_line) == (None, 1)


def test_what_cannot_be_read_is_told_and_counted() -> None:
    """So that no value is lost between reader and report."""
    told: list[object] = []
    findings = Findings(lambda *what: told.append(what))
    findings.add_unreadable(7, 5, "not_text", "is not text")
    assert findings.unreadable == 1
    assert told == [(7, 5, "not_text", "is not text")]
    silent = Findings()
    silent.add_unreadable(7, 5, "not_text", "is not text")
    assert silent.unreadable == 1

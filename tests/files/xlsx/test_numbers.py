"""Numbers in cells: their digits where these are known, else why not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.files.cells import Unclear
from customer_groups.files.xlsx.number_formats import GENERAL, parse_format
from customer_groups.files.xlsx.numbers import Numbers

PLAIN = Numbers([GENERAL])
LARGEST = 2**53


def shown(raw: str, code: str, *, starts_in_1904: bool = False) -> str | Unclear:
    """Return the text of a number with a format."""
    return Numbers([GENERAL, parse_format(code)], starts_in_1904).text(raw, 1)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("1001", "1001"),
        ("1001.0", "1001"),
        ("1001.", "1001"),
        ("1E5", "100000"),
        ("1.0010e+3", "1001"),
        ("100100E-2", "1001"),
        ("-7", "-7"),
        ("+7", "7"),
        ("007", "7"),
        ("-0", "0"),
        ("0.000", "0"),
        ("0E999999999", "0"),
        (" 7\n", "7"),
        (str(LARGEST), str(LARGEST)),
        (f"-{LARGEST}.000", f"-{LARGEST}"),
        ("9.007199254740992E15", str(LARGEST)),
    ],
)
def test_whole_numbers_are_their_digits(raw: str, text: str) -> None:
    """However the file spells them."""
    assert PLAIN.text(raw, 0) == text


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("1.5", "fraction"),
        ("15E-1", "fraction"),
        (".5", "fraction"),
        ("1E-999999999", "fraction"),
        (str(LARGEST + 1), "too_many_digits"),
        (str(-LARGEST - 1), "too_many_digits"),
        ("1E17", "too_many_digits"),
        ("1E999999999", "too_many_digits"),
        ("9" * 100_000, "too_many_digits"),
        ("1E9999999999", "not_a_number"),
        ("C1", "not_a_number"),
        ("\u0661\u0662", "not_a_number"),
        ("1,5", "not_a_number"),
        ("1_000", "not_a_number"),
        (".", "not_a_number"),
        ("-", "not_a_number"),
        ("NaN", "not_a_number"),
        ("INF", "not_a_number"),
        ("E5", "not_a_number"),
    ],
)
def test_what_is_not_known_is_unclear(raw: str, reason: str) -> None:
    """The value is what the file has, and the reason is told."""
    found = PLAIN.text(raw, 0)
    assert isinstance(found, Unclear)
    assert (found.raw, found.reason) == (raw, reason)
    assert found.message


@given(st.integers(-LARGEST, LARGEST))
def test_every_exact_number_comes_back(number: int) -> None:
    """As Python, and nearly every program, writes it."""
    assert PLAIN.text(str(number), 0) == str(number)
    assert PLAIN.text(repr(float(number)), 0) == str(number)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_other_numbers_are_never_guessed(number: float) -> None:
    """A number that is whole and exact has its digits, another one has none."""
    found = PLAIN.text(repr(number), 0)
    if number.is_integer() and abs(number) <= LARGEST:
        assert found == str(int(number))
    else:
        assert isinstance(found, Unclear)


@pytest.mark.parametrize(
    ("raw", "code", "reason", "message"),
    [
        ("123", "00000", "leading_zeros", "00000"),
        ("123", '"C"0000', "display_format", '"C"0000'),
        ("123", "000-000", "display_format", "000-000"),
        ("1.5", "00000", "fraction", "fraction"),
    ],
)
def test_what_a_cell_shows_is_not_guessed(raw: str, code: str, reason: str, message: str) -> None:
    """The message says by which format it is shown so."""
    found = shown(raw, code)
    assert isinstance(found, Unclear)
    assert (found.raw, found.reason) == (raw, reason)
    assert message in found.message


def test_a_format_that_changes_nothing_is_no_doubt() -> None:
    """Five digits are shown as they are by a format for five."""
    assert shown("12345", "00000") == "12345"
    assert shown("1001", "#,##0.00") == "1001"


@pytest.mark.parametrize(
    ("raw", "since_1904", "iso"),
    [
        ("45413", False, "2024-05-01"),
        ("45413.75", False, "2024-05-01T18:00:00"),
        ("43951", True, "2024-05-01"),
        ("61", False, "1900-03-01"),
        ("60", False, "60"),
        ("0.5", False, "0.5"),
        ("-5", False, "-5"),
        ("2958464", False, "9999-12-30"),
        ("2958465", False, "2958465"),
        ("1E999999999", False, "1E999999999"),
    ],
)
def test_dates_are_told_as_dates(raw: str, iso: str, *, since_1904: bool) -> None:
    """Where it is sure which date the number stands for."""
    found = shown(raw, "d.m.yyyy", starts_in_1904=since_1904)
    assert isinstance(found, Unclear)
    assert (found.raw, found.reason) == (iso, "date")


def test_a_workbook_without_styles_has_no_formats() -> None:
    """Then a number is a number; else a style that is not there is an error."""
    assert Numbers([]).text("7", 3) == "7"
    with pytest.raises(IndexError):
        PLAIN.text("7", 3)

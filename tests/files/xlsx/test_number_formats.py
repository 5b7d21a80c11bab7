"""Number formats: what they show beside the digits."""

import pytest

from customer_groups.files.xlsx.number_formats import built_in_format, parse_format


@pytest.mark.parametrize(
    "code",
    [
        *("General", "0", "0.00", "#,##0", "#,##0.00", "# ##0", "@", "0.00E+00", "[Red]0", "0_)"),
        *("#,##0;[Red]-#,##0", "0;(0)", '0;"-"0', "0;\\-0", "0;;;@", "", ";;;", "[$-407]0"),
        *('0" "', "?0", "* 0", "_-* #,##0_-", "general;-general"),
    ],
)
def test_formats_that_show_the_digits(code: str) -> None:
    """Separators, colours, spaces and decimals change nothing about which number it is."""
    found = parse_format(code)
    for number in (7, 1001, -1001, 0):
        assert not found.shows_date(is_negative=number < 0)
        assert not found.shows_more(number)
        assert not found.shows_zeros(number)


@pytest.mark.parametrize(
    "code",
    [
        *("yyyy-mm-dd", "d.m.yy", "[h]:mm:ss", "h:mm AM/PM", "mmm", "[$-407]d. mmmm yyyy"),
        *("[ss]", "A/P", '"on" dd', "\\dd", "[Red]yy;@"),
    ],
)
def test_formats_of_dates(code: str) -> None:
    """Quoted and escaped letters are not those of a date; others are."""
    assert parse_format(code).shows_date()


@pytest.mark.parametrize("code", ['"day"0', "\\d0", "[Red]0", "0_d", "*d0", "[$USD]0", "0;d"])
def test_formats_that_only_look_like_dates(code: str) -> None:
    """Letters that stand for themselves, names of colours and other sections do not count."""
    assert not parse_format(code).shows_date()


@pytest.mark.parametrize(
    ("code", "shown", "not_shown"),
    [
        ('"C"0000', [1, -1, 0], []),
        ("000-000", [1], []),
        ("\\C0", [1], []),
        ("0%", [1], []),
        ("[$€-407]0", [1], []),
        ("[$EUR]0", [1], []),
        ("0,", [1], []),
        ("#,##0,,", [1], []),
        ("0,.0", [1], []),
        ("$0", [1], []),
        ('0;"minus "0', [-1], [1, 0]),
        ('0;0;"none"', [0], [1, -1]),
        ('"a"0;0', [1, 0], [-1]),
        ('[>100]"big"0;0', [1, 1000, -1], []),
        ('"unclosed', [1], []),
        ("-0", [1], []),
        ("*00", [1], []),
        ("*-0", [1, -1, 0], []),
    ],
)
def test_formats_that_show_more(code: str, shown: list[int], not_shown: list[int]) -> None:
    """What counts is the section for numbers of this sign; or all where they have conditions."""
    found = parse_format(code)
    assert [number for number in [*shown, *not_shown] if found.shows_more(number)] == shown


@pytest.mark.parametrize(
    ("code", "number", "expected"),
    [
        ("00000", 123, True),
        ("00000", 12345, False),
        ("00000", -123, True),
        ("00000", 0, True),
        ("0.000", 1, False),
        ("0.00E+00", 1, False),
        ('0"00"', 1, False),
        ("#,#00", 7, True),
        ("000;0", -7, False),
        ("000;0", 7, True),
        ("0;000", -7, True),
    ],
)
def test_zeros_before_a_number(code: str, number: int, *, expected: bool) -> None:
    """Those after the decimal point, in an exponent or in quotes are others."""
    assert parse_format(code).shows_zeros(number) is expected


@pytest.mark.parametrize(
    ("number", "is_date", "shows_more"),
    [
        *((0, False, False), (1, False, False), (9, False, True), (10, False, True)),
        *((13, False, False), (14, True, False), (22, True, False), (23, False, False)),
        *((27, True, False), (36, True, False), (37, False, False), (45, True, False)),
        *((49, False, False), (50, True, False), (58, True, False), (81, True, False)),
        *((163, False, False), (-1, False, False)),
    ],
)
def test_formats_with_a_number(number: int, *, is_date: bool, shows_more: bool) -> None:
    """Those that every program knows are not written out in a file."""
    found = built_in_format(number)
    assert found.shows_date() is is_date
    assert is_date or found.shows_more(7) is shows_more


def test_a_format_is_cut() -> None:
    """A format of a million characters is none."""
    found = parse_format("0" * 1_000_000)
    assert len(found.code) == 255

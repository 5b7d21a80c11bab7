"""Group codes: their canonical form, their check character, and how new ones are drawn."""

import itertools
import random
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.codes import (
    ALPHABET,
    CodeGenerator,
    RandomCodes,
    SequentialCodes,
    check_character,
    has_valid_check,
    parse_group_code,
)
from customer_groups.errors import InvalidGroupCodeError, InvalidValueError

CANONICAL = r"[A-Z0-9][A-Z0-9._/-]{0,31}"

bodies = st.text(ALPHABET, min_size=1, max_size=29)
prefixes = st.from_regex(r"[A-Z0-9][A-Z0-9._/-]{0,14}", fullmatch=True)


def series() -> Callable[[str], int]:
    """Return a source of numbers with as many series as are asked for, each from 1."""
    last: Counter[str] = Counter()

    def next_number(name: str) -> int:
        last[name] += 1
        return last[name]

    return next_number


def swapped(text: str, i: int, j: int) -> str:
    """Return the text with two characters exchanged."""
    characters = list(text)
    characters[i], characters[j] = characters[j], characters[i]
    return "".join(characters)


def damaged(text: str) -> set[str]:
    """Return every text with one substitution, one adjacent swap or one jump swap."""
    substitutions = {
        text[:i] + other + text[i + 1 :] for i in range(len(text)) for other in ALPHABET
    }
    swaps = {swapped(text, i, i + step) for step in (1, 2) for i in range(max(0, len(text) - step))}
    return (substitutions | swaps) - {text}


def check_by_long_division(body: str) -> str:
    """Return the check character by the definition, not by the short loop.

    Characters are polynomials over GF(2). The character that stands n places before the end
    is multiplied by x to the power of n; the check character is the remainder of the sum
    after division by x^5 + x^2 + 1.
    """
    divisor = 0b100101
    total = 0
    for place, character in enumerate(reversed(body), start=1):
        total ^= ALPHABET.index(character) << place
    while total.bit_length() >= divisor.bit_length():
        total ^= divisor << (total.bit_length() - divisor.bit_length())
    return ALPHABET[total]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("CG-000017", "CG-000017"),
        (" cg-000017\n", "CG-000017"),
        ("7", "7"),
        ("a.b_c/d-e", "A.B_C/D-E"),
        ("\u3000VIP\u3000", "VIP"),
        ("x" * 32, "X" * 32),
    ],
)
def test_codes_are_trimmed_and_in_capitals(typed: str, code: str) -> None:
    """What people type becomes the one form that is stored."""
    assert parse_group_code(typed) == code


@given(st.from_regex(CANONICAL, fullmatch=True))
def test_a_canonical_code_stays_as_it_is(code: str) -> None:
    """Parsing changes no canonical code, and undoes small letters."""
    assert parse_group_code(code) == code
    assert parse_group_code(code.lower()) == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "-1",
        ".1",
        "_1",
        "/1",
        "A B",
        "A\tB",
        "A\0",
        "A,B",
        "A%",
        "A\\B",
        "'A",
        "=A",
        "x" * 33,
        # letters whose capitals are ASCII, or look so
        "ß",
        "stra\u00dfe",
        "ﬁ",
        "ı",
        "ſ",
        "\u212a",
        # digits and letters of other widths and scripts
        "\uff23\uff27-\uff11",
        "\u0661",
        "\u0421\u0413-1",
        "A\u200b",
        "\ud800",
        None,
        17,
        b"CG-1",
        ["CG-1"],
    ],
)
def test_what_is_no_code(text: object) -> None:
    """Everything but ASCII letters, digits and the four signs is refused, never converted."""
    with pytest.raises(InvalidGroupCodeError) as caught:
        parse_group_code(text)  # type: ignore[arg-type]

    assert caught.value.value == text


def test_the_alphabet_is_crockfords() -> None:
    """32 characters in code-point order, without those that are mistaken for others."""
    assert len(set(ALPHABET)) == 32
    assert "".join(sorted(ALPHABET)) == ALPHABET
    assert set("ILOU").isdisjoint(ALPHABET)


def test_every_error_in_a_short_code_is_found() -> None:
    """All 1,024 bodies of two characters, with every error, the check character included."""
    for body in map("".join, itertools.product(ALPHABET, repeat=2)):
        code = body + check_character(body)
        assert has_valid_check(code)
        missed = [error for error in damaged(code) if has_valid_check(error)]
        assert missed == []


@given(bodies)
def test_every_error_in_a_long_code_is_found(body: str) -> None:
    """Single substitutions, adjacent swaps and jump swaps anywhere in codes of any length."""
    code = body + check_character(body)

    assert [error for error in damaged(code) if has_valid_check(error)] == []


@given(bodies, st.data())
def test_swaps_over_any_distance_are_found(body: str, data: st.DataObject) -> None:
    """Two different characters that changed places are found, up to 30 places apart."""
    code = body + check_character(body)
    i, j = data.draw(st.tuples(*[st.integers(0, len(code) - 1)] * 2))

    assert has_valid_check(swapped(code, i, j)) is (code[i] == code[j])


def test_the_exact_limit_of_the_promise() -> None:
    """The weights repeat after 31 places, so a swap over that distance goes unnoticed."""
    body = "1" + "0" * 30
    code = body + check_character(body)

    assert len(code) == 32
    assert has_valid_check(code[-1] + code[1:-1] + code[0])


@given(st.text(ALPHABET, max_size=60))
def test_an_independent_implementation_agrees(body: str) -> None:
    """Long division of polynomials gives the same check character."""
    assert check_character(body) == check_by_long_division(body)


@pytest.mark.parametrize("body", ["cg", "I", "O", "CG-1", "ä", " ", "1 "])
def test_the_body_keeps_to_the_alphabet(body: str) -> None:
    """A character outside the alphabet is refused, not skipped."""
    with pytest.raises(InvalidValueError, match="may only hold"):
        check_character(body)


@pytest.mark.parametrize("text", ["", "0", "G", "0000017g", "000017-G", "O00017G", "00001٧G"])
def test_texts_without_a_valid_check(text: str) -> None:
    """Too short, or with characters outside the alphabet: the answer is no, not an error."""
    assert not has_valid_check(text)


def test_codes_that_count() -> None:
    """Sequential codes are the numbers of the series of their prefix."""
    next_number = series()

    codes = [SequentialCodes().draw(next_number) for _ in range(3)]
    other = SequentialCodes("VIP/").draw(next_number)

    assert codes == ["CG-000001", "CG-000002", "CG-000003"]
    assert other == "VIP/000001"


def test_the_series_is_named_after_the_prefix() -> None:
    """Generators with the same prefix share a series, whatever else distinguishes them."""
    asked: list[str] = []

    def next_number(name: str) -> int:
        asked.append(name)
        return 1

    SequentialCodes("A", width=3).draw(next_number)
    SequentialCodes("A", width=9, check=True).draw(next_number)

    assert asked == ["codes:A", "codes:A"]


@pytest.mark.parametrize(
    ("number", "width", "code"),
    [(7, 1, "CG-7"), (7, 15, "CG-000000000000007"), (1_000_000, 6, "CG-1000000")],
)
def test_numbers_are_padded_but_never_cut(number: int, width: int, code: str) -> None:
    """A number wider than the width keeps all its digits."""
    assert SequentialCodes(width=width).draw(lambda _: number) == code


def test_a_number_that_does_not_fit_is_refused() -> None:
    """A code of more than 32 characters is an error, not a shorter code."""
    with pytest.raises(InvalidGroupCodeError):
        SequentialCodes("A" * 15).draw(lambda _: 10**17)


@given(prefix=prefixes, number=st.integers(1, 10**15))
def test_sequential_codes_carry_their_check(prefix: str, number: int) -> None:
    """The check character belongs to the number; the prefix is outside it."""
    plain = SequentialCodes(prefix).draw(lambda _: number)
    checked = SequentialCodes(prefix, check=True).draw(lambda _: number)

    assert checked[:-1] == plain
    assert has_valid_check(checked.removeprefix(prefix))
    assert parse_group_code(checked) == checked


def never(name: str) -> int:
    """Fail: nobody should draw a number."""
    pytest.fail(f"a number of {name} was drawn")


@given(
    prefix=st.just("") | prefixes,
    length=st.integers(1, 15),
    check=st.booleans(),
    seed=st.integers(0, 2**32),
)
def test_random_codes(prefix: str, length: int, seed: int, *, check: bool) -> None:
    """Prefix, random characters of the alphabet, and the check character where it is wanted."""
    codes = RandomCodes(random.Random(seed), length, check, prefix)

    code = codes.draw(never)

    body = code.removeprefix(prefix)
    assert code.startswith(prefix)
    assert set(body) <= set(ALPHABET)
    assert len(body) == length + check
    assert not check or has_valid_check(body)
    assert parse_group_code(code) == code


def test_random_codes_are_pure_given_their_source() -> None:
    """The same source gives the same codes, and one source different codes in a row."""
    source = random.Random(17)
    codes = [RandomCodes(source).draw(never) for _ in range(100)]
    again = random.Random(17)

    assert [RandomCodes(again).draw(never) for _ in range(100)] == codes
    assert len(set(codes)) == 100


def test_every_character_is_drawn() -> None:
    """No character of the alphabet is left out."""
    codes = RandomCodes(random.Random(1), length=15)

    assert set("".join(codes.draw(never) for _ in range(100))) == set(ALPHABET)


@pytest.mark.parametrize("prefix", ["cg-", "-", " CG", "CG ", "CÄ", "ß", "A" * 16, "A%", "A\n"])
def test_a_prefix_begins_a_canonical_code(prefix: str) -> None:
    """A prefix that could not stand at the beginning of a code is refused when it is named."""
    with pytest.raises(InvalidGroupCodeError):
        SequentialCodes(prefix)
    with pytest.raises(InvalidGroupCodeError):
        RandomCodes(random.Random(0), prefix=prefix)


@pytest.mark.parametrize("prefix", ["", "C", "CG-", "2026/", "A" * 15])
def test_prefixes_that_are_fine(prefix: str) -> None:
    """No prefix at all, and up to 15 characters."""
    assert SequentialCodes(prefix, width=1).draw(lambda _: 5) == f"{prefix}5"


@pytest.mark.parametrize("length", [0, -1, 16, 10**30, True, 8.0, "8", None])
def test_lengths_out_of_bounds(length: object) -> None:
    """Digits and random characters are at least 1 and at most 15, counted in whole numbers."""
    with pytest.raises(InvalidValueError, match=r"width .* is not a whole number from 1 to 15"):
        SequentialCodes(width=length)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match=r"length .* is not a whole number from 1 to 15"):
        RandomCodes(random.Random(0), length)  # type: ignore[arg-type]


def test_a_forgotten_method_is_noticed() -> None:
    """Who inherits from the protocol cannot forget to draw."""

    class Forgetful(CodeGenerator):
        pass

    with pytest.raises(TypeError, match="draw"):
        Forgetful()  # type: ignore[abstract]

"""Values that a spreadsheet damaged are recognised by what they look like."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.files.damage import INVISIBLE_CHARACTER, LOOKS_DAMAGED, Damage, damage_of


@pytest.mark.parametrize(
    ("value", "like"),
    [
        *((value, "a number") for value in ("1E5", "1,23457E+11", "1.2E+05", "-1e-05", "1001.0")),
        *((value, "a date") for value in ("02.Mrz", "2-Mar", "Mar-26", "2. Mär", "02-mars-2026")),
        *((value, "a date") for value in ("2-févr.", "3-paź", "1 SEPT 26", "31/ott")),
        *((value, "a date") for value in ("03/02/2026", "3.2.26", "22-11-2026", "3/2/2026 14:30")),
        *((value, "a date") for value in ("2026-11-22", "2026-11-22 00:00:00")),
        ("2026-11-22T08:15:00.000", "a date"),
        *((value, "the error") for value in ("#N/A", "#NV", "#REF!", "#DIV/0!", "#NAME?")),
        *((value, "the error") for value in ("#¡REF!", "#BEZUG!", "#ÜBERLAUF!")),
        ("########", "a column too narrow"),
    ],
)
def test_damage_is_recognised(value: str, like: str) -> None:
    """The usual kinds, in the languages of usual spreadsheets."""
    damage = damage_of(value)
    assert damage is not None
    assert damage.reason == LOOKS_DAMAGED
    assert damage.message.startswith(f"looks like {like} ")


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("\ufeffC1", "U+FEFF"),
        ("C\u200b1", "U+200B"),
        ("C1\u00ad", "U+00AD"),
        ("\u202aC1\u202c", "U+202A"),
    ],
)
def test_what_cannot_be_seen_is_named(value: str, name: str) -> None:
    """Else the value looks like the one that somebody has."""
    message = f"has a character that cannot be seen, {name}: take it out"
    assert damage_of(value) == Damage(INVISIBLE_CHARACTER, message)


@pytest.mark.parametrize(
    "value",
    [
        *("C001", "00123", "123", "1001.5", "1001.00", "1.0.0", "E5", "1E", "1E5X", "A1E5"),
        *("2-3", "12-34-56", "3/2.2026", "2-Marie", "Mar", "MAR-1", "32.Jan", "2026-13-45X"),
        *("#", "#1", "#N", "# N/A", "C#N/A", "2026-22-11-00", "10000-01-01", "1-2-345"),
    ],
)
def test_other_values_are_not(value: str) -> None:
    """A code is not called damaged because it has a dot or a dash."""
    assert damage_of(value) is None


@given(st.floats(min_value=1e16, allow_infinity=False))
def test_a_number_that_lost_its_digits_is_recognised(number: float) -> None:
    """As programs write it that read a column as numbers."""
    assert damage_of(str(number)) == damage_of(str(number).replace(".", ",")) is not None


@given(st.text("0123456789.,/-:#ET +JanMrz!?", max_size=140))
def test_every_value_has_an_answer_at_once(value: str) -> None:
    """One that tells what it looks like, and what to do."""
    damage = damage_of(value)
    assert damage is None or (damage.message.startswith("looks like ") and ": " in damage.message)


@given(st.text(st.characters(categories=["L"]), min_size=1, max_size=140))
def test_words_are_not_damaged(value: str) -> None:
    """All kinds of damage show a digit or a mark."""
    assert damage_of(value) is None

"""The strategies of names tell those that count as the same from those that almost do."""

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.testing import strategies as values
from customer_groups.testing.strategies import NameFamily
from customer_groups.text import display_name, name_key
from searching_examples import found


@given(values.names())
def test_names_are_in_the_form_that_is_stored(name: str) -> None:
    """Every name is valid and displayed as it is."""
    assert display_name(name) == name


@given(
    st.integers(1, 100).flatmap(lambda size: st.tuples(st.just(size), values.names(max_size=size)))
)
def test_names_keep_to_their_size(pair: tuple[int, str]) -> None:
    """No name is longer than asked for."""
    size, name = pair
    assert len(name) <= size


@pytest.mark.parametrize(
    "condition",
    [
        lambda name: len(name) == 100,
        lambda name: name_key(name) != name.lower(),
        lambda name: "%" in name,
        lambda name: unicodedata.normalize("NFD", name) != name,
    ],
    ids=["longest", "folded", "wildcard", "accent"],
)
def test_names_are_nasty(condition: Callable[[str], bool]) -> None:
    """Names are as long as they may be, and hold what storages stumble over."""
    assert found(values.names(), condition)


@given(values.names().flatmap(lambda name: st.tuples(st.just(name), values.name_variants(name))))
def test_variants_are_the_same_name(pair: tuple[str, str]) -> None:
    """A variant is a valid name with the same key."""
    name, variant = pair
    display_name(variant)
    assert name_key(variant) == name_key(name)


@pytest.mark.parametrize(
    "variant",
    [
        "STRASSE É",
        "straße é",
        "Strasse é",
        unicodedata.normalize("NFD", "Straße é"),
        "Straße  é",
        "Straße\u00a0é",
        "Ｓｔｒａßｅ é",
        "S\u200btraße é",
    ],
)
def test_variants_of_many_kinds(variant: str) -> None:
    """Case, sharp s, normal form, white space, width and invisible characters vary."""
    assert found(values.name_variants("Straße é"), lambda name: name == variant)


@given(values.names().flatmap(lambda name: st.tuples(st.just(name), values.near_misses(name))))
def test_near_misses_are_other_names(pair: tuple[str, str]) -> None:
    """A near-miss is a valid name with another key."""
    name, other = pair
    display_name(other)
    assert name_key(other) != name_key(name)


@pytest.mark.parametrize("other", ["Cafe 1", "Café ", "Café 12", "Café _", "Café1", "Café-1"])
def test_near_misses_of_many_kinds(other: str) -> None:
    """Accents, single characters, wildcards and spaces are missing, added or replaced."""
    assert found(values.near_misses("Café 1"), lambda name: name == other)


@given(values.name_families())
def test_families_are_what_they_say(family: NameFamily) -> None:
    """All are valid names; some are the same as the first, the others as none of the family."""
    key = name_key(family.name)
    same = [name_key(display_name(name)) for name in family.same]
    different = [name_key(display_name(name)) for name in family.different]
    assert display_name(family.name) == family.name
    assert set(same) == {key}
    assert different
    assert len({key, *different}) == 1 + len(different)


@given(values.name_families())
def test_families_repeat_nothing(family: NameFamily) -> None:
    """No spelling stands in a family twice."""
    everyone = [family.name, *family.same, *family.different]
    assert len(set(everyone)) == len(everyone)


@given(values.name_families(name=st.just("9" * 100)))
def test_every_name_has_a_family(family: NameFamily) -> None:
    """Even where there are no letters, and no room for one more character."""
    assert family.name == "9" * 100
    assert family.same
    assert family.different


@pytest.mark.parametrize(
    ("name", "same", "different"),
    [
        ("Straße 10", "STRASSE 10", "Strase 10"),
        ("Office Café", "Ofﬁce Café", "Office Cafe"),
        ("ΣΊΣΥΦΟΣ", "σίσυφοσ", "ΣΙΣΥΦΟΣ"),
        ("はは 😀", "はは\u00a0😀", "ハハ 😀"),
        ("はは 😀", "はは  😀", "はは 😁"),
        ("A_1 %", "Ａ＿１ ％", "A_1 _"),
    ],
)
def test_families_are_large(name: str, same: str, different: str) -> None:
    """Sharp s, ligatures, accents, kana, emoji and wildcards have their relatives."""
    families = values.name_families(name=st.just(name))
    found(families, lambda family: same in family.same and different in family.different)


def test_families_are_those_of_telling_names() -> None:
    """Names with many relatives are among those that come by themselves."""
    found(values.name_families(), lambda family: "STRASSE 10" in family.same)

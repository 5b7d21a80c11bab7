"""The strategies give valid values, the nasty ones among them."""

import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from customer_groups.codes import GroupCode, parse_group_code
from customer_groups.customers import (
    Customer,
    CustomerCode,
    CustomerKey,
    parse_customer_code,
    parse_customer_key,
)
from customer_groups.model import Attributes, CustomerGroup, Membership, parse_actor
from customer_groups.query import GroupQuery
from customer_groups.testing import strategies as values
from customer_groups.text import MatchMode, display_name, name_key

T = TypeVar("T")

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def found(strategy: SearchStrategy[T], condition: Callable[[T], bool]) -> T:
    """Return a value of this kind; fail if the strategy gives none."""
    hard = settings(max_examples=2_000, derandomize=True, phases=[Phase.generate])
    return find(strategy, condition, settings=hard)


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


@given(values.group_codes())
def test_group_codes_are_canonical(code: GroupCode) -> None:
    """A code of a group is in its canonical form."""
    assert parse_group_code(code) == code


@given(values.customer_codes(), values.customer_keys())
def test_customer_codes_and_keys_are_trimmed(code: CustomerCode, key: CustomerKey) -> None:
    """Codes and keys of customers are in the form in which they are compared."""
    assert parse_customer_code(code) == code
    assert parse_customer_key(key) == key


@pytest.mark.parametrize(
    "condition",
    [
        lambda code: len(code) == 140,
        lambda code: code == "1E5",
        lambda code: code.isdecimal() and code[0] == "0" and int(code) > 0,
        lambda code: " " in code,
        lambda code: code == "c1",
        lambda code: code == "C1",
        lambda code: not code.isascii(),
    ],
    ids=["longest", "exponent", "leading zero", "space", "lower", "upper", "any script"],
)
def test_customer_codes_are_nasty(condition: Callable[[str], bool]) -> None:
    """Codes are as long as they may be, look like numbers, and differ in case alone."""
    assert found(values.customer_codes(), condition)


@given(values.customers(min_size=2, max_size=5))
def test_customers_have_keys_of_their_own(customers: list[Customer]) -> None:
    """No two customers have the same key, and there are as many as asked for."""
    assert 2 <= len(customers) <= 5
    assert len({customer.key for customer in customers}) == len(customers)


@given(values.customers(codes=st.just(CustomerCode("X"))))
def test_customers_take_their_codes_from_the_strategy(customers: list[Customer]) -> None:
    """The caller says which codes there are."""
    assert {customer.code for customer in customers} <= {"X", None}


def _codes(customers: list[Customer]) -> list[str]:
    return [customer.code for customer in customers if customer.code]


@pytest.mark.parametrize(
    "condition",
    [
        lambda customers: len(set(_codes(customers))) < len(_codes(customers)),
        lambda customers: any(each.code is None for each in customers),
        lambda customers: any(not each.active for each in customers),
        lambda customers: any(each.code == each.key for each in customers),
        lambda customers: any(
            one.key == other.code for one in customers for other in customers if one is not other
        ),
    ],
    ids=["same code", "no code", "inactive", "key is code", "key is the code of another"],
)
def test_customers_are_trouble(condition: Callable[[list[Customer]], bool]) -> None:
    """Codes repeat and are missing, keys are codes of others, customers are inactive."""
    assert found(values.customers(), condition)


@given(values.attributes(max_size=2))
def test_attributes_keep_to_their_size(attributes: Attributes) -> None:
    """There are at most as many entries as asked for."""
    assert len(attributes) <= 2


def test_attributes_are_long() -> None:
    """Keys and values are as long as they may be, and values may be empty."""
    assert found(values.attributes(), lambda held: any(len(key) == 64 for key in held))
    assert found(
        values.attributes(), lambda held: any(len(text) == 1_000 for text in held.values())
    )
    assert found(values.attributes(), lambda held: "" in held.values())


@given(values.times(min_value=NOON, max_value=NOON + timedelta(seconds=1)))
def test_times_lie_between_their_bounds(time: datetime) -> None:
    """A time is in UTC, and neither too early nor too late."""
    assert time.tzinfo is UTC
    assert NOON <= time <= NOON + timedelta(seconds=1)


@given(values.actors())
def test_actors_are_trimmed(actor: str | None) -> None:
    """An actor is in the form in which it is stored."""
    assert parse_actor(actor) == actor


def test_actors_are_long_or_nobody() -> None:
    """An actor may be nobody in particular, or as long as it may be."""
    assert found(values.actors(), lambda actor: actor is None) is None
    assert found(values.actors(), lambda actor: actor is not None and len(actor) == 140)


@given(values.groups())
def test_groups_vary(group: CustomerGroup) -> None:
    """A group is in the form in which it is stored."""
    assert display_name(group.name) == group.name


@given(values.groups(code=st.just(GroupCode("A")), name=st.just("B"), time=st.just(NOON)))
def test_groups_take_what_the_caller_gives(group: CustomerGroup) -> None:
    """The caller may say which codes, names and times there are."""
    expected = ("A", "B", NOON, NOON)
    assert (group.code, group.name, group.created_at, group.updated_at) == expected


@given(values.memberships(), values.memberships(group=st.just(GroupCode("A"))))
def test_memberships_take_what_the_caller_gives(any_one: Membership, of_a: Membership) -> None:
    """The caller may say which groups there are."""
    assert parse_group_code(any_one.group) == any_one.group
    assert of_a.group == "A"


@given(values.memberships(customer=st.just(CustomerKey("K"))))
def test_memberships_take_the_customers(membership: Membership) -> None:
    """The caller may say which customers there are."""
    assert membership.customer == "K"


@given(values.queries(customers=["K"]))
def test_queries_ask_for_customers_that_exist(query: GroupQuery) -> None:
    """A search for the groups of a customer names one that there is."""
    assert query.customer in {"K", None}


def _cuts_from_the_middle(query: GroupQuery) -> bool:
    name = query.name
    return name is not None and name.mode is MatchMode.CONTAINS and name.text == "ige"


@pytest.mark.parametrize(
    "condition",
    [
        _cuts_from_the_middle,
        lambda query: query.name is not None and query.name.text == "TIGER",
        lambda query: query.name is not None and query.name.text == "%",
        lambda query: query.name is not None and "_" in query.name.text[1:-1],
        lambda query: query.code is not None and query.code.text == "CG-0",
        lambda query: query == GroupQuery(),
    ],
    ids=["part", "variant", "wildcard", "wildcard inside", "code", "everything"],
)
def test_queries_are_cut_from_what_exists(condition: Callable[[GroupQuery], bool]) -> None:
    """The texts are parts and variants of names and codes, with wildcards put in."""
    assert condition(found(values.queries(names=["Tiger"], codes=["CG-01"]), condition))


@given(values.queries())
def test_queries_need_nothing_that_exists(query: GroupQuery) -> None:
    """Without names, codes and customers the searches are valid, too."""
    assert query.order_by.ascending.value in {"code", "name", "changed"}

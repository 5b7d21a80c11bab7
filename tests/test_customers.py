"""The host's customers: exact codes and keys, and what a pick list is narrowed by."""

import copy
import pickle
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.customers import (
    Customer,
    CustomerCode,
    CustomerDirectory,
    CustomerKey,
    CustomerQuery,
    is_well_formed,
    parse_customer_code,
    parse_customer_key,
)
from customer_groups.errors import InvalidCustomerCodeError, InvalidValueError
from customer_groups.text import TextMatch, contains, equals, starts_with, text_match

ANNA = Customer(CustomerCode("C001"), "Anna Müller", "Owner", key=CustomerKey("7"))
UNCODED = Customer(None, "Bob", active=False, key=CustomerKey("8"))

printable = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=140)


@pytest.mark.parametrize("code", ["00123", "123", "1E5", "c1", "C1", "Ｃ1", "a b", "e\u0301", "%"])
def test_codes_are_kept_exactly(code: str) -> None:
    """No leading zero, letter case, width or form of a character is touched."""
    assert parse_customer_code(code) == code
    assert parse_customer_key(code) == code


@given(printable)
def test_only_white_space_around_a_code_is_lost(code: str) -> None:
    """Whatever is typed around a code, the code is the same, and parsing it again too."""
    assert parse_customer_code(f"\t {code}\u3000\n") == code
    assert parse_customer_code(code) == code


@pytest.mark.parametrize(
    "code",
    ["", "  ", "x" * 141, "a\0", "a\nb", "a\tb", "\ud800", "\ufffe", None, 123, 1.0, b"C1", True],
)
def test_what_is_no_customer_code(code: object) -> None:
    """Empty, too long, control characters, and everything that is not text."""
    with pytest.raises(InvalidCustomerCodeError, match="customer code") as caught:
        parse_customer_code(code)  # type: ignore[arg-type]
    with pytest.raises(InvalidCustomerCodeError, match="customer key"):
        parse_customer_key(code)  # type: ignore[arg-type]

    assert caught.value.value == code
    assert caught.value.__suppress_context__


def test_the_longest_code() -> None:
    """140 characters are counted after trimming."""
    assert parse_customer_code(" " + "x" * 140 + " ") == "x" * 140


def test_the_key_is_the_code_where_nothing_else_is_given() -> None:
    """A host whose codes are stable never sees the difference between key and code."""
    customer = Customer(CustomerCode(" C001 "))

    assert customer.code == "C001"
    assert customer.key == "C001"
    assert customer.name == ""
    assert customer.type is None
    assert customer.active


def test_key_and_code_are_different_things() -> None:
    """Two customers with one code, or without any, are told apart by their keys."""
    twin = attrs.evolve(ANNA, key=CustomerKey("9"))

    assert twin.code == ANNA.code
    assert twin != ANNA
    assert UNCODED.code is None
    assert UNCODED.key == "8"


def test_a_customer_without_code_needs_a_key() -> None:
    """Something has to identify a customer."""
    with pytest.raises(InvalidCustomerCodeError, match="customer key None is not text"):
        Customer(None)


def test_a_customer_is_a_value() -> None:
    """Frozen, hashable, equal by all fields, and the same after pickling and copying."""
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        ANNA.name = "Other"  # type: ignore[misc]

    assert len({ANNA, attrs.evolve(ANNA), UNCODED}) == 2
    assert attrs.evolve(ANNA, name="Other") != ANNA
    assert pickle.loads(pickle.dumps(ANNA)) == ANNA  # noqa: S301 - our own bytes
    assert copy.deepcopy(ANNA) == ANNA


@pytest.mark.parametrize(
    ("value", "match"), [("x", contains("x")), (equals("x"), equals("x")), (None, None)]
)
def test_plain_text_means_contains(value: str | TextMatch | None, match: TextMatch | None) -> None:
    """A condition is given as text or as a condition; None is no condition."""
    assert text_match(value) == match


@pytest.mark.parametrize(
    ("query", "accepted"),
    [
        (CustomerQuery(), [ANNA, UNCODED]),
        (CustomerQuery(code="c0"), [ANNA]),
        (CustomerQuery(code=""), [ANNA]),
        (CustomerQuery(code=equals("C001")), [ANNA]),
        (CustomerQuery(code=equals("C0")), []),
        (CustomerQuery(name="MÜLLER"), [ANNA]),
        (CustomerQuery(name="muller"), []),
        (CustomerQuery(name=starts_with("b")), [UNCODED]),
        (CustomerQuery(name="%"), []),
        (CustomerQuery(type="Owner"), [ANNA]),
        (CustomerQuery(type="owner"), []),
        (CustomerQuery(active=True), [ANNA]),
        (CustomerQuery(active=False), [UNCODED]),
        (CustomerQuery(name="b", active=True), []),
        (CustomerQuery(code="1", name="anna", type="Owner", active=True), [ANNA]),
    ],
)
def test_what_a_pick_list_is_narrowed_by(query: CustomerQuery, accepted: list[Customer]) -> None:
    """Every condition must hold; codes and names are folded, the type is exact."""
    assert [customer for customer in (ANNA, UNCODED) if query.accepts(customer)] == accepted


def test_of_a_very_long_name_the_beginning_counts() -> None:
    """The host may have names of any length; 400 characters of them are looked at."""
    customer = Customer(CustomerCode("C1"), "x" * 399 + "yz")

    assert CustomerQuery(name="xy").accepts(customer)
    assert not CustomerQuery(name="z").accepts(customer)


def test_hostile_conditions_are_refused() -> None:
    """A search that cannot be folded is refused when the query is made."""
    with pytest.raises(InvalidValueError):
        CustomerQuery(name="x" * 401)


def test_a_forgotten_method_is_noticed() -> None:
    """Who inherits from the protocol must write every method of it."""

    class Forgetful(CustomerDirectory):
        pass

    with pytest.raises(TypeError, match=r"by_keys.*lookup.*search.*types"):
        Forgetful()  # type: ignore[abstract]


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("", "empty"),
        (" \u3000", "empty"),
        ("x" * 141, "too_long"),
        ("\x07", "bad_character"),
        ("a\ud800", "bad_character"),
        ("a\ufdd0", "bad_character"),
        ("a\U0001ffff", "bad_character"),
        (5, "not_text"),
        (None, "not_text"),
    ],
)
def test_the_error_names_the_rule_for_programs(value: str, rule: str) -> None:
    """The words may change; the rule does not."""
    with pytest.raises(InvalidCustomerCodeError) as caught:
        parse_customer_code(value)
    assert caught.value.rule == rule
    assert not is_well_formed(value)


@given(st.text())
def test_the_quick_look_lets_nothing_through_that_the_parser_would_change(text: str) -> None:
    """What is well-formed is its own parsed form."""
    if is_well_formed(text):
        assert parse_customer_code(text) == text


@pytest.mark.parametrize(
    "conditions", [{"type": 5}, {"type": "\ud800"}, {"active": "yes"}, {"name": 5}, {"code": b"x"}]
)
def test_conditions_that_mean_nothing(conditions: dict[str, Any]) -> None:
    """They are refused when the query is made, so every directory says the same."""
    with pytest.raises(InvalidValueError):
        CustomerQuery(**conditions)

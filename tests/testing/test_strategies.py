"""The strategies give valid values, the nasty ones among them, and simple ones first."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import find, given, settings
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
from customer_groups.testing.strategies import NameFamily
from customer_groups.text import MatchMode, display_name
from searching_examples import found

MILLENNIUM = datetime(2000, 1, 1, tzinfo=UTC)
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@given(values.group_codes())
def test_group_codes_are_canonical(code: GroupCode) -> None:
    """A code of a group is in its canonical form."""
    assert parse_group_code(code) == code


@pytest.mark.parametrize(
    "condition",
    [
        lambda code: code == "1E5",
        lambda code: code.isdecimal(),
        lambda code: code == "A_1",
        lambda code: len(code) == 32,
    ],
    ids=["exponent", "number", "wildcard", "longest"],
)
def test_group_codes_are_nasty(condition: Callable[[str], bool]) -> None:
    """Codes look like numbers, differ in what may be a wildcard, and are long."""
    assert found(values.group_codes(), condition)


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
        lambda code: code.startswith("="),
        lambda code: code == "c1",
        lambda code: code == "C1",
        lambda code: not code.isascii(),
    ],
    ids=[
        *("longest", "exponent", "leading zero", "space", "formula", "lower", "upper"),
        "any script",
    ],
)
def test_customer_codes_are_nasty(condition: Callable[[str], bool]) -> None:
    """Codes are as long as they may be, look like numbers, and differ in case alone."""
    assert found(values.customer_codes(), condition)


@given(values.customers(min_size=2, max_size=5))
def test_customers_have_keys_of_their_own(customers: list[Customer]) -> None:
    """No two customers have the same key, and there are as many as asked for."""
    assert 2 <= len(customers) <= 5
    assert len({customer.key for customer in customers}) == len(customers)


@given(values.customers(codes=st.just(CustomerCode("k1")), min_size=9, max_size=9))
def test_customers_have_keys_even_where_codes_are_few(customers: list[Customer]) -> None:
    """A key that is taken gives way to another, and nothing is drawn again."""
    assert len({customer.key for customer in customers}) == 9


@settings(max_examples=5)
@given(values.customers(min_size=300, max_size=300))
def test_there_may_be_many_customers(customers: list[Customer]) -> None:
    """Hypothesis finds nothing too slow or too large about hundreds of customers."""
    assert len(customers) == 300


@settings(max_examples=5)
@given(st.lists(values.groups(), min_size=20))
def test_there_may_be_many_groups(groups: list[CustomerGroup]) -> None:
    """Nor about many groups."""
    assert len(groups) >= 20


@given(values.customers(max_size=0))
def test_there_may_be_no_customers(customers: list[Customer]) -> None:
    """Nobody is a directory, too."""
    assert customers == []


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


SIMPLEST: dict[str, tuple[SearchStrategy[object], object]] = {
    "names": (values.names(), "a"),
    "name_variants": (values.name_variants("Straße"), "Straße"),
    "name_families": (values.name_families(), NameFamily("a", ("A",), ("a2",))),
    "group_codes": (values.group_codes(), "CG-000001"),
    "customer_codes": (values.customer_codes(), "C00001"),
    "customer_keys": (values.customer_keys(), "C00001"),
    "customers": (values.customers(), []),
    "two customers": (
        values.customers(min_size=2),
        [Customer("C00001"), Customer("C00001", key="k1")],
    ),
    "times": (values.times(), MILLENNIUM),
    "actors": (values.actors(), None),
    "attributes": (values.attributes(), Attributes()),
    "groups": (values.groups(), CustomerGroup("CG-000001", "a", MILLENNIUM)),
    "memberships": (values.memberships(), Membership("CG-000001", "C00001", MILLENNIUM)),
    "queries": (values.queries(), GroupQuery()),
    "hostile_cells": (values.hostile_cells(), "=1+1"),
    "import_texts": (values.import_texts().map(lambda case: case.text), ""),
}


@pytest.mark.parametrize("kind", SIMPLEST)
def test_values_shrink_to_the_simplest(kind: str) -> None:
    """Where anything fails, the example is as simple as it can be."""
    strategy, simplest = SIMPLEST[kind]
    assert find(strategy, lambda _: True, settings=settings(derandomize=True)) == simplest


HOST = """
import sys, unittest
from hypothesis import given
from hypothesis import strategies as st
from customer_groups import CustomerGroup
from customer_groups.testing.strategies import groups, hostile_cells, import_texts

st.register_type_strategy(CustomerGroup, groups())

class HostTest(unittest.TestCase):
    @given(st.from_type(CustomerGroup), hostile_cells())
    def test_values(self, group, cell):
        self.assertIsInstance(group, CustomerGroup)

    @given(import_texts())
    def test_texts(self, case):
        self.assertEqual(len(case.rejects), case.counts.rejected)

unittest.main()
"""


def test_a_host_needs_no_settings(tmp_path: Path) -> None:
    """With unittest, the settings of Hypothesis and every warning an error, all is quiet."""
    command = [sys.executable, "-W", "error", "-c", HOST]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def loaded_packages(statement: str) -> set[str]:
    """Return the top-level packages that a fresh interpreter has loaded after a statement."""
    command = [sys.executable, "-c", f"{statement}; import sys; print(*sys.modules)"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_importing_the_strategies_loads_little() -> None:
    """Nothing comes along but pytest, Hypothesis, the library and what these load."""
    allowed = loaded_packages("import pytest, hypothesis, customer_groups.importing")
    loaded = loaded_packages("import customer_groups.testing.strategies")
    alias = {"__mp_main__"}  # of __main__, made by multiprocessing
    assert loaded - allowed - sys.stdlib_module_names - alias == set()

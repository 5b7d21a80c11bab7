"""What groups can be searched by, and in which order they come back."""

import operator
import pickle
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.codes import parse_group_code
from customer_groups.customers import CustomerKey
from customer_groups.errors import InvalidCustomerCodeError, InvalidValueError
from customer_groups.model import CustomerGroup, GroupStatus
from customer_groups.query import GroupOrder, GroupQuery, GroupSummary, matches
from customer_groups.text import contains, equals, name_key, starts_with

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
GROUP = CustomerGroup(parse_group_code("CG-17"), "Größte Kunden", NOON)
MEMBERS = frozenset({CustomerKey("C001"), CustomerKey("c002")})


groups = st.builds(
    CustomerGroup,
    code=st.text("ABC012", min_size=1, max_size=4).map(parse_group_code),
    name=st.text("aÄß %'日", min_size=1, max_size=6).map("x{}".format),
    created_at=st.integers(0, 3).map(lambda hours: NOON + timedelta(hours=hours)),
    status=st.sampled_from(GroupStatus),
)


@given(group=groups, members=st.frozensets(st.sampled_from(sorted(MEMBERS))))
def test_the_default_finds_everything(
    group: CustomerGroup, members: frozenset[CustomerKey]
) -> None:
    """A query without conditions is the reset button."""
    assert matches(GroupQuery(), group, members)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (GroupQuery(code="cg"), True),
        (GroupQuery(code="-1"), True),
        (GroupQuery(code=equals("cg-17")), True),
        (GroupQuery(code=equals("CG-1")), False),
        (GroupQuery(code=starts_with("17")), False),
        (GroupQuery(code="_"), False),
        (GroupQuery(name="GRÖSSTE"), True),
        (GroupQuery(name="größte"), True),
        (GroupQuery(name="grosste"), False),
        (GroupQuery(name="kun"), True),
        (GroupQuery(name=starts_with("kun")), False),
        (GroupQuery(name=equals("  größte\tkunden ")), True),
        (GroupQuery(name="%"), False),
        (GroupQuery(name=""), True),
        (GroupQuery(status=GroupStatus.ACTIVE), True),
        (GroupQuery(status=GroupStatus.INACTIVE), False),
        (GroupQuery(customer=CustomerKey("C001")), True),
        (GroupQuery(customer=CustomerKey(" C001 ")), True),
        (GroupQuery(customer=CustomerKey("c001")), False),
        (GroupQuery(customer=CustomerKey("C002")), False),
        (GroupQuery(customer=CustomerKey("C00")), False),
    ],
)
def test_each_condition(query: GroupQuery, *, found: bool) -> None:
    """Codes and names are folded; customers are compared exactly."""
    assert matches(query, GROUP, MEMBERS) is found


@pytest.mark.parametrize("broken", ["code", "name", "status", "customer"])
def test_every_condition_must_hold(broken: str) -> None:
    """One condition that fails is enough."""
    query = GroupQuery(
        code="17", name="kunden", status=GroupStatus.ACTIVE, customer=CustomerKey("C001")
    )
    failing: dict[str, Any] = {
        "code": "18",
        "name": "partner",
        "status": GroupStatus.INACTIVE,
        "customer": "C003",
    }

    assert matches(query, GROUP, MEMBERS)
    assert not matches(attrs.evolve(query, **{broken: failing[broken]}), GROUP, MEMBERS)


def test_queries_can_be_made_of_plain_text() -> None:
    """Values as they come out of a form or a URL are recognised."""
    values: dict[str, Any] = {"status": "inactive", "order_by": "-changed", "name": "vip"}

    query = GroupQuery(**values)

    assert query.status is GroupStatus.INACTIVE
    assert query.order_by is GroupOrder.CHANGED_DESCENDING
    assert query.name == contains("vip")


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"name": "x" * 401}, InvalidValueError),
        ({"code": "\0"}, InvalidValueError),
        ({"customer": ""}, InvalidCustomerCodeError),
        ({"status": "gone"}, ValueError),
        ({"order_by": "size"}, ValueError),
    ],
    ids=str,
)
def test_what_nobody_can_search_for(values: dict[str, Any], error: type[Exception]) -> None:
    """A query with a bad condition is refused when it is made."""
    with pytest.raises(error):
        GroupQuery(**values)


def test_a_query_is_a_value() -> None:
    """Frozen, hashable, equal by all fields, and picklable."""
    query = GroupQuery(name="vip", customer=CustomerKey("C1"))

    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        query.name = None  # type: ignore[misc]
    assert hash(query) == hash(GroupQuery(name=contains("vip"), customer=CustomerKey("C1")))
    assert query != attrs.evolve(query, order_by=GroupOrder.NAME)
    assert pickle.loads(pickle.dumps(query)) == query  # noqa: S301 - our own bytes


@pytest.mark.parametrize(
    ("order", "ascending", "descending"),
    [
        (GroupOrder.CODE, GroupOrder.CODE, False),
        (GroupOrder.CODE_DESCENDING, GroupOrder.CODE, True),
        (GroupOrder.NAME, GroupOrder.NAME, False),
        (GroupOrder.NAME_DESCENDING, GroupOrder.NAME, True),
        (GroupOrder.CHANGED, GroupOrder.CHANGED, False),
        (GroupOrder.CHANGED_DESCENDING, GroupOrder.CHANGED, True),
    ],
)
def test_each_order_has_two_directions(
    order: GroupOrder, ascending: GroupOrder, *, descending: bool
) -> None:
    """A hyphen reverses an order; what is sorted by stays the same."""
    assert order.ascending is ascending
    assert order.descending is descending
    assert order.sort_key(GROUP) == ascending.sort_key(GROUP)


def test_what_each_order_sorts_by() -> None:
    """Code, key of the name, or time of the last change and code."""
    assert GroupOrder.CODE.sort_key(GROUP) == ("CG-17",)
    assert GroupOrder.NAME.sort_key(GROUP) == ("grösste kunden",)
    assert GroupOrder.CHANGED.sort_key(GROUP) == ("2026-03-01T12:00:00.000000+00:00", "CG-17")


@given(*[st.datetimes(max_value=datetime(9000, 1, 1), timezones=st.just(UTC))] * 2)  # noqa: DTZ001
def test_times_as_text_keep_their_order(one: datetime, other: datetime) -> None:
    """Earlier changes sort before later ones, to the microsecond, in every year."""
    keys = [
        GroupOrder.CHANGED.sort_key(attrs.evolve(GROUP, updated_at=time)) for time in (one, other)
    ]

    assert (keys[0] < keys[1]) is (one < other)


@given(
    st.lists(
        groups,
        unique_by=(operator.attrgetter("code"), lambda group: name_key(group.name)),
        min_size=2,
    ),
    st.sampled_from(GroupOrder),
)
def test_no_order_has_ties(found: list[CustomerGroup], order: GroupOrder) -> None:
    """Groups of one tenant have different sort keys, so every order is one order."""
    assert len({order.sort_key(group) for group in found}) == len(found)


def test_a_summary_begins_empty() -> None:
    """A group that never had members has none, and nobody changed them."""
    summary = GroupSummary(GROUP)

    assert (summary.customers, summary.members_version) == (0, 0)
    assert summary.members_changed_at is None
    assert summary.members_changed_by is None
    assert hash(summary) == hash(GroupSummary(attrs.evolve(GROUP)))

"""The model that adapters are compared with says what the contract says."""

from datetime import UTC, datetime, timedelta

import attrs
import pytest

from customer_groups.codes import GroupCode
from customer_groups.customers import Customer, CustomerKey
from customer_groups.errors import (
    DuplicateCodeError,
    DuplicateNameError,
    GroupNotFoundError,
    InvalidValueError,
    StaleGroupError,
)
from customer_groups.model import CustomerGroup, GroupStatus
from customer_groups.outcomes import Outcome, OutcomeCounts
from customer_groups.query import GroupQuery
from customer_groups.testing.model import GroupModel
from customer_groups.text import MatchMode, TextMatch

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)
A, B = GroupCode("A"), GroupCode("B")
ALPHA = CustomerGroup(A, "Straße", NOON, "anna")
BETA = CustomerGroup(B, "Beta", NOON - TICK, "anna", status=GroupStatus.INACTIVE)
DIRECTORY = (
    Customer("1"),
    Customer("2"),
    Customer("off", active=False),
    Customer("twin", key=CustomerKey("k1")),
    Customer("twin", key=CustomerKey("k2")),
    Customer("moved", active=False, key=CustomerKey("k3")),
    Customer("moved", key=CustomerKey("k4")),
    Customer(None, key=CustomerKey("k5")),
)


def model() -> GroupModel:
    """Return a model with two groups."""
    made = GroupModel(DIRECTORY)
    made.add(ALPHA)
    made.add(BETA)
    return made


def listed(*values: str) -> list[tuple[int, str]]:
    """Return the values on lines of their own."""
    return list(enumerate(values, start=1))


def keys(of: GroupModel, code: GroupCode = A) -> list[str]:
    """Return who is a member."""
    return [member.customer for member in of.members(code, limit=100).items]


def test_codes_and_names_are_unique() -> None:
    """A taken code comes before a taken name; the error names the group that has it."""
    groups = model()

    with pytest.raises(DuplicateCodeError):
        groups.add(attrs.evolve(BETA, code=A))
    with pytest.raises(DuplicateNameError) as caught:
        groups.add(CustomerGroup(GroupCode("C"), "STRASSE", NOON))
    assert (caught.value.name, caught.value.code) == ("STRASSE", "A")


def test_a_group_is_replaced_at_its_version() -> None:
    """Replacing raises the version; a stale version, another origin or a taken name does not."""
    groups = model()

    assert groups.replace(attrs.evolve(ALPHA, name="STRASSE")).version == 2
    with pytest.raises(StaleGroupError) as caught:
        groups.replace(ALPHA)
    assert (caught.value.expected, caught.value.actual) == (1, 2)
    for origin in ({"created_at": NOON}, {"created_by": None}):
        with pytest.raises(InvalidValueError):
            groups.replace(attrs.evolve(BETA, **origin))
    with pytest.raises(DuplicateNameError):
        groups.replace(attrs.evolve(BETA, name="strasse"))
    assert groups.get(A).name == "STRASSE"


def test_a_group_is_removed_with_its_members() -> None:
    """Afterwards neither group nor members are there; a stale version removes nothing."""
    groups = model()
    groups.add_members(A, listed("1"), at=NOON, by=None)

    with pytest.raises(StaleGroupError):
        groups.remove(A, version=2)
    groups.remove(A, version=1)
    groups.remove(B)

    assert groups.groups == []
    assert groups.groups_of([CustomerKey("1")]) == {"1": ()}
    with pytest.raises(GroupNotFoundError):
        groups.members(A, limit=1)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (GroupQuery(), "AB"),
        (GroupQuery(order_by="-code"), "BA"),
        (GroupQuery(order_by="name"), "BA"),
        (GroupQuery(order_by="changed"), "BA"),
        (GroupQuery(order_by="-changed"), "AB"),
        (GroupQuery(name="SS"), "A"),
        (GroupQuery(name=TextMatch("ta", MatchMode.STARTS_WITH)), ""),
        (GroupQuery(name=TextMatch("BETA", MatchMode.EQUALS)), "B"),
        (GroupQuery(code="a"), "A"),
        (GroupQuery(status=GroupStatus.INACTIVE), "B"),
        (GroupQuery(customer=CustomerKey("1")), "A"),
    ],
)
def test_groups_are_found(query: GroupQuery, expected: str) -> None:
    """Conditions narrow a search, and its order orders it, one page after the other."""
    groups = model()
    groups.add_members(A, listed("1"), at=NOON, by=None)

    first = groups.find(query, limit=1, with_total=True)
    rest = groups.find(query, limit=1, after=first.next).items if first.next else ()

    assert "".join(each.group.code for each in (*first.items, *rest)) == expected
    assert first.total == len(expected)


@pytest.mark.parametrize("limit", [0, 1_001])
def test_pages_have_bounds(limit: int) -> None:
    """A page holds 1 to 1,000 values."""
    with pytest.raises(InvalidValueError):
        model().find(GroupQuery(), limit=limit)


def test_each_added_value_has_an_outcome() -> None:
    """All outcomes of additions, told in input order unless the customer was added."""
    groups = model()
    groups.add_members(A, listed("2"), at=NOON, by="anna")
    told: list[tuple[int, str, Outcome]] = []

    counts = groups.add_members(
        A,
        listed("1", "1", "?", "?", "twin", "2", "off", "moved"),
        at=NOON,
        by="bert",
        on_outcome=lambda *said: told.append(said),
    )

    assert [outcome.value for _, _, outcome in told] == [
        *("duplicate", "unknown", "duplicate", "ambiguous", "already_member", "inactive"),
    ]
    assert counts == OutcomeCounts(
        duplicate=2, unknown=1, ambiguous=1, already_member=1, inactive=1, added=2, at=NOON + TICK
    )
    assert keys(groups) == ["1", "2", "k4"]


def test_each_removed_value_has_an_outcome() -> None:
    """A value that nobody has as code but that is the key of a member removes that member."""
    groups = model()
    groups.add_members(A, listed("1", "k1", "k4"), at=NOON, by=None, by_key=True)

    counts = groups.remove_members(
        A, listed("1", "1", "2", "twin", "k4", "moved", "k1", "?"), at=NOON, by=None
    )

    assert counts == OutcomeCounts(
        duplicate=1, unknown=1, ambiguous=1, not_a_member=2, removed=3, at=NOON + TICK
    )
    assert keys(groups) == []


def test_replaced_members_are_those_of_the_list() -> None:
    """Who stays, stays as before; who is rejected or not named leaves."""
    groups = model()
    groups.add_members(A, listed("1", "k1", "k2"), at=NOON, by="anna", by_key=True)

    counts = groups.replace_members(A, listed("1", "2", "twin"), at=NOON, by="bert")

    assert counts == OutcomeCounts(
        ambiguous=1, already_member=1, added=1, removed=2, at=NOON + TICK
    )
    assert [(each.customer, each.added_by) for each in groups.members(A, limit=9).items] == [
        ("1", "anna"),
        ("2", "bert"),
    ]


def test_only_changes_of_members_count() -> None:
    """A call that changes no membership leaves version, time and actor as they were."""
    groups = model()
    groups.add_members(A, listed("1"), at=NOON, by="anna")

    for change in (groups.add_members, groups.replace_members):
        assert change(A, listed("1"), at=NOON + TICK, by="bert").at is None
    summary = groups.find(GroupQuery(), limit=1).items[0]

    assert (summary.customers, summary.members_version) == (1, 1)
    assert (summary.members_changed_at, summary.members_changed_by) == (NOON, "anna")


def test_the_members_of_one_change_can_be_told_apart() -> None:
    """Each change has a time of its own, and members are found by it."""
    groups = model()
    for value in ("1", "2"):
        groups.add_members(A, listed(value), at=NOON, by=None)

    assert [m.customer for m in groups.members(A, limit=9, added_at=NOON + TICK).items] == ["2"]


def test_members_are_looked_up() -> None:
    """By group, by customer, and by the status of the groups."""
    groups = model()
    for code in (A, B):
        groups.add_members(code, listed("1"), at=NOON, by=None)
    one, two = CustomerKey("1"), CustomerKey("2")

    assert groups.which_are_members(A, [one, two]) == {"1"}
    assert groups.groups_of([one, two]) == {"1": (ALPHA, BETA), "2": ()}
    assert groups.groups_of([one], status=GroupStatus.ACTIVE) == {"1": (ALPHA,)}


@pytest.mark.parametrize(
    ("mapping", "expected"),
    [
        ({"1": "x"}, {"2": "bert", "x": "anna"}),
        ({"1": "2", "2": "1"}, {"1": "bert", "2": "anna"}),
        ({"1": "2"}, {"2": "bert"}),
        ({"1": "x", "2": "x"}, {"x": "anna"}),
        ({"1": None}, {"2": "bert"}),
        ({"?": "1", "2": "2"}, {"1": "anna", "2": "bert"}),
    ],
)
def test_customers_are_rekeyed(
    mapping: dict[CustomerKey, CustomerKey | None], expected: dict[str, str]
) -> None:
    """Members move together; who had the new key stays, else the one who was added first."""
    groups = model()
    groups.add_members(A, listed("1"), at=NOON, by="anna")
    groups.add_members(A, listed("2"), at=NOON, by="bert")
    before = dict(groups.memberships[A])

    changed = groups.rekey_customers(mapping, at=NOON, by=None)

    after = groups.members(A, limit=9).items
    assert {each.customer: each.added_by for each in after} == expected
    assert changed == (dict(groups.memberships[A]) != before)


def test_what_is_copied_is_kept() -> None:
    """A copy does not notice what happens later, but for the numbers that were drawn."""
    groups = model()
    groups.draw("s", 1)
    before = groups.copy()
    groups.add_members(A, listed("1"), at=NOON, by=None)
    groups.remove(B)
    groups.draw("s", 2)

    assert before.groups == [ALPHA, BETA]
    assert keys(before) == []
    assert groups.next_numbers("s") == range(3, 4)
    assert before.next_numbers("s") == range(2, 4)

"""The groups: frozen values, their limits and their transitions."""

import copy
import pickle
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.codes import GroupCode, parse_group_code
from customer_groups.customers import CustomerKey
from customer_groups.errors import (
    InvalidCustomerCodeError,
    InvalidGroupCodeError,
    InvalidNameError,
    InvalidValueError,
)
from customer_groups.model import (
    Attributes,
    CustomerGroup,
    GroupStatus,
    Membership,
    parse_actor,
    parse_time,
)

NOON = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
CODE = parse_group_code("CG-000017")
GROUP = CustomerGroup(CODE, "Key accounts", NOON, "anna", attributes={"region": "north"})
MEMBERSHIP = Membership(CODE, CustomerKey("C001"), NOON, "anna")

Transition = Callable[[CustomerGroup], CustomerGroup]

CHANGES: dict[str, Transition] = {
    "renamed": lambda group: group.renamed("Partners", at=LATER, by="bob"),
    "deactivated": lambda group: group.deactivated(at=LATER, by="bob"),
    "with attributes": lambda group: group.with_attributes({"a": "1"}, at=LATER, by="bob"),
}

NO_CHANGES: dict[str, Transition] = {
    "same name": lambda group: group.renamed(" Key  accounts ", at=LATER, by="bob"),
    "active already": lambda group: group.activated(at=LATER, by="bob"),
    "same attributes": lambda group: group.with_attributes({"region": "north"}, at=LATER, by="bob"),
}

OTHER_VALUES: dict[str, Any] = {
    "code": "CG-000018",
    "name": "Key account",
    "created_at": LATER,
    "created_by": None,
    "updated_at": LATER,
    "updated_by": None,
    "status": GroupStatus.INACTIVE,
    "version": 2,
    "attributes": {},
}

plain = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)
mappings = st.dictionaries(plain, plain | st.just(""), max_size=50)


def test_a_new_group() -> None:
    """Code, name and time are enough; who and when of the last change are those of the first."""
    group = CustomerGroup(GroupCode(" cg-1 "), " Key  accounts ", NOON)

    assert group.code == "CG-1"
    assert group.name == "Key accounts"
    assert group.status is GroupStatus.ACTIVE
    assert group.is_active
    assert group.version == 1
    assert group.attributes == {}
    assert group.created_by is None
    assert (GROUP.updated_at, GROUP.updated_by) == (NOON, "anna")
    assert GROUP.created == (NOON, "anna")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code": "ß"}, InvalidGroupCodeError),
        ({"name": ""}, InvalidNameError),
        ({"created_at": datetime(2026, 3, 1)}, InvalidValueError),  # noqa: DTZ001 - refused
        ({"updated_at": None}, InvalidValueError),
        ({"created_by": ""}, InvalidValueError),
        ({"updated_by": "a\nb"}, InvalidValueError),
        ({"version": 0}, InvalidValueError),
        ({"version": -1}, InvalidValueError),
        ({"version": True}, InvalidValueError),
        ({"version": 1.0}, InvalidValueError),
        ({"version": "1"}, InvalidValueError),
        ({"status": "gone"}, ValueError),
        ({"attributes": {"": "empty key"}}, InvalidValueError),
    ],
    ids=str,
)
def test_no_group_breaks_a_rule(changes: dict[str, Any], error: type[Exception]) -> None:
    """A group that exists is valid, however it was made."""
    with pytest.raises(error):
        attrs.evolve(GROUP, **changes)


def test_frozen() -> None:
    """Neither a group nor its attributes nor a membership can be changed."""
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        GROUP.name = "Other"  # type: ignore[misc]
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        MEMBERSHIP.added_at = LATER  # type: ignore[misc]
    with pytest.raises(TypeError):
        GROUP.attributes["region"] = "south"  # type: ignore[index]


@pytest.mark.parametrize("field", [field.name for field in attrs.fields(CustomerGroup)])
def test_equality_is_over_all_fields(field: str) -> None:
    """Two groups are equal if everything about them is; a lost field is always noticed."""
    same = attrs.evolve(GROUP)
    other = attrs.evolve(GROUP, **{field: OTHER_VALUES[field]})

    assert same == GROUP
    assert hash(same) == hash(GROUP)
    assert other != GROUP


@pytest.mark.parametrize("value", [GROUP, MEMBERSHIP, GROUP.attributes, GroupStatus.INACTIVE])
def test_pickle_and_copy(value: object) -> None:
    """Values cross processes unchanged."""
    assert pickle.loads(pickle.dumps(value)) == value  # noqa: S301 - our own bytes
    assert copy.copy(value) == value
    assert copy.deepcopy(value) == value


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_change_says_who_and_when(change: Transition) -> None:
    """A transition gives a new value with another time and actor; the version is left alone."""
    changed = change(GROUP)

    assert changed != GROUP
    assert (changed.updated_at, changed.updated_by) == (LATER, "bob")
    assert (changed.created_at, changed.created_by) == (NOON, "anna")
    assert changed.version == GROUP.version
    assert (GROUP.updated_at, GROUP.updated_by) == (NOON, "anna")


@pytest.mark.parametrize("change", NO_CHANGES.values(), ids=NO_CHANGES.keys())
def test_no_change_is_no_change(change: Transition) -> None:
    """Where nothing changes, the group itself comes back, with its old time and actor."""
    assert change(GROUP) is GROUP


def test_the_transitions() -> None:
    """Each changes what it is called after."""
    assert GROUP.renamed("KEY ACCOUNTS", at=LATER).name == "KEY ACCOUNTS"
    assert GROUP.with_attributes({"a": "1"}, at=LATER).attributes == {"a": "1"}
    inactive = GROUP.deactivated(at=LATER)
    assert inactive.status is GroupStatus.INACTIVE
    assert not inactive.is_active
    assert inactive.deactivated(at=LATER) is inactive
    assert inactive.activated(at=LATER, by="bob").is_active


def test_a_transition_checks_what_it_is_given() -> None:
    """A bad name, time or actor is refused, and the group stays as it was."""
    with pytest.raises(InvalidNameError):
        GROUP.renamed("\u200b", at=LATER)
    with pytest.raises(InvalidValueError, match="no time zone"):
        GROUP.deactivated(at=datetime(2026, 3, 1))  # noqa: DTZ001 - refused
    with pytest.raises(InvalidValueError, match="actor"):
        GROUP.deactivated(at=LATER, by="x" * 141)


@given(
    st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)),  # noqa: DTZ001
    st.timezones(),
)
def test_times_are_kept_in_utc(local: datetime, zone: tzinfo) -> None:
    """The moment is the same to the microsecond, whatever the time zone it was given in."""
    time = local.replace(tzinfo=zone)

    parsed = parse_time(time)

    assert parsed.replace(tzinfo=None) == local - (time.utcoffset() or timedelta())
    assert parsed.tzinfo is UTC
    assert parse_time(parsed) == parsed


@pytest.mark.parametrize(
    "time",
    [
        datetime(2026, 3, 1),  # noqa: DTZ001 - refused
        NOON.date(),
        NOON.isoformat(),
        NOON.timestamp(),
        None,
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=1))),
    ],
)
def test_what_is_no_moment(time: object) -> None:
    """A datetime without a time zone, one outside of all time in UTC, and anything else."""
    with pytest.raises(InvalidValueError, match="time"):
        parse_time(time)  # type: ignore[arg-type]


def test_an_offset_is_a_time_zone() -> None:
    """A fixed offset, as it comes out of ISO 8601, says enough."""
    local = NOON.astimezone(timezone(timedelta(hours=5, minutes=45)))

    assert CustomerGroup(CODE, "x", local) == CustomerGroup(CODE, "x", NOON)


def test_actors() -> None:
    """Text of 1 to 140 characters, trimmed, or nobody in particular."""
    assert parse_actor(None) is None
    assert parse_actor(" anna ") == "anna"
    assert parse_actor("x" * 140) == "x" * 140


@pytest.mark.parametrize("actor", ["", " ", "x" * 141, "a\0", "\ud800", 7])
def test_what_is_no_actor(actor: object) -> None:
    """Empty, too long, control characters, and everything that is not text."""
    with pytest.raises(InvalidValueError, match="actor"):
        parse_actor(actor)  # type: ignore[arg-type]


@given(mappings)
def test_attributes_are_a_mapping(values: dict[str, str]) -> None:
    """They equal the mapping that they were made of, in the order of the keys."""
    attributes = Attributes(values)

    assert attributes == values
    assert list(attributes) == sorted(values)
    assert len(attributes) == len(values)
    assert Attributes(attributes) == attributes
    assert hash(attributes) == hash(Attributes(dict(reversed(values.items()))))


def test_attributes_keep_a_copy() -> None:
    """What happens to the host's dictionary afterwards makes no difference."""
    values = {"region": "north"}
    attributes = Attributes(values)
    values["region"] = "south"

    assert attributes["region"] == "north"
    assert Attributes() == {}
    assert repr(attributes) == "Attributes({'region': 'north'})"


def test_the_limits_of_attributes() -> None:
    """50 entries, keys of 64 and values of 1,000 characters are allowed."""
    values = {f"{i:064}": "x" * 1_000 for i in range(50)}

    assert Attributes(values) == values


@pytest.mark.parametrize(
    "values",
    [
        {str(i): "" for i in range(51)},
        {"": "x"},
        {" ": "x"},
        {"x" * 65: "x"},
        {"x": "x" * 1_001},
        {"x": "a\0b"},
        {"a\nb": "x"},
        {"x": 7},
        {"x": None},
        {7: "x"},
        {"a": "1", " a": "2"},
    ],
    ids=lambda values: repr(values)[:40],
)
def test_attributes_beyond_the_limits(values: Mapping[str, str]) -> None:
    """Too many, too long, empty or repeated keys, control characters, and what is not text."""
    with pytest.raises(InvalidValueError, match="attribute"):
        Attributes(values)


def test_an_empty_value_is_a_value() -> None:
    """A field that the host left empty is kept as empty."""
    assert Attributes({"region": ""}) == {"region": ""}


def test_a_membership() -> None:
    """Which customer is in which group, since when and by whom."""
    assert Membership(GroupCode("cg-000017"), CustomerKey(" C001 "), NOON, "anna") == MEMBERSHIP
    assert Membership(CODE, CustomerKey("C001"), NOON).added_by is None
    assert hash(attrs.evolve(MEMBERSHIP)) == hash(MEMBERSHIP)
    assert attrs.evolve(MEMBERSHIP, added_by="bob") != MEMBERSHIP


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"group": "-"}, InvalidGroupCodeError),
        ({"customer": ""}, InvalidCustomerCodeError),
        ({"added_at": None}, InvalidValueError),
        ({"added_by": ""}, InvalidValueError),
    ],
    ids=str,
)
def test_no_membership_breaks_a_rule(changes: dict[str, Any], error: type[Exception]) -> None:
    """A membership that exists is valid."""
    with pytest.raises(error):
        attrs.evolve(MEMBERSHIP, **changes)

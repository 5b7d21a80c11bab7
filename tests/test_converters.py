"""Values become plain records and come back equal."""

import json
from datetime import UTC, datetime
from typing import Any

import attrs
import cattrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.converters import make_converter
from customer_groups.customers import Customer
from customer_groups.model import Attributes, CustomerGroup, GroupStatus, Membership
from customer_groups.outcomes import Entry, OutcomeCounts
from customer_groups.query import GroupSummary
from customer_groups.testing import strategies as values

MOMENT = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
GROUP = CustomerGroup(
    "CG-1", "Zoë's", MOMENT, "anna", status=GroupStatus.INACTIVE, attributes={"b": "", "a": "1"}
)
RECORD = {
    "code": "CG-1",
    "name": "Zoë's",
    "created_at": "2026-01-02T03:04:05.000006+00:00",
    "created_by": "anna",
    "updated_at": "2026-01-02T03:04:05.000006+00:00",
    "updated_by": "anna",
    "status": "inactive",
    "version": 1,
    "attributes": {"a": "1", "b": ""},
}
SUMMARIES = st.builds(
    GroupSummary,
    values.groups(),
    st.integers(0),
    st.integers(0),
    st.none() | values.times(),
    values.actors(),
)
COUNTS = st.builds(
    OutcomeCounts, added=st.integers(0), malformed=st.integers(0), at=st.none() | values.times()
)


@attrs.frozen
class Listed:
    """A list, as plans of imports have one."""

    entries: tuple[Entry, ...]


def test_a_group_as_a_record() -> None:
    """Everything in it is what JSON has, enums included."""
    record = make_converter().unstructure(GROUP)
    assert record == RECORD
    assert type(record["status"]) is str
    assert type(record["attributes"]) is dict


@given(
    st.one_of(
        values.groups(), SUMMARIES, values.memberships(), values.customers().map(tuple), COUNTS
    )
)
def test_what_goes_through_json_comes_back_equal(value: Any) -> None:  # noqa: ANN401 - any value
    """Times to the microsecond, texts to the last character."""
    converter = make_converter()
    for one in value if isinstance(value, tuple) else [value]:
        record = json.loads(json.dumps(converter.unstructure(one)))
        assert converter.structure(record, type(one)) == one


def test_times_are_written_in_utc() -> None:
    """Whatever zone a summary was given them in."""
    local = datetime.fromisoformat("2026-01-02T05:00:00+02:00")
    record = make_converter().unstructure(GroupSummary(GROUP, members_changed_at=local))
    assert record["members_changed_at"] == "2026-01-02T03:00:00+00:00"


@pytest.mark.parametrize(
    "change",
    [
        {"owner": "anna"},
        {"name": 5},
        {"version": "1"},
        {"version": True},
        {"status": "closed"},
        {"status": 1},
        {"created_at": "2026-01-02T03:04:05"},
        {"created_at": "yesterday"},
        {"created_at": 1_767_323_045},
        {"attributes": [["a", "1"]]},
        {"attributes": {"a": 1}},
        {"attributes": ""},
    ],
)
def test_nothing_is_taken_for_something_else(change: dict[str, object]) -> None:
    """Unknown keys, numbers for text, times without zone are errors."""
    with pytest.raises(cattrs.ClassValidationError):
        make_converter().structure(RECORD | change, CustomerGroup)


@pytest.mark.parametrize("record", ["", "C1", [], None, 5])
def test_what_is_not_an_object_is_no_record(record: object) -> None:
    """Alone, it is the same error as within a record."""
    converter = make_converter()
    with pytest.raises(cattrs.ClassValidationError):
        converter.structure(record, Customer)
    with pytest.raises(cattrs.ClassValidationError):
        converter.structure({"group": record}, GroupSummary)


@pytest.mark.parametrize("entries", ["", {}, None, {"1": "C1"}, [""], [{}], [["1", "C1"]]])
def test_nothing_else_is_taken_for_a_list(entries: object) -> None:
    """A plan that was damaged must not import nobody."""
    with pytest.raises(cattrs.ClassValidationError):
        make_converter().structure({"entries": entries}, Listed)
    assert make_converter().structure({"entries": [[1, "C1"]]}, Listed) == Listed(((1, "C1"),))


def test_keys_that_are_missing_take_their_defaults() -> None:
    """A short record is enough."""
    converter = make_converter()
    assert converter.structure({"code": "C1"}, Customer) == Customer("C1")
    membership = {"group": "g", "customer": "k", "added_at": "2026-01-02T03:04:05.000006Z"}
    assert converter.structure(membership, Membership) == Membership("G", "k", MOMENT)


def test_every_converter_is_new() -> None:
    """Whoever adds a hook to one changes no other."""
    mine = make_converter()
    mine.register_unstructure_hook(Attributes, len)
    assert mine.unstructure(GROUP.attributes) == 2
    assert make_converter().unstructure(GROUP.attributes) == {"a": "1", "b": ""}

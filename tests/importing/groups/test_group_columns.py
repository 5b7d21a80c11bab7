"""The columns of a table of groups are recognised, named, or asked for; never guessed."""

import pytest

from customer_groups.errors import ColumnNotFoundError, InvalidValueError
from customer_groups.exporting import GROUP_COLUMNS, GROUP_MEMBER_COLUMNS
from customer_groups.files.columns import ColumnName
from customer_groups.importing.groups.columns import GroupColumns


@pytest.mark.parametrize(
    ("names", "fields"),
    [
        (
            GROUP_MEMBER_COLUMNS,
            {
                "group_code": "code",
                "group_name": "name",
                "status": "status",
                "attributes": "attributes",
                "customer_key": "customer_key",
                "customer_code": "customer_code",
            },
        ),
        (
            GROUP_COLUMNS,
            {
                "group_code": "code",
                "group_name": "name",
                "status": "status",
                "attributes": "attributes",
            },
        ),
        (
            ("Customer No.", "STATUS", " Customer  Group "),
            {
                "group_name": " Customer  Group ",
                "status": "STATUS",
                "customer_code": "Customer No.",
            },
        ),
        (
            ("Group Code", "Group-Name", "group status", "Client", "Name"),
            {
                "group_code": "Group Code",
                "group_name": "Group-Name",
                "status": "group status",
                "customer_code": "Client",
            },
        ),
        (("Group", "Code"), {"group_name": "Group", "customer_code": "Code"}),
        (("Group No", "cust_key"), {"group_code": "Group No", "customer_key": "cust_key"}),
        (("Group", "Customer ID", "ID"), {"group_name": "Group", "customer_code": "Customer ID"}),
        (("Group", "Kundennr"), {"group_name": "Group", "customer_code": "Kundennr"}),
        ((), {}),
    ],
)
def test_usual_names_are_recognised(names: tuple[str, ...], fields: dict[str, str]) -> None:
    """Those of our export, and those that people write."""
    assert GroupColumns().among(names).names_of_fields() == fields


@pytest.mark.parametrize(
    ("names", "candidates"),
    [
        (("Group", "Customer group", "Status"), ("Group", "Customer group")),
        (("Group", "Code", "Customer No."), ("Code", "Customer No.")),
        (("Group", "Status", "status"), ("Status", "status")),
    ],
)
def test_several_candidates_are_listed(names: tuple[str, ...], candidates: tuple[str, ...]) -> None:
    """Whoever knows which one is meant can say so."""
    with pytest.raises(ColumnNotFoundError, match="several columns are called") as caught:
        GroupColumns().among(names)
    assert caught.value.columns == candidates


@pytest.mark.parametrize("names", [("Name", "Customer"), ("Code", "Status"), ("", "x")])
def test_a_group_has_to_be_named(names: tuple[str, ...]) -> None:
    """A plain code or name could be that of a customer; the error lists what is there."""
    with pytest.raises(ColumnNotFoundError) as caught:
        GroupColumns().among(names)
    assert caught.value.columns == names


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ({"group_name": "Team", "customer_code": 3}, ("Team", None, "Code")),
        ({"group_name": ("squad", "team")}, ("Team", None, "Code")),
        ({"group_name": 1, "status": "Code", "customer_code": None}, ("Team", "Code", None)),
        ({"group_name": "Team", "group_code": None}, ("Team", None, "Code")),
    ],
)
def test_columns_can_be_named(said: dict[str, ColumnName], fields: tuple[str | None, ...]) -> None:
    """By name, several names or position; a plain code is then no longer the group's."""
    found = GroupColumns(said).among(("Team", "Name", "Code")).names_of_fields()
    assert tuple(map(found.get, ("group_name", "status", "customer_code"))) == fields
    assert "group_code" not in found


def test_a_column_that_is_named_has_to_be_there() -> None:
    """Usual names make up for it no more."""
    with pytest.raises(ColumnNotFoundError, match="there is no column 'Team'"):
        GroupColumns({"group_name": "Team"}).among(("Group", "Status"))
    with pytest.raises(ColumnNotFoundError, match="there is no column 3"):
        GroupColumns({"status": 3}).among(("Group", "Status"))


def test_only_fields_have_columns() -> None:
    """A misspelled field is not left out silently."""
    with pytest.raises(InvalidValueError, match="columns 'name' is none of: group_code"):
        GroupColumns({"name": "Team"})
    with pytest.raises(InvalidValueError, match="position from 1"):
        GroupColumns({"status": 0})


def test_fields_of_objects_have_no_position() -> None:
    """Their order may be another one in each of them."""
    columns = GroupColumns({"group_name": 1})
    assert columns.among(("Team",)).names_of_fields() == {"group_name": "Team"}
    with pytest.raises(ColumnNotFoundError, match="there is no column 1; name one of: 'Team'"):
        columns.among(("Team",), are_ordered=False)
    by_name = GroupColumns({"group_name": "Team", "status": None})
    assert by_name.among(("Team",), are_ordered=False).names_of_fields() == {"group_name": "Team"}


def test_columns_that_are_not_read_are_told() -> None:
    """In their order; one without a name says nothing."""
    found = GroupColumns({"status": None}).among(("Notes", "Group", "", "Status", "customers"))
    assert found.ignored() == ("Notes", "Status", "customers")

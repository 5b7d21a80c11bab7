"""Groups are created, changed, filled and deleted from the command line."""

from pathlib import Path

import pytest

from command_line import as_json, run

pytestmark = pytest.mark.usefixtures("shop")


def test_create() -> None:
    """A group gets a code, its first customers, and who created it."""
    group = as_json("create", "Bars", "--customer", "00001", "--customer", "4", "--by", "anna")

    assert (group["code"], group["name"], group["status"]) == ("CG-000001", "Bars", "active")
    shown = as_json("show", "CG-000001")
    assert (shown["customers"], shown["created_by"]) == (2, "anna")
    assert [each["customer"]["key"] for each in shown["members"]] == ["00001", "4"]


def test_create_with_a_code() -> None:
    """A code can be chosen, and people are told what it is."""
    done = run("create", "Bars", "--code", "bar-1")

    assert (done.exit_code, done.stdout, done.stderr) == (0, "Created BAR-1, Bars.\n", "")


def test_create_with_a_wrong_customer() -> None:
    """A customer who cannot be a member keeps the group from being created."""
    done = run("create", "Bars", "--customer", "00003")

    assert done.exit_code == 1
    assert done.stderr.startswith("Error: nothing was stored: customer '00003'")
    assert as_json("search")["groups"] == []


def test_names_are_unique() -> None:
    """The error names the group that has the name."""
    run("create", "Bars")

    error = as_json("create", "BARS", exit_code=1)["error"]

    assert error["type"] == "DuplicateNameError"
    assert "'CG-000001'" in error["message"]


def test_rename() -> None:
    """A group changes its name; who did it is recorded."""
    run("create", "Bars")

    assert run("rename", "cg-000001", "Pubs", "--by", "ben").stdout == "CG-000001 is named Pubs.\n"
    group = as_json("rename", "CG-000001", "Inns")
    assert (group["name"], group["version"]) == ("Inns", 3)


def test_activate_and_deactivate() -> None:
    """A group is switched off and on."""
    run("create", "Bars")

    assert run("deactivate", "CG-000001").stdout == "CG-000001 is inactive.\n"
    assert as_json("search", "--status", "inactive")["groups"][0]["status"] == "inactive"
    assert run("activate", "CG-000001", "--by", "ben").stdout == "CG-000001 is active.\n"
    assert as_json("show", "CG-000001")["updated_by"] == "ben"


def test_delete() -> None:
    """A deleted group is gone; its customers are not."""
    run("create", "Bars", "--customer", "00001")

    assert as_json("delete", " cg-000001", "--request-id", "d1") == {
        "deleted": "CG-000001",
        "released": [],
        "request_id": "d1",
    }
    assert as_json("delete", "CG-000001", exit_code=1)["error"]["type"] == "GroupNotFoundError"
    assert len(as_json("customers")["customers"]) == 5


def test_add() -> None:
    """Each customer has an outcome; rejects do not keep the others out."""
    run("create", "Bars")

    done = as_json("add", "cg-000001", "00001", "00003", "4", "nobody", "00001")

    assert done["group"] == "CG-000001"
    counts = done["counts"]
    outcomes = ("added", "inactive", "unknown", "duplicate")
    assert [counts[outcome] for outcome in outcomes] == [2, 1, 1, 1]
    assert [(each["line"], each["value"], each["reason"]) for each in done["rejects"]] == [
        (2, "00003", "inactive"),
        (4, "nobody", "unknown"),
    ]


def test_add_in_words() -> None:
    """People see what happened, and nothing that did not."""
    run("create", "Bars")

    done = run("add", "CG-000001", "00001", "nobody")

    assert done.exit_code == 0
    assert done.lines == [
        ["1 of 2 added."],
        [""],
        ["outcome", "values"],
        ["unknown", "1"],
        ["added", "1"],
        [""],
        ["line", "value", "reject"],
        ["2", "nobody", "no customer has it"],
    ]


def test_many_rejects_are_not_all_shown() -> None:
    """Ten rejects are shown, the number of the others is said."""
    run("create", "Bars")

    few = run("add", "CG-000001", *(f"n{number}" for number in range(10)))
    many = run("add", "CG-000001", *(f"n{number}" for number in range(13)))

    assert (few.stderr, few.lines[-1]) == ("", ["10", "n9", "no customer has it"])
    assert (many.stderr, many.lines[-1]) == (
        "3 more rejects; --json shows all.\n",
        ["10", "n9", "no customer has it"],
    )


def test_remove() -> None:
    """Customers leave the group, by key where that is asked for."""
    run("create", "Bars", "--customer", "00001", "--customer", "4")

    assert as_json("remove", "CG-000001", "00002", "4", "--by", "ben")["counts"]["removed"] == 1
    assert as_json("show", "CG-000001")["members_changed_by"] == "ben"
    assert run("remove", "CG-000001", "--by-key", "00001").stdout.startswith("1 of 1 removed.\n")
    assert as_json("show", "CG-000001")["customers"] == 0


@pytest.mark.parametrize("command", ["add", "remove"])
def test_strict(command: str) -> None:
    """Rejects are a failure only where that is asked for; they are reported either way."""
    run("create", "Bars")

    assert run(command, "CG-000001", "nobody").exit_code == 0
    assert run(command, "CG-000001", "00001", "--strict").exit_code == 0
    assert (
        as_json(command, "CG-000001", "nobody", "--strict", exit_code=1)["counts"]["unknown"] == 1
    )


def test_zeros_in_front_count() -> None:
    """Two codes that differ by zeros are two customers."""
    run("create", "Four", "--customer", "4")

    (member,) = as_json("show", "CG-000001")["members"]
    assert member["customer"]["name"] == "Also four"


def test_a_customer_without_a_code_is_added_by_key() -> None:
    """A key means its customer."""
    Path("more.csv").write_text("code,key,name\n,k9,No code\n")
    run("load-customers", "more.csv")
    run("create", "Bars")

    assert as_json("add", "CG-000001", "k9")["counts"]["unknown"] == 1
    assert as_json("add", "CG-000001", "k9", "--by-key")["counts"]["added"] == 1

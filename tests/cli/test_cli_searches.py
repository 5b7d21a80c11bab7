"""Groups and customers are found and shown from the command line."""

from pathlib import Path
from typing import Any

import pytest

from command_line import as_json, run
from customer_groups.adapters.sql import open_store
from customer_groups.service import create_group

pytestmark = pytest.mark.usefixtures("shop")


@pytest.fixture
def groups(shop: Path) -> Path:
    """Create three groups."""
    run("create", "Bars", "--customer", "00001", "--by", "anna")
    run("create", "Bakeries", "--code", "BAKE")
    run("create", "Snack bars", "--customer", "00001", "--customer", "00004")
    run("deactivate", "BAKE")
    return shop


def codes(found: dict[str, Any]) -> list[str]:
    """Return the codes of the groups that were found, in order."""
    return [group["code"] for group in found["groups"]]


@pytest.mark.usefixtures("groups")
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("", ["BAKE", "CG-000001", "CG-000002"]),
        ("--code cg-", ["CG-000001", "CG-000002"]),
        ("--name BAR", ["CG-000001", "CG-000002"]),
        ("--status inactive", ["BAKE"]),
        ("--customer 00001", ["CG-000001", "CG-000002"]),
        ("--customer 00004 --name snack", ["CG-000002"]),
        ("--customer 00002", []),
        ("--order -code", ["CG-000002", "CG-000001", "BAKE"]),
        ("--order name", ["BAKE", "CG-000001", "CG-000002"]),
        ("--limit 1", ["BAKE"]),
    ],
)
def test_search(options: str, expected: list[str]) -> None:
    """Groups satisfy all conditions and come in the order that was asked for."""
    assert codes(as_json("search", *options.split())) == expected


@pytest.mark.usefixtures("groups")
def test_pages() -> None:
    """The cursor of a page leads to the next one; the total is counted on request."""
    first = as_json("search", "--limit", "2", "--total")
    second = as_json("search", "--limit", "2", "--after", first["next"])

    assert (codes(first), first["total"]) == (["BAKE", "CG-000001"], 3)
    assert (codes(second), second["total"], second["next"]) == (["CG-000002"], None, None)


@pytest.mark.usefixtures("groups")
def test_search_in_words() -> None:
    """A table goes to standard output, what to do next to standard error."""
    done = run("search", "--limit", "1", "--total", "--order", "name")

    header, row = done.lines
    assert header == ["code", "name", "status", "customers", "changed"]
    assert row[:4] == ["BAKE", "Bakeries", "inactive", "0"]
    assert done.stderr.startswith("3 found. There are more: repeat this with --after ")


def test_nothing_found() -> None:
    """That is no error."""
    done = run("search", "--total")

    assert (done.exit_code, len(done.lines), done.stderr) == (0, 1, "0 found.\n")


@pytest.mark.usefixtures("groups")
def test_a_cursor_of_another_search() -> None:
    """It is refused."""
    cursor = as_json("search", "--limit", "1")["next"]

    error = as_json("search", "--name", "b", "--after", cursor, exit_code=1)["error"]

    assert error["type"] == "InvalidCursorError"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("", ["00001", "00002", "00003", "00004", "4"]),
        ("--code 4", ["00004", "4"]),
        ("--name BÄCK", ["00002"]),
        ("--type Bar", ["00001", "00003", "00004"]),
        ("--type Bar --active", ["00001", "00004"]),
        ("--inactive", ["00003"]),
        ("--limit 2", ["00001", "00002"]),
    ],
)
def test_customers(options: str, expected: list[str]) -> None:
    """Customers satisfy all conditions."""
    found = as_json("customers", *options.split())["customers"]

    assert [customer["code"] for customer in found] == expected


def test_customers_in_words() -> None:
    """The pick list shows what people know, page by page."""
    done = run("customers", "--limit", "1")
    cursor = done.stderr.split()[-1]

    assert done.lines == [["code", "name", "type", "active"], ["00001", "Anna's Bar", "Bar", "yes"]]
    assert run("customers", "--limit", "1", "--after", cursor).lines[1][0] == "00002"
    assert run("customers", "--inactive").lines[1] == ["00003", "Closed", "Bar", "no"]


@pytest.mark.usefixtures("groups")
def test_show() -> None:
    """The group comes first, then its members with their names."""
    done = run("show", "cg-000002")

    lines = {line[0]: line[1:] for line in done.lines}
    assert lines["group"] == ["CG-000002"]
    assert lines["name"] == ["Snack bars"]
    assert lines["customers"] == ["2"]
    assert lines["00001"][0] == "Anna's Bar"
    assert lines["00004"][0] == "Four"
    assert done.stderr == ""


def test_show_a_large_group() -> None:
    """The first ten members are shown, the number of the others is said."""
    Path("more.csv").write_text("code\n" + "\n".join(f"N{number:02}" for number in range(14)))
    run("load-customers", "more.csv")
    run("create", "Large")
    run("import", "CG-000001", "more.csv")

    done = run("show", "CG-000001")

    assert done.lines[-1][0] == "N09"
    assert done.stderr == (
        "4 more customers; customer-groups export --group CG-000001 writes all.\n"
    )


@pytest.mark.usefixtures("groups")
def test_show_a_member_whom_the_host_has_no_longer() -> None:
    """The key is shown, because nothing else is known."""
    store = open_store("sqlite:///customer_groups.db")
    with store.engine.begin() as connection:
        connection.execute(
            store.customer_table.delete().where(store.customer_table.c.code == "00004")
        )
    store.close()

    assert run("show", "CG-000002").lines[-1][:2] == ["00004", "(no longer a customer)"]
    assert codes(as_json("search", "--customer", "00004")) == ["CG-000002"]


def test_show_the_fields_of_the_host() -> None:
    """Attributes stand below the group."""
    store = open_store("sqlite:///customer_groups.db")
    with store.transaction() as work:
        create_group(work, "Bars", attributes={"region": "north"})
    store.close()

    assert ["region", "north"] in run("show", "CG-000001").lines


def test_no_such_group() -> None:
    """An unknown code is an error in one line."""
    done = run("show", "nope")

    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "Error: no customer group has the code 'NOPE'; search for it by name\n"

"""Groups and their customers go out."""

import csv
import json
from pathlib import Path

import pytest

from command_line import as_json, run


@pytest.mark.usefixtures("group")
def test_export_of_groups() -> None:
    """Groups go to standard output as CSV, or to a file in the format of its name."""
    run("create", "Bakeries", "--customer", "00002")

    done = run("export", "--name", "bak")
    file = as_json("export", "groups.jsonl", "--customer", "00002")

    (row,) = csv.DictReader(done.stdout.splitlines())
    assert (row["code"], row["name"], row["customers"]) == ("CG-000002", "Bakeries", "1")
    assert done.stderr == ""
    assert file == {"file": "groups.jsonl", "written": 1}
    assert json.loads(Path("groups.jsonl").read_text())["code"] == "CG-000002"


@pytest.mark.usefixtures("group")
def test_conditions_of_an_export() -> None:
    """They are those of a search."""
    run("create", "Bakeries", "--customer", "00002", "--code", "BAKE")
    run("deactivate", "BAKE")

    def written(*conditions: str) -> int:
        number: int = as_json("export", "groups.csv", *conditions)["written"]
        return number

    assert written() == 2
    assert written("--status", "active", "--code", "cg") == 1
    assert written("--status", "active", "--customer", "00002") == 0
    assert written("--customer", "nobody") == 0


@pytest.mark.usefixtures("group")
def test_a_condition_on_an_ambiguous_customer() -> None:
    """A code that several customers have does not say who is meant."""
    run("load-customers", "-", stdin="code,key\ntwin,k1\ntwin,k2\n")

    error = as_json("export", "groups.csv", "--customer", "twin", exit_code=1)["error"]

    assert error["type"] == "AmbiguousCustomerError"
    assert not Path("groups.csv").exists()


@pytest.mark.usefixtures("group")
def test_export_of_members() -> None:
    """The customers of a group are written, and can be imported again by key."""
    run("load-customers", "-", stdin='code,key,name\nC9,k9,"=1+1"\n')
    run("add", "CG-000001", "00001", "C9")
    run("create", "Copy")

    exact = run("export", "--group", "cg-000001")
    guarded = run("export", "members.csv", "--group", "CG-000001", "--dialect", "spreadsheet")

    assert [line.split(",")[:3] for line in exact.stdout.splitlines()] == [
        ["key", "code", "name"],
        ["00001", "00001", "Anna's Bar"],
        ["k9", "C9", "=1+1"],
    ]
    assert guarded.stdout == "Wrote 2 to members.csv.\n"
    assert "k9,C9,'=1+1," in Path("members.csv").read_text("utf-8")
    assert as_json("import", "CG-000002", "members.csv", "--by-key")["counts"]["added"] == 2


@pytest.mark.usefixtures("group")
def test_export_of_groups_with_members() -> None:
    """There is a row for each customer of each group that satisfies the conditions."""
    run("create", "Bakeries", "--customer", "00002", "--customer", "4")

    both = list(csv.DictReader(run("export", "--members").stdout.splitlines()))
    some = list(csv.DictReader(run("export", "--members", "--name", "bar").stdout.splitlines()))

    assert [(row["code"], row["customer_code"]) for row in both] == [
        ("CG-000001", ""),
        ("CG-000002", "00002"),
        ("CG-000002", "4"),
    ]
    assert some == both[:1]


@pytest.mark.usefixtures("group")
def test_export_of_a_workbook() -> None:
    """A name that ends in .xlsx asks for a workbook."""
    openpyxl = pytest.importorskip("openpyxl", reason="install openpyxl")
    run("add", "CG-000001", "00001")

    assert run("export", "members.xlsx", "--group", "CG-000001").stdout.startswith("Wrote 1 to ")

    sheet = openpyxl.load_workbook("members.xlsx").active
    assert [cell.value for cell in sheet[2]][:3] == ["00001", "00001", "Anna's Bar"]


@pytest.mark.usefixtures("group")
def test_export_in_another_format() -> None:
    """The format can be named."""
    run("add", "CG-000001", "00001")

    (line,) = run("export", "--group", "CG-000001", "--format", "jsonl").stdout.splitlines()

    assert json.loads(line)["key"] == "00001"


@pytest.mark.usefixtures("group")
def test_export_with_another_delimiter() -> None:
    """Of groups and of members."""
    run("add", "CG-000001", "00001")

    groups = run("export", "--delimiter", ";").stdout
    members = run("export", "--group", "CG-000001", "--delimiter", "tab").stdout

    assert groups.splitlines()[1].startswith("CG-000001;Bars;active;1;")
    assert members.splitlines()[1].startswith("00001\t00001\tAnna's Bar\t")


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ("--json export", "with --json name a FILE"),
        ("--json export - --group CG-000001", "with --json name a FILE"),
        ("export --group CG-000001 --name bar", "--group cannot be combined"),
        ("export --group CG-000001 --members", "--group cannot be combined"),
        ("export --format xml", "'--format'"),
        ("import CG-000001 list.csv --rejects -", "'--rejects'"),
        ("import CG-000001 list.csv --report -", "'--report'"),
        ("import-groups list.csv --rejects -", "'--rejects'"),
        ("plan CG-000001 list.csv -", "'PLAN'"),
        ("apply plan.json --report -", "'--report'"),
        ("import CG-000001", "FILE"),
        ("search --limit 0", "'--limit'"),
        ("search --order size", "'--order'"),
        ("create", "NAME"),
        ("add CG-000001", "CUSTOMER"),
        ("nonsense", "'nonsense'"),
    ],
)
@pytest.mark.usefixtures("group")
def test_wrong_usage(arguments: str, part: str) -> None:
    """The exit code is 2, and nothing is written to standard output."""
    done = run(*arguments.split())

    assert (done.exit_code, done.stdout) == (2, "")
    assert part in done.stderr
    assert not Path("-").exists()


@pytest.mark.usefixtures("group")
def test_an_export_that_fails_leaves_the_file_as_it_was() -> None:
    """A wrong group is found before anything is written."""
    target = Path("members.csv")
    target.write_text("as it was")

    assert run("export", "members.csv", "--group", "CG-9").exit_code == 1
    assert run("export", "no/members.csv").stderr.endswith(": No such file or directory\n")
    assert target.read_text() == "as it was"

"""Real lists, through the command line, with the answers that are known beforehand."""

import gzip
import json
from pathlib import Path

import pytest

from command_line import as_json, run

pytestmark = pytest.mark.usefixtures("folder")


def test_cdnow(shared_data: Path) -> None:
    """Every customer of a year is imported once; the second time everybody is there."""
    with gzip.open(shared_data / "cdnow_master.txt.gz", "rt", encoding="ascii") as file:
        purchases = [line.split()[:2] for line in file][1:]
    Path("customers.csv").write_text("\n".join(["code", *sorted({code for code, _ in purchases})]))
    Path("list.txt").write_text("\n".join(code for code, date in purchases if date >= "19980101"))
    run("init")
    run("load-customers", "customers.csv")
    run("create", "Bought in 1998")

    outcomes = [
        {name: number for name, number in done.items() if name in _OUTCOMES and number}
        for done in (as_json("import", "CG-000001", "list.txt") for _ in range(2))
    ]

    assert outcomes == [
        {"added": 5_374, "duplicate": 7_383},
        {"already_member": 5_374, "duplicate": 7_383},
    ]


_OUTCOMES = {
    "malformed",
    "duplicate",
    "unknown",
    "ambiguous",
    "already_member",
    "not_a_member",
    "inactive",
    "added",
    "removed",
}


def test_northwind(shared_data: Path) -> None:
    """The owners are found, become a group, and come back from its file in another database."""
    columns = ["--code", "CustomerID", "--name", "CompanyName", "--type", "ContactTitle"]
    load = ["load-customers", str(shared_data / "northwind_customers.csv"), *columns]
    run("init")
    assert as_json(*load) == {"loaded": 91}

    owners = [each["code"] for each in as_json("customers", "--type", "Owner")["customers"]]
    run("create", "Owners", *(word for code in owners for word in ("--customer", code)))
    run("export", "owners.csv", "--group", "CG-000001")
    run("export", "owners.jsonl", "--group", "CG-000001")

    assert len(owners) == 17
    assert as_json("show", "CG-000001")["customers"] == 17
    records = [json.loads(line) for line in Path("owners.jsonl").read_text().splitlines()]
    assert [record["code"] for record in records] == sorted(owners)
    other = ["--db", "sqlite:///other.db"]
    for command in (["init"], load, ["create", "Owners"]):
        run(*other, *command)
    for name, outcome in (("owners.csv", "added"), ("owners.jsonl", "already_member")):
        assert as_json(*other, "import", "CG-000001", name)[outcome] == 17
    assert run(*other, "export", "--group", "CG-000001").stdout.count("\n") == 18

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

    outcomes = []
    for _ in range(2):
        counts = as_json("import", "CG-000001", "list.txt")["counts"]
        outcomes.append({name: counts[name] for name in ("added", "already_member", "duplicate")})
        assert sum(number for number in counts.values() if isinstance(number, int)) == 12_757

    assert outcomes == [
        {"added": 5_374, "already_member": 0, "duplicate": 7_383},
        {"added": 0, "already_member": 5_374, "duplicate": 7_383},
    ]


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
        assert as_json(*other, "import", "CG-000001", name)["counts"][outcome] == 17
    assert run(*other, "export", "--group", "CG-000001").stdout.count("\n") == 18

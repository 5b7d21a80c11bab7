"""Whole groups go out with their customers, and come in again."""

import json
from pathlib import Path

import pytest

from command_line import as_json, run

TABLE = """\
Group;Status;Customer No.
Pubs;inactive;
Bars;;00001
Bars;;nobody
Pubs;inactive;00002
Pubs;active;4
;;00002
"""


@pytest.fixture
def table(group: Path) -> Path:
    """Write a table that a person made, about a group that is there and one that is not."""
    file = group / "groups.csv"
    file.write_text(TABLE)
    return file


def state() -> list[tuple[str, str, str, int]]:
    """Return the code, name, status and number of customers of each group."""
    groups = as_json("search")["groups"]
    return [(each["code"], each["name"], each["status"], each["customers"]) for each in groups]


@pytest.mark.usefixtures("table")
def test_import_groups() -> None:
    """Groups are created and filled; each row has an outcome."""
    report = as_json("import-groups", "groups.csv", "--by", "anna")

    assert report["groups"] == {"created": 1, "updated": 0, "unchanged": 1}
    assert (report["customers"]["added"], report["customers"]["unknown"]) == (2, 1)
    assert (report["rows"], report["rows_without_customer"], report["rows_refused"]) == (6, 1, 2)
    assert [(each["line"], each["reason"]) for each in report["rejects"]] == [
        (4, "unknown"),
        (6, "contradiction"),
        (7, "no_group"),
    ]
    assert state() == [("CG-000001", "Bars", "active", 1), ("CG-000002", "Pubs", "inactive", 1)]
    assert as_json("show", "CG-000002")["created_by"] == "anna"


@pytest.mark.usefixtures("table")
def test_import_groups_in_words() -> None:
    """People see what became of the groups, of the rows, and which columns were read."""
    done = run("import-groups", "groups.csv")

    assert (done.exit_code, done.stderr) == (0, "")
    assert done.lines[:-3] == [
        ["2 customers added, of 6 rows."],
        [""],
        ["Read as delimited, encoding 'utf-8', delimiter ';'."],
        [""],
        ["field", "column"],
        ["group_name", "Group"],
        ["status", "Status"],
        ["customer_code", "Customer No."],
        [""],
        ["groups", "number"],
        ["created", "1"],
        ["unchanged", "1"],
        [""],
        ["outcome", "values"],
        ["unknown", "1"],
        ["added", "2"],
        ["without a customer", "1"],
        ["refused", "2"],
        [""],
        ["line", "value", "reject"],
    ]
    assert done.lines[-3] == ["4", "nobody", "no customer has it"]


@pytest.mark.usefixtures("table")
def test_dry_run() -> None:
    """Everything is reported, nothing is kept."""
    done = run("import-groups", "groups.csv", "--dry-run")

    assert done.lines[0][0].endswith(" This was a dry run: nothing is stored.")
    assert state() == [("CG-000001", "Bars", "active", 0)]


def test_rejects(table: Path) -> None:
    """They are written with all their columns; corrected they are imported."""
    run("import-groups", "groups.csv", "--rejects", "rejects.csv")
    rejects = Path("rejects.csv")
    corrected = rejects.read_text().replace("nobody", "4").replace(";active;4", ";inactive;4")
    table.write_text(corrected)

    report = as_json(
        "import-groups", "groups.csv", "--rejects", "rejects.csv", "--strict", exit_code=1
    )

    assert report["customers"]["added"] == 2
    assert rejects.read_text().count("\n") == 2


@pytest.mark.usefixtures("table")
def test_strict() -> None:
    """Rejects are a failure where that is asked for, be they rows or customers."""
    good = "Group,Customer No.\nBars,00001\n"

    assert run("import-groups", "groups.csv", "--strict").exit_code == 1
    assert run("import-groups", "-", "--strict", stdin=good).exit_code == 0
    assert run("import-groups", "-", "--strict", stdin=good + "Bars,nobody\n").exit_code == 1
    assert run("import-groups", "-", "--strict", stdin=good + ",00001\n").exit_code == 1


@pytest.mark.usefixtures("group")
def test_many_rejects() -> None:
    """Ten are shown, and people are told how to have them all."""
    rows = "".join(f"Bars,n{number}\n" for number in range(12))

    done = run("import-groups", "-", stdin=f"Group,Customer\n{rows}")

    assert done.lines[-1] == ["11", "n9", "no customer has it"]
    assert done.stderr == "2 more rejects; --rejects FILE writes all.\n"


@pytest.mark.usefixtures("group")
def test_columns_of_the_host() -> None:
    """Columns are named or counted; one that is not to be read is left out."""
    text = "Sparte,Nr,Key,Status\nBars,00001,00002,asleep\nInns,4,00002,asleep\n"
    columns = ("group_name=Sparte", "customer_code=2", "customer_key=", "status=")
    options = [word for column in columns for word in ("--column", column)]

    done = run("--json", "import-groups", "-", *options, stdin=text)

    report = json.loads(done.stdout)
    assert report["columns"] == {"group_name": "Sparte", "customer_code": "Nr"}
    assert (report["customers"]["added"], report["rejects"]) == (2, [])
    assert state() == [("CG-000001", "Bars", "active", 1), ("CG-000002", "Inns", "active", 1)]


@pytest.mark.usefixtures("group")
def test_no_column_of_customers() -> None:
    """Nobody is added, and people see that it may be a mistake, and which column it is."""
    done = run("import-groups", "-", stdin="Group,Clientele\nBars,00001\n")

    assert (done.exit_code, done.lines[0]) == (0, ["0 customers added, of 1 rows."])
    assert done.lines[6:9] == [[""], ["not read"], ["Clientele"]]
    assert done.stderr == (
        "No column of customers was found, so nobody was added to a group:"
        " name it with --column customer_code=COLUMN.\n"
    )


@pytest.mark.usefixtures("group")
def test_many_columns_that_are_not_read() -> None:
    """Ten of them are named."""
    names = ",".join(f"c{number}" for number in range(11))

    done = run("import-groups", "-", stdin=f"Group,Customer,{names}\nBars,00001\n")

    assert done.lines[7:19] == [[""], ["not read"], *([f"c{number}"] for number in range(10))]
    assert done.stderr == "1 more columns are not read; --json names all.\n"


@pytest.mark.usefixtures("table")
def test_rejects_that_cannot_be_written() -> None:
    """The import is stored, and reported all the same; people are told what is missing."""
    done = run("import-groups", "groups.csv", "--rejects", "/dev/full")

    assert (done.exit_code, done.lines[0]) == (1, ["2 customers added, of 6 rows."])
    assert "is stored, but its rejects are not written to /dev/full: " in done.stderr
    assert len(state()) == 2


@pytest.mark.parametrize(
    ("arguments", "exit_code", "part"),
    [
        ("--column Status", 2, "'Status' is not of the form FIELD=COLUMN"),
        ("--column name=Group", 1, "columns 'name' is none of: group_code, group_name"),
        ("--column status=State", 1, "there is no column 'State'"),
        ("--rejects groups.csv", 1, "is the list itself"),
        ("--sheet 0", 1, "sheet 0 is neither a name nor a position"),
        ("--format pasted", 2, "'--format'"),
    ],
)
@pytest.mark.usefixtures("table")
def test_what_cannot_be_imported(arguments: str, exit_code: int, part: str) -> None:
    """One line says what is wrong, and nothing is imported."""
    done = run("import-groups", "groups.csv", *arguments.split())

    assert (done.exit_code, done.stdout) == (exit_code, "")
    assert part in done.stderr
    assert state() == [("CG-000001", "Bars", "active", 0)]


@pytest.mark.parametrize("name", ["groups.csv", "groups.xlsx", "groups.jsonl"])
@pytest.mark.parametrize("dialect", ["exact", "spreadsheet"])
@pytest.mark.usefixtures("group")
def test_groups_move_to_another_database(name: str, dialect: str) -> None:
    """What export writes with members is all of the groups, in every format."""
    other = ["--db", "sqlite:///other.db"]
    for command in (["init"], ["load-customers", "customers.csv"]):
        run(*other, *command)
    run("add", "CG-000001", "00001", "4")
    run("create", "=Inns", "--code", "INNS")
    run("deactivate", "INNS")
    written = as_json("export", name, "--members", "--dialect", dialect)

    report = as_json(*other, "import-groups", name, "--dialect", dialect)

    assert written == {"file": name, "written": 3}
    assert report["groups"] == {"created": 2, "updated": 0, "unchanged": 0}
    assert (report["rows"], report["rejects"]) == (3, [])
    there, here = (as_json(*db, "search")["groups"] for db in (other, []))
    fields = ("code", "name", "status", "customers", "attributes")
    assert [[each[field] for field in fields] for each in there] == [
        [each[field] for field in fields] for each in here
    ]
    exports = [run(*db, "export", "--group", "CG-000001").stdout for db in (other, [])]
    assert [[line.split(",")[0] for line in text.splitlines()] for text in exports] == [
        ["key", "00001", "4"]
    ] * 2

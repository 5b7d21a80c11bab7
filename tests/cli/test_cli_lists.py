"""Lists of customers come in, groups and their customers go out."""

import csv
import json
from pathlib import Path

import pytest

from command_line import as_json, run

LIST = "Customer No.,Note\n00001,first\n00001,again\n\n00003,closed\nnobody,\n4,\n"


@pytest.fixture
def group(shop: Path) -> Path:
    """Create a group, and a list to import into it."""
    run("create", "Bars")
    Path("list.csv").write_text(LIST)
    return shop


def members() -> list[str]:
    """Return the keys of the first members of the group."""
    return [each["membership"]["customer"] for each in as_json("show", "CG-000001")["members"]]


@pytest.mark.usefixtures("group")
def test_import() -> None:
    """The record has a number for each outcome, and all the rejects."""
    done = as_json("import", "cg-000001", "list.csv", "--by", "anna")

    assert done["group"] == "CG-000001"
    assert (done["values"], done["blank_lines"], done["header_lines"]) == (5, 1, 1)
    assert {name: done[name] for name in ("added", "duplicate", "unknown", "inactive")} == {
        "added": 2,
        "duplicate": 1,
        "unknown": 1,
        "inactive": 1,
    }
    assert (done["already_member"], done["ambiguous"], done["malformed"]) == (0, 0, 0)
    assert [(each["line"], each["value"], each["outcome"]) for each in done["rejects"]] == [
        (5, "00003", "inactive"),
        (6, "nobody", "unknown"),
    ]
    assert done["detected"]["column"] == "Customer No."
    assert as_json("show", "CG-000001")["members_changed_by"] == "anna"
    assert members() == ["00001", "4"]


@pytest.mark.usefixtures("group")
def test_import_in_words() -> None:
    """People see the outcomes that happened, and the rejects."""
    done = run("import", "CG-000001", "list.csv")

    assert (done.exit_code, done.stderr) == (0, "")
    assert done.lines == [
        ["2 of 5 added to CG-000001."],
        [""],
        ["outcome", "values"],
        ["duplicate", "1"],
        ["unknown", "1"],
        ["inactive", "1"],
        ["added", "2"],
        [""],
        ["line", "value", "reject"],
        ["5", "00003", "inactive"],
        ["6", "nobody", "unknown"],
    ]


@pytest.mark.usefixtures("group")
def test_many_rejects() -> None:
    """Ten are shown, and people are told how to have them all."""
    done = run("import", "CG-000001", "-", stdin="\n".join(f"n{line}" for line in range(12)))

    assert done.lines[-1] == ["10", "n9", "unknown"]
    assert done.stderr == "2 more rejects; --rejects FILE writes all.\n"


@pytest.mark.usefixtures("group")
def test_dry_run() -> None:
    """Everything is reported, nothing is kept."""
    done = run("import", "CG-000001", "list.csv", "--dry-run")

    assert done.stdout.startswith(
        "2 of 5 added to CG-000001. This was a dry run: nothing is stored.\n"
    )
    assert members() == []


@pytest.mark.usefixtures("group")
def test_strict() -> None:
    """What can be imported is; the exit code tells that there were rejects."""
    assert as_json("import", "CG-000001", "list.csv", "--strict", exit_code=1)["added"] == 2
    assert members() == ["00001", "4"]
    assert run("import", "CG-000001", "-", "--strict", stdin="00001\n").exit_code == 0


@pytest.mark.usefixtures("group")
def test_rejects_are_corrected_and_imported_again() -> None:
    """The file of rejects is a list like the first one."""
    run("import", "CG-000001", "list.csv", "--rejects", "rejects.csv")
    rejects = Path("rejects.csv")
    rejects.write_text(rejects.read_text().replace("nobody", "00002").replace("00003", "00004"))

    assert as_json("import", "CG-000001", "rejects.csv")["added"] == 2
    assert members() == ["00001", "00002", "00004", "4"]


@pytest.mark.parametrize(("column", "rejected"), [("who", ["-"]), ("2", ["who", "-"])])
@pytest.mark.usefixtures("group")
def test_every_option_of_the_list(column: str, rejected: list[str]) -> None:
    """Format, encoding, delimiter, column and dialect are the caller's to say."""
    Path("odd.list").write_bytes("name~who\nÖ~'00001\nÄ~'-\n".encode("cp1252"))
    layout = ["--format", "delimited", "--delimiter", "~", "--column", column]
    text = ["--encoding", "cp1252", "--dialect", "spreadsheet"]

    done = as_json("import", "CG-000001", "odd.list", *layout, *text)

    assert done["added"] == 1
    assert [each["value"] for each in done["rejects"]] == rejected


@pytest.mark.usefixtures("group")
def test_import_by_key() -> None:
    """The file of members that an export writes is imported by key."""
    Path("keys.jsonl").write_text('{"key": "00001"}\n{"key": "4"}\n')

    assert as_json("import", "CG-000001", "keys.jsonl", "--by-key")["added"] == 2


@pytest.mark.parametrize(
    ("arguments", "type_", "part"),
    [
        ("CG-000001 gone.csv", "FileNotFoundError", "gone.csv: No such file or directory"),
        ("CG-9 list.csv", "GroupNotFoundError", "'CG-9'"),
        ("CG-? list.csv", "InvalidGroupCodeError", "'CG-?'"),
        ("CG-000001 list.csv --column x", "ColumnNotFoundError", "'Customer No.', 'Note'"),
        ("CG-000001 list.csv --column 3", "ColumnNotFoundError", "'Customer No.', 'Note'"),
        ("CG-000001 latin.csv", "UnreadableEncodingError", "at byte 7"),
        ("CG-000001 list.csv --encoding x", "InvalidValueError", "encoding 'x'"),
        ("CG-000001 list", "UnknownFormatError", "pasted, delimited, xlsx, jsonl"),
    ],
)
@pytest.mark.usefixtures("group")
def test_what_cannot_be_imported(arguments: str, type_: str, part: str) -> None:
    """One line says what is wrong, and nothing is imported."""
    Path("latin.csv").write_bytes("00001\n4\xe9\n".encode("latin-1"))

    error = as_json("import", *arguments.split(), exit_code=1)["error"]
    done = run("import", *arguments.split())

    assert error["type"] == type_
    assert part in error["message"]
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == f"Error: {error['message']}\n"
    assert members() == []


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
    assert as_json("import", "CG-000002", "members.csv", "--by-key")["added"] == 2


@pytest.mark.usefixtures("group")
def test_export_in_another_format() -> None:
    """The format can be named."""
    run("add", "CG-000001", "00001")

    (line,) = run("export", "--group", "CG-000001", "--format", "jsonl").stdout.splitlines()

    assert json.loads(line)["key"] == "00001"


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ("--json export", "with --json name a FILE"),
        ("--json export - --group CG-000001", "with --json name a FILE"),
        ("export --group CG-000001 --name bar", "--group cannot be combined"),
        ("export --format xml", "'--format'"),
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


@pytest.mark.usefixtures("group")
def test_an_export_that_fails_leaves_the_file_as_it_was() -> None:
    """A wrong group is found before anything is written."""
    target = Path("members.csv")
    target.write_text("as it was")

    assert run("export", "members.csv", "--group", "CG-9").exit_code == 1
    assert run("export", "no/members.csv").stderr.endswith(": No such file or directory\n")
    assert target.read_text() == "as it was"

"""Lists of customers come into groups, and out again."""

import json
from pathlib import Path

import pytest

from command_line import as_json, run
from customer_groups.files.writing import open_table
from customer_groups.files.xlsx.writing import XlsxWriter

ADD_THE_REJECTS = (
    "Import the rejects, once corrected, with --mode add:"
    " with --mode replace they would be the only members.\n"
)


def members() -> list[str]:
    """Return the keys of the first members of the group."""
    return [each["membership"]["customer"] for each in as_json("show", "CG-000001")["members"]]


@pytest.mark.usefixtures("group")
def test_import() -> None:
    """The record has a number for each outcome, and all the rejects."""
    done = as_json("import", "cg-000001", "list.csv", "--by", "anna")

    assert done["group"] == "CG-000001"
    assert (done["values"], done["blank_lines"], done["header_lines"]) == (5, 1, 1)
    assert {name: number for name, number in done["counts"].items() if number} == {
        "added": 2,
        "duplicate": 1,
        "unknown": 1,
        "inactive": 1,
        "at": done["counts"]["at"],
    }
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
        ["Read as delimited, encoding 'utf-8', delimiter ',', column 'Customer No.'."],
        [""],
        ["outcome", "values"],
        ["duplicate", "1"],
        ["unknown", "1"],
        ["inactive", "1"],
        ["added", "2"],
        [""],
        ["line", "value", "reject"],
        ["5", "00003", "the customer is not active"],
        ["6", "nobody", "no customer has it"],
    ]


@pytest.mark.usefixtures("group")
def test_many_rejects() -> None:
    """Ten are shown, and people are told how to have them all."""
    done = run("import", "CG-000001", "-", stdin="\n".join(f"n{line}" for line in range(12)))

    assert done.lines[-1] == ["10", "n9", "no customer has it"]
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
def test_remove() -> None:
    """The customers of the list leave the group."""
    run("add", "CG-000001", "00001", "00002")

    done = run("import", "CG-000001", "list.csv", "--mode", "remove")

    assert done.lines[0] == ["1 of 5 removed from CG-000001."]
    assert ["not_a_member", "2"] in done.lines
    assert members() == ["00002"]


@pytest.mark.usefixtures("group")
def test_replace() -> None:
    """The list is the new membership, and people see who leaves."""
    run("add", "CG-000001", "00002", "00004")
    replace = ["import", "CG-000001", "list.csv", "--mode", "replace"]

    tried = run(*replace, "--dry-run")
    done = run(*replace)

    said = "2 of 5 added to CG-000001, 2 others removed."
    assert tried.lines[0] == [f"{said} This was a dry run: nothing is stored."]
    assert done.lines[0] == [said]
    assert tried.lines[1:] == done.lines[1:]
    assert done.lines[-4:] == [[""], ["leaves"], ["00002"], ["00004"]]
    assert done.stderr == ADD_THE_REJECTS
    assert members() == ["00001", "4"]


@pytest.mark.usefixtures("group")
def test_replace_without_rejects() -> None:
    """Then there is nothing to correct."""
    done = run("import", "CG-000001", "-", "--mode", "replace", stdin="00001\n")

    assert (done.exit_code, done.stderr) == (0, "")


@pytest.mark.usefixtures("group")
def test_many_leave_and_many_are_rejected() -> None:
    """Ten of each are shown, and people are told how many more there are."""
    codes = [f"n{number:02}" for number in range(12)]
    run("load-customers", "-", stdin="\n".join(["code", *codes]))
    run("add", "CG-000001", *codes)
    listed = "\n".join(["00001", *(f"x{code}" for code in codes)])

    done = run("import", "CG-000001", "-", "--mode", "replace", stdin=listed)

    assert done.lines[-12:] == [[""], ["leaves"], *([code] for code in codes[:10])][-12:]
    assert done.stderr == (
        "2 more rejects; --rejects FILE writes all.\n"
        f"{ADD_THE_REJECTS}2 more leave; --json shows more of them.\n"
    )


@pytest.mark.usefixtures("group")
def test_the_wrong_list_does_not_empty_a_group() -> None:
    """A list that names nobody who can be a member replaces nothing."""
    run("add", "CG-000001", "00001")

    done = run("import", "CG-000001", "-", "--mode", "replace", stdin="nobody\n")

    assert (done.exit_code, done.stdout) == (1, "")
    assert "would leave nobody of 1 members" in done.stderr
    assert members() == ["00001"]


@pytest.mark.usefixtures("group")
def test_strict() -> None:
    """What can be imported is; the exit code tells that there were rejects."""
    assert (
        as_json("import", "CG-000001", "list.csv", "--strict", exit_code=1)["counts"]["added"] == 2
    )
    assert members() == ["00001", "4"]
    assert run("import", "CG-000001", "-", "--strict", stdin="00001\n").exit_code == 0


@pytest.mark.usefixtures("group")
def test_rejects_are_corrected_and_imported_again() -> None:
    """The file of rejects is a list like the first one."""
    run("import", "CG-000001", "list.csv", "--rejects", "rejects.csv")
    rejects = Path("rejects.csv")
    rejects.write_text(rejects.read_text().replace("nobody", "00002").replace("00003", "00004"))

    assert as_json("import", "CG-000001", "rejects.csv")["counts"]["added"] == 2
    assert members() == ["00001", "00002", "00004", "4"]


@pytest.mark.usefixtures("group")
def test_rejects_that_cannot_be_written() -> None:
    """The import is stored, and reported all the same; people are told what is missing."""
    options = ["--rejects", "/dev/full", "--report", "report.json"]

    done = run("--json", "import", "CG-000001", "list.csv", *options)

    report = json.loads(done.stdout)
    assert (done.exit_code, len(report["rejects"])) == (1, 2)
    assert report == json.loads(Path("report.json").read_text())
    assert done.stderr.startswith(
        "Error: the import is stored, but its rejects are not written to /dev/full: "
    )
    assert members() == ["00001", "4"]
    assert run("undo", "report.json").stdout.startswith("2 of 2 removed ")


@pytest.mark.usefixtures("group")
def test_a_report_that_cannot_be_written() -> None:
    """The import is stored, and shown; people are told what is missing."""
    done = run("--json", "import", "CG-000001", "list.csv", "--report", "/dev/full")

    assert (done.exit_code, json.loads(done.stdout)["counts"]["added"]) == (1, 2)
    assert done.stderr.startswith("Error: it is stored, but the report is not: /dev/full: ")
    assert members() == ["00001", "4"]


@pytest.mark.parametrize(("column", "rejected"), [("who", ["-"]), ("2", ["who", "-"])])
@pytest.mark.usefixtures("group")
def test_every_option_of_the_list(column: str, rejected: list[str]) -> None:
    """Format, encoding, delimiter, column and dialect are the caller's to say."""
    Path("odd.list").write_bytes("name~who\nÖ~'00001\nÄ~'-\n".encode("cp1252"))
    layout = ["--format", "delimited", "--delimiter", "~", "--column", column]
    text = ["--encoding", "cp1252", "--dialect", "spreadsheet"]

    done = as_json("import", "CG-000001", "odd.list", *layout, *text)

    assert done["counts"]["added"] == 1
    assert [each["value"] for each in done["rejects"]] == rejected


@pytest.mark.usefixtures("group")
def test_a_column_may_have_several_names() -> None:
    """The one that is there is taken."""
    columns = ["--column", "Kontonummer", "--column", "note"]

    done = as_json("import", "CG-000001", "list.csv", *columns)

    assert done["detected"]["column"] == "Note"


@pytest.mark.parametrize("name", ["tab", r"\t", "\t"])
@pytest.mark.usefixtures("group")
def test_a_tab_has_names(name: str) -> None:
    """Nobody can type it in every shell."""
    done = run("--json", "import", "CG-000001", "-", "--delimiter", name, stdin="code\tx\n4\t-\n")

    assert json.loads(done.stdout)["counts"]["added"] == 1


@pytest.mark.parametrize(
    ("column", "added"), [("2", "00002"), ('"2"', "00001"), ('""a""', "00004"), ('"', "4")]
)
@pytest.mark.usefixtures("group")
def test_a_column_of_digits(column: str, added: str) -> None:
    """A number is a position; in quotes it is a name."""
    listed = '2,x,"""a""",""""\n00001,00002,00004,4\n'

    run("import", "CG-000001", "-", "--column", column, stdin=listed)

    assert members() == [added]


@pytest.mark.parametrize(("sheet", "exit_code"), [("1", 0), ('"1"', 0), ("2024", 1), ('"2024"', 0)])
@pytest.mark.usefixtures("group")
def test_a_sheet_of_digits(sheet: str, exit_code: int) -> None:
    """The same, and a sheet has exactly the name that stands in the quotes."""
    with open_table("list.xlsx", ["code"], XlsxWriter(sheets=["1", "2024"])) as write_rows:
        write_rows([["00001"]])

    done = as_json("import", "CG-000001", "list.xlsx", "--sheet", sheet, exit_code=exit_code)

    assert exit_code or done["detected"]["sheet"] == sheet.strip('"')


@pytest.mark.parametrize(("option", "header_lines"), [("yes", 1), ("1", 1), ("no", 0)])
@pytest.mark.usefixtures("group")
def test_a_header_or_none(option: str, header_lines: int) -> None:
    """Whether the first line is one can be said."""
    done = run("--json", "import", "CG-000001", "-", "--header", option, stdin="00002\n00001\n")

    report = json.loads(done.stdout)
    assert report["header_lines"] == header_lines
    assert report["counts"]["added"] == 2 - header_lines


@pytest.mark.usefixtures("group")
def test_a_header_that_is_none_of_these() -> None:
    """The usage says what can be said."""
    done = run("import", "CG-000001", "list.csv", "--header", "perhaps")

    assert done.exit_code == 2
    assert "is neither yes nor no nor the number of a line" in done.stderr


@pytest.mark.usefixtures("group")
def test_a_workbook() -> None:
    """A sheet is read by name or position; what a spreadsheet did to a code is told."""
    openpyxl = pytest.importorskip("openpyxl", reason="install openpyxl")
    book = openpyxl.Workbook()
    sheet = book.create_sheet("Codes")
    for cell in ("Customer No.", "00001", 4, 1.5, "1E5"):
        sheet.append(["x", cell])
    book.save("list.xlsx")

    done = run("import", "CG-000001", "list.xlsx", "--sheet", "Codes")

    assert done.lines[2] == ["Read as xlsx, sheet 'Codes', column 'Customer No.'."]
    assert [line[:2] for line in done.lines[-2:]] == [["4", "1.5"], ["5", "1E5"]]
    assert "looks like" in done.lines[-1][2]
    assert members() == ["00001", "4"]
    assert as_json("import", "CG-000001", "list.xlsx", "--sheet", "2")["values"] == 4
    error = as_json("import", "CG-000001", "list.xlsx", "--sheet", "3", exit_code=1)["error"]
    assert error["type"] == "SheetNotFoundError"


@pytest.mark.usefixtures("group")
def test_import_by_key() -> None:
    """The file of members that an export writes is imported by key."""
    Path("keys.jsonl").write_text('{"key": "00001"}\n{"key": "4"}\n')

    assert as_json("import", "CG-000001", "keys.jsonl", "--by-key")["counts"]["added"] == 2


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

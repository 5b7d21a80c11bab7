"""A back office works with the installed command, from the first spreadsheet to a second system."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from command_line import run

COMMAND = str(Path(sys.executable).with_name("customer-groups"))


def typed(line: str, *, exit_code: int = 0) -> str:
    """Run a command as it is typed, and return what it wrote."""
    words = [COMMAND, *line.split()]
    done = subprocess.run(words, capture_output=True, text=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr.count("\n")) == (exit_code, exit_code), done.stderr
    return done.stdout or done.stderr


def workbook(name: str, *rows: tuple[object, ...]) -> None:
    """Write a workbook as a spreadsheet program does."""
    openpyxl = pytest.importorskip("openpyxl", reason="install openpyxl")
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(name)


def correct(name: str, **corrections: str) -> None:
    """Type over cells of a workbook, and leave all others as they are."""
    openpyxl = pytest.importorskip("openpyxl", reason="install openpyxl")
    book = openpyxl.load_workbook(name)
    for row in book.active.iter_rows():
        for cell in row:
            cell.value = corrections.get(f"was_{cell.value}", cell.value)
    book.save(name)


def members(db: str = "") -> list[str]:
    """Return the codes of the members of the group."""
    done = run(*db.split(), "export", "--group", "CG-000001", "--format", "jsonl")
    return [json.loads(line)["code"] for line in done.stdout.splitlines()]


@pytest.mark.usefixtures("folder")
def test_the_whole_story() -> None:
    """Load, create, plan, apply, import, correct, import again, undo, move elsewhere."""
    customers = [(f"0000{number}", f"Customer {number}", "yes") for number in range(1, 8)]
    workbook("customers.xlsx", ("Customer No.", "Name", "Active"), *customers, ("00008", "", "no"))
    workbook("spring.xlsx", ("Note", "Customer No."), ("first", "00001"), ("second", "00002"))
    workbook("more.xlsx", ("Code",), ("00003",), ("typo",), ("00008",), ("1E5",), ("00001",))

    typed("init")
    assert typed("load-customers customers.xlsx") == "Customers loaded: 8.\n"
    typed("create Spring --by anna")

    assert "nothing is stored" in typed("plan CG-000001 spring.xlsx plan.json")
    assert members() == []
    assert typed("apply plan.json --by anna").startswith("2 of 2 added to CG-000001.\n")
    assert "was changed meanwhile" in typed("apply plan.json", exit_code=1)

    told = typed("import CG-000001 more.xlsx --rejects rejects.xlsx --report first.json")
    assert told.startswith("1 of 5 added to CG-000001.\n")
    assert "looks like" in told
    assert members() == ["00001", "00002", "00003"]

    correct("rejects.xlsx", was_typo="00004", was_00008="00005", was_1E5="00006")
    told = typed("import CG-000001 rejects.xlsx --strict --report second.json")
    assert told.startswith("3 of 3 added to CG-000001.\n")

    assert typed("undo first.json --by ben") == "1 of 1 removed from CG-000001 again.\n"
    assert members() == ["00001", "00002", "00004", "00005", "00006"]
    assert typed("undo first.json") == "0 of 1 removed from CG-000001 again.\n"

    typed("export groups.xlsx --members")
    other = "--db sqlite:///other.db"
    typed(f"{other} init")
    typed(f"{other} load-customers customers.xlsx")
    assert typed(f"{other} import-groups groups.xlsx").startswith("5 customers added, of 5 rows.\n")
    assert members(other) == members()
    assert json.loads(typed(f"{other} --json show CG-000001"))["name"] == "Spring"

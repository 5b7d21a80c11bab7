"""Stock is loaded, held for groups, consumed and sent out from the command line."""

import csv
import json
import shlex
from pathlib import Path

import pytest

from command_line import Done, as_json, run
from stores import execute

DOCS = Path(__file__).parents[2] / "docs" / "reference" / "cli.md"


def numbers(stock: str, *options: str) -> dict[str, str]:
    """Return what people see of a stock."""
    rows = run("stock", stock, *options).lines
    return {row[0]: row[1] for row in rows if len(row) > 1}


@pytest.mark.usefixtures("stock")
def test_stock() -> None:
    """People see what there is, and for whom; programs see it exactly."""
    run("reserve", "CG-000001", "CHAIR", "40", "--request-id", "r1")

    assert run("stock", "CHAIR").lines == [
        ["stock", "CHAIR"],
        ["on hand", "100"],
        ["held", "40"],
        ["outstanding", "0"],
        ["free", "60"],
        [""],
        ["group", "held"],
        ["CG-000001", "40"],
    ]
    assert as_json("stock", "TABLE") == {
        "stock": "TABLE",
        "on_hand": "2.500",
        "allowance": "0",
        "held": "0.000",
        "outstanding": "0.000",
        "by_group": [],
        "free": "2.500",
        "shortfall": "0",
        "available": None,
    }


@pytest.mark.usefixtures("stock")
def test_what_a_customer_can_take() -> None:
    """By code or by key; members of the group can take more than others."""
    run("reserve", "CG-000001", "CHAIR", "40")

    assert numbers("CHAIR", "--for", "00001")["for 00001"] == "100"
    assert numbers("CHAIR", "--for", "00002")["for 00002"] == "60"
    assert as_json("stock", "CHAIR", "--for", "00001", "--by-key")["available"] == "100.000"


@pytest.mark.usefixtures("stock")
def test_stock_is_set() -> None:
    """What is on hand can be typed; less than is promised is shown as such."""
    run("reserve", "CG-000001", "CHAIR", "40")

    assert numbers("CHAIR", "--set", "30")["short of"] == "10"
    assert numbers("LAMP", "--set", "0.125")["on hand"] == "0.125"
    assert numbers("NEW")["on hand"] == "0"


@pytest.mark.usefixtures("stock")
def test_load_stock() -> None:
    """Stocks of the file are replaced, items and locations are joined, others stay."""
    text = "Item;Warehouse;Qty\nCHAIR;;7\n\nLAMP;Graz;1\n"

    assert as_json("load-stock", "-", "--delimiter", ";", exit_code=1)["error"]["type"]
    done = run("load-stock", "-", stdin=text)

    assert done.stdout == "Stocks loaded: 2.\n"
    assert [numbers(each)["on hand"] for each in ("CHAIR", "LAMP@Graz", "TABLE")] == [
        *("7", "1", "2.5")
    ]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("stock,quantity\nA,1\nB,x\n", "line 3: quantity 'x' is not a number"),
        ("stock,quantity\nA,1\n,2\n", "line 3: stock key"),
        ("stock,quantity\nA,1\nA,2\n", "line 3: row 'A' stands on an earlier line"),
        ("stock,item,quantity\nA,B,1\n", "line 2: stock 'A' stands beside an item"),
        (
            "stock,site,quantity\nA,Graz,1\n",
            "line 2: stock 'A' stands beside an item or a location",
        ),
        ("stock,quantity\nA,1,2\n", "line 2: row"),
        ("stock,amount of it\nA,1\n", "quantity"),
        ("shelf,quantity\nA,1\n", "stock"),
        ("", "there are no columns"),
    ],
)
@pytest.mark.usefixtures("stock")
def test_stock_that_cannot_be_loaded(text: str, part: str) -> None:
    """One line says what is wrong, and nothing of the file is stored."""
    done = run("load-stock", "-", stdin=text)

    assert (done.exit_code, done.stdout) == (1, "")
    assert part in done.stderr
    assert numbers("A")["on hand"] == "0"


@pytest.mark.usefixtures("stock")
def test_reserve() -> None:
    """The reservation has what was asked for, and the id of its request."""
    done = run("reserve", "cg-000001", "CHAIR", "40", "--request-id", "r1", "--by", "anna")

    assert done.stdout == "Reserved 40 of CHAIR for CG-000001: r1, active.\n"
    (made,) = as_json("reservations")["reservations"]
    assert (made["id"], made["quantity"], made["priority"]) == ("r1", "40.000", 50)
    assert (made["created_by"], made["valid_to"]) == ("anna", None)


@pytest.mark.usefixtures("stock")
def test_reserve_for_a_time() -> None:
    """Dates are in the time zone that is named; nothing is held before, if so asked."""
    window = ("--from", "2099-07-01", "--until", "2099-08-01T12:00+02:00")
    zone = ("--time-zone", "Europe/Vienna")

    made = as_json("reserve", "SPRING", "CHAIR", "20", *window, *zone, "--priority", "7")
    later = run("reserve", "SPRING", "CHAIR", "90", "--from", "2099-07-01", "--not-before-start")

    assert made["valid_from"] == "2099-06-30T22:00:00+00:00"
    assert made["valid_to"] == "2099-08-01T10:00:00+00:00"
    assert (made["state"], made["priority"]) == ("planned", 7)
    assert later.exit_code == 0
    assert numbers("CHAIR")["held"] == "20"


@pytest.mark.usefixtures("stock")
def test_the_same_request_again() -> None:
    """It has one effect; without an id each command is a request of its own."""
    for _ in range(2):
        run("reserve", "SPRING", "CHAIR", "10", "--request-id", "r1")
        run("reserve", "SPRING", "CHAIR", "1")

    assert numbers("CHAIR")["held"] == "12"
    error = as_json("reserve", "SPRING", "CHAIR", "11", "--request-id", "r1", exit_code=1)["error"]
    assert error["type"] == "RequestReusedError"


@pytest.mark.parametrize(
    ("arguments", "exit_code", "part"),
    [
        ("NOBODY CHAIR 1", 1, "no customer group has the code 'NOBODY'"),
        ("SPRING CHAIR 101", 1, "101 of 'CHAIR' are wanted and 100 can be had"),
        ("SPRING CHAIR 0.0001", 1, "quantity 0.0001 is finer than 3 decimal places"),
        ("SPRING CHAIR 0", 1, "is not above zero"),
        ("SPRING CHAIR 1,5", 2, "is not a number"),
        ("SPRING CHAIR 1 --until soon", 1, "time 'soon' is neither a date"),
        ("SPRING CHAIR 1 --until 9999-12-31", 1, "time '9999-12-31' is after the year 8999"),
        ("SPRING CHAIR 1 --until 2001-01-01", 1, "has passed already"),
        ("SPRING CHAIR 1 --time-zone Graz", 2, "'Graz' is no time zone"),
        ("SPRING CHAIR 1 --priority 0", 1, "priority"),
    ],
)
@pytest.mark.usefixtures("stock")
def test_what_cannot_be_reserved(arguments: str, exit_code: int, part: str) -> None:
    """One line says what is wrong, and nothing is held."""
    done = run("reserve", *arguments.split())

    assert (done.exit_code, done.stdout) == (exit_code, "")
    assert part in done.stderr
    assert numbers("CHAIR")["held"] == "0"


@pytest.mark.usefixtures("stock")
def test_release() -> None:
    """A part of a reservation, then the rest, which ends it."""
    run("reserve", "SPRING", "CHAIR", "10", "--request-id", "r1")

    part = run("release", "r1", "--quantity", "2.5", "--request-id", "q1")
    rest = as_json("release", "r1", "--request-id", "q2")

    assert part.stdout == "r1 is active; it holds 7.5.\n"
    assert (rest["state"], rest["request_id"]) == ("released", "q2")
    assert run("release", "r1").exit_code == 1
    assert run("release", "r1", "--request-id", "q2").stdout == (
        "r1 is released; it holds nothing.\n"
    )


@pytest.mark.usefixtures("stock")
def test_reallocate() -> None:
    """As much is held as before, by another group."""
    run("reserve", "SPRING", "CHAIR", "10", "--request-id", "r1")

    done = run("reallocate", "r1", "CG-000001", "--quantity", "4", "--request-id", "r2")

    assert done.lines == [
        ["Moved 4 of CHAIR to CG-000001: r2."],
        [""],
        ["r1 is active; it holds 6."],
    ]
    assert as_json("stock", "CHAIR")["by_group"] == [["CG-000001", "4.000"], ["SPRING", "6.000"]]


@pytest.mark.usefixtures("stock")
def test_consume() -> None:
    """A member takes from its group first, then what is free; several stocks at once."""
    run("reserve", "CG-000001", "CHAIR", "40", "--request-id", "r1")

    done = run("consume", "00001", "CHAIR=45", "TABLE=1.5", "--request-id", "o1")

    assert (done.exit_code, done.stderr) == (0, "")
    assert done.lines == [
        ["Consumed for 00001: o1."],
        [""],
        ["stock", "from", "taken", "sent out", "returned", "outstanding"],
        ["CHAIR", "r1", "40", "0", "0", "40"],
        ["CHAIR", "free stock", "5", "0", "0", "5"],
        ["TABLE", "free stock", "1.5", "0", "0", "1.5"],
    ]


@pytest.mark.usefixtures("stock")
def test_consume_what_there_is() -> None:
    """All or nothing, unless a part will do; then people see what is missing."""
    refused = run("consume", "00002", "TABLE=3")
    done = run("consume", "00002", "--by-key", "TABLE=3", "--partial", "--request-id", "o1")

    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "3 of 'TABLE' are wanted and 2.5 can be had" in refused.stderr
    assert done.lines[-1] == ["TABLE", "free stock", "2.5", "0", "0", "2.5"]
    assert done.stderr == "Missing: 3 of 'TABLE' are wanted and 2.5 can be had.\n"


@pytest.mark.parametrize("line", ["TABLE", "TABLE=", "TABLE=x"])
@pytest.mark.usefixtures("stock")
def test_lines_that_cannot_be_read(line: str) -> None:
    """They are wrong usage."""
    assert run("consume", "00001", line).exit_code == 2


@pytest.mark.usefixtures("stock")
def test_a_stock_with_an_equals_sign() -> None:
    """The last one separates the quantity."""
    run("stock", "a=b", "--set", "3")

    assert as_json("consume", "00001", "a=b=2")["draws"][0]["stock"] == "a=b"


@pytest.mark.usefixtures("stock")
def test_unconsume() -> None:
    """A part comes back, then the rest."""
    run("consume", "00001", "CHAIR=5", "TABLE=1", "--request-id", "o1")

    part = run("unconsume", "o1", "CHAIR=2")
    rest = as_json("unconsume", "o1")

    assert part.lines[0] == ["Given back from o1."]
    assert part.lines[3] == ["CHAIR", "free stock", "5", "0", "2", "3"]
    assert [each["returned"] for each in rest["draws"]] == ["5.000", "1.000"]
    assert numbers("CHAIR")["free"] == "100"


@pytest.mark.usefixtures("stock")
def test_settle() -> None:
    """What is sent out is no longer on hand; a request that is repeated sends nothing more."""
    run("consume", "00001", "CHAIR=5", "TABLE=1", "--request-id", "o1")

    for request in ("s1", "s1", "s2", "s1"):
        done = run("settle", "o1", "CHAIR=2", "--request-id", request)
        assert done.exit_code == 0
    halfway = numbers("CHAIR")
    run("settle", "o1")

    assert (halfway["on hand"], halfway["outstanding"], halfway["free"]) == ("96", "1", "95")
    assert numbers("CHAIR")["on hand"] == "95"
    assert numbers("TABLE") == {
        "stock": "TABLE",
        "on hand": "1.5",
        "held": "0",
        "outstanding": "0",
        "free": "1.5",
    }


@pytest.mark.usefixtures("stock")
def test_settle_more_than_is_on_hand() -> None:
    """Where goods are missing nothing is settled."""
    run("consume", "00001", "CHAIR=5", "--request-id", "o1")
    run("stock", "CHAIR", "--set", "4")

    assert run("settle", "o1").exit_code == 1
    assert numbers("CHAIR")["outstanding"] == "5"


@pytest.mark.usefixtures("stock")
def test_expire() -> None:
    """What is due is freed; the same request again says the same."""
    run("reserve", "SPRING", "CHAIR", "10", "--request-id", "r1", "--until", "2099-01-01")

    done = as_json("expire", "--request-id", "e1", "--by", "ben")

    assert done == {"request_id": "e1", "expired": [], "begun": []}
    assert run("expire").stdout == "0 reservations expired, 0 began.\n"


@pytest.mark.usefixtures("stock")
def test_reservations() -> None:
    """They are listed by stock and id, page by page, as far as they satisfy the conditions."""
    run("reserve", "SPRING", "TABLE", "1", "--request-id", "r1")
    run("reserve", "CG-000001", "CHAIR", "40", "--request-id", "r2", "--until", "2099-01-01")
    run("release", "r1")

    first = run("reservations", "--limit", "1")

    assert first.lines == [
        ["id", "group", "stock", "quantity", "left", "from", "until", "priority", "state"],
        ["r2", "CG-000001", "CHAIR", "40", "40", "", "2099-01-01T00:00:00+00:00", "50", "active"],
    ]
    cursor = first.stderr.split()[-1]
    (second,) = as_json("reservations", "--after", cursor)["reservations"]
    assert second["id"] == "r1"
    assert run("reservations", "--state", "released").lines[1][4] == "0"
    for condition in ("--group=SPRING", "--stock=TABLE", "--state=released"):
        assert [each["id"] for each in as_json("reservations", condition)["reservations"]] == ["r1"]


@pytest.mark.usefixtures("stock")
def test_ledger() -> None:
    """Everything that moved a stock is listed."""
    run("reserve", "CG-000001", "CHAIR", "3", "--request-id", "r1", "--by", "anna")
    run("consume", "00001", "CHAIR=2", "--request-id", "o1")
    run("consume", "00001", "TABLE=1", "--request-id", "o2")

    entries = run("ledger", "--stock", "CHAIR").lines

    assert entries[0] == [
        *("stock", "when", "request", "what", "held", "outstanding"),
        *("reservation", "customer", "by"),
    ]
    assert [[row[0], *row[2:]] for row in entries[1:]] == [
        ["CHAIR", "r1", "reserve", "3", "0", "r1", "", "anna"],
        ["CHAIR", "o1", "consume", "-2", "2", "r1", "00001", ""],
    ]
    page = as_json("ledger", "--reservation", "r1", "--limit", "1")
    assert ([each["kind"] for each in page["entries"]], bool(page["next"])) == (["reserve"], True)


@pytest.mark.usefixtures("stock")
def test_export() -> None:
    """Reservations and ledger are written to files in the format of their names."""
    run("reserve", "SPRING", "TABLE", "1", "--request-id", "r1")
    run("reserve", "SPRING", "CHAIR", "1", "--request-id", "r2")

    done = run("reservations", "--stock", "TABLE", "--export", "r.jsonl")
    ledger = as_json("ledger", "--reservation", "r2", "--export", "l.csv", "--delimiter", ";")

    assert done.stdout == "Wrote 1 to r.jsonl.\n"
    assert json.loads(Path("r.jsonl").read_text())["id"] == "r1"
    assert ledger == {"file": "l.csv", "written": 1}
    (entry,) = csv.DictReader(Path("l.csv").read_text().splitlines(), delimiter=";")
    assert (entry["kind"], entry["held"]) == ("reserve", "1.000")
    assert run("ledger", "--export", "-").exit_code == 2


PLAN = "Team,Item,Qty,Note\nSPRING,CHAIR,60,\nSPRING,CHAIR,50,\nNOBODY,CHAIR,1,\n"


@pytest.mark.usefixtures("stock")
def test_import_reservations() -> None:
    """Each row has an outcome, which people see, with the columns that were read."""
    options = ("--column", "group=Team", "--request-id", "plan")

    done = run("import-reservations", "-", *options, stdin=PLAN)

    assert (done.exit_code, done.stderr) == (0, "")
    assert done.lines == [
        ["1 of 3 rows reserved, as request plan."],
        [""],
        ["Read as delimited, encoding 'utf-8', delimiter ','."],
        [""],
        ["field", "column"],
        ["group", "Team"],
        ["item", "Item"],
        ["quantity", "Qty"],
        [""],
        ["not read"],
        ["Note"],
        [""],
        ["outcome", "values"],
        ["reserved", "1"],
        ["unknown_group", "1"],
        ["insufficient", "1"],
        [""],
        ["line", "value", "reject"],
        ["3", "50", "is more than is free, which is 40"],
        ["4", "NOBODY", "no group has it"],
    ]
    again = run("import-reservations", "-", *options, stdin=PLAN)
    assert again.lines[0] == ["0 of 3 rows reserved, as request plan."]
    assert numbers("CHAIR")["held"] == "60"


@pytest.mark.usefixtures("stock")
def test_dry_run_rejects_and_strict() -> None:
    """They are those of every import."""
    Path("plan.csv").write_text(PLAN.replace("Team", "Group"))

    tried = run("import-reservations", "plan.csv", "--dry-run", "--strict")
    held = numbers("CHAIR")["held"]
    report = as_json("import-reservations", "plan.csv", "--rejects", "rejects.csv")
    full = run("import-reservations", "plan.csv", "--rejects", "/dev/full")

    assert (tried.exit_code, held) == (1, "0")
    assert tried.lines[0][0].endswith(" This was a dry run: nothing is stored.")
    assert report["counts"]["insufficient"] == 1
    assert Path("rejects.csv").read_text().count("\n") == 3
    assert (full.exit_code, "its rejects are not written" in full.stderr) == (1, True)


@pytest.mark.usefixtures("stock")
def test_dates_of_a_file() -> None:
    """They are in the time zone that is named."""
    text = "group,stock,quantity,until\nSPRING,CHAIR,1,2099-07-01\n"

    run("import-reservations", "-", "--time-zone", "Europe/Vienna", stdin=text)

    (made,) = as_json("reservations")["reservations"]
    assert made["valid_to"] == "2099-06-30T22:00:00+00:00"


@pytest.mark.usefixtures("stock")
def test_many_rejects_and_columns() -> None:
    """Ten of each are shown, the number of the others is said."""
    names = ",".join(f"c{number}" for number in range(11))
    rows = "NOBODY,CHAIR,1\n" * 12

    done = run("import-reservations", "-", stdin=f"group,stock,quantity,{names}\n{rows}")

    assert done.stderr == (
        "2 more rejects; --rejects FILE writes all.\n"
        "1 more columns are not read; --json names all.\n"
    )


@pytest.mark.parametrize("command", ["deactivate", "delete"])
@pytest.mark.usefixtures("stock")
def test_groups_that_hold_stock(command: str) -> None:
    """They stay as they are, unless somebody says what becomes of the stock."""
    run("reserve", "SPRING", "CHAIR", "10", "--request-id", "r1")

    refused = run(command, "SPRING")
    kept = as_json("deactivate", "SPRING", "--holdings", "keep")
    run("activate", "SPRING")
    held = numbers("CHAIR")["held"]
    released = run(command, "SPRING", "--holdings", "release", "--by", "anna")

    assert (refused.exit_code, "(--holdings release, or" in refused.stderr) == (1, True)
    assert (kept["status"], kept["released"], held) == ("inactive", [], "10")
    assert released.stdout.endswith(" Released: r1.\n")
    assert numbers("CHAIR")["held"] == "0"


@pytest.mark.usefixtures("stock")
def test_a_group_that_is_switched_on_gains_stock_again() -> None:
    """Whoever was switched off by these commands was closed for reservations, too."""
    run("deactivate", "SPRING")
    refused = run("reserve", "SPRING", "CHAIR", "1")
    run("activate", "SPRING")

    assert (refused.exit_code, "(customer-groups activate CODE)" in refused.stderr) == (1, True)
    assert run("reserve", "SPRING", "CHAIR", "1").exit_code == 0


def test_a_database_without_groups(folder: Path) -> None:
    """No tables are made in a file that is not ours."""
    (folder / "customer_groups.db").touch()

    done = run("stock", "CHAIR")

    assert (done.exit_code, "run: customer-groups init" in done.stderr) == (1, True)
    assert execute(folder / "customer_groups.db", "SELECT name FROM sqlite_schema") == []


def typed(line: str) -> Done:
    """Run a command as it is typed."""
    program, *words = shlex.split(line)
    assert program == "customer-groups"
    return run(*words)


@pytest.mark.usefixtures("folder")
def test_the_example_of_the_documentation() -> None:
    """Every command of it writes what the page says."""
    example = DOCS.read_text("utf-8").split("```console\n")[1].split("```")[0]
    Path("customers.csv").write_text("code,name\n00001,Anna's Bar\n00002,Bakery Brot\n")
    Path("stock.csv").write_text("item,location,quantity\nCHAIR,Graz,100\n")

    for step in example.split("$ ")[1:]:
        line, _, told = step.partition("\n")
        done = typed(line)
        assert done.exit_code == 0, done.stderr
        shown = done.stdout.replace("\t", "  ").replace("\n\n", "\n")
        assert shown == told.rstrip("\n") + "\n", line

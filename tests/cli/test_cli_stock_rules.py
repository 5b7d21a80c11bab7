"""What the commands of reservations refuse, repeat and reconcile."""

from pathlib import Path

import pytest
import xlsxwriter

from command_line import as_json, run
from stores import execute

pytestmark = pytest.mark.usefixtures("stock")

PLAN = "group,stock,quantity\nSPRING,CHAIR,30\nSPRING,CHAIR,80\n"


@pytest.mark.parametrize("arguments", ["consume nobody CHAIR=1", "stock CHAIR --for nobody"])
@pytest.mark.parametrize("option", ["", " --by-key"])
def test_a_customer_that_nobody_is(arguments: str, option: str) -> None:
    """A code or a key that is mistyped is refused, and nothing is taken."""
    done = run(*f"{arguments}{option}".split())

    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "Error: customer 'nobody' is unknown: no customer has it\n"
    assert as_json("stock", "CHAIR")["outstanding"] == "0.000"


def test_nothing_is_stored_for_a_customer_that_nobody_is() -> None:
    """A command that fails has changed nothing; one that does not shows what it stored."""
    refused = run("stock", "CHAIR", "--set", "77", "--for", "nobody")

    assert (refused.exit_code, as_json("stock", "CHAIR")["on_hand"]) == (1, "100.000")
    stored = as_json("stock", "CHAIR", "--set", "77", "--for", "00001")
    assert (stored["on_hand"], stored["available"]) == ("77.000", "77.000")


def test_a_customer_without_a_code() -> None:
    """Such a customer is known by the key alone."""
    Path("more.csv").write_text("code,key,name\n,k9,No code\n")
    run("load-customers", "more.csv")

    assert run("consume", "k9", "CHAIR=1").exit_code == 1
    assert run("consume", "k9", "CHAIR=1", "--by-key").exit_code == 0
    assert run("consume", " 00001 ", "CHAIR=1").exit_code == 0


def test_quantities_on_hand_that_are_too_fine() -> None:
    """They are refused as everywhere else, and nothing is stored."""
    typed = run("stock", "CHAIR", "--set", "1.2345")
    loaded = run("load-stock", "-", stdin="stock,quantity\nTABLE,1\nCHAIR,1.2345\n")
    huge = run("stock", "CHAIR", "--set", "9" * 20)

    reason = "quantity on hand 1.2345 is finer than 3 decimal places"
    assert (typed.exit_code, typed.stderr) == (1, f"Error: {reason}\n")
    assert (loaded.exit_code, f"line 3: {reason}" in loaded.stderr) == (1, True)
    assert (huge.exit_code, "is more than" in huge.stderr) == (1, True)
    assert as_json("stock", "TABLE")["on_hand"] == "2.500"


def test_messages_say_what_to_type() -> None:
    """What an error says in words of Python stands there as a command or an option, too."""
    run("reserve", "SPRING", "CHAIR", "1", "--request-id", "r1")
    hints = {
        "release r9": "(customer-groups reservations)",
        "settle o9": "(customer-groups ledger shows the requests)",
        "reserve SPRING CHAIR 2 --request-id r1": "(--request-id)",
        "delete SPRING": "(--holdings release, or --holdings keep)",
    }

    for arguments, hint in hints.items():
        assert run(*arguments.split()).stderr.endswith(f"{hint}\n"), arguments


def test_quantities_of_json_are_text() -> None:
    """All of them, also the one that is nothing."""
    run("consume", "00001", "TABLE=2.5")

    (missing,) = as_json("consume", "00001", "TABLE=1", "--partial")["missing"]
    words = run("consume", "00001", "TABLE=1", "--partial")

    assert words.lines[0] == ["Nothing was consumed."]
    assert (missing["wanted"], float(missing["free"])) == ("1.000", 0)
    assert isinstance(missing["free"], str)


@pytest.mark.parametrize("command", ["activate", "deactivate", "delete"])
def test_a_group_is_changed_once(command: str) -> None:
    """The same request again says the same, whatever has happened since."""
    run("reserve", "SPRING", "CHAIR", "1", "--request-id", "r1")
    holdings = [] if command == "activate" else ["--holdings", "release"]

    first = as_json(command, "SPRING", *holdings, "--request-id", "g1")
    again = as_json(command, "SPRING", *holdings, "--request-id", "g1")

    other = as_json("reserve", "SPRING", "CHAIR", "1", "--request-id", "g1", exit_code=1)
    assert first == again
    assert (first["request_id"], other["error"]["type"]) == ("g1", "RequestReusedError")


def test_nothing_is_outstanding() -> None:
    """What was sent out altogether is not sent out again by another request."""
    run("consume", "00001", "CHAIR=5", "--request-id", "o1")
    run("settle", "o1")

    done = run("settle", "o1")

    assert (done.exit_code, "nothing is outstanding" in done.stderr) == (1, True)
    assert as_json("stock", "CHAIR")["on_hand"] == "95.000"


def test_the_same_file_again() -> None:
    """It has no second effect without an id either; another content is another request."""
    Path("plan.csv").write_text(PLAN)
    Path("copy.csv").write_text(PLAN)
    Path("other.csv").write_text(PLAN.replace("30", "20"))

    same = [as_json("import-reservations", file) for file in ("plan.csv", "plan.csv", "copy.csv")]
    held = as_json("stock", "CHAIR")["held"]
    other = as_json("import-reservations", "other.csv")

    assert [each["counts"]["reserved"] for each in same] == [1, 0, 0]
    assert held == "30.000"
    assert (other["counts"]["reserved"], len({each["request_id"] for each in same})) == (1, 1)
    assert other["request_id"] != same[0]["request_id"]


def test_the_same_file_read_otherwise() -> None:
    """Another sheet, column or time zone is another request; the same choice is the same one."""
    with xlsxwriter.Workbook("plan.xlsx") as book:
        for name in ("June", "July"):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ("group", "stock", "quantity", "more"))
            sheet.write_row(1, 0, ("SPRING", "CHAIR", "1", "2"))
    choices = (
        (),
        ("--sheet", "July"),
        ("--sheet", "July", "--column", "quantity=more"),
        ("--time-zone", "Europe/Vienna"),
    )

    for held in ("5.000", "5.000"):
        for choice in choices:
            assert run("import-reservations", "plan.xlsx", *choice).exit_code == 0
        assert as_json("stock", "CHAIR")["held"] == held


def test_the_order_of_the_options_is_no_other_request() -> None:
    """Only what is read, and how, makes the id."""
    Path("plan.csv").write_text("team,stock,number\nSPRING,CHAIR,1\n")
    columns = ["--column=group=team", "--column=quantity=number"]

    for options in (columns, columns[::-1], [*columns, "--dry-run"], [*columns, "--by=anna"]):
        run("import-reservations", "plan.csv", *options)

    assert as_json("stock", "CHAIR")["held"] == "1.000"


def test_an_id_that_is_empty() -> None:
    """Whoever gives one means one, so it is refused, and nothing is held."""
    Path("plan.csv").write_text(PLAN)

    done = run("import-reservations", "plan.csv", "--request-id", "")

    assert (done.exit_code, "request id '' is empty" in done.stderr) == (1, True)
    assert as_json("stock", "CHAIR")["held"] == "0.000"


def test_the_same_file_with_another_id() -> None:
    """Who wants the effect again says so; standard input is a new request each time."""
    small = PLAN.replace("30", "1").replace("80", "1")
    Path("plan.csv").write_text(small)

    run("import-reservations", "plan.csv")
    run("import-reservations", "plan.csv", "--request-id", "once more")
    for _ in range(2):
        run("import-reservations", "-", stdin=small)

    assert as_json("stock", "CHAIR")["held"] == "8.000"


def test_a_file_that_is_not_there() -> None:
    """It is named."""
    done = run("import-reservations", "nowhere.csv")

    assert (done.exit_code, done.stderr.startswith("Error: nowhere.csv: ")) == (1, True)


def test_reconcile() -> None:
    """Where all agrees there is nothing to say."""
    run("reserve", "SPRING", "CHAIR", "10")

    done = run("reconcile", "--repair")

    assert (done.exit_code, done.stdout) == (0, "0 stocks and 0 groups are wrong.\n")
    assert as_json("reconcile") == {"findings": [], "bypassed": [], "repaired": []}


def test_reconcile_a_shortfall() -> None:
    """Goods that are missing no repair can find."""
    run("reserve", "SPRING", "CHAIR", "10")
    run("stock", "CHAIR", "--set", "4")

    done = run("reconcile", "--repair")

    assert done.exit_code == 1
    assert done.lines == [
        ["1 stocks and 0 groups are wrong."],
        [""],
        [
            *("stock", "held", "ledger says", "reservations say"),
            *("outstanding", "ledger says", "orders say", "short of"),
        ],
        ["CHAIR", "10", "10", "10", "0", "0", "0", "6"],
    ]


def test_repair(stock: Path) -> None:
    """Totals that somebody has changed are found, and put right where that is asked for."""
    run("reserve", "SPRING", "CHAIR", "10")
    totals = "UPDATE cg_stock SET held = 7000000 WHERE stock = 'CHAIR'"
    execute(stock / "customer_groups.db", totals)

    found = as_json("reconcile", exit_code=1)
    done = run("reconcile", "--repair", "--request-id", "repair 1", "--by", "ben")

    assert [each["audit"]["totals"]["held"] for each in found["findings"]] == ["7.000"]
    assert (done.exit_code, done.lines[2]) == (0, ["Repaired: CHAIR."])
    assert as_json("stock", "CHAIR")["held"] == "10.000"
    (*_, last) = as_json("ledger", "--stock", "CHAIR")["entries"]
    assert (last["kind"], last["request_id"], last["by"]) == ("repair", "repair 1", "ben")


def test_reconcile_groups_that_were_changed_past_us(stock: Path) -> None:
    """A group that is gone or switched off, and holds stock, is listed until that is put right."""
    run("reserve", "SPRING", "CHAIR", "10", "--request-id", "r1")
    run("reserve", "CG-000001", "CHAIR", "10")
    for change in (
        "DELETE FROM cg_group WHERE code = 'SPRING'",
        "UPDATE cg_group SET status = 'inactive' WHERE code = 'CG-000001'",
    ):
        execute(stock / "customer_groups.db", change)

    done = run("reconcile")
    run("release", "r1")
    run("deactivate", "CG-000001", "--holdings", "keep")

    assert (done.exit_code, "again; of one that is deleted" in done.stderr) == (1, True)
    assert done.lines == [
        ["0 stocks and 2 groups are wrong."],
        [""],
        ["group", "status", "gains stock"],
        ["CG-000001", "inactive", "yes"],
        ["SPRING", "deleted", "yes"],
    ]
    assert run("reconcile").exit_code == 0

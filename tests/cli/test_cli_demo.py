"""The demonstration runs, says what it does, and leaves nothing behind."""

from pathlib import Path

from command_line import as_json, run


def test_demo(folder: Path) -> None:
    """Every step is shown with the command that does it; it can be repeated."""
    first = run("demo")

    assert (first.exit_code, run("demo").exit_code) == (0, 0)
    assert "$ customer-groups load-customers customers.csv\n\nCustomers loaded: 41." in first.stdout
    assert "\n\n15 of 20 added to CG-000002.\n\n" in first.stdout
    assert "5 more customers" in first.stdout
    assert "customer-groups init" in first.stderr
    assert list(folder.iterdir()) == []


def test_demo_as_json(folder: Path) -> None:
    """Each step has its command and its result; the list has every kind of trouble."""
    run("init")

    steps = as_json("demo")["steps"]

    results = {step["command"].split()[1]: step["result"] for step in steps}
    assert results["load-customers"] == {"loaded": 41}
    outcomes = ("added", "duplicate", "unknown", "inactive")
    assert [results["import"]["counts"][outcome] for outcome in outcomes] == [15, 2, 2, 1]
    assert [group["customers"] for group in results["search"]["groups"]] == [3, 15]
    assert results["export"] == {"file": "groups.xlsx", "written": 18}
    assert (results["undo"]["removed"], results["undo"]["already_gone"]) == (15, 0)
    assert as_json("search")["groups"] == [], "the database of the user is not touched"
    assert [path.name for path in folder.iterdir()] == ["customer_groups.db"]

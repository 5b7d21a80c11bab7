"""Imports are planned and applied, kept and undone."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from command_line import as_json, run
from customer_groups.cli.kept import read_kept
from customer_groups.errors import InvalidValueError
from customer_groups.importing import ImportPlan, ImportReport

pytestmark = pytest.mark.usefixtures("group")

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda values: st.lists(values) | st.dictionaries(st.text(), values),
)


@pytest.fixture
def planned() -> str:
    """Return what a plan looks like in its file."""
    run("plan", "CG-000001", "list.csv", "plan.json")
    return Path("plan.json").read_text()


def members() -> list[str]:
    """Return the keys of the first members of the group."""
    return [each["membership"]["customer"] for each in as_json("show", "CG-000001")["members"]]


def test_a_plan_is_applied() -> None:
    """A plan tells what would happen, and what happens is the same."""
    planned = run("plan", "CG-000001", "list.csv", "plan.json", "--rejects", "rejects.csv")
    before = members()

    done = as_json("apply", "plan.json", "--by", "anna")

    assert planned.stdout.startswith(
        "2 of 5 added to CG-000001. This was a dry run: nothing is stored.\n"
    )
    assert Path("rejects.csv").read_text().count("\n") == 3
    assert (before, members()) == ([], ["00001", "4"])
    assert (done["dry_run"], done["counts"]["added"], len(done["rejects"])) == (False, 2, 2)
    assert as_json("show", "CG-000001")["members_changed_by"] == "anna"


def test_a_plan_takes_the_options_of_an_import() -> None:
    """How the list is read, and what it means, is settled when the plan is made."""
    run("add", "CG-000001", "00001")
    options = ["--mode", "replace", "--header", "no", "--column", "1"]

    planned = run("--json", "plan", "CG-000001", "-", "p", *options, stdin="code,x\n00002,y\n")
    done = as_json("apply", "p")

    for report in (json.loads(planned.stdout), done):
        assert (report["leaving"], report["counts"]["unknown"]) == (["00001"], 1)
    assert members() == ["00002"]


def test_a_plan_is_stale() -> None:
    """A plan that was made for other members is refused."""
    run("plan", "CG-000001", "list.csv", "plan.json")
    run("add", "CG-000001", "00002")

    error = as_json("apply", "plan.json", exit_code=1)["error"]

    assert error["type"] == "StaleGroupError"
    assert members() == ["00002"]


def test_rejects_of_a_plan_can_be_a_failure() -> None:
    """The exit code says that there are rejects, when it is made and when it is applied."""
    assert run("plan", "CG-000001", "list.csv", "plan.json", "--strict").exit_code == 1
    assert run("apply", "plan.json", "--strict").exit_code == 1
    assert members() == ["00001", "4"]


@pytest.mark.parametrize("how", ["import CG-000001 list.csv", "apply plan.json"])
def test_undo(how: str) -> None:
    """What an import added is removed, and nothing else."""
    run("add", "CG-000001", "00001")
    run("plan", "CG-000001", "list.csv", "plan.json")
    run(*how.split(), "--report", "report.json")
    assert members() == ["00001", "4"]

    done = run("undo", "report.json", "--by", "ben")
    again = as_json("undo", "report.json")

    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == "1 of 1 removed from CG-000001 again.\n"
    assert (again["removed"], again["already_gone"]) == (0, 1)
    assert members() == ["00001"]
    assert as_json("show", "CG-000001")["members_changed_by"] == "ben"


def test_undo_by_what_json_wrote() -> None:
    """The record of an import is the report, wherever it is written."""
    done = run("--json", "import", "CG-000001", "list.csv", "--report", "report.json")

    assert json.loads(done.stdout) == json.loads(Path("report.json").read_text())
    assert run("undo", "-", stdin=done.stdout).stdout.startswith("2 of 2 removed ")


def test_those_who_left_do_not_come_back() -> None:
    """People are told so."""
    run("add", "CG-000001", "00002")
    run("import", "CG-000001", "list.csv", "--mode", "replace", "--report", "report.json")

    done = run("undo", "report.json")

    assert done.stdout == "2 of 2 removed from CG-000001 again.\n"
    assert done.stderr == "1 left by the import, and do not come back: import them again.\n"
    assert members() == []


def test_a_dry_run_cannot_be_undone() -> None:
    """There is nothing to undo."""
    run("import", "CG-000001", "list.csv", "--dry-run", "--report", "report.json")

    error = as_json("undo", "report.json", exit_code=1)["error"]

    assert "is of a dry run" in error["message"]


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff", b"[" * 100_000, b"{}", b"[]", b'{"error": {"type": "OSError"}}', b'"text"'],
)
@pytest.mark.parametrize(("command", "name"), [("apply", "plan"), ("undo", "report")])
def test_a_file_that_holds_something_else(content: bytes, command: str, name: str) -> None:
    """The error says what was expected."""
    Path("kept.json").write_bytes(content)

    done = run(command, "kept.json")

    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == (
        f"Error: file 'kept.json' does not hold a {name} of an import; name one that does\n"
    )


def test_a_plan_is_no_report() -> None:
    """What one command wrote is refused where another is expected."""
    run("plan", "CG-000001", "list.csv", "plan.json")
    run("import", "CG-000001", "list.csv", "--report", "report.json")

    assert "does not hold a report" in run("undo", "plan.json").stderr
    assert "does not hold a plan" in run("apply", "report.json").stderr


@given(content=JSON, kind=st.sampled_from([ImportPlan, ImportReport]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_json_is_taken_for_a_report(content: object, kind: type[object]) -> None:
    """Whatever stands in the file, it is refused in one way."""
    Path("kept.json").write_text(json.dumps(content))

    with pytest.raises(InvalidValueError):
        read_kept("kept.json", kind, "one")


@given(data=st.data(), content=st.none() | st.booleans() | st.integers())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_plan_with_a_wrong_part(planned: str, data: st.DataObject, content: object) -> None:
    """A part that is damaged makes the whole plan unusable; nothing is guessed."""
    plan = json.loads(planned)
    record = data.draw(st.sampled_from([plan, plan["report"]]))
    part = data.draw(st.sampled_from(sorted(record)))
    assume(type(content) is not type(record[part]))
    record[part] = content
    Path("damaged.json").write_text(json.dumps(plan))

    with pytest.raises(InvalidValueError, match="does not hold a plan"):
        read_kept("damaged.json", ImportPlan, "a plan")


@pytest.mark.parametrize(
    "arguments",
    [
        "import CG-000001 list.csv --report list.csv",
        "import CG-000001 list.csv --report new --rejects ./new",
        "import CG-000001 list.csv --rejects list.csv",
        "plan CG-000001 list.csv list.csv",
        "plan CG-000001 list.csv new --rejects new",
        "apply list.csv --report list.csv",
    ],
)
def test_one_file_for_two_things(arguments: str) -> None:
    """A file that would replace another is refused beforehand."""
    before = Path("list.csv").read_text()

    done = run(*arguments.split())

    assert (done.exit_code, done.stdout) == (2, "")
    assert "one FILE is named twice" in done.stderr
    assert Path("list.csv").read_text() == before
    assert members() == []


@pytest.mark.parametrize(
    "arguments",
    [
        "import CG-000001 list.csv --report no/report.json",
        "plan CG-000001 list.csv no/plan.json",
        "apply plan.json --report no/report.json",
    ],
)
def test_a_place_where_nothing_can_be_written(arguments: str) -> None:
    """It is found out before anything is stored."""
    run("plan", "CG-000001", "list.csv", "plan.json")

    done = run(*arguments.split())

    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.endswith("json: No such file or directory\n")
    assert members() == []

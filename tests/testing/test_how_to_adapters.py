"""The adapter of the how-to pages passes the kit, and fails it as the pages say."""

import re
from pathlib import Path

import attrs
import pytest

from adapter_pages import read_page, run, run_tests, shown_failures, write_adapter
from customer_groups.testing import CustomerDirectoryContract, GroupRepositoryContract

MACHINE = "test_any_calls_give_the_answers_of_the_model"
FAILURES = shown_failures()

# What is checked in a moment, where the check is not what is tested.
MEMORY = """
from customer_groups.adapters.memory import InMemoryGroupStore, InMemoryStorage
from customer_groups.testing import GroupRepositoryContract


class TestJsonGroups(GroupRepositoryContract):
    make_storage = staticmethod(InMemoryStorage)
    open_store = staticmethod(InMemoryGroupStore)
"""

# The calls that the machine printed, without searching for them again for minutes.
REPLAY = """
from datetime import UTC, datetime

from customer_groups import Customer, CustomerGroup
from customer_groups.testing.comparison import call
from customer_groups.testing.driver import TENANTS, SideBySide
from test_json_groups import TestJsonGroups as Adapter


def test_replay():
    group = CustomerGroup("A", "a", datetime(2026, 1, 1, 6, tzinfo=UTC))
    customers = [Customer("C00001"), *(Customer("C00001", key=f"k{n}") for n in (1, 2, 3))]
    sides = SideBySide({"TestJsonGroups": Adapter()})
    for sides.tenant in TENANTS:
        sides.open(customers)
        sides.agree(call("add", group))
    sides.agree(call("remove", "A", version=2))
"""

DAMAGED = """
from pathlib import Path

import pytest

from customer_groups.adapters.memory import InMemoryCustomerDirectory
from customer_groups.errors import RetryableConflictError, StorageError, StorageUnavailableError
from json_groups import JsonFile, JsonStore


def store_in(folder, seconds_to_wait=10.0):
    file = JsonFile(folder, seconds_to_wait=seconds_to_wait)
    return JsonStore(file, "default", InMemoryCustomerDirectory([]))


@pytest.mark.parametrize("text", [b"{", b"\\xff", b'{"default": {"groups": 1}}'])
def test_damaged(text, tmp_path):
    (tmp_path / "groups.json").write_bytes(text)
    with pytest.raises(StorageError, match="damaged"), store_in(tmp_path).transaction():
        pass


def test_missing(tmp_path):
    with pytest.raises(StorageUnavailableError), store_in(tmp_path / "none").transaction():
        pass


def test_locked(tmp_path):
    with store_in(tmp_path).transaction(), pytest.raises(RetryableConflictError):
        store_in(tmp_path, 0.01).run(lambda work: None)
"""


def test_the_first_test_is_short_and_passes(tmp_path: Path) -> None:
    """Twelve lines suffice to try any calls on the adapter; and the page's program runs."""
    write_adapter(tmp_path, "write-an-adapter")
    assert len((tmp_path / "test_json_groups.py").read_text("utf-8").splitlines()) <= 12
    status, printed = run_tests(tmp_path, "-k", MACHINE)
    assert not status, printed
    assert run(tmp_path, "shop.py") == (0, "CG-000001 Key accounts 1\n")


def test_the_adapter_passes_the_kit_with_every_layer(tmp_path: Path) -> None:
    """Every test of the pages passes, and no layer is left out."""
    write_adapter(tmp_path, "write-an-adapter", "test-your-adapter")
    status, printed = run_tests(tmp_path, "-rs")
    assert not status, printed
    assert "to opt in" not in printed


def test_the_adapter_says_what_is_wrong_with_its_file(tmp_path: Path) -> None:
    """A damaged file, a missing folder and a lock that is held are errors of ours."""
    write_adapter(tmp_path, "write-an-adapter")
    (tmp_path / "test_damaged.py").write_text(DAMAGED, "utf-8")
    status, printed = run_tests(tmp_path, "test_damaged.py")
    assert not status, printed


def test_the_report_says_that_the_adapter_passes(tmp_path: Path) -> None:
    """The program that checks without pytest prints its report, as text and Markdown."""
    write_adapter(tmp_path, "test-your-adapter")
    (tmp_path / "test_json_groups.py").write_text(MEMORY, "utf-8")
    status, printed = run(tmp_path, "report.py")
    assert not status, printed
    assert "# Conformance of `TestJsonGroups`" in printed


@pytest.mark.parametrize("rule", sorted(FAILURES.keys() - {MACHINE}))
def test_a_failure_prints_what_the_page_shows(rule: str, tmp_path: Path) -> None:
    """The change breaks the rule, with the output of the page."""
    failure = FAILURES[rule]
    write_adapter(tmp_path, "write-an-adapter", "test-your-adapter")
    failure.break_adapter(tmp_path)
    status, printed = run_tests(tmp_path, "-k", rule)
    assert status == 1, printed
    assert failure.missing_in(printed) == [], printed


def test_the_program_of_the_machine_shows_the_difference(tmp_path: Path) -> None:
    """The calls that the machine printed make the difference, and so does the page's test."""
    failure = FAILURES[MACHINE]
    write_adapter(tmp_path, "write-an-adapter", "test-your-adapter", "read-a-failure")
    assert run_tests(tmp_path, "test_stale.py")[0] == 0
    failure.break_adapter(tmp_path)
    assert run_tests(tmp_path, "test_stale.py")[0] == 1
    (tmp_path / "test_replay.py").write_text(REPLAY, "utf-8")
    _, printed = run_tests(tmp_path, "test_replay.py")
    answers = attrs.evolve(failure, output=failure.output[failure.output.index("\nE") :])
    assert answers.missing_in(printed) == [], printed


def test_a_page_that_shows_something_else_is_noticed() -> None:
    """Lines must be printed in the order in which they are shown; three dots are anything."""
    failure = next(iter(FAILURES.values()))
    shown = failure.output.replace("...", "something in between")
    assert failure.missing_in(shown) == []
    assert failure.missing_in("\n".join(reversed(shown.splitlines())))


@pytest.mark.parametrize("contract", [CustomerDirectoryContract, GroupRepositoryContract])
def test_all_rules_stand_in_the_reference(contract: type) -> None:
    """Every class of rules is listed."""
    listed = re.findall(r"autoclass:: (\S+Rules)$", read_page("reference/testing"), re.MULTILINE)
    named = {f"{rules.__module__}.{rules.__name__}" for rules in contract.__bases__}
    assert named - set(listed) == set()

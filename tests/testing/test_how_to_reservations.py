"""The adapter of the how-to page about reservations passes the kit, and fails it when broken."""

import re
from pathlib import Path

from adapter_pages import read_page, run_tests, write_adapter
from customer_groups.testing.reservations import ReservationRepositoryContract

LOSES_ANSWERS = """
from customer_groups.reservations.memory import InMemoryReservationRepository

InMemoryReservationRepository.finish = lambda self, request_id, answer: None
"""


def test_the_adapter_of_the_page_passes_the_kit(tmp_path: Path) -> None:
    """Every rule passes, and the page opts into those about transactions at once."""
    write_adapter(tmp_path, "store-reservations")
    status, printed = run_tests(tmp_path, "-rs")
    assert not status, printed
    assert "to opt in, define concurrent" not in printed


def test_the_test_of_the_page_finds_a_broken_adapter(tmp_path: Path) -> None:
    """An adapter that stores no answers fails."""
    write_adapter(tmp_path, "store-reservations")
    (tmp_path / "loses_answers.py").write_text(LOSES_ANSWERS, "utf-8")
    status, printed = run_tests(tmp_path, "-p", "loses_answers", "-k", "request")
    assert status == 1, printed


def test_all_rules_stand_in_the_reference() -> None:
    """Every class of rules is listed."""
    listed = re.findall(r"autoclass:: (\S+Rules)$", read_page("reference/testing"), re.MULTILINE)
    bases = ReservationRepositoryContract.__bases__
    named = {f"{rules.__module__}.{rules.__name__}" for rules in bases}
    assert named - set(listed) == set()

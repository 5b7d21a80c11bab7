"""What the how-to pages for authors of adapters show: files, changes to them, and output."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import attrs

from pages import DOCS, write_files

__all__ = ["Failure", "read_page", "run", "run_tests", "shown_failures", "write_adapter"]

FAILURE = re.compile(
    r"^```diff\n# (?P<path>\S+)\n(?P<changes>.*?)^```\n\n"
    r"^```console\n\$ python -m pytest -k (?P<rule>\w+)\n(?P<output>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
CHANGE = re.compile(r"^-(.*\n)\+(.*\n)", re.MULTILINE)

SHORT = """
from hypothesis import settings

from customer_groups.testing import GroupRepositoryContract
from customer_groups.testing.reservations import ReservationRepositoryContract

for contract in (GroupRepositoryContract, ReservationRepositoryContract):
    contract.profile = "quick"
settings.register_profile("short", database=None, deadline=None, max_examples=5)
settings.load_profile("short")
"""


def read_page(name: str) -> str:
    """Return the text of a page of the documentation, by its path without suffix."""
    return (DOCS / f"{name}.md").read_text("utf-8")


def write_adapter(folder: Path, *names: str) -> None:
    """Write the files that pages show; a page may show a file in several pieces.

    Args:
        folder: Where they are written.
        names: The pages, without suffix. A file of a later page replaces one of an earlier.
    """
    for name in names:
        write_files(f"how-to/{name}.md", folder)


def run(folder: Path, *arguments: str) -> tuple[int, str]:
    """Run Python in a folder; return its status and what it printed."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "TMPDIR": str(folder), "PYTHONUTF8": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    return done.returncode, done.stdout


def run_tests(folder: Path, *arguments: str) -> tuple[int, str]:
    """Run the tests in a folder, in the quick profile."""
    (folder / "conftest.py").write_text(SHORT, "utf-8")
    return run(folder, "-m", "pytest", "-W", "error", "-p", "no:cacheprovider", *arguments)


@attrs.frozen
class Failure:
    """A change that breaks the adapter, and what is printed then.

    Attributes:
        path: The file that changes.
        changes: Lines of it, and what stands in their place.
        rule: The test that fails.
        output: What the page shows of what is printed.
    """

    path: str
    changes: tuple[tuple[str, str], ...]
    rule: str
    output: str

    def break_adapter(self, folder: Path) -> None:
        """Change the file in this folder."""
        file = folder / self.path
        text = file.read_text("utf-8")
        for right, wrong in self.changes:
            assert text.count(right) == 1, right
            text = text.replace(right, wrong)
        file.write_text(text, "utf-8")

    def missing_in(self, printed: str) -> list[str]:
        """Return the shown lines that are not printed in this order; ``...`` is anything."""
        lines = iter([line.strip() for line in printed.splitlines()])
        shown = [line.strip() for line in self.output.splitlines()]
        return [line for line in shown if line not in {"", "...", "E"} and not _is_in(line, lines)]


def _is_in(shown: str, lines: Iterator[str]) -> bool:
    pattern = re.compile(".*".join(map(re.escape, shown.split("..."))))
    return any(pattern.fullmatch(line) for line in lines)


def shown_failures() -> dict[str, Failure]:
    """Return the failures that the page about them shows, by the rule that is broken."""
    return {
        found["rule"]: Failure(
            found["path"],
            tuple((right, wrong) for right, wrong in CHANGE.findall(found["changes"])),
            found["rule"],
            found["output"],
        )
        for found in FAILURE.finditer(read_page("how-to/read-a-failure"))
    }

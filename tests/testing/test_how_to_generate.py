"""The programs of the page on generating values do what the page says."""

import subprocess
import sys
from pathlib import Path

import pytest

from pages import write_files

PAGE = "how-to/generate-our-values.md"
# The same examples on every run. Explaining a failure takes many times as long as shrinking it.
SETTINGS = """
from hypothesis import Phase, settings
settings.register_profile("page", derandomize=True, phases=[Phase.generate, Phase.shrink])
settings.load_profile("page")
"""


def run_pytest(folder: Path, *arguments: str) -> tuple[int, str]:
    """Run tests in a folder, every warning an error; return the exit code and the output."""
    command = [sys.executable, "-W", "error", "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout


def test_the_tests_on_the_page_pass(tmp_path: Path) -> None:
    """All of them, with the settings that Hypothesis has by default."""
    write_files(PAGE, tmp_path)
    code, output = run_pytest(tmp_path)
    assert code == 0, output
    assert "6 passed" in output


@pytest.mark.parametrize(
    ("test", "right", "wrong", "shown"),
    [
        ("test_labels.py", ".rpartition", ".partition", "code='CG-000001'"),
        ("test_log.py", "ascii(text)", "text", "cell="),
        (
            "test_names.py",
            "search_groups(work, name=equals(name)).items",
            "name.lower() in [each.group.name.lower() for each in search_groups(work).items]",
            "family=NameFamily",
        ),
    ],
)
def test_the_mistakes_on_the_page_are_found(
    test: str, right: str, wrong: str, shown: str, tmp_path: Path
) -> None:
    """Where the code is wrong as the page says, the test fails and shows a simple example."""
    write_files(PAGE, tmp_path)
    (tmp_path / "conftest.py").write_text(SETTINGS)
    shop = tmp_path / "shop.py"
    text = shop.read_text("utf-8")
    assert right in text
    shop.write_text(text.replace(right, wrong), "utf-8")
    code, output = run_pytest(tmp_path, test)
    assert code == 1
    assert shown in output

"""The programs of the how-to pages that need a process of their own."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from pages import write_files
from servers import unavailable

DUPLICATE = "the group 'CG-000001' has the name 'KEY ACCOUNTS' already"


def run(folder: Path, *arguments: str) -> str:
    """Run Python in a folder, and return what it printed."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "TRYTONPASSFILE": "password"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.returncode, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("page", "module", "printed"),
    [
        ("embed-in-asyncio.md", "aiosqlite", "CG-000001"),
        ("embed-in-django.md", "django", DUPLICATE),
    ],
)
def test_page(page: str, module: str, printed: str, tmp_path: Path) -> None:
    """The program of the page does what the page says."""
    if find_spec(module) is None:
        unavailable(f"no {module}: python -m pip install --group hosts")
    write_files(f"how-to/{page}", tmp_path)
    assert printed in run(tmp_path, "shop.py")


def test_tryton_page(tmp_path: Path) -> None:
    """The program of Tryton's page does what the page says, after what it says to do before."""
    if find_spec("trytond") is None or find_spec("trytond.modules.party") is None:
        unavailable("no Tryton: python -m pip install --group hosts")
    (tmp_path / "trytond.conf").write_text(f"[database]\nuri = sqlite://\npath = {tmp_path}\n")
    (tmp_path / "shop.sqlite").touch()
    (tmp_path / "password").write_text("not a secret\n")
    admin = Path(sys.executable).with_name("trytond-admin")
    options = "-c trytond.conf -d shop -u party --activate-dependencies --email anna@example.com"
    run(tmp_path, str(admin), *options.split())
    write_files("how-to/embed-in-tryton.md", tmp_path)
    assert DUPLICATE in run(tmp_path, "shop.py")

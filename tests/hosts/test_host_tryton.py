"""A host made with Tryton."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from host_checks import CHECKS, new_url
from servers import unavailable

PROGRAM = Path(__file__).with_name("tryton_program.py")
TESTS = PROGRAM.parents[1]


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_host(engine: str, tmp_path: Path) -> None:
    """A host with Tryton gets what every host may expect."""
    if find_spec("trytond") is None or find_spec("trytond.modules.party") is None:
        unavailable("no Tryton: python -m pip install --group hosts")
    url = new_url(engine, tmp_path)
    if engine == "sqlite":
        Path(url.database or "").touch()
    server = url.set(drivername=engine, database="")
    environment = {
        "PYTHONPATH": str(TESTS),
        "TRYTOND_DATABASE__URI": server.render_as_string(),
        "TRYTOND_DATABASE__PATH": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, PROGRAM, url.render_as_string()],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.stderr
    assert done.stdout.split() == [check.__name__ for check in CHECKS]

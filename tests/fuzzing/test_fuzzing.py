"""Every reader is fuzzed: by Hypothesis, and for a short time by a fuzzer that sees branches."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzzing.targets import TARGETS
from servers import unavailable

FUZZ = Path(__file__).parents[1] / "fuzz.py"
OPTIONS = os.environ.get("CUSTOMER_GROUPS_FUZZ", "-seed=1 -runs=5000").split()
"""Options of libFuzzer; these make it do the same on every run."""


@pytest.mark.parametrize("name", TARGETS)
def test_a_seed_is_a_list(name: str) -> None:
    """A fuzzer begins with lists that are read to their end, values and rejects."""
    for seed in TARGETS[name].seeds:
        assert TARGETS[name].run(seed)


@pytest.mark.parametrize("name", TARGETS)
@given(st.binary())
def test_any_bytes_are_read_or_refused(name: str, data: bytes) -> None:
    """Without any other error than those that are documented."""
    TARGETS[name].run(data)


@pytest.mark.parametrize("name", TARGETS)
def test_a_fuzzer_finds_nothing(name: str, tmp_path: Path) -> None:
    """It is given some seconds here, and a minute for each by ``nox -s fuzz``."""
    if find_spec("atheris") is None:
        unavailable("no atheris: python -m pip install atheris")
    command: list[str | Path] = [sys.executable, FUZZ, name, tmp_path, *OPTIONS]
    fuzzed = subprocess.run(command, capture_output=True, text=True, check=False)
    assert fuzzed.returncode == 0, fuzzed.stderr

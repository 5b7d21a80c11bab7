"""What all tests share: how hard Hypothesis looks, real data, and the end of the servers."""

import os
from pathlib import Path

import pytest
from hypothesis import Phase, settings

from servers import stop_servers

# "quick" asks whether it works at all, "fast" is for writing code, "ci" for every change: it and
# "quick" draw the same examples on every run, so that a red run is about the change. "deep" looks
# for what nobody thought of; `nox -s full` runs it.
# Explaining a failure takes many times as long as shrinking it, and says less.
PHASES = [phase for phase in Phase if phase is not Phase.explain]
COMMON = settings(deadline=None, phases=PHASES)
settings.register_profile("quick", COMMON, max_examples=10, derandomize=True)
settings.register_profile("fast", COMMON, max_examples=50)
settings.register_profile("ci", COMMON, max_examples=100, derandomize=True, print_blob=True)
settings.register_profile("deep", COMMON, max_examples=2_000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if "CI" in os.environ else "fast"))

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture
def shared_data() -> Path:
    """Return the folder of real data beside the repository; skip where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the folder ../shared/data with real customer lists is not here")
    return SHARED_DATA


def pytest_unconfigure() -> None:
    """Stop the database servers that the tests have started."""
    stop_servers()

"""What all tests share: how hard Hypothesis looks, and the data beside the repository."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# "fast" while writing code. "ci" draws the same examples on every run, so that a red run is
# about the change. "deep" looks for what nobody thought of; `nox -s full` runs it.
settings.register_profile("fast", max_examples=50, deadline=None)
settings.register_profile("ci", max_examples=100, deadline=None, derandomize=True, print_blob=True)
settings.register_profile("deep", max_examples=2_000, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if "CI" in os.environ else "fast"))

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture
def shared_data() -> Path:
    """Return the folder of real data beside the repository; skip where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the folder ../shared/data with real customer lists is not here")
    return SHARED_DATA

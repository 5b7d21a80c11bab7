"""What the tests of the kit share: a short look, since `test_agreement` takes a long one."""

from collections.abc import Iterator

import pytest
from hypothesis import settings


@pytest.fixture(autouse=True)
def short_machines() -> Iterator[None]:
    """Let state machines take fewer and shorter runs."""
    usual = settings.get_current_profile_name()
    settings.register_profile(
        "short", settings.get_profile(usual), max_examples=15, stateful_step_count=20
    )
    settings.load_profile("short")
    yield
    settings.load_profile(usual)

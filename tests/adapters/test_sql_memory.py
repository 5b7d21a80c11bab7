"""What a long list takes of the memory: as much as a short one."""

import resource
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from customer_groups.codes import GroupCode
from customer_groups.customers import CustomerCode
from customer_groups.outcomes import Entry
from customer_groups.service import create_group
from processes import new_place, opened, run_together
from stores import MOMENT, SERVERS

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes are forked")

SHORT, LONG = 10_000, 100_000
ENOUGH = 16  # MiB; the values of the long list have 14 MB, and objects in Python far more


@pytest.fixture(params=SERVERS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.URL]:
    """Yield where processes meet: a database without customers."""
    with new_place(request.param, tmp_path, []) as url:
        yield url


def strangers(size: int) -> Iterator[Entry]:
    """Yield entries that no customer has, with the longest codes."""
    return ((line, CustomerCode(f"{line:0140}")) for line in range(1, size + 1))


def peak() -> float:
    """Return how much memory this process has taken at most, in MiB."""
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, KiB elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


def test_outcomes_are_streamed(place: sa.URL) -> None:
    """A list of strangers is reported line by line, and never held as a whole."""

    def measure() -> tuple[float, int]:
        told = 0

        def count(line: int, _value: str, _outcome: object) -> None:
            nonlocal told
            told += 1
            assert line == told

        with opened(place) as store, store.transaction() as work:
            group = create_group(work, "All").code
            for size in (SHORT, LONG):
                before, told = peak(), 0
                work.groups.add_members(
                    GroupCode(group), strangers(size), at=MOMENT, by=None, on_outcome=count
                )
        return peak() - before, told

    ((grown, told),) = run_together(measure)
    assert told == LONG
    assert grown < ENOUGH

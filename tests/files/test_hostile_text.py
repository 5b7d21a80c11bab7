"""No text brings an import down, and no bytes that are not text."""

import os
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from customer_groups.errors import (
    ImportFileError,
    LimitExceededError,
    UnknownFormatError,
)
from customer_groups.files.limits import Limits
from customer_groups.importing import ImportReport
from files.hostile_text import HOSTILE_TEXTS, HostileText, endless
from trial_imports import import_into_new_group

SECONDS = 60  # of the processor: 10, and who looks at memory and coverage makes it slow
BYTES = 64 << 20


@contextmanager
def bounded() -> Iterator[None]:
    """Fail if what happens in this context takes too much time or memory."""
    tracemalloc.start()
    begin = time.process_time()
    try:
        yield
        assert time.process_time() - begin < SECONDS
        assert tracemalloc.get_traced_memory()[1] < BYTES
    finally:
        tracemalloc.stop()


def told(report: ImportReport) -> str:
    """Return how many values had each outcome, and why those that are malformed are."""
    reasons = ", ".join(
        sorted({reject.reason for reject in report.rejects if reject.outcome == "malformed"})
    )
    counts = {outcome.value: count for outcome, count in report.counts.by_outcome().items()}
    return ", ".join(
        f"{count} {name}" + (f" ({reasons})" if name == "malformed" else "")
        for name, count in sorted(counts.items())
        if count
    )


def what_becomes_of(hostile: HostileText) -> str:
    """Import a list, and return the error, or what the report tells."""
    try:
        return told(import_into_new_group(hostile.opened(), format=hostile.format))
    except ImportFileError as error:
        return f"{type(error).__name__}: {error}"


@pytest.mark.parametrize("hostile", HOSTILE_TEXTS, ids=lambda hostile: hostile.what)
def test_a_hostile_text_is_refused_or_told(hostile: HostileText) -> None:
    """What cannot be read is an error that helps; what can is counted, value by value."""
    with bounded():
        assert what_becomes_of(hostile) == hostile.becomes


@pytest.mark.parametrize(
    ("limit", "limits"),
    [("input_bytes", Limits(input_bytes=200_000)), ("rows", Limits(rows=50_000))],
)
@pytest.mark.parametrize("line", [b"C1\n", b"\n"])
@pytest.mark.parametrize("format", ["delimited", "pasted", "jsonl"])
def test_a_list_that_never_ends_is_stopped(
    limit: str, limits: Limits, line: bytes, format: str
) -> None:
    """Although there is nothing wrong with any of its lines, or nothing on them."""
    with bounded(), pytest.raises(LimitExceededError) as caught:
        import_into_new_group(endless(line), format=format, limits=limits)
    assert caught.value.limit == limit


def test_html_that_is_called_a_spreadsheet_is_refused(tmp_path: Path) -> None:
    """As many programs export it; the error lists the formats that there are."""
    path = tmp_path / "list.xls"
    path.write_text("<table><tr><td>C1</td></tr></table>")
    with pytest.raises(UnknownFormatError, match=r"'list.xls' is not known; name one of: "):
        import_into_new_group(path)


@pytest.fixture
def list_file(tmp_path: Path) -> Path:
    """Return the path of a file that is read in several pieces."""
    path = tmp_path / "list.csv"
    path.write_bytes(b"C1\n" * 30_000)
    return path


def test_a_file_that_is_cut_while_it_is_read_ends_there(list_file: Path) -> None:
    """What was read until then is imported, and every value of it is counted."""
    report = import_into_new_group(list_file, on_progress=lambda *_: os.truncate(list_file, 0))
    assert 0 < report.values < 30_000
    assert report.values == sum(report.counts.by_outcome().values())


def test_a_file_that_grows_as_fast_as_it_is_read_is_stopped(list_file: Path) -> None:
    """As one that a program writes to."""

    def grow(*_: object) -> None:
        with list_file.open("ab") as file:
            file.write(b"C1\n" * 5_000)

    with bounded(), pytest.raises(LimitExceededError):
        import_into_new_group(list_file, on_progress=grow, limits=Limits(input_bytes=200_000))

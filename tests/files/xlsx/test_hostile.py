"""Workbooks that were made to do harm are refused, in time and without using up memory."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from customer_groups.errors import ImportFileError
from customer_groups.files.limits import Limits
from files.xlsx.hostile import GALLERY, Hostile
from files.xlsx.workbooks import read

MOST_SECONDS = 20  # of the processor: twice what is promised, for slow machines
MOST_MIB = 256
STATUS = Path("/proc/self/status")

# The limit of the ratio would stop most of them early. It is no help against a large file.
READ = """
import json, resource, sys
from customer_groups.errors import ImportFileError
from customer_groups.files.limits import Limits
from customer_groups.files.xlsx.reading import read_sheet

# What getrusage tells of memory is that of the process before this program began, too.
def peak_kib():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))

try:
    with open(sys.argv[1], "rb") as file:
        _, rows = read_sheet(file, sheet=None, limits=Limits(inflation_ratio=1_000_000))
        for _ in rows:
            pass
except ImportFileError as error:
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps([type(error).__name__, str(error)]))
    print(peak_kib() // 1024, used.ru_utime + used.ru_stime)
"""


QUICK = {name: hostile for name, hostile in GALLERY.items() if not hostile.is_slow}


@pytest.mark.parametrize("hostile", QUICK.values(), ids=QUICK.keys())
def test_harm_is_refused_with_an_error_of_ours(hostile: Hostile) -> None:
    """And no other exception leaves."""
    with pytest.raises(ImportFileError, match=hostile.about) as caught:
        read(hostile.make(), limits=Limits(inflation_ratio=1_000_000))
    assert type(caught.value).__name__ == hostile.error


@pytest.mark.skipif(not STATUS.exists(), reason="needs Linux, which tells it")
@pytest.mark.parametrize("hostile", GALLERY.values(), ids=GALLERY.keys())
def test_harm_needs_little_memory_and_time(hostile: Hostile, tmp_path: Path) -> None:
    """In a process of its own, so that it can be measured."""
    path = tmp_path / "hostile.xlsx"
    path.write_bytes(hostile.make())
    command = [sys.executable, "-c", READ, str(path)]
    error, used = subprocess.check_output(command, text=True).splitlines()
    name, message = json.loads(error)
    assert (name, hostile.about in message) == (hostile.error, True), message
    mebibytes, seconds = map(float, used.split())
    assert mebibytes < MOST_MIB
    assert seconds < MOST_SECONDS

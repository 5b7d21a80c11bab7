"""The import that the benchmarks time, whatever the database: the job, and how it is timed."""

import argparse
import csv
import json
import random
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from customer_groups.adapters.sql import EmbeddedGroupStore
from customer_groups.importing import import_into
from customer_groups.service import add_customers, create_group

__all__ = [
    "GROUP",
    "NOW",
    "REJECTED",
    "argument_parser",
    "checked",
    "compare",
    "import_with_ours",
    "measure",
    "prepare",
]

GROUP = "ALL"
NOW = 1_800_000_000_000_000  # microseconds since 1970
REJECTED = {"unknown", "inactive"}
SUBJECTS = ("reference", "ours")

Import = Callable[[str, Path], Counter[str]]
"""Imports a list into a database, and returns how many values had each outcome."""


def prepare(store: EmbeddedGroupStore, listed: Path, size: int) -> None:
    """Store ``size`` customers, a tenth of them in a group, and write a list.

    Of the list 95 % are customers, 3 % unknown codes and 2 % repetitions.
    """
    source = random.Random(size)  # noqa: S311  repeatable on purpose
    codes = [f"C{number:07}" for number in range(size)]
    members = source.sample(codes, size // 10)
    known = [*members, *source.sample(sorted(set(codes).difference(members)), size * 85 // 100)]
    unknown = [f"X{number:07}" for number in range(size * 3 // 100)]
    lines = [*known, *unknown, *source.choices(known, k=size - len(known) - len(unknown))]
    source.shuffle(lines)
    with store.transaction() as work:
        # Past load_customers(), which looks for earlier ones.
        rows = ((store.tenant, code, code, f"Customer {code}", None, 1) for code in codes)
        work.session.begin_writing()
        work.session.insert_rows(store.customer_table, rows)
        create_group(work, "All", code=GROUP)
        add_customers(work, GROUP, members)
    with listed.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["code"], *([line] for line in lines)])


def import_with_ours(store: EmbeddedGroupStore, listed: Path) -> Counter[str]:
    """Import through the public API, and return how many values had each outcome."""
    report = import_into(store, GROUP, listed, by="anna")
    return +Counter({outcome.value: n for outcome, n in report.counts.by_outcome().items()})


def checked(listed: Path, counts: Counter[str]) -> Iterator[tuple[int, str]]:
    """Yield the lines of a list with their codes, as a reference reads it."""
    longest = 140
    with listed.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        column = next(reader).index("code")
        for row in reader:
            value = row[column].strip()
            if value and len(value) <= longest and value.isprintable():
                yield reader.line_num, value
            else:
                counts["malformed"] += 1


def measure(run: Import, database: str, listed: str) -> None:
    """Run one of the two in this process, and print what it took as JSON."""
    start = time.perf_counter()
    counts = run(database, Path(listed))
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "mebibytes": _peak_memory(), "counts": counts}))


def _peak_memory() -> float:
    # ru_maxrss would begin with what the parent process had.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (kibibytes,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return int(kibibytes) / 1024


def compare(script: str, fresh: Callable[[], str], listed: Path, rounds: int) -> None:
    """Run both, one after the other, ``rounds`` times, and print the medians.

    Args:
        script: What runs one of them, with ``--run``.
        fresh: Makes a database as `prepare` left it, and returns where it is.
        listed: The list.
        rounds: How often both are run.
    """
    found: dict[str, list[dict[str, float]]] = {subject: [] for subject in SUBJECTS}
    counts = []
    for _ in range(rounds):
        for subject in SUBJECTS:
            command = [sys.executable, script, "--run", subject, fresh(), str(listed)]
            output = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout  # noqa: S603
            result = json.loads(output)
            counts.append(result.pop("counts"))
            found[subject].append(result)
            print(f"{subject:9} {result['seconds']:6.2f} s {result['mebibytes']:6.0f} MiB")
    if any(each != counts[0] for each in counts):
        raise SystemExit(f"the counts differ: {counts}")
    print(f"both counted {counts[0]}")
    medians = {s: statistics.median(run["seconds"] for run in found[s]) for s in SUBJECTS}
    print(f"medians: {medians}, ratio {medians['ours'] / medians['reference']:.2f}")


def argument_parser() -> argparse.ArgumentParser:
    """Return what understands the arguments of all these benchmarks."""
    parser = argparse.ArgumentParser(description="Time an import, beside hand-written SQL.")
    parser.add_argument("--codes", type=int, default=1_000_000, help="how long the list is")
    parser.add_argument("--rounds", type=int, default=3, help="how often both are run")
    parser.add_argument("--run", nargs=3, metavar=("SUBJECT", "DATABASE", "LIST"), help="run one")
    return parser

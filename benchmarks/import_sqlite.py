"""Import a million customer codes into a group on SQLite, beside hand-written SQL.

``python benchmarks/import_sqlite.py`` prints time and peak memory of both (on Linux).
The reference does the same work on the same tables with the bare driver: it reads the file,
trims and checks the codes, finds duplicates in the database, tells every outcome but "added"
in the order of the lines, and commits durably. Each run has a fresh process and a fresh copy
of the database.
"""

import argparse
import csv
import json
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from customer_groups.adapters.sql import load_customers, open_store
from customer_groups.customers import Customer
from customer_groups.importing import import_into
from customer_groups.service import add_customers, create_group

GROUP = "ALL"
NOW = 1_800_000_000_000_000  # microseconds since 1970
SUBJECTS = ("reference", "ours")


def prepare(database: Path, listed: Path, size: int) -> None:
    """Write a database with ``size`` customers, a tenth of them in a group, and a list.

    Of the list 95 % are customers, 3 % unknown codes and 2 % repetitions.
    """
    source = random.Random(size)  # noqa: S311  repeatable on purpose
    codes = [f"C{number:07}" for number in range(size)]
    store = open_store(f"sqlite:///{database}")
    load_customers(store, (Customer(code, f"Customer {code}") for code in codes))
    members = source.sample(codes, size // 10)
    known = [*members, *source.sample(sorted(set(codes).difference(members)), size * 85 // 100)]
    unknown = [f"X{number:07}" for number in range(size * 3 // 100)]
    lines = [*known, *unknown, *source.choices(known, k=size - len(known) - len(unknown))]
    source.shuffle(lines)
    with store.transaction() as work:
        create_group(work, "All", code=GROUP)
        add_customers(work, GROUP, members)
    store.engine.dispose()
    with listed.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["code"], *([line] for line in lines)])


def import_with_ours(database: Path, listed: Path) -> Counter[str]:
    """Import through the public API, and return how many values had each outcome."""
    store = open_store(f"sqlite:///{database}")
    report = import_into(store, GROUP, listed, by="anna")
    return +Counter({outcome.value: n for outcome, n in report.counts.by_outcome().items()})


def import_by_hand(database: Path, listed: Path) -> Counter[str]:
    """Import with the bare driver, and return how many values had each outcome."""
    counts: Counter[str] = Counter()
    rejects = []
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA cache_size = -65536")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(
        "CREATE TEMPORARY TABLE listed (line INTEGER PRIMARY KEY, value TEXT NOT NULL)"
    )
    connection.executemany("INSERT INTO listed VALUES (?, ?)", _checked(listed, counts))
    connection.execute("CREATE INDEX listed_value ON listed (value, line)")
    connection.execute(
        """
        CREATE TEMPORARY TABLE verdict AS
        SELECT listed.line, listed.value, customer.customer_key,
               CASE WHEN nth > 1 THEN 'duplicate'
                    WHEN customer.customer_key IS NULL THEN 'unknown'
                    WHEN membership.customer_key IS NOT NULL THEN 'already_member'
                    WHEN customer.active = 0 THEN 'inactive'
                    ELSE 'added' END AS outcome
        FROM (SELECT line, value, row_number() OVER (PARTITION BY value ORDER BY line) AS nth
              FROM listed) AS listed
        LEFT JOIN cg_customer AS customer
               ON nth = 1 AND customer.tenant = 'default' AND customer.code = listed.value
        LEFT JOIN cg_membership AS membership
               ON membership.tenant = 'default' AND membership.group_code = 'ALL'
              AND membership.customer_key = customer.customer_key
        """
    )
    connection.execute(
        """
        INSERT INTO cg_membership (tenant, group_code, customer_key, added_at, added_by)
        SELECT 'default', 'ALL', customer_key, ?, 'anna' FROM verdict
        WHERE outcome = 'added' ORDER BY customer_key
        """,
        [NOW],
    )
    counts.update(
        dict(connection.execute("SELECT outcome, count(*) FROM verdict GROUP BY outcome"))
    )
    connection.execute(
        """
        UPDATE cg_group SET customers = customers + ?, members_version = members_version + 1,
               members_changed_at = ?, members_changed_by = 'anna'
        WHERE tenant = 'default' AND code = 'ALL'
        """,
        [counts["added"], NOW],
    )
    for line, value, outcome in connection.execute(
        "SELECT line, value, outcome FROM verdict WHERE outcome <> 'added' ORDER BY line"
    ):
        if outcome in {"unknown", "inactive"}:
            rejects.append((line, value, outcome))
    connection.execute("DROP TABLE listed")
    connection.execute("DROP TABLE verdict")
    connection.execute("COMMIT")
    connection.close()
    return +counts


def _checked(listed: Path, counts: Counter[str]) -> Iterator[tuple[int, str]]:
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


def measure(subject: str, database: Path, listed: Path) -> None:
    """Run one of the two in this process, and print what it took as JSON."""
    run = import_with_ours if subject == "ours" else import_by_hand
    start = time.perf_counter()
    counts = run(database, listed)
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "mebibytes": _peak_memory(), "counts": counts}))


def _peak_memory() -> float:
    # ru_maxrss would begin with what the parent process had.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (kibibytes,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return int(kibibytes) / 1024


def compare(size: int, rounds: int) -> None:
    """Run both, one after the other, ``rounds`` times, and print the medians."""
    found: dict[str, list[dict[str, float]]] = {subject: [] for subject in SUBJECTS}
    with tempfile.TemporaryDirectory() as folder:
        database, listed = Path(folder, "prepared.db"), Path(folder, "codes.csv")
        prepare(database, listed, size)
        counts = []
        for _ in range(rounds):
            for subject in SUBJECTS:
                copy = Path(shutil.copy(database, Path(folder, "copy.db")))
                command = [sys.executable, __file__, "--run", subject, str(copy), str(listed)]
                output = subprocess.run(command, check=True, capture_output=True).stdout  # noqa: S603
                result = json.loads(output)
                counts.append(result.pop("counts"))
                found[subject].append(result)
                print(f"{subject:9} {result['seconds']:6.2f} s {result['mebibytes']:6.0f} MiB")
    if any(each != counts[0] for each in counts):
        raise SystemExit(f"the counts differ: {counts}")
    print(f"both counted {counts[0]}")
    medians = {s: statistics.median(run["seconds"] for run in found[s]) for s in SUBJECTS}
    print(f"medians: {medians}, ratio {medians['ours'] / medians['reference']:.2f}")


def main() -> None:
    """Compare, or with ``--run`` run one of the two."""
    parser = argparse.ArgumentParser(description="Time an import, beside hand-written SQL.")
    parser.add_argument("--codes", type=int, default=1_000_000, help="how long the list is")
    parser.add_argument("--rounds", type=int, default=3, help="how often both are run")
    parser.add_argument("--run", nargs=3, metavar=("SUBJECT", "DATABASE", "LIST"), help="run one")
    options = parser.parse_args()
    if options.run:
        subject, database, listed = options.run
        measure(subject, Path(database), Path(listed))
    else:
        compare(options.codes, options.rounds)


if __name__ == "__main__":
    main()

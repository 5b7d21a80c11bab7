"""Import a million customer codes into a group on SQLite, beside hand-written SQL.

``python benchmarks/import_sqlite.py`` prints time and peak memory of both (on Linux).
The reference does the same work on the same tables with the bare driver: it reads the file,
trims and checks the codes, finds duplicates in the database, tells every outcome but "added"
in the order of the lines, and commits durably. Each run has a fresh process and a fresh copy
of the database.
"""

import shutil
import sqlite3
import tempfile
from collections import Counter
from functools import partial
from pathlib import Path

from comparing import (
    NOW,
    REJECTED,
    argument_parser,
    checked,
    compare,
    import_with_ours,
    measure,
    prepare,
)

from customer_groups.adapters.sql import open_store


def import_with_own_store(database: str, listed: Path) -> Counter[str]:
    """Import through the public API, and return how many values had each outcome."""
    return import_with_ours(open_store(f"sqlite:///{database}"), listed)


def import_by_hand(database: str, listed: Path) -> Counter[str]:
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
    connection.executemany("INSERT INTO listed VALUES (?, ?)", checked(listed, counts))
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
        if outcome in REJECTED:
            rejects.append((line, value, outcome))
    connection.execute("DROP TABLE listed")
    connection.execute("DROP TABLE verdict")
    connection.execute("COMMIT")
    connection.close()
    return +counts


def main() -> None:
    """Compare, or with ``--run`` run one of the two."""
    options = argument_parser().parse_args()
    if options.run:
        subject, database, listed = options.run
        measure(
            import_by_hand if subject == "reference" else import_with_own_store, database, listed
        )
        return
    with tempfile.TemporaryDirectory() as folder:
        prepared, listed = Path(folder, "prepared.db"), Path(folder, "codes.csv")
        store = open_store(f"sqlite:///{prepared}")
        prepare(store, listed, options.codes)
        store.close()
        fresh = partial(shutil.copy, prepared, str(Path(folder, "copy.db")))
        compare(__file__, fresh, listed, options.rounds)


if __name__ == "__main__":
    main()

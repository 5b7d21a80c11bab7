"""Export a million members of a group from SQLite as CSV, beside `csv.writer` over a cursor.

``python benchmarks/export_sqlite.py`` prints time and peak memory of both (on Linux). The
reference joins memberships and customers in one query of the bare driver, and writes the same
file, byte for byte.
"""

import csv
import hashlib
import sqlite3
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from comparing import GROUP, NOW, argument_parser, compare, measure

from customer_groups.adapters.sql import EmbeddedGroupStore, open_store
from customer_groups.exporting import CUSTOMER_COLUMNS, export_customers
from customer_groups.service import create_group

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
QUERY = """
    SELECT membership.customer_key, customer.code, customer.name, membership.added_at,
           membership.added_by
    FROM cg_membership AS membership
    LEFT JOIN cg_customer AS customer
           ON customer.tenant = membership.tenant
          AND customer.customer_key = membership.customer_key
    WHERE membership.tenant = 'default' AND membership.group_code = ?
    ORDER BY membership.customer_key
"""


def prepare(store: EmbeddedGroupStore, size: int) -> None:
    """Store ``size`` customers, all of them in a group."""
    codes = [f"C{number:07}" for number in range(size)]
    groups = store.storage.tables.groups
    with store.transaction() as work:
        # Past load_customers() and add_customers(), which look for earlier ones.
        session = work.session
        session.begin_writing()
        customers = ((store.tenant, code, code, f"Customer {code}", None, 1) for code in codes)
        session.insert_rows(store.customer_table, customers)
        create_group(work, "All", code=GROUP)
        members = ((store.tenant, GROUP, code, NOW, "anna") for code in codes)
        session.insert_rows(store.storage.tables.memberships, members)
        session.execute(groups.update().values(customers=size))


def export_with_ours(database: str, target: Path) -> Counter[str]:
    """Export through the public API, and return what tells the file."""
    store = open_store(f"sqlite:///{database}")
    with store.transaction() as work:
        export_customers(work, GROUP, target)
    store.close()
    return told(target)


def export_by_hand(database: str, target: Path) -> Counter[str]:
    """Export with the bare driver, and return what tells the file."""
    connection = sqlite3.connect(database)
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(CUSTOMER_COLUMNS)
        writer.writerows(
            (key, code, name, (EPOCH + timedelta(microseconds=since)).isoformat(), by)
            for key, code, name, since, by in connection.execute(QUERY, [GROUP])
        )
    connection.close()
    return told(target)


def told(target: Path) -> Counter[str]:
    """Return the digest of a file, counted once."""
    with target.open("rb") as file:
        return Counter([hashlib.file_digest(file, "sha256").hexdigest()])


def main() -> None:
    """Compare, or with ``--run`` run one of the two."""
    options = argument_parser().parse_args()
    if options.run:
        subject, database, target = options.run
        measure(export_by_hand if subject == "reference" else export_with_ours, database, target)
        return
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder, "prepared.db")
        store = open_store(f"sqlite:///{prepared}")
        store.create()
        prepare(store, options.codes)
        store.close()
        compare(__file__, lambda: str(prepared), Path(folder, "members.csv"), options.rounds)


if __name__ == "__main__":
    main()

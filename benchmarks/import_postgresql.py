"""Import a million customer codes into a group on PostgreSQL, beside hand-written SQL.

``python benchmarks/import_postgresql.py [URL]`` prints time and peak memory of both (on Linux).
Without the URL of an empty database it starts a server as the tests do. The reference does the
same work on the same tables with the bare driver: it reads the file, trims and checks the codes,
sends them by ``COPY``, finds duplicates in the database, tells every outcome but "added" in the
order of the lines, and commits. Each run has a fresh process and fresh tables.
"""

from collections import Counter
from pathlib import Path

import psycopg
import sqlalchemy as sa
from comparing import NOW, REJECTED, checked
from on_servers import time_import

SETTINGS = ("ALTER SYSTEM SET max_wal_size = '4GB'", "SELECT pg_reload_conf()")


def import_by_hand(url: str, listed: Path) -> Counter[str]:
    """Import with the bare driver, and return how many values had each outcome."""
    counts: Counter[str] = Counter()
    rejects = []
    address = sa.make_url(url).set(drivername="postgresql")
    with psycopg.connect(address.render_as_string(hide_password=False)) as connection:
        connection.execute(
            'CREATE TEMPORARY TABLE listed (line bigint, value text COLLATE "C") ON COMMIT DROP'
        )
        with connection.cursor().copy("COPY listed FROM STDIN") as copy:
            for row in checked(listed, counts):
                copy.write_row(row)
        connection.execute("ANALYZE listed")
        connection.execute(
            """
            CREATE TEMPORARY TABLE verdict ON COMMIT DROP AS
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
        connection.execute("ANALYZE verdict")
        connection.execute(
            """
            INSERT INTO cg_membership (tenant, group_code, customer_key, added_at, added_by)
            SELECT 'default', 'ALL', customer_key, %s, 'anna' FROM verdict
            WHERE outcome = 'added' ORDER BY customer_key
            """,
            [NOW],
        )
        found = connection.execute("SELECT outcome, count(*) FROM verdict GROUP BY outcome")
        counts.update(dict(found.fetchall()))
        connection.execute(
            """
            UPDATE cg_group SET customers = customers + %s, members_version = members_version + 1,
                   members_changed_at = %s, members_changed_by = 'anna'
            WHERE tenant = 'default' AND code = 'ALL'
            """,
            [counts["added"], NOW],
        )
        with connection.cursor("told") as told:
            told.execute(
                "SELECT line, value, outcome FROM verdict WHERE outcome <> 'added' ORDER BY line"
            )
            for line, value, outcome in told:
                if outcome in REJECTED:
                    rejects.append((line, value, outcome))
    return +counts


if __name__ == "__main__":
    time_import(__file__, "psycopg", import_by_hand, settings=SETTINGS, analyze="VACUUM (ANALYZE)")

"""Import a million customer codes into a group on MariaDB, beside hand-written SQL.

``python benchmarks/import_mariadb.py [--driver mysqldb] [URL]`` prints time and peak memory of
both (on Linux). Without the URL of an empty database it starts a server as the tests do. The
reference does the same work on the same tables with the same bare driver: it reads the file,
trims and checks the codes, sends them in multi-row INSERTs, finds duplicates in the database,
tells every outcome but "added" in the order of the lines, and commits. Each run has a fresh
process and fresh tables.
"""

from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from comparing import NOW, REJECTED, checked
from on_servers import time_import

# The tests' own server is smaller than any that would be given such work.
SETTINGS = (
    "SET GLOBAL innodb_buffer_pool_size = 1073741824",
    "SET GLOBAL innodb_log_file_size = 536870912",
)
ROWS_AT_A_TIME = 5_000


def import_by_hand(url: str, listed: Path) -> Counter[str]:
    """Import with the bare driver, and return how many values had each outcome."""
    counts: Counter[str] = Counter()
    rejects = []
    engine = sa.create_engine(url)
    driver: Any = engine.dialect.loaded_dbapi
    connection: Any = engine.raw_connection().driver_connection
    cursor = connection.cursor()
    cursor.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
    cursor.execute(
        """
        CREATE TEMPORARY TABLE listed (
            line BIGINT PRIMARY KEY,
            value VARCHAR(140) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
        )
        """
    )
    rows = checked(listed, counts)
    while part := list(islice(rows, ROWS_AT_A_TIME)):
        cursor.executemany("INSERT INTO listed (line, value) VALUES (%s, %s)", part)
    cursor.execute(
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
    cursor.execute(
        """
        INSERT INTO cg_membership (tenant, group_code, customer_key, added_at, added_by)
        SELECT 'default', 'ALL', customer_key, %s, 'anna' FROM verdict
        WHERE outcome = 'added' ORDER BY customer_key
        """,
        [NOW],
    )
    cursor.execute("SELECT outcome, count(*) FROM verdict GROUP BY outcome")
    counts.update(dict(cursor.fetchall()))
    cursor.execute(
        """
        UPDATE cg_group SET customers = customers + %s, members_version = members_version + 1,
               members_changed_at = %s, members_changed_by = 'anna'
        WHERE tenant = 'default' AND code = 'ALL'
        """,
        [counts["added"], NOW],
    )
    with connection.cursor(driver.cursors.SSCursor) as told:
        told.execute(
            "SELECT line, value, outcome FROM verdict WHERE outcome <> 'added' ORDER BY line"
        )
        for line, value, outcome in told:
            if outcome in REJECTED:
                rejects.append((line, value, outcome))
    cursor.execute("DROP TEMPORARY TABLE listed, verdict")
    connection.commit()
    return +counts


if __name__ == "__main__":
    time_import(
        __file__,
        "pymysql",
        import_by_hand,
        settings=SETTINGS,
        analyze="ANALYZE TABLE cg_group, cg_membership, cg_customer",
    )

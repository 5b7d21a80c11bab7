"""A page of 50 groups with their numbers of customers, at any depth.

``python benchmarks/page.py`` prints the median time of a page at the beginning, in the middle
and at the end of all groups, beside the hand-written query with the bare driver that builds the
same values. It runs on SQLite, with ``--driver psycopg`` or another one on a server that it
starts as the tests do, or with a URL on an empty database of yours.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa
from on_servers import open_store, private_server

from customer_groups.adapters.sql import EmbeddedGroupStore, SqlUnitOfWork
from customer_groups.model import CustomerGroup
from customer_groups.paging import encode_cursor
from customer_groups.query import GroupQuery, GroupSummary

PAGE = 50
REPETITIONS = 200
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
QUERY = (
    "SELECT code, name, created_at, created_by, updated_at, updated_by, status, version,"
    " attributes, customers, members_version, members_changed_at, members_changed_by"
    " FROM cg_group WHERE tenant = 'default' AND code > ? ORDER BY code LIMIT 50"
)
NOW = 1_800_000_000_000_000  # microseconds since 1970


def code(number: int) -> str:
    """Return the code of a group."""
    return f"CG-{number:07}"


def fill(work: SqlUnitOfWork, groups: sa.Table, size: int) -> None:
    """Store groups, past the repository: it takes one at a time."""
    columns = [column.name for column in groups.columns]
    rows = (
        {
            "tenant": "default",
            "code": code(number),
            "name": f"Group {number}",
            "name_key": f"group {number}",
            "status": "active",
            "version": 1,
            "created_at": NOW,
            "updated_at": NOW,
            "attributes": "{}",
            "customers": number,
            "members_version": 1,
            "fence": 1,
        }
        for number in range(size)
    )
    work.session.insert_rows(groups, (tuple(row.get(column) for column in columns) for row in rows))


def page_of_ours(work: SqlUnitOfWork, number: int) -> list[GroupSummary]:
    """Return the page after a group, through the repository."""
    context = ("default", "groups", repr(GroupQuery()))
    after = encode_cursor(context, (code(number),))
    return list(work.groups.find(GroupQuery(), limit=PAGE, after=after).items)


def page_by_hand(cursor: Any, query: str, number: int) -> list[GroupSummary]:  # noqa: ANN401
    """Return the page after a group, with the bare driver."""
    cursor.execute(query, [code(number)])
    return [
        GroupSummary(
            CustomerGroup(
                row[0],
                row[1],
                _time(row[2]),
                row[3],
                updated_at=_time(row[4]),
                updated_by=row[5],
                status=row[6],
                version=row[7],
                attributes=json.loads(row[8]),
            ),
            row[9],
            row[10],
            None if row[11] is None else _time(row[11]),
            row[12],
        )
        for row in cursor.fetchall()
    ]


def _time(microseconds: int) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds)


def milliseconds(page: Callable[[], list[GroupSummary]]) -> float:
    """Return how long a page takes: the median of many."""
    times = []
    for _ in range(REPETITIONS):
        start = time.perf_counter()
        page()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1_000


def compare(store: EmbeddedGroupStore, size: int) -> None:
    """Print the times of pages at several depths."""
    query = QUERY if store.engine.dialect.paramstyle == "qmark" else QUERY.replace("?", "%s")
    with store.transaction() as work:
        work.session.begin_writing()
        fill(work, store.storage.tables.groups, size)
        work.session.analyze(store.storage.tables.groups)
    with store.transaction() as work:
        cursor = work.session.connection.connection.cursor()
        for number in (0, size // 2, size - PAGE - 1):
            if page_of_ours(work, number) != page_by_hand(cursor, query, number):
                raise SystemExit(f"the pages after {code(number)} differ")
            ours = milliseconds(partial(page_of_ours, work, number))
            reference = milliseconds(partial(page_by_hand, cursor, query, number))
            print(
                f"after {number:8,}: ours {ours:5.2f} ms, reference {reference:5.2f} ms,"
                f" ratio {ours / reference:.2f}"
            )


def main() -> None:
    """Make the groups, and compare."""
    parser = argparse.ArgumentParser(description="Time pages of groups, beside hand-written SQL.")
    parser.add_argument("--groups", type=int, default=200_000, help="how many groups there are")
    parser.add_argument("--driver", help="start a server, and use this driver")
    parser.add_argument("url", nargs="?", default="sqlite://", help="an empty database")
    options = parser.parse_args()
    if options.driver is None:
        compare(created(options.url), options.groups)
    else:
        with private_server(options.driver) as url:
            compare(created(url), options.groups)


def created(url: str) -> EmbeddedGroupStore:
    """Return a store whose tables have been created."""
    store = open_store(url)
    store.create()
    return store


if __name__ == "__main__":
    main()

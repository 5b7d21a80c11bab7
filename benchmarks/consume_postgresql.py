"""Consume reserved stock on PostgreSQL, beside the same statements written by hand.

``python benchmarks/consume_postgresql.py [--orders N] [--rounds N] [URL]`` prints what one order
takes in both, on the clock and of the processor's time of this process. Without the URL of an
empty database it starts a server: first one that waits for its disk, as PostgreSQL does by
itself, then the same one without. Each order is a transaction of its own: a fresh request, one
piece of one item of many, by a customer in three groups, from a reservation of one of them. The
references run the same statements in the same order on the same tables, written by hand, inside
the same savepoint, and store their answer as JSON: one with the bare driver, the other through
SQLAlchemy, as a host does that has it anyway.
"""

import argparse
import hashlib
import importlib
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, LiteralString, Protocol

import attrs
import psycopg
import sqlalchemy as sa
from on_servers import TESTS, open_store, private_server
from psycopg.rows import namedtuple_row

from customer_groups.adapters.sql import load_customers
from customer_groups.customers import Customer
from customer_groups.reservations.consuming import consume
from customer_groups.reservations.repository import ReservationWork
from customer_groups.reservations.reserving import reserve
from customer_groups.reservations.sql import EmbeddedReservations
from customer_groups.service import create_group

ITEMS = 1_000
ON_HAND = 100_000
HELD = 50_000
UNIT = 1_000_000
LARGEST_STORED = 2**63 - 1
DURABILITY = ("fsync", "full_page_writes", "synchronous_commit")
CUSTOMER = "C1"

NOTE = """
INSERT INTO cg_request (tenant, request_id, fingerprint) VALUES ('default', %s, %s)
ON CONFLICT (tenant, request_id) DO UPDATE SET fingerprint = cg_request.fingerprint
RETURNING tenant, request_id, fingerprint, answer
"""
LOCK = """
INSERT INTO cg_stock (tenant, stock, held, outstanding, version) VALUES ('default', %s, 0, 0, 1)
ON CONFLICT (tenant, stock) DO UPDATE SET version = cg_stock.version + 1
RETURNING tenant, stock, held, outstanding, version
"""
RESERVATIONS = """
SELECT * FROM cg_reservation
WHERE tenant = 'default' AND stock IN (%s) AND state IN ('planned', 'active') ORDER BY stock
"""
ON_HAND_NOW = """
SELECT stock, coalesce(quantity, 0) AS quantity FROM cg_on_hand
WHERE stock IN (%s) AND tenant = 'default' ORDER BY stock FOR UPDATE
"""
GROUPS = """
SELECT cg_group.*, customer_key
FROM cg_membership
JOIN cg_group ON cg_group.tenant = cg_membership.tenant
             AND cg_group.code = cg_membership.group_code
WHERE cg_membership.tenant = 'default' AND status = 'active' AND customer_key IN (%s)
ORDER BY cg_group.code
"""
PROMISE = """
UPDATE cg_stock SET held = held + %s, outstanding = outstanding + %s
WHERE tenant = 'default' AND stock = %s AND held + outstanding <= %s AND outstanding <= %s
"""
CHANGE = """
UPDATE cg_reservation
SET group_code = %s, group_created_at = %s, stock = %s, quantity = %s, consumed = %s,
    valid_from = %s, valid_to = %s, priority = %s, holds_before_start = %s, state = %s,
    due_at = %s, created_at = %s, created_by = %s
WHERE tenant = 'default' AND id = %s
"""
DRAW = """
INSERT INTO cg_draw (tenant, consumption, line, customer_key, stock, reservation, quantity,
                     settled, returned)
VALUES ('default', %s, 1, %s, %s, %s, %s, 0, 0)
"""
ENTRY = """
INSERT INTO cg_ledger (tenant, stock, version, line, request_id, kind, held, outstanding,
                       reservation, customer_key, created_at, created_by)
VALUES ('default', %s, %s, 1, %s, 'consume', %s, %s, %s, %s, %s, NULL)
"""
ANSWER = "UPDATE cg_request SET answer = %s WHERE tenant = 'default' AND request_id = %s"

Order = Callable[[str, str], str]
"""Consumes a piece, by request and item; returns from which reservation it came."""


def prepare(url: str) -> EmbeddedReservations:
    """Create three groups with the customer, and reserve some of each item for one of them."""
    store = open_store(url)
    store.create()
    load_customers(store, [Customer(CUSTOMER)])
    embedded = EmbeddedReservations(store)
    embedded.load_on_hand({item(number): ON_HAND for number in range(ITEMS)})
    embedded.store.run(_reserve_all)
    with store.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
    return embedded


def item(number: int) -> str:
    """Return the key of an item."""
    return f"item-{number:04}"


def _reserve_all(work: ReservationWork) -> None:
    for code in ("A", "B", "C"):
        create_group(work.core, code, code=code, customers=[CUSTOMER])
    for number in range(ITEMS):
        stock = item(number)
        reserve(work, "ABC"[number % 3], stock, HELD, request_id=stock)


def order_by_ours(embedded: EmbeddedReservations, request_id: str, stock: str) -> str:
    """Consume through the public API."""
    do = partial(consume, customer=CUSTOMER, lines=[(stock, 1)], request_id=request_id)
    (draw,) = embedded.store.run(do).draws
    return str(draw.reservation)


class Cursor(Protocol):
    """What a statement returns."""

    @property
    def rowcount(self) -> int:
        """How many rows it has changed."""

    def fetchall(self) -> Sequence[Any]:
        """Return all its rows."""


def order_by_driver(connection: psycopg.Connection[Any], request_id: str, stock: str) -> str:
    """Consume with nothing but the driver."""
    with connection.transaction(), connection.transaction():
        return ByHand(connection.execute, request_id, stock).order()


def order_by_sqlalchemy(engine: sa.Engine, request_id: str, stock: str) -> str:
    """Consume through SQLAlchemy, which hands the statements on as they are."""
    with engine.connect() as connection, connection.begin(), connection.begin_nested():

        def execute(statement: LiteralString, parameters: Sequence[Any]) -> Cursor:
            return connection.exec_driver_sql(statement, tuple(parameters))

        return ByHand(execute, request_id, stock).order()


@attrs.frozen
class ByHand:
    """Consumes in a transaction, without anything that it does not need.

    Attributes:
        execute: Runs a statement with its parameters.
        request_id: The request.
        stock: The item.
    """

    execute: Callable[[LiteralString, Sequence[Any]], Cursor]
    request_id: str
    stock: str

    def order(self) -> str:
        """Order one piece, and return the reservation that it came from."""
        self.begin()
        version, reservations, on_hand = self.lock()
        groups = {row.code for row in self.rows(GROUPS, [CUSTOMER])}
        found = min(
            (each for each in reservations if each.group_code in groups),
            key=lambda each: (each.priority, each.valid_to is None, each.created_at),
        )
        if found.quantity - found.consumed < UNIT:
            raise SystemExit(f"nothing is left of {found.id}")
        self.book(found, version, on_hand - UNIT)
        self.finish(found.id)
        return str(found.id)

    def begin(self) -> None:
        """Note the request."""
        asked = json.dumps(["consume", CUSTOMER, self.stock, 1])
        fingerprint = hashlib.sha256(asked.encode()).hexdigest()
        (noted,) = self.rows(NOTE, [self.request_id, fingerprint])
        if noted.fingerprint != fingerprint or noted.answer is not None:
            raise SystemExit(f"the request {self.request_id} is not new")

    def lock(self) -> tuple[int, Sequence[Any], int]:
        """Lock the stock; return its version, its reservations, and what is on hand."""
        (totals,) = self.rows(LOCK, [self.stock])
        reservations = self.rows(RESERVATIONS, [self.stock])
        (on_hand,) = self.rows(ON_HAND_NOW, [self.stock])
        return totals.version, reservations, on_hand.quantity

    def book(self, found: Any, version: int, most: int) -> None:  # noqa: ANN401  a row
        """Move one piece from a reservation to the order."""
        promised = [-UNIT, UNIT, self.stock, LARGEST_STORED, most]
        changed = self.execute(PROMISE, promised)
        if changed.rowcount != 1:
            raise SystemExit(f"there is not enough of {self.stock}")
        row = found._asdict() | {"consumed": found.consumed + UNIT}
        self.execute(CHANGE, [*list(row.values())[2:], found.id])
        self.execute(DRAW, [self.request_id, CUSTOMER, self.stock, found.id, UNIT])
        now = time.time_ns() // 1_000
        entry = [self.stock, version, self.request_id, -UNIT, UNIT, found.id, CUSTOMER, now]
        self.execute(ENTRY, entry)

    def finish(self, reservation: str) -> None:
        """Store the answer."""
        draw = {
            "consumption": self.request_id,
            "line": 1,
            "customer": CUSTOMER,
            "stock": self.stock,
            "reservation": reservation,
            "quantity": 1,
            "settled": 0,
            "returned": 0,
        }
        answer = {"id": self.request_id, "customer": CUSTOMER, "draws": [draw], "missing": []}
        self.execute(ANSWER, [json.dumps(answer), self.request_id])

    def rows(self, query: LiteralString, parameters: Sequence[str]) -> Sequence[Any]:
        """Return all rows of a query."""
        return self.execute(query, parameters).fetchall()


@attrs.frozen
class Time:
    """What an order takes, in seconds.

    Attributes:
        clock: Until it is done.
        processor: Of that, how much this process computes.
    """

    clock: float
    processor: float

    def __str__(self) -> str:
        """Return it in milliseconds."""
        return f"{self.clock * 1_000:5.2f} ms, {self.processor * 1_000:.2f} of the processor"


def time_of(order: Order, prefix: str, orders: int) -> Time:
    """Return what one order takes, of many in a row, each of another item."""
    clock, processor = time.perf_counter(), time.process_time()
    for number in range(orders):
        stock = item(number % ITEMS)
        if order(f"{prefix}-{number}", stock) != stock:
            raise SystemExit(f"{stock} came from another reservation")
    return Time((time.perf_counter() - clock) / orders, (time.process_time() - processor) / orders)


def compare(url: str, embedded: EmbeddedReservations, orders: int, rounds: int) -> None:
    """Let both take turns, and print the medians."""
    address = sa.make_url(url).set(drivername="postgresql")
    at = address.render_as_string(hide_password=False)
    engine = sa.create_engine(url)
    with psycopg.connect(at, row_factory=namedtuple_row) as connection:
        ways: dict[str, Order] = {
            "with the driver": partial(order_by_driver, connection),
            "with SQLAlchemy": partial(order_by_sqlalchemy, engine),
            "ours": partial(order_by_ours, embedded),
        }
        found: dict[str, list[Time]] = {way: [] for way in ways}
        for number in range(rounds + 1):
            for way, order in ways.items():
                took = time_of(order, f"{way}-{time.time_ns()}", orders)
                if number:  # in the first round, statements are compiled and prepared
                    found[way].append(took)
    engine.dispose()
    ours = median(found["ours"])
    for way, times in found.items():
        took = median(times)
        print(f"  {way:15} {took}; ours takes {ours.clock / took.clock:.2f} times that")


def median(times: list[Time]) -> Time:
    """Return the medians of both."""
    return Time(
        statistics.median(each.clock for each in times),
        statistics.median(each.processor for each in times),
    )


def compare_on_own_server(orders: int, rounds: int) -> None:
    """Compare on a server that waits for its disk, and then does not any more."""
    sys.path.append(str(TESTS))
    given = importlib.import_module("servers.postgres").SETTINGS
    hasty = {name: given.pop(name) for name in DURABILITY}
    with private_server("psycopg") as url:
        embedded = prepare(url)
        print("each commit waits for the disk, as is PostgreSQL's default:")
        compare(url, embedded, orders, rounds)
        for name, value in hasty.items():
            set_on_server(url, f"ALTER SYSTEM SET {name} = {value}")
        set_on_server(url, "SELECT pg_reload_conf()")
        print("no commit waits for the disk:")
        compare(url, embedded, orders, rounds)


def set_on_server(url: str, statement: str) -> None:
    """Run a statement that no transaction may hold."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


def main() -> None:
    """Read the arguments, and compare."""
    parser = argparse.ArgumentParser(description="Time orders, beside hand-written SQL.")
    parser.add_argument("--orders", type=int, default=400, help="how many in a round")
    parser.add_argument("--rounds", type=int, default=7, help="how often both are run")
    parser.add_argument("url", nargs="?", help="an empty database; else a server is started")
    options = parser.parse_args()
    if options.url:
        compare(options.url, prepare(options.url), options.orders, options.rounds)
    else:
        compare_on_own_server(options.orders, options.rounds)


if __name__ == "__main__":
    main()

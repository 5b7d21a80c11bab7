"""Let eight processes order one hot item at the same time, and see that nothing is lost.

``python benchmarks/hot_item.py [--driver pymysql] [--orders N] [URL]`` prints how many orders there
were in a second, on PostgreSQL if nothing else is named. Without the URL of an empty database it
starts a server as the tests do. Each order is a transaction of its own: a fresh request, one
piece, from a reservation first and then from what is free. At the end all sums must be right.
"""

import argparse
import multiprocessing
import time
from functools import partial

from on_servers import open_store, private_server

from customer_groups.adapters.sql import load_customers
from customer_groups.customers import Customer
from customer_groups.reservations.asking import availability
from customer_groups.reservations.consuming import consume
from customer_groups.reservations.reconciling import reconcile
from customer_groups.reservations.reserving import reserve
from customer_groups.reservations.sql import EmbeddedReservations, verify
from customer_groups.service import create_group

PROCESSES = 8
ITEM = "hot"
CUSTOMER = "C1"


def prepare(url: str, orders: int) -> None:
    """Bring in a piece for each order, and reserve half of them."""
    store = open_store(url)
    store.create()
    load_customers(store, [Customer(CUSTOMER)])
    embedded = EmbeddedReservations(store)
    embedded.load_on_hand({ITEM: orders})
    store.run(partial(create_group, name="A", code="A", customers=[CUSTOMER]))
    embedded.store.run(
        partial(reserve, group="A", stock=ITEM, quantity=orders // 2, request_id="half")
    )
    store.close()


def order(url: str, process: int, orders: int) -> None:
    """Order one piece after the other."""
    store = open_store(url)
    embedded = EmbeddedReservations(store)
    for number in range(orders):
        do = partial(consume, customer=CUSTOMER, lines=[(ITEM, 1)])
        embedded.store.run(partial(do, request_id=f"{process}-{number}"))
    store.close()


def check(url: str, orders: int) -> None:
    """Demand that all is ordered, and that all sums agree."""
    store = open_store(url)
    embedded = EmbeddedReservations(store)
    with store.engine.connect() as connection:
        faults = verify(connection, embedded.tables, store.storage.tables)
    with embedded.store.transaction() as work:
        found, reconciled = availability(work, ITEM), reconcile(work)
    if faults or reconciled.findings or (found.held, found.outstanding) != (0, orders):
        raise SystemExit(f"something was lost: {faults}, {reconciled}, {found}")
    print(f"{found.outstanding} pieces are outstanding, as many as were ordered")
    store.close()


def run(url: str, orders: int) -> None:
    """Let the processes order, and print how many orders there were in a second."""
    share = orders // PROCESSES
    prepare(url, share * PROCESSES)
    fork = multiprocessing.get_context("fork")
    processes = [
        fork.Process(target=order, args=(url, number, share)) for number in range(PROCESSES)
    ]
    start = time.perf_counter()
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    seconds = time.perf_counter() - start
    check(url, share * PROCESSES)
    print(f"{share * PROCESSES / seconds:.0f} orders in a second, by {PROCESSES} processes")


def main() -> None:
    """Read the arguments, and run."""
    parser = argparse.ArgumentParser(description="Time orders of one hot item.")
    parser.add_argument("--driver", default="psycopg", help="what SQLAlchemy calls it")
    parser.add_argument("--orders", type=int, default=800, help="how many by all processes")
    parser.add_argument("url", nargs="?", help="an empty database; else a server is started")
    options = parser.parse_args()
    if options.url:
        run(options.url, options.orders)
    else:
        with private_server(options.driver) as url:
            run(url, options.orders)


if __name__ == "__main__":
    main()

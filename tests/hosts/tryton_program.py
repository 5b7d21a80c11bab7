"""A host made with Tryton, in a process of its own: Tryton serves one kind of database.

Run as ``python tryton_program.py URL`` on an empty database that Tryton's configuration
leads to, it prints the checks that the host has passed.
"""

import sys
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from customer_groups.adapters.sql import (
    CustomerTable,
    SqlStorage,
    build_tables,
    create_schema,
    hosted_connection,
)
from host_checks import CHECKS, Operation, driver_state

T = TypeVar("T")

backend: Any = import_module("trytond.backend")
Pool: Any = import_module("trytond.pool").Pool
Transaction: Any = import_module("trytond.transaction").Transaction

METADATA = sa.MetaData()
PARTY = sa.Table("party_party", METADATA, sa.Column("id", sa.Integer), sa.Column("code", sa.String))
DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}


class TrytonHost:
    """A host whose transactions are those of Tryton."""

    storage = SqlStorage(
        build_tables(METADATA),
        customers=CustomerTable(PARTY, key=PARTY.c.id, code=PARTY.c.code),
    )

    def __init__(self, url: sa.URL, database: str) -> None:
        """Create the tables."""
        self.url = url
        self._database = database
        self._pool = Pool(database)
        self._pool.init(update=["party"], activatedeps=True)
        self.begin()
        with self._lent() as lent:
            create_schema(lent, self.storage.tables)
        self.commit()

    def begin(self) -> None:
        """Start a transaction."""
        Transaction().start(self._database, 0)

    def commit(self) -> None:
        """Stop the transaction."""
        Transaction().stop(commit=True)

    def rollback(self) -> None:
        """Stop the transaction."""
        Transaction().stop(commit=False)

    def insert(self, code: str) -> None:
        """Create a party."""
        self._pool.get("party.party").create([{"code": code}])

    def lend(self, operation: Operation[T]) -> T:
        """Lend the connection."""
        with self._lent() as lent:
            return operation(self.storage.bind(lent))

    def lend_outside(self, operation: Operation[object]) -> None:
        """Lend a connection that Tryton has opened in autocommit."""
        with Transaction().start(self._database, 0, autocommit=True):
            self.lend(operation)

    def state(self) -> object:
        """Ask the driver, and Tryton for a date and a number."""
        (party,) = self._pool.get("party.party").search([], limit=1)
        state = driver_state(Transaction().connection, self.url.get_backend_name())
        return [repr(party.create_date.tzinfo), *state]

    def _lent(self) -> Any:  # noqa: ANN401
        return hosted_connection(Transaction().connection, DRIVERS[self.url.get_backend_name()])


def main(url: sa.URL) -> None:
    """Make the database one of Tryton's, and run the checks on it."""
    name = Path(url.database or "").stem
    backend.Database(name).connect().init()
    host = TrytonHost(url, name)
    for check in CHECKS:
        check(host)
        print(check.__name__)  # noqa: T201  for the test that has started this


if __name__ == "__main__":
    main(sa.make_url(sys.argv[1]))

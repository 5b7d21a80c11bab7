"""SQLAlchemy engines of new, empty databases of every kind, for tests that need the bare ones."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from databases import DRIVERS, create_engine, new_database

__all__ = ["ENGINES", "MARIADB", "POSTGRESQL", "new_engine"]

ENGINES = ("sqlite", *DRIVERS)
"""SQLite, and each driver of a server that is tested."""

POSTGRESQL = [driver for driver in DRIVERS if driver.startswith("psycopg")]
MARIADB = [driver for driver in DRIVERS if driver.startswith(("pymysql", "mysql"))]


@contextmanager
def new_engine(name: str, folder: Path) -> Iterator[sa.Engine]:
    """Yield an engine of an empty database.

    Args:
        name: One of `ENGINES`.
        folder: Where SQLite may put a file.
    """
    file = sa.URL.create("sqlite", database=str(folder / f"{os.urandom(6).hex()}.db"))
    engine = create_engine(file if name == "sqlite" else new_database(name))
    try:
        yield engine
    finally:
        engine.dispose()

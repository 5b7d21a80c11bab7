"""Where processes meet to race for stock: a database, or all nodes of a cluster, for tests."""

from collections.abc import Mapping
from pathlib import Path

import attrs

from engines import new_engine
from servers import galera
from servers.galera import NODES
from stock_books import require_right_books
from stockrooms import Place

__all__ = ["CLUSTER", "Arena", "new_arena"]

CLUSTER = "cluster"


@attrs.frozen
class Arena:
    """Where processes race.

    Attributes:
        places: The database; of a cluster, each of its nodes.
    """

    places: tuple[Place, ...]

    @property
    def first(self) -> Place:
        """Where to go before the race and after it."""
        return self.places[0]

    def place_of(self, number: int) -> Place:
        """Return where the process with this number works: each on the next node."""
        return self.places[number % len(self.places)]

    def require_right_books(self, brought_in: Mapping[str, int]) -> None:
        """Fail unless the books are right on each node; see `stock_books.require_right_books`."""
        for place in self.places:
            with place.opened() as room:
                require_right_books(room, brought_in)


def new_arena(engine: str, folder: Path, *, is_of_host: bool = False) -> Arena:
    """Return an arena whose database is empty.

    Args:
        engine: One of `ENGINES`, or `CLUSTER`.
        folder: Where SQLite may put a file.
        is_of_host: Whether the transactions are those of a host.
    """
    if engine != CLUSTER:
        with new_engine(engine, folder) as bare:
            return Arena((Place(bare.url, is_of_host),))
    database = galera().new_database()
    urls = (galera().url(node, "pymysql", database) for node in NODES)
    return Arena(tuple(Place(url, is_of_host, is_cluster=True) for url in urls))

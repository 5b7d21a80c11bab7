"""Where the commands find their groups: the one place where a database is opened."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs

from customer_groups.adapters.sql import (
    SCHEMA_VERSION,
    EmbeddedGroupStore,
    SqlUnitOfWork,
    open_store,
)
from customer_groups.cli.quantities import SCALE
from customer_groups.errors import InvalidValueError, SchemaError
from customer_groups.reservations import ReservationRules
from customer_groups.reservations.sql import EmbeddedReservations

__all__ = ["DEFAULT_URL", "Session"]

DEFAULT_URL = "sqlite:///customer_groups.db"


@attrs.frozen
class Session:
    """What the options before the command say.

    Attributes:
        url: The database.
        tenant: Whose groups.
        as_json: Whether standard output is to be one JSON object.
    """

    url: str
    tenant: str
    as_json: bool

    @contextmanager
    def store(self, *, create: bool = False) -> Iterator[EmbeddedGroupStore]:
        """Open the database, and close it when the context ends.

        Args:
            create: Whether to create the file and the tables, if they are missing.

        Raises:
            InvalidValueError: the URL does not name a file of SQLite, or the tenant is
                malformed.
            SchemaError: there is no such file.
            StorageUnavailableError: the file cannot be used.
        """
        store = open_store(self.url, tenant=self.tenant, create=False)
        if not self._file_of(store).exists() and not create:
            raise SchemaError(None, SCHEMA_VERSION)
        try:
            if create:
                store.create()
            yield store
        finally:
            store.close()

    @contextmanager
    def transaction(self) -> Iterator[SqlUnitOfWork]:
        """Open the database for one transaction.

        Raises:
            SchemaError: the file or the tables are missing.
        """
        with self.store() as store, store.transaction() as work:
            yield work

    @contextmanager
    def reservations(self) -> Iterator[EmbeddedReservations]:
        """Open the reservations of the database; their tables are created, if they are missing.

        Raises:
            SchemaError: the file or the tables of the groups are missing.
        """
        with self.store() as store:
            with store.transaction():
                pass  # where there are no groups, no tables are to be made
            yield EmbeddedReservations(store, rules=ReservationRules(scale=SCALE))

    def _file_of(self, store: EmbeddedGroupStore) -> Path:
        name = store.engine.url.database
        if not name or name == ":memory:" or name.startswith("file:"):
            reason = "does not name a file; write it like sqlite:///customer_groups.db"
            raise InvalidValueError("database URL", self.url, reason)
        return Path(name)

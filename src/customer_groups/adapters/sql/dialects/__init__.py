"""The differences between database engines: all of them stand here."""

import sqlalchemy as sa

from customer_groups.adapters.sql.dialects.base import Dialect
from customer_groups.adapters.sql.dialects.mariadb import MariaDB
from customer_groups.adapters.sql.dialects.postgresql import PostgreSQL
from customer_groups.adapters.sql.dialects.sqlite import SQLite
from customer_groups.errors import StorageUnavailableError

__all__ = ["Dialect", "dialect_of"]

_DIALECTS: dict[str, type[Dialect]] = {
    "sqlite": SQLite,
    "postgresql": PostgreSQL,
    "mariadb": MariaDB,
}


def dialect_of(connection: sa.Connection) -> Dialect:
    """Return what is special about the engine at the other end of a connection.

    Raises:
        StorageUnavailableError: it is an engine that we do not know.
    """
    # SQLAlchemy calls MariaDB by that name only where the URL does.
    is_mariadb = getattr(connection.dialect, "is_mariadb", False)
    name = "mariadb" if is_mariadb else connection.dialect.name
    if name not in _DIALECTS:
        raise StorageUnavailableError(f"{name} is not supported; use {', '.join(_DIALECTS)}")
    return _DIALECTS[name]()

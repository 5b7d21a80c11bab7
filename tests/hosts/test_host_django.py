"""A host made with Django."""

from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa

from customer_groups.adapters.sql import (
    CustomerTable,
    SqlStorage,
    build_tables,
    create_schema,
    hosted_connection,
)
from host_checks import CHECKS, ENGINES, Host, Operation, driver_state, new_url
from servers import unavailable

T = TypeVar("T")

METADATA = sa.MetaData()
PARTY = sa.Table("shop_party", METADATA, sa.Column("code", sa.String(40)))

DRIVERS = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "mariadb": "mysql+mysqldb",
}


@cache
def new_model() -> Any:  # noqa: ANN401  Django has no types
    """Set Django up, and return the model of the customers."""
    import_module("django.conf").settings.configure()
    import_module("django").setup()
    models = import_module("django.db.models")
    fields = {
        "__module__": __name__,
        "Meta": type("Meta", (), {"app_label": "shop"}),
        "code": models.CharField(max_length=40, unique=True),
    }
    return type("Party", (models.Model,), fields)


def configuration(url: sa.URL) -> dict[str, object]:
    """Return what stands in DATABASES for a database."""
    if url.get_backend_name() == "sqlite":
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": url.database}
    engine = url.get_backend_name().replace("mariadb", "mysql")
    return {
        "ENGINE": f"django.db.backends.{engine}",
        "NAME": url.database,
        "USER": url.username,
        "HOST": url.query.get("host") or url.query.get("unix_socket"),
    }


class DjangoHost:
    """A host whose transactions are atomic blocks."""

    storage = SqlStorage(build_tables(METADATA), customers=CustomerTable(PARTY, code=PARTY.c.code))

    def __init__(self, url: sa.URL, connection: Any, model: Any) -> None:  # noqa: ANN401
        """Create the tables."""
        self.url = url
        self._connection = connection
        self._model = model
        self._transaction = import_module("django.db.transaction")
        with connection.schema_editor() as editor:
            editor.create_model(model)
        with self._atomic(), self._lent() as lent:
            create_schema(lent, self.storage.tables)

    def begin(self) -> None:
        """Enter an atomic block."""
        self._block = self._atomic()
        self._block.__enter__()

    def commit(self) -> None:
        """Leave the block."""
        self._block.__exit__(None, None, None)

    def rollback(self) -> None:
        """Leave the block after a change of mind."""
        self._connection.set_rollback(True)
        self._block.__exit__(None, None, None)

    def insert(self, code: str) -> None:
        """Create an object."""
        self._model.objects.using(self._connection.alias).create(code=code)

    def lend(self, operation: Operation[T]) -> T:
        """Lend the connection."""
        with self._lent() as lent:
            return operation(self.storage.bind(lent))

    def lend_outside(self, operation: Operation[object]) -> None:
        """Lend it without an atomic block: Django is in autocommit then."""
        self.lend(operation)

    def state(self) -> object:
        """Ask the driver, and use a function that Django registers with SQLite's."""
        objects = self._model.objects.using(self._connection.alias)
        state = driver_state(self._connection.connection, self.url.get_backend_name())
        return [objects.filter(id__regex="[0-9]").exists(), *state]

    def _atomic(self) -> Any:  # noqa: ANN401
        return self._transaction.atomic(using=self._connection.alias)

    def _lent(self) -> Any:  # noqa: ANN401
        self._connection.ensure_connection()
        driver = DRIVERS[self.url.get_backend_name()]
        return hosted_connection(self._connection.connection, driver)


@pytest.fixture(scope="module", params=ENGINES)
def host(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Host]:
    """Return a host on each engine."""
    if find_spec("django") is None:
        unavailable("no Django: python -m pip install --group hosts")
    if request.param == "mariadb" and find_spec("MySQLdb") is None:
        unavailable("no mysqlclient: python -m pip install --group drivers")
    model = new_model()
    connections = import_module("django.db").connections
    url = new_url(request.param, tmp_path_factory.mktemp("host"))
    databases = connections.configure_settings({"default": {}, url.database: configuration(url)})
    connections.databases[url.database] = databases[url.database]
    with closing(connections[url.database]) as connection:
        yield DjangoHost(url, connection, model)


@pytest.mark.parametrize("check", CHECKS)
def test_host(check: Callable[[Host], None], host: Host) -> None:
    """A host with Django gets what every host may expect."""
    check(host)

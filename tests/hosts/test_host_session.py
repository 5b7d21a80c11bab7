"""Hosts that use the ORM of SQLAlchemy: a plain session, and Flask-SQLAlchemy."""

from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from customer_groups.adapters.sql import CustomerTable, SqlStorage, build_tables, create_schema
from host_checks import CHECKS, ENGINES, Host, Operation, driver_state, new_url
from servers import unavailable

T = TypeVar("T")


class SessionHost:
    """A host with a session, whichever way it came by it."""

    def __init__(self, session: orm.Session, party: type[Any], url: sa.URL) -> None:
        """Create the tables."""
        self.url = url
        self._party = party
        self._session = session
        table = party.__table__
        groups = build_tables(party.metadata)
        self.storage = SqlStorage(groups, customers=CustomerTable(table, code=table.c.code))
        table.create(session.connection())
        create_schema(session.connection(), groups)
        session.commit()

    def begin(self) -> None:
        """Leave it to the session."""

    def commit(self) -> None:
        """Commit the session."""
        self._session.commit()

    def rollback(self) -> None:
        """Roll the session back."""
        self._session.rollback()

    def insert(self, code: str) -> None:
        """Add an object."""
        self._session.add(self._party(code=code))

    def lend(self, operation: Operation[T]) -> T:
        """Lend the connection of the session, which then holds nothing back."""
        self._session.flush()
        return operation(self.storage.bind(self._session.connection()))

    def lend_outside(self, operation: Operation[object]) -> None:
        """Lend a connection in autocommit."""
        options = {"isolation_level": "AUTOCOMMIT"}
        connection = self._session.connection(execution_options=options)
        try:
            operation(self.storage.bind(connection))
        finally:
            self._session.rollback()

    def state(self) -> object:
        """Ask the driver."""
        connection = self._session.connection()
        return driver_state(connection.connection.dbapi_connection, connection.dialect.name)


@pytest.fixture(scope="module", params=ENGINES)
def session_host(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Host]:
    """Return a host with a session of its own."""

    class Base(orm.DeclarativeBase):
        pass

    class Party(Base):
        __tablename__ = "party"
        code: orm.Mapped[str] = orm.mapped_column(sa.String(40), primary_key=True)

    url = new_url(request.param, tmp_path_factory.mktemp("host"))
    engine = sa.create_engine(url)
    with orm.Session(engine) as session:
        yield SessionHost(session, Party, url)
    engine.dispose()


@pytest.fixture(scope="module", params=ENGINES)
def flask_host(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Host]:
    """Return a host with Flask-SQLAlchemy."""
    if find_spec("flask_sqlalchemy") is None:
        unavailable("no Flask-SQLAlchemy: python -m pip install --group hosts")
    url = new_url(request.param, tmp_path_factory.mktemp("host"))
    app = import_module("flask").Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    db = import_module("flask_sqlalchemy").SQLAlchemy(app)
    party = type("Party", (db.Model,), {"code": sa.Column(sa.String(40), primary_key=True)})
    with app.app_context():
        yield SessionHost(db.session(), party, url)
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize("check", CHECKS)
def test_session(check: Callable[[Host], None], session_host: Host) -> None:
    """A host with a session gets what every host may expect."""
    check(session_host)


@pytest.mark.parametrize("check", CHECKS)
def test_flask_sqlalchemy(check: Callable[[Host], None], flask_host: Host) -> None:
    """A host with Flask-SQLAlchemy gets what every host may expect."""
    check(flask_host)

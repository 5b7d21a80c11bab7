"""Connections that break while we use them."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from customer_groups.adapters.sql import EmbeddedGroupStore
from customer_groups.errors import OutcomeUnknownError, StorageUnavailableError
from customer_groups.service import add_customers, create_group
from databases import DRIVERS, create_engine
from proxy import Cut, Proxy, proxy_to
from servers import mariadb, postgres
from two_groups import CODES, FEW, MANY, customers_of_groups, look, two_groups


@pytest.fixture
def store(request: pytest.FixtureRequest) -> Iterator[EmbeddedGroupStore]:
    """Yield a store on a server, with customers and the groups A and B."""
    with two_groups(request.param) as opened:
        yield opened


on_servers = pytest.mark.parametrize("store", DRIVERS, indirect=True)


@pytest.fixture
def line(store: EmbeddedGroupStore) -> Iterator[Proxy]:
    """Yield a line to the server of the store."""
    is_mariadb = store.engine.dialect.name == "mariadb"
    with proxy_to((mariadb() if is_mariadb else postgres()).socket) as proxy:
        yield proxy


@pytest.fixture
def remote(store: EmbeddedGroupStore, line: Proxy) -> Iterator[EmbeddedGroupStore]:
    """Yield the same store at the end of that line."""
    engine = create_engine(line.url(store.engine.url))
    yield EmbeddedGroupStore(engine, tenant=store.tenant)
    engine.dispose()


@on_servers
@pytest.mark.parametrize("when", list(Cut))
def test_the_line_is_cut_at_the_commit(
    store: EmbeddedGroupStore, line: Proxy, remote: EmbeddedGroupStore, when: Cut
) -> None:
    """Nobody can know whether the work is stored; all of it is, or nothing."""

    def work_and_cut() -> None:
        with remote.transaction() as work:
            add_customers(work, "A", CODES[:MANY])
            create_group(work, "Group C", code="C", customers=CODES[:FEW])
            line.cut(when, b"COMMIT")

    with pytest.raises(OutcomeUnknownError, match="look whether") as caught:
        work_and_cut()
    assert caught.value.__cause__ is not None
    whole = {"A": MANY, "B": FEW, "C": FEW}
    assert customers_of_groups(store) == ({"A": FEW, "B": FEW} if when is Cut.BEFORE else whole)
    remote.run(lambda work: add_customers(work, "B", CODES[:MANY]))
    assert customers_of_groups(store)["B"] == MANY


@on_servers
@pytest.mark.parametrize("size", [FEW + 1, MANY])
@pytest.mark.parametrize("when", list(Cut))
def test_the_line_is_cut_in_the_middle(
    store: EmbeddedGroupStore, line: Proxy, remote: EmbeddedGroupStore, when: Cut, size: int
) -> None:
    """Nothing is stored, it is said so, and the next transaction finds a new connection."""

    def work_and_cut() -> None:
        with remote.transaction() as work:
            line.cut(when, b"members_changed_by=")
            with pytest.raises(StorageUnavailableError) as caught:
                add_customers(work, "A", CODES[:size])
            assert caught.value.transaction_lost
            look(work)

    with pytest.raises(StorageUnavailableError, match="roll back"):
        work_and_cut()
    assert customers_of_groups(store) == {"A": FEW, "B": FEW}
    remote.run(lambda work: add_customers(work, "A", CODES[:size]))
    assert customers_of_groups(store) == {"A": size, "B": FEW}


@on_servers
@pytest.mark.parametrize("when", list(Cut))
def test_the_line_is_cut_in_the_transaction_of_a_host(
    store: EmbeddedGroupStore, line: Proxy, remote: EmbeddedGroupStore, when: Cut
) -> None:
    """A host that swallows the error cannot commit, and we do nothing more for it."""
    with remote.engine.connect() as connection:
        transaction = connection.begin()
        work = remote.storage.bind(connection, tenant=remote.tenant)
        create_group(work, "Before")
        line.cut(when, b"members_changed_by=")
        with pytest.raises(StorageUnavailableError):
            add_customers(work, "A", CODES)
        with pytest.raises(StorageUnavailableError, match="roll back"):
            create_group(work, "After")
        with pytest.raises(StorageUnavailableError, match="roll back"):
            remote.storage.bind(connection, tenant=remote.tenant)
        with pytest.raises(sa.exc.SQLAlchemyError):
            transaction.commit()
    assert customers_of_groups(store) == {"A": FEW, "B": FEW}


@on_servers
def test_the_server_is_gone(line: Proxy, remote: EmbeddedGroupStore) -> None:
    """Who has a connection that is dead by now hears it with the first statement."""
    with remote.transaction() as work:
        look(work)
    line.close()
    for _ in range(2):  # the first time with a connection of the pool
        with pytest.raises(StorageUnavailableError), remote.transaction() as work:
            look(work)


KILL = {
    "postgresql": ("SELECT pg_backend_pid()", "SELECT pg_terminate_backend({})"),
    "mariadb": ("SELECT connection_id()", "KILL CONNECTION {}"),
}


@on_servers
def test_an_administrator_ends_the_connection(store: EmbeddedGroupStore) -> None:
    """Nothing is stored, and the next transaction finds a new connection."""
    who, kill = KILL[store.engine.dialect.name]

    def be_killed() -> None:
        with store.transaction() as work:
            create_group(work, "Killed")
            victim = work.session.connection.scalar(sa.text(who))
            with store.engine.connect() as administrator:
                administrator.execute(sa.text(kill.format(victim)))
            look(work)

    with pytest.raises(StorageUnavailableError) as caught:
        be_killed()
    assert caught.value.transaction_lost
    assert customers_of_groups(store) == {"A": FEW, "B": FEW}

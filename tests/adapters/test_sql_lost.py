"""Transactions that are lost: by a deadlock, a conflict, a lock, a failed statement."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest
import sqlalchemy as sa

from customer_groups.adapters.sql import (
    CustomerTable,
    EmbeddedGroupStore,
    SqlStorage,
    SqlUnitOfWork,
)
from customer_groups.customers import CustomerKey
from customer_groups.errors import RetryableConflictError, StorageError
from customer_groups.searching import get_group, search_customers, search_groups
from customer_groups.service import add_customers, change_attributes, create_group, rename_group
from engines import MARIADB, POSTGRESQL
from stores import MOMENT, SERVERS, HostStore
from two_groups import CODES, FEW, customers_of_groups, impatient, look, two_groups

R = TypeVar("R")

PATIENCE = 20  # seconds


@pytest.fixture
def store(request: pytest.FixtureRequest) -> Iterator[EmbeddedGroupStore]:
    """Yield a store on a server, with customers and the groups A and B."""
    with two_groups(request.param) as opened:
        yield opened


on_servers = pytest.mark.parametrize("store", SERVERS, indirect=True)
on_postgresql = pytest.mark.parametrize("store", POSTGRESQL, indirect=True)
on_mariadb = pytest.mark.parametrize("store", MARIADB, indirect=True)


def in_opposite_order(change: Callable[[str, str, threading.Barrier], R]) -> list[R]:
    """Run a function in two threads; the one has A and B, the other one B and A."""
    barrier = threading.Barrier(2, timeout=PATIENCE)
    with ThreadPoolExecutor(2) as threads:
        running = [threads.submit(change, first, second, barrier) for first, second in ("AB", "BA")]
        return [each.result() for each in running]


def cross(
    work: SqlUnitOfWork, first: str, second: str, barrier: threading.Barrier
) -> RetryableConflictError | None:
    """Change two groups; return the conflict, if this lost, once nothing works any more."""
    change_attributes(work, first, {"first": first})
    barrier.wait()
    try:
        add_customers(work, second, CODES[FEW : 2 * FEW])
    except RetryableConflictError as error:
        assert error.transaction_lost  # noqa: PT017  it is either of the two
        with pytest.raises(RetryableConflictError, match="roll back"):
            look(work)
        with pytest.raises(RetryableConflictError, match="roll back"):
            create_group(work, "Half")
        return error
    return None


def assert_one_won(store: EmbeddedGroupStore) -> None:
    """Check that what one of them did is stored, and nothing of the other one."""
    assert sorted(customers_of_groups(store).values()) == [FEW, 2 * FEW]
    with store.transaction() as work:
        groups = search_groups(work).items
    assert [dict(each.group.attributes) for each in groups if each.customers == FEW] != [{}]
    assert [dict(each.group.attributes) for each in groups if each.customers > FEW] == [{}]


@on_servers
def test_the_host_swallows_a_deadlock(store: EmbeddedGroupStore) -> None:
    """Who loses writes nothing through us, even if the host goes on and commits."""

    def change(first: str, second: str, barrier: threading.Barrier) -> object:
        return HostStore(store).run(lambda work: cross(work, first, second, barrier))

    lost = [each for each in in_opposite_order(change) if each is not None]
    assert len(lost) == 1
    assert_one_won(store)


@on_servers
def test_the_host_binds_again_after_a_deadlock(store: EmbeddedGroupStore) -> None:
    """What is bound anew to a lost transaction is lost as well; the next transaction is not."""

    def change(first: str, second: str, barrier: threading.Barrier) -> object:
        with store.engine.connect() as connection:
            with connection.begin():
                work = store.storage.bind(connection, tenant=store.tenant)
                neighbour = store.storage.bind(connection, tenant=store.tenant)
                lost = cross(work, first, second, barrier)
                if lost is not None:
                    with pytest.raises(RetryableConflictError, match="roll back"):
                        look(neighbour)
                    with pytest.raises(RetryableConflictError, match="roll back"):
                        store.storage.bind(connection, tenant=store.tenant)
            with connection.begin():
                look(store.storage.bind(connection, tenant=store.tenant))
        return lost

    lost = [each for each in in_opposite_order(change) if each is not None]
    assert len(lost) == 1
    assert_one_won(store)


@on_postgresql
def test_a_savepoint_of_the_host_heals_a_failed_statement(store: EmbeddedGroupStore) -> None:
    """What failed inside of it is undone with it, and the host's transaction goes on."""
    with store.engine.begin() as connection:
        work = store.storage.bind(connection, tenant=store.tenant)
        savepoint = connection.begin_nested()
        with pytest.raises(StorageError, match="refused") as caught:
            work.session.rows(sa.text("SELECT 1 / 0"))
        assert caught.value.transaction_lost
        for use in (look, lambda lost: create_group(lost, "Half")):
            with pytest.raises(StorageError, match="roll back"):
                use(work)
        savepoint.rollback()
        create_group(work, "Group C", code="C")
        look(store.storage.bind(connection, tenant=store.tenant))
    assert customers_of_groups(store) == {"A": FEW, "B": FEW, "C": 0}


@on_servers
def test_the_host_gives_up_its_connection(store: EmbeddedGroupStore) -> None:
    """Where the host has invalidated its connection, its transaction is lost."""
    with store.engine.connect() as connection:
        transaction = connection.begin()
        work = store.storage.bind(connection, tenant=store.tenant)
        create_group(work, "Half")
        connection.invalidate()
        for use in (look, lambda lost: create_group(lost, "Half")):
            with pytest.raises(StorageError, match="roll back"):
                use(work)
        with pytest.raises(StorageError, match="roll back"):
            store.storage.bind(connection, tenant=store.tenant)
        transaction.rollback()
        with connection.begin():
            look(store.storage.bind(connection, tenant=store.tenant))
    assert customers_of_groups(store) == {"A": FEW, "B": FEW}


@on_mariadb
def test_a_function_that_is_missing_loses_nothing(store: EmbeddedGroupStore) -> None:
    """MariaDB says the same number of it as of a savepoint that is gone."""
    with store.engine.begin() as connection:
        work = store.storage.bind(connection, tenant=store.tenant)
        with pytest.raises(StorageError, match="refused") as caught:
            work.session.rows(sa.text("SELECT nowhere(1)"))
        assert not caught.value.transaction_lost
        savepoint = work.groups.atomic()
        savepoint.__enter__()
        connection.exec_driver_sql("ROLLBACK")
        with pytest.raises(StorageError, match="nobody undid it") as caught:
            savepoint.__exit__(None, None, None)
        assert caught.value.transaction_lost


@on_servers
def test_a_transaction_of_ours_does_not_end_well_after_a_deadlock(
    store: EmbeddedGroupStore,
) -> None:
    """Even if the caller swallows the conflict, the context says that nothing is stored."""

    def change(first: str, second: str, barrier: threading.Barrier) -> str:
        try:
            with store.transaction() as work:
                cross(work, first, second, barrier)
        except RetryableConflictError:
            return "lost"
        return "stored"

    assert sorted(in_opposite_order(change)) == ["lost", "stored"]
    assert_one_won(store)


@on_servers
def test_run_repeats_all_of_it_after_a_deadlock(store: EmbeddedGroupStore) -> None:
    """Both succeed in the end, and one of them had to begin twice."""
    attempts: list[str] = []

    def change(first: str, second: str, barrier: threading.Barrier) -> object:
        def operation(work: SqlUnitOfWork) -> None:
            is_first_attempt = first not in attempts
            attempts.append(first)
            change_attributes(work, first, {"first": first})
            if is_first_attempt:
                barrier.wait()
            add_customers(work, second, [CODES[FEW]])

        return store.run(operation)

    in_opposite_order(change)
    assert len(attempts) == 3
    assert customers_of_groups(store) == {"A": FEW + 1, "B": FEW + 1}
    with store.transaction() as work:
        assert get_group(work, "A").group.attributes == {"first": "A"}
        assert get_group(work, "B").group.attributes == {"first": "B"}


REKEYED = {CustomerKey(CODES[0]): CustomerKey("NEW")}


@on_servers
def test_half_a_change_is_never_stored(store: EmbeddedGroupStore) -> None:
    """A host that swallows a lock that did not come free stores nothing of the change.

    Here the first of two groups is done when the second one is locked by somebody else.
    """
    with impatient(store) as other, store.transaction() as blocker:
        change_attributes(blocker, "B", {"locked": "yes"})
        with HostStore(other).transaction() as work:
            change_attributes(work, "A", {"before": "kept"})
            with pytest.raises(RetryableConflictError) as caught:
                work.groups.rekey_customers(REKEYED, at=MOMENT, by=None)
            if caught.value.transaction_lost:
                with pytest.raises(RetryableConflictError, match="roll back"):
                    look(work)
            else:
                look(work)
    assert customers_of_groups(store) == {"A": FEW, "B": FEW}
    with store.transaction() as work:
        assert set(work.groups.groups_of([CustomerKey("NEW")]).values()) == {()}
        assert len(work.groups.groups_of([CustomerKey(CODES[0])])[CustomerKey(CODES[0])]) == 2


@on_postgresql
def test_a_lock_that_does_not_come_free_costs_no_transaction(store: EmbeddedGroupStore) -> None:
    """PostgreSQL undoes what waited in vain, and the host's transaction goes on."""
    with impatient(store) as other, store.transaction() as blocker:
        change_attributes(blocker, "B", {"locked": "yes"})
        with HostStore(other).transaction() as work:
            with pytest.raises(RetryableConflictError) as caught:
                add_customers(work, "B", CODES[: FEW + 1])
            assert not caught.value.transaction_lost
            add_customers(work, "A", CODES[: FEW + 1])
    assert customers_of_groups(store) == {"A": FEW + 1, "B": FEW}


@on_mariadb
def test_run_repeats_what_waited_in_vain(store: EmbeddedGroupStore) -> None:
    """A lock wait timeout loses the transaction; the next one finds the lock free."""
    groups = store.storage.tables.groups
    attempts: list[SqlUnitOfWork] = []
    with impatient(store) as other, store.engine.connect() as connection:
        blocker = connection.begin()
        connection.execute(groups.update().values(fence=groups.c.fence + 1))

        def operation(work: SqlUnitOfWork) -> None:
            attempts.append(work)
            if len(attempts) == 2:
                blocker.rollback()
            add_customers(work, "B", CODES[: FEW + 1])

        other.run(operation)
    assert len(attempts) == 2
    assert customers_of_groups(store) == {"A": FEW, "B": FEW + 1}


def serializable(store: EmbeddedGroupStore) -> EmbeddedGroupStore:
    """Return the same store with transactions that behave as if one came after the other."""
    engine = store.engine.execution_options(isolation_level="SERIALIZABLE")
    return EmbeddedGroupStore(engine, tenant=store.tenant)


@on_postgresql
def test_run_repeats_what_cannot_be_serialized(store: EmbeddedGroupStore) -> None:
    """A conflict over one group loses the transaction, and the second attempt succeeds."""
    attempts: list[str] = []

    def rename(work: SqlUnitOfWork) -> None:
        attempts.append(get_group(work, "A").group.name)
        if len(attempts) == 1:
            store.run(lambda other: rename_group(other, "A", "Other"))
            with pytest.raises(RetryableConflictError) as caught:
                rename_group(work, "A", "Mine")
            assert caught.value.transaction_lost
            raise caught.value
        rename_group(work, "A", "Mine")

    serializable(store).run(rename)
    assert attempts == ["Group A", "Other"]


@on_postgresql
def test_what_cannot_be_serialized_may_turn_out_at_the_commit(store: EmbeddedGroupStore) -> None:
    """Who changes one group by what another one holds is told at the end, and repeated."""
    attempts: list[dict[str, str]] = []
    strict = serializable(store)

    def copy(work: SqlUnitOfWork, source: str, target: str) -> None:
        attributes = dict(get_group(work, source).group.attributes)
        attempts.append(attributes)
        change_attributes(work, target, {**attributes, source: target})

    def both(work: SqlUnitOfWork) -> None:
        copy(work, "A", "B")
        if len(attempts) == 1:
            strict.run(lambda other: copy(other, "B", "A"))

    strict.run(both)
    assert attempts == [{}, {}, {"B": "A"}]


@on_servers
def test_the_host_swallowed_an_error(store: EmbeddedGroupStore) -> None:
    """Where the host's own statement has failed unseen, ours says what the matter is."""
    with HostStore(store).transaction() as work:
        with pytest.raises(sa.exc.DBAPIError):
            work.session.connection.execute(sa.text("SELECT * FROM missing"))
        if store.engine.dialect.name == "postgresql":
            for use in (look, lambda lost: create_group(lost, "Half")):
                with pytest.raises(StorageError, match="nobody undid it") as caught:
                    use(work)
                assert caught.value.transaction_lost
        else:
            create_group(work, "Whole", code="C")


@on_servers
def test_customers_that_are_not_there(store: EmbeddedGroupStore) -> None:
    """A wrong CustomerTable is one clear error; what it does to the transaction is said."""
    table = sa.table("missing", sa.column("code", sa.String))
    customers = CustomerTable(table, code=table.c.code)
    storage = SqlStorage(store.storage.tables, customers=customers)
    with store.engine.begin() as connection:
        work = storage.bind(connection)
        create_group(work, "Before", code="C")
        with pytest.raises(StorageError, match="check CustomerTable") as caught:
            add_customers(work, "C", ["ONE"])
        assert not caught.value.transaction_lost
        with pytest.raises(StorageError, match="check CustomerTable") as caught:
            search_customers(work)
        is_lost = store.engine.dialect.name == "postgresql"
        assert caught.value.transaction_lost is is_lost
        assert caught.value.__cause__ is not None
        if is_lost:
            with pytest.raises(StorageError, match="roll back"):
                create_group(work, "After")

"""Transactions that get into each other's way: who wins, and what the others are told."""

import functools
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager

import pytest
import sqlalchemy as sa

from customer_groups.adapters.sql import EmbeddedGroupStore, SqlUnitOfWork
from customer_groups.codes import GroupCode
from customer_groups.customers import CustomerKey
from customer_groups.errors import (
    CustomerGroupsError,
    DuplicateCodeError,
    DuplicateNameError,
    GroupNotFoundError,
    RetryableConflictError,
    StaleGroupError,
)
from customer_groups.model import CustomerGroup
from customer_groups.searching import get_group, search_customers
from customer_groups.service import (
    add_customers,
    create_group,
    delete_group,
    remove_customers,
    rename_group,
    set_customers,
)
from engines import MARIADB, POSTGRESQL
from stores import MOMENT, SERVERS, HostStore
from two_groups import CODES, FEW, MANY, customers_of_groups, impatient, look, two_groups


@pytest.fixture
def store(request: pytest.FixtureRequest) -> Iterator[EmbeddedGroupStore]:
    """Yield a store on a server, with customers and the groups A and B."""
    with two_groups(request.param) as opened:
        yield opened


on_servers = pytest.mark.parametrize("store", SERVERS, indirect=True)
on_postgresql = pytest.mark.parametrize("store", POSTGRESQL, indirect=True)
as_host_or_not = pytest.mark.parametrize("opens", [HostStore, lambda store: store])
on_mariadb = pytest.mark.parametrize("store", MARIADB, indirect=True)


@contextmanager
def once_before(engine: sa.Engine, start: str, action: Callable[[], object]) -> Iterator[None]:
    """Return a context in which something happens before the first statement of a kind."""
    left = [action]

    def act(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if left and statement.startswith(start):
            left.pop()()

    sa.event.listen(engine, "before_cursor_execute", act)
    try:
        yield
    finally:
        sa.event.remove(engine, "before_cursor_execute", act)
    assert not left


def drawn_by_another(store: EmbeddedGroupStore) -> AbstractContextManager[None]:
    """Return a context in which another transaction draws the first number in between."""

    def draw() -> None:
        with impatient(store) as other, other.transaction() as work:
            assert work.groups.next_number("S") == 1

    return once_before(store.engine, "INSERT INTO cg_series", draw)


@on_servers
def test_the_first_number_is_drawn_by_two(store: EmbeddedGroupStore) -> None:
    """Who comes second counts on, although the series was not there when it looked."""
    with store.transaction() as work, drawn_by_another(store):
        assert work.groups.next_number("S") == 2
    assert store.run(lambda work: work.groups.next_number("S")) == 3


@on_postgresql
def test_the_first_number_is_drawn_by_one_who_is_unseen(store: EmbeddedGroupStore) -> None:
    """A host that sees one moment cannot count on; it is told so, and may go on."""
    with HostStore(store).transaction() as work:
        with drawn_by_another(store), pytest.raises(RetryableConflictError) as caught:
            work.groups.next_number("S")
        assert not caught.value.transaction_lost
        create_group(work, "Group C", code="C")
    assert customers_of_groups(store) == {"A": FEW, "B": FEW, "C": 0}


@on_servers
@as_host_or_not
def test_first_numbers_that_are_drawn_at_once(
    store: EmbeddedGroupStore, opens: Callable[..., HostStore | EmbeddedGroupStore]
) -> None:
    """Whoever gets a number has it alone; a host may have to try again."""
    barrier = threading.Barrier(2, timeout=30)

    def draw(series: str) -> int | None:
        barrier.wait()
        try:
            return opens(store).run(lambda work: work.groups.next_number(series))
        except RetryableConflictError:
            return None

    for turn in range(10):
        with ThreadPoolExecutor(2) as threads:
            drawn = set(threads.map(draw, [f"S{turn}"] * 2))
        assert drawn in ({1, 2}, {1, None})


def create(work: SqlUnitOfWork, code: str, name: str) -> CustomerGroup:
    """Create a group."""
    return create_group(work, name, code=code)


TAKE_THE_NAME = [
    functools.partial(create, code="D", name="GROUP C"),
    functools.partial(rename_group, code="A", name="GROUP C"),
]
TAKE_THE_CODE = functools.partial(create, code="C", name="Another")


def when_unseen(
    store: EmbeddedGroupStore,
    change: Callable[[SqlUnitOfWork], object],
    expected: type[CustomerGroupsError],
) -> CustomerGroupsError:
    """Return what a host hears that changes something after a group C was made unseen."""
    with HostStore(store).transaction() as work:
        look(work)
        store.run(functools.partial(create, code="C", name="Group C"))
        with pytest.raises(expected) as caught:
            change(work)
        create_group(work, "Group E", code="E")
    assert customers_of_groups(store) == {"A": FEW, "B": FEW, "C": 0, "E": 0}
    return caught.value


@on_postgresql
@pytest.mark.parametrize("change", [*TAKE_THE_NAME, TAKE_THE_CODE])
def test_what_is_taken_unseen_is_a_conflict(
    store: EmbeddedGroupStore, change: Callable[[SqlUnitOfWork], object]
) -> None:
    """A name or code that only others can see says: try again; the transaction goes on."""
    error = when_unseen(store, change, RetryableConflictError)
    assert "cannot see" in str(error)


@on_mariadb
@pytest.mark.parametrize("change", TAKE_THE_NAME)
def test_a_name_that_is_taken_unseen(
    store: EmbeddedGroupStore, change: Callable[[SqlUnitOfWork], object]
) -> None:
    """Who looks again with a lock is told which group has the name."""
    error = when_unseen(store, change, DuplicateNameError)
    assert isinstance(error, DuplicateNameError)
    assert error.code == "C"


@on_mariadb
def test_a_code_that_is_taken_unseen(store: EmbeddedGroupStore) -> None:
    """Who looks again with a lock is told that the code is taken."""
    when_unseen(store, TAKE_THE_CODE, DuplicateCodeError)


@on_mariadb
def test_the_version_that_is_told_is_the_stored_one(store: EmbeddedGroupStore) -> None:
    """A host that still sees the old version hears of the new one."""
    with HostStore(store).transaction() as work:
        look(work)
        store.run(lambda other: rename_group(other, "A", "Other"))
        assert get_group(work, "A").group.version == 1
        with pytest.raises(StaleGroupError) as caught:
            rename_group(work, "A", "Mine", version=1)
        assert (caught.value.expected, caught.value.actual) == (1, 2)
        with pytest.raises(StaleGroupError):
            delete_group(work, "A", version=1)
    assert customers_of_groups(store) == {"A": FEW, "B": FEW}


@on_mariadb
@pytest.mark.parametrize("size", [FEW, MANY])
def test_members_are_counted_as_they_are(store: EmbeddedGroupStore, size: int) -> None:
    """A host adds, removes and replaces after others did: it changes what is stored now."""
    with HostStore(store).transaction() as work:
        look(work)
        store.run(lambda other: set_customers(other, "A", CODES[:10]))
        store.run(lambda other: set_customers(other, "B", CODES[10:30]))
        added = add_customers(work, "A", CODES[:size]).counts
        assert (added.added, added.already_member) == (size - 10, 10)
        removed = remove_customers(work, "B", CODES[:size]).counts
        left = 20 if size == MANY else 10
        assert (removed.removed, removed.not_a_member) == (left, size - left)
        replaced = set_customers(work, "A", CODES[5 : 5 + size]).counts
        assert (replaced.already_member, replaced.added, replaced.removed) == (size - 5, 5, 5)
    assert customers_of_groups(store) == {"A": size, "B": 20 - left}


@on_mariadb
def test_members_who_joined_unseen_are_rekeyed(store: EmbeddedGroupStore) -> None:
    """The host's new keys reach memberships that it cannot see yet."""
    old, new = CustomerKey("C0999"), CustomerKey("C1000")
    with HostStore(store).transaction() as work:
        look(work)
        store.run(lambda other: add_customers(other, "A", [old]))
        store.run(lambda other: remove_customers(other, "B", CODES[:1]))
        mapping = {old: new, CustomerKey(CODES[0]): None}
        assert work.groups.rekey_customers(mapping, at=MOMENT, by=None) == 1
    assert customers_of_groups(store) == {"A": FEW, "B": FEW - 1}
    with store.transaction() as work:
        assert work.groups.which_are_members(GroupCode("A"), [old, new]) == {new}


@on_servers
def test_a_group_that_is_deleted_meanwhile_is_not_rekeyed(store: EmbeddedGroupStore) -> None:
    """Whoever looked for the memberships of a customer goes on without those of that group."""
    new = CustomerKey("NEW")
    mapping = {CustomerKey(CODES[0]): new}

    def delete() -> None:
        store.run(lambda other: delete_group(other, "A"))

    with store.transaction() as work, once_before(store.engine, "UPDATE cg_group SET f", delete):
        assert work.groups.rekey_customers(mapping, at=MOMENT, by=None) == 1
    assert customers_of_groups(store) == {"B": FEW}
    with store.transaction() as work:
        assert work.groups.which_are_members(GroupCode("B"), [new]) == {new}


@on_postgresql
@pytest.mark.parametrize("size", [FEW, MANY])
def test_a_group_that_changed_unseen_loses_the_transaction(
    store: EmbeddedGroupStore, size: int
) -> None:
    """PostgreSQL does not let a host change what it cannot see; all of it must be repeated."""

    def change(work: SqlUnitOfWork) -> None:
        look(work)
        rename_group(work, "B", "Renamed")
        store.run(lambda other: remove_customers(other, "A", CODES[:10]))
        with pytest.raises(RetryableConflictError) as caught:
            add_customers(work, "A", CODES[:size])
        assert caught.value.transaction_lost
        with pytest.raises(RetryableConflictError, match="roll back"):
            look(work)

    HostStore(store).run(change)
    assert customers_of_groups(store) == {"A": FEW - 10, "B": FEW}
    with store.transaction() as work:
        assert get_group(work, "B").group.version == 1


@on_servers
@as_host_or_not
@pytest.mark.parametrize("size", [FEW, MANY])
def test_a_group_that_was_deleted_meanwhile(
    store: EmbeddedGroupStore, opens: Callable[..., HostStore | EmbeddedGroupStore], size: int
) -> None:
    """Customers do not join a group that others have deleted since this transaction began."""
    with opens(store).transaction() as work:
        look(work)
        store.run(lambda other: delete_group(other, "A"))
        with pytest.raises((GroupNotFoundError, RetryableConflictError)):
            add_customers(work, "A", CODES[:size])
    assert customers_of_groups(store) == {"B": FEW}


def edit_customers(engine: sa.Engine, table: sa.Table) -> None:
    """Change, create and delete customers, as a host does."""
    new = {"tenant": "t", "customer_key": "NEW", "code": "C0000A", "name": "New", "active": 1}
    with engine.begin() as connection:
        connection.execute(table.update().values(name="Edited"))
        connection.execute(table.insert().values(new))
        connection.execute(table.delete().where(table.c.customer_key == "C0007"))


@on_servers
@as_host_or_not
@pytest.mark.parametrize("size", [FEW, MANY])
def test_the_host_edits_customers_meanwhile(
    store: EmbeddedGroupStore, opens: Callable[..., HostStore | EmbeddedGroupStore], size: int
) -> None:
    """An import that is not committed yet keeps nobody from editing the customers."""
    with opens(store).transaction() as work:
        add_customers(work, "B", CODES[:size])
        with impatient(store) as host:
            edit_customers(host.engine, store.customer_table)
    assert customers_of_groups(store) == {"A": FEW, "B": size}
    with store.transaction() as work:
        assert search_customers(work, name="Edited", code=CODES[-1]).items


@on_servers
@as_host_or_not
@pytest.mark.parametrize("size", [FEW, MANY])
def test_customers_that_are_being_edited(
    store: EmbeddedGroupStore, opens: Callable[..., HostStore | EmbeddedGroupStore], size: int
) -> None:
    """An import does not wait for a host that edits the customers; it sees the old ones."""
    with store.engine.connect() as connection, connection.begin(), impatient(store) as other:
        connection.execute(store.customer_table.update().values(active=0))
        with opens(other).transaction() as work:
            assert add_customers(work, "B", CODES[:size]).counts.added == size - FEW
    assert customers_of_groups(store) == {"A": FEW, "B": size}

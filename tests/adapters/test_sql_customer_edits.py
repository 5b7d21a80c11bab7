"""The host goes on with its customers: it renames, merges and deletes them, and is not held up."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from customer_groups.adapters.sql import (
    CustomerTable,
    SqlGroupStore,
    SqlStorage,
    SqlUnitOfWork,
    build_tables,
    create_schema,
    verify,
)
from customer_groups.adapters.sql.parts import KEYS_AT_A_TIME
from customer_groups.codes import GroupCode
from customer_groups.customers import CustomerKey
from customer_groups.searching import search_groups
from customer_groups.service import create_group
from engines import ENGINES, MARIADB, POSTGRESQL, new_engine
from stores import MOMENT

METADATA = sa.MetaData()
PARTY = sa.Table(
    "party",
    METADATA,
    sa.Column("name", sa.String(140), primary_key=True),
    sa.Column("title", sa.String(140), nullable=False, server_default="nobody"),
)
STORAGE = SqlStorage(build_tables(METADATA), customers=CustomerTable(PARTY, code=PARTY.c.name))
LISTED = [f"P{number:04}" for number in range(2 * KEYS_AT_A_TIME)]


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    """Yield an engine of a host, of each kind."""
    with host(request.param, tmp_path) as engine:
        yield engine


@contextmanager
def host(name: str, folder: Path) -> Iterator[sa.Engine]:
    """Open the database of a host with customers whose name is their key."""
    with new_engine(name, folder) as engine:
        with engine.begin() as connection:
            METADATA.create_all(connection)
            create_schema(connection, STORAGE.tables)
            names = ["A", "B", "C", "D", "OLD", *LISTED]
            connection.execute(PARTY.insert(), [{"name": name} for name in names])
        yield engine


GROUPS = {
    "G-ALL": {"A", "B", "C", "D", "OLD"},
    "G-BOTH": {"A", "B"},
    "G-DOUBLE": {"B"},
    "G-GONE": {"C"},
    "G-OLD": {"OLD"},
    "G-OTHER": {"D"},
}
AFTERWARDS = {
    "G-ALL": {"A", "D", "NEW"},
    "G-BOTH": {"A"},
    "G-DOUBLE": {"A"},
    "G-GONE": set(),
    "G-OLD": {"NEW"},
    "G-OTHER": {"D"},
}


def test_memberships_follow_the_customers(engine: sa.Engine) -> None:
    """Renamed, merged and deleted customers leave members and counts that are right."""
    with engine.begin() as connection:
        work = STORAGE.bind(connection)
        for code, names in GROUPS.items():
            create_group(work, code, code=code, customers=sorted(names), at=MOMENT)
    with engine.begin() as connection:
        renamed = PARTY.update().where(PARTY.c.name == "OLD").values(name="NEW")
        connection.execute(renamed)
        connection.execute(PARTY.delete().where(PARTY.c.name.in_(["B", "C"])))
        work = STORAGE.bind(connection)
        changes = {"OLD": "NEW", "B": "A", "C": None}
        mapping = {
            CustomerKey(old): None if new is None else CustomerKey(new)
            for old, new in changes.items()
        }
        work.groups.rekey_customers(mapping, at=MOMENT, by="host")
    with engine.begin() as connection:
        work = STORAGE.bind(connection)
        assert members(work) == AFTERWARDS
        assert verify(connection, STORAGE.tables) == []


def members(work: SqlUnitOfWork) -> dict[str, set[str]]:
    """Return the keys of the members by group, which are as many as each group says."""
    found: dict[str, set[str]] = {}
    for summary in search_groups(work).items:
        page = work.groups.members(summary.group.code, limit=1_000)
        found[summary.group.code] = {member.customer for member in page.items}
        assert summary.customers == len(page.items)
    return found


def test_many_customers_are_renamed_at_once(engine: sa.Engine) -> None:
    """A migration of all codes is one call, however many there are."""
    group = fill(engine)
    with engine.begin() as connection:
        connection.execute(PARTY.update().values(name=sa.literal("N") + PARTY.c.name))
        work = STORAGE.bind(connection)
        mapping = {CustomerKey(name): CustomerKey(f"N{name}") for name in LISTED}
        work.groups.rekey_customers(mapping, at=MOMENT, by=None)
    with engine.begin() as connection:
        work = STORAGE.bind(connection)
        assert members(work) == {group: {f"N{name}" for name in LISTED}}
        assert verify(connection, STORAGE.tables) == []


def fill(engine: sa.Engine) -> GroupCode:
    """Create a group with all customers of the list."""
    with engine.begin() as connection:
        return create_group(STORAGE.bind(connection), "Group", customers=LISTED, at=MOMENT).code


Begin = Callable[[sa.Engine], AbstractContextManager[SqlUnitOfWork]]


@contextmanager
def bound(engine: sa.Engine) -> Iterator[SqlUnitOfWork]:
    """Work in a transaction of the host, as its database begins one."""
    with engine.begin() as connection:
        yield STORAGE.bind(connection)


def own(engine: sa.Engine) -> AbstractContextManager[SqlUnitOfWork]:
    """Work in a transaction of our own."""
    return SqlGroupStore(engine, STORAGE).transaction()


def edit(engine: sa.Engine) -> None:
    """Change, add and delete customers on another connection, without waiting long."""
    impatience = {
        "mariadb": "SET SESSION innodb_lock_wait_timeout = 1",
        "postgresql": "SET LOCAL lock_timeout = '1s'",
    }
    with engine.begin() as connection:
        connection.exec_driver_sql(impatience[engine.dialect.name])
        connection.execute(PARTY.update().values(title="edited"))
        connection.execute(PARTY.insert(), [{"name": "P0000a"}, {"name": "P9999"}, {"name": "E"}])
        connection.execute(PARTY.delete().where(PARTY.c.name == LISTED[0]))


@pytest.mark.parametrize("length", [KEYS_AT_A_TIME, len(LISTED)], ids=["short", "long"])
@pytest.mark.parametrize("method", ["add_members", "remove_members", "replace_members"])
@pytest.mark.parametrize("begin", [bound, own])
@pytest.mark.parametrize("name", [*POSTGRESQL, *MARIADB])
def test_an_import_does_not_hold_up_the_host(
    name: str, begin: Begin, method: str, length: int, tmp_path: Path
) -> None:
    """While a list is being imported, others edit the customers that it names."""
    with host(name, tmp_path) as engine:
        group = fill(engine) if method == "remove_members" else None
        with begin(engine) as work:
            if group is None:
                group = create_group(work, "Group", at=MOMENT).code
            change = getattr(work.groups, method)
            counts = change(group, list(enumerate(LISTED[:length])), at=MOMENT, by=None)
            edit(engine)
        assert counts.added + counts.removed == length
        with engine.begin() as connection:
            assert verify(connection, STORAGE.tables) == []
            titles = sa.select(PARTY.c.title).where(PARTY.c.name == LISTED[1])
            assert connection.scalar(titles) == "edited"

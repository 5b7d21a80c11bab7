"""The statements of the SQL adapter are such that a distributed database can run them.

On MariaDB they are such that a host's transaction stays open.
"""

import contextlib
import functools
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from itertools import cycle, islice, product
from operator import attrgetter
from typing import Any, ClassVar

import attrs
import pytest
import sqlalchemy as sa
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from customer_groups.adapters.memory import InMemoryCustomerDirectory
from customer_groups.adapters.sql import (
    EmbeddedGroupStore,
    SqlGroupRepository,
    SqlGroupStore,
    SqlStorage,
    SqlUnitOfWork,
    build_tables,
    verify,
)
from customer_groups.adapters.sql.migrations import migrate
from customer_groups.codes import GroupCode
from customer_groups.customers import Customer, CustomerDirectory, CustomerQuery
from customer_groups.errors import DuplicateCodeError, DuplicateNameError, StaleGroupError
from customer_groups.model import CustomerGroup, GroupStatus
from customer_groups.paging import Page
from customer_groups.query import GroupOrder, GroupQuery
from customer_groups.service import create_group
from customer_groups.testing import GroupRepositoryMachine
from customer_groups.text import contains, equals, starts_with
from databases import create_engine, new_database
from shapes import SHAPES, TABLES, normalized
from stores import CUSTOMERS, MOMENT, HostStore, server_store
from testing import fault_points

DRIVER = "psycopg"
MARIADB_DRIVER = "pymysql"
KEYS = [customer.key for customer in CUSTOMERS]
CODES = [customer.code for customer in CUSTOMERS if customer.code is not None]
LENGTHS = (2, 600)
"""A short list, and one that goes through temporary tables."""

FEW = settings(max_examples=3, stateful_step_count=25)


@attrs.frozen
class Recorded:
    """What went to the database, each statement once, in order.

    Attributes:
        work: Statements of units of work.
        upkeep: Statements on the tables as such, for all tenants.
        miscounted: Those of the form INSERT .. SELECT whose number of rows was looked at.
    """

    work: dict[str, None] = attrs.field(factory=dict)
    upkeep: dict[str, None] = attrs.field(factory=dict)
    miscounted: list[str] = attrs.field(factory=list)


@contextlib.contextmanager
def recording(engine: sa.Engine | type[sa.Engine], statements: dict[str, None]) -> Iterator[None]:
    """Write down the statements that are executed meanwhile."""

    def listen(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.setdefault(normalized(statement))

    sa.event.listen(engine, "before_cursor_execute", listen)
    try:
        yield
    finally:
        sa.event.remove(engine, "before_cursor_execute", listen)


@contextlib.contextmanager
def watching_counts(statements: list[str]) -> Iterator[None]:
    """Write down each INSERT .. SELECT whose number of rows is looked at meanwhile."""

    def rowcount(result: sa.CursorResult[Any]) -> int:
        statement = normalized(result.context.statement)
        if statement.startswith("INSERT") and " SELECT " in statement:
            statements.append(statement)
        return result.context.rowcount

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sa.CursorResult, "rowcount", property(rowcount))
        yield


class RecordedMachine(GroupRepositoryMachine):
    """Drives the adapter as the state machine does, and writes down what it says."""

    statements: ClassVar[dict[str, None]]

    def make_storage(self) -> fault_points.Database:
        """Return an empty database, and begin to write."""
        self.closing = ExitStack()
        database = fault_points.new_database(DRIVER)
        self.closing.callback(database.closing.close)
        self.closing.enter_context(recording(sa.Engine, self.statements))
        return database

    def open_store(
        self, storage: fault_points.Database, tenant: str, customers: Sequence[Customer]
    ) -> EmbeddedGroupStore:
        """Open the groups of a tenant."""
        return storage.open(tenant, customers)

    def teardown(self) -> None:
        """Stop writing before the tables are emptied."""
        super().teardown()
        self.closing.close()


@pytest.fixture(scope="module")
def recorded() -> Recorded:
    """Return the statements of the whole protocol, used in each way that there is."""
    found = Recorded()
    with watching_counts(found.miscounted):
        record_upkeep(found.upkeep)
        with server_store(CUSTOMERS, driver=DRIVER) as store, recording(store.engine, found.work):
            for each in (store, HostStore(store), with_directory(store)):
                with each.transaction() as work:
                    use_everything(work)
        machine = type("Machine", (RecordedMachine,), {"statements": found.work})
        run_state_machine_as_test(machine, settings=FEW)
    return found


def with_directory(store: EmbeddedGroupStore) -> SqlGroupStore:
    """Return a store on the same tables that asks a directory outside of the database."""
    directory = InMemoryCustomerDirectory(CUSTOMERS)
    storage = SqlStorage(store.storage.tables, customers=lambda _: directory)
    return SqlGroupStore(store.engine, storage, tenant=store.tenant)


def record_upkeep(statements: dict[str, None]) -> None:
    """Write down what makes, updates and verifies the tables."""
    store = EmbeddedGroupStore(create_engine(new_database(DRIVER)), tenant="t")
    with recording(store.engine, statements):
        store.create()
        with store.engine.begin() as connection:
            migrate(connection, store.storage.tables)
            verify(connection, store.storage.tables)
    store.close()


def use_everything(work: SqlUnitOfWork) -> None:
    """Call every method of the protocol, and those of the directory."""
    with work.groups.atomic():
        group = create_group(work, "All", customers=["ONE"])
        other = create_group(work, "Also")
    refused(work, group)
    for length in LENGTHS:
        change_members(work.groups, group.code, length)
    changed = work.groups.replace(group.renamed("Almost all", at=MOMENT))
    look(work.groups, group.code)
    look_at_customers(work.customers)
    work.groups.remove(group.code, version=changed.version)
    work.groups.remove(other.code)


def refused(work: SqlUnitOfWork, group: CustomerGroup) -> None:
    """Try what cannot be, since statements tell why."""
    with pytest.raises(DuplicateCodeError):
        work.groups.add(group)
    with pytest.raises(DuplicateNameError):
        create_group(work, group.name)
    with pytest.raises(StaleGroupError):
        work.groups.replace(attrs.evolve(group, version=9))
    with pytest.raises(StaleGroupError):
        work.groups.remove(group.code, version=9)


def change_members(groups: SqlGroupRepository, code: GroupCode, length: int) -> None:
    """Add, replace and remove members by code and by key, and give customers other keys."""
    methods = (groups.add_members, groups.replace_members, groups.remove_members)
    for method, by_key in product(methods, (False, True)):
        values = KEYS if by_key else CODES
        entries = list(enumerate(islice(cycle(values), length)))
        method(code, entries, at=MOMENT, by=None, by_key=by_key, on_outcome=lambda *_: None)
    groups.add_members(code, [(1, KEYS[0]), (2, KEYS[1])], at=MOMENT, by=None, by_key=True)
    new_keys = {KEYS[0]: KEYS[2], KEYS[3]: None}
    groups.rekey_customers(new_keys, at=MOMENT, by=None)


def look(groups: SqlGroupRepository, code: GroupCode) -> None:
    """Search groups in every order and by everything, and look up members both ways."""
    narrow = GroupQuery(code=equals(code), name=starts_with("a"), customer=KEYS[0])
    groups.find(attrs.evolve(narrow, status=GroupStatus.ACTIVE), limit=1)
    for order in GroupOrder:
        query = GroupQuery(name=contains("a"), order_by=order)
        read_on(functools.partial(groups.find, query, limit=1, with_total=True))
    read_on(functools.partial(groups.members, code, limit=1))
    groups.members(code, limit=1, added_at=MOMENT)
    groups.groups_of(KEYS, status=GroupStatus.ACTIVE)
    groups.which_are_members(code, KEYS)


def look_at_customers(customers: CustomerDirectory) -> None:
    """Look customers up, and search them by everything."""
    customers.lookup(CODES)
    customers.by_keys(KEYS)
    customers.types()
    query = CustomerQuery(code=contains("o"), name=contains("s"), type="shop", active=True)
    customers.search(query, limit=1)
    read_on(functools.partial(customers.search, CustomerQuery(), limit=1))


def read_on(page: Callable[..., Page[Any]]) -> None:
    """Read a page, and the one after it."""
    after = page().next
    assert after is not None
    page(after=after)


@pytest.mark.parametrize("shape", SHAPES)
def test_units_of_work_have_no_such_shape(shape: str, recorded: Recorded) -> None:
    """Nothing that a unit of work says is refused, or misunderstood, by a distributed database."""
    assert [statement for statement in recorded.work if SHAPES[shape](statement)] == []


@pytest.mark.parametrize("shape", SHAPES.keys() - {"no tenant"})
def test_upkeep_has_no_such_shape(shape: str, recorded: Recorded) -> None:
    """What is meant for the tables of all tenants has none of the other shapes."""
    assert [statement for statement in recorded.upkeep if SHAPES[shape](statement)] == []


def test_rows_of_insert_select_are_not_counted(recorded: Recorded) -> None:
    """Citus says how many rows were offered, not how many were inserted."""
    assert recorded.miscounted == []


@pytest.mark.parametrize(
    "beginning",
    [
        *(f"{verb} cg_group " for verb in ("INSERT INTO", "UPDATE", "DELETE FROM")),
        *(f"{verb} cg_membership " for verb in ("INSERT INTO", "DELETE FROM")),
        *(
            f"{verb} cg_series "
            for verb in ("INSERT INTO", "UPDATE", "SELECT cg_series.number FROM")
        ),
        "INSERT INTO cg_000000000000_verdicts ",
        "UPDATE cg_000000000000_verdicts SET outcome",
        "DROP TABLE cg_000000000000_verdicts_settled",
        "SELECT count(*) AS count_1 FROM cg_group ",
        "SELECT cg_membership.group_code, cg_membership.customer_key FROM cg_membership ",
        "SELECT cg_customer.customer_key AS customer_key, ",
    ],
)
def test_statements_are_recorded(beginning: str, recorded: Recorded) -> None:
    """What is judged is there to be judged."""
    assert any(statement.startswith(beginning) for statement in recorded.work)


def test_upkeep_is_recorded(recorded: Recorded) -> None:
    """What is judged is there to be judged, here too."""
    assert any(statement.startswith("CREATE TABLE cg_group ") for statement in recorded.upkeep)
    assert any("GROUP BY cg_membership.tenant" in statement for statement in recorded.upkeep)


def test_reading_only_selects() -> None:
    """A unit of work that only reads can do so on a replica."""
    said: dict[str, None] = {}
    with server_store(CUSTOMERS, driver=DRIVER) as store:
        with store.transaction() as work:
            group = create_group(work, "All", customers=["ONE", "TWO"])
            create_group(work, "Also")
        with recording(store.engine, said), store.transaction() as work:
            look(work.groups, group.code)
            look_at_customers(work.customers)
    assert {statement.split()[0] for statement in said} == {"SELECT"}


COMMITS_NOTHING = re.compile(
    "DESCRIBE|SELECT|INSERT|UPDATE|DELETE|SET TRANSACTION|SAVEPOINT|RELEASE SAVEPOINT"
    "|ROLLBACK TO SAVEPOINT|(?:CREATE|DROP) TEMPORARY TABLE"
)
"""How the statements begin by which MariaDB does not commit what is pending."""


@pytest.fixture(scope="module")
def said_to_mariadb() -> dict[str, None]:
    """Return the statements of units of work on MariaDB, our own and a host's."""
    said: dict[str, None] = {}
    with server_store(CUSTOMERS, driver=MARIADB_DRIVER) as store, recording(store.engine, said):
        for each in (store, HostStore(store), with_directory(store)):
            with each.transaction() as work:
                use_everything(work)
    return said


def test_units_of_work_commit_nothing_on_mariadb(said_to_mariadb: dict[str, None]) -> None:
    """No statement of a unit of work is one by which MariaDB commits the host's work."""
    assert [said for said in said_to_mariadb if not COMMITS_NOTHING.match(said)] == []


@pytest.mark.parametrize(
    "beginning",
    [
        "CREATE TEMPORARY TABLE cg_000000000000_verdicts ",
        "DROP TEMPORARY TABLE IF EXISTS cg_000000000000_verdicts",
        "SAVEPOINT ",
        "UPDATE cg_group ",
    ],
)
def test_statements_to_mariadb_are_recorded(
    beginning: str, said_to_mariadb: dict[str, None]
) -> None:
    """What is judged is there to be judged."""
    assert any(said.startswith(beginning) for said in said_to_mariadb)


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE cg_0_values",
        "TRUNCATE TABLE cg_0_values",
        "ALTER TABLE cg_0_values ADD INDEX (value)",
        "ANALYZE TABLE cg_0_values",
        "CREATE INDEX i ON cg_0_values (value)",
        "CREATE TABLE cg_0_values (value TEXT)",
        "SET autocommit = 1",
        "COMMIT",
    ],
)
def test_statements_that_commit_are_found(statement: str) -> None:
    """Whatever commits by itself is seen."""
    assert not COMMITS_NOTHING.match(statement)


BAD = {
    "no tenant": """
        SELECT cg_group.code FROM cg_group WHERE cg_group.code = %(code)s;

        DELETE FROM cg_membership;

        UPDATE cg_series SET number=1 WHERE cg_series.tenant IN (%(a)s, %(b)s);

        SELECT 1 FROM cg_group JOIN cg_membership ON cg_membership.group_code = cg_group.code
        WHERE cg_group.tenant = %(tenant)s;

        SELECT 1 FROM cg_group JOIN cg_membership ON cg_membership.tenant = cg_group.tenant
        WHERE cg_group.tenant = cg_membership.tenant;

        SELECT 1 FROM cg_group WHERE cg_group.tenant = %(tenant)s AND cg_group.code IN
        (SELECT cg_group.code FROM cg_group);

        UPDATE cg_0123456789ab_verdicts SET outcome=1 FROM cg_customer, cg_membership
        WHERE cg_customer.tenant = %(tenant)s;

        INSERT INTO cg_group (code, tenant) VALUES (%(code)s, %(tenant)s)""",
    "EXISTS with a temporary table": """
        DELETE FROM cg_group WHERE cg_group.tenant = %(tenant)s
        AND NOT EXISTS (SELECT 1 FROM cg_0123456789ab_verdicts)""",
    "a query in INSERT .. VALUES": """
        INSERT INTO cg_series (tenant, number) VALUES (%(tenant)s, (SELECT max(number)))""",
    "a lock on several tenants": """
        SELECT cg_group.code FROM ONLY cg_group FOR UPDATE;

        SELECT cg_group.code FROM ONLY cg_group FOR KEY SHARE""",
    "a volatile function": """
        INSERT INTO cg_group (tenant, created_at) VALUES (%(tenant)s, now());

        UPDATE cg_0123456789ab_values SET line=random();

        INSERT INTO cg_series (tenant, name, number) VALUES (%(tenant)s, %(name)s, 1)
        ON CONFLICT (tenant, name) DO UPDATE SET number = CURRENT_TIMESTAMP""",
    "a recursive query": "WITH RECURSIVE t AS (SELECT 1) SELECT * FROM t",
    "a materialized query": "WITH t AS MATERIALIZED (SELECT 1) SELECT * FROM t",
    "a trigger": "CREATE TRIGGER counts AFTER INSERT ON cg_membership EXECUTE FUNCTION f()",
    "a foreign key": """
        CREATE TABLE cg_membership (tenant TEXT REFERENCES tenants);

        CREATE TABLE cg_membership (FOREIGN KEY(tenant) references tenants)""",
    "a new tenant": """
        UPDATE cg_group SET tenant=%(new)s WHERE cg_group.tenant = %(old)s;

        UPDATE cg_group SET name=1, tenant = 2 WHERE cg_group.tenant = %(old)s""",
    "a column with its constraint": """
        ALTER TABLE cg_group ADD COLUMN size BIGINT CHECK (size > 0)""",
}
"""Made-up statements of each shape."""


@pytest.mark.parametrize(
    ("shape", "statement"),
    [(shape, normalized(each)) for shape, listed in BAD.items() for each in listed.split(";")],
)
def test_a_shape_is_found(shape: str, statement: str) -> None:
    """Each shape is seen where it is, and no other one in its place."""
    assert [name for name, is_in in SHAPES.items() if is_in(statement)] == [shape]


def test_each_shape_has_an_example() -> None:
    """A shape that nothing was seen to have might never be found."""
    assert BAD.keys() == SHAPES.keys()


def test_counting_what_is_inserted_is_noticed() -> None:
    """Whoever looks at the number of rows of INSERT .. SELECT is caught, others are not."""
    table = sa.Table("number", sa.MetaData(), sa.Column("number", sa.Integer))
    selected = table.insert().from_select(["number"], sa.select(sa.literal(1)))
    found: list[str] = []
    with watching_counts(found), sa.create_engine("sqlite://").connect() as connection:
        table.create(connection)
        assert connection.execute(table.insert().values(number=1)).rowcount == 1
        assert connection.execute(selected).rowcount == 1
    assert found == ["INSERT INTO number (number) SELECT ? AS anon_1"]


def test_every_key_begins_with_the_tenant() -> None:
    """Keys and indexes begin with the tenant, and no table refers to another one."""
    tables = build_tables(sa.MetaData())
    for table in (tables.groups, tables.memberships, tables.series):
        keys = [each for each in table.constraints if isinstance(each, sa.UniqueConstraint)]
        for columns in map(attrgetter("columns"), (table.primary_key, *keys, *table.indexes)):
            assert next(iter(columns)).name == "tenant"
        assert not table.foreign_key_constraints
    assert {table.name for table in tables.all} - set(TABLES) == {tables.versions.name}

"""Customers of real hosts: the same answers on every engine, however long the list."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from customer_groups.adapters.sql import (
    CustomerTable,
    SqlStorage,
    SqlUnitOfWork,
    build_tables,
    create_schema,
    listing,
)
from customer_groups.codes import GroupCode
from customer_groups.customers import Customer, CustomerCode, CustomerKey, CustomerQuery
from customer_groups.outcomes import Outcome, OutcomeCounts
from customer_groups.searching import search_customers
from customer_groups.service import add_customers, create_group
from customer_groups.text import TextMatch, contains, equals, starts_with
from customer_shapes import METADATA, ROWS, SHAPES, Shape
from engines import ENGINES, MARIADB, new_engine
from stores import MOMENT

TABLES = build_tables(sa.MetaData())

# MariaDB resolves long lists in another way where reading would lock the host's rows.
PLACES = [(name, None) for name in ENGINES] + [(name, "READ COMMITTED") for name in MARIADB]


@pytest.fixture(scope="module", params=PLACES, ids=str)
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[sa.Engine]:
    """Yield an engine of a database with our tables and those of all hosts."""
    name, isolation = request.param
    with new_engine(name, tmp_path_factory.mktemp("hosts")) as plain:
        options = {} if isolation is None else {"isolation_level": isolation}
        engine = plain.execution_options(**options)
        with engine.begin() as connection:
            create_schema(connection, TABLES)
            METADATA.create_all(connection)
            for table, rows in ROWS.items():
                connection.execute(table.insert(), rows)
        yield engine


@pytest.fixture(params=SHAPES, ids=lambda shape: shape.name)
def shape(request: pytest.FixtureRequest) -> Shape:
    """Return each shape of customer table."""
    found: Shape = request.param
    return found


@pytest.fixture
def work(engine: sa.Engine, shape: Shape) -> Iterator[SqlUnitOfWork]:
    """Yield a unit of work over a table, in a transaction that is undone."""
    with engine.connect() as connection:
        transaction = connection.begin()
        yield SqlStorage(TABLES, customers=shape.table).bind(connection, tenant=shape.tenant)
        transaction.rollback()


@pytest.fixture(params=[10**9, 0], ids=["short", "long"])
def length(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every list count as short, or as long."""
    monkeypatch.setattr(listing, "SHORT_LIST", request.param)


def by_key(customers: Iterable[Customer]) -> list[Customer]:
    """Return customers in the order of their keys."""
    return sorted(customers, key=lambda customer: customer.key)


def test_lookup(work: SqlUnitOfWork, shape: Shape) -> None:
    """Who has a code is found, all of them, and nobody else."""
    expected = {}
    for code in shape.codes:
        if found := [customer for customer in shape.customers if customer.code == code]:
            expected[code] = tuple(by_key(found))
    assert work.customers.lookup([CustomerCode(code) for code in shape.codes]) == expected


def test_by_keys(work: SqlUnitOfWork, shape: Shape) -> None:
    """Who has a key is found, and nobody for the keys of others."""
    expected = {customer.key: customer for customer in shape.customers}
    asked = [*expected, *map(CustomerKey, shape.strangers)]
    assert work.customers.by_keys(asked) == expected


def queries(shape: Shape) -> Iterator[CustomerQuery]:
    """Yield queries that find everybody, somebody or nobody."""
    kinds = {customer.type for customer in shape.customers} | {"nonsense"}
    yield CustomerQuery()
    yield from (CustomerQuery(active=active) for active in (True, False))
    yield from (CustomerQuery(type=kind) for kind in kinds - {None})
    for match in matches(shape):
        yield CustomerQuery(code=match)
        yield CustomerQuery(name=match)


def matches(shape: Shape) -> Iterator[TextMatch]:
    """Yield conditions on texts."""
    for customer in shape.customers:
        for text in filter(None, (customer.code, customer.name)):
            yield from (equals(text), starts_with(text[:2].upper()), contains(text[1:3].lower()))


def test_search(work: SqlUnitOfWork, shape: Shape) -> None:
    """A search finds whoever the query accepts, page by page, each once."""
    for query in queries(shape):
        page = work.customers.search(query, limit=2)
        found = list(page.items)
        while page.next is not None:
            page = work.customers.search(query, limit=2, after=page.next)
            found += page.items
        assert by_key(found) == by_key(filter(query.accepts, shape.customers))


def test_types(work: SqlUnitOfWork, shape: Shape) -> None:
    """The types are those that customers of this tenant have."""
    kinds = {customer.type for customer in shape.customers if customer.type is not None}
    assert work.customers.types() == tuple(sorted(kinds))


class Told(dict[str, Outcome]):
    """The outcomes of the values of a list, where something is told of them."""

    def __call__(self, _line: int, value: str, outcome: Outcome) -> None:
        """Remember an outcome."""
        self[value] = outcome


def without(expected: dict[str, Outcome], silent: Outcome) -> dict[str, Outcome]:
    """Return the outcomes that are told, because they are not what was asked for."""
    return {value: outcome for value, outcome in expected.items() if outcome is not silent}


def members(work: SqlUnitOfWork, group: GroupCode) -> set[str]:
    """Return the keys of the members."""
    return {member.customer for member in work.groups.members(group, limit=1_000).items}


def meant(shape: Shape) -> set[str]:
    """Return the keys of the active customers whom the codes of a list mean."""
    added = {code for code, outcome in shape.codes.items() if outcome is Outcome.ADDED}
    return {one.key for one in shape.customers if one.active and one.code in added}


def outcomes_by_key(shape: Shape) -> dict[str, Outcome]:
    """Return what becomes of each key in a list to add."""
    return dict.fromkeys(shape.strangers, Outcome.UNKNOWN) | {
        one.key: Outcome.ADDED if one.active else Outcome.INACTIVE for one in shape.customers
    }


@pytest.mark.usefixtures("length")
def test_adding_by_code(work: SqlUnitOfWork, shape: Shape) -> None:
    """Each code has its outcome, and exactly the right customers become members."""
    group, told = create_group(work, "Group", at=MOMENT).code, Told()
    entries = [(line, CustomerCode(code)) for line, code in enumerate(shape.codes)]
    counts = work.groups.add_members(group, entries, at=MOMENT, by=None, on_outcome=told)
    assert told == without(dict(shape.codes), Outcome.ADDED)
    assert members(work, group) == meant(shape)
    assert counts.added == len(meant(shape))


@pytest.mark.usefixtures("length")
def test_adding_by_key(work: SqlUnitOfWork, shape: Shape) -> None:
    """Each key has its outcome, and is never ambiguous."""
    group, told = create_group(work, "Group", at=MOMENT).code, Told()
    expected = outcomes_by_key(shape)
    entries = [(line, CustomerKey(key)) for line, key in enumerate(expected)]
    work.groups.add_members(group, entries, at=MOMENT, by=None, by_key=True, on_outcome=told)
    assert told == without(expected, Outcome.ADDED)
    assert members(work, group) == {one.key for one in shape.customers if one.active}


def fill(work: SqlUnitOfWork, shape: Shape) -> GroupCode:
    """Create a group that has every active customer."""
    group = create_group(work, "Group", at=MOMENT).code
    entries = [(1, customer.key) for customer in shape.customers if customer.active]
    work.groups.add_members(group, entries, at=MOMENT, by=None, by_key=True)
    return group


@pytest.mark.usefixtures("length")
def test_removing_by_code(work: SqlUnitOfWork, shape: Shape) -> None:
    """The members whom the codes mean leave, and nobody else."""
    group, told = fill(work, shape), Told()
    before = members(work, group)
    removals = {Outcome.ADDED: Outcome.REMOVED, Outcome.INACTIVE: Outcome.NOT_A_MEMBER}
    expected = {code: removals.get(outcome, outcome) for code, outcome in shape.codes.items()}
    # A code that nobody has removes the member whose key it is.
    for code in before & {code for code, found in expected.items() if found is Outcome.UNKNOWN}:
        expected[code] = Outcome.REMOVED
    left = {code for code, outcome in expected.items() if outcome is Outcome.REMOVED}
    entries = [(line, CustomerCode(code)) for line, code in enumerate(shape.codes)]
    counts = work.groups.remove_members(group, entries, at=MOMENT, by=None, on_outcome=told)
    assert told == without(expected, Outcome.REMOVED)
    assert members(work, group) == before - meant(shape) - left
    assert counts.removed == len(left)


@pytest.mark.usefixtures("length")
def test_replacing_by_key(work: SqlUnitOfWork, shape: Shape) -> None:
    """Afterwards the members are the active customers of the list."""
    group = fill(work, shape)
    listed = [*(customer.key for customer in shape.customers[1:]), *shape.strangers]
    entries = [(line, CustomerKey(key)) for line, key in enumerate(listed)]
    counts = work.groups.replace_members(group, entries, at=MOMENT, by=None, by_key=True)
    expected = {customer.key for customer in shape.customers[1:] if customer.active}
    assert members(work, group) == expected
    assert counts == OutcomeCounts(
        already_member=len(expected),
        inactive=len(shape.customers) - 1 - len(expected),
        unknown=len(shape.strangers),
        removed=1,
        at=counts.at,
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_numbers_may_be_too_large_for_the_column(engine: str, tmp_path: Path) -> None:
    """A telephone number among the codes is unknown, short list or long."""
    metadata = sa.MetaData()
    table = sa.Table(
        "numbered",
        metadata,
        sa.Column("no", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("company", sa.Integer),
    )
    column = table.c
    customers = CustomerTable(table, code=column.no, tenant=column.company)
    storage = SqlStorage(build_tables(metadata), customers=customers)
    with new_engine(engine, tmp_path) as opened, opened.begin() as connection:
        create_schema(connection, storage.tables)
        table.create(connection)
        connection.execute(table.insert().values(no=5, company=1))
        work = storage.bind(connection, tenant="1")
        for length in (2, 600):
            group = create_group(work, f"Group {length}")
            listed = ["5", *(str(3_000_000_000 + number) for number in range(length - 1))]
            assert add_customers(work, group.code, listed).counts.added == 1
        nobody = storage.bind(connection, tenant="5000000000")
        assert search_customers(nobody).items == ()

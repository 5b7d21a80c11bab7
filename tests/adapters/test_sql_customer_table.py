"""Customers of hosts, in whatever tables they have them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.adapters.memory import InMemoryCustomerDirectory
from customer_groups.adapters.sql import (
    CustomerTable,
    SqlCustomerDirectory,
    SqlStorage,
    SqlUnitOfWork,
    build_tables,
    create_schema,
    customer_table,
    listing,
)
from customer_groups.customers import (
    Customer,
    CustomerCode,
    CustomerDirectory,
    CustomerKey,
    CustomerQuery,
)
from customer_groups.errors import InvalidCursorError, InvalidValueError
from customer_groups.outcomes import Outcome
from customer_groups.repository import DEFAULT_TENANT
from customer_groups.service import add_customers, create_group
from customer_groups.text import contains, equals, starts_with
from stores import CUSTOMERS, MOMENT, customer, sql_store

Rows = Sequence[Mapping[str, object]]

SHORT, LONG = 10**9, 0
"""Values of SHORT_LIST with which a list is resolved in Python, or in the database."""


@contextmanager
def host(
    create: str,
    rows: Rows,
    describe: Callable[[sa.Table], CustomerTable],
    *,
    tenant: str = DEFAULT_TENANT,
) -> Iterator[SqlUnitOfWork]:
    """Open a unit of work over a table ``party`` that a host has created and filled."""
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection, connection.begin():
        connection.exec_driver_sql(create)
        party = sa.Table("party", sa.MetaData(), autoload_with=connection)
        if rows:
            connection.execute(party.insert(), list(map(dict, rows)))
        storage = SqlStorage(build_tables(sa.MetaData()), customers=describe(party))
        create_schema(connection, storage.tables)
        yield storage.bind(connection, tenant=tenant)
    engine.dispose()


def outcomes(work: SqlUnitOfWork, *codes: str, by_key: bool = False) -> list[str]:
    """Return what becomes of codes, which must be the same in a short and in a long list."""
    in_python, in_database = (
        _outcomes(work, codes, length, by_key=by_key) for length in (SHORT, LONG)
    )
    assert in_python == in_database
    return [outcome.value for outcome in in_python[0]]


def _outcomes(
    work: SqlUnitOfWork, codes: Sequence[str], length: int, *, by_key: bool
) -> tuple[list[Outcome], list[str]]:
    told: dict[int, Outcome] = {}

    def tell(line: int, _code: str, outcome: Outcome) -> None:
        told[line] = outcome

    group = create_group(work, "Group", at=MOMENT).code
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(listing, "SHORT_LIST", length)
        entries = list(enumerate(codes))
        work.groups.add_members(group, entries, at=MOMENT, by=None, by_key=by_key, on_outcome=tell)
    members = work.groups.members(group, limit=100).items
    work.groups.remove(group)
    found = [told.get(line, Outcome.ADDED) for line in range(len(codes))]
    return found, [member.customer for member in members]


def everybody(work: SqlUnitOfWork, limit: int = 1_000) -> list[Customer]:
    """Return all customers, page by page."""
    found: list[Customer] = []
    page = work.customers.search(CustomerQuery(), limit=limit)
    found += page.items
    while page.next is not None:
        page = work.customers.search(CustomerQuery(), limit=limit, after=page.next)
        found += page.items
    return found


def test_the_code_is_the_key() -> None:
    """A host without trouble names its code, and nothing else."""
    create = "CREATE TABLE party (code VARCHAR(40) PRIMARY KEY)"
    rows = [{"code": "C1"}, {"code": "c1"}, {"code": "00123"}]
    with host(create, rows, lambda party: CustomerTable(party, code=party.c.code)) as work:
        assert everybody(work) == [Customer("00123"), Customer("C1"), Customer("c1")]
        assert outcomes(work, "C1", "123", "C2", "C1") == [
            "added",
            "unknown",
            "unknown",
            "duplicate",
        ]
        assert work.customers.types() == ()
        assert work.customers.search(CustomerQuery(type="shop"), limit=1).items == ()
        assert work.customers.search(CustomerQuery(name=contains("C")), limit=1).items == ()


def test_a_number_as_key_beside_a_code() -> None:
    """Codes may be missing or repeated where the key is a number."""
    create = "CREATE TABLE party (id INTEGER PRIMARY KEY, ref VARCHAR(40), active BOOLEAN)"
    rows: Rows = [
        {"id": 1, "ref": "A", "active": True},
        {"id": 2, "ref": None, "active": True},
        {"id": 3, "ref": "TWIN", "active": True},
        {"id": 10, "ref": "TWIN", "active": True},
        {"id": 11, "ref": "REUSED", "active": False},
        {"id": 12, "ref": "REUSED", "active": True},
        {"id": 13, "ref": "UNSURE", "active": None},
    ]

    def describe(party: sa.Table) -> CustomerTable:
        return CustomerTable(party, code=party.c.ref, key=party.c.id, active=party.c.active)

    with host(create, rows, describe) as work:
        assert outcomes(work, "A", "TWIN", "REUSED", "UNSURE", "2") == [
            "added",
            "ambiguous",
            "added",
            "inactive",
            "unknown",
        ]
        assert outcomes(work, "2", "02", "99", "12", "9" * 30, "-1", "A", by_key=True) == [
            "added",
            "unknown",
            "unknown",
            "added",
            "unknown",
            "unknown",
            "unknown",
        ]
        assert [each.key for each in everybody(work, limit=2)] == [
            "1",
            "2",
            "3",
            "10",
            "11",
            "12",
            "13",
        ]
        found = work.customers.lookup([CustomerCode("TWIN"), CustomerCode("none")])
        assert [each.key for each in found[CustomerCode("TWIN")]] == ["10", "3"]
        assert len(found) == 1


def test_a_number_as_code() -> None:
    """A code with zeros in front is not the number that it is equal to."""
    create = "CREATE TABLE party (number INTEGER PRIMARY KEY)"
    rows = [{"number": 123}, {"number": 7}]
    with host(create, rows, lambda party: CustomerTable(party, code=party.c.number)) as work:
        assert outcomes(work, "123", "00123", "7", "7.0", " 7", "٧") == [
            "added",
            "unknown",
            "added",
            "unknown",
            "unknown",
            "unknown",
        ]
        assert everybody(work, limit=1) == [Customer("7"), Customer("123")]


NOCASE = "CREATE TABLE party (id INTEGER PRIMARY KEY, code VARCHAR(40) COLLATE NOCASE)"


def with_id(party: sa.Table) -> CustomerTable:
    """Describe a table with a number and a code."""
    return CustomerTable(party, code=party.c.code, key=party.c.id)


def test_codes_are_exact_in_spite_of_the_collation() -> None:
    """What the host's collation takes for equal stays several codes."""
    rows = [{"code": "C1"}, {"code": "c1"}, {"code": "c2"}]
    with host(NOCASE, rows, with_id) as work:
        assert outcomes(work, "c1", "C1", "C2", "c2") == ["added", "added", "unknown", "added"]


def test_pages_lose_nobody_in_spite_of_the_collation() -> None:
    """Keys that the collation takes for equal are listed once each, whatever the page."""
    create = "CREATE TABLE party (code VARCHAR(40) COLLATE NOCASE)"
    codes = ["a", "B", "A", "b", "c"]
    rows = [{"code": code} for code in codes]
    with host(create, rows, lambda party: CustomerTable(party, code=party.c.code)) as work:
        for limit in (1, 2, 5):
            assert sorted(each.key for each in everybody(work, limit)) == sorted(codes)


@pytest.mark.parametrize("length", [SHORT, LONG])
@pytest.mark.parametrize("collation", ["BINARY", "NOCASE"])
def test_the_index_of_the_host_is_used(
    monkeypatch: pytest.MonkeyPatch, length: int, collation: str
) -> None:
    """A list is resolved through the index on the code, also where its collation is odd."""
    monkeypatch.setattr(listing, "SHORT_LIST", length)
    plans: list[str] = []

    def explain(_: object, cursor: Any, statement: str, parameters: object, *__: object) -> None:  # noqa: ANN401
        if "party" in statement:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.extend(row[3] for row in cursor.fetchall())

    rows = [{"code": f"C{number}"} for number in range(50)]
    with host(NOCASE.replace("NOCASE", collation), rows, with_id) as work:
        connection = work.session.connection
        connection.exec_driver_sql("CREATE INDEX party_code ON party (code)")
        create_group(work, "Group", code="G", at=MOMENT)
        sa.event.listen(connection, "before_cursor_execute", explain)
        add_customers(work, "G", ["C1", "C2", "c3"], at=MOMENT)
    assert any("SEARCH party USING" in plan and "party_code (code=?)" in plan for plan in plans)
    assert not any("SCAN party" in plan for plan in plans)


def test_computed_columns_and_conditions() -> None:
    """Type and activity may be expressions; a condition leaves out rows that are no customers."""
    create = (
        "CREATE TABLE party (name VARCHAR(140) PRIMARY KEY, disabled INTEGER, company INTEGER,"
        " supplier INTEGER)"
    )
    rows: Rows = [
        {"name": "A", "disabled": 0, "company": 1, "supplier": 0},
        {"name": "B", "disabled": 1, "company": 0, "supplier": 0},
        {"name": "C", "disabled": 0, "company": 0, "supplier": 1},
        {"name": "D", "disabled": None, "company": None, "supplier": 0},
    ]

    def describe(party: sa.Table) -> CustomerTable:
        return CustomerTable(
            party,
            code=party.c.name,
            name=sa.func.lower(party.c.name) + " Ltd",
            type=sa.case((party.c.company == 1, "company"), (party.c.company == 0, "person")),
            active=party.c.disabled == 0,
            where=party.c.supplier == 0,
        )

    with host(create, rows, describe) as work:
        assert everybody(work) == [
            Customer("A", "a Ltd", "company"),
            Customer("B", "b Ltd", "person", active=False),
            Customer("D", "d Ltd", active=False),
        ]
        assert outcomes(work, "A", "B", "C", "D") == ["added", "inactive", "unknown", "inactive"]
        assert work.customers.types() == ("company", "person")


def test_a_query_as_source() -> None:
    """The source may be a subquery, whose columns need not have a known type."""
    create = "CREATE TABLE party (id, code)"
    rows: Rows = [{"id": "k1", "code": "C1"}, {"id": "k2", "code": None}]

    def describe(party: sa.Table) -> CustomerTable:
        source = sa.select(party).where(party.c.id.is_not(None)).subquery()
        return CustomerTable(source, code=source.c.code, key=source.c.id)

    with host(create, rows, describe) as work:
        assert everybody(work, limit=1) == [customer("k1", "C1"), customer("k2")]
        assert outcomes(work, "C1", "k1") == ["added", "unknown"]


TENANTS = "CREATE TABLE party (company VARCHAR(9), code VARCHAR(40))"
OF_TENANTS = [{"company": "north", "code": "N"}, {"company": "south", "code": "S"}]


def with_tenant(party: sa.Table) -> CustomerTable:
    """Describe a table of several tenants."""
    return CustomerTable(party, code=party.c.code, tenant=party.c.company)


def test_tenants_see_their_own_customers() -> None:
    """Customers of another tenant do not exist."""
    with host(TENANTS, OF_TENANTS, with_tenant, tenant="north") as work:
        assert everybody(work) == [Customer("N")]
        assert outcomes(work, "N", "S") == ["added", "unknown"]
        assert work.customers.by_keys([CustomerKey("N"), CustomerKey("S")]) == {"N": Customer("N")}


def test_codes_that_nobody_can_type_are_none() -> None:
    """A code with outer spaces or control characters is shown as missing, and never found."""
    create = "CREATE TABLE party (id INTEGER PRIMARY KEY, code VARCHAR(200))"
    codes = [" C1", "C2 ", "C\t3", "", "C\u0085", "x" * 141, "C\u00a0", "good"]
    with host(create, [{"code": code} for code in codes], with_id) as work:
        assert [each.code for each in everybody(work)] == [None] * 7 + ["good"]
        assert outcomes(work, "C1", "C2", "C3", "good") == [
            "unknown",
            "unknown",
            "unknown",
            "added",
        ]


def test_rows_whose_key_cannot_be_one_are_no_customers() -> None:
    """Where the code is the key, such rows are left out, and nothing stumbles over them."""
    create = "CREATE TABLE party (code VARCHAR(200))"
    rows = [{"code": code} for code in (" C1", "", None, "x" * 141, "good")]
    with host(create, rows, lambda party: CustomerTable(party, code=party.c.code)) as work:
        assert everybody(work, limit=1) == [Customer("good")]
        assert outcomes(work, "C1", "good") == ["unknown", "added"]
        assert outcomes(work, "C1", "good", by_key=True) == ["unknown", "added"]


def test_a_collation_that_ignores_spaces_changes_nothing() -> None:
    """What is equal only to the host's collation is not found, by code or by key."""
    create = "CREATE TABLE party (id INTEGER PRIMARY KEY, code VARCHAR(40) COLLATE RTRIM)"
    with host(create, [{"code": "C1 "}], with_id) as work:
        assert outcomes(work, "C1") == ["unknown"]
    with host(create, [{"code": "C1 "}], lambda party: CustomerTable(party, code=party.c.code)) as (
        work
    ):
        assert outcomes(work, "C1") == ["unknown"]
        assert outcomes(work, "C1", by_key=True) == ["unknown"]


def test_names_may_be_missing() -> None:
    """A customer without a name has an empty one, which everything begins with."""
    create = "CREATE TABLE party (code VARCHAR(40), name VARCHAR(40))"
    rows: Rows = [{"code": "A", "name": None}, {"code": "B", "name": "Bee"}]

    def describe(party: sa.Table) -> CustomerTable:
        return CustomerTable(party, code=party.c.code, name=party.c.name)

    with host(create, rows, describe) as work:
        found = work.customers.search(CustomerQuery(name=equals("")), limit=9)
        assert found.items == (Customer("A"),)


def test_a_cursor_of_another_search_or_tenant_is_refused() -> None:
    """A page is continued only by the search that it began with."""
    rows = [*OF_TENANTS, {"company": "north", "code": "O"}]
    with host(TENANTS, rows, with_tenant, tenant="north") as work:
        cursor = work.customers.search(CustomerQuery(), limit=1).next
        assert cursor is not None
        with pytest.raises(InvalidCursorError):
            work.customers.search(CustomerQuery(active=True), limit=1, after=cursor)
        with pytest.raises(InvalidValueError, match="limit"):
            work.customers.search(CustomerQuery(), limit=0)
    with (
        host(TENANTS, rows, with_tenant, tenant="south") as work,
        pytest.raises(InvalidCursorError),
    ):
        work.customers.search(CustomerQuery(), limit=1, after=cursor)


PIECES = [
    *(
        "a",
        "A",
        "ß",
        "ss",
        "SS",
        "ｓ",
        "İ",
        "i",
        "ı",
        "é",
        "e\u0301",
        "ﬁ",
        "fi",
        "\u200b",
        "\u00ad",
    ),
    *("%", "_", "/", "\\", "*", "[", "'", " ", "  ", "\u3000", "\u00a0", "😀", "K", "ſ"),
]
texts = st.lists(st.sampled_from(PIECES), max_size=5).map("".join)
names = texts | st.text(st.characters(codec="utf-8"), max_size=8)
codes = texts.filter(lambda text: text.strip("\u3000\u00a0 ") == text != "") | st.none()


@st.composite
def customers(draw: st.DrawFn) -> list[Customer]:
    """Return customers with nasty names and codes."""
    listed = draw(st.lists(st.tuples(codes, names, st.booleans()), max_size=8))
    types = st.sampled_from([None, "shop", "Shop", "ß"])
    return [
        customer(f"k{number}", code, name=name, type=draw(types), active=active)
        for number, (code, name, active) in enumerate(listed)
    ]


matches = st.builds(
    lambda mode, text: mode(text), st.sampled_from([contains, starts_with, equals]), texts
)
queries = st.builds(
    CustomerQuery,
    code=st.none() | matches,
    name=st.none() | matches,
    type=st.sampled_from([None, "shop", "SHOP", "ß", "ss"]),
    active=st.none() | st.booleans(),
)


def walk(directory: CustomerDirectory, query: CustomerQuery, limit: int) -> list[Customer]:
    """Return all that a query finds, page by page."""
    page = directory.search(query, limit=limit)
    found = list(page.items)
    while page.next is not None:
        page = directory.search(query, limit=limit, after=page.next)
        assert page.items
        found += page.items
    return found


@given(
    listed=customers(),
    asked=st.lists(queries, min_size=1, max_size=5),
    limit=st.integers(1, 9),
    rows=st.sampled_from([1, 3, 1_000]),
)
def test_searches_agree_with_the_reference(
    listed: list[Customer], asked: list[CustomerQuery], limit: int, rows: int
) -> None:
    """The database finds whom the reference in memory finds, page by page."""
    reference = InMemoryCustomerDirectory(listed)
    with (
        sql_store(listed) as store,
        store.transaction() as work,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(customer_table, "ROWS_TO_SEARCH", rows)
        for query in asked:
            assert walk(work.customers, query, limit) == walk(reference, query, 1_000)
        assert work.customers.types() == reference.types()


@given(listed=customers(), asked=st.lists(texts))
def test_look_ups_agree_with_the_reference(listed: list[Customer], asked: list[str]) -> None:
    """The database knows the codes and keys that the reference in memory knows."""
    reference = InMemoryCustomerDirectory(listed)
    codes = [*map(CustomerCode, asked), *(each.code for each in listed if each.code is not None)]
    keys = [*map(CustomerKey, asked), *(each.key for each in listed)]
    with sql_store(listed) as store, store.transaction() as work:
        assert work.customers.lookup(codes) == reference.lookup(codes)
        assert work.customers.by_keys(keys) == reference.by_keys(keys)


def test_many_codes_at_once() -> None:
    """A look-up of more codes than fit into one statement misses none."""
    listed = [customer(f"k{number}", f"c{number}") for number in range(1_100)]
    with sql_store([*CUSTOMERS, *listed]) as store, store.transaction() as work:
        assert isinstance(work.customers, SqlCustomerDirectory)
        found = work.customers.lookup([CustomerCode(f"c{number}") for number in range(1_100)])
        assert len(found) == 1_100
        assert len(work.customers.by_keys([each.key for each in listed])) == 1_100

"""Codes are told apart character by character, whatever collation the host's column has."""

from collections.abc import Iterable, Iterator

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
from customer_groups.customers import CustomerCode, CustomerKey
from customer_groups.outcomes import Outcome
from customer_groups.service import create_group
from engines import MARIADB, POSTGRESQL, new_engine
from stores import MOMENT

TABLES = build_tables(sa.MetaData())

SQLITE_COLUMNS = ("COLLATE BINARY", "COLLATE NOCASE", "COLLATE RTRIM")
POSTGRESQL_COLUMNS = ('COLLATE "C"', 'COLLATE "default"', 'COLLATE "ucs_basic"', "citext")
MARIADB_COLUMNS = (
    "CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    "CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
    "CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
    "CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci",
    "CHARACTER SET latin1 COLLATE latin1_swedish_ci",
)
READ_COMMITTED = {"isolation_level": "READ COMMITTED"}
PLACES: list[tuple[str, str, dict[str, str]]] = [
    *[("sqlite", column, {}) for column in SQLITE_COLUMNS],
    *[(name, column, {}) for name in POSTGRESQL for column in POSTGRESQL_COLUMNS],
    # MariaDB resolves long lists in another way where reading locks the host's rows.
    *[(name, column, {}) for name in MARIADB for column in MARIADB_COLUMNS],
    *[(name, column, READ_COMMITTED) for name in MARIADB for column in MARIADB_COLUMNS],
]

CODES = {1: "CUST-1", 2: "cust-1", 3: "CÜST-1", 4: "CUST-1 ", 5: "CUST-10", 6: "?UST-1"}
"""What the host has, by id. Who writes in Latin-1 makes the last of characters it lacks."""

WANTED = {
    "CUST-1": 1,
    "Cust-1": None,
    "cust-1": 2,
    "CÜST-1": 3,
    "cüst-1": None,
    "CUST-10": 5,
    "CUST-01": None,
}
"""Which of them a code means."""

STRANGE = ["CU\u0308ST-1", "？UST-1", "日UST-1", "😀UST-1"]
"""Codes with a character that not every column can hold, and that nobody has."""


@pytest.fixture(
    scope="module",
    params=PLACES,
    ids=lambda place: " ".join([*place[:2], *place[2].values()]),
)
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[sa.Engine]:
    """Yield an engine of a database in which the column of codes has a collation."""
    name, column, options = request.param
    with new_engine(name, tmp_path_factory.mktemp("host")) as plain:
        engine = plain.execution_options(**options)
        with engine.begin() as connection:
            if column == "citext":
                connection.exec_driver_sql("CREATE EXTENSION citext")
            text = column if column == "citext" else f"VARCHAR(40) {column}"
            connection.exec_driver_sql(f"CREATE TABLE party (id INTEGER PRIMARY KEY, code {text})")
            connection.exec_driver_sql("CREATE INDEX party_code ON party (code)")
            party = sa.Table("party", sa.MetaData(), autoload_with=connection)
            rows = [{"id": number, "code": code} for number, code in CODES.items()]
            connection.execute(party.insert(), rows)
            create_schema(connection, TABLES)
        yield engine


@pytest.fixture(params=[False, True], ids=["by code", "by key"])
def by_key(request: pytest.FixtureRequest) -> bool:
    """Return whether the column is wanted as the code of customers, or as their key."""
    is_key: bool = request.param
    return is_key


@pytest.fixture
def work(engine: sa.Engine, by_key: bool) -> Iterator[SqlUnitOfWork]:  # noqa: FBT001  a fixture
    """Yield a unit of work over the customers, in a transaction that is undone."""
    with engine.connect() as connection:
        transaction = connection.begin()
        party = sa.Table("party", sa.MetaData(), autoload_with=connection)
        column = party.c
        customers = (
            CustomerTable(party, code=sa.null(), key=column.code)
            if by_key
            else CustomerTable(party, code=column.code, key=column.id)
        )
        yield SqlStorage(TABLES, customers=customers).bind(connection)
        transaction.rollback()


def meant(code: str, *, by_key: bool) -> str | None:
    """Return the key of the customer that a code means."""
    wanted = WANTED[code]
    return None if wanted is None else code if by_key else str(wanted)


def test_one_is_told_apart(work: SqlUnitOfWork, by_key: bool) -> None:  # noqa: FBT001
    """A look-up finds exactly the customer that has the code or key."""
    for wanted in WANTED:
        if by_key:
            found = [one.key for one in work.customers.by_keys([CustomerKey(wanted)]).values()]
        else:
            code = CustomerCode(wanted)
            found = [one.key for one in work.customers.lookup([code]).get(code, ())]
        expected = meant(wanted, by_key=by_key)
        assert found == ([] if expected is None else [expected])


@pytest.fixture(params=[10**9, 0], ids=["short", "long"])
def length(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every list count as short, or as long."""
    monkeypatch.setattr(listing, "SHORT_LIST", request.param)


def add(work: SqlUnitOfWork, codes: Iterable[str], *, by_key: bool) -> tuple[set[str], set[str]]:
    """Add a list to a group; return the members, and who is unknown."""
    unknown: set[str] = set()

    def tell(_line: int, code: str, outcome: Outcome) -> None:
        assert outcome is Outcome.UNKNOWN
        unknown.add(code)

    group, entries = create_group(work, "Group", at=MOMENT).code, list(enumerate(codes))
    work.groups.add_members(group, entries, at=MOMENT, by=None, by_key=by_key, on_outcome=tell)
    members = work.groups.members(group, limit=100).items
    return {member.customer for member in members}, unknown


@pytest.mark.usefixtures("length")
def test_lists_are_told_apart(work: SqlUnitOfWork, by_key: bool) -> None:  # noqa: FBT001
    """Every code of a list means exactly the customer that has it."""
    expected = {code: meant(code, by_key=by_key) for code in WANTED}
    assert add(work, WANTED, by_key=by_key) == (
        set(filter(None, expected.values())),
        {code for code, key in expected.items() if key is None},
    )


@pytest.mark.usefixtures("length")
def test_what_a_column_cannot_hold_is_unknown(
    work: SqlUnitOfWork,
    by_key: bool,  # noqa: FBT001  a fixture
) -> None:
    """A character that the host's character set lacks is no error, and no question mark."""
    assert add(work, ["CUST-1", *STRANGE], by_key=by_key) == (
        {meant("CUST-1", by_key=by_key)},
        set(STRANGE),
    )

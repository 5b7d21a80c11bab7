"""Short lists and long lists, whoever knows the customers: always the same outcome."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import attrs
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import mysql

from customer_groups.adapters.memory import (
    InMemoryCustomerDirectory,
    InMemoryGroupStore,
    InMemoryStorage,
)
from customer_groups.adapters.sql import (
    EmbeddedGroupStore,
    SqlGroupStore,
    SqlStorage,
    listing,
    verify,
)
from customer_groups.adapters.sql.dialects import dialect_of
from customer_groups.codes import parse_group_code
from customer_groups.customers import Customer, CustomerCode, CustomerDirectory
from customer_groups.errors import (
    GroupNotFoundError,
    RetryableConflictError,
    StorageUnavailableError,
    TransactionClosedError,
)
from customer_groups.model import CustomerGroup, Membership
from customer_groups.outcomes import Entry, OnOutcome, Outcome, OutcomeCounts
from customer_groups.query import GroupQuery, GroupSummary
from customer_groups.repository import GroupRepository, GroupStore
from stores import CUSTOMERS, MOMENT, SERVERS, SQL_STORES, HostStore, customer, sql_store

GROUP = parse_group_code("G")
GONE = (customer("gone"), customer("TWIN"), customer("lost", "ONE"))
"""Customers who were members before the host deleted them; two of the keys are codes, too."""

LENGTHS = {"short": 10**9, "long": 0, "long from two": 1}
"""Up to which length a list counts as short."""

METHODS = ("add_members", "remove_members", "replace_members")

values = st.sampled_from(
    sorted(
        {customer.key for customer in (*CUSTOMERS, *GONE)}
        | {customer.code for customer in CUSTOMERS if customer.code is not None}
        | {"nobody", "one", "00123"}
    )
)


@attrs.frozen
class Step:
    """A list that changes the members of the group."""

    method: str
    entries: list[Entry]
    by_key: bool
    by: str | None


@attrs.frozen
class Result:
    """What a step did: what it returned and told, and how the group looks afterwards."""

    counts: OutcomeCounts
    told: list[tuple[int, str, Outcome]]
    members: tuple[Membership, ...]
    summary: GroupSummary


@st.composite
def steps(draw: st.DrawFn) -> Step:
    """Return a change by a list, several values of which may stand on one line."""
    listed = draw(st.lists(values, max_size=14))
    gaps = draw(st.lists(st.integers(0, 3), min_size=len(listed), max_size=len(listed)))
    lines = [1 + sum(gaps[: number + 1]) for number in range(len(listed))]
    return Step(
        draw(st.sampled_from(METHODS)),
        list(zip(lines, listed, strict=True)),
        draw(st.booleans()),
        draw(st.none() | st.just("anna")),
    )


def change(groups: GroupRepository, step: Step) -> Result:
    """Apply a step, handing over a generator, and look at the group."""
    told: list[tuple[int, str, Outcome]] = []
    counts = getattr(groups, step.method)(
        GROUP,
        (entry for entry in step.entries),
        at=MOMENT,
        by=step.by,
        by_key=step.by_key,
        on_outcome=lambda *outcome: told.append(outcome),
    )
    (summary,) = groups.find(GroupQuery(), limit=2).items
    return Result(counts, told, groups.members(GROUP, limit=1_000).items, summary)


def results(seeding: GroupStore, store: GroupStore, listed: Sequence[Step]) -> list[Result]:
    """Make a group with members who are gone since, and apply the steps one by one."""
    with seeding.transaction() as work:
        work.groups.add(CustomerGroup(GROUP, "Group", MOMENT))
        gone = [(1, customer.key) for customer in (*GONE, CUSTOMERS[0], CUSTOMERS[2])]
        work.groups.add_members(GROUP, gone, at=MOMENT - timedelta(1), by="old", by_key=True)
    found = []
    for step in listed:
        with store.transaction() as work:
            found.append(change(work.groups, step))
    return found


def expected(listed: Sequence[Step]) -> list[Result]:
    """Return what the reference in memory does."""
    storage = InMemoryStorage()
    everybody = [attrs.evolve(each, active=True) for each in (*CUSTOMERS, *GONE)]
    seeding = InMemoryGroupStore(storage, "t", everybody)
    return results(seeding, InMemoryGroupStore(storage, "t", CUSTOMERS), listed)


def with_directory(store: EmbeddedGroupStore, customers: CustomerDirectory) -> SqlGroupStore:
    """Return a store on the same tables that asks another directory."""
    storage = SqlStorage(store.storage.tables, customers=lambda _: customers)
    return SqlGroupStore(store.engine, storage, tenant=store.tenant)


@contextmanager
def short_lists(length: int) -> Iterator[None]:
    """Let lists count as short up to another length."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(listing, "SHORT_LIST", length)
        yield


@contextmanager
def leaving_no_temporary_tables(store: EmbeddedGroupStore) -> Iterator[None]:
    """Fail if a temporary table that is created meanwhile is still there afterwards."""
    created = []

    def listen(*event: object) -> None:
        created.extend(re.findall(r"CREATE TEMPORARY TABLE (\w+)", str(event[2])))

    sa.event.listen(store.engine, "before_cursor_execute", listen)
    try:
        yield
    finally:
        sa.event.remove(store.engine, "before_cursor_execute", listen)
    with store.engine.connect() as connection:
        for table in created:
            with pytest.raises(sa.exc.DBAPIError, match=table), connection.begin():
                connection.execute(sa.text(f"SELECT 1 FROM {table}"))  # noqa: S608


@pytest.mark.parametrize("engine", SQL_STORES)
@given(
    way=st.sampled_from(["own", "hosted", "other directory"]),
    length=st.sampled_from(list(LENGTHS.values())),
    listed=st.lists(steps(), min_size=1, max_size=4),
)
def test_all_ways_have_the_outcomes_of_the_reference(
    engine: str, way: str, length: int, listed: list[Step]
) -> None:
    """A list does the same, staged or not, whoever knows the customers and begins."""
    with SQL_STORES[engine](CUSTOMERS) as store, short_lists(length):
        everybody = [attrs.evolve(each, active=True) for each in (*CUSTOMERS, *GONE)]
        seeding = with_directory(store, InMemoryCustomerDirectory(everybody))
        ways: dict[str, GroupStore] = {
            "own": store,
            "hosted": HostStore(store),
            "other directory": with_directory(store, InMemoryCustomerDirectory(CUSTOMERS)),
        }
        with leaving_no_temporary_tables(store):
            found = results(seeding, ways[way], listed)
        assert found == expected(listed)


class _WithAliases(InMemoryCustomerDirectory):
    """A directory in which a customer has a second code, the first one after an ``=``."""

    def lookup(self, codes: Collection[CustomerCode]) -> Mapping[CustomerCode, Sequence[Customer]]:
        meant = {code: CustomerCode(code.removeprefix("=")) for code in codes}
        found = super().lookup(set(meant.values()))
        return {code: found[known] for code, known in meant.items() if known in found}


@pytest.mark.parametrize("engine", SQL_STORES)
@pytest.mark.parametrize("length", LENGTHS.values(), ids=LENGTHS.keys())
@pytest.mark.parametrize(
    ("method", "before", "outcomes", "after"),
    [
        ("add_members", "k1", "added already_member unknown", "ONE k1"),
        ("add_members", "ONE", "already_member already_member unknown", "ONE"),
        ("remove_members", "ONE k1", "removed not_a_member unknown", "k1"),
        ("replace_members", "k1 k2", "added already_member unknown", "ONE"),
        ("replace_members", "ONE k1", "already_member already_member unknown", "ONE"),
    ],
)
def test_two_values_may_mean_one_customer(
    engine: str, length: int, method: str, before: str, outcomes: str, after: str
) -> None:
    """The second value finds what the first one did; nobody joins, leaves or counts twice."""
    with SQL_STORES[engine](CUSTOMERS) as plain, short_lists(length):
        store = with_directory(plain, _WithAliases(CUSTOMERS))
        entries = [(1, "ONE"), (2, "=ONE"), (3, "=nobody")]
        with store.transaction() as work:
            work.groups.add(CustomerGroup(GROUP, "Group", MOMENT))
            keys = list(enumerate(before.split()))
            work.groups.add_members(GROUP, keys, at=MOMENT, by=None, by_key=True)
            result = change(work.groups, Step(method, entries, by_key=False, by=None))
        told = {line: outcome.value for line, _, outcome in result.told}
        success = "removed" if method == "remove_members" else "added"
        assert [told.get(line, success) for line, _ in entries] == outcomes.split()
        assert [member.customer for member in result.members] == after.split()
        assert result.summary.customers == len(result.members)
        assert result.counts.removed == len(set(before.split()) - set(after.split()))


class _Failure(Exception):  # noqa: N818  not an error of anybody
    """What a host may raise in the middle of a list."""


def broken_list() -> Iterator[Entry]:
    """Yield a customer and then fail."""
    yield 1, "ONE"
    yield 2, "TWO"
    raise _Failure


def refuse(*_outcome: object) -> None:
    """Fail instead of listening."""
    raise _Failure


@pytest.mark.parametrize("engine", SQL_STORES)
@pytest.mark.parametrize("length", LENGTHS.values(), ids=LENGTHS.keys())
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("entries", "on_outcome"),
    [(broken_list, None), (lambda: [(1, "ONE"), (2, "nobody")], refuse)],
    ids=["list", "listener"],
)
def test_what_the_host_raises_undoes_the_call_and_passes(
    engine: str,
    length: int,
    method: str,
    entries: Callable[[], Iterable[Entry]],
    on_outcome: OnOutcome | None,
) -> None:
    """An exception of the list or of the listener leaves the group, and nothing else behind."""
    with (
        SQL_STORES[engine](CUSTOMERS) as store,
        short_lists(length),
        leaving_no_temporary_tables(store),
    ):
        with store.transaction() as work:
            work.groups.add(CustomerGroup(GROUP, "Group", MOMENT))
            work.groups.add_members(GROUP, [(1, "SLEEPING"), (2, "k6")], at=MOMENT, by=None)
            before = work.groups.find(GroupQuery(), limit=1)
            with pytest.raises(_Failure):
                getattr(work.groups, method)(
                    GROUP, entries(), at=MOMENT, by=None, on_outcome=on_outcome
                )
            assert work.groups.find(GroupQuery(), limit=1) == before
            counts = work.groups.add_members(GROUP, [(1, "ONE")], at=MOMENT, by=None)
        assert counts.added == 1


@pytest.mark.parametrize("engine", SQL_STORES)
@pytest.mark.parametrize("length", LENGTHS.values(), ids=LENGTHS.keys())
@pytest.mark.parametrize("method", METHODS)
def test_a_list_for_no_group_is_not_read(engine: str, length: int, method: str) -> None:
    """The group is looked for before anything is taken from the list."""
    with (
        SQL_STORES[engine](CUSTOMERS) as store,
        short_lists(length),
        store.transaction() as work,
    ):
        entries = broken_list()
        with pytest.raises(GroupNotFoundError):
            getattr(work.groups, method)(GROUP, entries, at=MOMENT, by=None)
        assert next(entries) == (1, "ONE")


@pytest.mark.parametrize("hosted", [False, True], ids=["own", "hosted"])
@pytest.mark.parametrize("engine", SERVERS)
def test_a_group_removed_while_the_list_is_read_is_missed(engine: str, *, hosted: bool) -> None:
    """The group is locked late, and missed then if another transaction removed it."""

    def entries(store: EmbeddedGroupStore) -> Iterator[Entry]:
        yield 1, "ONE"
        store.run(lambda work: work.groups.remove(GROUP))

    with SQL_STORES[engine](CUSTOMERS) as store:
        store.run(lambda work: work.groups.add(CustomerGroup(GROUP, "Group", MOMENT)))
        with (
            # PostgreSQL says to a transaction that sees one moment only: try again.
            pytest.raises((GroupNotFoundError, RetryableConflictError)),
            (HostStore(store) if hosted else store).transaction() as work,
        ):
            work.groups.add_members(GROUP, entries(store), at=MOMENT, by=None)
        with store.transaction() as work:
            assert verify(work.session.connection, store.storage.tables) == []


@pytest.mark.parametrize("engine", SQL_STORES)
@pytest.mark.parametrize("way", ["own", "hosted", "other directory"])
def test_a_list_of_many_parts(engine: str, way: str) -> None:
    """A list that fills several statements loses nothing between them."""
    everybody = [customer(f"k{number}", f"c{number}") for number in range(1_200)]
    entries = [(number, f"c{number % 1_300}") for number in range(5_500)]
    with SQL_STORES[engine](everybody) as plain:
        ways: dict[str, GroupStore] = {
            "own": plain,
            "hosted": HostStore(plain),
            "other directory": with_directory(plain, InMemoryCustomerDirectory(everybody)),
        }
        with ways[way].transaction() as work:
            work.groups.add(CustomerGroup(GROUP, "Group", MOMENT))
            counts = work.groups.add_members(GROUP, entries, at=MOMENT, by=None)
            assert counts == OutcomeCounts(added=1_200, unknown=100, duplicate=4_200, at=MOMENT)
            gone = work.groups.remove_members(GROUP, entries[:1_000], at=MOMENT, by=None)
            assert gone.removed == 1_000
            assert len(work.groups.which_are_members(GROUP, [c.key for c in everybody])) == 200


@pytest.mark.parametrize("driver", [each for each in SERVERS if each.startswith("psycopg")])
def test_a_transaction_in_two_phases_stays_without_temporary_tables(driver: str) -> None:
    """PostgreSQL could not prepare it any more; a long list is changed in memory then."""
    everybody = [customer(f"k{number}", f"c{number}") for number in range(1_400)]
    said = []

    def listen(*event: object) -> None:
        said.append(str(event[2]))

    with SQL_STORES[driver](everybody) as store, store.engine.connect() as connection:
        sa.event.listen(connection, "before_cursor_execute", listen)
        transaction = connection.begin_twophase()
        groups = store.storage.bind(connection, tenant=store.tenant).groups
        groups.add(CustomerGroup(GROUP, "Group", MOMENT))
        entries = [(number, f"c{number}") for number in range(1_500)]
        counts = groups.add_members(GROUP, entries, at=MOMENT, by=None)
        assert (counts.added, counts.unknown) == (1_400, 100)
        counts = groups.replace_members(GROUP, entries[:700], at=MOMENT, by=None)
        assert (counts.already_member, counts.removed) == (700, 700)
        assert len(groups.members(GROUP, limit=1_000).items) == 700
        assert verify(connection, store.storage.tables) == []
        transaction.rollback()
    assert not any("TEMPORARY" in statement for statement in said)


def test_mysql_is_not_taken_for_mariadb() -> None:
    """An engine that nobody has tested is refused by name."""
    connection: Any = SimpleNamespace(dialect=mysql.dialect())
    with pytest.raises(StorageUnavailableError, match="mysql is not supported; use sqlite,"):
        dialect_of(connection)


def test_the_host_ends_its_transaction_while_it_listens() -> None:
    """What is left to do with the temporary tables begins no other transaction."""
    with (
        sql_store(CUSTOMERS) as store,
        short_lists(0),
        store.engine.connect() as connection,
    ):
        transaction = connection.begin()
        groups = store.storage.bind(connection, tenant=store.tenant).groups
        groups.add(CustomerGroup(GROUP, "Group", MOMENT))
        with pytest.raises(TransactionClosedError):
            groups.add_members(
                GROUP,
                [(1, "nobody")],
                at=MOMENT,
                by=None,
                on_outcome=lambda *_: transaction.rollback(),
            )
        assert not connection.in_transaction()

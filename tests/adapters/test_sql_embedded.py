"""A SQLite database of our own: opening it, loading customers, and what cannot be opened."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from customer_groups.adapters.sql import load_customers, open_store
from customer_groups.customers import Customer, CustomerKey, CustomerQuery
from customer_groups.errors import (
    InvalidValueError,
    SchemaError,
    StorageUnavailableError,
)
from customer_groups.searching import search_groups
from customer_groups.service import create_group, rename_group
from stores import CUSTOMERS, MOMENT, customer, execute, sql_store


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("nonsense", "is not like sqlite:///erp.db"),
        ("postgresql+psycopg://anna:secret@host/erp", "is not SQLite"),
        ("sqlite+aiosqlite:///erp.db", "is not SQLite"),
        ("sqlite+unheard_of:///erp.db", "is not SQLite"),
        ("sqlite://host/erp.db", "has more than a path"),
        ("sqlite:///erp.db?timeout=soon", "has more than a path"),
    ],
)
def test_other_urls_are_refused(url: str, shown: str) -> None:
    """Only SQLite is opened by itself, and no password is shown."""
    with pytest.raises(InvalidValueError, match="database URL") as caught:
        open_store(url)
    assert shown in str(caught.value)
    assert "secret" not in str(caught.value)


def test_the_tenant_is_checked(tmp_path: Path) -> None:
    """A malformed tenant is refused before there is a file."""
    with pytest.raises(InvalidValueError, match="tenant"):
        open_store(f"sqlite:///{tmp_path / 'erp.db'}", tenant="")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_missing(tmp_path: Path) -> None:
    """A file cannot be made where there is no folder."""
    with pytest.raises(StorageUnavailableError, match="unable to open") as caught:
        open_store(f"sqlite:///{tmp_path / 'no' / 'erp.db'}")
    assert isinstance(caught.value.__cause__, sqlite3.OperationalError)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    """Another file is refused, and stays as it is."""
    file = tmp_path / "erp.db"
    file.write_text("code\n" * 1_000, encoding="ascii")
    with pytest.raises(StorageUnavailableError, match="not a database"):
        open_store(f"sqlite:///{file}")
    assert file.read_text(encoding="ascii") == "code\n" * 1_000


def test_a_file_that_may_only_be_read(tmp_path: Path) -> None:
    """A database that cannot be written can be searched, and a change is refused."""
    file = tmp_path / "erp.db"
    with sql_store(file=file):
        pass
    store = open_store(f"sqlite:///file:{file}?mode=ro&uri=true", tenant="t")
    with store.transaction() as work:
        assert search_groups(work).items == ()
        with pytest.raises(StorageUnavailableError, match="readonly"):
            create_group(work, "Group")
    store.close()


def test_a_database_of_another_version(tmp_path: Path) -> None:
    """Tables of another version are refused when the file is opened."""
    file = tmp_path / "erp.db"
    with sql_store(file=file):
        pass
    execute(file, "UPDATE cg_schema SET version = 2")
    with pytest.raises(SchemaError, match="version 2"):
        open_store(f"sqlite:///{file}")


def test_a_file_keeps_what_was_stored(tmp_path: Path) -> None:
    """What one program stored is there for the next one; readers do not wait for writers."""
    file = tmp_path / "erp.db"
    with sql_store(file=file) as store, store.transaction() as work:
        create_group(work, "Group", customers=["ONE"])
    assert execute(file, "PRAGMA journal_mode") == [("wal",)]
    with sql_store((), file=file) as store, store.transaction() as work:
        (summary,) = search_groups(work).items
        assert (summary.group.name, summary.customers) == ("Group", 1)
        assert work.customers.search(CustomerQuery(), limit=99).items == tuple(
            sorted(CUSTOMERS, key=lambda each: each.key)
        )


def test_opening_without_creating(tmp_path: Path) -> None:
    """With create=False nothing is made."""
    store = open_store(f"sqlite:///{tmp_path / 'erp.db'}", create=False)
    assert list(tmp_path.iterdir()) == []
    store.close()


def test_tenants_share_a_file_and_never_meet(tmp_path: Path) -> None:
    """Codes, names, customers, members, numbers and cursors of tenants are apart."""
    file = tmp_path / "erp.db"
    with (
        sql_store([Customer("C1", "North")], file=file, tenant="north") as north,
        sql_store([Customer("C1", "South"), Customer("C2")], file=file, tenant="south") as south,
    ):
        for store, customers in ((north, ["C1"]), (south, ["C1", "C2"])):
            with store.transaction() as work:
                for name in ("Key", "Other"):
                    create_group(work, name, customers=customers)
        with north.transaction() as work:
            page = search_groups(work, customer="C1", limit=1, with_total=True)
            assert page.total == 2
            assert page.items[0].customers == 1
            assert search_groups(work, customer="C2").items == ()
            assert work.groups.next_number("codes:CG-") == 3
            key = CustomerKey("C1")
            assert work.groups.groups_of([key]) == {
                key: tuple(each.group for each in search_groups(work).items)
            }
            rename_group(work, "CG-000001", "North")
            work.groups.rekey_customers({key: CustomerKey("C2")}, at=MOMENT, by=None)
            assert [
                each.name for each in work.customers.search(CustomerQuery(), limit=9).items
            ] == ["North"]
            work.groups.remove(page.items[0].group.code)
        with south.transaction() as work:
            assert len(search_groups(work).items) == 2
            assert [each.customers for each in search_groups(work).items] == [2, 2]
            assert search_groups(work, name="North").items == ()
            assert len(search_groups(work, customer="C1").items) == 2
            with pytest.raises(InvalidValueError, match="tenant"):
                search_groups(work, customer="C1", limit=1, after=page.next)


def test_loading_replaces_customers_with_the_same_key() -> None:
    """The last of several with the same key counts; others stay, groups too."""
    with sql_store() as store:
        with store.transaction() as work:
            create_group(work, "Group", customers=["ONE"])
        newer = [customer("ONE", "first"), customer("ONE", "NEW"), customer("NINE", "NINE")]
        assert load_customers(store, iter(newer)) == 3
        with store.transaction() as work:
            found = {
                each.key: each.code
                for each in work.customers.search(CustomerQuery(), limit=99).items
            }
            assert len(found) == len(CUSTOMERS) + 1
            assert (found["ONE"], found["NINE"], found["TWO"]) == ("NEW", "NINE", "TWO")  # type: ignore[index]
            assert [each.customers for each in search_groups(work).items] == [1]


def test_loading_is_all_or_nothing() -> None:
    """A list of customers that breaks off leaves none of them behind."""

    def broken() -> Iterator[Customer]:
        yield from (Customer(f"X{number}") for number in range(700))
        raise KeyError("host")

    with sql_store() as store:
        with pytest.raises(KeyError, match="host"):
            load_customers(store, broken())
        with store.transaction() as work:
            found = work.customers.search(CustomerQuery(), limit=99).items
        assert len(found) == len(CUSTOMERS)

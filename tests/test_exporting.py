"""Groups and members are written completely, in order, and in every format."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.adapters.memory import InMemoryGroupStore, InMemoryStorage
from customer_groups.codes import GroupCode, parse_group_code
from customer_groups.customers import Customer, CustomerKey
from customer_groups.errors import GroupNotFoundError, InvalidValueError, UnknownFormatError
from customer_groups.exporting import (
    CUSTOMER_COLUMNS,
    GROUP_COLUMNS,
    export_customers,
    export_groups,
)
from customer_groups.importing import import_customers
from customer_groups.model import CustomerGroup
from customer_groups.query import GroupOrder, GroupQuery
from customer_groups.repository import UnitOfWork
from customer_groups.testing import strategies as values

MOMENT = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
TIME = "2026-01-02T03:04:05.000006+00:00"
ANNA = Customer("C1", "Anna")
NAMELESS = Customer(None, key="k0")
ODD = Customer("=C2", '"Odd", Zoë\n')


@pytest.fixture
def work() -> Iterator[UnitOfWork]:
    """Yield a unit of work with a group of three members, and an empty one."""
    store = InMemoryGroupStore(InMemoryStorage(), "t", [ANNA, NAMELESS, ODD])
    with store.transaction() as work:
        work.groups.add(CustomerGroup("B", "Second", MOMENT, attributes={"=x": "Zoë"}))
        work.groups.add(CustomerGroup("A", "-First", MOMENT, "anna"))
        entries = [(1, "C1"), (2, "k0"), (3, "=C2")]
        work.groups.add_members(code_of("B"), entries, at=MOMENT, by="bert", by_key=True)
        yield work


def code_of(text: str) -> GroupCode:
    """Return the code of a group."""
    return parse_group_code(text)


def csv_rows(text: str) -> list[dict[str, str]]:
    """Return the rows of CSV as the csv module reads them."""
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_groups_as_csv(work: UnitOfWork) -> None:
    """By code, whatever the order of the query."""
    file = io.StringIO(newline="")
    query = GroupQuery(order_by=GroupOrder.CODE_DESCENDING)
    assert export_groups(work, file, query=query) == 2
    first, second = csv_rows(file.getvalue())
    assert tuple(first) == GROUP_COLUMNS
    assert first == {
        "code": "A",
        "name": "-First",
        "status": "active",
        "customers": "0",
        "created_at": TIME,
        "created_by": "anna",
        "updated_at": TIME,
        "updated_by": "anna",
        "attributes": "{}",
    }
    assert (second["customers"], second["created_by"]) == ("3", "")
    assert second["attributes"] == '{"=x": "Zoë"}'


def test_groups_as_json_lines(work: UnitOfWork, tmp_path: Path) -> None:
    """Numbers are numbers, and attributes are an object."""
    path = tmp_path / "groups.jsonl"
    assert export_groups(work, path, query=GroupQuery(name="second")) == 1
    (record,) = map(json.loads, path.read_text().splitlines())
    assert tuple(record) == GROUP_COLUMNS
    assert record["attributes"] == {"=x": "Zoë"}
    assert (record["customers"], record["created_by"]) == (3, None)


def test_members_as_csv(work: UnitOfWork, tmp_path: Path) -> None:
    """By key; what a customer does not have stays empty."""
    path = tmp_path / "members.csv"
    assert export_customers(work, " b ", str(path)) == 3
    rows = csv_rows(path.read_bytes().decode())
    assert tuple(rows[0]) == CUSTOMER_COLUMNS
    assert [tuple(row.values()) for row in rows] == [
        ("=C2", "=C2", '"Odd", Zoë\n', TIME, "bert"),
        ("C1", "C1", "Anna", TIME, "bert"),
        ("k0", "", "", TIME, "bert"),
    ]


def test_a_member_whom_the_host_no_longer_has_is_written(work: UnitOfWork) -> None:
    """Its key is all that is known."""
    work.groups.rekey_customers({ANNA.key: CustomerKey("gone")}, at=MOMENT, by=None)
    file = io.StringIO()
    assert export_customers(work, "B", file, format="jsonl") == 3
    gone = json.loads(file.getvalue().splitlines()[1])
    assert (gone["key"], gone["code"], gone["name"]) == ("gone", None, None)


def test_the_spreadsheet_dialect_guards(work: UnitOfWork) -> None:
    """Codes and names that look like formulas get an apostrophe."""
    file = io.BytesIO()
    export_customers(work, "B", file, dialect="spreadsheet")
    assert file.getvalue().startswith(b"\xef\xbb\xbfkey,code")
    assert b"\r\n'=C2,'=C2," in file.getvalue()


def test_progress_is_told(work: UnitOfWork) -> None:
    """Rows written, and rows there are."""
    told: list[tuple[int, int | None]] = []
    export_groups(work, io.StringIO(), on_progress=lambda *step: told.append(step))
    export_customers(work, "B", io.StringIO(), on_progress=lambda *step: told.append(step))
    assert told == [(2, 2), (3, 3)]


def test_more_than_a_page_is_written() -> None:
    """Each row once, in pages, with progress after each."""
    customers = [Customer(f"C{number:04}") for number in range(2_500)]
    store = InMemoryGroupStore(InMemoryStorage(), "t", customers)
    told: list[tuple[int, int | None]] = []
    with store.transaction() as work:
        work.groups.add(CustomerGroup("A", "All", MOMENT))
        import_customers(work, "A", [str(customer.code) for customer in customers])
        file = io.StringIO(newline="")
        written = export_customers(work, "A", file, on_progress=lambda *step: told.append(step))
    assert written == 2_500
    assert [row["code"] for row in csv_rows(file.getvalue())] == [c.code for c in customers]
    assert told == [(1_000, 2_500), (2_000, 2_500), (2_500, 2_500)]


def test_an_error_leaves_the_file_as_it_was(work: UnitOfWork, tmp_path: Path) -> None:
    """Unknown groups, formats and dialects are found before anything is written."""
    path = tmp_path / "out.csv"
    path.write_text("old")
    with pytest.raises(GroupNotFoundError):
        export_customers(work, "NONE", path)
    with pytest.raises(UnknownFormatError) as caught:
        export_groups(work, str(tmp_path / "out.xls"))
    assert attrs.astuple(caught.value) == ("out.xls", ("csv", "jsonl"))
    with pytest.raises(InvalidValueError):
        export_groups(work, path, dialect="excel")
    assert path.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


@given(
    values.customers(),
    st.sampled_from([("csv", "exact"), ("csv", "spreadsheet"), ("jsonl", "exact")]),
    st.sampled_from([io.StringIO, io.BytesIO]),
)
def test_what_is_exported_is_imported(
    customers: list[Customer],
    form: tuple[str, str],
    kind: type[io.StringIO | io.BytesIO],
) -> None:
    """In every format and dialect, the same members come back, for every text there is."""
    file_format, dialect = form
    file = kind()
    store = InMemoryGroupStore(InMemoryStorage(), "t", customers)
    with store.transaction() as work:
        for code in "AB":
            work.groups.add(CustomerGroup(code, code, MOMENT))
        active = [customer.key for customer in customers if customer.active]
        import_customers(work, "A", active, by_key=True)
        exported = export_customers(work, "A", file, format=file_format, dialect=dialect)
        file.seek(0)
        report = import_customers(
            work,
            "B",
            file,
            format="delimited" if file_format == "csv" else "jsonl",
            dialect=dialect,
            by_key=True,
        )
        assert report.counts.added == report.values == exported == len(active)
        members = [work.groups.members(code_of(code), limit=1_000).items for code in "AB"]
    assert [m.customer for m in members[0]] == [m.customer for m in members[1]]

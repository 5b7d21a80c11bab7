"""Groups and members are written completely, in order, and in every format."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import attrs
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.adapters.memory import InMemoryGroupStore, InMemoryStorage
from customer_groups.codes import GroupCode, parse_group_code
from customer_groups.customers import Customer, CustomerKey
from customer_groups.errors import (
    GroupNotFoundError,
    InvalidValueError,
    UnknownFormatError,
    UnwritableError,
)
from customer_groups.exporting import (
    CUSTOMER_COLUMNS,
    GROUP_COLUMNS,
    GROUP_MEMBER_COLUMNS,
    export_customers,
    export_groups,
)
from customer_groups.files.delimited_writer import DelimitedWriter
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


def sheet_rows(path: Path) -> list[tuple[object, ...]]:
    """Return the rows of a spreadsheet, the names of the columns first."""
    return list(openpyxl.load_workbook(path).worksheets[0].values)


def rows_of(path: Path) -> list[tuple[object, ...]]:
    """Return the rows of a file in any format, the names of the columns first."""
    if path.suffix == ".xlsx":
        return sheet_rows(path)
    text = path.read_bytes().decode()
    is_csv = path.suffix == ".csv"
    records = csv_rows(text) if is_csv else list(map(json.loads, text.splitlines()))
    return [tuple(records[0]), *(tuple(record.values()) for record in records)]


def test_members_as_a_spreadsheet(work: UnitOfWork, tmp_path: Path) -> None:
    """Every cell is text, whatever it looks like."""
    path = tmp_path / "members.xlsx"
    assert export_customers(work, "B", path) == 3
    assert sheet_rows(path) == [
        CUSTOMER_COLUMNS,
        ("=C2", "=C2", '"Odd", Zoë\n', TIME, "bert"),
        ("C1", "C1", "Anna", TIME, "bert"),
        ("k0", None, None, TIME, "bert"),
    ]


def test_groups_as_a_spreadsheet(work: UnitOfWork, tmp_path: Path) -> None:
    """Numbers and attributes are text, too."""
    path = tmp_path / "groups.XLSX"
    assert export_groups(work, path, query=GroupQuery(name="second")) == 1
    _, row = sheet_rows(path)
    assert (row[3], row[8]) == ("3", '{"=x": "Zoë"}')


@pytest.mark.parametrize(
    ("format", "dialect", "key"),
    [
        ("csv", "exact", "=C2"),
        ("csv", "spreadsheet", "'=C2"),
        ("xlsx", "exact", "=C2"),
        ("xlsx", "spreadsheet", "'=C2"),
        ("jsonl", "exact", "=C2"),
        ("jsonl", "spreadsheet", "=C2"),
    ],
)
def test_text_is_guarded_where_the_dialect_says_so(
    work: UnitOfWork, tmp_path: Path, format: str, dialect: str, key: str
) -> None:
    """In every format that spreadsheets open."""
    path = tmp_path / f"members.{format}"
    export_customers(work, "B", path, dialect=dialect)
    assert rows_of(path)[1][0] == key


@pytest.mark.parametrize("format", ["csv", "jsonl", "xlsx"])
def test_groups_with_their_members(work: UnitOfWork, tmp_path: Path, format: str) -> None:
    """A row for each member, and one for a group without any."""
    path = tmp_path / f"groups.{format}"
    assert export_groups(work, path, members=True) == 4
    names, *rows = rows_of(path)
    assert names == GROUP_MEMBER_COLUMNS
    groups = [row[: len(GROUP_COLUMNS)] for row in rows]
    assert [group[0] for group in groups] == ["A", "B", "B", "B"]
    assert groups[1] == groups[2] == groups[3]
    assert [[cell or None for cell in row[len(GROUP_COLUMNS) :]] for row in rows] == [
        [None, None, None, None, None],
        ["=C2", "=C2", '"Odd", Zoë\n', TIME, "bert"],
        ["C1", "C1", "Anna", TIME, "bert"],
        ["k0", None, None, TIME, "bert"],
    ]


def test_groups_with_their_members_can_be_chosen(work: UnitOfWork) -> None:
    """By any query, and in the order of the codes."""
    file = io.StringIO(newline="")
    assert export_groups(work, file, query=GroupQuery(name="first"), members=True) == 1
    (row,) = csv_rows(file.getvalue())
    assert tuple(row) == GROUP_MEMBER_COLUMNS
    assert row["customer_key"] == ""


def test_names_of_columns_do_not_clash() -> None:
    """Those of a member and those of its group."""
    assert len(set(GROUP_MEMBER_COLUMNS)) == len(GROUP_COLUMNS) + len(CUSTOMER_COLUMNS)


def test_a_format_of_the_host(work: UnitOfWork, tmp_path: Path) -> None:
    """It wins over the suffix, even one that says nothing."""
    path = tmp_path / "members.table"
    export_customers(work, "B", path, format=DelimitedWriter(delimiter="|"))
    assert path.read_text().startswith("key|code|name|since|by\n")


@pytest.mark.parametrize("said", [{"dialect": "spreadsheet"}, {"delimiter": ";"}])
def test_a_writer_settles_everything_itself(
    work: UnitOfWork, tmp_path: Path, said: dict[str, str]
) -> None:
    """What is said beside it would be ignored, so it is refused, and nothing is written."""
    path, writer = tmp_path / "out.csv", DelimitedWriter(delimiter=";")
    with pytest.raises(InvalidValueError, match="give them to it instead"):
        export_groups(work, path, format=writer, **said)  # type: ignore[arg-type]  # no int
    with pytest.raises(InvalidValueError, match="give them to it instead"):
        export_customers(work, "B", path, format=writer, **said)  # type: ignore[arg-type]
    assert not path.exists()


def test_cells_are_separated_as_the_country_has_it(work: UnitOfWork) -> None:
    """By semicolons, say, in both exports; formulas are guarded all the same."""
    groups, members = io.BytesIO(), io.BytesIO()
    export_groups(work, groups, dialect="spreadsheet", delimiter=";")
    export_customers(work, "B", members, dialect="spreadsheet", delimiter=";")
    assert groups.getvalue().splitlines()[1].startswith(b"A;'-First;active;0;")
    assert members.getvalue().splitlines()[1].startswith(b"'=C2;'=C2;")


@pytest.mark.parametrize("delimiter", ["", ";;", '"', "\n"])
def test_what_cannot_separate_cells(work: UnitOfWork, tmp_path: Path, delimiter: str) -> None:
    """It is refused before anything is written."""
    with pytest.raises(InvalidValueError, match="may separate cells"):
        export_groups(work, tmp_path / "out.csv", delimiter=delimiter)
    assert list(tmp_path.iterdir()) == []


def test_a_spreadsheet_is_bytes(work: UnitOfWork, tmp_path: Path) -> None:
    """An open file of bytes gets it, and one of text is refused."""
    path = tmp_path / "members.xlsx"
    with path.open("wb") as file:
        assert export_customers(work, "B", file) == 3
    assert len(sheet_rows(path)) == 4
    with pytest.raises(InvalidValueError, match='mode "wb"'):
        export_customers(work, "B", io.StringIO(), format="xlsx")


def test_what_does_not_fit_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    """The error says which row and column it is."""
    path = tmp_path / "members.xlsx"
    path.write_bytes(b"old")
    store = InMemoryGroupStore(InMemoryStorage(), "t", [Customer("C1", "x" * 32_768)])
    with store.transaction() as work:
        work.groups.add(CustomerGroup("A", "All", MOMENT))
        import_customers(work, "A", ["C1"])
        with pytest.raises(UnwritableError) as caught:
            export_customers(work, "A", path)
    assert (caught.value.row, caught.value.column) == (2, "name")
    assert path.read_bytes() == b"old"


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
    export_groups(work, io.StringIO(), members=True, on_progress=lambda *step: told.append(step))
    export_customers(work, "A", io.StringIO(), on_progress=lambda *step: told.append(step))
    assert told == [(2, 2), (3, 3), (4, 4), (0, 0)]


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
    assert attrs.astuple(caught.value) == ("out.xls", ("csv", "xlsx", "jsonl"))
    with pytest.raises(InvalidValueError):
        export_groups(work, path, dialect="excel")
    assert path.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


@given(
    values.customers(),
    st.sampled_from(
        [
            ("csv", "exact", io.StringIO),
            ("csv", "exact", io.BytesIO),
            ("csv", "spreadsheet", io.StringIO),
            ("csv", "spreadsheet", io.BytesIO),
            ("jsonl", "exact", io.StringIO),
            ("jsonl", "exact", io.BytesIO),
            ("xlsx", "exact", io.BytesIO),
            ("xlsx", "spreadsheet", io.BytesIO),
        ]
    ),
)
def test_what_is_exported_is_imported(
    customers: list[Customer],
    form: tuple[str, str, type[io.StringIO | io.BytesIO]],
) -> None:
    """In every format and dialect, the same members come back, for every text there is."""
    file_format, dialect, kind = form
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
            format="delimited" if file_format == "csv" else file_format,
            dialect=dialect,
            by_key=True,
        )
        assert report.counts.added == report.values == exported == len(active)
        members = [work.groups.members(code_of(code), limit=1_000).items for code in "AB"]
    assert [m.customer for m in members[0]] == [m.customer for m in members[1]]

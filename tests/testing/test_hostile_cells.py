"""Hostile cells are as bad as they say, and our files carry them unchanged."""

import csv
import io
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.codes import GroupCode
from customer_groups.customers import Customer, CustomerCode, parse_customer_code
from customer_groups.errors import InvalidCustomerCodeError
from customer_groups.exporting import export_customers
from customer_groups.files.delimited_writer import DelimitedWriter
from customer_groups.files.dialects import Dialect, unguarded
from customer_groups.files.json_lines_writer import JsonLinesWriter
from customer_groups.files.writing import Writer, open_table
from customer_groups.importing import import_customers
from customer_groups.model import CustomerGroup
from customer_groups.outcomes import Outcome
from customer_groups.testing.strategies import hostile_cells
from searching_examples import found
from stores import MOMENT, memory_store

VIP = GroupCode("VIP")
SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
FORMS: list[tuple[str, Dialect, Writer]] = [
    *(("delimited", dialect, DelimitedWriter(dialect=dialect)) for dialect in Dialect),
    ("jsonl", Dialect.EXACT, JsonLinesWriter()),
]


def code_or_none(text: str) -> CustomerCode | None:
    """Return the customer code that a text is; None if it cannot be one."""
    try:
        return parse_customer_code(text)
    except InvalidCustomerCodeError:
        return None


@given(hostile_cells())
def test_cells_are_text(cell: str) -> None:
    """They can be encoded, and are short enough to be shown where a test fails."""
    assert cell.encode().decode() == cell
    assert len(cell) <= 1_000


@given(hostile_cells(max_size=3))
def test_cells_keep_to_their_size(cell: str) -> None:
    """No cell is longer than asked for."""
    assert len(cell) <= 3


@pytest.mark.parametrize(
    "condition",
    [
        lambda cell: cell == "=1+1",
        lambda cell: cell == "\t=1+1",
        lambda cell: cell.startswith("＝"),
        lambda cell: "cmd|" in cell,
        lambda cell: cell == "1E5",
        lambda cell: cell == "#REF!",
        lambda cell: cell == "sep=;",
        lambda cell: cell == '"C1',
        lambda cell: cell == "C1\r\nC2",
        lambda cell: "\0" in cell,
        lambda cell: "\u202e" in cell,
        lambda cell: "\x1b" in cell,
        lambda cell: cell == "",
        lambda cell: len(cell) == 1_000,
        lambda cell: ord(max(cell, default="a")) > 0xFFFF and len(cell) < 9,
    ],
    ids=[
        *("formula", "after a tab", "full width", "program", "number", "error", "delimiter"),
        *("quote", "lines", "zero", "direction", "escape", "nothing", "longest", "any script"),
    ],
)
def test_cells_are_hostile(condition: Callable[[str], bool]) -> None:
    """Of each kind, there are some."""
    assert condition(found(hostile_cells(), condition))


@given(st.lists(hostile_cells(), max_size=5), st.sampled_from(FORMS))
def test_cells_come_back_as_they_went(cells: list[str], form: tuple[str, Dialect, Writer]) -> None:
    """Each cell of a file adds the customer that it names, or is a reject as it was written."""
    file_format, dialect, writer = form
    file = io.BytesIO()
    codes = [code_or_none(cell) for cell in cells]
    customers = [Customer(code) for code in dict.fromkeys(codes) if code is not None]
    with open_table(file, ["place", "code"], writer) as write_rows:
        write_rows((f"row {place}", cell) for place, cell in enumerate(cells))
    file.seek(0)
    with memory_store(customers) as store, store.transaction() as work:
        work.groups.add(CustomerGroup(VIP, "VIP", MOMENT))
        report = import_customers(
            work, VIP, file, format=file_format, delimiter=",", dialect=dialect
        )
    assert report.values == len(cells)
    assert report.counts.added == len(customers)
    assert [reject.value for reject in report.rejects] == [
        cell for cell, code in zip(cells, codes, strict=True) if code is None
    ]
    assert {reject.outcome for reject in report.rejects} <= {Outcome.MALFORMED}


@given(st.lists(hostile_cells(), max_size=5), st.sampled_from(Dialect))
def test_names_come_back_as_they_went(names: list[str], dialect: Dialect) -> None:
    """Exported names are read back, and those for spreadsheets begin with no formula."""
    customers = [Customer(f"C{place}", name) for place, name in enumerate(names)]
    file = io.StringIO(newline="")
    with memory_store(customers) as store, store.transaction() as work:
        for code in (VIP, GroupCode("COPY")):
            work.groups.add(CustomerGroup(code, code, MOMENT))
        import_customers(work, VIP, [customer.key for customer in customers])
        export_customers(work, VIP, file, dialect=dialect)
        file.seek(0)
        report = import_customers(
            work, "COPY", file, format="delimited", delimiter=",", dialect=dialect, by_key=True
        )
    assert report.counts.added == len(names)
    file.seek(0)
    written = [row["name"] for row in csv.DictReader(file, strict=True)]
    if dialect is Dialect.SPREADSHEET:
        assert not [cell for cell in written if cell.lstrip().startswith(SIGNS)]
        written = [unguarded(cell) for cell in written]
    assert written == names

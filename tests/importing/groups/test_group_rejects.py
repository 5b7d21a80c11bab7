"""Rows that could not be used are written as they were, and imported again once corrected."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.adapters.memory import InMemoryGroupStore, InMemoryStorage
from customer_groups.customers import Customer
from customer_groups.files.delimited_writer import DelimitedWriter
from customer_groups.files.dialects import Dialect
from customer_groups.files.json_lines_writer import JsonLinesWriter
from customer_groups.files.writing import Writer, open_table
from customer_groups.files.xlsx.writing import XlsxWriter
from customer_groups.importing import GroupsReport, import_groups
from customer_groups.repository import UnitOfWork
from customer_groups.testing.strategies import hostile_cells
from group_files import GroupContents, contents

CUSTOMERS = [Customer("C1"), Customer("=C2"), Customer("Zoë")]

FORMATS: dict[str, tuple[Writer, str, Dialect]] = {
    "exact": (DelimitedWriter(), "delimited", Dialect.EXACT),
    "spreadsheet": (
        DelimitedWriter(dialect=Dialect.SPREADSHEET),
        "delimited",
        Dialect.SPREADSHEET,
    ),
    "xlsx": (XlsxWriter(), "xlsx", Dialect.EXACT),
    "guarded xlsx": (XlsxWriter(dialect=Dialect.SPREADSHEET), "xlsx", Dialect.SPREADSHEET),
    "jsonl": (JsonLinesWriter(), "jsonl", Dialect.EXACT),
}


@pytest.fixture
def work() -> Iterator[UnitOfWork]:
    """Yield an open unit of work on a store without groups."""
    with InMemoryGroupStore(InMemoryStorage(), "t", CUSTOMERS).transaction() as work:
        yield work


def found(report: GroupsReport) -> list[tuple[int, str, str]]:
    """Return lines, values and reasons of the rejects."""
    return [(reject.line, reject.value, reject.reason) for reject in report.rejects]


def test_whole_rows_are_written_and_corrected(work: UnitOfWork, tmp_path: Path) -> None:
    """In the dialect, delimiter and encoding of the file, with all its columns."""
    source, rejects = tmp_path / "groups.csv", tmp_path / "rejects.csv"
    source.write_text(
        "Note;Group;Customer\r\n'=1+1;'-VIP;Zo\xeb\r\nwho?;'-VIP;Zo\xe9\r\nok;'-VIP;'=C2\r\n"
        "why?;;C1\r\n",
        "cp1252",
    )
    options = {"encoding": "cp1252", "dialect": "spreadsheet"}
    report = import_groups(work, source, rejects=rejects, **options)  # type: ignore[arg-type]
    assert found(report) == [(3, "Zo\xe9", "unknown"), (5, "", "no_group")]
    text = rejects.read_bytes().decode("cp1252")
    assert text == (
        "Note;Group;Customer;line;value;outcome;reason;message\r\n"
        "who?;'-VIP;Zo\xe9;3;Zo\xe9;unknown;unknown;no customer has it\r\n"
        "why?;;C1;5;;malformed;no_group;is neither the code nor the name of a group\r\n"
    )
    rejects.write_text(text.replace(";;C1", ";New;C1").replace("\xe9;3", "\xeb;3"), "cp1252")
    report = import_groups(work, rejects, **options)  # type: ignore[arg-type]
    assert report.rejects == ()
    assert contents(work) == {
        "CG-000001": GroupContents("-VIP", members=("=C2", "Zo\xeb")),
        "CG-000002": GroupContents("New", members=("C1",)),
    }


def test_rejects_of_json_lines_are_objects(work: UnitOfWork) -> None:
    """With the fields of all objects; a line that is none is found in its value."""
    rows = [
        '{"group": "A", "customer": 5}',
        "C1, C2",
        '{"group": "A", "attributes": {"x": 1}, "customer": "C1"}',
    ]
    file = io.StringIO()
    import_groups(work, "\n".join(rows), format="jsonl", rejects=file)
    first, second, third = map(json.loads, file.getvalue().splitlines())
    assert first == {
        "group": "A",
        "customer": 5,
        "attributes": None,
        "line": 1,
        "value": "5",
        "outcome": "malformed",
        "reason": "not_text",
        "message": "is not text",
    }
    assert (second["group"], second["value"], second["reason"]) == (None, "C1, C2", "not_json")
    assert (third["attributes"], third["reason"]) == ({"x": 1}, "attributes")


def test_a_row_that_cannot_be_taken_apart_is_not_guessed_at(work: UnitOfWork) -> None:
    """Uncorrected it is rejected again, not imported with its cells in the wrong columns."""
    file = io.StringIO()
    text = "group,customer\nSmith, Sons,C1\n"
    import_groups(work, text, rejects=file)
    (row,) = csv.DictReader(io.StringIO(file.getvalue()))
    assert (row["group"], row["customer"]) == ("", "")
    assert (row["value"], row["reason"]) == ('["Smith", " Sons", "C1"]', "too_many_cells")
    assert found(import_groups(work, file.getvalue())) == [(2, "", "no_group")]


@pytest.mark.parametrize("sheet", [None, 3, "Groups"])
def test_rejects_of_a_sheet_are_on_the_same_sheet(
    work: UnitOfWork, tmp_path: Path, sheet: str | int | None
) -> None:
    """So that the same call reads them."""
    source, rejects = tmp_path / "groups.xlsx", tmp_path / "rejects.xlsx"
    names = ("One", "Two", "Groups") if sheet else ("One",)
    with open_table(source, ("Group", "Customer"), XlsxWriter(sheets=names)) as write_rows:
        write_rows([("VIP", "00123"), ("VIP", "C1")])
    for file, to in ((source, rejects), (rejects, None)):
        report = import_groups(work, file, sheet=sheet, rejects=to)
        assert found(report) == [(2, "00123", "unknown")]


def test_rejects_of_rejects(work: UnitOfWork) -> None:
    """A column that the file has already keeps its name, whoever made it."""
    text = "group,customer,Line,value\nA,N,7,x\n"
    for _ in range(2):
        file = io.StringIO()
        import_groups(work, text, rejects=file)
        text = file.getvalue()
    names = next(csv.reader(io.StringIO(text)))
    assert names[:4] == ["group", "customer", "Line", "value"]
    assert names[4:9] == ["rejected line", "rejected value", "outcome", "reason", "message"]
    assert names[9:11] == ["rejected rejected line", "rejected rejected value"]
    assert len(set(names)) == len(names)


def test_an_unusual_delimiter_is_named_again(work: UnitOfWork) -> None:
    """One that a first line names is replaced by one that is recognised."""
    for text, delimiter, first in [
        ("group#customer\nA#N\n", "#", "group#customer#line"),
        ("sep=#\ngroup#customer\nA#N\n", None, "group,customer,line"),
        ("group\n\x07\n", None, "group,line"),
    ]:
        file = io.StringIO()
        import_groups(work, text, delimiter=delimiter, rejects=file)
        assert file.getvalue().startswith(first)
        assert len(import_groups(work, file.getvalue(), delimiter=delimiter).rejects) == 1


def test_rejects_are_written_even_if_there_are_none(work: UnitOfWork) -> None:
    """Whoever waits for the file gets one."""
    file = io.StringIO()
    import_groups(work, "group\nA\n", rejects=file)
    assert file.getvalue() == "group,line,value,outcome,reason,message\r\n"


GROUPS = st.sampled_from(["", " ", "A", "B", "\x07"]) | hostile_cells(max_size=120)


@pytest.mark.parametrize("format", FORMATS)
@given(rows=st.lists(st.tuples(GROUPS, hostile_cells(max_size=160), hostile_cells(max_size=9))))
def test_uncorrected_rejects_are_rejected_again(
    format: str, rows: list[tuple[str, str, str]]
) -> None:
    """For the same reasons, with the same notes, whatever stands in the cells."""
    writer, reader, dialect = FORMATS[format]
    store = InMemoryGroupStore(InMemoryStorage(), "t")
    file, rejects = io.BytesIO(), io.BytesIO()
    with open_table(file, ("group", "customer", "note"), writer) as write_rows:
        write_rows(rows)
    seen = []
    with store.transaction() as work:
        for source in (file, rejects):
            source.seek(0)
            to = rejects if source is file else None
            report = import_groups(
                work, source, format=reader, dialect=dialect, rejects=to, dry_run=True
            )
            counted = sum(report.customers.by_outcome().values()) + report.rows_refused
            assert report.rows == counted + report.rows_without_customer
            seen.append({(reject.value, reject.reason) for reject in report.rejects})
    assert seen[0] == seen[1]

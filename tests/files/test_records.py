"""Rows become records of named fields, and no row is lost on the way."""

from collections.abc import Sequence

import pytest

from customer_groups.errors import LimitExceededError
from customer_groups.files.cells import BLANK, Row, Single, Unclear
from customer_groups.files.limits import Limits
from customer_groups.files.reading import Findings, Layout
from customer_groups.files.records import Places, Record, RecordReader, RowReader


def places_of_a_and_b(names: Sequence[str]) -> Places:
    """Find the columns a and b."""
    return [names.index(field) if field in names else None for field in ("a", "b")]


def read(
    rows: Sequence[Row], *, most: int = 10, is_fixed_width: bool = True
) -> tuple[list[Record], Findings, list[tuple[object, ...]]]:
    """Return the records of rows, what was found, and what was told of."""
    told: list[tuple[object, ...]] = []
    findings = Findings(lambda *what: told.append(what), is_fixed_width=is_fixed_width)
    reader = RecordReader(places_of_a_and_b)
    records = list(reader.read(iter(rows), Layout(limits=Limits(columns=most)), findings))
    return records, findings, told


def test_a_table_has_its_fields_under_a_header() -> None:
    """Whatever their order; a short row ends early, and blank rows are counted."""
    rows: list[Row] = [
        (1, BLANK),
        (2, ["b", "x", "a"]),
        (4, ["1", "2", "3"]),
        (5, [None, " "]),
        (6, ["4"]),
        (7, ["5", "6", "7", " "]),
    ]
    records, findings, told = read(rows)
    assert records == [
        Record(4, ("3", "1")),
        Record(6, (None, "4")),
        Record(7, ("7", "5")),
    ]
    assert (findings.blank_lines, findings.header_lines, told) == (2, 1, [])


def test_a_row_with_a_surplus_delimiter_is_no_record() -> None:
    """Nobody knows which cells it has moved; in a sheet, notes may stand beside the table."""
    rows: list[Row] = [(1, ["a", "b"]), (2, ["1", "2", Unclear("3", "date", "is a date")])]
    records, findings, told = read(rows)
    assert (records, findings.unreadable) == ([], 1)
    message = "are 3 cells, where the first line has 2"
    assert told == [(2, ["1", "2", "3"], "too_many_cells", message)]
    (record,) = read(rows, is_fixed_width=False)[0]
    assert record.fields == ("1", "2")


def test_objects_name_their_fields() -> None:
    """Each may have others; what one does not have is empty."""
    rows: list[Row] = [
        (1, {"x": "1", "a": "2"}),
        (2, {}),
        (3, {"b": {"c": 1}, "a": "3"}),
        (4, {"b": "4"}),
    ]
    records, findings, _ = read(rows)
    assert records == [
        Record(1, ("2", None)),
        Record(3, ("3", {"c": 1})),
        Record(4, (None, "4")),
    ]
    assert (findings.blank_lines, findings.header_lines) == (1, 0)


def test_full_rows_have_all_columns_known_so_far() -> None:
    """Each object brings its own; a table has those of its header."""
    reader = RowReader()
    rows: list[Row] = [(1, {"x": "1"}), (2, {}), (3, {"a": "2", "x": None})]
    assert list(reader.read(iter(rows), Layout(), Findings())) == [(1, ["1"]), (3, [None, "2"])]
    assert (reader.names, reader.are_objects) == (["x", "a"], True)
    table = RowReader()
    assert list(table.read(iter([(1, ["a"]), (2, ["1"])]), Layout(), Findings())) == [(2, ["1"])]
    assert (table.names, table.are_objects) == (["a"], False)


def test_fields_are_looked_for_once_per_header() -> None:
    """Also where no row follows; without a header there is nothing to be found."""
    asked: list[tuple[str, ...]] = []

    def places(names: Sequence[str]) -> Places:
        asked.append(tuple(names))
        return [0]

    for rows in ([(1, ["a"])], [(1, ["a"]), (2, ["1"]), (3, ["2"])], [(1, BLANK)]):
        list(RecordReader(places).read(iter(rows), Layout(), Findings()))
    assert asked == [("a",), ("a",)]


def test_what_stands_alone_is_no_record() -> None:
    """It is told of as the file has it."""
    damaged = Unclear("{", "not_json", "is not JSON")
    rows: list[Row] = [(1, {"a": "1"}), (2, Single(damaged)), (3, Single("C1"))]
    records, findings, told = read(rows)
    assert (len(records), findings.unreadable) == (1, 2)
    assert told == [
        (2, "{", "not_json", "is not JSON"),
        (3, "C1", "no_column", "stands alone, without columns"),
    ]


@pytest.mark.parametrize(
    "rows", [[(1, ["a", "b", "c"])], [(1, {"a": "1", "b": "1"}), (2, {"c": "1"})]]
)
def test_columns_are_limited(rows: list[Row]) -> None:
    """Objects must not bring ever new ones either."""
    assert read(rows, most=3)
    with pytest.raises(LimitExceededError):
        read(rows, most=2)

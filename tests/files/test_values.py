"""The values in the column of customers, whatever the rows come from."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Final

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.errors import ColumnNotFoundError, HeaderNotFoundError, LimitExceededError
from customer_groups.files.cells import BLANK, Cells, Row, Single, Unclear
from customer_groups.files.limits import Limits
from customer_groups.files.reading import Findings, Layout, Reader
from customer_groups.files.sources import Stream
from customer_groups.text import trim
from lists import EXACT, Listed, values_in

DATE = Unclear("46057", "date", "is a date")


@attrs.frozen
class Rows:
    """A reader that has the rows already, on one line each."""

    cells: tuple[Cells, ...]
    name: Final = "rows"
    is_fixed_width: ClassVar = False

    def rows(self, _stream: Stream, _layout: Layout, findings: Findings) -> Iterator[Row]:
        """Yield them."""
        findings.is_fixed_width = self.is_fixed_width
        yield from enumerate(self.cells, 1)


class FixedRows(Rows):
    """One whose rows have as many cells as the first one, or cannot be trusted."""

    is_fixed_width: ClassVar = True


def read(*cells: Cells, layout: Layout = EXACT) -> Listed:
    """Return the values of rows."""
    return values_in(Rows(cells), "", layout)


def test_values_stand_in_the_column_of_customers() -> None:
    """Its name is told and is no value; blank rows are counted wherever they are."""
    listed = read(BLANK, ["Name", "Code"], ["Anna", "C1"], [None, " "], ["Bert", " C2 "])
    assert listed.values == [(3, "C1"), (5, " C2 ")]
    findings = listed.findings
    assert (findings.column, findings.header_lines, findings.blank_lines) == ("Code", 1, 2)


def test_without_a_header_the_first_row_has_a_value() -> None:
    """And the column has a position."""
    listed = read(["Anna", "C1"], ["Bert", "C2"], layout=Layout(column=2))
    assert listed.values == [(1, "C1"), (2, "C2")]
    assert (listed.findings.column, listed.findings.header_lines) == (2, 0)


@pytest.mark.parametrize("missing", [["Anna"], ["Anna", None], ["Anna", ""]])
def test_a_row_without_value_is_not_blank(missing: list[object]) -> None:
    """Somebody is meant, so it must not get lost: it is found malformed later."""
    listed = read(["Name", "Code"], missing)
    assert listed.values == [(2, "")]


def test_what_is_not_text_is_passed_on_or_told() -> None:
    """A number is found malformed later; what cannot be known has its reason."""
    listed = read(["Code"], [5], [DATE], [0], ["C1"])
    assert listed.values == [(2, 5), (4, 0), (5, "C1")]
    assert listed.unreadable == [(3, "46057", "date", "is a date")]
    assert listed.findings.unreadable == 1


def test_a_surplus_cell_is_told_where_rows_have_a_fixed_width() -> None:
    """There it may have moved the others; in a sheet it is a note beside the table."""
    cells = (["Code", "Name"], ["C1", "Anna", "", None], ["C2", "Bert", "x"], [None, "", "x"])
    fixed = values_in(FixedRows(cells), "")
    message = "stands among 3 cells, where the first line has 2"
    assert fixed.values == [(2, "C1")]
    assert fixed.unreadable == [
        (3, "C2", "too_many_cells", message),
        (4, "", "too_many_cells", message),
    ]
    loose = read(*cells)
    assert loose.values == [(2, "C1"), (3, "C2"), (4, "")]
    assert loose.unreadable == []


UNDER_A_TITLE: tuple[Cells, ...] = (
    ["Key accounts 2026"],
    BLANK,
    ["Pos", "Customer code", "Name"],
    ["1", "C1", "Anna"],
    ["2", "C2", "Bert"],
)


@pytest.mark.parametrize("header", [None, True, False, 1])
def test_the_column_of_a_title_is_not_that_of_the_customers(header: bool | None) -> None:  # noqa: FBT001 - a parameter
    """It is the only one in its row, so the numbers beside the codes would be imported."""
    with pytest.raises(HeaderNotFoundError) as caught:
        read(*UNDER_A_TITLE, layout=Layout(header=header))
    assert str(caught.value) == (
        "line 1 seems to be a title, as line 3 has more columns;"
        " if so, name the line of the header, else the column"
    )


def test_the_line_of_the_header_can_be_named() -> None:
    """What stands above it has no values."""
    listed = read(*UNDER_A_TITLE, layout=Layout(header=3))
    assert listed.values == [(4, "C1"), (5, "C2")]
    findings = listed.findings
    assert (findings.column, findings.header_lines, findings.blank_lines) == (
        "Customer code",
        2,
        1,
    )
    assert read(*UNDER_A_TITLE, layout=Layout(header=3, column=3)).values[0] == (4, "Anna")


def test_notes_beside_the_only_column_are_passed_over_where_it_is_named() -> None:
    """Then its first row is no title."""
    cells = (["C1"], ["C2", "a note"])
    assert read(*cells, layout=Layout(column=1)).values == [(1, "C1"), (2, "C2")]


@pytest.mark.parametrize("line", [2, 6])
def test_a_header_must_stand_in_its_line(line: int) -> None:
    """Otherwise the whole list would be taken for what stands above it."""
    with pytest.raises(HeaderNotFoundError) as caught:
        read(*UNDER_A_TITLE, layout=Layout(header=line))
    message = "has no names of columns; name the line of the header"
    assert attrs.astuple(caught.value) == (line, message)
    assert str(caught.value) == f"line {line} {message}"


def test_where_nothing_has_columns_there_is_no_line_of_a_header() -> None:
    """The line is not looked for."""
    assert read(Single("C1"), layout=Layout(header=3)).values == [(1, "C1")]
    assert read({"code": "C1"}, layout=Layout(header=3)).values == [(1, "C1")]


def test_no_row_may_have_more_cells_than_columns_are_allowed() -> None:
    """In the first one it is an error, later an outcome."""
    layout = Layout(limits=Limits(columns=2))
    with pytest.raises(LimitExceededError) as caught:
        read(["Code", "a", "b"], layout=layout)
    assert attrs.astuple(caught.value) == ("columns", 2)
    listed = read(["Code", "a"], ["C1", "a", "b"], layout=layout)
    assert [what[2] for what in listed.unreadable] == ["too_many_cells"]


def test_rows_with_names_have_the_column_that_the_first_one_tells() -> None:
    """Others may have it at another place, or not at all."""
    rows = (BLANK, {"name": "x", "code": "C1"}, Single("C2"), BLANK, {"code": "C3"})
    listed = read(*rows, {"code": DATE}, {"code": None}, {"Code": "C4"})
    assert listed.values == [(2, "C1"), (3, "C2"), (5, "C3"), (7, None)]
    assert listed.unreadable == [
        (6, "46057", "date", "is a date"),
        (8, {"Code": "C4"}, "no_column", "has no field 'code'"),
    ]
    assert (listed.findings.column, listed.findings.blank_lines) == ("code", 2)


def test_a_long_name_is_cut_where_it_is_told() -> None:
    """It may be told for every line."""
    listed = read({"x" * 5_000: "C1"}, {})
    (told,) = listed.unreadable
    assert told == (2, {}, "no_column", f"has no field '{'x' * 60}'")


def test_fields_have_no_position() -> None:
    """The error lists their names."""
    with pytest.raises(ColumnNotFoundError) as caught:
        read({"code": "C1"}, layout=Layout(column=1))
    assert attrs.astuple(caught.value) == (1, ("code",))


CELLS = st.none() | st.text(" \tC1\x1c") | st.integers(0, 2) | st.just(DATE)


@given(st.lists(st.lists(CELLS, max_size=4)), st.integers(1, 3), st.sampled_from([Rows, FixedRows]))
def test_every_row_is_a_value_told_or_counted(
    rows: list[list[Any]], column: int, reader: Callable[[tuple[Cells, ...]], Reader]
) -> None:
    """Nothing is lost, and nothing comes twice."""
    header = ["", "", ""]
    header[column - 1] = "code"
    listed = values_in(reader((header, *rows)), "", Layout(column=column))
    lines = [line for line, _ in listed.values] + [what[0] for what in listed.unreadable]
    blank = [row for row in rows if not any(filled(cell) for cell in row)]
    assert len(set(lines)) == len(lines) == len(rows) - len(blank)
    assert listed.findings.blank_lines == len(blank)
    assert listed.findings.unreadable == len(listed.unreadable)
    assert all(value == cell_at(rows[line - 2], column) for line, value in listed.values)


def filled(cell: object) -> bool:
    """Return whether there is something in a cell."""
    return cell is not None and (not isinstance(cell, str) or trim(cell) != "")


def cell_at(row: list[Any], column: int) -> Any:  # noqa: ANN401
    """Return what stands at a position of a row; empty text, where nothing does."""
    cell = row[column - 1] if column <= len(row) else None
    return "" if cell is None else cell

"""What other programs write is what we read."""

import io
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customer_groups.errors import ImportFileError
from customer_groups.files.cells import Unclear
from customer_groups.files.limits import Limits
from files.xlsx.workbooks import archive, book, inline, parts, read, strings, styles

LARGEST = 2**53

# What XML can hold. openpyxl turns CR into LF, and writes escapes as they are.
TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
    | st.sampled_from("\t\n")
).filter(lambda text: "_x" not in text)
NUMBERS = st.integers(-LARGEST, LARGEST)
TABLES = st.lists(st.lists(TEXTS | NUMBERS | st.none(), max_size=4), max_size=6)
PROFILE = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def expected(table: Sequence[Sequence[str | int | None]]) -> list[list[object]]:
    """Return a table as it is read, without rows that are empty and what is so at their ends."""
    rows: list[list[object]] = []
    for values in table:
        row: list[object] = [value if value is None else str(value) for value in values]
        while row and row[-1] is None:
            row.pop()
        rows.append(row)
    return [row for row in rows if row]


def filled(data: bytes) -> list[list[object]]:
    """Return the rows that have values."""
    rows = [cells for _, cells in read(data)]
    for cells in rows:
        while cells and cells[-1] is None:
            cells.pop()
    return [cells for cells in rows if cells]


@PROFILE
@given(TABLES)
def test_what_openpyxl_writes(table: list[list[str | int | None]]) -> None:
    """Shared strings; numbers as numbers."""
    openpyxl = pytest.importorskip("openpyxl")
    made: Any = openpyxl.Workbook()
    for line, values in enumerate(table, 1):
        for column, value in enumerate(values, 1):
            cell = made.active.cell(line, column, value)
            if isinstance(value, str):
                cell.data_type = "s"
    file = io.BytesIO()
    made.save(file)
    assert filled(file.getvalue()) == expected(table)


@PROFILE
@given(table=TABLES, inline_texts=st.booleans())
def test_what_xlsxwriter_writes(table: list[list[str | int | None]], *, inline_texts: bool) -> None:
    """Shared strings, or texts in the cells; numbers as numbers."""
    xlsxwriter = pytest.importorskip("xlsxwriter")
    file = io.BytesIO()
    options = {"in_memory": True, "constant_memory": inline_texts}
    with xlsxwriter.Workbook(file, options) as made:
        sheet = made.add_worksheet()
        for line, values in enumerate(table):
            for column, value in enumerate(values):
                if isinstance(value, str):
                    sheet.write_string(line, column, value)
                elif value is not None:
                    sheet.write_number(line, column, value)
    assert filled(file.getvalue()) == expected(table)


SOUND = archive(
    parts(
        f'<row r="1">{inline("A1", "code")}<c r="B1" s="1"><v>7</v></c></row>'
        '<row r="2"><c r="A2" t="s"><v>0</v></c></row>',
        strings=strings("<t>C1</t>"),
        styles=styles("000"),
    ),
    method=0,
)


def read_or_refuse(data: bytes) -> None:
    """Read a workbook; only our own errors may leave."""
    with suppress(ImportFileError):
        for _, cells in read(data, limits=Limits(inflated_bytes=1_000_000)):
            assert all(cell is None or isinstance(cell, str | Unclear) for cell in cells)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, len(SOUND) - 1), st.integers(0, 255)), min_size=1, max_size=5)
)
def test_damaged_bytes_are_refused_or_read(changes: list[tuple[int, int]]) -> None:
    """Wherever they are: in the directory, in a checksum, in the XML."""
    data = bytearray(SOUND)
    for place, value in changes:
        data[place] = value
    read_or_refuse(bytes(data))


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(SOUND)), st.integers(0, len(SOUND)), st.binary(max_size=20))
def test_pieces_taken_out_or_put_in(start: int, length: int, put_in: bytes) -> None:
    """An archive that lost a part of itself is refused."""
    read_or_refuse(SOUND[:start] + put_in + SOUND[start + length :])


WORDS = st.sampled_from(
    [
        *("<row>", "</row>", '<row r="1">', '<row r="2"/>', "<c>", '<c r="A1" t="s">'),
        *("</c>", '<c r="B2">', '<c t="n" s="1">', "<v>", "</v>", "<is>", "</is>", "<t>", "</t>"),
        *("<f>", "</f>", "<r>", "</r>", "0", "1E5", "x", "&amp;", "&x;", "\n"),
        *("<![CDATA[", "]]>", "<!--", "-->"),
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(WORDS, max_size=25).map("".join))
def test_any_words_in_a_sheet(rows: str) -> None:
    """Elements that are in the wrong order, in each other, or not closed."""
    read_or_refuse(book(rows, strings=strings("<t>C1</t>")))


@given(st.binary(max_size=200))
def test_any_bytes_are_refused(data: bytes) -> None:
    """Bytes at random are no workbook."""
    with pytest.raises(ImportFileError):
        read(data)

"""What we read of a damaged sheet is what openpyxl reads of it; else we refuse it."""

import io

import openpyxl
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.errors import ImportFileError
from customer_groups.files.cells import Unclear
from customer_groups.files.limits import Limits
from files.xlsx.workbooks import (
    SPREADSHEET,
    STRICT_SPREADSHEET,
    archive,
    parts,
    read,
    relationship,
    relationships,
    strings,
    worksheet,
)

SMALL = Limits(rows=100, columns=30, cells=1_000)

SHEET = worksheet(
    '<row r="1" spans="1:3"><c r="A1" t="s"><v>1</v></c>'
    '<c r="B1" t="inlineStr"><is><t>in</t></is></c>'
    '<c r="C1" t="str"><f>A1</f><v>of</v></c></row><row r="2"/>'
    '<row r="4"><c r="A4"><v>4711</v></c><c r="C4" t="n"><v>12</v></c></row>'
    '<row><c t="s"><v>0</v></c><c r="B5" t="b"><v>1</v></c></row>'
)
TEXTS = strings("<t>C1</t>", "<r><t>C</t></r><r><t>2</t></r>", "<t>C3</t>")

PIECES = [
    *("<row>", "</row>", '<row r="3">', '<row r="6"/>', "<c>", "</c>", '<c r="B7">', "<v>", "</v>"),
    *("<v>7</v>", "<is><t>x</t></is>", "<f>1</f>", "<t>y</t>", "<si><t>z</t></si>", "<r>", "</r>"),
    *("<sheetData>", "</sheetData>", "<x>", "</x>", "<extLst>", "</extLst>", "<!--", "-->"),
    *(' t="s"', ' t="inlineStr"', ' t="str"', ' t=""', ' r="A1"', ' r=""', ' r="5"', ""),
    *(f' xmlns="{STRICT_SPREADSHEET}"', ' xmlns="urn:x"', f' xmlns="{SPREADSHEET}"', ' xmlns=""'),
    *("<![CDATA[1]]>", "&#50;", "&amp;", " ", "\n", "0", "3", "-", "\u0661", "<", ">", '"'),
]


_CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml"
RELATED = relationships(
    relationship("s1", "worksheet", "worksheets/sheet1.xml"),
    relationship("t", "sharedStrings", "sharedStrings.xml"),
)
CONTENT_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="x"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_CONTENT}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_CONTENT}.worksheet+xml"/>'
    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_CONTENT}.sharedStrings+xml"/>'
    "</Types>"
)


def workbook_of(sheet: str, texts: str) -> bytes:
    """Return a workbook with this sheet and these shared strings."""
    return archive(
        {
            "[Content_Types].xml": CONTENT_TYPES,
            **parts(sheet=sheet, strings=texts, styles=None, related=RELATED),
        }
    )


def damaged(part: str) -> st.SearchStrategy[str]:
    """Return a strategy for a part in which pieces are gone, or other ones have come."""
    place = st.integers(0, len(part))
    change = st.tuples(place, st.integers(0, 20), st.sampled_from(["", *PIECES]))

    def changed(changes: list[tuple[int, int, str]]) -> str:
        found = part
        for start, length, piece in changes:
            found = found[:start] + piece + found[start + length :]
        return found

    return st.lists(change, max_size=3).map(changed)


def openpyxl_reads(data: bytes) -> dict[tuple[int, int], str]:
    """Return what openpyxl finds in the cells that are not empty, as text."""
    sheet = openpyxl.load_workbook(io.BytesIO(data), data_only=True).worksheets[0]
    return {
        (cell.row, cell.column): str(cell.value)
        for row in sheet.iter_rows()
        for cell in row
        if cell.value not in (None, "")
    }


def we_read(data: bytes) -> dict[tuple[int, int], object]:
    """Return what we find in the cells that are not empty."""
    return {
        (line, column): cell
        for line, cells in read(data, limits=SMALL)
        for column, cell in enumerate(cells, 1)
        if cell
    }


@given(damaged(SHEET), damaged(TEXTS))
def test_damage_is_read_alike_or_refused(sheet: str, texts: str) -> None:
    """A cell that we are sure of is the same to both; openpyxl may refuse what we read."""
    data = workbook_of(sheet, texts)
    try:
        ours = we_read(data)
        theirs = openpyxl_reads(data)
    except (ImportFileError, ValueError):
        return
    unclear = {place for place, cell in ours.items() if isinstance(cell, Unclear)}
    for place in {*ours, *theirs} - unclear:
        assert ours.get(place) == theirs.get(place)

"""What an XLSX file has beside the rows: what is in it, its styles, how a sheet begins."""

from collections.abc import Iterator, Sequence

from customer_groups.files.xlsx.escapes import in_attribute

__all__ = [
    "HEADER_STYLE",
    "SHEET_END",
    "TEXT_STYLE",
    "parts_around",
    "sheet_beginning",
    "sheet_path",
]

TEXT_STYLE = 1
"""The style of text that stays text when somebody edits it."""
HEADER_STYLE = 2

_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml"

# The fills 0 and 1 are Excel's own, whatever stands there; 49 is its number format "text".
_STYLES = f"""{_DECLARATION}<styleSheet xmlns="{_SPREADSHEET}">
<fonts count="2">
<font><sz val="11"/><name val="Calibri"/></font>
<font><b/><sz val="11"/><name val="Calibri"/></font>
</fonts>
<fills count="3">
<fill><patternFill patternType="none"/></fill>
<fill><patternFill patternType="gray125"/></fill>
<fill><patternFill patternType="solid"><fgColor rgb="FFD9E1F2"/></patternFill></fill>
</fills>
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>
<cellXfs count="3">
<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>
<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>
<xf numFmtId="49" fontId="1" fillId="2" borderId="0" xfId="0"
 applyNumberFormat="1" applyFont="1" applyFill="1"/>
</cellXfs>
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>
</styleSheet>"""

_PACKAGE_RELATIONSHIPS = f"""{_DECLARATION}<Relationships xmlns="{_PACKAGE}/relationships">
<Relationship Id="rId1" Type="{_DOCUMENT}/officeDocument" Target="xl/workbook.xml"/>
</Relationships>"""

_EMPTY_SHEET = f'{_DECLARATION}<worksheet xmlns="{_SPREADSHEET}"><sheetData/></worksheet>'

_FROZEN_HEADER = (
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    '<selection pane="bottomLeft"/>'
)

SHEET_END = "</sheetData></worksheet>"


def sheet_path(number: int) -> str:
    """Return where in the file the sheet with this number stands, from 1."""
    return f"xl/worksheets/sheet{number}.xml"


def parts_around(sheets: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield path and content of every part of a file but the last sheet; the others are empty.

    Args:
        sheets: The names of the sheets.
    """
    numbers = range(1, len(sheets) + 1)
    yield "[Content_Types].xml", _content_types(numbers)
    yield "_rels/.rels", _PACKAGE_RELATIONSHIPS
    yield "xl/workbook.xml", _workbook(sheets)
    yield "xl/_rels/workbook.xml.rels", _workbook_relationships(numbers)
    yield "xl/styles.xml", _STYLES
    for number in numbers[:-1]:
        yield sheet_path(number), _EMPTY_SHEET


def _content_types(numbers: Sequence[int]) -> str:
    sheets = "".join(
        f'<Override PartName="/{sheet_path(number)}" ContentType="{_CONTENT}.worksheet+xml"/>\n'
        for number in numbers
    )
    return f"""{_DECLARATION}<Types xmlns="{_PACKAGE}/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/xl/workbook.xml" ContentType="{_CONTENT}.sheet.main+xml"/>
<Override PartName="/xl/styles.xml" ContentType="{_CONTENT}.styles+xml"/>
{sheets}</Types>"""


def _workbook(sheets: Sequence[str]) -> str:
    listed = "".join(
        f'<sheet name="{in_attribute(name)}" sheetId="{number}" r:id="rId{number}"/>\n'
        for number, name in enumerate(sheets, 1)
    )
    return f"""{_DECLARATION}<workbook xmlns="{_SPREADSHEET}" xmlns:r="{_DOCUMENT}">
<bookViews><workbookView activeTab="{len(sheets) - 1}"/></bookViews>
<sheets>
{listed}</sheets>
</workbook>"""


def _workbook_relationships(numbers: Sequence[int]) -> str:
    sheets = "".join(
        f'<Relationship Id="rId{number}" Type="{_DOCUMENT}/worksheet"'
        f' Target="/{sheet_path(number)}"/>\n'
        for number in numbers
    )
    return f"""{_DECLARATION}<Relationships xmlns="{_PACKAGE}/relationships">
{sheets}<Relationship Id="styles" Type="{_DOCUMENT}/styles" Target="/xl/styles.xml"/>
</Relationships>"""


def sheet_beginning(widths: Sequence[int], *, header: bool) -> str:
    """Return what stands in a sheet before its rows.

    Args:
        widths: The widths of the columns, in characters.
        header: Whether the first row stays in sight.
    """
    columns = "".join(
        f'<col min="{number}" max="{number}" width="{width}" style="{TEXT_STYLE}" customWidth="1"/>'
        for number, width in enumerate(widths, 1)
    )
    return (
        f'{_DECLARATION}<worksheet xmlns="{_SPREADSHEET}">'
        f'<sheetViews><sheetView tabSelected="1" workbookViewId="0">'
        f"{_FROZEN_HEADER if header else ''}</sheetView></sheetViews>"
        f"<cols>{columns}</cols><sheetData>"
    )

"""Workbooks made by hand, sound and broken ones."""

import io
import struct
import zipfile
from collections.abc import Iterable, Mapping

from customer_groups.files.cells import Row
from customer_groups.files.limits import DEFAULT_LIMITS, Limits
from customer_groups.files.xlsx.number_formats import GENERAL
from customer_groups.files.xlsx.numbers import Numbers
from customer_groups.files.xlsx.reading import read_sheet
from customer_groups.files.xlsx.sheet import read_rows as read_sheet_rows
from customer_groups.files.xlsx.strings import SharedStrings
from customer_groups.files.xlsx.values import Values

SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT_SPREADSHEET = "http://purl.oclc.org/ooxml/spreadsheetml/main"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"

SHEET_PART = "xl/worksheets/sheet1.xml"
STRINGS_PART = "xl/sharedStrings.xml"
STYLES_PART = "xl/styles.xml"
WORKBOOK_PART = "xl/workbook.xml"
WORKBOOK_RELATIONSHIPS = "xl/_rels/workbook.xml.rels"

NO_STRINGS = f'<sst xmlns="{SPREADSHEET}"/>'

Parts = dict[str, str | bytes]


def worksheet(rows: str, *, namespace: str = SPREADSHEET) -> str:
    """Return a sheet, given the XML of its rows."""
    return f'<worksheet xmlns="{namespace}"><sheetData>{rows}</sheetData></worksheet>'


def strings(*texts: str) -> str:
    """Return shared strings, given the XML inside each."""
    items = "".join(f"<si>{text}</si>" for text in texts)
    return f'<sst xmlns="{SPREADSHEET}">{items}</sst>'


def styles(*codes: str) -> str:
    """Return styles: one without a number format, and one for each code."""
    formats = "".join(
        f'<numFmt numFmtId="{number}" formatCode="{code}"/>'
        for number, code in enumerate(codes, 164)
    )
    used = "".join(f'<xf numFmtId="{number}"/>' for number in [0, *range(164, 164 + len(codes))])
    return (
        f'<styleSheet xmlns="{SPREADSHEET}"><numFmts>{formats}</numFmts>'
        f"<cellXfs>{used}</cellXfs></styleSheet>"
    )


def relationship(identifier: str, kind: str, target: str, mode: str = "Internal") -> str:
    """Return one relationship."""
    return (
        f'<Relationship Id="{identifier}" Type="{DOCUMENT}/{kind}" Target="{target}"'
        f' TargetMode="{mode}"/>'
    )


def relationships(*inside: str) -> str:
    """Return the relationships of a part."""
    return f'<Relationships xmlns="{PACKAGE}">{"".join(inside)}</Relationships>'


def workbook_xml(*sheets: str, settings: str = "") -> str:
    """Return a workbook, given the attributes of its sheets beside their identifiers."""
    listed = "".join(
        f'<sheet sheetId="{number}" r:id="s{number}" {sheet}/>'
        for number, sheet in enumerate(sheets, 1)
    )
    return (
        f'<workbook xmlns="{SPREADSHEET}" xmlns:r="{DOCUMENT}">{settings}'
        f"<sheets>{listed}</sheets></workbook>"
    )


def parts(rows: str = "", /, **others: str | bytes | None) -> Parts:
    """Return the parts of a workbook with one sheet.

    Args:
        rows: The XML of its rows.
        **others: What other parts hold: ``sheet``, ``strings``, ``styles``, ``workbook``,
            ``related``; None to leave a part out.
    """
    found: dict[str, str | bytes | None] = {
        "_rels/.rels": relationships(relationship("w", "officeDocument", "xl/workbook.xml")),
        WORKBOOK_PART: others.get("workbook", workbook_xml('name="Codes"')),
        WORKBOOK_RELATIONSHIPS: others.get(
            "related",
            relationships(
                relationship("s1", "worksheet", "worksheets/sheet1.xml"),
                relationship("t", "sharedStrings", "/xl/sharedStrings.xml"),
                relationship("f", "styles", "styles.xml"),
            ),
        ),
        SHEET_PART: others.get("sheet", worksheet(rows)),
        STRINGS_PART: others.get("strings", strings()),
        STYLES_PART: others.get("styles", styles()),
    }
    return {name: content for name, content in found.items() if content is not None}


def archive(content: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return an archive of parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as made:
        for name, text in content.items():
            made.writestr(zipfile.ZipInfo(name), text, method)
    return file.getvalue()


def directory(data: bytes | bytearray) -> tuple[int, int]:
    """Return where the directory of an archive begins and ends."""
    end = data.rindex(b"PK\5\6")
    return struct.unpack_from("<L", data, end + 16)[0], end


def with_large_end(data: bytes, begin: int, size: int) -> bytes:
    """Return an archive with another end, that of large ones.

    Args:
        data: The archive.
        begin: Where the other end says that the directory begins.
        size: How long that says that it is.
    """
    _, place = directory(data)
    (count,) = struct.unpack_from("<H", data, place + 10)
    end = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, begin)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, place, 1)
    return data[:place] + end + locator + data[place:]


def book(rows: str = "", /, **others: str | bytes | None) -> bytes:
    """Return the bytes of a workbook with one sheet; see `parts`."""
    return archive(parts(rows, **others))


def read(
    data: bytes, sheet: str | int | None = None, limits: Limits = DEFAULT_LIMITS
) -> list[tuple[int, list[object]]]:
    """Return the rows of a sheet."""
    _, rows = read_sheet(io.BytesIO(data), sheet=sheet, limits=limits)
    return in_lists(rows)


def in_lists(rows: Iterable[Row]) -> list[tuple[int, list[object]]]:
    """Return rows as they compare best."""
    return [(line, cells) for line, cells in rows if isinstance(cells, list)]


def read_rows(
    rows: str,
    limits: Limits = DEFAULT_LIMITS,
    *,
    texts: str = NO_STRINGS,
    cut: bool = False,
) -> list[tuple[int, list[object]]]:
    """Return the rows of a sheet, given their XML.

    Args:
        rows: What stands in the sheet.
        limits: How much there may be.
        texts: The part with the shared strings.
        cut: Whether the rows come in a piece of their own, and so are read without a parser
            where their form is plain.
    """
    sheet = worksheet(rows).encode()
    start = sheet.index(b"<sheetData>") + len(b"<sheetData>")
    return read_pieces([sheet[:start], sheet[start:]] if cut else [sheet], limits, texts=texts)


def read_pieces(
    pieces: Iterable[bytes], limits: Limits = DEFAULT_LIMITS, *, texts: str = NO_STRINGS
) -> list[tuple[int, list[object]]]:
    """Return the rows of a sheet, given the pieces of its part."""
    shared = SharedStrings(limits)
    shared.read([texts.encode()])
    return in_lists(read_sheet_rows(pieces, Values(shared, Numbers([GENERAL])), limits))


def inline(place: str, text: str) -> str:
    """Return a cell with a text."""
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'

"""Which sheets there are, and which one is read."""

import io
import zipfile

import attrs
import pytest

from customer_groups.errors import (
    ImportFileError,
    LimitExceededError,
    SheetNotFoundError,
    UnreadableWorkbookError,
)
from customer_groups.files.cells import Unclear
from customer_groups.files.limits import DEFAULT_LIMITS, Limits
from customer_groups.files.reading import Findings, Layout
from customer_groups.files.sources import open_stream
from customer_groups.files.xlsx.reading import XlsxReader, read_sheet
from files.xlsx.workbooks import (
    DOCUMENT,
    SPREADSHEET,
    Parts,
    archive,
    book,
    inline,
    parts,
    read,
    relationship,
    relationships,
    styles,
    workbook_xml,
    worksheet,
)

SHEETS = [
    ('name="Chart"', "chartsheet"),
    ('name="Notes" state="hidden"', "worksheet"),
    ('name="Codes"', "worksheet"),
    ('name="Secret" state="veryHidden"', "worksheet"),
    ('name="More" state="visible"', "worksheet"),
]


def many_sheets(sheets: list[tuple[str, str]]) -> bytes:
    """Return a workbook in which the text of each sheet is its number."""
    related = [
        relationship(f"s{number}", kind, f"sheets/{number}.xml")
        for number, (_, kind) in enumerate(sheets, 1)
    ]
    content = parts(
        workbook=workbook_xml(*(attributes for attributes, _ in sheets)),
        related=relationships(*related),
        sheet=None,
        strings=None,
        styles=None,
    )
    for number in range(1, len(sheets) + 1):
        content[f"xl/sheets/{number}.xml"] = worksheet(
            f'<row r="1">{inline("A1", f"{number}")}</row>'
        )
    return archive(content)


@pytest.mark.parametrize(
    ("sheet", "name", "text"),
    [
        (None, "Codes", "3"),
        (1, "Codes", "3"),
        (2, "More", "5"),
        ("Codes", "Codes", "3"),
        ("Notes", "Notes", "2"),
    ],
)
def test_a_sheet_has_a_name_and_a_position(sheet: str | int | None, name: str, text: str) -> None:
    """Positions are those of the tabs that can be seen; a hidden sheet can be named."""
    found, rows = read_sheet(io.BytesIO(many_sheets(SHEETS)), sheet=sheet, limits=DEFAULT_LIMITS)
    assert (found, list(rows)) == (name, [(1, [text])])


@pytest.mark.parametrize("sheet", [3, "codes", "Chart", "Secret", ""])
def test_a_sheet_that_is_not_there_is_an_error(sheet: str | int) -> None:
    """The error lists those that can be read."""
    with pytest.raises(SheetNotFoundError) as caught:
        read(many_sheets(SHEETS), sheet)
    assert attrs.astuple(caught.value) == (sheet, ("Notes", "Codes", "More"))
    assert "'Notes', 'Codes', 'More'" in str(caught.value)


@pytest.mark.parametrize(
    ("sheets", "message"),
    [
        (SHEETS[:2], "all sheets are hidden; name one of: 'Notes'"),
        (SHEETS[:1], "there is no sheet with cells in this workbook; check the file"),
        ([], "there is no sheet with cells in this workbook; check the file"),
    ],
)
def test_a_workbook_without_a_sheet_that_can_be_seen(
    sheets: list[tuple[str, str]], message: str
) -> None:
    """Nothing is read that nobody could have looked at."""
    with pytest.raises(SheetNotFoundError) as caught:
        read(many_sheets(sheets))
    assert str(caught.value) == message


def test_many_sheets_are_not_all_listed() -> None:
    """The message stays short."""
    sheets = [(f'name="{number}"', "worksheet") for number in range(12)]
    with pytest.raises(SheetNotFoundError, match=r"'9', \.\.\.$"):
        read(many_sheets(sheets), "x")


def test_sheets_have_a_limit() -> None:
    """Hidden ones count."""
    assert read(many_sheets(SHEETS), limits=Limits(sheets=5))
    with pytest.raises(LimitExceededError, match="sheets"):
        read(many_sheets(SHEETS), limits=Limits(sheets=4))


def without(name: str) -> Parts:
    """Return a workbook without one of its parts."""
    content = parts()
    del content[name]
    return content


def changed(**content: str | bytes | None) -> Parts:
    """Return a workbook with other parts."""
    return parts(**content)


def package_of(target: str, **content: str) -> Parts:
    """Return a file that says that its document is elsewhere."""
    related = relationships(relationship("w", "officeDocument", target))
    return {**parts(), "_rels/.rels": related, **content}


EXTERNAL_SHEET = relationships(relationship("s1", "worksheet", "worksheets/sheet1.xml", "External"))
EXTERNAL_STRINGS = relationships(
    relationship("s1", "worksheet", "worksheets/sheet1.xml"),
    relationship("t", "sharedStrings", "https://example.com/strings.xml", "External"),
)
TOO_MANY_STYLES = styles().replace("<cellXfs>", "<cellXfs>" + "<xf/>" * 65_536)
NO_IDENTIFIER = f'<workbook xmlns="{SPREADSHEET}"><sheets><sheet name="x"/></sheets></workbook>'


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (without("_rels/.rels"), "its part '_rels/.rels' is missing"),
        (without("xl/workbook.xml"), "its part 'xl/workbook.xml' is missing"),
        (without("xl/worksheets/sheet1.xml"), "its part 'xl/worksheets/sheet1.xml' is missing"),
        (without("xl/sharedStrings.xml"), "its part 'xl/sharedStrings.xml' is missing"),
        (without("xl/styles.xml"), "its part 'xl/styles.xml' is missing"),
        (changed(related=EXTERNAL_SHEET), "its worksheet is in another file"),
        (changed(related=EXTERNAL_STRINGS), "its sharedStrings is in another file"),
        (changed(related=relationships()), "one of its sheets is missing"),
        (changed(workbook=NO_IDENTIFIER), "one of its sheets is missing"),
        (changed(workbook="<document/>"), "it is not a workbook"),
        (package_of("xl/workbook.bin"), "it has the format .xlsb"),
        (package_of("../../etc/passwd"), "its part 'etc/passwd' is missing"),
        ({**parts(), "_rels/.rels": relationships()}, "it is not an .xlsx file"),
        ({"mimetype": "spreadsheet"}, "it is an OpenDocument file, such as .ods"),
        (
            changed(styles=styles().replace("numFmtId=", "numFmtId='x' x=")),
            "a number format in its styles has no number",
        ),
        (changed(styles=styles(*["0"] * 10_001)), "it has more styles than any program writes"),
        (changed(styles=TOO_MANY_STYLES), "it has more styles than any program writes"),
        (
            changed(styles=styles().replace('numFmtId="0"', 'numFmtId="\u0660"')),
            "a number format in its styles has no number",
        ),
    ],
)
def test_what_is_no_sound_workbook_is_refused(content: Parts, reason: str) -> None:
    """The error says what is wrong with it."""
    with pytest.raises(UnreadableWorkbookError) as caught:
        read(archive(content))
    assert caught.value.reason == reason


@pytest.mark.parametrize("part", ["workbook", "related", "styles"])
def test_what_is_kept_in_memory_has_a_bound(part: str) -> None:
    """The parts that say what is in others are small, whatever the limits allow."""
    small = {"workbook": workbook_xml(), "related": relationships(), "styles": styles()}[part]
    content = changed(**{"workbook": workbook_xml('name="x"'), part: small + " " * 10_000_001})
    with pytest.raises(UnreadableWorkbookError, match="larger than any program writes it"):
        read(archive(content), limits=Limits(inflation_ratio=10_000))


def test_names_of_parts_have_no_case() -> None:
    """So says the standard, and some programs rely on it."""
    content = {
        name.upper(): text for name, text in parts(f"<row>{inline('A1', 'C1')}</row>").items()
    }
    assert read(archive(content)) == [(1, ["C1"])]


def test_styles_tell_how_numbers_are_shown() -> None:
    """By a format of the workbook, one that every program knows, or none."""
    cells = "".join(
        f'<c r="{letter}1" s="{style}"><v>45413</v></c>' for style, letter in enumerate("ABCDE")
    )
    codes = styles("000000", "0").replace(
        "</cellXfs>",
        '<xf numFmtId="14"/><xf/></cellXfs><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>',
    )
    [(_, found)] = read(book(f'<row r="1">{cells}</row>', styles=codes))
    reasons = [cell.reason if isinstance(cell, Unclear) else cell for cell in found]
    assert reasons == ["45413", "leading_zeros", "45413", "date", "45413"]


@pytest.mark.parametrize(
    ("settings", "date"),
    [
        ("", "2024-05-01"),
        ("<workbookPr/>", "2024-05-01"),
        ('<workbookPr date1904="0"/>', "2024-05-01"),
        ('<workbookPr date1904="1"/>', "2028-05-02"),
        ('<workbookPr date1904="true"/>', "2028-05-02"),
    ],
)
def test_dates_are_counted_as_the_workbook_says(settings: str, date: str) -> None:
    """Some programs count from 1904."""
    row = '<row r="1"><c r="A1" s="1"><v>45413</v></c></row>'
    data = book(
        row, styles=styles("d.m.yyyy"), workbook=workbook_xml('name="x"', settings=settings)
    )
    [(_, [found])] = read(data)
    assert isinstance(found, Unclear)
    assert found.raw == date


def test_the_strict_variant_is_read() -> None:
    """Its namespaces are others."""
    strict = {
        SPREADSHEET: "http://purl.oclc.org/ooxml/spreadsheetml/main",
        DOCUMENT: "http://purl.oclc.org/ooxml/officeDocument/relationships",
    }
    content = parts(f"<row>{inline('A1', 'C1')}</row>")
    for usual, other in strict.items():
        content = {name: str(text).replace(usual, other) for name, text in content.items()}
    assert read(archive(content)) == [(1, ["C1"])]


def test_a_reader_notes_which_sheet_it_reads() -> None:
    """The layout names it, or it is found."""
    findings = Findings()
    with open_stream(io.BytesIO(many_sheets(SHEETS)), 1_000_000) as stream:
        rows = list(XlsxReader().rows(stream, Layout(sheet=2), findings))
    assert (rows, findings.sheet) == ([(1, ["5"])], "More")


def test_a_reader_tells_how_far_it_is() -> None:
    """By its place in the file, up to the end."""
    content = parts("".join(f"<row>{inline(f'A{line}', 'C')}</row>" for line in range(1, 9_000)))
    file = io.BytesIO(archive(content, zipfile.ZIP_STORED))
    with open_stream(file, 1_000_000) as stream:
        found = [stream.done for _ in XlsxReader().rows(stream, Layout(), Findings())]
        assert 0 < found[0] < found[-1] < len(file.getvalue())
        assert stream.done == stream.total == len(file.getvalue())


def test_damage_is_found_when_a_row_is_taken() -> None:
    """The sheet is read as it is needed."""
    row = f'<row r="1">{inline("A1", "C1")}</row>'
    _, rows = read_sheet(io.BytesIO(book(row + "<row")), sheet=None, limits=DEFAULT_LIMITS)
    with pytest.raises(ImportFileError):
        list(rows)

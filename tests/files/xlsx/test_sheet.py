"""A sheet: its rows where they are, its texts as they are."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.errors import (
    LimitExceededError,
    MalformedFileError,
    UnreadableWorkbookError,
)
from customer_groups.files.cells import Unclear
from customer_groups.files.limits import Limits
from files.xlsx.workbooks import (
    SPREADSHEET,
    STRICT_SPREADSHEET,
    book,
    inline,
    read,
    read_pieces,
    read_rows,
    strings,
    worksheet,
)

PREFIXED = (
    f'<x:worksheet xmlns:x="{STRICT_SPREADSHEET}"><x:sheetData><x:row r="2">'
    '<x:c r="B2" t="inlineStr"><x:is><x:t>C1</x:t></x:is></x:c>'
    "</x:row></x:sheetData></x:worksheet>"
)


@pytest.mark.parametrize("cut", [False, True])
def test_rows_have_the_numbers_of_the_file(*, cut: bool) -> None:
    """Rows without cells are there, rows that the file leaves out are not."""
    rows = f'<row r="2" spans="1:1">{inline("C2", "C1")}</row><row r="3"/><row r="7"></row>'
    assert read_rows(rows, cut=cut) == [(2, [None, None, "C1"]), (3, []), (7, [])]


def test_rows_and_cells_without_a_place_follow_the_last_one() -> None:
    """The standard allows to leave it out."""
    rows = '<row><c t="str"><v>a</v></c></row><row r="4"><c r="B4"/><c><v>7</v></c></row><row/>'
    assert read_rows(rows) == [(1, ["a"]), (4, [None, None, "7"]), (5, [])]


@pytest.mark.parametrize(
    "sheet",
    [
        PREFIXED,
        worksheet(f'<row r="2">{inline("B2", "C1")}</row>', namespace=STRICT_SPREADSHEET),
        b"\xef\xbb\xbf" + worksheet(f'<row r="2">{inline("B2", "C1")}</row>').encode(),
        worksheet(f'<row r="2">\n <c r="A2"/>\n{inline("B2", "<![CDATA[C1]]>")}\n</row>'),
        worksheet(f'<row r="2">{inline("B2", "C1")}</row>') + "<!-- the end -->",
        '<?xml version="1.0" encoding="utf-8"?>'
        + worksheet(f'<row r="2">{inline("B2", "C1")}</row>'),
        worksheet(f'<row r="2">{inline("B2", "C1")}<extLst><x/></extLst></row>'),
    ],
)
def test_all_ways_to_write_it_are_read(sheet: str | bytes) -> None:
    """Prefixes, the strict variant, marks, white space and comments change nothing."""
    assert read(book(sheet=sheet)) == [(2, [None, "C1"])]


@pytest.mark.parametrize("cut", [False, True])
def test_texts_are_shared_or_in_the_cell(*, cut: bool) -> None:
    """The runs of a text belong together, hints to its pronunciation do not."""
    rich = "<r><rPr><b/></rPr><t>C</t></r><r><t> 1</t></r><rPh><t>x</t></rPh>"
    cells = (
        '<c r="A1" t="s"><v>1</v></c><c r="B1" t="s"><v>0</v></c>'
        f'<c r="C1" t="inlineStr"><is>{rich}</is></c>'
        '<c r="D1" t="str"><f>A1</f><v>C_x0041_</v></c><c r="E1" t="s"><v></v></c>'
        '<c r="F1" t="inlineStr"/>'
    )
    texts = strings(rich, '<t xml:space="preserve"> C2 </t>')
    row = f'<row r="1">{cells}</row>'
    assert read_rows(row, texts=texts, cut=cut) == [(1, [" C2 ", "C 1", "C 1", "CA", None, ""])]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("a_x000D_\nb", "a\r\nb"),
        ("_x005F_x000D_", "_x000D_"),
        ("_x00e9__X0041__x41_", "é_X0041__x41_"),
        ("R&amp;D &lt;1&gt; &#13;", "R&D <1> \r"),
        ("\t 😀 \n", "\t 😀 \n"),
        ("_xD800_", "\ud800"),
        ("\x7f\x85", "\x7f\x85"),
    ],
)
def test_text_is_exactly_what_it_was(written: str, text: str) -> None:
    """Escapes are those of Excel; white space is part of a text."""
    row = f'<row r="1">{inline("A1", written)}<c r="B1" t="s"><v>0</v></c></row>'
    assert read_rows(row, texts=strings(f"<t>{written}</t>")) == [(1, [text, text])]


def test_what_is_not_text_is_unclear() -> None:
    """Logical values, errors, dates and formulas without a result are no codes."""
    cells = (
        '<c r="A1" t="b"><v>1</v></c><c r="B1" t="e"><v>#N/A</v></c>'
        '<c r="C1" t="d"><v>2024-05-01</v></c><c r="D1"><f>A1+1</f></c>'
        '<c r="E1"><f/></c><c r="F1" t="str"><f>A1</f></c><c r="G1"><f>A1</f><v/></c>'
        '<c r="H1"><v/></c><c r="I1"><f>A1+1</f><v>8</v></c>'
        '<c r="J1" t="str"><f>A1</f><v/></c>'
    )
    [(_, found)] = read_rows(f'<row r="1">{cells}</row>')
    unclear = [(cell.raw, cell.reason) for cell in found[:7] if isinstance(cell, Unclear)]
    assert unclear == [
        ("1", "boolean"),
        ("#N/A", "error"),
        ("2024-05-01", "date"),
        ("=A1+1", "formula"),
        ("=", "formula"),
        ("=A1", "formula"),
        ("=A1", "formula"),
    ]
    assert found[7:] == [None, "8", ""]


@pytest.mark.parametrize("cut", [False, True])
@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ('<row r="2"/><row r="2"/>', 2),
        ('<row r="3"/><row r="2"/>', 3),
        ('<row r="0"/>', 1),
        ('<row r="-1"/>', 1),
        ('<row r="x"/>', 1),
        ('<row r="next"/>', 1),
        ('<row r="\u0661"/>', 1),
        (f'<row r="{"1" * 5_000}"/>', 1),
        ('<row r="1048577"/>', 1),
        ('<row r="1048576"/><row/>', 1048576),
        ('<row r="2"><c r="A2"/><c r="A2"/></row>', 2),
        ('<row r="2"><c r="B2"/><c r="A2"/></row>', 2),
        ('<row r="2"><c r="A1"/></row>', 2),
        ('<row r="2"><c r="A12"/></row>', 2),
        ('<row r="2"><c r="2"/></row>', 2),
        ('<row r="2"><c r="a2"/></row>', 2),
        ('<row r="2"><c r="É2"/></row>', 2),
        ('<row r="2"><c r="AAAA2"/></row>', 2),
        ('<row r="2"><c r="XFE2"/></row>', 2),
        ('<row r="2"><c r="A2" t="s"><v>1</v></c></row>', 2),
        ('<row r="2"><c r="A2" t="s"><v>-1</v></c></row>', 2),
        ('<row r="2"><c r="A2" t="s"><v>x</v></c></row>', 2),
        ('<row r="2"><c r="A2" t="s"><v>99999999999999999999999</v></c></row>', 2),
        ('<row r="2"><c r="A2" t="s"><v>\u0660</v></c></row>', 2),
        (f'<row r="2"><c r="A2" t="s"><v>{"0" * 5_000}</v></c></row>', 2),
        ('<row r="2"><c r="A2" s="9"><v>1</v></c></row>', 2),
        ('<row r="2"><c r="A2" s="\u0660"><v>1</v></c></row>', 2),
        ('<row r="2"><c r="A2" s="-1"><v>1</v></c></row>', 2),
        ('<row r="2"><c r="A2" t="x"><v>1</v></c></row>', 2),
        ('<row r="2"><c r="A2" t="formula"><v>1</v></c></row>', 2),
        ('<row r="2"><c r="A2"><v>1</v><v>2</v></c></row>', 2),
        ('<row r="2"><c r="A2"><f>1</f><f>2</f><v>3</v></c></row>', 2),
        ('<row r="2"><c r="A2"><f>1</f><f>2</f></c></row>', 2),
        ('<row r="2"><c r="A2" t="s"><v>0</v><is><t>1</t></is></c></row>', 2),
        ('<row r="2"><c r="A2" t="s"><is><t>0</t></is></c></row>', 2),
        ('<row r="2"><c r="A2" t="str"><is><t>C1</t></is></c></row>', 2),
        ('<row r="2"><c r="A2"><is><t>7</t></is></c></row>', 2),
        ('<row r="2"><c r="A2" t="inlineStr"><v>C1</v></c></row>', 2),
        ('<row r="2"><c r="A2" t="inlineStr"><v>C1</v><is><t>C2</t></is></c></row>', 2),
        ('<row r="2"><c r="A2" t="inlineStr"><is/><is><t>C2</t></is></c></row>', 2),
    ],
)
def test_wrong_places_are_refused(rows: str, line: int, *, cut: bool) -> None:
    """A row or a cell that is not where the file says would give a wrong report."""
    with pytest.raises(MalformedFileError) as caught:
        read_rows(rows, texts=strings("<t>C1</t>"), cut=cut)
    assert caught.value.line == line


@pytest.mark.parametrize("cut", [False, True])
@pytest.mark.parametrize(
    ("limits", "name"),
    [
        (Limits(columns=2), "columns"),
        (Limits(cells=5), "cells"),
        (Limits(field_characters=2), "field_characters"),
    ],
)
def test_limits_hold(limits: Limits, name: str, *, cut: bool) -> None:
    """Cells that are only passed over count as well."""
    rows = f'<row r="1">{inline("C1", "123")}</row><row r="2">{inline("C2", "123")}</row>'
    assert read_rows(rows, Limits(columns=3, cells=6, field_characters=3), cut=cut)
    with pytest.raises(LimitExceededError) as caught:
        read_rows(rows, limits, cut=cut)
    assert (caught.value.limit, caught.value.maximum) == (name, getattr(limits, name))


ANY_CELL = st.one_of(
    st.just('<c r="{0}"/>'),
    st.just('<c r="{0}" s="0"></c>'),
    st.sampled_from(["1", "001", "1.5", "1E3", "x", " 1"]).map('<c r="{{0}}"><v>{}</v></c>'.format),
    st.sampled_from(["0", "1", ""]).map('<c r="{{0}}" s="0" t="s"><v>{}</v></c>'.format),
    st.sampled_from(["a", " ", "", "Ä", "R&amp;D", "_x0041_"]).map(
        '<c r="{{0}}" t="inlineStr"><is><t xml:space="preserve">{}</t></is></c>'.format
    ),
    st.just('<c r="{0}" t="str"><v>b</v></c>'),
    st.just('<c r="{0}" t="b"><v>1</v></c>'),
)


ANY_ROWS = st.lists(st.lists(ANY_CELL, max_size=4), max_size=5)


@given(ANY_ROWS, st.sampled_from(["", "\n", " \r\n"]))
def test_both_ways_read_the_same(rows: list[list[str]], between: str) -> None:
    """What is read without a parser is what the parser would have read."""
    written = between.join(
        f'<row r="{line}" spans="1:4" ht="15.75" customHeight="1">'
        + "".join(
            cell.format(f"{letter}{line}") for letter, cell in zip("ABCD", cells, strict=False)
        )
        + "</row>"
        for line, cells in enumerate(rows, 1)
    )
    texts = strings("<t>C1</t>", "<t>C2</t>")
    assert read_rows(written, texts=texts, cut=True) == read_rows(written, texts=texts)


def test_plain_rows_need_no_parser() -> None:
    """So they are not counted as elements, which are allowed only so many for each cell."""
    rows = "".join(f'<row r="{line}">{inline(f"A{line}", "C1")}</row>\n' for line in (1, 2, 3))
    limits = Limits(cells=3)
    assert len(read_rows(rows, limits, cut=True)) == 3
    with pytest.raises(LimitExceededError, match="cells"):
        read_rows(rows, limits)


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"/><!--@<row r="2"></row>@-->',
        '<row r="1"/><![CDATA[@<row r="2"></row>@]]>',
        '<row r="1"><extLst>@<row r="2"></row>@</extLst></row>',
        '<row r="1"/></sheetData><x>@<row r="2"></row>@</x><x>',
        '<row r="1"/><?x @<row r="2"></row>@?>',
    ],
)
def test_what_only_looks_like_a_row_is_none(rows: str) -> None:
    """A comment, a piece of text, another element: what stands inside is no row."""
    pieces = worksheet(rows).replace("<x></sheetData>", "<x/>").encode().split(b"@")
    assert read_pieces(pieces) == [(1, [])]


CHOICE = (
    '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
    '<mc:Choice Requires="x">{}</mc:Choice></mc:AlternateContent>'
)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ('<x>@<row r="2"></row>@</x>', "element 'x'"),
        ('<row r="1"><x>@<row r="2"></row>@</x></row>', "element 'x'"),
        ('<x xmlns="urn:x">@<row r="2"></row>@</x>', "element 'x'"),
        ('<x xmlns="">@<row r="2"></row>@</x>', "element 'x'"),
        ('<row r="1"/><y:row r="2" xmlns:y="urn:y"/>', "element 'row'"),
        (f'<row r="1"/><row xmlns="{STRICT_SPREADSHEET}" r="2"/>', "element 'row'"),
        (CHOICE.format('<row r="1"/>'), "element 'AlternateContent'"),
        (f"<row><c>{CHOICE.format('<v>1</v>')}</c></row>", "element 'AlternateContent'"),
        (f"<row>{inline('A1', CHOICE)}</row>".replace("<t>", "").replace("</t>", ""), "Alternate"),
        (f"<{'x' * 100}/>", f"element '{'x' * 50}'$"),
        ('<row r="1"/></sheetData><sheetData>@<row r="2"></row>@', "in two places"),
    ],
)
def test_what_programs_read_differently_is_refused(rows: str, reason: str) -> None:
    """Some heed what others pass over: the rows of a sheet must be the same to all of them."""
    pieces = worksheet(rows).encode().split(b"@")
    with pytest.raises(UnreadableWorkbookError) as caught:
        read_pieces(pieces)
    assert re.search(reason, caught.value.reason)


@pytest.mark.parametrize(
    "sheet", [f'<worksheet xmlns="{SPREADSHEET}"/>', worksheet("", namespace="x")]
)
def test_a_sheet_has_a_place_for_rows(sheet: str) -> None:
    """Without it, there may be rows that are not found."""
    with pytest.raises(UnreadableWorkbookError, match="no place for rows"):
        read_pieces([sheet.encode()])


@pytest.mark.parametrize(
    ("names", "first"),
    [
        ('xmlns="urn:x" xmlns:x', ""),
        (f'xmlns="{SPREADSHEET}" xmlns:x', ""),
        ("xmlns:x", ""),
        ("xmlns:x", f'<cols xmlns="{STRICT_SPREADSHEET}"/>'),
    ],
)
def test_rows_of_another_namespace_are_none(names: str, first: str) -> None:
    """Where the rows of spreadsheets have a prefix, those without it are something else."""
    sheet = f'<x:worksheet {names}="{STRICT_SPREADSHEET}">{first}<x:sheetData>@<row r="2"></row>'
    pieces = f"{sheet}@</x:sheetData></x:worksheet>".encode().split(b"@")
    with pytest.raises(UnreadableWorkbookError, match="element 'row'"):
        read_pieces(pieces)


WITH_EVERYTHING = worksheet(
    f'<row r="1">{inline("A1", "Äpfel")}</row>\n<row r="2"/><!-- <row r="3"></row> -->'
    '<row r="4"><c r="B4" t="str"><v>a&amp;b</v></c></row>'
    f'<row r="5">{inline("A5", "<![CDATA[</row>]]>")}</row>'
).encode()


@given(st.lists(st.integers(0, len(WITH_EVERYTHING)), max_size=9).map(sorted))
def test_it_does_not_matter_where_the_pieces_end(cuts: list[int]) -> None:
    """In the middle of a character, of a tag, of a comment."""
    borders = pairwise([0, *cuts, len(WITH_EVERYTHING)])
    assert read_pieces(WITH_EVERYTHING[start:end] for start, end in borders) == [
        (1, ["Äpfel"]),
        (2, []),
        (4, [None, "a&b"]),
        (5, ["</row>"]),
    ]


SOME_ROWS = worksheet(f'<row r="1">{inline("A1", "C1")}</row>@<row r="2"></row>@')
LITTLE, BIG = "utf-16-le", "utf-16-be"


@pytest.mark.parametrize(
    "start",
    [
        ("\ufeff" + SOME_ROWS).encode(LITTLE),
        ("\ufeff" + SOME_ROWS).encode(BIG),
        SOME_ROWS.encode(LITTLE),
        SOME_ROWS.encode(BIG),
        ('\ufeff<?xml version="1.0" encoding="UTF-16"?>' + SOME_ROWS).encode(LITTLE),
        ('<?xml version="1.0" encoding="UTF-16"?>' + SOME_ROWS).encode(),
        ('<?xml version="1.0" encoding="us-ascii"?>' + SOME_ROWS).encode(),
    ],
)
@pytest.mark.parametrize("first", [1, 2, 50])
def test_other_encodings_are_refused(start: bytes, first: int) -> None:
    """Rows in ASCII amid UTF-16 would be rows only for who reads without a parser."""
    begin, *pieces = start.replace(b"@\0", b"@").replace(b"\0@", b"@").split(b"@")
    pieces[0] = b'<row r="3"></row>'
    with pytest.raises(UnreadableWorkbookError, match="UTF-8"):
        read_pieces([begin[:first], begin[first:], *pieces])


def test_what_is_not_utf_8_is_refused() -> None:
    """Also where the rest of a piece is plain."""
    sheet = worksheet(f'<row r="1">{inline("A1", "@")}</row>@').encode()
    start, middle, end = sheet.partition(b"<row")
    with pytest.raises(UnreadableWorkbookError):
        read_pieces([start, middle + end.replace(b"@", b"\xff")])

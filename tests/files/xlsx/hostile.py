"""Workbooks that were made to do harm, and what is to become of them."""

import io
import zipfile
from collections.abc import Callable

import attrs

from files.xlsx.workbooks import (
    SHEET_PART,
    SPREADSHEET,
    STRINGS_PART,
    Parts,
    archive,
    book,
    directory,
    inline,
    parts,
    styles,
    with_large_end,
    worksheet,
)

ROW = f'<row r="1">{inline("A1", "C1")}</row>'
FAR = 60_000_000
"""More than may be waited for; refused long before."""


@attrs.frozen
class Hostile:
    """A workbook that must be refused.

    Attributes:
        make: Makes its bytes.
        error: The name of the class of the error.
        about: What stands in its message.
        is_slow: Whether that takes seconds.
    """

    make: Callable[[], bytes]
    error: str
    about: str
    is_slow: bool = False


def inflating(part: str, start: str, repeated: str, end: str = "", size: int = FAR) -> bytes:
    """Return a workbook in which one part says the same, again and again."""
    others = {name: content for name, content in parts().items() if name != part}
    file = io.BytesIO(archive(others))
    block = repeated.encode() * max(1, 1_000_000 // len(repeated.encode()))
    with (
        zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as made,
        made.open(part, "w") as target,
    ):
        target.write(start.encode())
        for _ in range(size // len(block)):
            target.write(block)
        target.write(end.encode())
    return file.getvalue()


def sheet(start: str, repeated: str = " ", size: int = FAR) -> Callable[[], bytes]:
    """Return what makes a workbook whose sheet goes on and on."""
    before = worksheet(start).rpartition("</sheetData>")[0]
    return lambda: inflating(SHEET_PART, before, repeated, size=size)


def behind(repeated: str, size: int = FAR) -> Callable[[], bytes]:
    """Return what makes a workbook in which the same follows the rows, again and again."""
    return sheet("</sheetData>", repeated, size)


def texts(start: str, repeated: str, size: int = FAR) -> Callable[[], bytes]:
    """Return what makes a workbook whose shared strings go on and on."""
    return lambda: inflating(
        STRINGS_PART, f'<sst xmlns="{SPREADSHEET}">{start}', repeated, size=size
    )


def with_sheet(content: str | bytes) -> Callable[[], bytes]:
    """Return what makes a workbook with this sheet."""
    return lambda: book(sheet=content)


def different_names(template: str, count: int = 50_000) -> str:
    """Return many pieces of XML, each with a name of its own."""
    return "".join(template.format(number) for number in range(count))


def patched(old: bytes, new: bytes) -> Callable[[], bytes]:
    """Return what makes a workbook in which bytes of the archive are others."""

    def make() -> bytes:
        data = archive(parts(ROW), zipfile.ZIP_STORED)
        assert old in data
        return data.replace(old, new)

    return make


def directory_field(place: int, value: bytes) -> Callable[[], bytes]:
    """Return what makes an archive whose directory lies about its last part.

    Args:
        place: Where the field stands in the entry.
        value: What is written there.
    """

    def make() -> bytes:
        data = bytearray(archive(parts(ROW)))
        start = data.rindex(b"PK\1\2") + place
        data[start : start + len(value)] = value
        return bytes(data)

    return make


def end_field(place: int, value: bytes) -> Callable[[], bytes]:
    """Return what makes an archive whose end lies."""

    def make() -> bytes:
        data = bytearray(archive(parts(ROW)))
        start = data.rindex(b"PK\5\6") + place
        data[start : start + len(value)] = value
        return bytes(data)

    return make


def two_directories() -> bytes:
    """Return an archive with two directories, one for each of its ends."""
    data = archive(parts(ROW))
    begin, end = directory(data)
    twice = data[:end] + data[begin:]
    return with_large_end(twice, end, end - begin)


def after_others() -> bytes:
    """Return an archive that stands behind something else."""
    return b"PK" + archive(parts(ROW))


def with_comment() -> bytes:
    """Return an archive with a comment behind its end."""
    file = io.BytesIO(archive(parts(ROW)))
    with zipfile.ZipFile(file, "a") as changed:
        changed.comment = b"from another program"
    return file.getvalue()


def shorter_than_the_large_one() -> bytes:
    """Return an archive whose end knows less of its directory than that for large ones."""
    data = archive(parts(ROW))
    begin, end = directory(data)
    made = bytearray(with_large_end(data, begin, end - begin))
    _, place = directory(made)
    made[place + 12 : place + 16] = (end - begin - 50).to_bytes(4, "little")
    return bytes(made)


def inside_styles(formats: str) -> str:
    """Return styles with these number formats."""
    return styles().replace("<numFmts>", f"<numFmts>{formats}")


def overlapping() -> bytes:
    """Return an archive in which two parts are the same bytes."""
    data = bytearray(archive(parts(ROW)))
    first, last = data.index(b"PK\1\2"), data.rindex(b"PK\1\2")
    data[last + 42 : last + 46] = data[first + 42 : first + 46]
    return bytes(data)


def many_parts() -> bytes:
    """Return an archive with more parts than it may have."""
    more: Parts = {f"x/{number}": "" for number in range(10_001)}
    return archive({**parts(ROW), **more})


def twice(name: str) -> Callable[[], bytes]:
    """Return what makes an archive with two parts of nearly the same name."""
    return lambda: archive({**parts(ROW), name: "<x/>"})


def cut(keep: int) -> Callable[[], bytes]:
    """Return what makes an archive that ends too early."""
    return lambda: archive(parts(ROW))[:keep]


LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
    + worksheet(f'<row r="1">{inline("A1", "&c;")}</row>')
)
EXTERNAL = '<!DOCTYPE x SYSTEM "file:///etc/passwd">' + worksheet(ROW)
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1_000)

GALLERY = {
    "nothing": Hostile(bytes, "UnreadableWorkbookError", "not an .xlsx file"),
    "text": Hostile(lambda: b"code\nC1\n", "UnreadableWorkbookError", "not an .xlsx file"),
    "password or .xls": Hostile(lambda: OLD, "UnreadableWorkbookError", "password"),
    "only the mark of an archive": Hostile(cut(4), "UnreadableWorkbookError", "directory"),
    "cut in the middle": Hostile(cut(900), "UnreadableWorkbookError", "directory"),
    "cut at the end": Hostile(cut(-5), "UnreadableWorkbookError", "directory"),
    "encrypted part": Hostile(directory_field(8, b"\1"), "UnreadableWorkbookError", "encrypted"),
    "strongly encrypted part": Hostile(
        directory_field(8, b"\x40"), "UnreadableWorkbookError", "damaged"
    ),
    "unknown compression": Hostile(
        directory_field(10, b"\x0e"), "UnreadableWorkbookError", "compressed"
    ),
    "wrong checksum": Hostile(directory_field(16, b"\0\0"), "UnreadableWorkbookError", "damaged"),
    "larger than it is": Hostile(
        directory_field(24, b"\xff\xff\xff\x7f"), "UnreadableWorkbookError", "damaged"
    ),
    "smaller than it is": Hostile(
        directory_field(24, b"\5\0\0\0"), "UnreadableWorkbookError", "damaged"
    ),
    "reaches into the directory": Hostile(
        directory_field(20, b"\xff\xff"), "UnreadableWorkbookError", "overlap"
    ),
    "stands outside": Hostile(
        directory_field(42, b"\xff\xff\xff\x7f"), "UnreadableWorkbookError", "overlap"
    ),
    "overlapping parts": Hostile(overlapping, "UnreadableWorkbookError", "overlap"),
    "same name twice": Hostile(twice("XL/Workbook.xml"), "UnreadableWorkbookError", "same name"),
    "name that leads out": Hostile(twice("xl/../../x"), "UnreadableWorkbookError", "leads out"),
    "name that leads out, with backslashes": Hostile(
        twice("..\\x"), "UnreadableWorkbookError", "leads out"
    ),
    "absolute name": Hostile(twice("/x"), "UnreadableWorkbookError", "leads out"),
    "too many parts": Hostile(many_parts, "LimitExceededError", "parts"),
    "directory of 2 GiB": Hostile(
        end_field(12, b"\0\0\0\x7f"), "UnreadableWorkbookError", "directory"
    ),
    "directory of 8 EiB": Hostile(
        lambda: with_large_end(archive(parts(ROW)), 0, 1 << 62),
        "UnreadableWorkbookError",
        "directory",
    ),
    "directory elsewhere": Hostile(
        end_field(16, b"\0\0\0\x7f"), "UnreadableWorkbookError", "same directory"
    ),
    "fewer parts than it has": Hostile(
        end_field(10, b"\5\0"), "UnreadableWorkbookError", "same directory"
    ),
    "another length for a large directory": Hostile(
        shorter_than_the_large_one, "UnreadableWorkbookError", "same directory"
    ),
    "two directories": Hostile(two_directories, "UnreadableWorkbookError", "same directory"),
    "something before it": Hostile(after_others, "UnreadableWorkbookError", "same directory"),
    "a comment": Hostile(with_comment, "UnreadableWorkbookError", "same directory"),
    "billion laughs": Hostile(with_sheet(LAUGHS), "UnreadableWorkbookError", "document type"),
    "external entity": Hostile(with_sheet(EXTERNAL), "UnreadableWorkbookError", "document type"),
    "unknown entity": Hostile(
        with_sheet(worksheet(f'<row r="1">{inline("A1", "&x;")}</row>')),
        "UnreadableWorkbookError",
        "not XML",
    ),
    "another encoding": Hostile(
        with_sheet('<?xml version="1.0" encoding="iso-8859-1"?>' + worksheet(ROW)),
        "UnreadableWorkbookError",
        "UTF-8",
    ),
    "UTF-16": Hostile(
        with_sheet(worksheet(ROW).encode("utf-16")), "UnreadableWorkbookError", "UTF-8"
    ),
    "invented encoding": Hostile(
        with_sheet('<?xml version="1.0" encoding="x-1"?>' + worksheet(ROW)),
        "UnreadableWorkbookError",
        "UTF-8",
    ),
    "not closed": Hostile(
        with_sheet(worksheet(ROW).removesuffix("</worksheet>")),
        "UnreadableWorkbookError",
        "not XML",
    ),
    "not XML": Hostile(with_sheet("C1"), "UnreadableWorkbookError", "not XML"),
    "NUL": Hostile(with_sheet(worksheet("\0")), "UnreadableWorkbookError", "UTF-8"),
    "control character": Hostile(with_sheet(worksheet("\1")), "UnreadableWorkbookError", "not XML"),
    "elements inside a text": Hostile(
        with_sheet(worksheet(f'<row r="1">{inline("A1", "C<b/>1")}</row>')),
        "UnreadableWorkbookError",
        "inside a text",
    ),
    "deep nesting": Hostile(behind("<x>"), "UnreadableWorkbookError", "no program"),
    "many names": Hostile(
        behind(different_names("<n{0}/>")), "UnreadableWorkbookError", "no program"
    ),
    "many attributes": Hostile(
        behind(different_names('<x n{0}=""/>')), "UnreadableWorkbookError", "no program"
    ),
    "many prefixes": Hostile(
        behind(different_names('<x xmlns:n{0}="u"/>')), "UnreadableWorkbookError", "no program"
    ),
    "endless attribute": Hostile(sheet('<row r="', "1"), "UnreadableWorkbookError", "no program"),
    "endless comment": Hostile(sheet("<!--", "x"), "UnreadableWorkbookError", "no program"),
    "endless instruction": Hostile(sheet("<?x ", "x"), "UnreadableWorkbookError", "no program"),
    "endless name": Hostile(sheet("<", "x"), "UnreadableWorkbookError", "no program"),
    "endless text": Hostile(
        sheet('<row r="1"><c r="A1" t="str"><v>', "x"), "LimitExceededError", "field_characters"
    ),
    "endless verbatim text": Hostile(
        sheet('<row r="1"><c r="A1" t="str"><v><![CDATA[', "x"),
        "LimitExceededError",
        "field_characters",
    ),
    "endless references": Hostile(
        sheet('<row r="1"><c r="A1" t="str"><v>', "&#65;"), "LimitExceededError", "field_characters"
    ),
    "endless runs": Hostile(
        sheet('<row r="1"><c r="A1" t="inlineStr"><is>', "<t>xxxxxxxx</t>"),
        "LimitExceededError",
        "field_characters",
    ),
    "endless shared text": Hostile(texts("<si><t>", "x"), "LimitExceededError", "field_characters"),
    "endless shared runs": Hostile(
        texts("<si>", "<r><t>xxxxxxxx</t></r>"), "LimitExceededError", "field_characters"
    ),
    "endless formula": Hostile(
        sheet('<row r="1"><c r="A1"><f>', "x"), "LimitExceededError", "field_characters"
    ),
    "empty elements": Hostile(behind("<x/>"), "LimitExceededError", "cells", is_slow=True),
    "rows with a long number": Hostile(
        with_sheet(worksheet(f'<row r="{"1" * 5_000}"/>')), "MalformedFileError", "wrong number"
    ),
    "attributes": Hostile(
        behind('<x a="" b="" c="" d="" e="" f="" g="" h=""/>', 100_000_000),
        "LimitExceededError",
        "cells",
        is_slow=True,
    ),
    "number formats": Hostile(
        lambda: book(ROW, styles=styles(*["0;" * 127] * 60_000)),
        "UnreadableWorkbookError",
        "more styles",
    ),
    "one number format again and again": Hostile(
        lambda: book(ROW, styles=inside_styles('<numFmt numFmtId="1" formatCode="0"/>' * 20_000)),
        "UnreadableWorkbookError",
        "more styles",
    ),
    "empty rows": Hostile(
        sheet("", "<row/>", 9_000_000), "MalformedFileError", "wrong number", is_slow=True
    ),
    "empty cells": Hostile(sheet("<row>", "<c/>"), "LimitExceededError", "columns"),
    "empty shared texts": Hostile(texts("", "<si/>"), "LimitExceededError", "cells", is_slow=True),
    "shared texts": Hostile(
        texts("", "<si><t>xxxxxxxxxxxxxxxx</t></si>", 300_000_000),
        "LimitExceededError",
        "inflated_bytes",
        is_slow=True,
    ),
    "endless space": Hostile(
        sheet("", "\n", 520_000_000), "LimitExceededError", "inflated_bytes", is_slow=True
    ),
    "far corner": Hostile(
        with_sheet(worksheet(f'{ROW}<row r="1048576"><c r="XFD1048576"/></row>')),
        "LimitExceededError",
        "columns",
    ),
    "wide rows": Hostile(
        lambda: book(
            "".join(f'<row r="{line}"><c r="ALL{line}"/></row>' for line in range(1, 6_000))
        ),
        "LimitExceededError",
        "cells",
    ),
}

"""A gallery of hostile lists that are text, and what becomes of each."""

import gzip
import io
import zipfile
from collections.abc import Callable, Iterator
from itertools import chain, repeat

import attrs

__all__ = ["HOSTILE_TEXTS", "Generated", "HostileText", "endless"]

PIECE = 1 << 16


@attrs.define
class Generated:
    """An open file whose bytes are made while it is read."""

    pieces: Iterator[bytes]

    def read(self, _size: int, /) -> bytes:
        """Return the next piece, however long it is; nothing at the end."""
        return next(self.pieces, b"")


def endless(text: bytes, *, after: bytes = b"") -> Generated:
    """Return a file that repeats a text and never ends."""
    piece = text * (PIECE // len(text))
    return Generated(chain([after + piece], repeat(piece)))


def text(content: str, encoding: str = "utf-8") -> Callable[[], object]:
    """Return what opens a file with this text."""
    return lambda: io.BytesIO(content.encode(encoding))


def data(content: bytes) -> Callable[[], object]:
    """Return what opens a file with these bytes."""
    return lambda: io.BytesIO(content)


def zipped(name: str, content: str) -> bytes:
    """Return an archive with one file."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(name, content)
    return archive.getvalue()


@attrs.frozen
class HostileText:
    """A list, and what becomes of it where there are the customers C1 to C9.

    Attributes:
        what: What is wrong with it.
        opened: Opens it.
        becomes: The error, or how many values had each outcome, and the reasons of rejects.
        format: What the importer is told that it is.
    """

    what: str
    opened: Callable[[], object]
    becomes: str
    format: str = "delimited"


def no_text(kind: str, remedy: str) -> str:
    """Return what is said of a file that is no text."""
    return f"NotTextError: this is {kind}, not text; {remedy}"


def malformed(line: int, reason: str) -> str:
    """Return what is said of a file that breaks the rules of its format."""
    return f"MalformedFileError: line {line}: {reason}; correct the file and import it again"


def beyond(limit: str) -> str:
    """Return what is said of a file that exceeds a limit."""
    return f"LimitExceededError: the input exceeds the limit {limit}; split it, or raise that limit"


def unreadable(offset: int, likely: str) -> str:
    """Return what is said of bytes that are not UTF-8."""
    return (
        f"UnreadableEncodingError: not utf-8 at byte {offset};"
        f' name the encoding that it has, perhaps encoding="{likely}"'
    )


WRONG_QUOTE = "the record that begins here has a wrong quote"
SAVE_IT = "open it in a spreadsheet and save it as .csv or .xlsx"
TOO_LONG = beyond("record_characters (1000000)")

HOSTILE_TEXTS = (
    HostileText(
        "NUL bytes", data(b"code\nC1\nC\x002\n\0\n"), "1 added, 2 malformed (bad_character)"
    ),
    HostileText(
        "a quote that is never closed",
        text('code\nC1\n"C2\nC3\n'),
        malformed(3, WRONG_QUOTE),
    ),
    HostileText(
        "text after a closing quote",
        text('code,name\nC1,x\n"C2"C3,y\n'),
        malformed(3, WRONG_QUOTE),
    ),
    HostileText(
        "a cell of 140,000 characters",
        text(f"code,name\nC1,{'x' * 140_000}\n"),
        "LimitExceededError: the input exceeds the limit csv.field_size_limit (131072); shorten"
        " that cell, or raise what Python's csv module allows in the whole process by"
        " csv.field_size_limit(...)",
    ),
    HostileText("a line that never ends", lambda: endless(b"x"), TOO_LONG),
    HostileText("delimiters that never end", lambda: endless(b",", after=b"code,x\n"), TOO_LONG),
    HostileText(
        "a quoted cell that never ends", lambda: endless(b'""', after=b'code\n"'), TOO_LONG
    ),
    HostileText(
        "10,000 columns",
        text(",".join(f"name {number}" for number in range(10_000))),
        beyond("columns (1000)"),
    ),
    HostileText(
        "a line with 10,000 cells among lines with two",
        text("code,name\nC1,x\nC2" + "," * 9_998 + "y\n"),
        "1 added, 1 malformed (too_many_cells)",
    ),
    HostileText("lines that end with CR, LF and CRLF", text("code\rC1\r\nC2\nC3\r\r"), "3 added"),
    HostileText("a line that names the delimiter", text("sep=;\r\nname;code\r\nx,y;C1"), "1 added"),
    HostileText("a line that names no delimiter", text('sep="\nC1\n'), "1 added, 1 unknown"),
    HostileText("a byte order mark before quotes", text('\ufeff"code","x"\n"C1","y"\n'), "1 added"),
    HostileText(
        "two files with byte order marks, joined",
        text("\ufeffcode\nC1\n\ufeffcode\nC2\n"),
        "2 added, 1 unknown",
    ),
    HostileText("two byte order marks", text("\ufeff\ufeffcode\nC1\n"), "1 added"),
    HostileText(
        "the byte order mark of UTF-16 before UTF-8", data(b"\xff\xfecode\nC1\n"), "1 unknown"
    ),
    HostileText(
        "the byte order mark of UTF-8 before Windows-1252",
        data(b"\xef\xbb\xbfcode\nZo\xeb\n"),
        unreadable(10, "cp1252"),
    ),
    HostileText(
        "UTF-16 without a byte order mark",
        text("code\nC1\n", "utf-16-le"),
        unreadable(1, "utf-16-le"),
    ),
    HostileText("UTF-32 with its byte order mark", text("code\nC1\n", "utf-32"), "1 added"),
    HostileText(
        "a slash in two bytes",
        data(b"code\n\xc0\xafC1\n"),
        unreadable(5, "cp1252"),
    ),
    HostileText(
        "half of a surrogate pair as bytes",
        data(b"code\n\xed\xa0\x80\n"),
        unreadable(5, "cp1252"),
    ),
    HostileText(
        "half of a surrogate pair as text",
        lambda: io.StringIO("code\n\ud800\nC1\n"),
        "1 added, 1 malformed (bad_character)",
    ),
    HostileText(
        "a file that was cut within a character",
        data("code\nC1\nZoë".encode()[:-1]),
        unreadable(10, "cp1252"),
    ),
    HostileText(
        "Unicode's other ends of lines",
        text("code\nC1\u2028C2\nC3\x85C4\nC5\x0cC6\n"),
        "2 malformed (bad_character), 1 unknown",
    ),
    HostileText("formulas", text("code\n=1+1\n@SUM(1)\n+1\n-1\n=cmd|' /C calc'!A0\n"), "5 unknown"),
    HostileText(
        "a spreadsheet that is called CSV",
        data(zipped("xl/workbook.xml", "<workbook/>")),
        no_text(
            "a workbook or another zip archive",
            'name format="xlsx" if it is an .xlsx, else save it as one',
        ),
    ),
    HostileText(
        "a spreadsheet before 2007, or one with a password",
        data(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)),
        no_text("an old or an encrypted workbook", "save it as .xlsx, without a password"),
    ),
    HostileText(
        "gzip that is called CSV",
        data(gzip.compress(b"code\nC1\n")),
        no_text("a compressed file", "unpack it"),
    ),
    HostileText(
        "HTML that is called CSV",
        text("<table>\n<tr><td>code</td></tr>\n<tr><td>C1</td></tr>\n</table>\n"),
        no_text("a web page", SAVE_IT),
    ),
    HostileText(
        "XML that is called CSV",
        text('<?xml version="1.0"?>\n<Workbook/>\n'),
        no_text("an XML document", SAVE_IT),
    ),
    HostileText(
        "100,000 lists in each other",
        text('"C1"\n' + "[" * 100_000 + "]" * 100_000 + "\n"),
        "1 added, 1 malformed (not_json)",
        "jsonl",
    ),
    HostileText(
        "100,000 objects in each other",
        text('"C1"\n' + '{"code":' * 100_000 + "1" + "}" * 100_000 + "\n"),
        "1 added, 1 malformed (not_json)",
        "jsonl",
    ),
    HostileText(
        "numbers of 4,000 and of 5,000 digits",
        text(f"{'9' * 4_000}\n{'9' * 5_000}\n"),
        "2 malformed (not_json, not_text)",
        "jsonl",
    ),
    HostileText(
        "numbers that are none",
        text('{"code": NaN}\n{"code": -Infinity}\n{"code": 1e999}\n'),
        "3 malformed (not_text)",
        "jsonl",
    ),
    HostileText(
        "half of a surrogate pair, escaped",
        text('"\\ud800"\n"C1"\n'),
        "1 added, 1 malformed (bad_character)",
        "jsonl",
    ),
    HostileText(
        "a JSON document on several lines",
        text('[\n{"code": "C1"},\n{"code": "C2"}\n]\n'),
        "1 added, 3 malformed (not_json)",
        "jsonl",
    ),
    HostileText(
        "a field twice",
        text('{"code": "C1", "code": "C2"}\n{"code": "C3"}\n'),
        "1 added, 1 malformed (repeated_field)",
        "jsonl",
    ),
    HostileText(
        "long lines that hold many small things",
        lambda: Generated(repeat(b"[" + b"{}," * 60_000 + b"{}]\n", 20)),
        "20 malformed (not_text)",
        "jsonl",
    ),
    HostileText(
        "100 values of 900,000 characters",
        lambda: Generated(repeat(b"x" * 900_000 + b"\n", 100)),
        "100 malformed (too_long)",
        "pasted",
    ),
    HostileText(
        "a line that comes byte by byte",
        lambda: Generated(repeat(b"x", 900_000)),
        "1 malformed (too_long)",
        "pasted",
    ),
    HostileText("an object that never ends", lambda: endless(b'{"code":'), TOO_LONG, "jsonl"),
    HostileText("a pasted line that never ends", lambda: endless(b"C1"), TOO_LONG, "pasted"),
    HostileText(
        "a billion separators", lambda: endless(b",;\t", after=b"C1\n"), TOO_LONG, "pasted"
    ),
)
"""The gallery."""

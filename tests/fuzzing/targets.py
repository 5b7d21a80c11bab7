"""What is fuzzed, by name."""

from collections.abc import Mapping
from typing import Protocol

from files.xlsx.workbooks import book, inline, strings, styles, worksheet
from fuzzing.lists import Lists, packed, unpacked
from fuzzing.pieces import CUT, Pieces, read_sheet, read_strings

__all__ = ["TARGETS", "Target"]


class Target(Protocol):
    """What a fuzzer gives bytes to."""

    @property
    def seeds(self) -> tuple[bytes, ...]:
        """Bytes to begin with, which a fuzzer changes."""

    def run(self, data: bytes) -> bool:
        """Read bytes; return whether they can be read. Any error is a bug."""


ROWS = (
    f'<row r="1">{inline("A1", "name")}{inline("B1", "code")}</row>'
    '<row r="3" spans="1:2"><c r="A3" t="s"><v>0</v></c><c r="B3" s="0"><v>4711</v></c></row>'
    '<row><c t="str"><f>1+1</f><v>C1</v></c><c t="b"><v>1</v></c></row>'
)

TEXTS = ("<t>C1</t>", '<t xml:space="preserve"> \u00e4 </t>', "<r><t>_x0041_</t></r>", "<t>C1</t>")


def cut(part: str, *places: str) -> bytes:
    """Return a part that is cut before these texts."""
    for place in places:
        part = part.replace(place, f"{CUT.decode()}{place}")
    return part.encode()


TARGETS: Mapping[str, Target] = {
    "delimited": Lists(
        (
            b"code\nC1\nC2\n",
            b'sep=;\r\nname;Customer No.\r\n"Zo\xc3\xab; ""x""";C1\r\n;NONE;\r\n',
            b"\xef\xbb\xbfC1\rC2\r\n\nC1",
            b"\xff\xfec\0o\0d\0e\0\n\0C\x001\0",
            b"code\tname\n\x07\t\n=1+1\t'x\n",
        ),
        format="delimited",
        rejects="delimited",
    ),
    "json_lines": Lists(
        (
            b'"C1"\n"NONE"\n\n1\n',
            b'{"name": "x", "code": "C1"}\n{"code": null}\n{}\n[[]]\n',
            b'\xef\xbb\xbf{"customer no": "\\ud800\\u0007"}\n{"customer no": {"a": 1e999}}',
        ),
        format="jsonl",
        rejects="jsonl",
    ),
    "pasted": Lists(
        (b"C1, C2;C3\tNONE\r\n\n\x07", b"\xef\xbb\xbfC1\rC2", b"\xfe\xff\0C\x001\0,\0,\0'"),
        format="pasted",
        rejects="delimited",
    ),
    "sheets": Pieces(
        (
            worksheet(ROWS).encode(),
            cut(worksheet(ROWS), "<row"),
            cut(worksheet('<row r="2"/>\n<row r="7" ht="15.75"></row>'), "<row r=", "</row>"),
        ),
        read=read_sheet,
    ),
    "strings": Pieces(
        (
            cut(strings(*TEXTS), "<si>"),
            cut(strings(*TEXTS), "<si><t>C1", "</sst>"),
            strings(*TEXTS).encode(),
        ),
        read=read_strings,
    ),
    "workbooks": Lists(
        (
            unpacked(f"<row>{inline('A1', 'code')}</row>"),
            unpacked(ROWS, strings=strings("<t>_x0041_</t>"), styles=styles("0000")),
        ),
        format="xlsx",
        rejects="xlsx",
        file=packed,
    ),
    "xlsx": Lists((book(ROWS, strings=strings("<t>x</t>")),), format="xlsx", rejects="xlsx"),
}

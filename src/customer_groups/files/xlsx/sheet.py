"""A sheet, read piece by piece."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import chain

import attrs

from customer_groups.errors import UnreadableWorkbookError
from customer_groups.files.cells import Row
from customer_groups.files.limits import Limits
from customer_groups.files.xlsx.escapes import ESCAPE_MARK
from customer_groups.files.xlsx.rows import NEXT, Beginning, put_together
from customer_groups.files.xlsx.strings import PLAIN_TEXT, Runs
from customer_groups.files.xlsx.values import FORMULA, MISFIT, Values
from customer_groups.files.xlsx.xml import Element, Plain, parse

__all__ = ["read_rows"]

# What programs say of a row, in the order of the standard; only its number matters here.
_ROW_ATTRIBUTES = (
    *("spans", "s", "customFormat", "ht", "hidden", "customHeight", "outlineLevel"),
    *("collapsed", "thickTop", "thickBot", "x14ac:dyDescent"),
)
_OTHER_ATTRIBUTES = "".join(rf'(?: {name}="[\w.: ]*+")?+' for name in _ROW_ATTRIBUTES)
_VALUE = rf"<v>{PLAIN_TEXT}</v>"
_TEXT = rf'<is><t(?: xml:space="preserve")?+>{PLAIN_TEXT}</t></is>'
_CELL = (
    r'<c r="[A-Z]++[0-9]++"(?: s="[0-9]++")?+'
    rf'(?:(?: t="(?!inlineStr")[A-Za-z]++")?+(?:/>|>(?:{_VALUE})?+</c>)'
    rf'| t="inlineStr"(?:/>|>(?:{_TEXT})?+</c>))'
)
_ROW = rf'<row r="[0-9]++"{_OTHER_ATTRIBUTES}(?:/>|>(?:{_CELL})*+</row>)'
_PLAIN_ROWS = re.compile(rf"(?:{_ROW}\s*+)++")

# What may be in a cell, by its kind, in alphabetical order.
_FITTING = {"inlineStr": (["is"],)}
_FITTING_ELSE = (["v"], ["f", "v"])

# The number of a row; place, style, kind and content of its first cell, or of another one.
# Only for plain rows.
_BEGINNING = re.compile(
    r'<(?:row r="([0-9]++)"[^>]*+>(?:<c)?+|c)'
    r'(?: r="([A-Z0-9]++)"(?: s="([0-9]++)")?+(?: t="([A-Za-z]++)")?+'
    r"(?:>(?:<is>)?+<[vt][^>]*+>([^<]*+))?+)?+"
)


def read_rows(pieces: Iterable[bytes], values: Values, limits: Limits) -> Iterator[Row]:
    """Yield the rows that a sheet has, in its order; what is missing between them is empty.

    Args:
        pieces: The part that has the sheet, cut anywhere.
        values: What its cells hold.
        limits: How much there may be.

    Raises:
        UnreadableWorkbookError: the part is not well-formed.
        MalformedFileError: a row or a cell is in a wrong place, or not to be understood.
        LimitExceededError: there is too much.
    """
    beginnings = chain.from_iterable(_beginnings(pieces, limits))
    return put_together(beginnings, values.by_kind(), limits)


def _beginnings(pieces: Iterable[bytes], limits: Limits) -> Iterator[list[Beginning]]:
    sheet = _Sheet(Runs(limits.field_characters))
    data = sheet.data()
    plain = Plain(data, b"</row>", sheet.read_plain)
    document = Element({"worksheet": Element({"sheetData": data})})
    for _ in parse(pieces, document, limits, plain=plain):
        yield sheet.take()
    sheet.require_rows()


@attrs.define
class _Sheet:
    """Notes where rows and cells begin, as the XML has them."""

    _content: Runs
    _has_rows: bool = False
    _found: list[Beginning] = attrs.field(factory=list)
    _attributes: Mapping[str, str] = attrs.field(factory=dict)
    _contents: list[str] = attrs.field(factory=list)
    _formula: str = ""

    def data(self) -> Element:
        """Return the element that has the rows."""
        more = Element()
        cell = Element(
            {
                "f": Element(starts=partial(self._note, "f"), text=self._set_formula),
                "v": Element(starts=partial(self._note, "v"), text=self._content.add),
                "is": self._content.element(starts=partial(self._note, "is")),
                "extLst": more,
            },
            is_complete=True,
            starts=self._begin_cell,
            ends=self._end_cell,
        )
        row = Element({"c": cell, "extLst": more}, is_complete=True, starts=self._begin_row)
        return Element({"row": row}, is_complete=True, starts=self._begin_data)

    def require_rows(self) -> None:
        """Do nothing if there was the element that has the rows.

        Raises:
            UnreadableWorkbookError: there was none.
        """
        if not self._has_rows:
            raise UnreadableWorkbookError("its sheet has no place for rows")

    def take(self) -> list[Beginning]:
        found, self._found = self._found, []
        return found

    def read_plain(self, text: str) -> bool:
        if ESCAPE_MARK in text or not _PLAIN_ROWS.fullmatch(text):
            return False
        self._found = _BEGINNING.findall(text)
        return True

    def _begin_data(self, _attributes: Mapping[str, str]) -> None:
        if self._has_rows:
            raise UnreadableWorkbookError("its sheet has its rows in two places")
        self._has_rows = True

    def _begin_row(self, attributes: Mapping[str, str]) -> None:
        self._found.append((attributes.get("r") or NEXT, "", "", "", ""))

    def _begin_cell(self, attributes: Mapping[str, str]) -> None:
        self._attributes = attributes
        self._contents.clear()

    def _note(self, content: str, _attributes: Mapping[str, str]) -> None:
        self._contents.append(content)

    def _set_formula(self, text: str) -> None:
        self._formula = text

    def _end_cell(self) -> None:
        place = self._attributes.get("r") or NEXT
        style = self._attributes.get("s", "")
        kind = self._attributes.get("t", "")
        content = self._content.take()
        contents = sorted(self._contents)
        has_result = content or (kind == "str" and "v" in contents)
        if contents not in ([], ["f"], *_FITTING.get(kind, _FITTING_ELSE)):
            kind = MISFIT
        elif "f" in contents and not has_result:
            kind, content = FORMULA, self._formula
        self._found.append(("", place, style, kind, content))

"""What is in a workbook: its sheets, and in which parts they and their texts and styles are."""

import posixpath
from collections.abc import Iterator, Mapping
from typing import Final

import attrs

from customer_groups.errors import (
    LimitExceededError,
    SheetNotFoundError,
    UnreadableWorkbookError,
)
from customer_groups.files.xlsx.package import Package
from customer_groups.files.xlsx.xml import SPREADSHEET, Element, in_namespace, parse

__all__ = ["Sheet", "Workbook", "open_workbook"]

_RELATIONSHIPS: Final = frozenset({"http://schemas.openxmlformats.org/package/2006/relationships"})
_IDS = tuple(
    in_namespace(namespace, "id")
    for namespace in (
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        "http://purl.oclc.org/ooxml/officeDocument/relationships",
    )
)
_OPEN_DOCUMENT = "mimetype"
_TRUE = {"1", "true"}


@attrs.frozen
class Sheet:
    """A sheet with cells.

    Attributes:
        name: What its tab shows.
        part: The name of the part that holds it.
        is_visible: Whether there is a tab.
    """

    name: str
    part: str
    is_visible: bool


@attrs.frozen
class Workbook:
    """What is in a workbook.

    Attributes:
        sheets: The sheets with cells, in the order of their tabs; those are left out that
            only a program can make visible.
        strings: The name of the part that holds the texts of all sheets, if there is one.
        styles: The name of the part that says how numbers are shown, if there is one.
        starts_in_1904: Whether dates are counted from 1904 instead of 1900.
    """

    sheets: tuple[Sheet, ...]
    strings: str | None
    styles: str | None
    starts_in_1904: bool

    def find(self, sheet: str | int | None) -> Sheet:
        """Return a sheet.

        Args:
            sheet: Its name; or its position, from 1, among those that are visible; None for
                the first of those.

        Raises:
            SheetNotFoundError: there is none; the error lists those that are there.
        """
        visible = [found for found in self.sheets if found.is_visible]
        if isinstance(sheet, str):
            candidates = [found for found in self.sheets if found.name == sheet]
        else:
            candidates = visible[(sheet or 1) - 1 :]
        if not candidates:
            raise SheetNotFoundError(sheet, tuple(found.name for found in self.sheets))
        return candidates[0]


@attrs.frozen
class _Relationship:
    """That a part refers to another one.

    Attributes:
        kind: The last word of its type, such as ``worksheet``.
        target: The name of the other part.
        is_external: Whether it is another file instead.
    """

    kind: str
    target: str
    is_external: bool

    def part(self) -> str:
        if self.is_external:
            raise UnreadableWorkbookError(f"its {self.kind} is in another file")
        return self.target


def open_workbook(package: Package) -> Workbook:
    """Find out what is in a workbook.

    Raises:
        UnreadableWorkbookError: it is not one, or a damaged one.
        LimitExceededError: there are too many sheets.
    """
    if _OPEN_DOCUMENT in package:
        raise UnreadableWorkbookError("it is an OpenDocument file, such as .ods")
    part = _part_of_workbook(package)
    listing = _Listing(package.limits.sheets)
    _read(package, part, listing.document())
    related = _relationships(package, part)
    return Workbook(
        sheets=tuple(listing.sheets(related)),
        strings=_part_of_kind(related, "sharedStrings"),
        styles=_part_of_kind(related, "styles"),
        starts_in_1904=listing.starts_in_1904,
    )


def _part_of_workbook(package: Package) -> str:
    part = _part_of_kind(_relationships(package, ""), "officeDocument")
    if part is None:
        raise UnreadableWorkbookError("it is not an .xlsx file")
    if part.endswith(".bin"):
        raise UnreadableWorkbookError("it has the format .xlsb")
    return part


def _part_of_kind(related: Mapping[str, "_Relationship"], kind: str) -> str | None:
    return next((one.part() for one in related.values() if one.kind == kind), None)


def _relationships(package: Package, part: str) -> dict[str, "_Relationship"]:
    """Return the relationships of a part, or of the whole package, by their identifiers."""
    folder, name = posixpath.split(part)
    source = posixpath.join(folder, "_rels", f"{name}.rels")
    found: dict[str, _Relationship] = {}

    def add(attributes: Mapping[str, str]) -> None:
        target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", "")))
        found[attributes.get("Id", "")] = _Relationship(
            kind=attributes.get("Type", "").rpartition("/")[2],
            target=target.lstrip("/"),
            is_external=attributes.get("TargetMode") == "External",
        )

    relationship = Element(starts=add)
    document = Element({"Relationships": Element({"Relationship": relationship})})
    _read(package, source, document, _RELATIONSHIPS)
    return found


def _read(
    package: Package,
    part: str,
    document: Element,
    namespaces: frozenset[str] = SPREADSHEET,
) -> None:
    """Read a part that says what is in others."""
    pieces = package.pieces_of_small(part)
    for _ in parse(pieces, document, package.limits, namespaces=namespaces):
        pass


@attrs.define
class _Listing:
    """What the part of the workbook itself says.

    Attributes:
        most: How many sheets there may be.
        entries: The attributes of the sheets.
        is_workbook: Whether the outermost element is that of a workbook.
        starts_in_1904: As in `Workbook`.
    """

    most: int
    entries: list[Mapping[str, str]] = attrs.field(factory=list)
    is_workbook: bool = False
    starts_in_1904: bool = False

    def document(self) -> Element:
        sheets = Element({"sheet": Element(starts=self._add)})
        settings = Element(starts=self._set)
        workbook = Element({"sheets": sheets, "workbookPr": settings}, starts=self._begin)
        return Element({"workbook": workbook})

    def sheets(self, related: Mapping[str, _Relationship]) -> Iterator[Sheet]:
        if not self.is_workbook:
            raise UnreadableWorkbookError("it is not a workbook")
        for entry in self.entries:
            name = entry.get("name", "")
            identifier = next((entry[key] for key in _IDS if key in entry), "")
            relationship = related.get(identifier)
            if relationship is None:
                raise UnreadableWorkbookError("one of its sheets is missing")
            state = entry.get("state", "visible")
            if relationship.kind == "worksheet" and state != "veryHidden":
                yield Sheet(name, relationship.part(), state == "visible")

    def _begin(self, _attributes: Mapping[str, str]) -> None:
        self.is_workbook = True

    def _set(self, attributes: Mapping[str, str]) -> None:
        self.starts_in_1904 = attributes.get("date1904") in _TRUE

    def _add(self, attributes: Mapping[str, str]) -> None:
        if len(self.entries) == self.most:
            raise LimitExceededError("sheets", self.most)
        self.entries.append(attributes)

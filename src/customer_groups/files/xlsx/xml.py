"""XML from strangers: read piece by piece, and never more than was asked for."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final
from xml.parsers import expat

import attrs

from customer_groups.errors import LimitExceededError, UnreadableWorkbookError
from customer_groups.files.limits import Limits

__all__ = ["SPREADSHEET", "Element", "Plain", "in_namespace", "parse"]

SPREADSHEET: Final = frozenset(
    {
        "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        "http://purl.oclc.org/ooxml/spreadsheetml/main",
    }
)
"""The namespaces of workbooks: the usual one, and that of the strict variant."""

_SEPARATOR = "\x01"  # stands in no XML
_ENCODINGS = {None, "utf-8"}
_LONGEST_TOKEN = 1 << 18
_MOST_NAMES = 10_000
_DEEPEST = 100
_SHOWN_CHARACTERS = 50
_ELEMENTS_PER_CELL = 2
_ATTRIBUTES_PER_CELL = 3


@attrs.frozen(eq=False)
class Element:
    """What is wanted of an element; all that is not mentioned is skipped.

    Attributes:
        children: The elements inside it, by their names.
        is_complete: Whether there may be no others: some programs would heed them, others not.
        starts: Called with the attributes when it begins.
        text: Called with its whole text when it ends; then it can have no elements inside.
        ends: Called when it ends.
    """

    children: Mapping[str, "Element"] = {}
    is_complete: bool = False
    starts: Callable[[Mapping[str, str]], None] | None = None
    text: Callable[[str], None] | None = None
    ends: Callable[[], None] | None = None


@attrs.frozen
class Plain:
    """The form in which nearly every program writes most of a large part.

    It is read without an XML parser, which takes twice the time.

    Attributes:
        inside: The element that holds nothing but these.
        end: How each of them ends.
        read: Takes a text. Returns False, and does nothing, if it is not whole elements in
            their plain form, one after the other.
    """

    inside: Element
    end: bytes
    read: Callable[[str], bool]


def in_namespace(namespace: str, name: str) -> str:
    """Return what a name in a namespace is called here."""
    return f"{namespace}{_SEPARATOR}{name}"


def parse(
    pieces: Iterable[bytes],
    document: Element,
    limits: Limits,
    *,
    namespaces: frozenset[str] = SPREADSHEET,
    plain: Plain | None = None,
) -> Iterator[None]:
    """Read a part; what it has is given to the functions of the elements.

    Args:
        pieces: The part, cut anywhere.
        document: What holds the outermost element.
        limits: How much there may be.
        namespaces: Those that the elements that are looked for may have, all the same one.
        plain: What can be read without a parser.

    Yields:
        Nothing, after each piece: a caller can take what has come.

    Raises:
        UnreadableWorkbookError: it is not XML, or has what is not safe to read.
        LimitExceededError: there is too much.
    """
    parser = _Parser(document, limits, namespaces)
    rest = b""
    for piece in pieces:
        whole, rest = _cut(rest + piece, plain.end if plain else b"")
        if not (plain and parser.is_between(plain.inside) and _read(plain, whole, limits)):
            parser.feed(whole)
        yield
    parser.feed(rest, is_last=True)
    yield


def _cut(piece: bytes, end: bytes) -> tuple[bytes, bytes]:
    """Cut a piece after the last end of an element, if there is one."""
    place = piece.rfind(end) + len(end) if end in piece else len(piece)
    return piece[:place], piece[place:]


def _read(plain: Plain, piece: bytes, limits: Limits) -> bool:
    """Read a piece in its plain form if it has it, and if no text in it can be too long."""
    if len(piece) > limits.field_characters:
        return False
    try:
        return plain.read(piece.decode())
    except UnicodeDecodeError:
        return False


class _Names(dict[str, str]):
    """The names of elements without their namespace; those of others have no name.

    The first known namespace is that of the whole part.
    """

    def __init__(self, namespaces: frozenset[str]) -> None:
        super().__init__()
        self._namespaces = namespaces

    def __missing__(self, name: str) -> str:
        namespace, _, local = name.rpartition(_SEPARATOR)
        is_known = namespace in self._namespaces
        if is_known:
            self._namespaces = frozenset({namespace})
        self[name] = known = local if is_known else ""
        return known

    def are_plain_in(self, namespace: str | None) -> bool:
        """Return whether these names, and no others, are in a namespace."""
        return self._namespaces == {namespace}


_SKIPPED: Final = Element()
_NUL: Final = b"\0"  # stands in no UTF-8, and in all that expat would take for something else


def _unexpected(name: str) -> UnreadableWorkbookError:
    local = name.rpartition(_SEPARATOR)[2][:_SHOWN_CHARACTERS]
    return UnreadableWorkbookError(f"not all programs read the same in its element {local!r}")


def _another_encoding() -> UnreadableWorkbookError:
    return UnreadableWorkbookError("one of its parts is not text in UTF-8")


class _Parser:
    """Expat, with a bound on everything that could grow."""

    def __init__(self, document: Element, limits: Limits, namespaces: frozenset[str]) -> None:
        self._limits = limits
        self._names = _Names(namespaces)
        self._seen: dict[str, str] = {}
        self._element = document
        self._above: list[Element] = []
        self._text: list[str] = []
        self._is_verbatim = False
        self._default_namespace: str | None = None
        self._fed = 0
        self._elements = 0
        self._attributes = 0
        self._expat = expat.ParserCreate(None, _SEPARATOR, self._seen)
        self._expat.buffer_text = True
        self._expat.XmlDeclHandler = self._declaration
        self._expat.StartDoctypeDeclHandler = self._doctype
        self._expat.StartNamespaceDeclHandler = self._namespace
        self._expat.StartCdataSectionHandler = self._verbatim_starts
        self._expat.EndCdataSectionHandler = self._verbatim_ends
        self._expat.StartElementHandler = self._starts
        self._expat.EndElementHandler = self._ends

    def is_between(self, element: Element) -> bool:
        """Return whether what comes next stands directly inside ``element``, in its namespace."""
        is_waiting = self._expat.CurrentByteIndex != self._fed
        is_inside = self._element is element and not self._is_verbatim
        has_plain_names = self._names.are_plain_in(self._default_namespace)
        return is_inside and has_plain_names and not is_waiting

    def feed(self, piece: bytes, *, is_last: bool = False) -> None:
        """Read a piece."""
        self._count(piece)
        self._fed += len(piece)
        try:
            self._expat.Parse(piece, is_last)
        except expat.ExpatError as error:
            reason = expat.errors.messages[error.code]
            raise UnreadableWorkbookError(f"one of its parts is not XML ({reason})") from None
        self._require_bounded(waiting=self._fed - self._expat.CurrentByteIndex)

    def _count(self, piece: bytes) -> None:
        if _NUL in piece:
            raise _another_encoding()
        self._elements += piece.count(b"<") - piece.count(b"</")
        self._attributes += piece.count(b"=")
        cells = self._limits.cells
        has_many_elements = self._elements > cells * _ELEMENTS_PER_CELL
        if has_many_elements or self._attributes > cells * _ATTRIBUTES_PER_CELL:
            raise LimitExceededError("cells", cells)

    def _require_bounded(self, *, waiting: int) -> None:
        if sum(map(len, self._text)) > self._limits.field_characters:
            raise LimitExceededError("field_characters", self._limits.field_characters)
        is_wild = len(self._seen) > _MOST_NAMES or len(self._above) > _DEEPEST
        if is_wild or waiting > _LONGEST_TOKEN:
            raise UnreadableWorkbookError("one of its parts is XML as no program writes it")

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() not in _ENCODINGS:
            raise _another_encoding()

    def _doctype(self, *_: object) -> None:
        raise UnreadableWorkbookError("one of its parts has a document type")

    def _namespace(self, prefix: str | None, uri: str | None) -> None:
        # Declared anywhere but at the outermost element, it may be another one further on.
        if prefix is None:
            self._default_namespace = None if self._above else uri

    def _verbatim_starts(self) -> None:
        self._is_verbatim = True

    def _verbatim_ends(self) -> None:
        self._is_verbatim = False

    def _starts(self, name: str, attributes: dict[str, str]) -> None:
        if self._element.text:
            raise UnreadableWorkbookError("one of its parts has elements inside a text")
        element = self._element.children.get(self._names[name], _SKIPPED)
        if element is _SKIPPED and self._element.is_complete:
            raise _unexpected(name)
        self._above.append(self._element)
        self._element = element
        if element.starts:
            element.starts(attributes)
        if element.text:
            self._expat.CharacterDataHandler = self._text.append

    def _ends(self, _name: str) -> None:
        element = self._element
        if element.text:
            element.text(self._taken_text())
        if element.ends:
            element.ends()
        self._element = self._above.pop()

    def _taken_text(self) -> str:
        text = "".join(self._text)
        self._text.clear()
        self._expat.CharacterDataHandler = None
        if len(text) > self._limits.field_characters:
            raise LimitExceededError("field_characters", self._limits.field_characters)
        return text

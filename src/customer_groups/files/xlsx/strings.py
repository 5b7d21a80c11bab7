"""The texts of a workbook, which its cells refer to by number."""

import re
from array import array
from collections.abc import Callable, Iterable, Mapping
from itertools import accumulate
from typing import Final

import attrs

from customer_groups.errors import LimitExceededError, UnreadableWorkbookError
from customer_groups.files.limits import Limits
from customer_groups.files.xlsx.escapes import ESCAPE_MARK, unescaped
from customer_groups.files.xlsx.xml import Element, Plain, parse

__all__ = ["PLAIN_TEXT", "Runs", "SharedStrings"]

PLAIN_TEXT: Final = r"[^<&\0-\x1f\ufffe\uffff]*+"
"""A regular expression for text that XML has as it is."""

_PLAIN_START = r'<si><t(?: xml:space="preserve")?+>'
_PLAIN_STRINGS = re.compile(rf"(?:{_PLAIN_START}{PLAIN_TEXT}</t></si>\s*+)++")
_PLAIN_STRING = re.compile(rf"{_PLAIN_START}([^<]*+)".encode())
_SHARE_OF_MEMORY = 4

# What is in a text, by its elements: one that is whole; or runs, with a text in each.
_FORM = re.compile("t|(?:rT?)*")


@attrs.define
class Runs:
    """A text as it comes: in several runs where parts of it look different.

    Attributes:
        most: How many characters it may have.
    """

    most: int
    _texts: list[str] = attrs.field(factory=list)
    _form: list[str] = attrs.field(factory=list)
    _length: int = 0

    def element(
        self,
        starts: Callable[[Mapping[str, str]], None] | None = None,
        ends: Callable[[], None] | None = None,
    ) -> Element:
        """Return the element that has the text; hints to its pronunciation are left out.

        Args:
            starts: Called with the attributes when it begins.
            ends: Called when it ends.
        """
        hint = Element()
        in_run = Element(starts=self._noted("T"), text=self.add)
        run = Element({"t": in_run, "rPr": hint}, is_complete=True, starts=self._noted("r"))
        text = Element(starts=self._noted("t"), text=self.add)
        children = {"t": text, "r": run, "rPh": hint, "phoneticPr": hint}
        return Element(children, is_complete=True, starts=starts, ends=ends)

    def _noted(self, element: str) -> Callable[[Mapping[str, str]], None]:
        return lambda _attributes: self._form.append(element)

    def add(self, text: str) -> None:
        """Add a run.

        Raises:
            LimitExceededError: the text is too long.
        """
        self._length += len(text)
        if self._length > self.most:
            raise LimitExceededError("field_characters", self.most)
        self._texts.append(unescaped(text))

    def take(self) -> str:
        """Return the text, and begin another one.

        Raises:
            UnreadableWorkbookError: it is neither whole nor in runs; programs differ on that.
        """
        if not _FORM.fullmatch("".join(self._form)):
            raise UnreadableWorkbookError("not all programs read the same in one of its texts")
        text = "".join(self._texts)
        self._texts.clear()
        self._form.clear()
        self._length = 0
        return text


class SharedStrings:
    """Texts by number, from 0; packed, because a million of them are a hundred million bytes."""

    def __init__(self, limits: Limits) -> None:
        """Make an empty one.

        Args:
            limits: How much memory it may take: a quarter of what may be inflated.
        """
        self._limits = limits
        self._packed = bytearray()
        self._ends = array("L", [0])
        self._runs = Runs(limits.field_characters)

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, index: int) -> str:
        text = self._packed[self._ends[index] : self._ends[index + 1]]
        return text.decode("utf-8", "surrogatepass")

    def read(self, pieces: Iterable[bytes]) -> None:
        """Read the part that has them.

        Raises:
            UnreadableWorkbookError: it is not well-formed.
            LimitExceededError: there are too many, or one is too long.
        """
        string = self._runs.element(ends=self._add_runs)
        strings = Element({"si": string, "extLst": Element()}, is_complete=True)
        plain = Plain(strings, b"</si>", self._read_plain)
        for _ in parse(pieces, Element({"sst": strings}), self._limits, plain=plain):
            if len(self) > self._limits.cells:
                raise LimitExceededError("cells", self._limits.cells)
            taken = len(self._packed) + len(self._ends) * self._ends.itemsize
            if taken > self._limits.inflated_bytes // _SHARE_OF_MEMORY:
                raise LimitExceededError("inflated_bytes", self._limits.inflated_bytes)

    def _read_plain(self, text: str) -> bool:
        if ESCAPE_MARK in text or not _PLAIN_STRINGS.fullmatch(text):
            return False
        texts = _PLAIN_STRING.findall(text.encode())
        self._ends.extend(accumulate(map(len, texts), initial=self._ends.pop()))
        self._packed += b"".join(texts)
        return True

    def _add_runs(self) -> None:
        self._packed += self._runs.take().encode("utf-8", "surrogatepass")
        self._ends.append(len(self._packed))

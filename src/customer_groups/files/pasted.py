"""Lists that people paste: values between line ends, commas, semicolons and tabs."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Final

from customer_groups.files.cells import BLANK, Row, Single
from customer_groups.files.decoding import BoundedText, text_lines
from customer_groups.files.dialects import Dialect, unguarded
from customer_groups.files.formats import PASTED
from customer_groups.files.reading import Findings, Layout, read_text
from customer_groups.files.sources import Stream
from customer_groups.text import trim

__all__ = ["PastedReader"]

_SEPARATORS = ",;\t"
_LINE_ENDS = ("\r", "\n")


class PastedReader:
    """Reads pasted lists.

    Nothing is guessed and nothing quoted: the four separators always separate. There is
    no value between two separators that have only white space between them.
    """

    name: Final = PASTED

    def rows(self, stream: Stream, layout: Layout, findings: Findings) -> Iterator[Row]:
        """Yield the values.

        Raises:
            LimitExceededError: a value is too long, or there are too many separators without
                any between them.
            NotTextError: the input is another kind of file.
            UnreadableEncodingError: the bytes are in another encoding.
        """
        is_guarded = layout.dialect is Dialect.SPREADSHEET
        longest = layout.limits.record_characters
        text = BoundedText(read_text(stream, layout, findings), longest)
        parts = text_lines(text, longest, cut_after=_SEPARATORS)
        for number, line in groupby(_numbered(parts), itemgetter(0)):
            text.taken = 0
            is_blank = True
            for _, part in line:
                for value in _values_in(part):
                    text.taken = 0
                    is_blank = False
                    yield number, Single(unguarded(value) if is_guarded else value)
            if is_blank:
                yield number, BLANK


def _numbered(parts: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Yield parts of lines, each with the number of its line."""
    number = 1
    for part in parts:
        yield number, part
        number += part.endswith(_LINE_ENDS)


def _values_in(part: str) -> list[str]:
    if not trim(part):
        return []
    values = part.rstrip("\r\n").replace(";", ",").replace("\t", ",").split(",")
    return [value for value in values if trim(value)]

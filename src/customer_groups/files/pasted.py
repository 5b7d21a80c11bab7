"""Lists that people paste: values between line ends, commas, semicolons and tabs."""

from collections.abc import Iterator
from typing import Final

from customer_groups.files.cells import BLANK, Row, Single
from customer_groups.files.decoding import text_lines
from customer_groups.files.dialects import Dialect, unguarded
from customer_groups.files.formats import PASTED
from customer_groups.files.reading import Findings, Layout, read_text
from customer_groups.files.sources import Stream
from customer_groups.text import trim

__all__ = ["PastedReader"]


class PastedReader:
    """Reads pasted lists.

    Nothing is guessed and nothing quoted: the four separators always separate. There is
    no value between two separators that have only white space between them.
    """

    name: Final = PASTED

    def rows(self, stream: Stream, layout: Layout, findings: Findings) -> Iterator[Row]:
        """Yield the values.

        Raises:
            LimitExceededError: a line of a file is too long.
            UnreadableEncodingError: the bytes are in another encoding.
        """
        is_guarded = layout.dialect is Dialect.SPREADSHEET
        text = read_text(stream, layout, findings)
        for number, line in enumerate(text_lines(text, layout.limits.record_characters), 1):
            values = [value for value in _split(line) if trim(value)]
            if not values:
                yield number, BLANK
            for value in values:
                yield number, Single(unguarded(value) if is_guarded else value)


def _split(line: str) -> list[str]:
    return line.rstrip("\r\n").replace(";", ",").replace("\t", ",").split(",")

"""JSON Lines: one JSON value on each line."""

import json
from collections.abc import Iterator
from typing import Final

from customer_groups.files.cells import BLANK, Row, Single, Unclear
from customer_groups.files.decoding import text_lines
from customer_groups.files.formats import JSON_LINES
from customer_groups.files.reading import Findings, Layout, read_text
from customer_groups.files.sources import Stream
from customer_groups.text import trim

__all__ = ["JsonLinesReader"]


class JsonLinesReader:
    """Reads JSON Lines: on each line an object, whose fields are the cells, or one value.

    Numbers are not turned into text: nobody knows which zeros they lost.
    """

    name: Final = JSON_LINES

    def rows(self, stream: Stream, layout: Layout, findings: Findings) -> Iterator[Row]:
        """Yield what stands on each line.

        Raises:
            LimitExceededError: a line is too long.
            UnreadableEncodingError: the bytes are in another encoding.
        """
        text = read_text(stream, layout, findings)
        for number, line in enumerate(text_lines(text, layout.limits.record_characters), 1):
            if not trim(line):
                yield number, BLANK
                continue
            try:
                value = json.loads(line)
            except (RecursionError, ValueError):  # or a number longer than Python reads
                value = Unclear(line.rstrip("\r\n"), "not_json", "is not JSON")
            yield number, value if isinstance(value, dict) else Single(value)

"""JSON Lines: one JSON value on each line."""

import json
from collections.abc import Iterable, Iterator
from typing import Final

from customer_groups.files.cells import BLANK, Row, Single, Unclear, require_short
from customer_groups.files.decoding import text_lines
from customer_groups.files.formats import JSON_LINES
from customer_groups.files.reading import Findings, Layout, read_text
from customer_groups.files.sources import Stream
from customer_groups.text import trim

__all__ = ["JsonLinesReader"]

_DEEPEST = 100


class JsonLinesReader:
    """Reads JSON Lines: on each line an object, whose fields are the cells, or one value.

    Numbers are not turned into text: nobody knows which zeros they lost.
    """

    name: Final = JSON_LINES

    def rows(self, stream: Stream, layout: Layout, findings: Findings) -> Iterator[Row]:
        """Yield what stands on each line.

        Raises:
            LimitExceededError: a line or a text is too long.
            NotTextError: the input is another kind of file.
            UnreadableEncodingError: the bytes are in another encoding.
        """
        longest = layout.limits.field_characters
        decode = json.JSONDecoder(object_pairs_hook=_fields).decode
        text = read_text(stream, layout, findings)
        for number, line in enumerate(text_lines(text, layout.limits.record_characters), 1):
            if not trim(line):
                yield number, BLANK
                continue
            try:
                value = decode(line)
            except _RepeatedFieldError:
                message = "has two fields of the same name"
                value = Unclear(line.rstrip("\r\n"), "repeated_field", message)
            except (RecursionError, ValueError):  # or a number longer than Python reads
                value = Unclear(line.rstrip("\r\n"), "not_json", "is not JSON")
            if line.count("[") + line.count("{") > _DEEPEST and _is_deep(value):
                value = Unclear(line.rstrip("\r\n"), "not_json", "is JSON nested too deeply")
            if len(line) > longest:  # so a text may be, too
                require_short(value.values() if isinstance(value, dict) else [value], longest)
            yield number, value if isinstance(value, dict) else Single(value)


def _is_deep(value: object) -> bool:
    """Return whether there are too many values inside each other for others to take apart."""
    inside = [value]
    for _ in range(_DEEPEST):
        inside = [part for each in inside for part in _parts(each)]
    return bool(inside)


def _parts(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


class _RepeatedFieldError(Exception):
    """Two values have the same name, and nobody knows which of them counts."""


def _fields(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise _RepeatedFieldError
    return fields

"""Lists that people paste: values between line ends, commas, semicolons and tabs."""

from collections.abc import Iterable, Iterator

from customer_groups.files.decoding import text_lines
from customer_groups.files.dialects import Dialect, unguarded
from customer_groups.files.reading import Findings, Layout
from customer_groups.outcomes import Entry
from customer_groups.text import trim

__all__ = ["read_pasted"]


def read_pasted(pieces: Iterable[str], layout: Layout, findings: Findings) -> Iterator[Entry]:
    """Yield the values of a pasted list and the lines that they stand on.

    Nothing is guessed and nothing quoted: the four separators always separate. There is
    no value between two separators that have only white space between them.

    Raises:
        LimitExceededError: a line of a file is too long.
    """
    guarded = layout.dialect is Dialect.SPREADSHEET
    lines = text_lines(pieces, layout.limits.record_characters)
    for number, line in enumerate(lines, 1):
        values = [value for value in _split(line) if trim(value)]
        if not values:
            findings.blank_lines += 1
        for value in values:
            yield number, unguarded(value) if guarded else value


def _split(line: str) -> list[str]:
    return line.rstrip("\r\n").replace(";", ",").replace("\t", ",").split(",")

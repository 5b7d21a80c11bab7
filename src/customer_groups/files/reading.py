"""What every reader of a format is told, and what it tells."""

import attrs

from customer_groups.errors import InvalidValueError
from customer_groups.files.columns import checked_column
from customer_groups.files.dialects import Dialect, parse_dialect
from customer_groups.files.limits import DEFAULT_LIMITS, Limits
from customer_groups.outcomes import OnMalformed

__all__ = ["Detected", "Findings", "Layout"]


def _checked_delimiter(delimiter: str | None) -> str | None:
    is_character = isinstance(delimiter, str) and len(delimiter) == 1
    if delimiter is None or (is_character and delimiter not in '"\r\n'):
        return delimiter
    raise InvalidValueError("delimiter", delimiter, "is not one character that may separate cells")


@attrs.frozen(kw_only=True)
class Layout:
    """How a list is laid out, as far as the caller says; None for what is to be found.

    Attributes:
        delimiter: What separates the cells of delimited text.
        column: The name or the position, from 1, of the column of customers.
        dialect: What is done to text that a spreadsheet would take for a formula.
        by_key: Whether the values are keys instead of codes.
        limits: What the input may not go beyond.
    """

    delimiter: str | None = attrs.field(default=None, converter=_checked_delimiter)
    column: str | int | None = attrs.field(default=None, converter=checked_column)
    dialect: Dialect = attrs.field(default=Dialect.EXACT, converter=parse_dialect)
    by_key: bool = False
    limits: Limits = DEFAULT_LIMITS


@attrs.define
class Findings:
    """What a reader finds beside the values; complete when it has ended.

    Attributes:
        on_unreadable: Told of each value that cannot be had.
        encoding: The encoding of the text, where it came as bytes.
        delimiter: What separates cells; None where there is only one column.
        column: The name of the column of customers; its position, from 1, where it has
            none; None where the format has no columns.
        blank_lines: Lines, or records, without anything in them.
        header_lines: Lines, or records, that say what is in the others.
        unreadable: Values that could not be had.
    """

    on_unreadable: OnMalformed
    encoding: str | None = None
    delimiter: str | None = None
    column: str | int | None = None
    blank_lines: int = 0
    header_lines: int = 0
    unreadable: int = 0

    def add_unreadable(self, line: int, value: object, reason: str, message: str) -> None:
        """Note a value that cannot be had: one of the list, but not one of those yielded."""
        self.unreadable += 1
        self.on_unreadable(line, value, reason, message)


@attrs.frozen(kw_only=True)
class Detected:
    """How a list was laid out, be it said by the caller or found.

    Attributes:
        format: ``"pasted"``, ``"delimited"``, ``"jsonl"``; or ``"values"``, where the source
            was not text but the values themselves.
        encoding: The encoding of the text, where it came as bytes.
        delimiter: What separates cells; None where there is only one column.
        column: The name of the column of customers; its position, from 1, where it has
            none; None where the format has no columns.
    """

    format: str
    encoding: str | None
    delimiter: str | None
    column: str | int | None

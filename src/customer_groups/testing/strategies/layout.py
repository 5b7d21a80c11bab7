"""What a list of customers is made of when it is written."""

from collections.abc import Mapping, Sequence

import attrs
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

__all__ = ["CODE_COLUMNS", "MOST_ROWS", "OTHER_COLUMN", "Layout", "Row", "Value", "blank_rows"]

CODE_COLUMNS = ("customer_code", "Customer No.", "CODE")
"""Names of columns that every importer recognises, in several spellings."""

OTHER_COLUMN = "Kunde"
"""The name of a column that an importer has to be told."""

MOST_ROWS = 8
"""How long lists are: enough for all that can meet."""


@attrs.frozen
class Value:
    """A value of a list.

    Attributes:
        text: The value as it is read.
        malformed: Why it cannot be a customer code; empty where it can.
    """

    text: str
    malformed: str = ""


@attrs.frozen
class Row:
    """A line of a list, or several where quotes span them; blank if it has nothing else.

    Attributes:
        text: What is written, without the last line end.
        values: The values on it.
        is_header: Whether it says what is in the others.
    """

    text: str
    values: tuple[Value, ...] = ()
    is_header: bool = False


@attrs.frozen
class Layout:
    """A list, laid out.

    Attributes:
        rows: Its lines, from the first.
        options: What an importer must be told to read it.
    """

    rows: Sequence[Row]
    options: Mapping[str, str | int] = attrs.field(factory=dict)


def blank_rows(*texts: str) -> SearchStrategy[Row]:
    """Generate rows without anything on them.

    Args:
        texts: What else counts as nothing, beside nothing and spaces.
    """
    return st.sampled_from(("", " ", *texts)).map(Row)

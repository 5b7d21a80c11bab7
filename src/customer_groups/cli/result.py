"""What a command gives back: one record for programs, and something to read for people."""

from collections.abc import Mapping, Sequence

import attrs

__all__ = ["Result", "Table"]


@attrs.frozen
class Table:
    """Rows under a header.

    Attributes:
        columns: The header.
        rows: The rows, each with a cell for every column.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[object]]


@attrs.frozen
class Result:
    """What a command did.

    Attributes:
        record: All of it, as JSON can hold it.
        shown: Sentences and tables that say it to people.
        note: What else they should know, or do next; empty where there is nothing.
        failure: What could not be done although the rest was; empty where all was.
        is_success: Whether the exit code is 0.
    """

    record: Mapping[str, object]
    shown: tuple[str | Table, ...]
    note: str = ""
    failure: str = ""
    is_success: bool = True

"""How commands tell what became of a list of customers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

import attrs

from customer_groups.cli.result import Table
from customer_groups.errors import RejectsNotWrittenError
from customer_groups.files.reading import Detected

__all__ = [
    "first_of",
    "import_and_rejects",
    "note_on_hidden",
    "sentence_on_layout",
    "table_of_counts",
    "tables_of_columns",
    "tables_of_outcomes",
    "with_note_on_dry_run",
]

Report = TypeVar("Report")
T = TypeVar("T")

_SHOWN = 10


def import_and_rejects(
    import_list: Callable[[], Report], rejects: Path | None
) -> tuple[Report, str]:
    """Import a list, and return its report and what went wrong once it was stored.

    Args:
        import_list: Imports it.
        rejects: Where that writes the rejects.
    """
    try:
        return import_list(), ""
    except RejectsNotWrittenError as error:
        return error.report, (
            f"the import is stored, but its rejects are not written to {rejects}: {error.reason};"
            " do not import the list again, take the rejects from the report"
        )


class _Rejected(Protocol):
    """A value that could not be used; or a row."""

    @property
    def line(self) -> int: ...
    @property
    def value(self) -> str: ...
    @property
    def message(self) -> str: ...


def tables_of_columns(columns: Mapping[str, str], ignored: Sequence[str]) -> tuple[Table, ...]:
    """Return a table of the columns that were read, and one of the first that were not.

    Args:
        columns: What the column of each field is called.
        ignored: What the others are called.
    """
    read = Table(("field", "column"), tuple(columns.items()))
    others = [(name,) for name in ignored]
    return (read, Table(("not read",), first_of(others))) if others else (read,)


def tables_of_outcomes(
    counts: Iterable[tuple[str, int]], rejects: Sequence[_Rejected]
) -> tuple[Table, ...]:
    """Return a table of the outcomes that happened, and one of the first rejects.

    Args:
        counts: The outcomes, and how often each happened.
        rejects: The rejects.
    """
    outcomes = table_of_counts(("outcome", "values"), counts)
    if not rejects:
        return (outcomes,)
    shown = [(reject.line, reject.value, reject.message) for reject in rejects]
    return (outcomes, Table(("line", "value", "reject"), first_of(shown)))


def table_of_counts(columns: tuple[str, str], counts: Iterable[tuple[str, int]]) -> Table:
    """Return a table of what happened at least once.

    Args:
        columns: The header.
        counts: What may happen, and how often it did.
    """
    return Table(columns, [(name, count) for name, count in counts if count])


def first_of(rows: Sequence[T]) -> Sequence[T]:
    """Return as many as people see."""
    return rows[:_SHOWN]


def note_on_hidden(number: int, what: str, advice: str) -> str:
    """Return a sentence about what is not shown; empty if all is.

    Args:
        number: How many there are.
        what: What they are, in the plural.
        advice: How to get at them.
    """
    return f"{number - _SHOWN:,} more {what}; {advice}." if number > _SHOWN else ""


def with_note_on_dry_run(sentence: str, *, is_dry_run: bool) -> str:
    """Return a sentence on what was done; after a dry run, one more says that it is undone."""
    return f"{sentence} This was a dry run: nothing is stored." if is_dry_run else sentence


def sentence_on_layout(detected: Detected) -> str:
    """Return a sentence that says how a file was read.

    Args:
        detected: What was said of its layout, or found.
    """
    found = {**attrs.asdict(detected), "format": None}
    known = [f"{name} {value!r}" for name, value in found.items() if value is not None]
    return f"Read as {', '.join([detected.format, *known])}."

"""What comes in from a source: read, counted, limited, and told about."""

import errno
import os
from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

import attrs

from customer_groups.errors import InvalidValueError, LimitExceededError
from customer_groups.files.cells import Row, Single
from customer_groups.files.formats import IMPORTS, PASTED
from customer_groups.files.progress import OnProgress
from customer_groups.files.readers import READERS
from customer_groups.files.reading import Findings, Layout, Reader
from customer_groups.files.repeating import repeatable_file, repeatable_values
from customer_groups.files.sources import FileSource, Readable, open_stream

__all__ = ["FileList", "Intake", "Items", "ValueList", "list_of"]

T = TypeVar("T")

_BETWEEN_TELLING = 5_000


Items = Callable[[Iterator[Row], Layout, Findings], Iterator[T]]
"""Makes what is wanted of the rows of a list, and notes what it finds out."""


@attrs.frozen
class FileList:
    """A list that is text: pasted, or in a file.

    Attributes:
        source: Where it comes from.
        reader: What reads it.
        layout: How it is laid out, as far as the caller says.
        on_progress: Told how much was read.
    """

    source: FileSource
    reader: Reader
    layout: Layout
    on_progress: OnProgress

    @property
    def format(self) -> str:
        """What a report calls the format."""
        return self.reader.name

    @contextmanager
    def opened(self, items: Items[T], findings: Findings) -> Iterator["Intake[T]"]:
        """Open the source, and yield what is in it, to be iterated once."""
        layout = self.layout
        with open_stream(self.source, layout.limits.input_bytes) as stream:
            rows = _limited(self.reader.rows(stream, layout, findings), layout.limits.rows)
            found = items(rows, layout, findings)
            yield Intake(found, lambda _: self.on_progress(stream.done, stream.total))

    @contextmanager
    def repeatable(self) -> Iterator[Callable[[], "FileList"]]:
        """Yield a function that returns the list, to be opened again each time."""
        with repeatable_file(self.source, self.layout.limits.input_bytes) as again:
            yield lambda: attrs.evolve(self, source=again())


@attrs.frozen
class ValueList:
    """A list whose values are given as they are.

    Attributes:
        source: The values.
        layout: What the caller says of them.
        on_progress: Told how many were read.
    """

    source: Iterable[str]
    layout: Layout
    on_progress: OnProgress

    format: ClassVar = "values"

    @contextmanager
    def opened(self, items: Items[T], findings: Findings) -> Iterator["Intake[T]"]:
        """Yield what is in the list, to be iterated once."""
        total = len(self.source) if isinstance(self.source, Sized) else None
        rows = ((number, Single(value)) for number, value in enumerate(self.source, 1))
        found = items(_limited(rows, self.layout.limits.rows), self.layout, findings)
        yield Intake(found, lambda done: self.on_progress(done, total))

    @contextmanager
    def repeatable(self) -> Iterator[Callable[[], "ValueList"]]:
        """Yield a function that returns the list, to be opened again each time."""
        with repeatable_values(self.source, self.layout.limits.rows) as values:
            yield lambda: attrs.evolve(self, source=values)


def list_of(
    source: object,
    layout: Layout,
    *,
    format: str | Reader | None,
    pasted: str = PASTED,
    on_progress: OnProgress | None = None,
) -> FileList | ValueList:
    """Return a list to be read, once it is known how.

    Args:
        source: Where it comes from.
        layout: How it is laid out, as far as the caller says.
        format: The name of the format, or what reads it; None for the format that the name
            of the file says.
        pasted: The format of text, where none is named.
        on_progress: Told how much was read.

    Raises:
        UnknownFormatError: no such format is known.
        InvalidValueError: this is no source, or one that has no format.
        IsADirectoryError: this is the path of a folder.
    """
    tell = on_progress or _tell_nobody
    if isinstance(source, str | os.PathLike | Readable):
        if isinstance(source, os.PathLike) and Path(source).is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(source))
        if format is None and isinstance(source, str):
            format = pasted
        if isinstance(format, str | None):
            format = READERS[IMPORTS.choose(format, source)]
        return FileList(source, format, layout, tell)
    if isinstance(source, bytes) or not isinstance(source, Iterable):
        reason = "is no source; pass text, a path, an open file or the values themselves"
        raise InvalidValueError("source", source, reason)
    if format is not None:
        raise InvalidValueError("format", format, "is not for values; leave it out")
    return ValueList(source, layout, tell)


@attrs.define
class Intake(Generic[T]):
    """The items of a list on their way in: counted, and told about.

    Attributes:
        items: What comes in; one at a time, as each may be long.
        tell: Told every few thousand items, and at the end, how many have come.
        count: How many have come.
    """

    items: Iterator[T]
    tell: Callable[[int], object]
    count: int = 0

    def __iter__(self) -> Iterator[T]:
        for item in self.items:
            self.count += 1
            yield item
            if self.count % _BETWEEN_TELLING == 0:
                self.tell(self.count)
        self.tell(self.count)


def _limited(rows: Iterator[Row], most: int) -> Iterator[Row]:
    """Yield the rows, and refuse the first one too many."""
    yield from islice(rows, most)
    if next(rows, None) is not None:
        raise LimitExceededError("rows", most)


def _tell_nobody(_done: int, _total: int | None) -> None:
    pass

"""Sources that can be read only once, made to be read again."""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import IO, Any

from customer_groups.errors import LimitExceededError
from customer_groups.files.sources import FileSource, Readable, open_stream
from customer_groups.files.spool import Spool

__all__ = ["repeatable_file", "repeatable_values"]


@contextmanager
def repeatable_file(source: FileSource, most: int) -> Iterator[Callable[[], FileSource]]:
    """Yield a function that returns the source from its beginning, as often as it is called.

    An open file is copied to a temporary one first.

    Args:
        source: Text, a path, or an open file.
        most: How many bytes or characters may be copied.

    Raises:
        LimitExceededError: there is more to copy.
    """
    if not isinstance(source, Readable):
        yield lambda: source
        return
    with open_stream(source, most) as stream, _empty_copy(source) as copy:
        copy.writelines(stream)

        def from_its_beginning() -> FileSource:
            copy.seek(0)
            return copy

        yield from_its_beginning


@contextmanager
def repeatable_values(values: Iterable[str], most: int) -> Iterator[Iterable[str]]:
    """Yield the values as something that can be iterated again and again.

    An iterator is copied first.

    Args:
        values: The values.
        most: How many may be copied.

    Raises:
        LimitExceededError: there are more to copy.
    """
    if iter(values) is not values:
        yield values
        return
    with Spool() as copy:
        for value in values:
            if len(copy) == most:
                raise LimitExceededError("rows", most)
            copy.append(value)
        yield copy


def _empty_copy(file: Readable) -> IO[Any]:
    if isinstance(file.read(0), bytes):
        return tempfile.TemporaryFile()
    return tempfile.TemporaryFile("w+", encoding="utf-8", errors="surrogatepass", newline="")

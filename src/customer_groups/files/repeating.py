"""Sources that can be read only once, made to be read again."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any

from customer_groups.errors import LimitExceededError
from customer_groups.files.limits import Limits
from customer_groups.files.sources import Readable, Source, open_stream
from customer_groups.files.spool import Spool

__all__ = ["repeatable"]


@contextmanager
def repeatable(source: Source, limits: Limits) -> Iterator[Callable[[], Source]]:
    """Yield a function that returns the source from its beginning, as often as it is called.

    Open files and iterators are copied to a temporary file first.

    Raises:
        LimitExceededError: there is more to copy than an import may read.
    """
    if isinstance(source, Readable):
        with _copied_file(source, limits.input_bytes) as copy:
            yield copy
    elif not isinstance(source, str | os.PathLike) and iter(source) is source:
        with Spool() as values:
            for value in source:
                if len(values) == limits.rows:
                    raise LimitExceededError("rows", limits.rows)
                values.append(value)
            yield lambda: values
    else:
        yield lambda: source


@contextmanager
def _copied_file(file: Readable, most: int) -> Iterator[Callable[[], Source]]:
    with open_stream(file, most) as stream, _empty_copy(file) as copy:
        copy.writelines(stream)

        def from_its_beginning() -> Source:
            copy.seek(0)
            return copy

        yield from_its_beginning


def _empty_copy(file: Readable) -> IO[Any]:
    if isinstance(file.read(0), bytes):
        return tempfile.TemporaryFile()
    return tempfile.TemporaryFile("w+", encoding="utf-8", errors="surrogatepass", newline="")

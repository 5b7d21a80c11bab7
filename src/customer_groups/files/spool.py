"""Values set aside until they are needed again: in memory while they are few, then on disk."""

import json
import tempfile
from collections.abc import Iterator
from typing import Any, Self

__all__ = ["Spool"]

_IN_MEMORY = 1 << 20


def _described(value: object) -> dict[str, str]:
    return {"not JSON": repr(value)}


class Spool:
    """A list of values that JSON can hold, of any length; a context that discards it.

    Another value comes back as an object that describes it, never as text.
    """

    def __init__(self) -> None:
        """Make an empty one."""
        self._encode = json.JSONEncoder(default=_described, skipkeys=True).encode
        self._file = tempfile.SpooledTemporaryFile(  # noqa: SIM115 - close() closes it
            _IN_MEMORY, "w+", encoding="ascii", newline="\n"
        )
        self._length = 0

    def append(self, value: object) -> None:
        """Add a value at the end; not while somebody iterates."""
        self._file.write(self._encode(value) + "\n")
        self._length += 1

    def clear(self) -> None:
        """Remove all values."""
        self._file.seek(0)
        self._file.truncate()
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Any]:
        self._file.seek(0)
        for line in self._file:
            yield json.loads(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Discard everything."""
        self._file.close()

"""Cutting long lists into parts that fit into one statement."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

__all__ = ["KEYS_AT_A_TIME", "parts"]

T = TypeVar("T")

KEYS_AT_A_TIME = 500  # below the limit on parameters of the oldest SQLite


def parts(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield the items in lists of at most ``size``."""
    iterator = iter(items)
    while part := list(islice(iterator, size)):
        yield part

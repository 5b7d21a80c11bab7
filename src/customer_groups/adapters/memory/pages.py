"""Pages of values that are all in memory."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from customer_groups.paging import Page, checked_limit, decode_cursor, encode_cursor

__all__ = ["page_of"]

T = TypeVar("T")


def page_of(
    items: Iterable[T],
    position: Callable[[T], tuple[str, ...]],
    context: Sequence[str],
    *,
    limit: int,
    after: str | None,
    descending: bool = False,
) -> Page[T]:
    """Return the page of ``items`` that follows ``after``, sorted by their position."""
    checked_limit(limit)
    rest = sorted(items, key=position, reverse=descending)
    if after is not None:
        last = decode_cursor(context, after)
        rest = [
            item
            for item in rest
            if (position(item) < last if descending else position(item) > last)
        ]
    shown = tuple(rest[:limit])
    more = len(rest) > limit
    return Page(shown, encode_cursor(context, position(shown[-1])) if more else None)

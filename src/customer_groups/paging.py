"""Pages of a long result, and the cursors that lead from one to the next."""

import base64
import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

import attrs

from customer_groups.errors import InvalidCursorError, InvalidValueError

__all__ = ["MAX_PAGE", "Page", "checked_limit", "decode_cursor", "encode_cursor", "walk"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

MAX_PAGE = 1_000
MAX_CURSOR_LENGTH = 1_024
_DIGEST_BYTES = 16
_BYTES_A_CHARACTER = 3  # so the longest key of a name still fits into a cursor
_SEPARATOR = "\0"


@attrs.frozen
class Page(Generic[T_co]):
    """A part of a result, in the order of the result.

    Attributes:
        items: The values of this page.
        next: The cursor to pass as ``after`` for the next page; None at the end.
        total: How many values the whole result has, where that was asked for.
    """

    items: tuple[T_co, ...]
    next: str | None = None
    total: int | None = None


def walk(fetch: Callable[[str | None], Page[T]]) -> Iterator[T]:
    """Yield all values of a long result, read page by page.

    Args:
        fetch: Returns the page after a cursor; given None, the first one.
    """
    page = fetch(None)
    yield from page.items
    while page.next is not None:
        page = fetch(page.next)
        yield from page.items


def checked_limit(limit: int) -> int:
    """Return ``limit`` if it may be the size of a page.

    Raises:
        InvalidValueError: it is not a whole number from 1 to 1,000.
    """
    if type(limit) is not int or not 1 <= limit <= MAX_PAGE:
        raise InvalidValueError("limit", limit, f"is not a whole number from 1 to {MAX_PAGE:,}")
    return limit


def encode_cursor(context: Sequence[str], position: Sequence[str]) -> str:
    """Return a cursor for the place right after ``position``.

    Args:
        context: All that the cursor depends on: tenant, query, order.
        position: What a page is continued by: the sort value and the code of its last row.
            Together at most 230 characters, none of them NUL.

    Returns:
        At most 1,024 characters that need no quoting in a URL. They are opaque, not secret.
    """
    text = _SEPARATOR.join(position)
    packed = b"".join(ord(char).to_bytes(_BYTES_A_CHARACTER, "big") for char in text)
    return base64.urlsafe_b64encode(_digest(context, packed) + packed).decode("ascii")


def decode_cursor(context: Sequence[str], cursor: object) -> tuple[str, ...]:
    """Return the position that `encode_cursor` put into ``cursor``.

    Raises:
        InvalidCursorError: the cursor was made in another context, or is damaged.
    """
    if not isinstance(cursor, str) or len(cursor) > MAX_CURSOR_LENGTH:
        raise InvalidCursorError("cursor", cursor, "is none of ours; start at the first page")
    try:
        raw = base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True)
        text = _unpacked(raw[_DIGEST_BYTES:])
    except ValueError:
        raise InvalidCursorError("cursor", cursor, "is damaged; start at the first page") from None
    if raw[:_DIGEST_BYTES] != _digest(context, raw[_DIGEST_BYTES:]):
        reason = "belongs to another search, order or tenant; start at the first page"
        raise InvalidCursorError("cursor", cursor, reason)
    return tuple(text.split(_SEPARATOR))


def _unpacked(packed: bytes) -> str:
    points = range(0, len(packed), _BYTES_A_CHARACTER)
    return "".join(chr(int.from_bytes(packed[i : i + _BYTES_A_CHARACTER], "big")) for i in points)


def _digest(context: Sequence[str], packed: bytes) -> bytes:
    hashed = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    for part in (*(part.encode("utf-8", "surrogatepass") for part in context), packed):
        hashed.update(b"%d:%b" % (len(part), part))
    return hashed.digest()

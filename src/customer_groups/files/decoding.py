"""From bytes to text, knowing at which byte it fails; and from text to lines."""

import codecs
import io
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from customer_groups.errors import (
    InvalidValueError,
    LimitExceededError,
    UnreadableEncodingError,
)

__all__ = ["checked_encoding", "text_lines", "text_pieces"]

_BYTE_ORDER_MARK = "\ufeff"
_ENCODING_BY_MARK = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_LONGEST_MARK = 3
_NOT_IN_CP1252 = b"\x00\x81\x8d\x8f\x90\x9d"


def checked_encoding(encoding: str | None) -> str | None:
    """Return ``encoding`` if Python knows it as an encoding of text, or if it is None.

    Raises:
        InvalidValueError: it does not.
    """
    if encoding is not None:
        try:
            "?".encode(encoding)
        except (LookupError, TypeError, ValueError):
            reason = "is not the name of a text encoding"
            raise InvalidValueError("encoding", encoding, reason) from None
    return encoding


def text_pieces(
    pieces: Iterator[Any], encoding: str | None = None
) -> tuple[str | None, Iterator[str]]:
    """Decode input, and take off the byte order mark that it may begin with.

    Args:
        pieces: Pieces of bytes, or pieces of text.
        encoding: The encoding of bytes, wherever it is known. Where it is None, a byte order
            mark of UTF-8 or UTF-16 tells it; without one the input must be UTF-8.

    Returns:
        The encoding, None for what was text already, and pieces of text. Taking a piece
        raises an `UnreadableEncodingError` where the bytes do not fit the encoding.
    """
    head = next(pieces, b"")
    if isinstance(head, str):
        return None, _without_mark(chain([head], pieces))
    while len(head) < _LONGEST_MARK and (more := next(pieces, b"")):
        head += more
    name = encoding or _marked_encoding(head)
    decoded = _decoded(chain([head], pieces), name, known=encoding is not None)
    return name, _without_mark(decoded)


def _marked_encoding(head: bytes) -> str:
    found = (name for mark, name in _ENCODING_BY_MARK.items() if head.startswith(mark))
    return next(found, "utf-8")


def _without_mark(pieces: Iterator[str]) -> Iterator[str]:
    yield next(pieces, "").removeprefix(_BYTE_ORDER_MARK)
    yield from pieces


def _decoded(pieces: Iterable[bytes], encoding: str, *, known: bool) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)()
    taken = 0
    for piece in chain(pieces, [b""]):
        taken += len(piece)
        try:
            text = decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            # What the decoder held back of earlier pieces stands in error.object, too.
            offset = taken - len(error.object) + error.start
            likely = None if known else _likely_encoding(error.object)
            raise UnreadableEncodingError(encoding, offset, likely) from None
        except UnicodeError:  # some decoders do not say where
            raise UnreadableEncodingError(encoding, taken - len(piece)) from None
        if text:
            yield text


def _likely_encoding(data: bytes) -> str | None:
    """Return what spreadsheets write where they do not write UTF-8, unless it cannot be."""
    return None if any(byte in data for byte in _NOT_IN_CP1252) else "cp1252"


def text_lines(pieces: Iterable[str], longest: int) -> Iterator[str]:
    """Split text into its physical lines, which keep their ends: CR, LF or CRLF.

    Args:
        pieces: The text, cut anywhere.
        longest: How many characters of a line may be waiting for its end; beyond,
            taking a line raises a `LimitExceededError`.
    """
    return chain.from_iterable(_blocks_of_lines(pieces, longest))


def _blocks_of_lines(pieces: Iterable[str], longest: int) -> Iterator[Iterable[str]]:
    rest = ""
    for piece in pieces:
        text = rest + piece
        # A CR at the very end may be half of a CRLF.
        end = max(text.rfind("\n"), text.rfind("\r", 0, -1)) + 1
        yield io.StringIO(text[:end], newline="")
        rest = text[end:]
        if len(rest) > longest:
            raise LimitExceededError("record_characters", longest)
    yield io.StringIO(rest, newline="")

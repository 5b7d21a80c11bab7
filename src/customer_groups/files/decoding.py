"""From bytes to text, knowing at which byte it fails; and from text to lines."""

import codecs
import io
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import attrs

from customer_groups.errors import (
    InvalidValueError,
    LimitExceededError,
    UnreadableEncodingError,
)
from customer_groups.files.signatures import LONGEST_SIGNATURE, refuse_other_files

__all__ = ["BoundedText", "checked_encoding", "text_lines", "text_pieces"]

_BYTE_ORDER_MARK = "\ufeff"
_ENCODING_BY_MARK = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
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
            mark of UTF-8, UTF-16 or UTF-32 tells it; without one the input must be UTF-8.

    Returns:
        The encoding, None for what was text already, and pieces of text. Taking a piece
        raises an `UnreadableEncodingError` where the bytes do not fit the encoding.

    Raises:
        NotTextError: the input is another kind of file.
        UnreadableEncodingError: it looks like UTF-16, and nothing says that it is.
    """
    head = next(pieces, b"")
    if isinstance(head, str):
        return None, _without_mark(chain([head], pieces))
    while len(head) < LONGEST_SIGNATURE and (more := next(pieces, b"")):
        head += more
    refuse_other_files(head)
    name = encoding or _marked_encoding(head)
    decoded = _decoded(chain([head], pieces), name, known=encoding is not None)
    return name, _without_mark(decoded)


def _marked_encoding(head: bytes) -> str:
    for mark, name in _ENCODING_BY_MARK.items():
        if head.startswith(mark):
            return name
    _refuse_unmarked_utf_16(head)
    return "utf-8"


def _refuse_unmarked_utf_16(head: bytes) -> None:
    """Do nothing unless most characters have a zero byte, always on the same side."""
    for name, sides in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        if sides.count(0) > len(sides) / 2:
            raise UnreadableEncodingError("utf-8", head.index(0), name)


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


@attrs.define
class BoundedText:
    """Pieces of text, refused where too many of them are taken for one record.

    Attributes:
        pieces: The text, cut anywhere.
        longest: How many characters may have been taken before another piece is.
        taken: How many were taken since the last record ended.
    """

    pieces: Iterable[str]
    longest: int
    taken: int = 0

    def __iter__(self) -> Iterator[str]:
        for piece in self.pieces:
            if self.taken > self.longest:
                raise LimitExceededError("record_characters", self.longest)
            self.taken += len(piece)
            yield piece


def text_lines(pieces: Iterable[str], longest: int, *, cut_after: str = "") -> Iterator[str]:
    """Split text into its physical lines, which keep their ends: CR, LF or CRLF.

    Args:
        pieces: The text, cut anywhere.
        longest: How many characters of a line may be waiting for its end; beyond,
            taking a line raises a `LimitExceededError`.
        cut_after: Characters after which a line may be cut while it waits for its end. It
            comes in parts then, and the last one has the end.
    """
    return chain.from_iterable(_blocks_of_lines(pieces, longest, cut_after))


def _blocks_of_lines(
    pieces: Iterable[str], longest: int, cut_after: str
) -> Iterator[Iterable[str]]:
    rest = ""
    for piece in pieces:
        text = rest + piece
        # A CR at the very end may be half of a CRLF.
        ends = (text.rfind("\n"), text.rfind("\r", 0, -1), *map(text.rfind, cut_after))
        end = max(ends) + 1
        yield io.StringIO(text[:end], newline="")
        rest = text[end:]
        if len(rest) > longest:
            raise LimitExceededError("record_characters", longest)
    yield io.StringIO(rest, newline="")

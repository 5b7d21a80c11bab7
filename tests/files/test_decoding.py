"""Text is decoded strictly, and split at line ends only."""

import io
from collections.abc import Iterator

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.errors import (
    InvalidValueError,
    LimitExceededError,
    UnreadableEncodingError,
)
from customer_groups.files.decoding import checked_encoding, text_lines, text_pieces

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


def cut(data: bytes, size: int) -> list[bytes]:
    """Return ``data`` in pieces of one size."""
    return [data[start : start + size] for start in range(0, len(data), size)]


def decoded(pieces: list[bytes], encoding: str | None = None) -> tuple[str | None, str]:
    """Return the encoding and the whole text."""
    name, text = text_pieces(iter(pieces), encoding)
    return name, "".join(text)


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("Zoë".encode(), "utf-8"),
        ("Zoë".encode("utf-8-sig"), "utf-8"),
        (b"\xff\xfe" + "Zoë".encode("utf-16-le"), "utf-16-le"),
        (b"\xfe\xff" + "Zoë".encode("utf-16-be"), "utf-16-be"),
        ("Zoë".encode("utf-32"), "utf-32-le"),
        (b"\0\0\xfe\xff" + "Zoë".encode("utf-32-be"), "utf-32-be"),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_the_byte_order_mark_tells_the_encoding_and_goes(
    data: bytes, encoding: str, size: int
) -> None:
    """UTF-8 needs no mark, the others do; however the bytes come in."""
    assert decoded(cut(data, size)) == (encoding, "Zoë")


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-16-be", "utf-8-sig", "shift_jis"])
def test_the_encoding_that_is_named_wins(encoding: str) -> None:
    """What is given explicitly is not questioned."""
    text = "C1" if encoding == "shift_jis" else "Zoë"
    assert decoded([text.encode(encoding)], encoding) == (encoding, text)


def test_a_byte_order_mark_goes_even_where_the_encoding_is_named() -> None:
    """It is never part of the first value."""
    assert decoded([b"\xef\xbb\xbfC1"], "utf-8") == ("utf-8", "C1")
    name, pieces = text_pieces(iter(["\ufeffC1", "\ufeff"]))
    assert (name, "".join(pieces)) == (None, "C1\ufeff")


def test_nothing_is_no_text() -> None:
    """An empty file has no lines."""
    assert decoded([]) == ("utf-8", "")


@given(TEXTS, st.integers(1, 9), st.sampled_from(["utf-8", "utf-16-le", "gb18030", "utf-7"]))
def test_the_cuts_make_no_difference(text: str, size: int, encoding: str) -> None:
    """Characters that are cut in two are put together again."""
    whole = text.removeprefix("\ufeff")
    assert decoded(cut(text.encode(encoding), size), encoding) == (encoding, whole)


@given(st.binary(max_size=40), st.integers(1, 9))
def test_the_error_names_the_byte_that_python_finds_in_the_whole(data: bytes, size: int) -> None:
    """The offset counts from the beginning of the input, not of a piece."""
    data = b"C" * 64 + data  # so that it looks like nothing else
    fault = first_fault(data)
    if fault is None:
        assert decoded(cut(data, size)) == ("utf-8", data.decode())
    else:
        with pytest.raises(UnreadableEncodingError) as caught:
            decoded(cut(data, size))
        assert (caught.value.encoding, caught.value.offset) == ("utf-8", fault)


def first_fault(data: bytes) -> int | None:
    """Return where Python finds that ``data`` as a whole is not UTF-8."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return error.start
    return None


@pytest.mark.parametrize(
    ("encoding", "good", "bad"),
    [
        ("utf-16-le", "C".encode("utf-16-le"), b"\x00\xdc"),
        ("shift_jis", b"C", b"\xff"),
        ("gb18030", "中".encode("gb18030"), b"\xff"),
        ("cp1252", b"C", b"\x81"),
        ("ascii", b"C", b"\xe9"),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_the_offset_is_exact_in_other_encodings(
    encoding: str, good: bytes, bad: bytes, size: int
) -> None:
    """Every decoder holds back bytes in its own way."""
    with pytest.raises(UnreadableEncodingError) as caught:
        decoded(cut(good * 10 + bad + good, size), encoding)
    assert attrs.astuple(caught.value) == (encoding, len(good) * 10, None)


def test_a_decoder_may_not_say_where_it_fails() -> None:
    """The bytes before the piece are counted then."""
    with pytest.raises(UnreadableEncodingError) as caught:
        decoded([b"C1" * 50], "utf-16")
    assert attrs.astuple(caught.value) == ("utf-16", 0, None)


def test_the_offset_is_exact_deep_in_a_large_file() -> None:
    """A hundred pieces before the fault are counted."""
    with pytest.raises(UnreadableEncodingError) as caught:
        decoded([*[b"C0000001\n" * 7_000] * 100, b"M\xfcller"])
    assert caught.value.offset == 9 * 7_000 * 100 + 1


@pytest.mark.parametrize(("data", "likely"), [(b"M\xfcller", "cp1252"), (b"C1\x00\xfc", None)])
def test_a_likely_encoding_is_offered_unless_it_cannot_be(data: bytes, likely: str | None) -> None:
    """A hint is never acted upon, and never absurd."""
    with pytest.raises(UnreadableEncodingError) as caught:
        decoded([data])
    assert caught.value.likely == likely


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_utf_16_without_a_mark_has_to_be_named(encoding: str, size: int) -> None:
    """It is UTF-8 with a NUL at every other place, and nobody means that."""
    data = "Kundennummer;Straße\nC1;x\n".encode(encoding)
    with pytest.raises(UnreadableEncodingError) as caught:
        decoded(cut(data, size))
    assert attrs.astuple(caught.value) == ("utf-8", encoding == "utf-16-le", encoding)
    assert decoded(cut(data, size), encoding) == (encoding, data.decode(encoding))


def test_single_zeros_are_left_to_who_looks_at_the_values() -> None:
    """One damaged value is no reason to refuse all of them."""
    assert decoded([b"code\nC\x001\nC\x00"]) == ("utf-8", "code\nC\x001\nC\x00")


def test_an_encoding_must_be_one_of_text() -> None:
    """A typing error is found before the file is opened."""
    assert checked_encoding(None) is None
    assert checked_encoding("cp1252") == "cp1252"
    for name in ("utf-nine", "hex", "undefined", "a\0b"):
        with pytest.raises(InvalidValueError, match="is not the name of a text encoding"):
            checked_encoding(name)


@given(
    st.lists(st.text(st.sampled_from("aé\r\n\x0b\x85\u2028"), max_size=6), max_size=8).map(tuple)
)
def test_lines_are_those_of_a_file_with_universal_newlines(pieces: tuple[str, ...]) -> None:
    """CR, LF and CRLF end a line, wherever the pieces were cut; nothing else does."""
    expected = list(io.StringIO("".join(pieces), newline=""))
    assert list(text_lines(pieces, 100)) == expected


def test_a_line_without_end_is_refused_before_it_is_read() -> None:
    """Only so much of a line is ever held."""
    taken: list[str] = []

    def endless() -> Iterator[str]:
        while True:
            taken.append("x" * 10)
            yield taken[-1]

    with pytest.raises(LimitExceededError) as caught:
        list(text_lines(endless(), 50))
    assert attrs.astuple(caught.value) == ("record_characters", 50)
    assert len(taken) == 6

"""Sources are opened, counted and limited, and left as they were."""

import io
import os
from pathlib import Path

import attrs
import pytest

from customer_groups.errors import InvalidValueError, LimitExceededError
from customer_groups.files.sources import PIECE, Readable, Source, open_stream

PLENTY = 10**9


def read_all(source: str | Path | Readable, most: int = PLENTY) -> list[str | bytes]:
    """Return the pieces of a source."""
    with open_stream(source, most) as stream:
        return list(stream)


def test_text_comes_as_one_piece_of_known_size() -> None:
    """Pasted text is in memory already."""
    with open_stream("C1\nC2", PLENTY) as stream:
        assert stream.total == 5
        assert list(stream) == ["C1\nC2"]
        assert stream.done == 5


def test_a_text_that_names_a_file_is_not_read_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A string is never a path."""
    (tmp_path / "codes.csv").write_text("C1")
    monkeypatch.chdir(tmp_path)
    assert read_all("codes.csv") == ["codes.csv"]


def test_a_long_text_comes_in_pieces() -> None:
    """Nobody copies it as a whole."""
    assert list(map(len, read_all("x" * (2 * PIECE + 1)))) == [PIECE, PIECE, 1]


@attrs.define
class Dripping:
    """An open file that gives one byte at a time, as a slow connection may."""

    missing: int

    def read(self, _size: int, /) -> bytes:
        """Return the next byte, or nothing at the end."""
        self.missing -= 1
        return b"x" if self.missing >= 0 else b""


@pytest.mark.parametrize("size", [0, 1, PIECE, PIECE + 1])
def test_what_comes_byte_by_byte_is_gathered(size: int) -> None:
    """To look for a line end anew after each byte would take hours."""
    pieces = read_all(Dripping(size))
    assert all(len(piece) == PIECE for piece in pieces[:-1])
    assert b"x" * size == b"".join(map(bytes, pieces))  # type: ignore[arg-type]


def test_a_path_comes_in_pieces_of_bytes(tmp_path: Path) -> None:
    """A file is never read as a whole."""
    path = tmp_path / "big"
    path.write_bytes(b"x" * (PIECE + 1))
    with open_stream(path, PLENTY) as stream:
        assert stream.total == PIECE + 1
        assert list(map(len, stream)) == [PIECE, 1]
        assert stream.done == PIECE + 1


def test_an_open_file_is_read_from_where_it_stands_and_left_open() -> None:
    """What the caller opened is the caller's."""
    file = io.BytesIO(b"xxC1")
    file.seek(2)
    with open_stream(file, PLENTY) as stream:
        assert stream.total == 2
        assert list(stream) == [b"C1"]
    assert not file.closed


@pytest.mark.parametrize("kind", ["text", "pipe", "wrapped"])
def test_the_size_of_some_files_is_not_known(kind: str) -> None:
    """Text has no size in bytes, a pipe no end, and what is no io file cannot tell."""

    class Wrapped:
        def read(self, size: int, /) -> str:
            return text.read(size)

    text = io.StringIO("C1")
    reading, writing = os.pipe()
    os.write(writing, b"C1")
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        files: dict[str, Readable] = {"text": text, "pipe": pipe, "wrapped": Wrapped()}
        with open_stream(files[kind], PLENTY) as stream:
            assert stream.total is None
            assert list(stream) in (["C1"], [b"C1"])


@pytest.mark.parametrize("source", ["C123", io.StringIO("C123"), io.BytesIO(b"C123")])
def test_the_limit_is_the_largest_size_that_passes(source: str | Readable) -> None:
    """Bytes of bytes and characters of text are limited alike."""
    with pytest.raises(LimitExceededError) as caught:
        read_all(source, 3)
    assert attrs.astuple(caught.value) == ("input_bytes", 3)
    if not isinstance(source, str):
        source = type(source)(source.getvalue())  # type: ignore[attr-defined,call-arg]
    assert len(read_all(source, 4)) == 1


def test_too_large_a_file_is_not_read_to_its_end(tmp_path: Path) -> None:
    """The limit is checked while reading."""
    path = tmp_path / "big"
    path.write_bytes(b"x" * (10 * PIECE))
    with open_stream(path, PIECE) as stream:
        with pytest.raises(LimitExceededError):
            list(stream)
        assert stream.done == 2 * PIECE


def test_a_path_and_a_text_are_no_open_files(tmp_path: Path) -> None:
    """What can be read from is told by its method."""
    sources: list[Source] = [tmp_path, "C1", ["C1"]]
    assert not any(isinstance(source, Readable) for source in sources)


def test_a_file_that_can_be_read_anywhere_is_taken_as_it_is(tmp_path: Path) -> None:
    """A large one is not copied."""
    path = tmp_path / "list"
    path.write_bytes(b"C123")
    with open_stream(path, 4) as stream:
        file = stream.file()
        assert (file.name, file.read(), stream.done) == (str(path), b"C123", 4)


def half_read() -> io.BytesIO:
    """Return an open file that stands after its first bytes."""
    file = io.BytesIO(b"C1xxxx")
    file.seek(2)
    return file


@pytest.mark.parametrize("file", [Dripping(4), half_read()])
def test_any_other_file_is_copied(file: Readable) -> None:
    """It is read from where it stands, and the copy ends with the stream."""
    with open_stream(file, 4) as stream:
        copy = stream.file()
        assert (copy.read(), stream.done) == (b"xxxx", 4)
    assert copy.closed


@pytest.mark.parametrize("file", [io.BytesIO(b"C1234"), Dripping(5)])
def test_too_large_a_file_is_not_taken(file: Readable) -> None:
    """Be its size known or not."""
    with open_stream(file, 4) as stream, pytest.raises(LimitExceededError):
        stream.file()


def test_text_is_no_file_of_bytes() -> None:
    """The error says what to open instead."""
    with (
        open_stream(io.StringIO("C1"), 4) as stream,
        pytest.raises(InvalidValueError, match="is text; open the file for reading bytes"),
    ):
        stream.file()

"""Files are replaced as a whole, or written to and left open."""

import io
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from customer_groups.errors import InvalidValueError
from customer_groups.files.target import open_target, require_writable


class DiskFullError(OSError):
    """Stands for any failure while writing."""


def names_in(folder: Path) -> list[str]:
    """Return the names of all files in a folder."""
    return [path.name for path in folder.iterdir()]


def write_half(path: Path, error: type[BaseException]) -> None:
    """Fail before everything is written."""
    with open_target(path) as file:
        file.write("new")
        raise error


def test_a_new_file_appears_with_all_its_text(tmp_path: Path) -> None:
    """Line ends and characters are written as they are given."""
    path = tmp_path / "out.csv"
    for target in (path, str(path)):
        with open_target(target) as file:
            file.write("Zoë\r\nx\ny")
            assert target is path or path.exists()
        assert path.read_bytes() == "Zoë\r\nx\ny".encode()
        assert names_in(tmp_path) == ["out.csv"]


def test_until_the_end_the_old_file_is_there(tmp_path: Path) -> None:
    """A reader sees the old file or the new one, nothing in between."""
    path = tmp_path / "out.csv"
    path.write_text("old")
    with open_target(path) as file:
        file.write("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"


@pytest.mark.parametrize("error", [DiskFullError, KeyboardInterrupt])
def test_on_an_error_nothing_changes_and_nothing_stays_behind(
    tmp_path: Path, error: type[BaseException]
) -> None:
    """Not even when the user interrupts."""
    path = tmp_path / "out.csv"
    path.write_text("old")
    with pytest.raises(error):
        write_half(path, error)
    assert path.read_text() == "old"
    assert names_in(tmp_path) == ["out.csv"]


def test_the_mode_of_the_file_stays(tmp_path: Path) -> None:
    """What was private stays private, also while it is written."""
    path = tmp_path / "out.csv"
    path.touch(mode=0o600)
    with open_target(path) as file:
        file.write("new")
        assert {stat.S_IMODE(one.stat().st_mode) for one in tmp_path.iterdir()} == {0o600}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_target_of_a_link_is_replaced(tmp_path: Path) -> None:
    """The link stays a link."""
    path, link = tmp_path / "out.csv", tmp_path / "link.csv"
    path.write_text("old")
    link.symlink_to(path)
    with open_target(link) as file:
        file.write("new")
    assert link.is_symlink()
    assert path.read_text() == "new"


def test_a_folder_that_is_not_there_is_an_error_about_the_target(tmp_path: Path) -> None:
    """The name of the temporary file means nothing to the caller."""
    path = tmp_path / "nowhere" / "out.csv"
    with pytest.raises(FileNotFoundError) as caught, open_target(path):
        pass  # pragma: no cover - the target cannot be opened
    assert caught.value.filename == str(path)


def test_a_folder_that_cannot_be_opened_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not every system can force the name of a file to disk."""

    def refuse(*_: object) -> int:
        raise PermissionError

    monkeypatch.setattr(os, "open", refuse)
    with open_target(tmp_path / "out.csv") as file:
        file.write("new")
    assert (tmp_path / "out.csv").read_text() == "new"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_bytes_are_encoded(tmp_path: Path, encoding: str) -> None:
    """The same bytes, whether to a path or to an open file; with one byte order mark."""
    text = ["Zo", "é"]
    data = io.BytesIO(b"before ")
    data.seek(7)
    for target in (tmp_path / "out", data):
        with open_target(target, encoding) as file:
            for part in text:
                file.write(part)
    assert (tmp_path / "out").read_bytes() == "".join(text).encode(encoding)
    assert data.getvalue() == b"before " + "".join(text).encode(encoding)
    assert not data.closed


def test_what_cannot_be_encoded_is_written_as_an_escape(tmp_path: Path) -> None:
    """One odd name must not stop an export."""
    data = io.BytesIO()
    for target in (tmp_path / "out", data):
        with open_target(target) as file:
            file.write("a\ud800b")
    assert data.getvalue() == (tmp_path / "out").read_bytes() == b"a\\ud800b"


def test_bytes_are_written_as_they_are(tmp_path: Path) -> None:
    """To a path, which is replaced as a whole, and to an open file."""
    path, data = tmp_path / "out", io.BytesIO()
    path.write_bytes(b"old")
    for target in (path, data):
        with open_target(target, None) as file:
            file.write(b"\r\n\xff")
            assert path.read_bytes() == (b"old" if target is path else b"\r\n\xff")
    assert data.getvalue() == path.read_bytes() == b"\r\n\xff"


def test_bytes_are_written_to_a_pipe(tmp_path: Path) -> None:
    """As text is."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with open_target(path, None) as file:
        file.write(b"\xff")
    assert os.read(reader, 100) == b"\xff"
    os.close(reader)


def test_an_open_text_file_takes_no_bytes() -> None:
    """The error says how to open it."""
    with (
        pytest.raises(InvalidValueError, match='open the file with mode "wb"'),
        open_target(io.StringIO(), None),
    ):
        pass  # pragma: no cover - the target cannot be opened


@attrs.define
class Both:
    """Takes text and bytes, as the responses of some web frameworks do."""

    content: bytes = b""

    def write(self, data: str | bytes, /) -> None:
        """Take some."""
        self.content += data.encode() if isinstance(data, str) else data


@pytest.mark.parametrize(
    ("encoding", "data", "expected"),
    [(None, b"\xff", b"\xff"), ("utf-8-sig", "Zoë", b"\xef\xbb\xbfZo\xc3\xab")],
)
def test_what_takes_text_and_bytes_is_given_bytes(
    encoding: str | None, data: str | bytes, expected: bytes
) -> None:
    """It is good for every format, and the encoding is that of the format."""
    both = Both()
    require_writable(both, encoding)
    with open_target(both, encoding) as file:
        file.write(data)
    assert both.content == expected


@pytest.fixture
def descriptor(tmp_path: Path) -> Iterator[int]:
    """Yield the number of an open file to which somebody has written."""
    with (tmp_path / "out").open("wb", buffering=0) as file:
        file.write(b"before ")
        yield file.fileno()


@pytest.mark.parametrize("way", ["/dev/fd/{0}", "/proc/self/fd/{0}", "link", "link to link"])
@pytest.mark.parametrize("encoding", ["utf-8", None])
def test_what_is_open_is_written_to_as_it_is(
    tmp_path: Path, descriptor: int, way: str, encoding: str | None
) -> None:
    """What stands before and comes behind stays, and so does the file itself."""
    (tmp_path / "link").symlink_to(f"/dev/fd/{descriptor}")
    (tmp_path / "link to link").symlink_to("link")
    target = tmp_path / way.format(descriptor)
    number = (tmp_path / "out").stat().st_ino
    require_writable(target, encoding)
    with open_target(target, encoding) as file:
        file.write("Zoë" if encoding else "Zoë".encode())
    os.write(descriptor, b" behind")
    assert (tmp_path / "out").read_text("utf-8") == "before Zoë behind"
    assert (tmp_path / "out").stat().st_ino == number
    assert (tmp_path / "link").is_symlink()


@pytest.mark.parametrize(("name", "number"), [("stdout", 1), ("stderr", 2)])
def test_standard_streams_have_paths(tmp_path: Path, name: str, number: int) -> None:
    """A process writes to them as it does by their numbers, to the end of the same file."""
    code = (
        "import os; from customer_groups.files.target import open_target\n"
        f"os.write({number}, b'1')\n"
        f"with open_target('/dev/{name}') as file: file.write('2')\n"
        f"os.write({number}, b'3')"
    )
    path = tmp_path / "out"
    with path.open("wb") as out:
        subprocess.run([sys.executable, "-c", code], stdout=out, stderr=out, check=True)
    assert path.read_text() == "123"


def test_a_file_that_nobody_has_opened_for_writing(tmp_path: Path) -> None:
    """Nor one that is open for reading; and a loop of links is no way to a file."""
    free = os.dup(0)
    os.close(free)
    for attempt in (require_writable, lambda target: open_target(target).__enter__()):
        with pytest.raises(FileNotFoundError):
            attempt(f"/dev/fd/{free}")
    with pytest.raises(IsADirectoryError):
        require_writable("/dev/fd/..")
    with Path(os.devnull).open() as read_only, pytest.raises(OSError, match="descriptor"):
        require_writable(f"/dev/fd/{read_only.fileno()}")
    (tmp_path / "loop").symlink_to("loop")
    require_writable(tmp_path / "loop")


def test_an_open_text_file_is_written_to_as_it_is() -> None:
    """Its encoding and its end are the caller's business."""
    file = io.StringIO(newline="")
    with open_target(file) as target:
        target.write("Zoë\ud800\r\n")
    assert file.getvalue() == "Zoë\ud800\r\n"
    with tempfile.TemporaryFile("w+") as real:
        with open_target(real) as target:
            target.write("x")
        real.seek(0)
        assert real.read() == "x"


@pytest.mark.parametrize("name", ["pipe", "list.csv", "missing"])
def test_what_can_be_written_is_known_beforehand(tmp_path: Path, name: str) -> None:
    """A pipe, a file and a new file can be, and looking leaves nothing behind."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "list.csv").write_text("C1", encoding="ascii")
    before = sorted(tmp_path.iterdir())
    require_writable(tmp_path / name)
    assert sorted(tmp_path.iterdir()) == before
    assert (tmp_path / "list.csv").read_text(encoding="ascii") == "C1"


@pytest.mark.parametrize("name", [".", "no/list.csv"])
def test_what_cannot_be_written_is_known_beforehand(tmp_path: Path, name: str) -> None:
    """The error names the path that was asked for."""
    with pytest.raises(OSError, match=str(tmp_path)):
        require_writable(tmp_path / name)


@pytest.mark.parametrize("encoding", ["utf-8", None])
def test_an_open_file_takes_bytes_or_text(encoding: str | None) -> None:
    """Text becomes bytes where it must; bytes never become text, and nothing is written yet."""
    file = io.BytesIO()
    require_writable(file, encoding)
    assert file.getvalue() == b""
    require_writable(io.StringIO(), "utf-8")
    with pytest.raises(InvalidValueError, match="takes text"):
        require_writable(io.StringIO(), None)


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    """Only what is a regular file is replaced: a device must never be."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with open_target(path) as file:
        file.write("Zoë")
    assert os.read(reader, 100) == "Zoë".encode()
    os.close(reader)
    assert stat.S_ISFIFO(path.stat().st_mode)

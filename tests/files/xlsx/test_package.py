"""The file of a workbook: what it may inflate to, and where it is read from."""

import io
import zipfile

import pytest

from customer_groups.errors import LimitExceededError
from customer_groups.files.limits import Limits
from customer_groups.files.xlsx.package import open_package
from files.xlsx.workbooks import (
    archive,
    book,
    directory,
    inline,
    parts,
    read,
    with_large_end,
)

ROW = f'<row r="1">{inline("A1", "C1")}</row>'
LARGE = 11_000_000


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_part_comes_in_pieces(method: int) -> None:
    """It is never in memory as a whole."""
    content = bytes(range(256)) * 1_000
    package = open_package(io.BytesIO(archive({"x": content}, method)), Limits())
    pieces = list(package.pieces("x"))
    assert b"".join(pieces) == content
    assert max(map(len, pieces)) <= 65_536
    assert package.inflated == len(content)


def test_parts_have_a_limit() -> None:
    """As many as that may be there."""
    assert read(book(ROW), limits=Limits(parts=6)) == [(1, ["C1"])]
    with pytest.raises(LimitExceededError, match="parts"):
        read(book(ROW), limits=Limits(parts=5))


def test_a_long_directory_is_not_read() -> None:
    """It would be in memory as a whole before anybody could count the parts."""
    data = archive({f"{number}": "" for number in range(2_000)})
    with pytest.raises(LimitExceededError, match="parts"):
        open_package(io.BytesIO(data), Limits(parts=100))


def test_all_parts_together_have_a_limit() -> None:
    """What was read of the others counts."""
    size = sum(map(len, parts(ROW).values()))
    assert read(book(ROW), limits=Limits(inflated_bytes=size)) == [(1, ["C1"])]
    with pytest.raises(LimitExceededError, match="inflated_bytes"):
        read(book(ROW), limits=Limits(inflated_bytes=size - 1))


def test_what_inflates_too_much_is_refused() -> None:
    """Small parts may; the first ten million bytes do not count."""
    package = open_package(
        io.BytesIO(archive({"x": b"x" * LARGE, "y": b"y" * 9_000_000})), Limits()
    )
    assert sum(map(len, package.pieces("y"))) == 9_000_000
    with pytest.raises(LimitExceededError, match="inflation_ratio"):
        list(package.pieces("x"))


def test_what_was_compressed_little_may_be_large() -> None:
    """The ratio is that of the part."""
    package = open_package(io.BytesIO(archive({"x": b"x" * LARGE}, zipfile.ZIP_STORED)), Limits())
    assert sum(map(len, package.pieces("x"))) == LARGE


def test_an_archive_may_have_the_end_of_large_ones() -> None:
    """Programs that write while they go do not know how large it becomes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for name, text in parts(ROW).items():
            with made.open(name, "w", force_zip64=True) as part:
                part.write(text.encode() if isinstance(text, str) else text)
    assert read(file.getvalue()) == [(1, ["C1"])]


def test_an_archive_may_have_another_end() -> None:
    """Some programs always write that of large archives, beside one that is complete or not."""
    data = book(ROW)
    begin, end = directory(data)
    both = bytearray(with_large_end(data, begin, end - begin))
    assert read(bytes(both)) == [(1, ["C1"])]
    place = directory(both)[1] + 8
    both[place : place + 12] = b"\xff" * 12
    assert read(bytes(both)) == [(1, ["C1"])]


def test_the_file_is_left_open() -> None:
    """Whoever opened it closes it."""
    file = io.BytesIO(book(ROW))
    list(open_package(file, Limits()).pieces("xl/workbook.xml"))
    assert not file.closed

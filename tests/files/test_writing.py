"""A host can bring a format of its own."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from customer_groups.files.target import Writable
from customer_groups.files.writing import Fields, Writer, WriteRows, open_table


class Packed:
    """A format of bytes: cells end with a semicolon, and the table with a dot."""

    encoding = None

    @contextmanager
    def table(self, file: Writable, columns: Sequence[str]) -> Iterator[WriteRows]:
        """Yield what writes the rows."""

        def write_rows(rows: Iterable[Sequence[object]]) -> None:
            for row in rows:
                file.write("".join(f"{cell};" for cell in row).encode())

        write_rows([columns])
        yield write_rows
        file.write(b".")


def test_a_format_of_the_host_is_written(tmp_path: Path) -> None:
    """It gets an open file, and the file at the path is replaced when the table has ended."""
    path = tmp_path / "out"
    path.touch()
    writer: Writer = Packed()
    with open_table(path, ["code", "name"], writer) as write_rows:
        write_rows([("C1", None), ("Ç2", 3)])
        assert path.read_bytes() == b""
    assert path.read_bytes().decode() == "code;name;C1;None;Ç2;3;."


def test_an_error_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    """And nothing beside it."""
    path = tmp_path / "out"
    path.write_bytes(b"old")
    with pytest.raises(KeyError), open_table(path, ["code"], Packed()):
        raise KeyError
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_fields_are_shown_as_json() -> None:
    """So a format without objects can write them."""
    assert str(Fields({"x": "Zoë", "=y": ""})) == '{"x": "Zoë", "=y": ""}'

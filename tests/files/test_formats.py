"""The format of a file is the one that is named, else what its suffix says."""

import io
from pathlib import Path

import attrs
import pytest

from customer_groups.errors import UnknownFormatError
from customer_groups.files.formats import EXPORTS, IMPORTS, Formats


def named_file(name: object) -> io.BytesIO:
    """Return an open file with a name."""
    file = io.BytesIO()
    file.name = name
    return file


@pytest.mark.parametrize(
    ("formats", "name", "found"),
    [
        (IMPORTS, "codes.csv", "delimited"),
        (IMPORTS, "CODES.TXT", "delimited"),
        (IMPORTS, "a.b.tsv", "delimited"),
        (IMPORTS, "codes.xlsx", "xlsx"),
        (IMPORTS, "codes.XLSM", "xlsx"),
        (IMPORTS, "codes.jsonl", "jsonl"),
        (IMPORTS, "codes.ndjson", "jsonl"),
        (EXPORTS, "codes.csv", "csv"),
        (EXPORTS, "codes.xlsx", "xlsx"),
        (EXPORTS, "codes.jsonl", "jsonl"),
        (EXPORTS, "codes.ndjson", "jsonl"),
    ],
)
def test_the_suffix_tells(formats: Formats, name: str, found: str) -> None:
    """Paths and open files with a name are told alike."""
    assert formats.choose(None, Path(name)) == found
    assert formats.choose(None, named_file(name)) == found
    assert formats.choose(None, named_file(Path(name))) == found


@pytest.mark.parametrize("name", ["codes.xls", "codes.exe", "x.csv.gz"])
def test_another_suffix_is_refused(name: str) -> None:
    """What is not known is not guessed."""
    for file in (Path(name), named_file(name)):
        with pytest.raises(UnknownFormatError) as caught:
            IMPORTS.choose(None, file)
        assert attrs.astuple(caught.value) == (name, IMPORTS.names)


def test_a_path_without_suffix_is_refused() -> None:
    """A path could be anything."""
    with pytest.raises(UnknownFormatError):
        IMPORTS.choose(None, Path("codes"))


@pytest.mark.parametrize("name", ["<stdin>", "/tmp/tmpq7x", 3, b"codes.jsonl", None])  # noqa: S108
def test_an_open_file_without_suffix_has_the_usual_format(name: object) -> None:
    """Standard input and temporary files have names that say nothing."""
    assert IMPORTS.choose(None, named_file(name)) == "delimited"
    assert EXPORTS.choose(None, io.StringIO()) == "csv"


def test_what_is_named_wins() -> None:
    """An explicit format is not compared with the suffix."""
    assert IMPORTS.choose("pasted", Path("codes.jsonl")) == "pasted"
    assert EXPORTS.choose("jsonl", Path("codes")) == "jsonl"
    with pytest.raises(UnknownFormatError) as caught:
        EXPORTS.choose("pdf", Path("codes.csv"))
    assert attrs.astuple(caught.value) == ("pdf", ("csv", "xlsx", "jsonl"))

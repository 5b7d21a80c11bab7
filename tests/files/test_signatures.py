"""What is no text is said to be something else."""

import gzip
import io
import zipfile

import pytest

from customer_groups.errors import NotTextError
from customer_groups.files.delimited import DelimitedReader
from customer_groups.files.json_lines import JsonLinesReader
from customer_groups.files.pasted import PastedReader
from customer_groups.files.reading import Reader
from customer_groups.files.signatures import refuse_other_files
from lists import values_in


def archive() -> bytes:
    """Return a zip archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as zipped:
        zipped.writestr("xl/workbook.xml", "<workbook/>")
    return file.getvalue()


OTHERS = [
    (archive(), 'format="xlsx"'),
    (bytes.fromhex("D0CF11E0A1B11AE1") + bytes(500), "without a password"),
    (gzip.compress(b"code\nC1\n"), "unpack it"),
    (b"%PDF-1.7\n%\xe2\xe3", "get the list as .csv"),
    (b"\r\n <!DOCTYPE html><html>", "save it as .csv"),
    (b"\xef\xbb\xbf<HTML>", "save it as .csv"),
    (b"<table><tr><td>C1", "save it as .csv"),
    (b'<?xml version="1.0"?>\n<Workbook>', "save it as .csv"),
]


@pytest.mark.parametrize(("data", "advice"), OTHERS)
@pytest.mark.parametrize("reader", [DelimitedReader(), PastedReader(), JsonLinesReader()])
def test_other_files_are_refused(data: bytes, advice: str, reader: Reader) -> None:
    """Before anything is read of them, with what to do."""
    with pytest.raises(NotTextError, match=f"this is an? .*, not text; .*{advice}"):
        values_in(reader, io.BytesIO(data))


@pytest.mark.parametrize("head", [b"", b"PK", b"PK0304\n", b"C1 <html>\n", b"<C1>", b"%PD\n"])
def test_text_is_left_alone(head: bytes) -> None:
    """Codes may begin with the same letters, and hold all of them."""
    refuse_other_files(head)

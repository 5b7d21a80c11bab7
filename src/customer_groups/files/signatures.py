"""Files that are no text, told by how they begin."""

from typing import Final

from customer_groups.errors import NotTextError

__all__ = ["LONGEST_SIGNATURE", "refuse_other_files"]

LONGEST_SIGNATURE: Final = 64
"""How many bytes tell what a file is: few, but white space may stand before them."""

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"

_SAVE: Final = "open it in a spreadsheet and save it as .csv or .xlsx"
_WEB_PAGE: Final = ("a web page", _SAVE)

_SIGNATURES: Final = {
    b"pk\x03\x04": (
        "a workbook or another zip archive",
        'name format="xlsx" if it is an .xlsx, else save it as one',
    ),
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": (
        "an old or an encrypted workbook",
        "save it as .xlsx, without a password",
    ),
    b"\x1f\x8b": ("a compressed file", "unpack it"),
    b"%pdf-": ("a PDF document", "get the list as .csv or .xlsx"),
    b"<!doctype html": _WEB_PAGE,
    b"<html": _WEB_PAGE,
    b"<table": _WEB_PAGE,
    b"<?xml": ("an XML document", _SAVE),
}
"""What files begin with, in lower case; what they are, and what to do."""


def refuse_other_files(head: bytes) -> None:
    """Do nothing if a file that begins so may be text of the formats that we read.

    Args:
        head: At least `LONGEST_SIGNATURE` bytes, or all there are.

    Raises:
        NotTextError: it is another kind of file; the error says which, and what to do.
    """
    begin = head.removeprefix(_BYTE_ORDER_MARK).lstrip().lower()
    for signature, (kind, remedy) in _SIGNATURES.items():
        if begin.startswith(signature):
            raise NotTextError(kind, remedy)

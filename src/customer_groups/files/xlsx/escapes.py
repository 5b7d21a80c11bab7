"""Any text as it stands in the XML of a spreadsheet, and back."""

import re
from typing import Final

__all__ = ["ESCAPE_MARK", "can_be_in_attribute", "in_attribute", "in_cell", "unescaped"]

ESCAPE_MARK: Final = "_x"
"""How an escape begins."""

# What XML has a meaning for or cannot hold, and what Excel would take for an escape.
_TO_ESCAPE = re.compile("[&<>\0-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4})")
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_NOT_IN_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_IN_ATTRIBUTE = str.maketrans(
    {**_ENTITIES, '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
)


def in_cell(text: str) -> str:
    """Return text as it stands in a cell; no two texts give the same.

    What XML cannot hold is written as Excel does it, CR as ``_x000D_``; and so is the
    underscore of a text that looks like that, as ``_x005F_``.

    >>> in_cell("R&D"), in_cell(chr(13)), in_cell("_x000D_")
    ('R&amp;D', '_x000D_', '_x005F_x000D_')
    """
    return _TO_ESCAPE.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    return _ENTITIES.get(character) or f"_x{ord(character):04X}_"


def in_attribute(text: str) -> str:
    """Return text as it stands between double quotes, where readers take nothing for an escape.

    >>> in_attribute("_x0041_")
    '_x0041_'
    """
    return text.translate(_IN_ATTRIBUTE)


def can_be_in_attribute(text: str) -> bool:
    """Return whether XML can hold this text at all."""
    return not _NOT_IN_XML.search(text)


def unescaped(text: str) -> str:
    """Return the text that Excel shows, once the XML has been read.

    >>> unescaped("_x005F_x000D_")
    '_x000D_'
    """
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text) if ESCAPE_MARK in text else text

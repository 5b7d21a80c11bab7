"""Cells that say yes or no."""

from types import MappingProxyType
from typing import Final

from customer_groups.errors import InvalidValueError
from customer_groups.files.cells import shown
from customer_groups.text import trim

__all__ = ["yes_or_no"]

_YES_OR_NO: Final = MappingProxyType(
    {
        "1": True,
        "t": True,
        "true": True,
        "y": True,
        "yes": True,
        "0": False,
        "f": False,
        "false": False,
        "n": False,
        "no": False,
    }
)


def yes_or_no(field: str, cell: object) -> bool:
    """Return what a cell says.

    Args:
        field: What the cell is about, in words for the error.
        cell: Text, or a logical value, which some formats have.

    Raises:
        InvalidValueError: it says neither yes nor no.
    """
    text = trim(shown(cell))
    try:
        return _YES_OR_NO[text.lower()]
    except KeyError:
        raise InvalidValueError(field, text, "is neither yes nor no") from None

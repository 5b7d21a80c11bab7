"""What a list means for the members of a group."""

import enum

from customer_groups.text import one_of

__all__ = ["ImportMode", "parse_mode"]


class ImportMode(enum.StrEnum):
    """What becomes of the customers of a list."""

    ADD = "add"
    """They become members; those who are already stay as they were."""
    REMOVE = "remove"
    """They are members no longer."""
    REPLACE = "replace"
    """They are the only members from now on; those who were already stay as they were."""


def parse_mode(mode: str) -> ImportMode:
    """Return the mode with this name.

    Raises:
        InvalidValueError: there is none.
    """
    return one_of(ImportMode, "mode", mode)

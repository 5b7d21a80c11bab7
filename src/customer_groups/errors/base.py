"""The base of every error, and values that break their rules."""

from decimal import Decimal
from typing import Any

import attrs

__all__ = [
    "CustomerGroupsError",
    "InvalidCursorError",
    "InvalidCustomerCodeError",
    "InvalidGroupCodeError",
    "InvalidNameError",
    "InvalidValueError",
    "shown",
]

_SHOWN_CHARACTERS = 60


class CustomerGroupsError(Exception):
    """The base of every error that this library raises on purpose."""


def shown(value: object) -> str:
    """Return ``value`` for a message: quoted, and cut where it would flood a log."""
    text = str(value) if isinstance(value, Decimal) else repr(value)
    if len(text) <= _SHOWN_CHARACTERS:
        return text
    return f"{text[:_SHOWN_CHARACTERS]}... ({len(text)} characters)"


@attrs.define
class InvalidValueError(CustomerGroupsError, ValueError):
    """A value breaks a rule of the model.

    Attributes:
        field: What the value was meant for, in words: ``"name"``, ``"limit"``.
        value: The value as it was given.
        reason: Why it cannot be used, to be read after the value.
        rule: The rule that it breaks, for programs: ``"empty"``, ``"too_long"``,
            ``"not_text"``, ``"bad_character"``; for quantities ``"not_a_number"``,
            ``"not_positive"``, ``"too_fine"``, ``"too_large"``; or ``"invalid"`` for any other.
    """

    field: str
    value: Any
    reason: str
    rule: str = "invalid"

    def __str__(self) -> str:
        return f"{self.field} {shown(self.value)} {self.reason}"


class InvalidNameError(InvalidValueError):
    """A text cannot be the name of a group."""


class InvalidGroupCodeError(InvalidValueError):
    """A text cannot be the code of a group."""


class InvalidCustomerCodeError(InvalidValueError):
    """A text cannot be the code or the key of a customer."""


class InvalidCursorError(InvalidValueError):
    """A cursor is damaged, or belongs to another query, order or tenant."""

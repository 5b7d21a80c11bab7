"""What errors say to people at a command line."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from customer_groups.errors import SchemaError
from customer_groups.reservations import (
    ConsumptionNotFoundError,
    GroupInactiveError,
    RequestReusedError,
    ReservationNotFoundError,
    ReservationsHeldError,
)

__all__ = ["message_of"]

_WHAT_TO_TYPE: Final[Mapping[type[Exception], str]] = MappingProxyType(
    {
        ConsumptionNotFoundError: "customer-groups ledger shows the requests",
        GroupInactiveError: "customer-groups activate CODE",
        RequestReusedError: "--request-id",
        ReservationNotFoundError: "customer-groups reservations",
        ReservationsHeldError: "--holdings release, or --holdings keep",
    }
)
"""How to do here what an error recommends in the words of Python."""


def message_of(error: Exception) -> str:
    """Return one line about an error."""
    if isinstance(error, SchemaError) and error.found is None:
        return "there are no customer groups in this database; run: customer-groups init"
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    what_to_type = _WHAT_TO_TYPE.get(type(error))
    return f"{error} ({what_to_type})" if what_to_type else str(error)

"""What can go wrong with reservations; all of it is a `CustomerGroupsError`."""

import attrs

from customer_groups.errors import CustomerGroupsError
from customer_groups.errors.base import shown
from customer_groups.reservations.quantities import Quantity, written

__all__ = [
    "ConsumptionNotFoundError",
    "GroupInactiveError",
    "InsufficientStockError",
    "NotOutstandingError",
    "RequestReusedError",
    "ReservationClosedError",
    "ReservationError",
    "ReservationNotFoundError",
    "ReservationsHeldError",
    "Shortage",
]


_SHOWN = 5


class ReservationError(CustomerGroupsError):
    """The base of every error that only reservations have."""


@attrs.frozen
class Shortage:
    """A stock of which there is less than is wanted.

    Attributes:
        stock: What is wanted.
        wanted: How much of it, by the whole request.
        free: How much of it can be had.
    """

    stock: str
    wanted: Quantity
    free: Quantity

    def __str__(self) -> str:
        wanted, free = written(self.wanted), written(self.free)
        return f"{wanted} of {shown(self.stock)} are wanted and {free} can be had"


@attrs.define
class InsufficientStockError(ReservationError, ValueError):
    """More is wanted than there is; nothing was taken.

    Attributes:
        shortages: The stocks that are short, by key.
    """

    shortages: tuple[Shortage, ...]

    def __str__(self) -> str:
        listed = "; ".join(str(each) for each in self.shortages[:_SHOWN])
        return f"{listed}; ask for less, or release a reservation first"


@attrs.define
class GroupInactiveError(ReservationError, ValueError):
    """An inactive group gains no stock.

    Attributes:
        code: The code of the group.
    """

    code: str

    def __str__(self) -> str:
        return (
            f"the group {self.code!r} gains no stock: it is switched off, or was not switched on"
            " by activate_group of customer_groups.reservations; do that first"
        )


@attrs.define
class ReservationNotFoundError(ReservationError, LookupError):
    """No reservation has this id.

    Attributes:
        reservation: The id that was asked for.
    """

    reservation: str

    def __str__(self) -> str:
        return (
            f"there is no reservation {shown(self.reservation)}; look it up with find_reservations"
        )


@attrs.define
class ReservationClosedError(ReservationError, ValueError):
    """A reservation that was released or has expired changes no more.

    Attributes:
        reservation: Its id.
        state: Its state.
    """

    reservation: str
    state: str

    def __str__(self) -> str:
        return f"the reservation {self.reservation!r} is {self.state}; make a new one"


@attrs.define
class ConsumptionNotFoundError(ReservationError, LookupError):
    """No request with this id consumed anything.

    Attributes:
        consumption: The id that was asked for.
    """

    consumption: str

    def __str__(self) -> str:
        return (
            f"no request {shown(self.consumption)} consumed anything;"
            " pass the request_id that consume was called with"
        )


@attrs.define
class NotOutstandingError(ReservationError, ValueError):
    """More is to be settled or given back than is outstanding.

    Attributes:
        consumption: The id of the request that consumed.
        shortages: The stocks of which less is outstanding, by key; ``free`` is how much. None
            where nothing is outstanding of any.
    """

    consumption: str
    shortages: tuple[Shortage, ...]

    def __str__(self) -> str:
        listed = "; ".join(
            f"{written(each.wanted)} of {shown(each.stock)} are asked for"
            f" and {written(each.free)} are outstanding"
            for each in self.shortages[:_SHOWN]
        )
        return f"{listed or 'nothing is outstanding'}, of what {shown(self.consumption)} consumed"


@attrs.define
class RequestReusedError(ReservationError, ValueError):
    """A request has the id of another one, which asked for something else.

    Attributes:
        request_id: The id.
    """

    request_id: str

    def __str__(self) -> str:
        return (
            f"the request {shown(self.request_id)} asked for something else before;"
            " send exactly the same again, or use a new id"
        )


@attrs.define
class ReservationsHeldError(ReservationError, ValueError):
    """A group cannot be switched off or deleted while stock is held for it.

    Attributes:
        code: The code of the group.
        reservations: The ids of its reservations that are planned or active, in order.
    """

    code: str
    reservations: tuple[str, ...]

    def __str__(self) -> str:
        more = len(self.reservations) - _SHOWN
        listed = ", ".join(self.reservations[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
        return (
            f"stock is held or planned for the group {self.code!r} by {listed};"
            " release it first, or say by holdings what is to become of it"
        )

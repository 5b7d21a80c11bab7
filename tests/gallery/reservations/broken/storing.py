"""Bookings of which something is not stored."""

from collections.abc import Callable

import attrs

from customer_groups.reservations.model import Draw, GroupReservation, ReservationState
from customer_groups.reservations.repository import Booking
from gallery.reservations.adapter import Reservations
from gallery.reservations.cases import cases

__all__ = ["CASES"]


class ExpiredTwice(Reservations):
    """That a reservation has expired is not stored, so each request frees its rest again."""

    def book(self, booking: Booking) -> None:
        """Store all changes but ends."""
        changed = tuple(
            each for each in booking.changed if each.state is not ReservationState.EXPIRED
        )
        super().book(attrs.evolve(booking, changed=changed))


class ReleasedTwice(Reservations):
    """A reservation that is released keeps its state, and can be released again."""

    def book(self, booking: Booking) -> None:
        """Store what is released with its old state."""
        stored = self.contents.reservations
        changed = tuple(
            attrs.evolve(each, state=stored[each.id].state)
            if each.state is ReservationState.RELEASED
            else each
            for each in booking.changed
        )
        super().book(attrs.evolve(booking, changed=changed))


class ConsumedNotStored(Reservations):
    """How much of a reservation was consumed is not stored."""

    def book(self, booking: Booking) -> None:
        """Store changes with what was consumed before."""
        stored = self.contents.reservations
        changed = tuple(
            attrs.evolve(each, consumed=min(stored[each.id].consumed, each.quantity))
            for each in booking.changed
        )
        super().book(attrs.evolve(booking, changed=changed))


class BegunWithAll(Reservations):
    """A reservation that began with less keeps the quantity that was planned."""

    def book(self, booking: Booking) -> None:
        """Store changes with the largest quantity."""
        stored = self.contents.reservations
        changed = tuple(
            attrs.evolve(each, quantity=max(stored[each.id].quantity, each.quantity))
            if each.state is ReservationState.ACTIVE
            else each
            for each in booking.changed
        )
        super().book(attrs.evolve(booking, changed=changed))


class SettledTwice(Reservations):
    """What was settled or given back of a draw is not stored."""

    def book(self, booking: Booking) -> None:
        """Store no draw again."""
        super().book(attrs.evolve(booking, redrawn=()))


class OneDrawForEachStock(Reservations):
    """Of the draws of a request only the last is stored for each stock."""

    def book(self, booking: Booking) -> None:
        """Store draws by their stock."""
        last = {draw.stock: draw for draw in booking.drawn}
        super().book(attrs.evolve(booking, drawn=tuple(last.values())))


class DrawsJoinReservations(Reservations):
    """Draws are found with their reservation, so those of free stock are not."""

    def draws(self, consumption: str, *, lock: bool = False) -> tuple[Draw, ...]:
        """Return the draws that have a reservation."""
        found = super().draws(consumption, lock=lock)
        return tuple(draw for draw in found if draw.reservation is not None)


class DrawsFromTheLast(Reservations):
    """Draws come in the wrong order."""

    def draws(self, consumption: str, *, lock: bool = False) -> tuple[Draw, ...]:
        """Return the draws from the last to the first."""
        return super().draws(consumption, lock=lock)[::-1]


class DrawsByPrefix(Reservations):
    """The draws of a request are found by a pattern, with those of longer ids."""

    def draws(self, consumption: str, *, lock: bool = False) -> tuple[Draw, ...]:
        """Return the draws of all requests whose ids begin so."""
        ids = sorted({id_ for id_, _ in self.contents.draws if id_.startswith(consumption)})
        return tuple(
            draw for id_ in ids for draw in super(DrawsByPrefix, self).draws(id_, lock=lock)
        )


class Forgetful(Reservations):
    """A column of the reservations is missing.

    Attributes:
        forget: Returns a reservation without it.
    """

    forget: Callable[[GroupReservation], GroupReservation]

    def book(self, booking: Booking) -> None:
        """Store reservations without it."""
        made, changed = (
            tuple(map(type(self).forget, each)) for each in (booking.made, booking.changed)
        )
        super().book(attrs.evolve(booking, made=made, changed=changed))


class PriorityForgotten(Forgetful):
    """The priority of a reservation is not stored."""

    @staticmethod
    def forget(reservation: GroupReservation) -> GroupReservation:
        """Return it with the usual priority."""
        return attrs.evolve(reservation, priority=50)


class StartForgotten(Forgetful):
    """The start of a reservation is not stored."""

    @staticmethod
    def forget(reservation: GroupReservation) -> GroupReservation:
        """Return it without its start."""
        return attrs.evolve(reservation, valid_from=None)


class EndForgotten(Forgetful):
    """The end of a reservation is not stored."""

    @staticmethod
    def forget(reservation: GroupReservation) -> GroupReservation:
        """Return it without its end."""
        return attrs.evolve(reservation, valid_to=None)


class GroupKnownByCode(Forgetful):
    """Only the code of a reservation's group is stored; a new one with the code inherits it."""

    @staticmethod
    def forget(reservation: GroupReservation) -> GroupReservation:
        """Return it as one for whichever group has the code."""
        return attrs.evolve(reservation, group_created_at=None)


class AlwaysHolds(Forgetful):
    """Whether a reservation waits without holding stock is not stored."""

    @staticmethod
    def forget(reservation: GroupReservation) -> GroupReservation:
        """Return it as one that holds."""
        return attrs.evolve(reservation, holds_before_start=True)


class ActorForgotten(Forgetful):
    """Who made a reservation is not stored."""

    @staticmethod
    def forget(reservation: GroupReservation) -> GroupReservation:
        """Return it without that."""
        return attrs.evolve(reservation, created_by=None)


CASES = cases(
    ExpiredTwice,
    ReleasedTwice,
    ConsumedNotStored,
    BegunWithAll,
    SettledTwice,
    OneDrawForEachStock,
    DrawsJoinReservations,
    DrawsFromTheLast,
    DrawsByPrefix,
    PriorityForgotten,
    StartForgotten,
    EndForgotten,
    GroupKnownByCode,
    AlwaysHolds,
    ActorForgotten,
)

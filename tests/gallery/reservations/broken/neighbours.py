"""Updates without the tenant in their condition, which change what another tenant has."""

from collections.abc import Callable

import attrs

from customer_groups.reservations.memory.contents import ReservationContents
from customer_groups.reservations.model import StockKey
from customer_groups.reservations.repository import Booking, StockTotals
from gallery.reservations.adapter import Reservations
from gallery.reservations.cases import cases

__all__ = ["CASES"]


class Reaching(Reservations):
    """Changes what others have, too."""

    def change_others(self, change: Callable[[ReservationContents], ReservationContents]) -> None:
        """Change what the other tenants have."""
        self.storage.change_others(self._groups.tenant, change)


class ReservationsChangedForAll(Reaching):
    """Who changes a reservation changes that of another tenant with the same id."""

    def book(self, booking: Booking) -> None:
        """Store changes for all who have such ids."""
        super().book(booking)
        changed = {each.id: each for each in booking.changed}
        self.change_others(
            lambda other: attrs.evolve(
                other,
                reservations={
                    id_: changed.get(id_, each) for id_, each in other.reservations.items()
                },
            )
        )


class DrawsChangedForAll(Reaching):
    """Who settles a draw settles that of another tenant with the same id."""

    def book(self, booking: Booking) -> None:
        """Store draws for all who have such ids."""
        super().book(booking)
        redrawn = {(each.consumption, each.line): each for each in booking.redrawn}
        self.change_others(
            lambda other: attrs.evolve(
                other, draws={id_: redrawn.get(id_, each) for id_, each in other.draws.items()}
            )
        )


class AnswersForAll(Reaching):
    """The answer of a request is stored for all tenants who have made one with its id."""

    def finish(self, request_id: str, answer: str) -> None:
        """Store the answer for all who have such a request."""
        super().finish(request_id, answer)
        self.change_others(
            lambda other: attrs.evolve(
                other,
                requests={
                    id_: attrs.evolve(noted, answer=answer) if id_ == request_id else noted
                    for id_, noted in other.requests.items()
                },
            )
        )


class CorrectedForAll(Reaching):
    """A repair of a stock stores its totals for all tenants who have such a stock."""

    def correct(self, stock: StockKey, totals: StockTotals) -> None:
        """Store the totals for all who have such a stock."""
        super().correct(stock, totals)
        own = self.contents.totals[stock]
        self.change_others(
            lambda other: attrs.evolve(
                other,
                totals={
                    key: attrs.evolve(own, version=each.version) if key == stock else each
                    for key, each in other.totals.items()
                },
            )
        )


CASES = cases(
    ReservationsChangedForAll,
    DrawsChangedForAll,
    AnswersForAll,
    CorrectedForAll,
)

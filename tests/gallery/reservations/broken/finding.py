"""Reservations that are found too often, too rarely, or in the wrong order."""

from collections.abc import Collection, Mapping

from customer_groups.codes import GroupCode
from customer_groups.reservations.model import GroupReservation, ReservationState, StockKey
from gallery.reservations.adapter import Reservations
from gallery.reservations.cases import cases

__all__ = ["CASES"]

MOST_KEYS = 500


class PlannedForgotten(Reservations):
    """What is planned is not among the reservations of a stock."""

    def of_stocks(
        self, stocks: Collection[StockKey], *, lock: bool = False
    ) -> tuple[GroupReservation, ...]:
        """Return active ones."""
        found = super().of_stocks(stocks, lock=lock)
        return tuple(each for each in found if each.state is ReservationState.ACTIVE)


class ExhaustedAmongThem(Reservations):
    """What is exhausted is among the reservations of a stock that hold something."""

    def of_stocks(
        self, stocks: Collection[StockKey], *, lock: bool = False
    ) -> tuple[GroupReservation, ...]:
        """Return open ones."""
        found = [*super().of_stocks(stocks, lock=lock)]
        found += [
            each
            for each in self.contents.reservations.values()
            if each.stock in stocks and each.state is ReservationState.EXHAUSTED
        ]
        return tuple(sorted(found, key=lambda each: (each.stock, each.order_of_consumption())))


class OfStocksById(Reservations):
    """The reservations of a stock come by their ids, not in the order of consumption."""

    def of_stocks(
        self, stocks: Collection[StockKey], *, lock: bool = False
    ) -> tuple[GroupReservation, ...]:
        """Return them by stock and id."""
        found = super().of_stocks(stocks, lock=lock)
        return tuple(sorted(found, key=lambda each: (each.stock, each.id)))


class EndlessFirst(Reservations):
    """What never ends comes before what ends soon, as NULL does before all values."""

    def of_stocks(
        self, stocks: Collection[StockKey], *, lock: bool = False
    ) -> tuple[GroupReservation, ...]:
        """Return them with those that never end first."""
        found = super().of_stocks(stocks, lock=lock)
        return tuple(
            sorted(found, key=lambda each: (each.stock, each.priority, each.valid_to is not None))
        )


class PriorityAsText(Reservations):
    """Priorities are ordered as text: 10 comes before 2."""

    def of_stocks(
        self, stocks: Collection[StockKey], *, lock: bool = False
    ) -> tuple[GroupReservation, ...]:
        """Return them by the text of their priority."""
        found = super().of_stocks(stocks, lock=lock)
        return tuple(sorted(found, key=lambda each: (each.stock, str(each.priority))))


class NotOfOneStockOnly(Reservations):
    """Of several stocks, only the reservations of the first are found."""

    def of_stocks(
        self, stocks: Collection[StockKey], *, lock: bool = False
    ) -> tuple[GroupReservation, ...]:
        """Return those of the first stock."""
        return super().of_stocks(sorted(stocks)[:1], lock=lock)


class OfFirstStocksOnly(Reservations):
    """Only so many stocks as one statement takes are looked at."""

    def of_stocks(
        self, stocks: Collection[StockKey], *, lock: bool = False
    ) -> tuple[GroupReservation, ...]:
        """Return those of the first stocks."""
        return super().of_stocks(sorted(stocks)[:MOST_KEYS], lock=lock)


class FirstReservationsOnly(Reservations):
    """Only so many reservations as one statement takes are looked up."""

    def get(
        self, reservations: Collection[str], *, lock: bool = False
    ) -> Mapping[str, GroupReservation]:
        """Return the first ones."""
        return super().get(sorted(reservations)[:MOST_KEYS], lock=lock)


class ExhaustedNotFound(Reservations):
    """A reservation that is exhausted is not found by its id."""

    def get(
        self, reservations: Collection[str], *, lock: bool = False
    ) -> Mapping[str, GroupReservation]:
        """Return those that have more."""
        found = super().get(reservations, lock=lock)
        hidden = ReservationState.EXHAUSTED
        return {id_: each for id_, each in found.items() if each.state is not hidden}


class EndedNotFound(Reservations):
    """A reservation that has ended is not found by its id."""

    def get(
        self, reservations: Collection[str], *, lock: bool = False
    ) -> Mapping[str, GroupReservation]:
        """Return open ones."""
        found = super().get(reservations, lock=lock)
        return {id_: each for id_, each in found.items() if each.state.is_open}


class ExhaustedNotOfGroup(Reservations):
    """What is exhausted is not closed with its group, and comes back when goods are given back."""

    def of_group(self, group: GroupCode, *, lock: bool = False) -> tuple[GroupReservation, ...]:
        """Return those that have more."""
        return tuple(each for each in super().of_group(group, lock=lock) if each.state.has_more)


class PlannedNotOfGroup(Reservations):
    """What is planned for a group is not closed with it."""

    def of_group(self, group: GroupCode, *, lock: bool = False) -> tuple[GroupReservation, ...]:
        """Return those that are not planned."""
        found, planned = super().of_group(group, lock=lock), ReservationState.PLANNED
        return tuple(each for each in found if each.state is not planned)


CASES = cases(
    PlannedForgotten,
    ExhaustedAmongThem,
    OfStocksById,
    EndlessFirst,
    PriorityAsText,
    NotOfOneStockOnly,
    OfFirstStocksOnly,
    FirstReservationsOnly,
    ExhaustedNotFound,
    EndedNotFound,
    ExhaustedNotOfGroup,
    PlannedNotOfGroup,
)

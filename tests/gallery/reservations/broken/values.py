"""Quantities, times and keys that come back as something else."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any, TypeVar

import attrs

from customer_groups.reservations.errors import InsufficientStockError, Shortage
from customer_groups.reservations.model import Draw, GroupReservation, LedgerEntry, StockKey
from customer_groups.reservations.quantities import Quantity, from_units, to_units
from customer_groups.reservations.repository import Booking, StockTotals
from gallery.reservations.adapter import Reservations
from gallery.reservations.cases import cases

__all__ = ["CASES"]

V = TypeVar("V", Draw, GroupReservation, LedgerEntry, StockTotals)

LARGEST_OF_32_BITS = 2**31 - 1
TIME_ZONE_OF_SERVER = timedelta(hours=1)


class Columns(Reservations):
    """Stores a booking in columns of some type."""

    def book(self, booking: Booking) -> None:
        """Store what the columns make of a booking."""
        names = ("entries", "made", "changed", "drawn", "redrawn")
        parts: dict[str, Any] = {
            name: tuple(map(self.in_columns, getattr(booking, name))) for name in names
        }
        super().book(attrs.evolve(booking, **parts))

    def in_columns(self, value: V) -> V:
        """Return what columns make of a value."""
        fields = attrs.fields(type(value))
        stored: dict[str, Any] = {
            each.name: self.in_column(getattr(value, each.name)) for each in fields
        }
        return attrs.evolve(value, **stored)

    def in_column(self, value: object) -> object:
        """Return what a column makes of a value."""
        if isinstance(value, datetime):
            return self.time(value)
        return self.quantity(value) if type(value) is Decimal else value

    def time(self, time: datetime) -> datetime:
        """Return what a column makes of a time."""
        return time

    def quantity(self, quantity: Decimal) -> Quantity:
        """Return what a column makes of a quantity with decimal places."""
        return quantity


class TwoPlaces(Columns):
    """Quantities are cut to the places of a column for money."""

    def quantity(self, quantity: Decimal) -> Quantity:
        """Return two places."""
        return quantity.quantize(Decimal("0.01"), rounding=ROUND_DOWN)


class FourPlaces(Columns):
    """Quantities are cut to four places."""

    def quantity(self, quantity: Decimal) -> Quantity:
        """Return four places."""
        return quantity.quantize(Decimal("0.0001"), rounding=ROUND_DOWN)


class SinglePrecision(Columns):
    """Quantities are stored in nine significant digits."""

    def quantity(self, quantity: Decimal) -> Quantity:
        """Return the digits that a REAL column shows."""
        return Decimal(f"{quantity:.9g}").quantize(Decimal("0.000001"))


class WithoutMicroseconds(Columns):
    """Times are stored in whole seconds."""

    def time(self, time: datetime) -> datetime:
        """Return the second."""
        return time.replace(microsecond=0)


class Milliseconds(Columns):
    """Times are stored in whole milliseconds."""

    def time(self, time: datetime) -> datetime:
        """Return the millisecond."""
        return time.replace(microsecond=time.microsecond // 1000 * 1000)


class LocalTime(Columns):
    """Times are stored in the server's local time, and read as UTC."""

    def time(self, time: datetime) -> datetime:
        """Return the time that the server's clock shows."""
        return time + TIME_ZONE_OF_SERVER


class InTotals(Reservations):
    """Adds up totals in numbers of some type."""

    def _totals_after(self, booking: Booking) -> Mapping[StockKey, StockTotals]:
        return {
            stock: attrs.evolve(
                totals, held=self.number(totals.held), outstanding=self.number(totals.outstanding)
            )
            for stock, totals in super()._totals_after(booking).items()
        }

    def number(self, quantity: Quantity) -> Quantity:
        """Return what the type makes of a total."""
        raise NotImplementedError


class DoubleTotals(InTotals):
    """Millionths are added up as doubles, which count to 2 ** 53."""

    def number(self, quantity: Quantity) -> Quantity:
        """Return the nearest double."""
        return self._scale.normal(from_units(int(float(to_units(quantity)))))


class TotalsOf32Bits(InTotals):
    """Millionths are added up in 32 bits, and stop at the largest number."""

    def number(self, quantity: Quantity) -> Quantity:
        """Return a number of 32 bits."""
        return self._scale.normal(from_units(min(to_units(quantity), LARGEST_OF_32_BITS)))


class FloatCondition(Reservations):
    """The condition adds up floats: three times a tenth is more than three tenths."""

    def book(self, booking: Booking) -> None:
        """Compare floats before what is stored."""
        for entry in booking.entries:
            before = self.totals([entry.stock])[entry.stock]
            promised = float(before.held) + float(before.outstanding)
            rise, limit = float(entry.held + entry.outstanding), booking.limits.get(entry.stock)
            if rise > 0 and limit is not None and promised + rise > float(limit):
                raise InsufficientStockError((Shortage(entry.stock, entry.held, 0),))
        super().book(booking)


class FloatTotals(Reservations):
    """Totals are added up as floats, and cut to the places of the scale."""

    def _totals_after(self, booking: Booking) -> Mapping[StockKey, StockTotals]:
        after = super()._totals_after(booking)
        before = self.totals(after)
        return {
            stock: attrs.evolve(
                totals,
                held=self.added(before[stock].held, totals.held),
                outstanding=self.added(before[stock].outstanding, totals.outstanding),
            )
            for stock, totals in after.items()
        }

    def added(self, before: Quantity, after: Quantity) -> Quantity:
        """Return what a total is when the change of it is added as a float."""
        return self._scale.normal(Decimal(float(before) + float(after - before)))


class StockCaseIgnored(Reservations):
    """Stocks whose keys differ in case share their totals."""

    def totals(self, stocks: Collection[StockKey]) -> Mapping[StockKey, StockTotals]:
        """Return the totals of a stock that looks alike."""
        alike = {stock.casefold(): stock for stock in self.contents.totals}
        found = super().totals([alike.get(stock.casefold(), stock) for stock in stocks])
        return {stock: found[alike.get(stock.casefold(), stock)] for stock in sorted(stocks)}


class ReservationIdsLookAlike(Reservations):
    """A reservation is found under an id that differs in case."""

    def get(
        self, reservations: Collection[str], *, lock: bool = False
    ) -> Mapping[str, GroupReservation]:
        """Return what looks alike."""
        alike = {id_.casefold(): id_ for id_ in sorted(self.contents.reservations)}
        found = super().get([alike.get(each.casefold(), each) for each in reservations], lock=lock)
        return {
            each: found[alike[each.casefold()]]
            for each in sorted(reservations)
            if each.casefold() in alike
        }


CASES = cases(
    TwoPlaces,
    FourPlaces,
    SinglePrecision,
    WithoutMicroseconds,
    Milliseconds,
    LocalTime,
    DoubleTotals,
    TotalsOf32Bits,
    FloatCondition,
    FloatTotals,
    StockCaseIgnored,
    ReservationIdsLookAlike,
)

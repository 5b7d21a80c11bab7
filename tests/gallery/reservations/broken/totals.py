"""Totals that are checked wrongly, or that drift away from what they are the sum of."""

from collections.abc import Collection, Mapping

import attrs

from customer_groups.reservations.errors import InsufficientStockError
from customer_groups.reservations.model import EntryKind, LedgerEntry, ReservationState, StockKey
from customer_groups.reservations.repository import Booking, StockAudit, StockTotals
from gallery.reservations.adapter import Reservations
from gallery.reservations.cases import cases

__all__ = ["CASES"]

UNLIMITED = 10**12


def _unchecked(booking: Booking) -> Booking:
    """Return a booking that nothing can refuse."""
    limits = {entry.stock: UNLIMITED for entry in booking.entries}
    return attrs.evolve(booking, limits=limits)


class NeverChecked(Reservations):
    """What is promised is added up, and compared with nothing."""

    def book(self, booking: Booking) -> None:
        """Store a booking without its limits."""
        super().book(_unchecked(booking))


class CheckedLineByLine(Reservations):
    """Each line of a batch is compared with what was promised before the batch."""

    def book(self, booking: Booking) -> None:
        """Check the entries one by one."""
        for entry in booking.entries:
            self._totals_after(attrs.evolve(booking, entries=(entry,)))
        super().book(_unchecked(booking))


class MissingLimitIsNone(Reservations):
    """What has no limit may not be changed at all: a release is refused."""

    def book(self, booking: Booking) -> None:
        """Check everything against a limit, and be it none."""
        for stock, totals in _after(self, booking).items():
            if totals.held + totals.outstanding > booking.limits.get(stock, 0):
                raise InsufficientStockError(())
        super().book(booking)


class AlwaysChecked(Reservations):
    """What only lowers a promise is refused as well, where more is promised than there is."""

    def book(self, booking: Booking) -> None:
        """Check everything against its limit."""
        for stock, totals in _after(self, booking).items():
            if totals.held + totals.outstanding > booking.limits.get(stock, UNLIMITED):
                raise InsufficientStockError(())
        super().book(booking)


def _after(repository: Reservations, booking: Booking) -> Mapping[StockKey, StockTotals]:
    return repository._totals_after(_unchecked(booking))  # noqa: SLF001


class OrdersUnchecked(Reservations):
    """What orders have outstanding may exceed what is on hand, as long as the sum does not rise."""

    def book(self, booking: Booking) -> None:
        """Check the sum of what is held and outstanding only."""
        rises = [entry for entry in booking.entries if entry.held + entry.outstanding > 0]
        self._totals_after(attrs.evolve(booking, entries=tuple(rises)))
        super().book(_unchecked(booking))


class PartlyBooked(Reservations):
    """Of a booking that is refused, all is stored of the stocks that have enough."""

    def book(self, booking: Booking) -> None:
        """Store what can be stored, and then refuse."""
        try:
            super().book(booking)
        except InsufficientStockError as error:
            short = {each.stock for each in error.shortages}
            entries = tuple(entry for entry in booking.entries if entry.stock not in short)
            super().book(attrs.evolve(booking, entries=entries))
            raise


class WithoutKind(Reservations):
    """The entries of some kind do not change the totals.

    Attributes:
        kind: The kind.
    """

    kind: EntryKind

    def _totals_after(self, booking: Booking) -> Mapping[StockKey, StockTotals]:
        entries = tuple(entry for entry in booking.entries if entry.kind is not self.kind)
        return super()._totals_after(attrs.evolve(booking, entries=entries))


class UnconsumeNotCounted(WithoutKind):
    """What is given back is not taken from the totals."""

    kind = EntryKind.UNCONSUME


class RemainderLost(WithoutKind):
    """What expires is never free again."""

    kind = EntryKind.EXPIRE


class SettledStaysOutstanding(WithoutKind):
    """What has left the host is counted as promised for ever."""

    kind = EntryKind.SETTLE


class BeginNotCounted(WithoutKind):
    """What is held from its start only is never counted as held."""

    kind = EntryKind.BEGIN


class OriginalQuantityFreed(Reservations):
    """What expires frees all that was reserved, not what remains of it."""

    def _totals_after(self, booking: Booking) -> Mapping[StockKey, StockTotals]:
        entries = tuple(map(self.freed_whole, booking.entries))
        return super()._totals_after(attrs.evolve(booking, entries=entries))

    def freed_whole(self, entry: LedgerEntry) -> LedgerEntry:
        """Return an entry, that of an end with the whole quantity."""
        if entry.kind is not EntryKind.EXPIRE or not entry.held or entry.reservation is None:
            return entry
        return attrs.evolve(entry, held=-self.contents.reservations[entry.reservation].quantity)


class LastEntryCounts(Reservations):
    """Each entry writes its totals over those of the entry before."""

    def _totals_after(self, booking: Booking) -> Mapping[StockKey, StockTotals]:
        last = {entry.stock: entry for entry in booking.entries}
        return super()._totals_after(attrs.evolve(booking, entries=tuple(last.values())))


class CorrectAddsUp(Reservations):
    """What a repair stores is added to what was wrong."""

    def correct(self, stock: StockKey, totals: StockTotals) -> None:
        """Add to the totals."""
        before = self.totals([stock])[stock]
        held, outstanding = before.held + totals.held, before.outstanding + totals.outstanding
        super().correct(stock, attrs.evolve(totals, held=held, outstanding=outstanding))


class CorrectSetsVersion(Reservations):
    """A repair takes the version of the stock from what it is given."""

    def correct(self, stock: StockKey, totals: StockTotals) -> None:
        """Store the totals with their version."""
        self._keep_totals({stock: totals})


class AuditOfTotals(Reservations):
    """An audit says of everything what the totals say."""

    def audit(self, stocks: Collection[StockKey]) -> Mapping[StockKey, StockAudit]:
        """Return the totals four times."""
        return {
            stock: StockAudit(totals, totals, totals.held, totals.outstanding)
            for stock, totals in self.totals(stocks).items()
        }


class AuditOfWhatEnded(Reservations):
    """An audit counts as held what remained of reservations that have ended."""

    def audit(self, stocks: Collection[StockKey]) -> Mapping[StockKey, StockAudit]:
        """Add up what remains of all reservations."""
        found = self.contents.reservations.values()
        return {
            stock: attrs.evolve(
                audit, held=sum(each.remaining for each in found if each.stock == stock)
            )
            for stock, audit in super().audit(stocks).items()
        }


class AuditWithoutPlanned(Reservations):
    """An audit leaves out what is held before its start."""

    def audit(self, stocks: Collection[StockKey]) -> Mapping[StockKey, StockAudit]:
        """Add up what active reservations hold."""
        found = self.contents.reservations.values()
        held = [each for each in found if each.state is ReservationState.ACTIVE]
        return {
            stock: attrs.evolve(audit, held=sum(e.held for e in held if e.stock == stock))
            for stock, audit in super().audit(stocks).items()
        }


class AuditOfAllDraws(Reservations):
    """An audit counts as outstanding what was given back."""

    def audit(self, stocks: Collection[StockKey]) -> Mapping[StockKey, StockAudit]:
        """Add up what was drawn and not settled."""
        drawn = [
            (each.stock, each.quantity - each.settled) for each in self.contents.draws.values()
        ]
        return {
            stock: attrs.evolve(audit, outstanding=sum(n for key, n in drawn if key == stock))
            for stock, audit in super().audit(stocks).items()
        }


class VersionStays(Reservations):
    """Locking a stock does not count as a change of it, so entries share their places."""

    def lock_stocks(self, stocks: Collection[StockKey]) -> Mapping[StockKey, StockTotals]:
        """Return the totals, with version 1 for ever."""
        locked = super().lock_stocks(stocks)
        again = {stock: attrs.evolve(totals, version=1) for stock, totals in locked.items()}
        self._keep_totals(again)
        return again


CASES = cases(
    NeverChecked,
    CheckedLineByLine,
    MissingLimitIsNone,
    AlwaysChecked,
    OrdersUnchecked,
    PartlyBooked,
    UnconsumeNotCounted,
    RemainderLost,
    SettledStaysOutstanding,
    BeginNotCounted,
    OriginalQuantityFreed,
    LastEntryCounts,
    CorrectAddsUp,
    CorrectSetsVersion,
    AuditOfTotals,
    AuditOfWhatEnded,
    AuditWithoutPlanned,
    AuditOfAllDraws,
    VersionStays,
)

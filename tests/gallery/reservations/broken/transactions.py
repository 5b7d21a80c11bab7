"""Transactions and ledgers that keep too much or too little."""

from collections.abc import Iterator
from contextlib import contextmanager

import attrs

from customer_groups.errors import CustomerGroupsError
from customer_groups.reservations.memory.contents import ReservationContents
from customer_groups.reservations.repository import Booking
from gallery.reservations.adapter import Reservations
from gallery.reservations.cases import cases

__all__ = ["CASES"]


class AtomicKeeps(Reservations):
    """What fails inside of atomic() is kept."""

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """Return a context that does nothing."""
        yield


class AtomicForReservationsOnly(Reservations):
    """atomic() undoes reservations, and keeps what was done to groups."""

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """Return a context that undoes reservations."""
        before = self.contents
        try:
            yield
        except BaseException:
            self._keep(before)
            raise


class AtomicOnlyForOwnErrors(Reservations):
    """atomic() undoes errors of the library, and keeps what failed for other reasons."""

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """Return a context that undoes errors of the library."""
        failed: list[Exception] = []
        with super().atomic():
            try:
                yield
            except CustomerGroupsError:
                raise
            except Exception as error:  # noqa: BLE001 - raised below
                failed.append(error)
        for each in failed:
            raise each


class LedgerOutsideAtomic(Reservations):
    """Entries of the ledger are written at once, and stay when atomic() undoes the rest."""

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """Return a context that undoes all but the ledger."""
        ledger = self.contents.ledger
        try:
            with super().atomic():
                try:
                    yield
                finally:
                    ledger = self.contents.ledger
        except BaseException:
            self.keep(ledger=ledger)
            raise


class CommittedApart(Reservations):
    """Reservations are stored on a connection of their own: a rollback undoes the groups only."""

    @property
    def contents(self) -> ReservationContents:
        """What is stored beside the transaction."""
        self._groups.require_open()
        stored = self.beside.get("contents", ReservationContents())
        assert isinstance(stored, ReservationContents)
        return stored

    def _keep(self, contents: ReservationContents) -> None:
        self.beside["contents"] = contents

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """Return a context that undoes both."""
        before = self.contents
        try:
            with super().atomic():
                yield
        except BaseException:
            self._keep(before)
            raise


class NarrowKey(Reservations):
    """The ledger has a key that several entries share; the last of them is kept.

    Attributes:
        key: The fields that the key is made of.
    """

    key: tuple[str, ...]

    def book(self, booking: Booking) -> None:
        """Store the last entry of each key."""
        super().book(booking)
        kept = {
            tuple(getattr(each, name) for name in self.key): each for each in self.contents.ledger
        }
        self.keep(ledger=tuple(kept.values()))


class EntryForEachRequest(NarrowKey):
    """A request has one entry for each stock; the last one is kept."""

    key = ("stock", "request_id")


class EntriesOverwritten(NarrowKey):
    """The lines of a change of a stock overwrite each other."""

    key = ("stock", "version")


class EmptyEntriesLeftOut(Reservations):
    """Entries that move nothing are left out of the ledger."""

    def book(self, booking: Booking) -> None:
        """Store entries that move something."""
        moving = tuple(entry for entry in booking.entries if entry.held or entry.outstanding)
        super().book(attrs.evolve(booking, entries=moving))


class CustomerForgotten(Reservations):
    """Who has consumed is not in the ledger."""

    def book(self, booking: Booking) -> None:
        """Store entries without their customers."""
        entries = tuple(attrs.evolve(entry, customer=None) for entry in booking.entries)
        super().book(attrs.evolve(booking, entries=entries))


CASES = cases(
    AtomicKeeps,
    AtomicForReservationsOnly,
    AtomicOnlyForOwnErrors,
    LedgerOutsideAtomic,
    CommittedApart,
    EntryForEachRequest,
    EntriesOverwritten,
    EmptyEntriesLeftOut,
    CustomerForgotten,
)

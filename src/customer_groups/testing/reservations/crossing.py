"""Two users who lock the same stocks, of whom the second names them the other way round."""

import time
from collections.abc import Callable
from functools import partial
from threading import Event

import attrs

from customer_groups.reservations.repository import ReservationWork
from customer_groups.reservations.store import ReservationStore
from customer_groups.testing.comparison import Interrupted
from customer_groups.testing.contracts.expectations import raised_by
from customer_groups.testing.reservations.values import X, Y

__all__ = ["Crossing"]

_SECONDS_TO_ARRIVE = 0.1
"""Where only one can write, the other one does not even begin."""
_SECONDS_TO_LOCK = 0.1


@attrs.frozen
class Crossing:
    """What the two do, in threads; each method returns the error that a user met, or None.

    Attributes:
        is_locked: Set when the first user holds one of the stocks.
        has_begun: Set when the second user asks for both of them.
    """

    is_locked: Event = attrs.field(factory=Event)
    has_begun: Event = attrs.field(factory=Event)

    def prepare(self, store: ReservationStore) -> None:
        """Let there be both stocks, since new ones are locked in other ways."""
        store.run(lambda work: work.reservations.lock_stocks([X, Y]))

    def lock_one_by_one(self, store: ReservationStore) -> Exception | None:
        """Lock one stock, let the second user come, lock the other stock, and undo it all."""
        error = _error_in_transaction(store, self._lock_one_by_one)
        return None if isinstance(error, Interrupted) else error

    def lock_both(self, store: ReservationStore) -> Exception | None:
        """Lock both stocks, the later one first in the list."""
        self.is_locked.wait()
        return _error_in_transaction(store, self._lock_both)

    def _lock_one_by_one(self, work: ReservationWork) -> None:
        work.reservations.lock_stocks([X])
        self.is_locked.set()
        self.has_begun.wait(_SECONDS_TO_ARRIVE)
        time.sleep(_SECONDS_TO_LOCK)
        work.reservations.lock_stocks([Y])
        raise Interrupted

    def _lock_both(self, work: ReservationWork) -> None:
        self.has_begun.set()
        work.reservations.lock_stocks([Y, X])


def _error_in_transaction(
    store: ReservationStore, lock: Callable[[ReservationWork], None]
) -> Exception | None:
    return raised_by(partial(_in_transaction, store, lock))


def _in_transaction(store: ReservationStore, lock: Callable[[ReservationWork], None]) -> None:
    with store.transaction() as work:
        lock(work)

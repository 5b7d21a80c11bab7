"""Opens transactions that hold both the groups and the reservations of a tenant."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import attrs

from customer_groups.repository import GroupStore
from customer_groups.reservations.repository import Reservations, ReservationWork

__all__ = ["ReservationStore"]

T = TypeVar("T")


@attrs.frozen
class ReservationStore:
    """A store of groups, and the reservations that are kept with them.

    Attributes:
        groups: The store of the groups; its transactions are those of the reservations.
        reservations: Where the reservations are, in the same storage.
    """

    groups: GroupStore
    reservations: Reservations

    @contextmanager
    def transaction(self) -> Iterator[ReservationWork]:
        """Return a context that is one transaction; see `GroupStore.transaction`.

        Raises:
            InvalidValueError: the groups are in another kind of storage.
        """
        with self.groups.transaction() as work:
            yield self.reservations.bind(work)

    def run(self, operation: Callable[[ReservationWork], T]) -> T:
        """Run ``operation`` in a transaction of its own; see `GroupStore.run`.

        It runs again where another transaction was in its way, so it must be repeatable. The
        same request ids then are still new: nothing is left of the first attempt.

        Raises:
            RetryableConflictError: it failed as often as it may.
            InvalidValueError: the groups are in another kind of storage.
        """
        return self.groups.run(lambda work: operation(self.reservations.bind(work)))

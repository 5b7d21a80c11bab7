"""Reservations kept in memory: the readable reference, and a fake for the tests of a host."""

from customer_groups.reservations.memory.binding import (
    InMemoryReservations,
    InMemoryReservationWork,
)
from customer_groups.reservations.memory.repository import InMemoryReservationRepository

__all__ = [
    "InMemoryReservationRepository",
    "InMemoryReservationWork",
    "InMemoryReservations",
]

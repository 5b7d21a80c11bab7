"""What integrators test their storage of reservations with."""

from customer_groups.testing.reservations.contract import ReservationRepositoryContract

__all__ = ["ReservationRepositoryContract"]

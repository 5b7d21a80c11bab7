"""What tests of reservations share."""

from collections.abc import Iterator

import pytest

from customer_groups.reservations.repository import ReservationRepository
from reservations.promises import reservation_store


@pytest.fixture
def repository() -> Iterator[ReservationRepository]:
    """Open an empty repository in memory."""
    with reservation_store().transaction() as work:
        yield work.reservations

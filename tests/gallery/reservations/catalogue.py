"""All broken adapters for reservations, each caught by the kit."""

from collections.abc import Sequence

from gallery.reservations.broken import (
    finding,
    gates,
    locking,
    neighbours,
    pages,
    requests,
    stale,
    storing,
    tenants,
    totals,
    transactions,
    values,
)
from gallery.reservations.cases import Case
from gallery.reservations.on_servers import ServerCase

__all__ = ["CASES", "CASES_ON_SERVERS"]

CASES: Sequence[Case] = (
    *requests.CASES,
    *totals.CASES,
    *storing.CASES,
    *finding.CASES,
    *pages.CASES,
    *gates.CASES,
    *values.CASES,
    *tenants.CASES,
    *neighbours.CASES,
    *transactions.CASES,
)
"""Theme by theme."""

CASES_ON_SERVERS: Sequence[ServerCase] = (*locking.CASES, *stale.CASES)
"""Those that are right as long as they are alone."""

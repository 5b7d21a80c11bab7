"""All broken adapters, each caught by the kit."""

from collections.abc import Sequence

from gallery.broken import (
    changes,
    codes,
    concurrency,
    cursors,
    faults,
    lists,
    lookups,
    members,
    names,
    numbers,
    ordering,
    paging,
    rekeying,
    search,
    storage,
    tenants,
    transactions,
    versions,
)
from gallery.cases import Case

__all__ = ["CASES"]

CASES: Sequence[Case] = (
    *names.CASES,
    *search.CASES,
    *paging.CASES,
    *cursors.CASES,
    *ordering.CASES,
    *codes.CASES,
    *tenants.CASES,
    *members.CASES,
    *changes.CASES,
    *lookups.CASES,
    *lists.CASES,
    *versions.CASES,
    *transactions.CASES,
    *numbers.CASES,
    *rekeying.CASES,
    *concurrency.CASES,
    *storage.CASES,
    *faults.CASES,
)
"""Theme by theme."""

"""A group and lists for it, for tests of what an import does to members."""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, cast

from hypothesis import strategies as st

from customer_groups.codes import parse_group_code
from customer_groups.customers import Customer, CustomerKey
from customer_groups.importing import ImportMode, ImportReport
from customer_groups.model import Membership
from customer_groups.outcomes import OutcomeCounts
from customer_groups.repository import GroupStore, UnitOfWork
from customer_groups.searching import get_group
from customer_groups.service import create_group
from stores import CUSTOMERS, MOMENT, STORES

__all__ = [
    "GROUP",
    "LOCAL",
    "Meddle",
    "contested",
    "keys",
    "lists",
    "members",
    "memberships",
    "some_members",
    "store_with_group",
    "values_counted",
]

GROUP = parse_group_code("A")
LOCAL = ("memory", "sqlite")
"""The stores that are quick to open."""

Meddle = Callable[[UnitOfWork], object]
"""What somebody else does at the wrong moment."""

lists = st.lists(
    st.sampled_from(
        [
            *(customer.key for customer in CUSTOMERS),
            *("TWIN", "REUSED", "APART", "nobody", " ONE ", "", "\x07"),
        ]
    ),
    max_size=12,
)
"""Lists of customers, with all that is wrong with lists."""

some_members = st.sets(st.sampled_from([customer.key for customer in CUSTOMERS if customer.active]))
"""The keys of customers who may be members."""


@contextmanager
def store_with_group(
    adapter: str, members: Collection[str] = (), customers: Iterable[Customer] = CUSTOMERS
) -> Iterator[GroupStore]:
    """Open a store with the group A, whose members are given by key."""
    with STORES[adapter](customers) as store:
        with store.transaction() as work:
            create_group(work, "All", code=GROUP, customers=members, by_key=True, at=MOMENT)
        yield store


def memberships(work: UnitOfWork) -> list[Membership]:
    """Return the memberships of the group, by key, page by page."""
    found: list[Membership] = []
    after = None
    while True:
        page = work.groups.members(GROUP, limit=1_000, after=after)
        found += page.items
        after = page.next
        if after is None:
            assert len(found) == get_group(work, GROUP).customers
            return found


def members(work: UnitOfWork) -> set[str]:
    """Return the keys of the members of the group."""
    return {membership.customer for membership in memberships(work)}


def keys(*texts: str) -> tuple[CustomerKey, ...]:
    """Return keys of customers."""
    return tuple(map(CustomerKey, texts))


def values_counted(report: ImportReport) -> int:
    """Return how many values had an outcome; who left by a replacement is none of them."""
    counts: OutcomeCounts = report.counts
    left = counts.removed if report.mode is ImportMode.REPLACE else 0
    return sum(counts.by_outcome().values()) - left


def contested(work: UnitOfWork, meddle: Meddle) -> UnitOfWork:
    """Return the unit of work, with somebody who is quicker than each change of members."""

    def quicker(change: Callable[..., OutcomeCounts]) -> Callable[..., OutcomeCounts]:
        def changed(*args: Any, **options: Any) -> OutcomeCounts:  # noqa: ANN401 - passed on
            meddle(work)
            return change(*args, **options)

        return changed

    groups = work.groups
    methods = {
        **{name: getattr(groups, name) for name in dir(groups) if not name.startswith("_")},
        "add_members": quicker(groups.add_members),
        "remove_members": quicker(groups.remove_members),
        "replace_members": quicker(groups.replace_members),
    }
    contested = SimpleNamespace(groups=SimpleNamespace(**methods), customers=work.customers)
    return cast("UnitOfWork", contested)

"""The groups, customers and small steps with which the rules are told."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from customer_groups.codes import GroupCode, parse_group_code
from customer_groups.customers import Customer, CustomerKey
from customer_groups.model import CustomerGroup, Membership
from customer_groups.outcomes import Entry, OutcomeCounts
from customer_groups.paging import MAX_PAGE, Page
from customer_groups.query import GroupQuery, GroupSummary
from customer_groups.repository import GroupRepository

__all__ = [
    "CUSTOMERS",
    "EVENING",
    "LOOKALIKES",
    "MISSING",
    "MORNING",
    "NOON",
    "TICK",
    "all_items",
    "all_members",
    "codes_found",
    "crowd",
    "group",
    "join",
    "keys",
    "lines",
    "member_keys",
    "summary_of",
]

T = TypeVar("T")

A, B, C, MISSING = map(parse_group_code, ("A", "B", "C", "MISSING"))

MORNING = datetime(2026, 1, 2, 6, 30, 59, 123_457, tzinfo=UTC)
NOON = MORNING.replace(hour=12)
EVENING = MORNING.replace(hour=18)
TICK = timedelta(microseconds=1)

CUSTOMERS = (
    *(Customer("ONE"), Customer("TWO"), Customer("THREE")),
    Customer("ASLEEP", active=False),
    Customer("APART", key="k-apart"),
    *(Customer("TWIN", key="k-twin-1"), Customer("TWIN", key="k-twin-2")),
    *(Customer("REUSED", active=False, key="k-old"), Customer("REUSED", key="k-new")),
    Customer("CLOSED", active=False, key="k-closed-1"),
    Customer("CLOSED", active=False, key="k-closed-2"),
    Customer(None, key="k-no-code"),
    *(Customer("LEFT", key="RIGHT"), Customer("RIGHT", key="LEFT")),
)
"""The customers of a host with all the trouble that hosts have.

Among them: one whose key is not its code, codes that several have, one who has none, and two
of whom each has the other's code as its key.
"""

LOOKALIKES = (
    *("00123", "123", "1E5", "1e5", "100000", "+1", "1", "1.0", "0x1"),
    *("c1", "C1", "Ａ1", "A1", "\u00e9", "e\u0301", "e", "ß", "ss", "SS", "ı", "i"),
    *("A B", "A  B", "A\u00a0B", "AB", "A_", "A%", "A*", "A\\", "'", '"'),
)
"""Codes of customers, no two of them the same, that a careless storage takes for each other."""

_MOST_PAGES = 5_000


def group(code: str = "A", name: str | None = None) -> CustomerGroup:
    """Return a group; where it has no name, one that says its code."""
    return CustomerGroup(parse_group_code(code), name or f"Group {code}", MORNING, "anna")


def lines(*values: str) -> list[Entry]:
    """Return a list of values, each on a line of its own."""
    return list(enumerate(values, start=1))


def keys(*values: str) -> list[CustomerKey]:
    """Return keys of customers."""
    return [CustomerKey(value) for value in values]


def crowd(size: int) -> tuple[Customer, ...]:
    """Return many customers, in the order of their keys."""
    return tuple(Customer(f"crowd-{number:05}") for number in range(size))


def join(
    groups: GroupRepository,
    code: GroupCode,
    *customers: str,
    at: datetime = MORNING,
    by: str | None = "anna",
) -> OutcomeCounts:
    """Let customers join a group, by their keys."""
    return groups.add_members(code, lines(*customers), at=at, by=by, by_key=True)


def all_items(page_after: Callable[[str | None], Page[T]]) -> list[T]:
    """Return what stands on all pages, from the first to the last."""
    items: list[T] = []
    after: str | None = None
    for _ in range(_MOST_PAGES):
        page = page_after(after)
        items += page.items
        after = page.next
        if after is None:
            return items
    raise AssertionError(f"{_MOST_PAGES:,} pages were not the end; does the cursor move?")


def codes_found(
    groups: GroupRepository, query: GroupQuery | None = None, *, limit: int = MAX_PAGE
) -> list[str]:
    """Return the codes of the groups that a search finds, from all pages."""
    wanted = query or GroupQuery()
    found = all_items(lambda after: groups.find(wanted, limit=limit, after=after))
    return [summary.group.code for summary in found]


def summary_of(groups: GroupRepository, code: GroupCode) -> GroupSummary | None:
    """Return a group as the list of all groups shows it; None if it is not there."""
    found = all_items(lambda after: groups.find(GroupQuery(), limit=MAX_PAGE, after=after))
    return next((summary for summary in found if summary.group.code == code), None)


def all_members(
    groups: GroupRepository, code: GroupCode, *, limit: int = MAX_PAGE
) -> list[Membership]:
    """Return the members of a group, from all pages."""
    return all_items(lambda after: groups.members(code, limit=limit, after=after))


def member_keys(groups: GroupRepository, code: GroupCode) -> list[str]:
    """Return the keys of the members of a group, from all pages."""
    return [member.customer for member in all_members(groups, code)]

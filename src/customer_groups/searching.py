"""Looking things up inside a unit of work: groups, their members, customers for a pick list.

Codes, names and search text are taken as users type them. Nothing found is an empty page.
"""

import attrs

from customer_groups.codes import parse_group_code
from customer_groups.customers import (
    Customer,
    CustomerKey,
    CustomerQuery,
    parse_customer_code,
    parse_customer_key,
)
from customer_groups.errors import AmbiguousCustomerError, GroupNotFoundError
from customer_groups.model import GroupStatus, Membership
from customer_groups.outcomes import Outcome, resolve
from customer_groups.paging import Page
from customer_groups.query import GroupOrder, GroupQuery, GroupSummary
from customer_groups.repository import UnitOfWork
from customer_groups.text import TextMatch, equals

__all__ = [
    "GroupMember",
    "customer_key",
    "get_group",
    "list_customers",
    "search_customers",
    "search_groups",
]


@attrs.frozen
class GroupMember:
    """A member of a group, as a list shows it.

    Attributes:
        membership: Since when and by whom.
        customer: The customer, or None where the host has it no longer.
    """

    membership: Membership
    customer: Customer | None


def get_group(work: UnitOfWork, code: str) -> GroupSummary:
    """Return a group and how many customers it has.

    Raises:
        InvalidGroupCodeError: ``code`` cannot be a code.
        GroupNotFoundError: no group has it.
    """
    parsed = parse_group_code(code)
    page = work.groups.find(GroupQuery(code=equals(parsed)), limit=1)
    if not page.items:
        raise GroupNotFoundError(parsed)
    return page.items[0]


def search_groups(
    work: UnitOfWork,
    *,
    code: str | TextMatch | None = None,
    name: str | TextMatch | None = None,
    status: GroupStatus | str | None = None,
    customer: str | None = None,
    by_key: bool = False,
    order_by: GroupOrder | str = GroupOrder.CODE,
    limit: int = 50,
    after: str | None = None,
    with_total: bool = False,
) -> Page[GroupSummary]:
    """Return a page of the groups that satisfy all conditions; without any, of all groups.

    Args:
        work: The unit of work.
        code: What the code contains, or `starts_with` or `equals`.
        name: What the name contains, or `starts_with` or `equals`.
        status: ``"active"`` or ``"inactive"``.
        customer: The code of a customer who is a member.
        by_key: Whether ``customer`` is a key instead of a code.
        order_by: ``"code"``, ``"name"`` or ``"changed"``, with a hyphen before it reversed.
        limit: The size of the page, 1 to 1,000.
        after: The cursor ``next`` of the page before.
        with_total: Whether to count all groups that satisfy the conditions.

    Returns:
        The page, in the order that was asked for.

    Raises:
        InvalidValueError: a condition or ``limit`` breaks its rules.
        InvalidCursorError: ``after`` comes from another search, order or tenant.
        AmbiguousCustomerError: several customers have the code ``customer``.
    """
    key = None if customer is None else customer_key(work, customer, by_key=by_key)
    query = GroupQuery(code=code, name=name, status=status, customer=key, order_by=order_by)
    return work.groups.find(query, limit=limit, after=after, with_total=with_total)


def search_customers(
    work: UnitOfWork,
    *,
    code: str | TextMatch | None = None,
    name: str | TextMatch | None = None,
    type: str | None = None,
    active: bool | None = None,
    limit: int = 50,
    after: str | None = None,
) -> Page[Customer]:
    """Return a page of the customers that satisfy all conditions, for a pick list.

    Args:
        work: The unit of work.
        code: What the code contains, or `starts_with` or `equals`.
        name: What the name contains, or `starts_with` or `equals`.
        type: The type, exactly.
        active: Whether the customer is active.
        limit: The size of the page, 1 to 1,000.
        after: The cursor ``next`` of the page before.

    Returns:
        The page, in the directory's order.

    Raises:
        InvalidValueError: a condition or ``limit`` breaks its rules.
        InvalidCursorError: ``after`` comes from another search.
    """
    query = CustomerQuery(code=code, name=name, type=type, active=active)
    return work.customers.search(query, limit=limit, after=after)


def list_customers(
    work: UnitOfWork, code: str, *, limit: int = 50, after: str | None = None
) -> Page[GroupMember]:
    """Return a page of the members of a group, with what the host knows of them.

    Args:
        work: The unit of work.
        code: The group.
        limit: The size of the page, 1 to 1,000.
        after: The cursor ``next`` of the page before.

    Returns:
        The page, by customer key.

    Raises:
        GroupNotFoundError: no group has this code.
        InvalidValueError: ``limit`` is out of bounds.
        InvalidCursorError: ``after`` comes from another group or tenant.
    """
    page = work.groups.members(parse_group_code(code), limit=limit, after=after)
    known = work.customers.by_keys([member.customer for member in page.items])
    shown = tuple(GroupMember(member, known.get(member.customer)) for member in page.items)
    return Page(shown, page.next)


def customer_key(work: UnitOfWork, customer: str, *, by_key: bool = False) -> CustomerKey:
    """Return the key that memberships of a customer have.

    Args:
        work: The unit of work.
        customer: The code of the customer. One that nobody has any more is taken for a key:
            the host may have deleted the customer, whose memberships are still there.
        by_key: Whether ``customer`` is the key itself.

    Raises:
        InvalidCustomerCodeError: it cannot be a code or key.
        AmbiguousCustomerError: several customers have this code.
    """
    if by_key:
        return parse_customer_key(customer)
    code = parse_customer_code(customer)
    candidates = work.customers.lookup([code]).get(code, ())
    found = resolve(candidates)
    if found is Outcome.AMBIGUOUS:
        raise AmbiguousCustomerError(code, tuple(each.key for each in candidates))
    return found.key if isinstance(found, Customer) else parse_customer_key(code)

"""What a type checker knows about the values; checked by mypy and never run."""

import random
from datetime import UTC, datetime
from typing import assert_type

from customer_groups.codes import (
    CodeGenerator,
    GroupCode,
    RandomCodes,
    SequentialCodes,
    parse_group_code,
)
from customer_groups.customers import (
    Customer,
    CustomerCode,
    CustomerKey,
    CustomerQuery,
    parse_customer_code,
    parse_customer_key,
)
from customer_groups.errors import CustomersRejectedError, StaleGroupError
from customer_groups.model import Attributes, CustomerGroup, GroupStatus, Membership
from customer_groups.outcomes import Outcome, OutcomeCounts, resolve
from customer_groups.paging import Page
from customer_groups.query import GroupOrder, GroupQuery, GroupSummary
from customer_groups.repository import GroupRepository, GroupStore
from customer_groups.text import TextMatch, contains

NOW = datetime.now(UTC)

# Text becomes a code or a key by being parsed, and by nothing else.
code = parse_group_code("CG-1")
assert_type(code, GroupCode)
assert_type(parse_customer_code("C1"), CustomerCode)
assert_type(parse_customer_key("C1"), CustomerKey)
wrong_code: GroupCode = "CG-1"  # type: ignore[assignment]
wrong_key: CustomerKey = parse_customer_code("C1")  # type: ignore[assignment]

# What takes text in says so; what comes out is exact.
group = CustomerGroup(code, "Key accounts", NOW, attributes={"region": "north"})
assert_type(group.code, GroupCode)
assert_type(group.name, str)
assert_type(group.status, GroupStatus)
assert_type(group.created_by, str | None)
assert_type(group.attributes, Attributes)
assert_type(group.attributes["region"], str)
assert_type(group.renamed("Partners", at=NOW), CustomerGroup)
assert_type(group.deactivated(at=NOW, by="anna").is_active, bool)
group.name = "Partners"  # type: ignore[misc]
group.renamed("Partners")  # type: ignore[call-arg]
CustomerGroup(code, "Key accounts", NOW, status=3)  # type: ignore[arg-type]

customer = Customer("C1", "Anna", "Owner")
assert_type(customer.code, CustomerCode | None)
assert_type(customer.key, CustomerKey)
assert_type(resolve([customer]), Customer | Outcome)
assert_type(Membership(code, customer.key, NOW).customer, CustomerKey)

# Conditions are text or conditions when they go in, conditions when they come out.
assert_type(GroupQuery(name="vip").name, TextMatch | None)
assert_type(GroupQuery(name=contains("vip"), order_by=GroupOrder.NAME).order_by, GroupOrder)
assert_type(CustomerQuery(code="C").code, TextMatch | None)
GroupQuery(name=7)  # type: ignore[arg-type]
GroupQuery("vip")  # type: ignore[call-arg]

generators: list[CodeGenerator] = [SequentialCodes(), RandomCodes(random.Random(1))]
assert_type(generators[0].draw(lambda _series: 1), GroupCode)

assert_type(OutcomeCounts().by_outcome(), dict[Outcome, int])
assert_type(OutcomeCounts().at, datetime | None)
assert_type(StaleGroupError(code, 1, 2).actual, int)
assert_type(CustomersRejectedError(()).rejects, tuple[tuple[int, str, str], ...])


def uses(groups: GroupRepository, store: GroupStore) -> None:
    """State what the protocols return."""
    page = groups.find(GroupQuery(), limit=10)
    assert_type(page, Page[GroupSummary])
    assert_type(page.items, tuple[GroupSummary, ...])
    assert_type(page.next, str | None)
    assert_type(groups.get(code), CustomerGroup)
    assert_type(groups.members(code, limit=10).items, tuple[Membership, ...])
    assert_type(
        groups.add_members(code, [(1, "C1")], at=NOW, by=None, on_outcome=print), OutcomeCounts
    )
    groups.add_members(code, ["C1"], at=NOW, by=None)  # type: ignore[list-item]
    groups.find(GroupQuery())  # type: ignore[call-arg]
    assert_type(store.run(lambda work: work.groups.next_number("orders")), int)
    with store.transaction() as work:
        assert_type(work.groups, GroupRepository)
        work.groups = groups  # type: ignore[misc]

"""Searches for groups, members and customers, as a screen of the host runs them."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from customer_groups.codes import parse_group_code
from customer_groups.customers import CustomerKey
from customer_groups.errors import (
    AmbiguousCustomerError,
    GroupNotFoundError,
    InvalidCursorError,
    InvalidCustomerCodeError,
    InvalidGroupCodeError,
    InvalidValueError,
)
from customer_groups.model import GroupStatus, Membership
from customer_groups.paging import Page
from customer_groups.query import GroupOrder, GroupSummary
from customer_groups.repository import UnitOfWork
from customer_groups.searching import (
    GroupMember,
    get_group,
    list_customers,
    search_customers,
    search_groups,
)
from customer_groups.service import add_customers, create_group, deactivate_group
from customer_groups.text import equals, starts_with
from stores import CUSTOMERS, MOMENT, STORES

BY_CODE = {each.key: each for each in CUSTOMERS}


@pytest.fixture(params=STORES)
def work(request: pytest.FixtureRequest) -> Iterator[UnitOfWork]:
    """Yield a unit of work of each adapter, with groups A, B and C."""
    with STORES[request.param](CUSTOMERS) as store, store.transaction() as work:
        create_group(work, "Straße", code="A", customers=["ONE", "TWO"], by="anna", at=MOMENT)
        create_group(work, "Key accounts", code="B", customers=["TWO"], at=MOMENT)
        create_group(work, "100 % of_all", code="C", at=MOMENT + timedelta(days=1))
        deactivate_group(work, "B", at=MOMENT + timedelta(days=2))
        yield work


def codes(page: Page[GroupSummary]) -> str:
    """Return the codes of the groups of a page."""
    return " ".join(summary.group.code for summary in page.items)


def test_a_group_is_got_with_its_number_of_customers(work: UnitOfWork) -> None:
    """A code is taken as a user types it."""
    summary = get_group(work, " a ")
    assert summary.group.name == "Straße"
    assert (summary.customers, summary.members_version) == (2, 1)
    assert (summary.members_changed_at, summary.members_changed_by) == (MOMENT, "anna")


def test_a_group_that_is_missing(work: UnitOfWork) -> None:
    """A code that no group has, and one that none can have, are different errors."""
    with pytest.raises(GroupNotFoundError):
        get_group(work, "AB")
    with pytest.raises(InvalidGroupCodeError):
        get_group(work, "ä")


def test_without_a_condition_all_groups_are_found(work: UnitOfWork) -> None:
    """The reset button shows all groups by code."""
    page = search_groups(work)
    assert codes(page) == "A B C"
    assert (page.next, page.total) == (None, None)


def test_groups_by_code_and_name(work: UnitOfWork) -> None:
    """Text is contained unless something else is said, and means what it says."""
    assert codes(search_groups(work, code="b")) == "B"
    assert codes(search_groups(work, name="STRASSE")) == "A"
    assert codes(search_groups(work, name="s")) == "A B"
    assert codes(search_groups(work, name=starts_with("s"))) == "A"
    assert codes(search_groups(work, name=equals("KEY ACCOUNTS"))) == "B"
    assert codes(search_groups(work, name="%")) == "C"
    assert codes(search_groups(work, name="_")) == "C"


def test_groups_by_status(work: UnitOfWork) -> None:
    """A status may be named by its word."""
    assert codes(search_groups(work, status="inactive")) == "B"
    assert codes(search_groups(work, status=GroupStatus.ACTIVE)) == "A C"
    with pytest.raises(InvalidValueError, match="active, inactive"):
        search_groups(work, status="gone")


def test_groups_by_customer(work: UnitOfWork) -> None:
    """A customer is meant by a code, or by a key."""
    assert codes(search_groups(work, customer=" TWO ")) == "A B"
    assert codes(search_groups(work, customer="TWO", name="key")) == "B"
    assert codes(search_groups(work, customer="k6", by_key=True)) == ""
    add_customers(work, "C", ["APART"])
    assert codes(search_groups(work, customer="APART")) == "C"
    assert codes(search_groups(work, customer="k6", by_key=True)) == "C"
    assert codes(search_groups(work, customer="NOBODY")) == ""
    with pytest.raises(InvalidCustomerCodeError):
        search_groups(work, customer="")


def test_groups_of_a_deleted_customer_are_found_by_key(work: UnitOfWork) -> None:
    """What no customer has as a code is taken for the key of one who is gone."""
    add_customers(work, "C", ["k5"], by_key=True)
    assert codes(search_groups(work, customer="k5")) == "C"


def test_groups_of_a_customer_of_a_reused_code(work: UnitOfWork) -> None:
    """Of several customers with a code the only active one is meant, else none."""
    add_customers(work, "A", ["k4"], by_key=True)
    assert codes(search_groups(work, customer="REUSED")) == "A"
    with pytest.raises(AmbiguousCustomerError) as caught:
        search_groups(work, customer="TWIN")
    assert (caught.value.code, caught.value.keys) == ("TWIN", ("k1", "k2"))


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("code", "A B C"),
        ("-code", "C B A"),
        ("name", "C B A"),
        ("-name", "A B C"),
        ("changed", "A C B"),
        (GroupOrder.CHANGED_DESCENDING, "B C A"),
    ],
)
def test_groups_in_order_and_pages(work: UnitOfWork, order: str, found: str) -> None:
    """Pages of every order continue each other, and the total counts all of them."""
    first = search_groups(work, order_by=order, limit=2, with_total=True)
    assert first.total == 3
    second = search_groups(work, order_by=order, limit=2, after=first.next)
    assert f"{codes(first)} {codes(second)}" == found
    assert second.next is None


def test_an_order_that_is_none(work: UnitOfWork) -> None:
    """An unknown order is refused with those that there are."""
    with pytest.raises(InvalidValueError, match="-changed"):
        search_groups(work, order_by="customers")


def test_nothing_found_is_an_empty_page(work: UnitOfWork) -> None:
    """A search without a result is no error."""
    assert search_groups(work, name="nothing", with_total=True) == Page((), None, 0)
    assert search_customers(work, name="nothing") == Page(())
    assert list_customers(work, "C") == Page(())


def test_a_cursor_continues_its_own_search_only(work: UnitOfWork) -> None:
    """A cursor of another search or order, or a damaged one, is refused."""
    cursor = search_groups(work, limit=1).next
    assert cursor is not None
    with pytest.raises(InvalidCursorError):
        search_groups(work, name="s", after=cursor)
    with pytest.raises(InvalidCursorError):
        search_groups(work, order_by="-code", after=cursor)
    with pytest.raises(InvalidCursorError):
        search_groups(work, after=cursor[:-4])
    with pytest.raises(InvalidCursorError):
        list_customers(work, "A", after=cursor)
    with pytest.raises(InvalidCursorError):
        search_customers(work, after=cursor)


@pytest.mark.parametrize("adapter", STORES)
def test_a_cursor_of_another_tenant_is_refused(adapter: str) -> None:
    """The same search of another tenant does not continue at the place of the first."""
    cursors: list[str | None] = []
    for tenant in ("north", "south"):
        with STORES[adapter](CUSTOMERS, tenant=tenant) as store, store.transaction() as work:
            for code in "AB":
                create_group(work, code, code=code, customers=["ONE", "TWO"])
            for cursor in cursors:
                with pytest.raises(InvalidCursorError):
                    search_groups(work, after=cursor)
                with pytest.raises(InvalidCursorError):
                    list_customers(work, "A", after=cursor)
            cursors = [search_groups(work, limit=1).next, list_customers(work, "A", limit=1).next]


def test_customers_by_what_is_known_of_them(work: UnitOfWork) -> None:
    """The pick list is narrowed by code, name, type and activity."""

    def keys(**conditions: object) -> list[str]:
        page = search_customers(work, **conditions)  # type: ignore[arg-type]
        return [each.key for each in page.items]

    assert len(keys()) == len(CUSTOMERS)
    assert keys(code="twin") == ["k1", "k2"]
    assert keys(name="strasse") == ["ONE", "TWO"]
    assert keys(name=equals("STRASSE")) == ["ONE"]
    assert keys(type="office") == ["k4"]
    assert keys(active=False) == ["SLEEPING", "k3"]
    assert keys(code="REUSED", active=True) == ["k4"]


def test_customers_in_pages(work: UnitOfWork) -> None:
    """Pages of the pick list continue each other."""
    first = search_customers(work, limit=5)
    second = search_customers(work, limit=5, after=first.next)
    assert set(first.items) | set(second.items) == set(CUSTOMERS)
    assert len(first.items) + len(second.items) == len(CUSTOMERS)
    with pytest.raises(InvalidValueError, match="limit"):
        search_customers(work, limit=1_001)


def test_members_are_listed_with_what_the_host_knows(work: UnitOfWork) -> None:
    """Members come by key, with since when and by whom."""
    group = parse_group_code("A")
    one, two = CustomerKey("ONE"), CustomerKey("TWO")
    first = list_customers(work, " a", limit=1)
    assert first.items == (GroupMember(Membership(group, one, MOMENT, "anna"), BY_CODE[one]),)
    second = list_customers(work, "A", limit=1, after=first.next)
    assert second.items == (GroupMember(Membership(group, two, MOMENT, "anna"), BY_CODE[two]),)
    with pytest.raises(GroupNotFoundError):
        list_customers(work, "D")


def test_members_whom_the_host_deleted_are_listed(work: UnitOfWork) -> None:
    """A member who is no customer any more is shown by its key alone."""
    work.groups.rekey_customers({CustomerKey("ONE"): CustomerKey("GONE")}, at=MOMENT, by=None)
    (member, _) = list_customers(work, "A").items
    assert (member.membership.customer, member.customer) == ("GONE", None)
    assert codes(search_groups(work, customer="GONE")) == "A"

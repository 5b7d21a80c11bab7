"""The rules of the repository that need no list of customers, on each of our adapters."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import attrs
import pytest

from customer_groups.codes import parse_group_code
from customer_groups.customers import CustomerKey
from customer_groups.errors import (
    DuplicateCodeError,
    DuplicateNameError,
    GroupNotFoundError,
    InvalidCursorError,
    InvalidValueError,
    StaleGroupError,
    TransactionClosedError,
)
from customer_groups.model import LATEST_TIME, CustomerGroup, GroupStatus, Membership
from customer_groups.outcomes import OutcomeCounts
from customer_groups.query import GroupOrder, GroupQuery
from customer_groups.repository import GroupRepository, GroupStore
from customer_groups.text import contains, equals, starts_with
from stores import CUSTOMERS, MOMENT, STORES, customer

LATER = MOMENT + timedelta(days=1)
A, B, C = map(parse_group_code, "ABC")


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest) -> Iterator[GroupStore]:
    """Yield an empty store of each adapter."""
    with STORES[request.param](CUSTOMERS) as opened:
        yield opened


@pytest.fixture
def groups(store: GroupStore) -> Iterator[GroupRepository]:
    """Yield a repository with the groups A, B and C, the first two with members."""
    with store.transaction() as work:
        repository = work.groups
        for code, name in ((A, "Ärzte"), (B, "Bäcker"), (C, "chemists")):
            repository.add(CustomerGroup(code, name, MOMENT, "anna"))
        repository.add_members(A, [(1, "ONE"), (2, "TWO")], at=MOMENT, by="anna")
        repository.add_members(B, [(1, "TWO")], at=MOMENT, by=None)
        yield repository


def keys(*texts: str) -> list[CustomerKey]:
    """Return customer keys."""
    return [CustomerKey(text) for text in texts]


def test_what_is_stored_is_what_was_given(store: GroupStore) -> None:
    """Every field and every character comes back, in another transaction."""
    group = CustomerGroup(
        parse_group_code("X.1/2_3-4"),
        "Ωmega 😀 'quoted' %_\\ 名",
        MOMENT.astimezone(timezone(timedelta(hours=2))),
        "anna ß",
        updated_at=LATER,
        updated_by="bert",
        status=GroupStatus.INACTIVE,
        version=7,
        attributes={"ключ": "value\u2028", "empty": ""},
    )
    with store.transaction() as work:
        work.groups.add(group)
    with store.transaction() as work:
        assert work.groups.get(group.code) == group


def test_codes_and_names_are_taken_once(groups: GroupRepository) -> None:
    """A second group with a code or a name is refused; the code is looked at first."""
    with pytest.raises(DuplicateCodeError) as code:
        groups.add(CustomerGroup(A, "bäcker", MOMENT))
    assert attrs.astuple(code.value) == (A,)
    with pytest.raises(DuplicateNameError) as name:
        groups.add(CustomerGroup("D", "  BÄCKER ", MOMENT))
    assert attrs.astuple(name.value) == ("BÄCKER", B)
    assert len(groups.find(GroupQuery(), limit=9).items) == 3


def test_a_missing_group_is_not_found(groups: GroupRepository) -> None:
    """Whatever is done with it, a code that no group has is said to be so."""
    missing = parse_group_code("MISSING")
    with pytest.raises(GroupNotFoundError):
        groups.get(missing)
    with pytest.raises(GroupNotFoundError):
        groups.replace(CustomerGroup(missing, "Missing", MOMENT))
    with pytest.raises(GroupNotFoundError):
        groups.remove(missing)
    with pytest.raises(GroupNotFoundError):
        groups.remove(missing, version=1)
    with pytest.raises(GroupNotFoundError):
        groups.members(missing, limit=1)
    with pytest.raises(GroupNotFoundError):
        groups.which_are_members(missing, keys("ONE"))


def test_replacing_compares_versions(groups: GroupRepository) -> None:
    """Who changes what somebody else changed meanwhile is refused with both versions."""
    group = groups.get(A)
    changed = groups.replace(group.renamed("Doctors", at=LATER, by="bert"))
    assert changed == attrs.evolve(
        group, name="Doctors", updated_at=LATER, updated_by="bert", version=2
    )
    assert groups.get(A) == changed
    with pytest.raises(StaleGroupError) as caught:
        groups.replace(group.renamed("Physicians", at=LATER))
    assert attrs.astuple(caught.value) == (A, 1, 2)
    assert groups.which_are_members(A, keys("ONE", "TWO")) == {"ONE", "TWO"}


def test_a_variant_of_its_own_name_is_free(groups: GroupRepository) -> None:
    """A group may be renamed to what counts as the same name, but not to that of another."""
    group = groups.get(A)
    assert groups.replace(group.renamed("ÄRZTE", at=LATER)).name == "ÄRZTE"
    with pytest.raises(DuplicateNameError) as caught:
        groups.replace(groups.get(A).renamed("bäcker", at=LATER))
    assert attrs.astuple(caught.value) == ("bäcker", B)
    assert groups.get(A).name == "ÄRZTE"


def test_the_creation_of_a_group_is_never_changed(groups: GroupRepository) -> None:
    """When and by whom a group was made stays as it is."""
    group = groups.get(A)
    for changed in (attrs.evolve(group, created_at=LATER), attrs.evolve(group, created_by=None)):
        with pytest.raises(InvalidValueError, match="creation"):
            groups.replace(changed)
    assert groups.get(A).created == (MOMENT, "anna")


def test_removing_takes_the_memberships_along(groups: GroupRepository) -> None:
    """Code and name are free afterwards, and a group of that code begins without members."""
    with pytest.raises(StaleGroupError) as caught:
        groups.remove(A, version=2)
    assert attrs.astuple(caught.value) == (A, 2, 1)
    groups.remove(A, version=1)
    groups.remove(B)
    groups.add(CustomerGroup(A, "Ärzte", LATER))
    (summary, *_) = groups.find(GroupQuery(), limit=9).items
    assert (summary.customers, summary.members_version) == (0, 0)
    assert groups.groups_of(keys("ONE", "TWO")) == {"ONE": (), "TWO": ()}


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        (GroupQuery(), "A B C"),
        (GroupQuery(code="b"), "B"),
        (GroupQuery(code=starts_with("a")), "A"),
        (GroupQuery(code=equals("ß")), ""),
        (GroupQuery(code="é"), ""),
        (GroupQuery(code=""), "A B C"),
        (GroupQuery(name="ÄR"), "A"),
        (GroupQuery(name=starts_with("")), "A B C"),
        (GroupQuery(name=equals("CHEMISTS")), "C"),
        (GroupQuery(name=starts_with("\U0010fffd")), ""),
        (GroupQuery(name=starts_with("chemist\ud7ff")), ""),
        (GroupQuery(name=contains("%")), ""),
        (GroupQuery(name=contains("_")), ""),
        (GroupQuery(status="inactive"), ""),
        (GroupQuery(status="active", customer="TWO"), "A B"),
        (GroupQuery(customer="ONE"), "A"),
        (GroupQuery(order_by=GroupOrder.CODE_DESCENDING), "C B A"),
        (GroupQuery(order_by=GroupOrder.NAME), "B C A"),
        (GroupQuery(order_by=GroupOrder.NAME_DESCENDING), "A C B"),
        (GroupQuery(order_by=GroupOrder.CHANGED), "A B C"),
        (GroupQuery(order_by=GroupOrder.CHANGED_DESCENDING), "C B A"),
    ],
    ids=str,
)
def test_searches_in_pages(groups: GroupRepository, query: GroupQuery, codes: str) -> None:
    """Every search gives the same groups in the same order, however long its pages are."""
    for limit in (1, 2, 9):
        page = groups.find(query, limit=limit, with_total=True)
        assert page.total == len(codes.split())
        found = list(page.items)
        while page.next is not None:
            page = groups.find(query, limit=limit, after=page.next)
            assert page.total is None
            found += page.items
        assert [summary.group.code for summary in found] == codes.split()


def test_ties_in_the_last_change_are_broken_by_the_code(groups: GroupRepository) -> None:
    """Ordered by the last change, pages continue in the middle of a tie."""
    groups.replace(groups.get(A).renamed("Later", at=LATER))
    query = GroupQuery(order_by=GroupOrder.CHANGED)
    first = groups.find(query, limit=1)
    second = groups.find(query, limit=2, after=first.next)
    codes = [each.group.code for each in (*first.items, *second.items)]
    assert codes == [B, C, A]


def test_pages_are_limited(groups: GroupRepository) -> None:
    """A page has 1 to 1,000 items."""
    for limit in (0, 1_001):
        with pytest.raises(InvalidValueError, match="limit"):
            groups.find(GroupQuery(), limit=limit)
        with pytest.raises(InvalidValueError, match="limit"):
            groups.members(A, limit=limit)


def test_members_in_pages(groups: GroupRepository) -> None:
    """Members are listed by key, with when and by whom they were added."""
    first = groups.members(A, limit=1)
    assert first.items == (Membership(A, CustomerKey("ONE"), MOMENT, "anna"),)
    second = groups.members(A, limit=1, after=first.next)
    assert [member.customer for member in second.items] == ["TWO"]
    assert second.next is None
    with pytest.raises(InvalidCursorError):
        groups.members(B, limit=1, after=first.next)
    with pytest.raises(InvalidCursorError):
        groups.members(A, limit=1, after=first.next, added_at=MOMENT)


def test_members_of_one_import(groups: GroupRepository) -> None:
    """Every change of members has a time of its own, by which its members are found."""
    counts = groups.add_members(A, [(1, "k6")], at=MOMENT, by="bert", by_key=True)
    assert counts == OutcomeCounts(added=1, at=MOMENT + timedelta(microseconds=1))
    assert counts.at is not None
    (member,) = groups.members(A, limit=9, added_at=counts.at).items
    assert member == Membership(A, CustomerKey("k6"), counts.at, "bert")
    (summary, *_) = groups.find(GroupQuery(), limit=1).items
    assert (summary.customers, summary.members_version) == (3, 2)
    assert (summary.members_changed_at, summary.members_changed_by) == (counts.at, "bert")
    assert summary.group == groups.get(A)
    assert summary.group.version == 1


def test_a_list_that_changes_nothing_leaves_no_trace(groups: GroupRepository) -> None:
    """Where nobody joins or leaves, version, time and actor of the members stay."""
    before = groups.find(GroupQuery(), limit=1)
    assert groups.add_members(A, [(1, "ONE"), (2, "x")], at=LATER, by="x") == OutcomeCounts(
        already_member=1, unknown=1
    )
    assert groups.remove_members(A, [(1, "k6")], at=LATER, by="x") == OutcomeCounts(unknown=1)
    assert groups.replace_members(A, [(1, "TWO"), (2, "ONE")], at=LATER, by="x") == OutcomeCounts(
        already_member=2
    )
    assert groups.find(GroupQuery(), limit=1) == before


def test_the_groups_of_customers(groups: GroupRepository) -> None:
    """Each key that was asked for has its groups, ordered by code, or none."""
    groups.replace(groups.get(B).deactivated(at=LATER))
    assert groups.groups_of(keys("TWO", "nobody")) == {
        "TWO": (groups.get(A), groups.get(B)),
        "nobody": (),
    }
    active = groups.groups_of(keys("TWO"), status=GroupStatus.ACTIVE)
    assert active == {"TWO": (groups.get(A),)}
    assert groups.groups_of([]) == {}


def test_numbers_count_in_series(store: GroupStore) -> None:
    """Series count on their own from 1, and a committed number never comes back."""
    with store.transaction() as work:
        drawn = [work.groups.next_number(series) for series in ("a", "a", "b")]
        with pytest.raises(InvalidValueError, match="series"):
            work.groups.next_number("ü")
    with store.transaction() as work:
        assert [*drawn, work.groups.next_number("a")] == [1, 2, 1, 3]


def test_keys_are_swapped_merged_and_forgotten(groups: GroupRepository) -> None:
    """Memberships follow the host's new keys, in all groups at once."""
    swap = dict(zip(keys("ONE", "TWO"), keys("TWO", "ONE"), strict=True))
    assert groups.rekey_customers(swap, at=LATER, by="bert") == 1  # both are in A already
    assert groups.which_are_members(B, keys("ONE", "TWO")) == {"ONE"}
    merge = {CustomerKey("ONE"): CustomerKey("TWO")}
    assert groups.rekey_customers(merge, at=LATER, by="bert") == 2
    assert [member.customer for member in groups.members(A, limit=9).items] == ["TWO"]
    forget: dict[CustomerKey, CustomerKey | None] = {CustomerKey("TWO"): None}
    assert groups.rekey_customers(forget, at=LATER, by="bert") == 2
    assert groups.groups_of(keys("ONE", "TWO")) == {"ONE": (), "TWO": ()}
    assert [each.customers for each in groups.find(GroupQuery(), limit=9).items] == [0, 0, 0]


def test_keys_that_change_nothing_leave_no_trace(groups: GroupRepository) -> None:
    """Where no membership changes, version, time and actor of the members stay."""
    before = groups.find(GroupQuery(), limit=9)
    same = {CustomerKey("ONE"): CustomerKey("ONE"), CustomerKey("x"): CustomerKey("y")}
    assert groups.rekey_customers(same, at=LATER, by=None) == 0
    assert groups.find(GroupQuery(), limit=9) == before


def test_of_several_memberships_the_first_survives(groups: GroupRepository) -> None:
    """Where memberships come together, the one of the new key stays, else the oldest."""
    groups.add_members(A, [(1, "k1"), (2, "k2")], at=LATER, by="bert", by_key=True)
    merge = dict.fromkeys(keys("k2", "k1", "TWO"), CustomerKey("new"))
    groups.rekey_customers(merge, at=LATER, by=None)
    into = {CustomerKey("new"): CustomerKey("ONE")}
    first, second = groups.members(A, limit=9).items
    assert (first.customer, second.customer) == ("ONE", "new")
    assert (second.added_at, second.added_by) == (MOMENT, "anna")
    groups.rekey_customers(into, at=LATER, by=None)
    assert groups.members(A, limit=9).items == (first,)


def test_what_is_atomic_is_undone_together(groups: GroupRepository) -> None:
    """An exception undoes its context, the numbers drawn in it included, and no more."""

    def fail() -> None:
        with groups.atomic():
            groups.next_number("a")
            groups.remove(A)
            with groups.atomic():
                groups.remove(B)
            raise KeyError("host")

    with pytest.raises(KeyError, match="host"):
        fail()
    assert groups.next_number("a") == 1
    assert len(groups.find(GroupQuery(), limit=9).items) == 3


def test_times_and_actors_are_checked(groups: GroupRepository) -> None:
    """A time without a time zone or an empty actor changes nothing."""
    naive = datetime(2026, 1, 1)  # noqa: DTZ001  on purpose
    for method in (groups.add_members, groups.remove_members, groups.replace_members):
        with pytest.raises(InvalidValueError, match="time zone"):
            method(A, [(1, "k6")], at=naive, by=None)
        with pytest.raises(InvalidValueError, match="actor"):
            method(A, [(1, "k6")], at=MOMENT, by=" ")
    with pytest.raises(InvalidValueError, match="time zone"):
        groups.rekey_customers({CustomerKey("ONE"): None}, at=naive, by=None)
    assert groups.which_are_members(A, keys("ONE", "k6")) == {"ONE"}


def test_the_earliest_and_the_latest_time(groups: GroupRepository) -> None:
    """Times at the ends of the calendar are kept, and ordered."""
    first = datetime.min.replace(tzinfo=UTC)
    last = LATEST_TIME
    groups.add(CustomerGroup("LAST", "Last", last))
    groups.add(CustomerGroup("FIRST", "First", first))
    query = GroupQuery(order_by=GroupOrder.CHANGED)
    found = groups.find(query, limit=9).items
    assert [found[0].group.created_at, found[-1].group.created_at] == [first, last]
    page = groups.find(query, limit=4)
    assert groups.find(query, limit=4, after=page.next).items == found[4:]


def test_nothing_works_after_the_end(store: GroupStore) -> None:
    """A repository and a directory that were kept are closed with their transaction."""
    with store.transaction() as work:
        kept = work.groups
    for use in (lambda: work.groups, lambda: work.customers, lambda: kept.next_number("a")):
        with pytest.raises(TransactionClosedError):
            use()


def test_one_customer_of_a_repeated_code_is_meant_by_its_key(groups: GroupRepository) -> None:
    """A code that several customers have is ambiguous; each of their keys is not."""
    assert groups.add_members(C, [(1, "TWIN")], at=MOMENT, by=None).ambiguous == 1
    assert groups.add_members(C, [(1, "k1")], at=MOMENT, by=None, by_key=True).added == 1


def test_an_unknown_code_that_is_a_key_removes_the_member(groups: GroupRepository) -> None:
    """A customer whose code is gone from the host is removed by its key."""
    groups.add_members(C, [(1, "k5")], at=MOMENT, by=None, by_key=True)
    assert groups.remove_members(C, [(1, "k5")], at=MOMENT, by=None).removed == 1
    assert customer("k5", None, name="No code") in CUSTOMERS

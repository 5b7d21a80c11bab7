"""The rules about several tenants on one storage."""

from functools import partial

from customer_groups.codes import parse_group_code
from customer_groups.customers import Customer
from customer_groups.errors import DuplicateNameError, GroupNotFoundError, InvalidValueError
from customer_groups.query import GroupQuery
from customer_groups.repository import UnitOfWork
from customer_groups.testing.comparison import Everything
from customer_groups.testing.contracts.base import OpenStore, RepositoryRules
from customer_groups.testing.contracts.expectations import expect, expect_error
from customer_groups.testing.contracts.values import (
    CUSTOMERS,
    EVENING,
    NOON,
    A,
    B,
    C,
    codes_found,
    group,
    join,
    keys,
    lines,
    member_keys,
    summary_of,
)
from customer_groups.testing.driver import TENANTS

__all__ = ["TenantRules"]

_LOOKALIKES = ("a", "A", "a_", "ab", "a%", "1", "01", "1.0", "a b", "x" * 63 + "y", "x" * 63 + "z")

_SEPARATORS = ":/|.-_ ,;#@"


def _fill(work: UnitOfWork) -> None:
    for code in (A, B):
        work.groups.add(group(code))
        join(work.groups, code, "ONE", "TWO")


class TenantRules(RepositoryRules):
    """No tenant sees, counts, names or changes anything of another."""

    def test_two_tenants_may_use_the_same_codes_and_names(self) -> None:
        """Rule: codes and names are unique within a tenant only.

        Usual cause: a unique constraint without the tenant, which also tells one tenant what
        another has.

        Fix: let every unique constraint begin with the tenant.
        """
        with self._two_tenants() as (north, south):
            for number, store in enumerate((north, south)):
                with store.transaction() as work:
                    work.groups.add(group("A", "Alpha"))
                    work.groups.add(group("B" if number else "C", "Beta"))
            expect("get('A') of the second tenant", south.run(_get_a), group("A", "Alpha"))

    def test_get_does_not_see_other_tenants(self) -> None:
        """Rule: a group of another tenant is not found.

        Usual cause: the tenant is missing in the condition.

        Fix: compare the tenant in every statement.
        """
        with self._two_tenants() as (north, south):
            north.run(_fill)
            expect_error(
                "get() of another tenant's group",
                lambda: south.run(_get_a),
                GroupNotFoundError("A"),
            )

    def test_find_does_not_see_other_tenants(self) -> None:
        """Rule: neither the groups nor the totals of another tenant are found.

        Usual cause: the tenant is missing in the condition of the page or of the count.

        Fix: build both from the same conditions, the tenant among them.
        """
        queries = (GroupQuery(), GroupQuery(name="group"), GroupQuery(customer="ONE"))
        with self._two_tenants() as (north, south):
            north.run(_fill)
            with south.transaction() as work:
                work.groups.add(group("C"))
                join(work.groups, group("C").code, "ONE")
                for query in queries:
                    page = work.groups.find(query, limit=10, with_total=True)
                    shown = ([each.group.code for each in page.items], page.total)
                    expect(f"codes and total of find({query})", shown, (["C"], 1))

    def test_find_by_customer_looks_at_members_of_the_tenant(self) -> None:
        """Rule: a search by customer finds a group by its members in this tenant only.

        Usual cause: groups and memberships are joined by the code, without the tenant.

        Fix: compare the tenant of the membership as well, for the page and for the total.
        """
        with self._two_tenants() as (north, south):
            north.run(_fill)
            with south.transaction() as work:
                for code in (A, B):
                    work.groups.add(group(code))
                join(work.groups, B, "ONE")
                page = work.groups.find(GroupQuery(customer="ONE"), limit=10, with_total=True)
                shown = ([each.group.code for each in page.items], page.total)
                expect("codes and total of find(customer='ONE')", shown, (["B"], 1))

    def test_members_of_another_tenant_may_join(self) -> None:
        """Rule: who is in a group of another tenant is no member of one with the same code here.

        Usual cause: members are looked up by the code of the group, without the tenant.

        Fix: compare the tenant where the outcome of a value is found out, too.
        """
        with self._two_tenants() as (north, south):
            north.run(_fill)
            with south.transaction() as work:
                work.groups.add(group())
                expect("how many were added", join(work.groups, A, "ONE", "TWO").added, 2)
                expect("members()", member_keys(work.groups, A), ["ONE", "TWO"])

    def test_a_taken_name_is_taken_by_a_group_of_the_tenant(self) -> None:
        """Rule: `DuplicateNameError` says the code of the group that has the name in this tenant.

        Usual cause: who has the name is looked up, or remembered, without the tenant; so one
        tenant reads a code of another.

        Fix: compare the tenant where the holder of a name is looked up.
        """
        with self._two_tenants() as (north, south):
            holders = {"A": north, "B": south}
            for code, store in holders.items():
                store.run(partial(_add, code, "Alpha"))
            for code, store in holders.items():
                expect_error(
                    f"add() of 'C' under the name that {code!r} has in this tenant",
                    partial(store.run, partial(_add, "C", "Alpha")),
                    DuplicateNameError("Alpha", code),
                )

    def test_members_are_those_of_the_tenant(self) -> None:
        """Rule: groups with the same code have members of their own in each tenant.

        Usual cause: memberships without the tenant.

        Fix: store the tenant with every membership, and compare it.
        """
        with self._two_tenants() as (north, south):
            north.run(_fill)
            with south.transaction() as work:
                work.groups.add(group())
                join(work.groups, A, "THREE", at=NOON)
                expect("members()", member_keys(work.groups, A), ["THREE"])
                found = work.groups.which_are_members(A, keys("ONE", "THREE"))
                expect("which_are_members()", found, {"THREE"})
                groups_of = dict(work.groups.groups_of(keys("ONE", "THREE")))
                expect("groups_of()", groups_of, {"ONE": (), "THREE": (group(),)})
                summary = summary_of(work.groups, A)
                expect("the number of customers", summary and summary.customers, 1)

    def _expect_untouched(self, what: str, *change: object) -> None:
        """Change something as one tenant; the other must not notice."""
        with self._two_tenants() as (north, south):
            for store in (north, south):
                store.run(_fill)
            before = north.run(_everything)
            with south.transaction() as work:
                method, *arguments = change
                options = {} if method in {"replace", "remove"} else {"at": EVENING, "by": "bert"}
                getattr(work.groups, str(method))(*arguments, **options)
            expect(f"what another tenant has after {what}", north.run(_everything), before)

    def test_replacing_touches_no_other_tenant(self) -> None:
        """Rule: `replace` changes a group of its own tenant only.

        Usual cause: the tenant is missing in the condition of the update.

        Fix: compare the tenant in every statement.
        """
        self._expect_untouched("replace()", "replace", group().renamed("Other", at=NOON))

    def test_removing_touches_no_other_tenant(self) -> None:
        """Rule: `remove` removes a group and memberships of its own tenant only.

        Usual cause: the tenant is missing in one of the two deletions.

        Fix: compare the tenant in every statement.
        """
        self._expect_untouched("remove()", "remove", A)

    def test_lists_touch_no_other_tenant(self) -> None:
        """Rule: lists change members, numbers and versions of their own tenant only.

        Usual cause: the tenant is missing where members leave, or where counters change.

        Fix: compare the tenant in every statement.
        """
        self._expect_untouched("add_members()", "add_members", A, lines("THREE"))
        self._expect_untouched("remove_members()", "remove_members", A, lines("ONE"))
        self._expect_untouched("replace_members()", "replace_members", A, lines("THREE"))

    def test_new_keys_touch_no_other_tenant(self) -> None:
        """Rule: `rekey_customers` follows the host for its own tenant only.

        Usual cause: the tenant is missing in the condition of the update.

        Fix: compare the tenant in every statement.
        """
        one, two = keys("ONE", "TWO")
        self._expect_untouched("rekey_customers()", "rekey_customers", {one: None, two: one})

    def test_every_tenant_has_customers_of_its_own(self) -> None:
        """Rule: only customers of the own tenant are known, and opening one store changes no other.

        Usual cause: one directory for the whole storage.

        Fix: bind the directory to the tenant.
        """
        with self._stores() as open_store:
            north = open_store(TENANTS[0], [Customer("MINE"), Customer("BOTH", key="k-north")])
            south = open_store(TENANTS[1], [Customer("YOURS"), Customer("BOTH", key="k-south")])
            for store, expected in ((south, ["YOURS", "k-south"]), (north, ["MINE", "k-north"])):
                with store.transaction() as work:
                    work.groups.add(group())
                    listed = lines("MINE", "YOURS", "BOTH")
                    work.groups.add_members(A, listed, at=NOON, by=None)
                    expect("the members", member_keys(work.groups, A), expected)

    def test_every_tenant_counts_for_itself(self) -> None:
        """Rule: each tenant has its own series of numbers.

        Usual cause: one sequence of the storage for all tenants, which tells one how much
        another draws.

        Fix: keep the last number by tenant and series.
        """
        with self._two_tenants() as (north, south):
            drawn = [north.run(_draw), north.run(_draw), south.run(_draw), north.run(_draw)]
            expect("numbers of tenant 1, 1, 2 and 1", drawn, [1, 2, 1, 3])

    def test_similar_tenants_are_different(self) -> None:
        """Rule: tenants are compared exactly, up to their 64th character.

        Usual cause: a collation that ignores case, a wildcard, a prefix, or numbers.

        Fix: a binary collation on the tenant, and room for 64 characters.
        """
        with self._stores() as open_store:
            stores = [open_store(tenant, []) for tenant in _LOOKALIKES]
            for number, store in enumerate(stores):
                store.run(partial(_add, f"G{number}", "Group"))
            for number, store in enumerate(stores):
                found = store.run(lambda work: codes_found(work.groups))
                expect(f"the groups of tenant {_LOOKALIKES[number]!r}", found, [f"G{number}"])

    def test_tenants_and_series_are_kept_apart(self) -> None:
        """Rule: a series is known by tenant and name, and never by both run together.

        Usual cause: one key of storage is made of both, joined by a character that may stand
        in them.

        Fix: keep them in two columns, or escape the character.
        """
        with self._stores() as open_store:
            near = open_store("A", [])
            for sign in _SEPARATORS:
                far = open_store(f"A{sign}B", [])
                drawn = [
                    near.run(partial(_draw_two, f"B{sign}C")),
                    far.run(partial(_draw_two, "C")),
                ]
                what = f"two numbers of 'A', 'B{sign}C' and two of 'A{sign}B', 'C'"
                expect(what, drawn, [[1, 2], [1, 2]])

    def test_tenants_and_codes_are_kept_apart(self) -> None:
        """Rule: a group is known by tenant and code, and never by both run together.

        Usual cause: one key of storage is made of both, joined by a character that may stand
        in them.

        Fix: keep them in two columns, or escape the character.
        """
        with self._stores() as open_store:
            near = open_store("A", CUSTOMERS)
            for sign in "._/-":
                far, code = open_store(f"A{sign}B", CUSTOMERS), parse_group_code(f"B{sign}C")
                with near.transaction() as work:
                    work.groups.add(group(code))
                    join(work.groups, code, "ONE")
                with far.transaction() as work:
                    work.groups.add(group("C"))
                    expect("the groups of the other", codes_found(work.groups), ["C"])
                    expect("the members of its group", member_keys(work.groups, C), [])
                with near.transaction() as work:
                    expect(f"members({code!r})", member_keys(work.groups, code), ["ONE"])
                    work.groups.remove(code)

    def test_malformed_tenants_are_refused(self) -> None:
        """Rule: a tenant is 1 to 64 characters of printable ASCII without outer spaces.

        Usual cause: it is stored as it comes, so that two of them may meet.

        Fix: pass it to `parse_tenant` when a store is opened.
        """
        with self._stores() as open_store:
            for tenant in ("", " a", "a ", "ä", "a\n", "x" * 65):
                expect_error(
                    f"opening a store of the tenant {tenant!r}",
                    partial(_use, open_store, tenant),
                    InvalidValueError("tenant", tenant, "is malformed"),
                )


def _get_a(work: UnitOfWork) -> object:
    return work.groups.get(A)


def _draw(work: UnitOfWork) -> int:
    return work.groups.next_number("series")


def _draw_two(series: str, work: UnitOfWork) -> list[int]:
    return [work.groups.next_number(series) for _ in range(2)]


def _add(code: str, name: str, work: UnitOfWork) -> None:
    work.groups.add(group(code, name))


def _everything(work: UnitOfWork) -> object:
    return Everything()(work.groups)


def _use(open_store: OpenStore, tenant: str) -> None:
    open_store(tenant, []).run(_everything)

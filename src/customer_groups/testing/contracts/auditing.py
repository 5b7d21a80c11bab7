"""The rules about what cannot be seen through the repository: orphans and counters."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import attrs

from customer_groups.codes import GroupCode
from customer_groups.customers import Customer
from customer_groups.repository import GroupRepository, GroupStore
from customer_groups.testing.comparison import (
    Interrupted,
    ListChange,
    Operation,
    answer_of,
    call,
)
from customer_groups.testing.contracts.base import RepositoryRules
from customer_groups.testing.contracts.expectations import expect, raised_by
from customer_groups.testing.contracts.values import (
    CUSTOMERS,
    MISSING,
    NOON,
    A,
    B,
    crowd,
    group,
    keys,
    lines,
)
from customer_groups.testing.counting import wrong_counts
from customer_groups.testing.driver import TENANTS
from customer_groups.testing.layers import RawCounts
from customer_groups.testing.model import GroupModel

__all__ = ["AuditingRules"]

ONE, TWO, THREE, NEW = keys("ONE", "TWO", "THREE", "NEW")
CROWD = crowd(1_100)


def _listed(
    method: str, code: GroupCode, *values: str, by_key: bool = False, broken: str | None = None
) -> ListChange:
    entries = tuple(lines(*values))
    return ListChange(
        method=method, code=code, entries=entries, at=NOON, by_key=by_key, broken=broken
    )


def _rekeyed(mapping: Mapping[str, str | None]) -> Operation:
    return call("rekey_customers", mapping, at=NOON, by=None)


FILLING = (
    call("add", group("A")),
    call("add", group("B")),
    _listed("add_members", A, "ONE", "TWO"),
    _listed("add_members", B, "ONE", "THREE"),
)
CHANGES: Mapping[str, Operation] = {
    "adding a group": call("add", group("C")),
    "renaming a group": call("replace", group("A").renamed("Another", at=NOON)),
    "adding members": _listed("add_members", A, "THREE", "REUSED"),
    "removing members": _listed("remove_members", A, "ONE", "REUSED"),
    "replacing members": _listed("replace_members", B, "ONE", "APART"),
    "merging customers": _rekeyed({TWO: THREE}),
    "removing a group": call("remove", A),
}
REFUSALS: Mapping[str, Operation] = {
    "adding a code that is taken": call("add", group("A", "Another name")),
    "adding a name that is taken": call("add", group("C", "Group A")),
    "replacing a group that is not there": call("replace", group("MISSING")),
    "replacing a stale version": call("replace", attrs.evolve(group("A"), version=9)),
    "replacing when a group was made": call(
        "replace", attrs.evolve(group("A"), created_at=NOON, updated_at=NOON)
    ),
    "taking the name of another group": call("replace", attrs.evolve(group("A"), name="Group B")),
    "removing a group that is not there": call("remove", MISSING),
    "removing a stale version": call("remove", A, version=9),
    "adding to a group that is not there": _listed("add_members", MISSING, "ONE"),
    "removing from a group that is not there": _listed("remove_members", MISSING, "ONE"),
    "replacing in a group that is not there": _listed("replace_members", MISSING, "ONE"),
}


@attrs.frozen(eq=False)
class _Books:
    """A storage, and models that say what should be in it."""

    audit: Callable[[], RawCounts]
    stores: Mapping[str, GroupStore]
    models: Mapping[str, GroupModel]

    def keep(self, what: str, *calls: Operation, tenant: str = TENANTS[0]) -> None:
        """Make calls in one transaction, whatever they raise, and count."""
        self.stores[tenant].run(lambda work: _make(calls, work.groups))
        _make(calls, self.models[tenant])
        self.compare(what)

    def undo(self, what: str, *calls: Operation) -> None:
        """Make calls in one transaction, inside of `atomic` which is undone, and count."""

        def undone(groups: GroupRepository) -> None:
            with groups.atomic():
                _make(calls, groups)
                raise Interrupted

        with self.stores[TENANTS[0]].transaction() as work:
            raised_by(lambda: undone(work.groups))
        self.compare(what)

    def roll_back(self, what: str, *calls: Operation) -> None:
        """Make calls in a transaction which an exception leaves, and count."""

        def rolled_back() -> None:
            with self.stores[TENANTS[0]].transaction() as work:
                _make(calls, work.groups)
                raise Interrupted

        raised_by(rolled_back)
        self.compare(what)

    def compare(self, what: str) -> None:
        """Count, and refuse what differs from the models."""
        __tracebackhide__ = True
        expect(
            f"what the audit finds wrong after {what}", wrong_counts(self.audit(), self.models), []
        )


def _make(calls: Sequence[Operation], groups: GroupRepository | GroupModel) -> None:
    for each in calls:
        answer_of(each, groups)


class AuditingRules(RepositoryRules):
    """What the storage holds, counted without the adapter; always two tenants are in it."""

    def test_the_audit_counts_what_is_stored(self) -> None:
        """Rule: `audit` tells each group of each tenant, its counter and its memberships.

        Usual cause: the hook counts in an old snapshot, leaves out a tenant, or forgets
        groups without members.

        Fix: count all that is committed now, past the adapter; where the storage keeps no
        counter, return None for it.
        """
        with self._books() as books:
            books.compare("adding groups and members of both tenants")

    def test_every_change_is_counted(self) -> None:
        """Rule: after each change a group's counter is the number of its memberships.

        Usual cause: a change of members that does not touch the counter.

        Fix: change the counter wherever memberships are stored or deleted, by as many.
        """
        with self._books() as books:
            for what, change in CHANGES.items():
                books.keep(what, change)

    def test_other_tenants_are_counted_apart(self) -> None:
        """Rule: a change of one tenant changes no counter and no membership of another.

        Usual cause: a statement whose condition names the group, and not its tenant.

        Fix: put the tenant into every condition.
        """
        with self._books() as books:
            for what, change in CHANGES.items():
                books.keep(f"{what}, as the other tenant", change, tenant=TENANTS[1])

    def test_who_is_a_member_is_counted_once(self) -> None:
        """Rule: values of a list that add nobody are not counted.

        Usual cause: the counter rises by the length of the list.

        Fix: raise it by the number of memberships that were really stored.
        """
        values = ("ONE", "THREE", "THREE", "ASLEEP", "TWIN", "nobody", "TWO")
        with self._books() as books:
            for method in ("add_members", "add_members", "replace_members", "replace_members"):
                books.keep(f"{method}() with values that add nobody", _listed(method, A, *values))

    def test_who_was_no_member_is_not_counted_down(self) -> None:
        """Rule: values of a list that remove nobody are not counted.

        Usual cause: the counter falls by the length of the list.

        Fix: lower it by the number of memberships that were really deleted.
        """
        values = ("THREE", "ONE", "ONE", "ASLEEP", "TWIN", "nobody")
        with self._books() as books:
            for _ in range(2):
                books.keep(
                    "removing customers who are no members", _listed("remove_members", A, *values)
                )

    def test_the_counter_of_a_long_list_is_exact(self) -> None:
        """Rule: after a long list, too, the counter is the number of memberships.

        Usual cause: of several parts only the first or the last one is counted.

        Fix: add up what the parts did.
        """
        codes = [customer.key for customer in CROWD]
        with self._books(CROWD) as books:
            books.keep("adding many members", _listed("add_members", A, *codes[:700]))
            books.keep("adding many more", _listed("add_members", A, *codes))
            books.keep("replacing many members", _listed("replace_members", A, *codes[300:]))
            books.keep("removing many members", _listed("remove_members", A, *codes[:1_000]))

    def test_a_removed_group_leaves_no_memberships(self) -> None:
        """Rule: with a group its memberships are removed.

        Usual cause: only the group is deleted, and the storage has no foreign key.

        Fix: delete the memberships in the same transaction.
        """
        with self._books() as books:
            books.keep("removing a group with members", call("remove", A))
            books.keep("adding a group with the same code", call("add", group("A")))
            books.keep("removing a group that had no members", call("remove", A))

    def test_a_group_is_removed_and_added_in_one_transaction(self) -> None:
        """Rule: a new group with the code of a removed one begins without members.

        Usual cause: memberships are deleted later than the group, or counters are cached.

        Fix: delete memberships and group together, and begin with a counter of 0.
        """
        with self._books() as books:
            again = (call("remove", A), call("add", group("A")))
            books.keep("removing and adding a group", *again)
            books.keep("doing it again, with a member", *again, _listed("add_members", A, "TWO"))

    def test_customers_with_new_keys_are_counted_once(self) -> None:
        """Rule: where memberships come together, they are one.

        Usual cause: the counter is not touched, since a key was only replaced.

        Fix: lower it by the memberships that were merged or forgotten.
        """
        mappings: tuple[Mapping[str, str | None], ...] = (
            {ONE: TWO, TWO: ONE},
            {ONE: NEW},
            {NEW: TWO, THREE: TWO},
            {TWO: None},
        )
        with self._books() as books:
            for mapping in mappings:
                books.keep(f"rekey_customers({mapping})", _rekeyed(mapping))

    def test_calls_that_are_refused_count_nothing(self) -> None:
        """Rule: a call that raises has changed nothing, memberships and counters included.

        Usual cause: something is written before the call is refused, and not undone.

        Fix: look before you write, or put a savepoint around the call.
        """
        with self._books() as books:
            for what, refusal in REFUSALS.items():
                books.keep(what, refusal)
                books.keep(
                    f"{what}, between other changes", refusal, _listed("add_members", A, "APART")
                )

    def test_a_list_or_listener_that_raises_counts_nothing(self) -> None:
        """Rule: if the list or ``on_outcome`` raises, the call is undone, its counter included.

        Usual cause: parts of the list are stored, or the counter is, before all was read.

        Fix: put a savepoint around the call, and roll back to it.
        """
        values = ("THREE", "APART", "nobody", "ONE")
        with self._books() as books:
            for broken in ("list", "listener"):
                for method in ("add_members", "replace_members", "remove_members"):
                    change = _listed(method, A, *values, broken=broken)
                    books.keep(f"{method}(), where the {broken} raises", change)

    def test_what_atomic_undoes_is_not_counted(self) -> None:
        """Rule: `atomic` undoes memberships and counters, those of a removed group included.

        Usual cause: counters are kept outside of the transaction, or a deletion is.

        Fix: keep both in the storage, and roll back to the savepoint.
        """
        with self._books() as books:
            for what, change in CHANGES.items():
                books.undo(f"{what}, undone by atomic()", change)
            books.undo("all changes, undone by atomic()", *CHANGES.values())

    def test_what_is_rolled_back_is_not_counted(self) -> None:
        """Rule: a transaction that is rolled back leaves memberships and counters as they were.

        Usual cause: statements that commit by themselves.

        Fix: make all changes in one transaction of the storage.
        """
        with self._books() as books:
            for what, change in CHANGES.items():
                books.roll_back(f"{what}, rolled back", change)
            books.roll_back("all changes, rolled back", *CHANGES.values())

    @contextmanager
    def _books(self, customers: Sequence[Customer] = CUSTOMERS) -> Iterator[_Books]:
        """Make a storage in which both tenants have the same groups and members."""
        storage = self.make_storage()
        try:
            self.audit(storage)
            books = _Books(
                lambda: self.audit(storage),
                {tenant: self.open_store(storage, tenant, customers) for tenant in TENANTS},
                {tenant: GroupModel(customers) for tenant in TENANTS},
            )
            for tenant in TENANTS:
                books.stores[tenant].run(lambda work: _make(FILLING, work.groups))
                _make(FILLING, books.models[tenant])
            yield books
        finally:
            self.close_storage(storage)

"""A state machine that drives adapters and the model side by side.

It finds the calls after which an adapter answers something else than the model does, and
shrinks them to a short program.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

import attrs
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)
from hypothesis.strategies import SearchStrategy

from customer_groups.codes import GroupCode
from customer_groups.customers import Customer, CustomerKey
from customer_groups.errors import InvalidValueError
from customer_groups.model import CustomerGroup, GroupStatus
from customer_groups.query import GroupQuery
from customer_groups.repository import GroupStore
from customer_groups.testing import directed
from customer_groups.testing.comparison import Call, ListChange, call
from customer_groups.testing.driver import TENANTS, SideBySide, Walk
from customer_groups.testing.layers import Adapter, Storage
from customer_groups.testing.model import GroupModel
from customer_groups.testing.strategies import actors

__all__ = ["GroupRepositoryMachine"]

T = TypeVar("T")

CROWD = 1_100  # more than a page, and than many a limit on bound values
DEEPEST = 3
MOST_PAGES = 30  # a crowd read one by one takes too long


def _stored(strategy: Callable[[GroupModel], SearchStrategy[T]]) -> SearchStrategy[T]:
    """Generate values directed at what the current tenant has stored."""
    return st.runner().flatmap(lambda machine: strategy(machine.sides.model))


def _limits() -> SearchStrategy[int]:
    return st.sampled_from([1, 2, 3, 1_000])


class GroupRepositoryMachine(RuleBasedStateMachine):
    """Compares adapters with the model, through the public interface only.

    Always two tenants are on one storage. A subclass says which adapter is tested, by
    `make_storage` and `open_store`; its ``TestCase`` is the test:

    .. code-block:: python

        class MyMachine(GroupRepositoryMachine):
            def make_storage(self):
                return MyStorage()

            def open_store(self, storage, tenant, customers):
                return MyStore(storage, tenant, customers)

        TestMyAdapter = MyMachine.TestCase

    How long it runs is the business of the Hypothesis profile. A storage that must be
    closed is closed in ``teardown``, after that of this class.
    """

    walks = Bundle("walks")

    def __init__(self) -> None:
        """Make a new storage for each adapter."""
        super().__init__()
        self.sides = SideBySide(self.adapters())
        self.crowd: tuple[Customer, ...] = ()

    def make_storage(self) -> Storage:
        """Return a new, empty storage."""
        raise NotImplementedError("say how to make a storage, by defining make_storage(self)")

    def open_store(
        self, storage: Storage, tenant: str, customers: Sequence[Customer]
    ) -> GroupStore:
        """Return a store of one tenant; opening it again replaces the customers."""
        raise NotImplementedError(
            "say how to open a store, by defining open_store(self, storage, tenant, customers)"
        )

    def adapters(self) -> Mapping[str, Adapter]:
        """Return the adapters by name; several are driven side by side."""
        return {type(self).__name__: self}

    def teardown(self) -> None:
        """Roll back what is still open."""
        self.sides.abandon()

    @invariant()
    def everything_stored_is_the_same(self) -> None:
        """Compare all groups and members that can be read now."""
        self.sides.agree_on_everything()

    # The beginning, tenants and transactions

    @initialize(start=directed.starts(), crowd=st.sampled_from([0, 0, CROWD]))
    def begin_with(self, start: directed.Start, crowd: int) -> None:
        """Give both tenants the same customers, groups and members."""
        self.crowd = tuple(Customer(f"crowd-{number:04}") for number in range(crowd))
        for tenant in TENANTS:
            self.turn_to(tenant)
            self.reopen(start.customers)
            for group in start.groups:
                self.add(group)
                if start.members:
                    self.change_members_by_key(start.first_members(group))
            if start.directory != start.customers:
                self.reopen(start.directory)

    @precondition(lambda self: not self.sides.depth)
    @rule(tenant=st.sampled_from(TENANTS))
    def turn_to(self, tenant: str) -> None:
        """From now on do everything as this tenant."""
        self.sides.tenant = tenant

    @property
    def directory(self) -> Sequence[Customer]:
        """The customers of the current tenant, without the crowd."""
        customers = self.sides.model.customers
        return customers[: len(customers) - len(self.crowd)]

    @precondition(lambda self: not self.sides.depth)
    @rule(customers=st.runner().flatmap(lambda self: directed.changed_directories(self.directory)))
    def reopen(self, customers: Sequence[Customer]) -> None:
        """Open the store again; meanwhile the host changed its customers."""
        self.sides.open([*customers, *self.crowd])

    @precondition(lambda self: not self.sides.depth)
    @rule()
    def begin(self) -> None:
        """Begin a transaction."""
        self.sides.begin()

    @precondition(lambda self: 0 < self.sides.depth < DEEPEST)
    @rule()
    def begin_atomic(self) -> None:
        """Begin a context nested in the transaction."""
        self.sides.begin_atomic()

    @precondition(lambda self: self.sides.depth)
    @rule()
    def keep(self) -> None:
        """End the innermost context, or commit."""
        self.sides.keep()

    @precondition(lambda self: self.sides.depth)
    @rule()
    def undo(self) -> None:
        """Leave the innermost context, or the transaction, by an exception."""
        self.sides.undo()

    # Groups

    @rule(group=_stored(directed.new_groups))
    def add(self, group: CustomerGroup) -> None:
        """Add a group whose code or name may be taken, or almost."""
        self.sides.agree(call("add", group))

    @precondition(lambda self: self.sides.model.summaries)
    @rule(group=_stored(directed.replacements))
    def replace(self, group: CustomerGroup) -> None:
        """Change a group; the version may be stale, the name may be taken."""
        self.sides.agree(call("replace", group))

    @rule(code=_stored(directed.codes), version=st.sampled_from([None, None, 1, 2]))
    def remove(self, code: GroupCode, version: int | None) -> None:
        """Remove a group."""
        self.sides.agree(call("remove", code, version=version))

    @rule(series=st.sampled_from(["codes:CG-", "codes:cg-", "a b"]))
    def next_number(self, series: str) -> None:
        """Draw a number."""
        self.sides.agree_on_next_number(series)

    @rule(limit=st.sampled_from([0, -1, 1_001]), series=st.sampled_from(["", " a", "ä", "a" * 65]))
    def pass_bad_arguments(self, limit: int, series: str) -> None:
        """Pass what is not allowed; try to change when and by whom groups were made."""
        error = InvalidValueError("series", series, "is not allowed")
        self.sides.demand(call("next_number", series), error)
        self.sides.agree(call("find", GroupQuery(), limit=limit))
        for group in self.sides.model.groups:
            self.sides.agree(call("members", group.code, limit=limit))
            moved = attrs.evolve(group, created_at=group.created_at + timedelta(microseconds=1))
            self.sides.agree(call("replace", moved))
            other = attrs.evolve(group, created_by=f"not {group.created_by}"[:140])
            self.sides.agree(call("replace", other))

    # Lists of groups and of members

    @rule(listings=_stored(directed.listings), limit=_limits())
    def read_lists(self, listings: list[Call], limit: int) -> None:
        """Page through some lists from the first to the last page."""
        for listing in listings:
            walk = self.sides.first_page(listing, limit)
            for _ in range(MOST_PAGES):
                walk = walk and self.sides.next_page(walk, limit)

    @rule(target=walks, listings=_stored(directed.listings))
    def begin_walks(self, listings: list[Call]) -> MultipleResults[Walk]:
        """Begin to page through some lists."""
        started = [self.sides.first_page(listing, 1) for listing in listings]
        return multiple(*(walk for walk in started if walk))

    @rule(target=walks, walk=consumes(walks), limit=_limits())
    def next_page(self, walk: Walk, limit: int) -> Walk | MultipleResults[Walk]:
        """Read the next page, whatever changed since the one before."""
        if walk.tenant != self.sides.tenant:
            return walk
        return self.sides.next_page(walk, limit) or multiple()

    @rule(walk=walks, end=st.sampled_from([0, -1]))
    def misuse_cursor(self, walk: Walk, end: int) -> None:
        """Try to continue lists of other searches or groups, or with half a cursor."""
        for listing in directed.other_lists(walk.listing, self.sides.model):
            self.sides.refuse_cursors(listing, walk.cursors)
        if self._is_there(walk.listing):
            half = {name: cursor[:end] for name, cursor in walk.cursors.items()}
            self.sides.refuse_cursors(walk.listing, half)

    @precondition(lambda self: not self.sides.depth)
    @rule(walk=walks)
    def carry_cursor_over(self, walk: Walk) -> None:
        """Turn to the other tenant, and try to continue the same list there."""
        [other] = set(TENANTS) - {walk.tenant}
        self.turn_to(other)
        if self._is_there(walk.listing):
            self.sides.refuse_cursors(walk.listing, walk.cursors)

    def _is_there(self, listing: Call) -> bool:
        return listing.method == "find" or listing.arguments[0] in self.sides.model.summaries

    # Members

    @rule(change=_stored(partial(directed.changes, by_key=False)))
    def change_members(self, change: ListChange) -> None:
        """Change the members of a group by a short list of codes."""
        self.sides.agree(change)

    @rule(change=_stored(partial(directed.changes, by_key=True)))
    def change_members_by_key(self, change: ListChange) -> None:
        """Change the members of a group by a short list of keys."""
        self.sides.agree(change)

    @precondition(lambda self: self.sides.model.summaries)
    @rule(change=_stored(directed.broken_changes))
    def break_off(self, change: ListChange) -> None:
        """Change members while the list or the listener raises, which undoes the call."""
        self.sides.agree(change)

    @precondition(lambda self: self.crowd)
    @rule(
        method=st.sampled_from(directed.LIST_METHODS),
        code=_stored(directed.codes),
        first=st.integers(0, CROWD - 1),
        size=st.sampled_from([99, 100, 101, 500, 501, 999, 1_000, 1_001, CROWD]),
    )
    def change_many_members(self, method: str, code: GroupCode, first: int, size: int) -> None:
        """Change members by a long list, whose first values stand at its end once more."""
        crowd = [customer.key for customer in [*self.crowd[first:], *self.crowd][:size]]
        entries = tuple(enumerate([*crowd, *crowd[:2]], start=1))
        self.sides.agree(ListChange(method=method, code=code, entries=entries, at=directed.MORNING))

    @rule(
        code=_stored(directed.codes),
        customers=_stored(directed.key_lists),
        status=st.none() | st.sampled_from(GroupStatus),
    )
    def look_up(
        self, code: GroupCode, customers: list[CustomerKey], status: GroupStatus | None
    ) -> None:
        """Look up a group, which customers are its members, and the groups of customers."""
        self.sides.agree(call("get", code))
        self.sides.agree(call("which_are_members", code, customers))
        self.sides.agree(call("groups_of", customers, status=status))

    @rule(mapping=_stored(directed.mappings), at=directed.moments(), by=actors())
    def rekey_customers(
        self, mapping: Mapping[CustomerKey, CustomerKey | None], at: datetime, by: str | None
    ) -> None:
        """Give customers other keys."""
        self.sides.agree(call("rekey_customers", mapping, at=at, by=by))

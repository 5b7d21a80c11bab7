"""Storages that are counted without their adapter: ours, and some that hold more than is seen."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

import attrs
import pytest

from customer_groups.adapters.memory import (
    InMemoryCustomerDirectory,
    InMemoryGroupRepository,
    InMemoryGroupStore,
    InMemoryStorage,
    InMemoryUnitOfWork,
)
from customer_groups.adapters.memory.contents import Contents, StoredGroup
from customer_groups.codes import GroupCode
from customer_groups.customers import Customer, CustomerKey
from customer_groups.model import CustomerGroup
from customer_groups.outcomes import Entry, OnOutcome, OutcomeCounts
from customer_groups.testing import RawCounts
from customer_groups.testing.comparison import call
from customer_groups.testing.contracts.auditing import FILLING, AuditingRules
from customer_groups.testing.contracts.guarding import rules_of
from customer_groups.testing.contracts.values import CUSTOMERS, A
from customer_groups.testing.counting import drifted, wrong_counts
from customer_groups.testing.driver import TENANTS, SideBySide
from customer_groups.testing.model import GroupModel

RULES = list(rules_of(AuditingRules))


_Numbers = dict[tuple[str, str], int]


@attrs.define(eq=False)
class Cabinet:
    """Groups in memory, with a card for each that says how many members are filed."""

    contents: dict[str, Contents] = attrs.field(factory=dict)
    counters: _Numbers = attrs.field(factory=dict)
    memberships: _Numbers = attrs.field(factory=dict)


class Files(InMemoryGroupRepository):
    """Keeps the cards."""

    def __init__(self, cabinet: Cabinet, tenant: str, customers: InMemoryCustomerDirectory) -> None:
        """Copy the cards, until the commit."""
        super().__init__(tenant, cabinet.contents.get(tenant, Contents()), customers)
        self.cabinet = cabinet
        self.counters = dict(cabinet.counters)
        self.memberships = dict(cabinet.memberships)

    def commit(self) -> None:
        """Put everything back."""
        self.cabinet.contents[self.tenant] = self.contents
        self.cabinet.counters, self.cabinet.memberships = self.counters, self.memberships

    def file(self, stored: StoredGroup) -> None:
        """Write a card."""
        place = (self.tenant, stored.group.code)
        self.counters[place] = self.memberships[place] = len(stored.members)

    def take_out(self, place: tuple[str, str]) -> None:
        """Throw a card away."""
        del self.counters[place], self.memberships[place]

    def _store(self, stored: StoredGroup) -> None:
        super()._store(stored)
        self.file(stored)

    def remove(self, code: GroupCode, *, version: int | None = None) -> None:
        """Remove a group."""
        super().remove(code, version=version)
        self.take_out((self.tenant, code))

    def rekey_customers(
        self, mapping: Mapping[CustomerKey, CustomerKey | None], *, at: datetime, by: str | None
    ) -> int:
        """Give customers other keys."""
        changed = super().rekey_customers(mapping, at=at, by=by)
        for stored in self.contents.groups.values():
            self.file(stored)
        return changed

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """Undo what is on the cards, too."""
        before = dict(self.counters), dict(self.memberships)
        try:
            with super().atomic():
                yield
        except BaseException:
            self.counters, self.memberships = before
            raise


@attrs.frozen(eq=False)
class CabinetStore:
    """Opens transactions on a cabinet."""

    files: type[Files]
    cabinet: Cabinet
    tenant: str
    customers: InMemoryCustomerDirectory

    @contextmanager
    def transaction(self) -> Iterator[InMemoryUnitOfWork]:
        """Commit at the end."""
        groups = self.files(self.cabinet, self.tenant, self.customers)
        try:
            yield InMemoryUnitOfWork(groups, self.customers)
            groups.commit()
        finally:
            groups.close()

    run = InMemoryGroupStore.run


class Cabinets(AuditingRules):
    """The contract of a cabinet."""

    files = Files
    make_storage = staticmethod(Cabinet)

    def open_store(
        self, storage: Cabinet, tenant: str, customers: Sequence[Customer]
    ) -> CabinetStore:
        """Open the files of a tenant."""
        directory = InMemoryCustomerDirectory(customers, tenant)
        return CabinetStore(self.files, storage, tenant, directory)

    def audit(self, storage: Cabinet) -> RawCounts:
        """Look at the cards."""
        return RawCounts(groups=storage.counters, memberships=storage.memberships)


class TestCabinet(Cabinets):
    """A cabinet in which all is right."""


class CommitsOnlyWhatIsSeen(Files):
    """The counters never arrive."""

    def commit(self) -> None:
        """Leave the cards as they were."""
        self.cabinet.contents[self.tenant] = self.contents


class NeverCountsDown(Files):
    """Counters only rise."""

    def file(self, stored: StoredGroup) -> None:
        """Keep the highest number."""
        place = (self.tenant, stored.group.code)
        highest = max(self.counters.get(place, 0), len(stored.members))
        super().file(stored)
        self.counters[place] = highest


class ForgetsTheTenant(Files):
    """A condition names the group only."""

    def take_out(self, place: tuple[str, str]) -> None:
        """Take out the cards of all tenants."""
        for other in [each for each in self.counters if each[1] == place[1]]:
            super().take_out(other)


class ChangesMembers(Files):
    """Something is done with the counter when members are added or removed."""

    def add_members(
        self,
        code: GroupCode,
        entries: Iterable[Entry],
        *,
        at: datetime,
        by: str | None,
        by_key: bool = False,
        on_outcome: OnOutcome | None = None,
    ) -> OutcomeCounts:
        """Add them, and do it."""
        before = self.counters.get((self.tenant, code), 0)
        options = {"at": at, "by": by, "by_key": by_key, "on_outcome": on_outcome}
        counts = super().add_members(code, self.read(code, entries), **options)  # type: ignore[arg-type]
        self.counters[self.tenant, code] = self.added(before, counts)
        return counts

    def remove_members(
        self,
        code: GroupCode,
        entries: Iterable[Entry],
        *,
        at: datetime,
        by: str | None,
        by_key: bool = False,
        on_outcome: OnOutcome | None = None,
    ) -> OutcomeCounts:
        """Remove them, and do it."""
        before = self.counters.get((self.tenant, code), 0)
        options = {"at": at, "by": by, "by_key": by_key, "on_outcome": on_outcome}
        counts = super().remove_members(code, entries, **options)  # type: ignore[arg-type]
        self.counters[self.tenant, code] = self.removed(before, counts)
        return counts

    def read(self, code: GroupCode, entries: Iterable[Entry]) -> Iterable[Entry]:  # noqa: ARG002
        """Read a list of additions."""
        return entries

    def added(self, before: int, counts: OutcomeCounts) -> int:
        """Return the counter after an addition."""
        return before + counts.added

    def removed(self, before: int, counts: OutcomeCounts) -> int:
        """Return the counter after a removal."""
        return before - counts.removed


class CountsRepetitions(ChangesMembers):
    """Who is a member already counts again."""

    def added(self, before: int, counts: OutcomeCounts) -> int:
        """Count them."""
        return before + counts.added + counts.already_member


class CountsStrangersDown(ChangesMembers):
    """Who was no member is counted down."""

    def removed(self, before: int, counts: OutcomeCounts) -> int:
        """Count them."""
        return before - counts.removed - counts.not_a_member


class CountsTheLastPart(ChangesMembers):
    """Of a long list the last part is counted."""

    def added(self, before: int, counts: OutcomeCounts) -> int:
        """Count what is left of parts of five hundred."""
        return before + counts.added % 500


class CountsWhileReading(ChangesMembers):
    """The counter rises with each line, whatever comes of the list."""

    def read(self, code: GroupCode, entries: Iterable[Entry]) -> Iterable[Entry]:
        """Count lines."""
        for entry in entries:
            self.counters[self.tenant, code] += 1
            yield entry


class LeavesMemberships(Files):
    """There is no foreign key."""

    def take_out(self, place: tuple[str, str]) -> None:
        """Keep what was filed."""
        del self.counters[place]


class RemovesLater(Files):
    """Groups are removed at the end."""

    def take_out(self, place: tuple[str, str]) -> None:
        """Keep it in mind."""
        self.later = place

    def commit(self) -> None:
        """Remove the last one."""
        if hasattr(self, "later"):
            super().take_out(self.later)
        super().commit()


class DoesNotCountMerges(Files):
    """Keys are only replaced."""

    def rekey_customers(
        self, mapping: Mapping[CustomerKey, CustomerKey | None], *, at: datetime, by: str | None
    ) -> int:
        """Touch no card."""
        return InMemoryGroupRepository.rekey_customers(self, mapping, at=at, by=by)


class CountsBeforeItLooks(Files):
    """A card is written before it is known whether there is one."""

    def add(self, group: CustomerGroup) -> None:
        """Write the card first."""
        self.counters[self.tenant, group.code] = self.memberships[self.tenant, group.code] = 0
        super().add(group)


class UndoesWhatIsSeen(Files):
    """Counters are outside of savepoints."""

    atomic = InMemoryGroupRepository.atomic


class CountsAtOnce(Files):
    """Counters are outside of transactions."""

    def __init__(self, cabinet: Cabinet, tenant: str, customers: InMemoryCustomerDirectory) -> None:
        """Work on the cards of everybody."""
        super().__init__(cabinet, tenant, customers)
        self.counters, self.memberships = cabinet.counters, cabinet.memberships


BROKEN: Mapping[str, type[Files]] = {
    "test_the_audit_counts_what_is_stored": CommitsOnlyWhatIsSeen,
    "test_every_change_is_counted": NeverCountsDown,
    "test_other_tenants_are_counted_apart": ForgetsTheTenant,
    "test_who_is_a_member_is_counted_once": CountsRepetitions,
    "test_who_was_no_member_is_not_counted_down": CountsStrangersDown,
    "test_the_counter_of_a_long_list_is_exact": CountsTheLastPart,
    "test_a_removed_group_leaves_no_memberships": LeavesMemberships,
    "test_a_group_is_removed_and_added_in_one_transaction": RemovesLater,
    "test_customers_with_new_keys_are_counted_once": DoesNotCountMerges,
    "test_calls_that_are_refused_count_nothing": CountsBeforeItLooks,
    "test_a_list_or_listener_that_raises_counts_nothing": CountsWhileReading,
    "test_what_atomic_undoes_is_not_counted": UndoesWhatIsSeen,
    "test_what_is_rolled_back_is_not_counted": CountsAtOnce,
}
"""An adapter for each rule, which is wrong in what the rule is about."""


def test_each_rule_has_a_broken_adapter() -> None:
    """No rule goes without proof that it can fail."""
    assert sorted(BROKEN) == sorted(RULES)


@pytest.mark.parametrize("rule", BROKEN)
def test_the_rule_finds_what_is_wrong(rule: str) -> None:
    """Each of them is found by the rule that is about it."""

    class Wrong(Cabinets):
        files = BROKEN[rule]

    with pytest.raises(AssertionError, match="what the audit finds wrong"):
        getattr(Wrong(), rule)()


@pytest.mark.parametrize("rule", RULES)
def test_who_does_not_count_skips_the_rules(rule: str) -> None:
    """The layer is left out where its method is not defined."""

    class NotCounted(AuditingRules):
        make_storage = staticmethod(InMemoryStorage)
        open_store = staticmethod(InMemoryGroupStore)

    with pytest.raises(pytest.skip.Exception, match="define audit"):
        getattr(NotCounted(), rule)()


def filled() -> GroupModel:
    """Return a model with two members in each of two groups."""
    model = GroupModel(CUSTOMERS)
    for each in FILLING:
        each(model)
    return model


@pytest.mark.parametrize(
    ("groups", "memberships", "wrong"),
    [
        ({("t", "A"): 2, ("t", "B"): None}, {("t", "A"): 2, ("t", "B"): 2}, []),
        ({("t", "A"): 2, ("t", "B"): 2}, {("t", "A"): 2}, ["'B' of tenant 't' has 0 memberships"]),
        ({("t", "A"): 2}, {("t", "A"): 2}, ["'B' of tenant 't' is not stored"]),
        (
            {("t", "A"): 3, ("t", "B"): 2, ("u", "A"): 0},
            {("t", "A"): 2, ("t", "B"): 2, ("u", "C"): 1},
            [
                "'A' of tenant 't' says it has 3 customers",
                "'A' of tenant 'u' is stored, and should not",
                "'C' of tenant 'u' is gone, and has left 1",
            ],
        ),
    ],
)
def test_what_is_wrong_is_said(
    groups: dict[tuple[str, str], int | None],
    memberships: dict[tuple[str, str], int],
    wrong: list[str],
) -> None:
    """Each difference from the models is one sentence."""
    found = wrong_counts(RawCounts(groups, memberships), {"t": filled()})
    assert len(found) == len(wrong)
    assert all(said in each for each, said in zip(found, wrong, strict=True))


def test_drift_needs_no_model() -> None:
    """Orphans and counters are wrong in themselves; a storage may do without counters."""
    groups = {("t", "A"): 1, ("t", "B"): 2, ("t", "C"): None, ("t", "D"): 0}
    memberships = {("t", "A"): 1, ("t", "B"): 1, ("t", "C"): 5, ("t", "E"): 1}
    assert drifted(RawCounts(groups, memberships)) == [("t", "B"), ("t", "E")]


def test_the_machine_counts_outside_of_transactions() -> None:
    """What is wrong is found after the commit, since nobody can count before it."""
    adapter = Cabinets()
    adapter.files = LeavesMemberships
    sides = SideBySide({"broken": adapter})
    for sides.tenant in TENANTS:
        sides.open(CUSTOMERS)
    sides.begin()
    for each in FILLING:
        sides.agree(each)
    sides.agree(call("remove", A))
    sides.agree_on_everything()
    sides.keep()
    with pytest.raises(AssertionError, match="has left 2 memberships behind"):
        sides.agree_on_everything()

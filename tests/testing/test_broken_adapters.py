"""A broken rule is caught by the test of that rule: the memory adapter, with one bug at a time."""

import unicodedata
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime

import attrs
import pytest

from customer_groups.adapters.memory import (
    InMemoryGroupRepository,
    InMemoryGroupStore,
    InMemoryStorage,
    InMemoryUnitOfWork,
)
from customer_groups.adapters.memory.contents import StoredGroup
from customer_groups.customers import Customer, CustomerKey
from customer_groups.model import CustomerGroup, GroupStatus
from customer_groups.outcomes import (
    Entry,
    OnOutcome,
    Outcome,
    OutcomeCounts,
    Verdict,
    classify_additions,
    count_outcomes,
)
from customer_groups.paging import Page
from customer_groups.query import GroupOrder, GroupQuery, GroupSummary, matches
from customer_groups.testing import GroupRepositoryContract

REPOSITORY = "customer_groups.adapters.memory.repository"
GROUPS = f"{REPOSITORY}.InMemoryGroupRepository"
STORE = "customer_groups.adapters.memory.InMemoryGroupStore"

find, rekey = InMemoryGroupRepository.find, InMemoryGroupRepository.rekey_customers
groups_of, transaction = InMemoryGroupRepository.groups_of, InMemoryGroupStore.transaction


class Memory(GroupRepositoryContract):
    """The contract of the memory adapter."""

    make_storage = staticmethod(InMemoryStorage)
    open_store = staticmethod(InMemoryGroupStore)


def without_accents(name: str) -> str:
    """Fold a name as some collations do."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def by_its_beginning(
    query: GroupQuery, group: CustomerGroup, members: Container[CustomerKey]
) -> bool:
    """Look at the beginning of names only."""
    wanted = "" if query.name is None else query.name.key
    return matches(query, group, members) and group.name.casefold().startswith(wanted)


def total_of_the_page(
    self: InMemoryGroupRepository,
    query: GroupQuery,
    *,
    limit: int,
    after: str | None = None,
    with_total: bool = False,
) -> Page[GroupSummary]:
    """Count the items of the page."""
    page = find(self, query, limit=limit, after=after)
    return attrs.evolve(page, total=len(page.items)) if with_total else page


def raw_name(_self: GroupOrder, group: CustomerGroup) -> tuple[str, ...]:
    """Sort by the name itself."""
    return (group.name, group.code)


def last_write_wins(self: InMemoryGroupRepository, group: CustomerGroup) -> CustomerGroup:
    """Ignore which version is expected."""
    stored = self.contents.groups[group.code]
    replaced = attrs.evolve(group, version=stored.group.version + 1)
    self._store(attrs.evolve(stored, group=replaced))
    return replaced


def number_of_groups(self: InMemoryGroupRepository, _series: str) -> int:
    """Count groups instead of numbers."""
    return len(self.contents.groups) + 1


def one_by_one(
    self: InMemoryGroupRepository,
    mapping: Mapping[CustomerKey, CustomerKey | None],
    *,
    at: datetime,
    by: str | None,
) -> int:
    """Change one key after the other."""
    return sum([rekey(self, {old: new}, at=at, by=by) for old, new in mapping.items()])


def the_first(candidates: Sequence[Customer]) -> Customer | Outcome:
    """Take the first customer of a code."""
    return candidates[0] if candidates else Outcome.UNKNOWN


def without_the_last_part(
    entries: Sequence[Entry],
    candidates: Mapping[str, Sequence[Customer]],
    members: Container[CustomerKey],
) -> Iterator[Verdict]:
    """Forget what does not fill a part of a hundred."""
    return classify_additions(entries[: len(entries) // 100 * 100], candidates, members)


def told_twice(verdicts: Iterable[Verdict], on_outcome: OnOutcome | None) -> OutcomeCounts:
    """Tell all outcomes again at the end."""
    listed = [*verdicts]
    count_outcomes(listed, on_outcome)
    return count_outcomes(listed, on_outcome)


def any_time(_self: StoredGroup, at: datetime) -> datetime:
    """Store the time that was given, whatever was before."""
    return at


@contextmanager
def nothing_undone(_self: InMemoryGroupRepository) -> Iterator[None]:
    """Keep every change, whatever happens."""
    yield


@contextmanager
def swallowed(self: InMemoryGroupStore) -> Iterator[InMemoryUnitOfWork]:
    """Roll back, and say nothing about it."""
    with suppress(Exception), transaction(self) as work:
        yield work


@contextmanager
def of_any_case(self: InMemoryGroupStore) -> Iterator[InMemoryUnitOfWork]:
    """Let tenants meet who differ in case."""
    with self._storage.transaction(self._tenant.lower(), self._customers) as work:
        yield work


def found_ones(
    self: InMemoryGroupRepository,
    customers: Collection[CustomerKey],
    *,
    status: GroupStatus | None = None,
) -> Mapping[CustomerKey, tuple[CustomerGroup, ...]]:
    """Leave out who is in no group."""
    found = groups_of(self, customers, status=status)
    return {key: groups for key, groups in found.items() if groups}


WRONG_PARTS: dict[str, tuple[str, Callable[..., object]]] = {
    "test_names_ignore_the_case_of_ascii_letters": (f"{REPOSITORY}.name_key", str),
    "test_names_are_casefolded": (f"{REPOSITORY}.name_key", str.lower),
    "test_names_ignore_compatibility_forms": (f"{REPOSITORY}.name_key", str.casefold),
    "test_accents_make_a_difference": (f"{REPOSITORY}.name_key", without_accents),
    "test_plain_text_may_stand_anywhere_in_the_name": (f"{REPOSITORY}.matches", by_its_beginning),
    "test_the_total_counts_what_the_search_finds": (f"{GROUPS}.find", total_of_the_page),
    "test_names_are_ordered_by_their_key": ("customer_groups.query.GroupOrder.sort_key", raw_name),
    "test_a_stale_version_is_refused": (f"{GROUPS}.replace", last_write_wins),
    "test_numbers_do_not_depend_on_groups": (f"{GROUPS}.next_number", number_of_groups),
    "test_keys_may_form_a_chain": (f"{GROUPS}.rekey_customers", one_by_one),
    "test_an_ambiguous_code_adds_nobody": ("customer_groups.outcomes.resolve", the_first),
    "test_no_value_is_lost_at_the_end_of_a_part": (
        f"{REPOSITORY}.classify_additions",
        without_the_last_part,
    ),
    "test_outcomes_are_told_once_and_in_order": (f"{REPOSITORY}.count_outcomes", told_twice),
    "test_every_change_has_a_time_of_its_own": (
        f"{REPOSITORY}.StoredGroup.time_of_change",
        any_time,
    ),
    "test_an_exception_undoes_the_context": (f"{GROUPS}.atomic", nothing_undone),
    "test_an_exception_passes_on": (f"{STORE}.transaction", swallowed),
    "test_get_does_not_see_other_tenants": (f"{STORE}.transaction", of_any_case),
    "test_groups_of_answers_for_every_key": (f"{GROUPS}.groups_of", found_ones),
}
"""What is replaced by what, to break each rule."""


@pytest.mark.parametrize("rule", WRONG_PARTS)
def test_the_rule_that_is_broken_says_so(monkeypatch: pytest.MonkeyPatch, rule: str) -> None:
    """The test of the rule passes on the right adapter, and fails on the wrong one."""
    check = getattr(Memory(), rule)
    check()
    monkeypatch.setattr(*WRONG_PARTS[rule])
    with pytest.raises(AssertionError, match="expected"):
        check()

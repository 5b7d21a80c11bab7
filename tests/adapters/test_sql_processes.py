"""Several processes on one database, and processes that are killed."""

import contextlib
import functools
import random
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Protocol, TypeVar

import attrs
import pytest
import sqlalchemy as sa

from customer_groups.adapters.sql import EmbeddedGroupStore, SqlUnitOfWork, verify
from customer_groups.errors import DuplicateNameError, GroupNotFoundError
from customer_groups.importing import import_into
from customer_groups.outcomes import OutcomeCounts
from customer_groups.paging import Page
from customer_groups.query import GroupOrder
from customer_groups.searching import get_group, list_customers, search_groups
from customer_groups.service import (
    add_customers,
    create_group,
    delete_group,
    remove_customers,
    rename_group,
    set_customers,
)
from processes import (
    FORK,
    barrier_for,
    create_groups,
    new_place,
    opened,
    rename_together,
    run_together,
)
from stores import MOMENT, SQL_STORES

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes are forked")

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

GROUP = "ALL"
CODES = [f"C{number:05}" for number in range(4_000)]
WRITERS = 8
RENAMES = 20
DELETIONS = 100
WALKS = 3
KILLS = 50


@pytest.fixture(params=SQL_STORES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.URL]:
    """Yield where processes meet: a database with customers."""
    with new_place(request.param, tmp_path, CODES) as url:
        yield url


def make_group(place: sa.URL, code: str = GROUP) -> None:
    """Create an empty group."""
    with opened(place) as store:
        store.run(lambda work: create_group(work, f"Group {code}", code=code))


def number_of_customers(place: sa.URL) -> int:
    """Return how many customers the group has, once it is known that nothing is wrong."""
    with opened(place) as store, store.transaction() as work:
        assert verify(work.session.connection, store.storage.tables) == []
        return get_group(work, GROUP).customers


def import_list(place: sa.URL, codes: list[str]) -> OutcomeCounts:
    """Import a list into the group."""
    with opened(place) as store:
        return import_into(store, GROUP, codes).counts


def create_groups_in(place: sa.URL, writer: int) -> list[tuple[str, str]]:
    """Create groups, some of them under names that others want too; return names and codes."""
    with opened(place) as store:
        return create_groups(store.run, writer)


def test_processes_that_create_groups(place: sa.URL) -> None:
    """No code is given twice, lost or left out, and each name is taken once."""
    writers = [functools.partial(create_groups_in, place, writer) for writer in range(WRITERS)]
    made = run_together(*writers)
    promised = {name: code for groups in made for name, code in groups}
    assert len(promised) == sum(map(len, made)) == 4 + WRITERS * 8
    with opened(place) as store, store.transaction() as work:
        groups = search_groups(work, limit=1_000).items
    assert {each.group.name: each.group.code for each in groups} == promised
    assert [each.group.code for each in groups] == [
        f"CG-{number:06}" for number in range(1, len(promised) + 1)
    ]


def test_imports_that_overlap(place: sa.URL) -> None:
    """Lists in opposite order add every customer once, and count exactly."""
    make_group(place)
    lists = [CODES[:3_000], CODES[:999:-1], CODES[::7], CODES[::-90]]
    counts = run_together(*(functools.partial(import_list, place, listed) for listed in lists))
    assert sum(each.added for each in counts) == 4_000
    assert [each.added + each.already_member for each in counts] == list(map(len, lists))
    assert len({each.at for each in counts if each.added}) == sum(each.added > 0 for each in counts)
    assert number_of_customers(place) == 4_000


def test_renames_at_once(place: sa.URL) -> None:
    """Of two processes that rename the same version, one wins and the other one is told."""
    make_group(place)
    barrier = barrier_for(2)

    def rename(name: str) -> list[str]:
        with opened(place) as store:
            return rename_together(store, GROUP, name, turns=RENAMES, barrier=barrier)

    anna, bert = run_together(lambda: rename("Anna"), lambda: rename("Bert"))
    for turn, results in enumerate(zip(anna, bert, strict=True), start=1):
        stale = f"{turn} < {turn + 1}"
        assert results in {(f"Anna {turn}", stale), (stale, f"Bert {turn}")}
    with opened(place) as store, store.transaction() as work:
        group = get_group(work, GROUP).group
    assert group.version == RENAMES + 1
    assert group.name in {anna[-1], bert[-1]}


def test_deletions_while_customers_are_added(place: sa.URL) -> None:
    """Whoever comes first, a group that is gone leaves no membership behind."""
    groups = [f"G{number}" for number in range(DELETIONS)]
    with opened(place) as store, store.transaction() as work:
        for code in groups:
            create_group(work, code, code=code, customers=CODES[:3])
    barrier = barrier_for(2)

    def for_each_group(change: Callable[[EmbeddedGroupStore, str], object]) -> None:
        with opened(place) as store:
            for code in groups:
                barrier.wait()
                change(store, code)

    def delete(store: EmbeddedGroupStore, code: str) -> None:
        store.run(functools.partial(delete_group, code=code))

    def add(store: EmbeddedGroupStore, code: str) -> None:
        with contextlib.suppress(GroupNotFoundError):
            store.run(functools.partial(add_customers, code=code, customers=CODES[:9]))

    run_together(lambda: for_each_group(delete), lambda: for_each_group(add))
    with opened(place) as store, store.transaction() as work:
        assert search_groups(work).items == ()
        assert verify(work.session.connection, store.storage.tables) == []


@attrs.frozen
class Writer:
    """Changes groups of its own, at random, while others look."""

    number: int
    source: random.Random = attrs.field(factory=random.Random)

    def write_until(self, place: sa.URL, is_enough: Callable[[], bool]) -> int:
        """Change one group after the other, and return how often."""
        changes = 0
        with opened(place) as store:
            while not is_enough():
                store.run(self.change_a_group)
                changes += 1
        return changes

    def change_a_group(self, work: SqlUnitOfWork) -> None:
        """Create, rename, fill or delete one group; it may move in every order."""
        letter = self.source.choice("ACEZ")
        code, name = f"{letter}-{self.number}", self.source.choice("ACEZ") * self.number
        at = MOMENT + timedelta(minutes=self.source.randrange(-30, 30))
        changes: list[Callable[[], object]] = [
            lambda: rename_group(work, code, name, at=at),
            lambda: add_customers(work, code, self.source.sample(CODES, 5), at=at),
            lambda: delete_group(work, code),
        ]
        with contextlib.suppress(DuplicateNameError):
            try:
                self.source.choice(changes)()
            except GroupNotFoundError:
                create_group(work, name, code=code, at=at)

    def change_the_members(self, place: sa.URL, is_enough: Callable[[], bool]) -> int:
        """Add to the group and take out of it every other customer, and return how often."""
        turns = 0
        with opened(place) as store:
            while not is_enough():
                some = self.source.sample(CODES[1::2], self.source.choice([5, 50, 700]))
                change = self.source.choice([add_customers, remove_customers])
                store.run(functools.partial(change, code=GROUP, customers=some))
                turns += 1
        return turns


class Reads(Protocol[T_co]):
    """Reads one page."""

    def __call__(self, work: SqlUnitOfWork, *, after: str | None) -> Page[T_co]:
        """Return the page after a cursor."""


def walk(place: sa.URL, read: Reads[T]) -> list[T]:
    """Return what stands on all pages, each read in a transaction of its own."""
    found: list[T] = []
    after = None
    with opened(place) as store:
        while True:
            with store.transaction() as work:
                page = read(work, after=after)
            found += page.items
            after = page.next
            if after is None:
                return found


def test_paging_while_others_write(place: sa.URL) -> None:
    """In each order, every group that nobody changes appears exactly once."""
    staying = [f"{letter}-STAY-{number}" for letter in "BDX" for number in range(6)]
    with opened(place) as store, store.transaction() as work:
        for minute, code in enumerate(staying):
            create_group(work, code, code=code, at=MOMENT + timedelta(minutes=minute))
    is_enough = FORK.Event()

    def search() -> int:
        try:
            for order in GroupOrder:
                found = walk(place, functools.partial(search_groups, order_by=order, limit=3))
                kept = [each.group.code for each in found if "STAY" in each.group.code]
                assert kept == (staying[::-1] if order.descending else staying)
        finally:
            is_enough.set()
        return 0

    writers = [Writer(number) for number in range(1, 3)]
    write = [functools.partial(each.write_until, place, is_enough.is_set) for each in writers]
    _, *changes = run_together(search, *write)
    assert min(changes) > 0


def test_paging_through_members_while_others_write(place: sa.URL) -> None:
    """Every customer whom nobody touches appears exactly once."""
    make_group(place)
    staying = CODES[::2]
    import_list(place, staying)
    is_enough = FORK.Event()

    def look() -> int:
        try:
            for _ in range(WALKS):
                found = walk(place, functools.partial(list_customers, code=GROUP, limit=199))
                keys = [each.membership.customer for each in found]
                assert [key for key in keys if key in set(staying)] == staying
                assert len(set(keys)) == len(keys)
        finally:
            is_enough.set()
        return 0

    writers = [Writer(number) for number in range(1, 3)]
    write = [
        functools.partial(each.change_the_members, place, is_enough.is_set) for each in writers
    ]
    _, *changes = run_together(look, *write)
    assert min(changes) > 0
    assert number_of_customers(place) >= len(staying)


def emptied(place: sa.URL) -> int:
    """Take all customers out of the group, and return how many there were."""
    with opened(place) as store, store.transaction() as work:
        assert verify(work.session.connection, store.storage.tables) == []
        return set_customers(work, GROUP, []).counts.removed


def test_a_killed_import_leaves_nothing_or_all(place: sa.URL) -> None:
    """Whenever the process dies, the group has no customer of the list, or every one."""
    make_group(place)
    codes = CODES[:1_000]
    source = random.Random(1)
    start = time.perf_counter()
    run_together(functools.partial(import_list, place, codes))
    longest = time.perf_counter() - start
    kept = [emptied(place)]
    for _ in range(KILLS):
        process = FORK.Process(target=import_list, args=[place, codes])
        process.start()
        time.sleep(source.uniform(0, longest))
        process.kill()
        process.join()
        kept.append(emptied(place))
    assert set(kept) == {0, len(codes)}

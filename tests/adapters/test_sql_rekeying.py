"""Following the host's new keys costs what the memberships cost, not what the mapping does."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from customer_groups.adapters.sql import EmbeddedGroupStore
from customer_groups.adapters.sql.parts import KEYS_AT_A_TIME
from customer_groups.codes import GroupCode
from customer_groups.customers import CustomerKey
from customer_groups.service import create_group
from engines import MARIADB
from stores import MOMENT, SQL_STORES, customer

GROUPS = 12
KEYS = [CustomerKey(f"K{number:02}") for number in range(2 * GROUPS)]
"""Two for each group."""


@contextmanager
def store_of_groups(name: str) -> Iterator[EmbeddedGroupStore]:
    """Open a store with groups of two customers each."""
    with SQL_STORES[name](customer(key, key) for key in KEYS) as store:
        with store.transaction() as work:
            for number in range(GROUPS):
                create_group(work, f"G{number}", customers=KEYS[2 * number : 2 * number + 2])
        yield store


def rekeyed(
    store: EmbeddedGroupStore, mapping: Mapping[CustomerKey, CustomerKey | None]
) -> list[str]:
    """Give every customer another key, and return the statements that did it."""
    said: list[str] = []

    def listen(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    with store.transaction() as work:
        sa.event.listen(store.engine, "before_cursor_execute", listen)
        assert work.groups.rekey_customers(mapping, at=MOMENT, by=None) == GROUPS
        sa.event.remove(store.engine, "before_cursor_execute", listen)
    return said


def renamed(old: str, new: str) -> dict[CustomerKey, CustomerKey | None]:
    """Return a mapping to keys with another letter."""
    return {CustomerKey(key.replace("K", old)): CustomerKey(key.replace("K", new)) for key in KEYS}


@pytest.mark.parametrize("name", SQL_STORES)
def test_groups_are_asked_for_their_own_customers_only(name: str) -> None:
    """A long mapping is looked for once, not once more for every group."""
    parts = 4
    strangers = {CustomerKey(f"{number}"): None for number in range(parts * KEYS_AT_A_TIME)}
    with store_of_groups(name) as store:
        few = rekeyed(store, renamed("K", "L"))
        many = rekeyed(store, renamed("L", "M") | strangers)
        assert len(many) - len(few) == 2 * parts  # before the groups are locked, and after
        with store.transaction() as work:
            members = work.groups.members(GroupCode("CG-000001"), limit=9).items
    assert [member.customer for member in members] == ["M00", "M01"]


@pytest.mark.parametrize("name", MARIADB)
def test_memberships_are_not_locked_before_their_group(name: str) -> None:
    """Whoever locks them in the other order would be in a deadlock with us."""
    with store_of_groups(name) as store:
        said = rekeyed(store, renamed("K", "L"))
    assert any(statement.startswith("SELECT cg_membership.group_code") for statement in said)
    assert not [statement for statement in said if "SHARE MODE" in statement]

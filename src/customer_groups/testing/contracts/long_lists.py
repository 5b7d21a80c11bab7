"""The rules about long lists: what is true of a value depends neither on its place nor on them."""

from collections.abc import Sequence

from customer_groups.customers import Customer, CustomerKey
from customer_groups.outcomes import Entry
from customer_groups.testing.comparison import (
    Everything,
    ListChange,
    Operation,
    answer_of,
    call,
    demand_same,
)
from customer_groups.testing.contracts.base import RepositoryRules
from customer_groups.testing.contracts.expectations import expect, expect_all
from customer_groups.testing.contracts.lists import LIST_METHODS
from customer_groups.testing.contracts.values import (
    CUSTOMERS,
    NOON,
    TICK,
    A,
    B,
    crowd,
    group,
    lines,
    member_keys,
)
from customer_groups.testing.driver import TENANTS
from customer_groups.testing.model import GroupModel
from customer_groups.testing.profiles import PROFILES

__all__ = ["LongListRules"]

_EVERY = 97  # shares no factor with the sizes of parts that storages prefer
_MEMBERS_BEFORE = ("k-apart", "ASLEEP", "k-twin-2", "LEFT", "k-gone", "crowd-00007")
_GONE = Customer("GONE", key="k-gone")


def _all_known(crowd: Sequence[Customer]) -> list[Customer]:
    awake = [Customer(each.code, key=each.key) for each in CUSTOMERS]
    return [*awake, *crowd, _GONE]


def _long_list(crowd: Sequence[Customer]) -> list[Entry]:
    """Return codes and keys of all the trouble that hosts have, spread over many others."""
    trouble: list[str] = [text for each in CUSTOMERS for text in (each.code, each.key) if text]
    trouble += ["GONE", "k-gone", "NOBODY", "one", "ONE", "NOBODY"]
    values: list[str] = [customer.key for customer in crowd]
    for number, value in enumerate(trouble):
        values.insert(number * _EVERY % len(values), value)
    values += [*trouble[::2], *values[:3]]
    return [(number // 2, value) for number, value in enumerate(values)]


def _beginning() -> list[Operation]:
    members = tuple(enumerate(_MEMBERS_BEFORE))
    return [
        *(call("add", group(code)) for code in (A, B)),
        *(
            ListChange(method="add_members", code=code, entries=members, at=NOON, by_key=True)
            for code in (A, B)
        ),
    ]


def _changes(entries: Sequence[Entry], *, by_key: bool) -> list[Operation]:
    """Return calls with long and short lists, in a transaction in which they may meet."""
    changes: list[Operation] = [
        ListChange(method=method, code=A, entries=listed, at=NOON + TICK, by="b", by_key=by_key)
        for method in LIST_METHODS
        for listed in (tuple(entries), tuple(entries[:40]))
    ]
    return [*changes, *reversed(changes)]


class LongListRules(RepositoryRules):
    """`add_members`, `remove_members`, `replace_members`: long lists full of trouble."""

    def _demand_the_answers_of_the_model(self, *, by_key: bool) -> None:
        others = crowd(1_300)
        everybody, left = _all_known(others), [*CUSTOMERS, *others]
        model = GroupModel()
        with self._stores() as open_store:
            for customers, steps in (
                (everybody, _beginning()),
                (left, _changes(_long_list(others), by_key=by_key)),
            ):
                model.customers = customers
                with open_store(TENANTS[0], customers).transaction() as work:
                    for step in steps:
                        for operation in (step, Everything()):
                            expected, actual = operation(model), answer_of(operation, work.groups)
                            demand_same(expected, actual, "a long list", operation)

    def test_long_lists_of_codes_are_full_of_trouble(self) -> None:
        """Rule: a code has the outcome that it would have in a short list, wherever it stands.

        Usual cause: long lists go another way than short ones, on which ambiguous, inactive,
        renamed or gone customers were forgotten; or the second list of a transaction meets
        what the first one left behind.

        Fix: give every value the outcome of `classify_additions` or `classify_removals`, and
        tell outcomes in the order of the list.
        """
        self._demand_the_answers_of_the_model(by_key=False)

    def test_long_lists_of_keys_are_full_of_trouble(self) -> None:
        """Rule: a key has the outcome that it would have in a short list, wherever it stands.

        Usual cause: long lists go another way than short ones, on which ``by_key`` was
        forgotten, or inactive and gone customers.

        Fix: give every value the outcome of `classify_additions` or `classify_removals`, with
        candidates by key.
        """
        self._demand_the_answers_of_the_model(by_key=True)

    def test_lists_may_be_as_long_as_what_people_paste(self) -> None:
        """Rule: every method takes lists of any length; people paste 100,000 codes.

        Usual cause: one statement for all values, which meets a limit of the storage: 32,766
        bound values, a packet of so many bytes, a depth of expressions.

        Fix: send values in parts, or into a temporary table.
        """
        everybody = crowd(PROFILES[self.profile].longest_list)
        keys = [customer.key for customer in everybody]
        staying = keys[::2]
        with self._groups(everybody) as groups:
            groups.add(group())
            counts = groups.add_members(A, iter(lines(*keys)), at=NOON, by=None)
            expect("how many were added", counts.added, len(keys))
            expect("how many are members", len(groups.which_are_members(A, keys)), len(keys))
            expect("of how many groups are known", len(groups.groups_of(keys)), len(keys))
            counts = groups.replace_members(A, iter(lines(*staying)), at=NOON, by=None)
            expect("how many were removed by replacing", counts.removed, len(keys) - len(staying))
            moved = {key: CustomerKey(f"new {key}") for key in staying}
            expect("how many groups changed", groups.rekey_customers(moved, at=NOON, by=None), 1)
            values = lines(*moved.values())
            counts = groups.remove_members(A, iter(values), at=NOON, by=None, by_key=True)
            expect("how many were removed", counts.removed, len(staying))
            expect_all("the members who are left", member_keys(groups, A), [])

"""The kit, run on an adapter of the gallery, layer by layer."""

import functools
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import get_args

import attrs
import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from customer_groups.customers import Customer
from customer_groups.testing import (
    GroupRepositoryContract,
    GroupRepositoryMachine,
    MayFail,
    RawCounts,
)
from customer_groups.testing.contracts.auditing import AuditingRules
from customer_groups.testing.contracts.failing import BenchRules
from customer_groups.testing.contracts.guarding import rules_of
from customer_groups.testing.contracts.long_lists import LongListRules
from customer_groups.testing.contracts.races import RacingRules
from customer_groups.testing.contracts.running import MachineRules
from customer_groups.testing.profiles import PROFILES
from gallery.cases import Case, Layer
from gallery.session import SqliteStorage
from gallery.store import SqliteStore

__all__ = ["LAYERS", "ContractOfCase", "Failure", "failures", "first_failure"]

KNOWN_RULES = Path(__file__).with_name("known_rules.json")

LAYERS: Sequence[Layer] = get_args(Layer)
"""The parts of the kit, the cheap ones first."""


class ContractOfCase(GroupRepositoryContract):
    """All rules, for an adapter of the gallery that opts into every layer."""

    case: Case

    def make_storage(self) -> SqliteStorage:
        """Return a new storage."""
        return self.case.make_storage()

    def open_store(
        self, storage: SqliteStorage, tenant: str, customers: Sequence[Customer]
    ) -> SqliteStore:
        """Return the store of a tenant."""
        return self.case.open_store(storage, tenant, customers)

    def close_storage(self, storage: SqliteStorage) -> None:
        """Delete a storage."""
        storage.close()

    def audit(self, storage: SqliteStorage) -> RawCounts:
        """Count the rows."""
        return counts_of(storage)

    def concurrent(
        self, storage: SqliteStorage, tenant: str, customers: Sequence[Customer]
    ) -> SqliteStore:
        """Return a store for one of several threads."""
        return self.case.open_store(storage, tenant, customers)

    def faults(
        self,
        storage: SqliteStorage,
        tenant: str,
        customers: Sequence[Customer],
        may_fail: MayFail,
    ) -> SqliteStore:
        """Return a store that fails where it is told to."""
        store = self.case.open_store(storage, tenant, customers)
        store.may_fail = may_fail
        return store


def counts_of(storage: SqliteStorage) -> RawCounts:
    """Count what a storage holds, past the adapter."""
    with closing(storage.connect()) as connection:
        groups = connection.execute("SELECT tenant, code, customers FROM groups")
        members = connection.execute(
            "SELECT tenant, grp, count(*) FROM members GROUP BY tenant, grp"
        )
        return RawCounts(
            {(tenant, code): customers for tenant, code, customers in groups},
            {(tenant, code): count for tenant, code, count in members},
        )


@attrs.frozen
class Failure:
    """How the kit caught an adapter.

    Attributes:
        layer: The part of the kit.
        rule: The rule that fails; of the machine, after how many programs.
        error: What it raises.
    """

    layer: Layer
    rule: str
    error: BaseException


@functools.cache
def rules_by_layer() -> Mapping[Layer, Sequence[str]]:
    """Return the names of the rules of each layer, those that take long at the end."""
    rules: dict[Layer, list[str]] = {layer: [] for layer in LAYERS}
    for name in sorted(rules_of(ContractOfCase), key=_takes_long):
        rules[_layer_of(name)].append(name)
    return rules


def _takes_long(rule: str) -> bool:
    return rule in vars(LongListRules)


def _layer_of(rule: str) -> Layer:
    owner = next(base for base in reversed(ContractOfCase.__mro__) if rule in vars(base))
    kinds: Mapping[type, Layer] = {
        MachineRules: "machine",
        AuditingRules: "audit",
        RacingRules: "concurrent",
        BenchRules: "faults",
    }
    return next((layer for kind, layer in kinds.items() if issubclass(owner, kind)), "rules")


def failures(case: Case, layer: Layer, number: int) -> Iterator[Failure]:
    """Yield the failures of an adapter in one layer, in the order of the rules.

    Args:
        case: The adapter.
        layer: The layer.
        number: The seed of the machine.
    """
    if layer == "machine":
        yield from _failure_of_machine(case, number)
        return
    for rule in rules_by_layer()[layer]:
        yield from _failures_of_rule(case, layer, rule)


def first_failure(case: Case, number: int) -> Failure | None:
    """Return the first failure of an adapter, or None; see `failures`.

    What found the bug before is tried first, which saves nearly all of the time.
    """
    return next(_all_failures(case, number), None)


def _all_failures(case: Case, number: int) -> Iterator[Failure]:
    known = known_rules().get(case.name)
    if known in rules_of(ContractOfCase):
        yield from _failures_of_rule(case, _layer_of(known), known)
    for layer in dict.fromkeys((case.layer, "rules")):
        yield from failures(case, layer, number)


@functools.cache
def known_rules() -> Mapping[str, str]:
    """Return by which rules the adapters were caught when the matrix was made last."""
    rules: Mapping[str, str] = json.loads(KNOWN_RULES.read_text("utf-8"))
    return rules


def _failures_of_rule(case: Case, layer: Layer, rule: str) -> Iterator[Failure]:
    contract = ContractOfCase()
    contract.case = case
    try:
        getattr(contract, rule)()
    except KeyboardInterrupt:
        raise
    except pytest.skip.Exception:  # under the profile "deep" only
        return
    except BaseException as error:  # noqa: BLE001 - whatever is raised is the answer
        yield Failure(layer, rule, error)


def _failure_of_machine(case: Case, number: int) -> Iterator[Failure]:
    examples = 0

    class Machine(GroupRepositoryMachine):
        def __init__(self) -> None:
            nonlocal examples
            examples += 1
            self.storages: list[SqliteStorage] = []
            super().__init__()

        def make_storage(self) -> SqliteStorage:
            self.storages.append(case.make_storage())
            return self.storages[-1]

        def open_store(
            self, storage: SqliteStorage, tenant: str, customers: Sequence[Customer]
        ) -> SqliteStore:
            return case.open_store(storage, tenant, customers)

        def teardown(self) -> None:
            try:
                super().teardown()
            finally:
                for storage in self.storages:
                    storage.close()

    profile = PROFILES["standard"].hypothesis_settings(settings())
    quickly = settings(
        profile,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow],
        print_blob=False,
    )
    try:
        run_state_machine_as_test(seed(number)(Machine), settings=quickly)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever is raised is the answer
        yield Failure("machine", f"{examples} programs", error)

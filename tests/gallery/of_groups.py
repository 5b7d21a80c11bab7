"""The gallery of adapters for groups: the kit for them, run on each."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import attrs
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
from customer_groups.testing.contracts.long_lists import LongListRules
from customer_groups.testing.contracts.races import RacingRules
from customer_groups.testing.contracts.running import MachineRules
from customer_groups.testing.profiles import PROFILES
from gallery.cases import Case
from gallery.catalogue import CASES
from gallery.exhibits import Layer
from gallery.session import SqliteStorage
from gallery.store import SqliteStore
from gallery.trying import Failure, Gallery

__all__ = ["GALLERY", "ContractOfCase"]


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


@attrs.frozen(eq=False, kw_only=True)
class GalleryOfGroups(Gallery[Case]):
    """The machine is run with a seed, and its programs are not shortened."""

    def failures(self, case: Case, layer: Layer, number: int) -> Iterator[Failure]:
        """Yield the failures of an adapter in one layer; see `Gallery.failures`."""
        if layer == "machine":
            yield from _failure_of_machine(case, number)
        else:
            yield from super().failures(case, layer, number)


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


GALLERY = GalleryOfGroups(
    cases=CASES,
    contract=ContractOfCase,
    rules_of_layers={
        "machine": MachineRules,
        "audit": AuditingRules,
        "concurrent": RacingRules,
        "faults": BenchRules,
    },
    slow_rules=LongListRules,
    notes=Path(__file__).with_name("known_rules.json"),
)

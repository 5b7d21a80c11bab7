"""The gallery of adapters for reservations: the kit for them, run on each."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hypothesis import Phase, settings

from customer_groups.customers import Customer
from customer_groups.reservations.model import StockKey
from customer_groups.reservations.quantities import Quantity
from customer_groups.reservations.repository import ReservationRules, ReservationWork
from customer_groups.reservations.store import ReservationStore
from customer_groups.testing.contracts.guarding import Contract
from customer_groups.testing.reservations import ReservationRepositoryContract
from customer_groups.testing.reservations.failing import ReservationFailingRules
from customer_groups.testing.reservations.racing import ReservationRacingRules
from customer_groups.testing.reservations.running import ReservationMachineRules
from gallery.exhibits import Layer
from gallery.reservations.cases import Case
from gallery.reservations.catalogue import CASES, CASES_ON_SERVERS
from gallery.reservations.on_servers import ContractOnServer
from gallery.trying import Gallery

__all__ = ["GALLERY", "ON_SERVERS", "ContractOfCase"]


class ContractOfCase(ReservationRepositoryContract):
    """All rules, for an adapter of the gallery; its programs are not shortened."""

    case: Case
    hypothesis = settings(derandomize=True, database=None, phases=[Phase.generate])

    def make_storage(self) -> Any:  # noqa: ANN401 - the case knows
        """Return a new storage."""
        return self.case.make_storage()

    def open_store(
        self,
        storage: Any,  # noqa: ANN401
        tenant: str,
        customers: Sequence[Customer],
        rules: ReservationRules,
    ) -> ReservationStore:
        """Return the groups and reservations of a tenant."""
        return self.case.open_store(storage, tenant, customers, rules)

    def concurrent(
        self,
        storage: Any,  # noqa: ANN401
        tenant: str,
        customers: Sequence[Customer],
        rules: ReservationRules,
    ) -> ReservationStore:
        """Return a store for one of several threads."""
        return self.case.concurrent(storage, tenant, customers, rules)

    def set_on_hand(self, work: ReservationWork, on_hand: Mapping[StockKey, Quantity]) -> None:
        """Store what the host has."""
        self.case.set_on_hand(work, on_hand)

    def close_storage(self, storage: Any) -> None:  # noqa: ANN401
        """Put a storage away."""
        self.case.close_storage(storage)


RULES_OF_LAYERS: Mapping[Layer, type[Contract]] = {
    "machine": ReservationMachineRules,
    "concurrent": ReservationRacingRules,
    "faults": ReservationFailingRules,
}

GALLERY = Gallery(
    cases=CASES,
    contract=ContractOfCase,
    rules_of_layers=RULES_OF_LAYERS,
    notes=Path(__file__).with_name("known_rules.json"),
)

ON_SERVERS = Gallery(
    cases=CASES_ON_SERVERS,
    contract=ContractOnServer,
    rules_of_layers=RULES_OF_LAYERS,
    notes=Path(__file__).with_name("known_rules_on_servers.json"),
)

"""The rule that everything together is right: the state machine, run by the contract."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack

from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from customer_groups.customers import Customer
from customer_groups.reservations.model import StockKey
from customer_groups.reservations.quantities import Quantity
from customer_groups.reservations.repository import ReservationRules, ReservationWork
from customer_groups.reservations.store import ReservationStore
from customer_groups.testing.contracts.running import Closing
from customer_groups.testing.layers import Storage
from customer_groups.testing.profiles import PROFILES
from customer_groups.testing.reservations.base import ReservationRepositoryRules
from customer_groups.testing.reservations.machine import ReservationMachine
from customer_groups.testing.reservations.sides import ReservationAdapter

__all__ = ["ReservationMachineRules"]


class _ClosingReservations(Closing[ReservationRepositoryRules]):
    """The hooks of the contract of reservations."""

    def open_store(
        self, storage: Storage, tenant: str, customers: Sequence[Customer], rules: ReservationRules
    ) -> ReservationStore:
        """Return the groups and reservations of one tenant."""
        return self.hooks.open_store(storage, tenant, customers, rules)

    def set_on_hand(self, work: ReservationWork, on_hand: Mapping[StockKey, Quantity]) -> None:
        """Store what the host has."""
        self.hooks.set_on_hand(work, on_hand)


def _machine_for(hooks: ReservationRepositoryRules) -> type[ReservationMachine]:
    """Return the state machine of the adapter that these hooks make."""

    class Machine(ReservationMachine):
        def adapters(self) -> Mapping[str, ReservationAdapter]:
            self.closing = ExitStack()
            return {type(hooks).__name__: _ClosingReservations(hooks, self.closing)}

        def teardown(self) -> None:
            super().teardown()
            self.closing.close()

    return Machine


class ReservationMachineRules(ReservationRepositoryRules):
    """Any requests, in any order, with values that are drawn for what is stored."""

    def test_any_requests_give_the_answers_of_the_model(self) -> None:
        """Rule: after any sequence of requests, every answer is that of the model of this kit.

        Usual cause: two rules that are kept one by one, but not together. If other tests of
        the contract fail, look at those first: they say more.

        Fix: repeat the steps that are printed; the last one is where the answers differ. How
        many programs are tried is said by ``profile``.
        """
        chosen = PROFILES[self.profile].hypothesis_settings(self.hypothesis or settings())
        run_state_machine_as_test(_machine_for(self), settings=chosen)

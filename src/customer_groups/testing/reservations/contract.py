"""The contract of `ReservationRepository`, `ReservationWork` and `Reservations`."""

from customer_groups.testing.contracts.guarding import guard
from customer_groups.testing.reservations.booking import BookingRules
from customer_groups.testing.reservations.closing import ClosingRules
from customer_groups.testing.reservations.consuming import ConsumingRules
from customer_groups.testing.reservations.failing import ReservationFailingRules
from customer_groups.testing.reservations.identity import IdentityRules
from customer_groups.testing.reservations.listing import ListRules
from customer_groups.testing.reservations.many import ManyRules
from customer_groups.testing.reservations.ordering import OrderRules
from customer_groups.testing.reservations.quantities import QuantityRules
from customer_groups.testing.reservations.racing import ReservationRacingRules
from customer_groups.testing.reservations.reconciling import ReconcilingRules
from customer_groups.testing.reservations.releasing import ReleasingRules
from customer_groups.testing.reservations.requests import RequestRules
from customer_groups.testing.reservations.reserving import ReservingRules
from customer_groups.testing.reservations.returning import ReturningRules
from customer_groups.testing.reservations.running import ReservationMachineRules
from customer_groups.testing.reservations.settling import SettlingRules
from customer_groups.testing.reservations.situations import SituationRules
from customer_groups.testing.reservations.tenants import ReservationTenantRules
from customer_groups.testing.reservations.transactions import ReservationTransactionRules
from customer_groups.testing.reservations.windows import WindowRules

__all__ = ["ReservationRepositoryContract"]


class ReservationRepositoryContract(  # in the reverse of the order in which the rules run
    ReservationMachineRules,
    ReservationRacingRules,
    ReservationFailingRules,
    SituationRules,
    ManyRules,
    ReservationTenantRules,
    ReservationTransactionRules,
    BookingRules,
    ReconcilingRules,
    ListRules,
    ClosingRules,
    WindowRules,
    ReleasingRules,
    SettlingRules,
    ReturningRules,
    OrderRules,
    ConsumingRules,
    QuantityRules,
    ReservingRules,
    IdentityRules,
    RequestRules,
):
    """Every rule of the storage of reservations, as a test of your adapter.

    Subclass it in a test module, and say how a storage is made, a store opened, and what the
    host has on hand stored:

    .. code-block:: python

        class TestMyReservations(ReservationRepositoryContract):
            def make_storage(self):
                return MyStorage()

            def open_store(self, storage, tenant, customers, rules):
                groups = MyStore(storage, tenant, customers)
                return ReservationStore(groups, MyReservations(storage, rules))

            def set_on_hand(self, work, on_hand):
                work.core.my_connection.store(on_hand)

    A storage that must be put away is put away by ``close_storage(self, storage)``. Each
    test is one rule; its docstring says the rule, the usual cause of a failure and how to fix
    it. The tests need no fixture and no plugin. How long they look for faults is said by
    ``profile``: "quick", "standard" or "deep".

    The groups in the storage must keep the rules of `GroupRepositoryContract`: run that first.

    Rules cannot be replaced. A rule that the adapter is known to break is declared, with the
    reason, and must really be broken:

    .. code-block:: python

        known_deviations = {"test_stocks_are_ordered_by_code_points": "our server sorts by ..."}
    """

    def __init_subclass__(cls) -> None:
        """Refuse a class that replaces a rule.

        Raises:
            TypeError: it does, or it declares a deviation wrongly.
        """
        super().__init_subclass__()
        guard(cls, ReservationRepositoryContract)

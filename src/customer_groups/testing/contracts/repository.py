"""The contract of `GroupRepository`, `UnitOfWork` and `GroupStore`."""

from customer_groups.testing.contracts.adding import AddingRules
from customer_groups.testing.contracts.auditing import AuditingRules
from customer_groups.testing.contracts.changes import ChangeRules
from customer_groups.testing.contracts.contests import ContestRules
from customer_groups.testing.contracts.cursors import CursorRules
from customer_groups.testing.contracts.failing import FailingRules
from customer_groups.testing.contracts.filtering import FilteringRules
from customer_groups.testing.contracts.guarding import guard
from customer_groups.testing.contracts.joining import JoiningRules
from customer_groups.testing.contracts.leaving import LeavingRules
from customer_groups.testing.contracts.listening import ListeningRules
from customer_groups.testing.contracts.lists import ListRules
from customer_groups.testing.contracts.long_lists import LongListRules
from customer_groups.testing.contracts.meanwhile import MeanwhileRules
from customer_groups.testing.contracts.memberships import MembershipRules
from customer_groups.testing.contracts.naming import NamingRules
from customer_groups.testing.contracts.nesting import NestingRules
from customer_groups.testing.contracts.numbers import NumberRules
from customer_groups.testing.contracts.ordering import OrderingRules
from customer_groups.testing.contracts.paging import PagingRules
from customer_groups.testing.contracts.racing import HistoryRules
from customer_groups.testing.contracts.rekeying import RekeyingRules
from customer_groups.testing.contracts.removing import RemovingRules
from customer_groups.testing.contracts.replacing import ReplacingRules
from customer_groups.testing.contracts.resolving import ResolvingRules
from customer_groups.testing.contracts.running import MachineRules
from customer_groups.testing.contracts.searching import SearchingRules
from customer_groups.testing.contracts.staying import StayingRules
from customer_groups.testing.contracts.surviving import SurvivingRules
from customer_groups.testing.contracts.tenants import TenantRules
from customer_groups.testing.contracts.transactions import TransactionRules

__all__ = ["GroupRepositoryContract"]


class GroupRepositoryContract(  # in the reverse of the order in which the rules run
    MachineRules,
    HistoryRules,
    MeanwhileRules,
    ContestRules,
    SurvivingRules,
    FailingRules,
    AuditingRules,
    RekeyingRules,
    ChangeRules,
    StayingRules,
    LeavingRules,
    ListeningRules,
    LongListRules,
    ListRules,
    ResolvingRules,
    JoiningRules,
    MembershipRules,
    NumberRules,
    TenantRules,
    CursorRules,
    PagingRules,
    OrderingRules,
    FilteringRules,
    SearchingRules,
    NamingRules,
    RemovingRules,
    ReplacingRules,
    AddingRules,
    NestingRules,
    TransactionRules,
):
    """Every rule of the storage protocol, as a test of your adapter.

    Subclass it in a test module, and say how a storage is made and a store opened:

    .. code-block:: python

        class TestMyRepository(GroupRepositoryContract):
            def make_storage(self):
                return MyStorage()

            def open_store(self, storage, tenant, customers):
                return MyStore(storage, tenant, customers)

    A storage that must be put away is put away by ``close_storage(self, storage)``. Each
    test is one rule; its docstring says the rule, the usual cause of a failure and how to fix
    it. The tests need no fixture and no plugin. How long they look for faults is said by
    ``profile``: "quick", "standard" or "deep".

    Rules cannot be replaced. A rule that the adapter is known to break is declared, with the
    reason, and must really be broken:

    .. code-block:: python

        known_deviations = {"test_cursors_are_short": "our storage makes the cursors"}

    The state machine keeps to all rules that can be seen through the interface, so it finds
    most deviations again; then its test is declared as well.
    """

    def __init_subclass__(cls) -> None:
        """Refuse a class that replaces a rule.

        Raises:
            TypeError: it does, or it declares a deviation wrongly.
        """
        super().__init_subclass__()
        guard(cls, GroupRepositoryContract)

"""Gates that let groups gain stock which are off, and groups that are not what they were."""

from collections.abc import Collection, Mapping

from customer_groups.adapters.memory import InMemoryGroupRepository, InMemoryUnitOfWork
from customer_groups.codes import GroupCode
from customer_groups.customers import CustomerKey
from customer_groups.model import CustomerGroup, GroupStatus
from customer_groups.reservations.model import StockKey
from customer_groups.reservations.quantities import Quantity
from customer_groups.reservations.repository import ReservationRules, StockOnHand
from gallery.reservations.adapter import Reservations, Storage, Work
from gallery.reservations.cases import cases

__all__ = ["CASES"]


class GateNotStored(Reservations):
    """That a gate is closed is not stored."""

    def set_gate(self, group: GroupCode, *, is_open: bool) -> None:
        """Leave the gate as it is."""


class GateNeverOpened(Reservations):
    """A gate that was closed once stays so."""

    def set_gate(self, group: GroupCode, *, is_open: bool) -> None:
        """Close the gate."""
        if not is_open:
            super().set_gate(group, is_open=False)


class GateGoesWithGroup(Reservations):
    """A gate is deleted with its group, and a new group with the code finds it open."""

    def set_gate(self, group: GroupCode, *, is_open: bool) -> None:
        """Store the gate of a group that there is."""
        if group in self._groups.contents.groups:
            super().set_gate(group, is_open=is_open)


class ClosedGateIgnored(Reservations):
    """Whoever locks a gate is told that it is open."""

    def lock_gates(self, groups: Collection[GroupCode]) -> Mapping[GroupCode, bool]:
        """Return that all are open."""
        return dict.fromkeys(super().lock_gates(groups), True)


class GatesOfAll(Reservations):
    """Tenants share the gates of groups with the same code."""

    def closed_gates(self, groups: Collection[GroupCode]) -> frozenset[GroupCode]:
        """Return the gates that any tenant has closed."""
        shared = frozenset[GroupCode]().union(*(each.closed_gates for each in self.of_others))
        return super().closed_gates(groups) | (shared & set(groups))


class ClosedGatesHidden(Reservations):
    """A check of the gates says that none is closed."""

    def lock_gates(self, groups: Collection[GroupCode]) -> Mapping[GroupCode, bool]:
        """Return which are open."""
        return {code: code not in self.contents.closed_gates for code in groups}

    def closed_gates(self, groups: Collection[GroupCode]) -> frozenset[GroupCode]:
        """Return none."""
        del groups
        return frozenset()


class ClosedGatesOfOthers(Reservations):
    """Who asks for the closed ones among some gates is told of all that are closed."""

    def closed_gates(self, groups: Collection[GroupCode]) -> frozenset[GroupCode]:
        """Return all closed gates."""
        del groups
        return self.contents.closed_gates


class ClosedGatesRemembered(Reservations):
    """Which gates are closed is remembered from the first time that somebody asks for them."""

    def closed_gates(self, groups: Collection[GroupCode]) -> frozenset[GroupCode]:
        """Return those that were closed then."""
        found = super().closed_gates(groups)
        known = self.beside.setdefault(f"closed among {sorted(groups)}", found)
        assert isinstance(known, frozenset)
        return known


class CachedGroups:
    """The groups of a unit of work; who is in which is remembered for the next ones."""

    def __init__(self, groups: InMemoryGroupRepository, storage: Storage) -> None:
        """Remember beside the transactions."""
        self._groups = groups
        self._cache = storage.beside.setdefault(groups.tenant, {})

    def __getattr__(self, name: str) -> object:
        return getattr(self._groups, name)

    def groups_of(
        self, customers: Collection[CustomerKey], *, status: GroupStatus | None = None
    ) -> Mapping[CustomerKey, tuple[CustomerGroup, ...]]:
        """Return the groups of customers as they were when it was asked first."""
        asked = repr((sorted(customers), status))
        found = self._groups.groups_of(customers, status=status)
        return self._cache.setdefault(asked, found)  # type: ignore[return-value]


class CachedCore(InMemoryUnitOfWork):
    """A unit of work of the groups that remembers who is in which."""

    def __init__(self, core: InMemoryUnitOfWork, storage: Storage) -> None:
        """Look through the unit of work."""
        super().__init__(core.groups, core.customers)
        self._cached = CachedGroups(core.groups, storage)

    @property
    def groups(self) -> InMemoryGroupRepository:
        """The groups."""
        return self._cached  # type: ignore[return-value]


class MembershipFrozen(Work):
    """Who is in which group is remembered from the first time that a customer asks."""

    def __init__(
        self,
        core: InMemoryUnitOfWork,
        rules: ReservationRules,
        storage: Storage,
        repository: type[Reservations],
    ) -> None:
        """Remember the groups of customers beside the transactions."""
        super().__init__(core, rules, storage, repository)
        self._frozen = CachedCore(core, storage)

    @property
    def core(self) -> InMemoryUnitOfWork:
        """The groups and customers."""
        return self._frozen


class GoodsCached(Work):
    """What the host has is asked once for each transaction."""

    @property
    def on_hand(self) -> StockOnHand:
        """What the host had when it was asked first."""
        right = super().on_hand
        known: dict[StockKey, Quantity] = vars(self).setdefault("known", {})

        def cached(stocks: Collection[StockKey], *, lock: bool) -> Mapping[StockKey, Quantity]:
            missing = [stock for stock in stocks if stock not in known]
            known.update(dict.fromkeys(missing, 0) | dict(right(missing, lock=lock)))
            return {stock: known[stock] for stock in stocks}

        return cached


class AllowanceForgotten(Work):
    """What may be promised beyond what is on hand is not read from the configuration."""

    @property
    def rules(self) -> ReservationRules:
        """The rules without the allowance."""
        return ReservationRules(scale=super().rules.scale)


CASES = cases(
    GateNotStored,
    GateNeverOpened,
    GateGoesWithGroup,
    ClosedGateIgnored,
    GatesOfAll,
    ClosedGatesHidden,
    ClosedGatesOfOthers,
    ClosedGatesRemembered,
    MembershipFrozen,
    GoodsCached,
    AllowanceForgotten,
)

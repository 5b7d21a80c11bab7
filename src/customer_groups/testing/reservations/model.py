"""What correct reservations do, written down in the most obvious way.

This is the specification that adapters and the functions of reservations are compared with. It
shares no decision with them: it keeps no totals, and adds up whatever it is asked for.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import attrs

from customer_groups.codes import GroupCode
from customer_groups.customers import Customer
from customer_groups.errors import GroupNotFoundError
from customer_groups.model import GroupStatus
from customer_groups.reservations.model import (
    EntryKind,
    GroupReservation,
    StockKey,
    parse_stock_key,
)
from customer_groups.reservations.reconciling import BypassedGate
from customer_groups.reservations.repository import ReservationRules
from customer_groups.reservations.requests import Request
from customer_groups.testing.model import GroupModel
from customer_groups.testing.reservations.findings import Findings, Short
from customer_groups.testing.reservations.model_groups import GroupSwitchModel
from customer_groups.testing.reservations.model_holding import HoldingModel
from customer_groups.testing.reservations.model_orders import OrderModel
from customer_groups.testing.reservations.model_state import PLANNED_OR_ACTIVE
from customer_groups.testing.reservations.promises import Promises

__all__ = ["ReservationModel"]


class ReservationModel(HoldingModel, OrderModel, GroupSwitchModel):
    """The groups and reservations of one tenant, with the functions of reservations as methods.

    Each takes what the function takes after the unit of work, and always says ``at``. What
    differs: there are no transactions, only `copy`, and one page holds all there is.
    """

    @classmethod
    def of(cls, customers: Sequence[Customer], rules: ReservationRules) -> "ReservationModel":
        """Return the model of a tenant that has nothing yet."""
        return cls(GroupModel(customers), Promises(rules))

    def repair(
        self,
        stocks: Collection[str],
        *,
        request_id: str,
        at: datetime,
        by: str | None = None,
    ) -> Findings:
        """Find out what is wrong; nothing of the model ever is, but the host may be short."""
        request = Request(request_id, at, by)
        keys = sorted({parse_stock_key(stock) for stock in stocks})
        return self._once(request, ("repair", keys), lambda: self.reconcile(keys))

    def repair_drifted(self, stock: StockKey, *, request_id: str, at: datetime) -> Findings:
        """Put right what was only stored wrong: the ledger says that nothing has moved."""
        found = self.repair([stock], request_id=request_id, at=at)
        self.promises.note(EntryKind.REPAIR, Request(request_id, at), stock)
        return attrs.evolve(found, disagreeing=(stock,))

    def reconcile(self, stocks: Collection[str]) -> Findings:
        """Find out of which stocks too much is promised, and which groups were changed past us."""
        keys = sorted({parse_stock_key(stock) for stock in stocks})
        short = [
            Short(key, promised - most)
            for key in keys
            if (promised := self.promises.held(key) + self.promises.outstanding(key))
            > (most := max(0, self.promises.limit(key)))
        ]
        holding = [
            each
            for each in self.promises.reservations.values()
            if each.stock in keys and each.state in PLANNED_OR_ACTIVE
        ]
        gates = [
            BypassedGate(code, self._status(code, holding), code not in self.closed)
            for code in {each.group for each in holding}
        ]
        bypassed = [gate for gate in gates if gate.is_open != (gate.status is GroupStatus.ACTIVE)]
        return Findings(tuple(short), tuple(sorted(bypassed, key=lambda gate: gate.group)))

    def _status(
        self, code: GroupCode, reservations: Iterable[GroupReservation]
    ) -> GroupStatus | None:
        """Return the status of a group; None where a reservation was made for one before it."""
        try:
            group = self.groups.get(code)
        except GroupNotFoundError:
            return None
        made = {each.group_created_at for each in reservations if each.group == code}
        return group.status if made == {group.created_at} else None

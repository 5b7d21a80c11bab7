"""What `reconcile` and `repair` find, without what only the storage itself can know."""

import attrs

from customer_groups.reservations.model import StockKey
from customer_groups.reservations.quantities import Quantity
from customer_groups.reservations.reconciling import BypassedGate, Reconciliation

__all__ = ["Findings", "Short", "found_in"]


@attrs.frozen
class Short:
    """A stock of which more is promised than there is, and how much more."""

    stock: StockKey
    shortfall: Quantity


@attrs.frozen
class Findings:
    """What is wrong.

    Attributes:
        short: The stocks of which too much is promised, by key.
        bypassed: The groups that were changed past the functions of reservations.
        disagreeing: The stocks of which the sums do not agree, by key.
    """

    short: tuple[Short, ...] = ()
    bypassed: tuple[BypassedGate, ...] = ()
    disagreeing: tuple[StockKey, ...] = ()


def found_in(reconciliation: Reconciliation) -> Findings:
    """Return what a reconciliation has found."""
    findings = reconciliation.findings
    return Findings(
        tuple(Short(each.stock, each.shortfall) for each in findings if each.shortfall),
        reconciliation.bypassed,
        tuple(each.stock for each in findings if not each.agrees),
    )

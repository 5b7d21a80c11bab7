"""What a tenant has stored about reservations: values that are never changed, only replaced."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import attrs

from customer_groups.codes import GroupCode
from customer_groups.reservations.model import Draw, GroupReservation, LedgerEntry, StockKey
from customer_groups.reservations.quantities import Quantity, Scale
from customer_groups.reservations.repository import StockTotals

__all__ = ["NotedRequest", "ReservationContents", "normal", "total_of"]

V = TypeVar("V", Draw, GroupReservation, LedgerEntry, StockTotals)


@attrs.frozen
class NotedRequest:
    """A request, and how it was answered; None until then."""

    fingerprint: str
    answer: str | None = None


@attrs.frozen
class ReservationContents:
    """All that a tenant has stored about reservations; draws by their consumption and line."""

    requests: Mapping[str, NotedRequest] = attrs.field(factory=dict)
    closed_gates: frozenset[GroupCode] = frozenset()
    totals: Mapping[StockKey, StockTotals] = attrs.field(factory=dict)
    reservations: Mapping[str, GroupReservation] = attrs.field(factory=dict)
    draws: Mapping[tuple[str, int], Draw] = attrs.field(factory=dict)
    ledger: tuple[LedgerEntry, ...] = ()


def normal(scale: Scale, value: V) -> V:
    """Return a value with all of its quantities as the scale writes them."""
    names = [field.name for field in attrs.fields(type(value)) if field.type == Quantity]
    quantities: dict[str, Any] = {name: scale.kept(getattr(value, name)) for name in names}
    return attrs.evolve(value, **quantities)


def total_of(scale: Scale, changes: Iterable[StockTotals | LedgerEntry]) -> StockTotals:
    """Return the sum of what is held and of what is outstanding, without a version."""
    added = list(changes)
    held, outstanding = sum(each.held for each in added), sum(each.outstanding for each in added)
    return normal(scale, StockTotals(held, outstanding))

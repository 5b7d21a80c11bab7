"""A host in memory with a group and its member, and one whose answers can be replaced."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

from customer_groups.adapters.memory import InMemoryStorage
from customer_groups.customers import Customer
from customer_groups.reservations.quantities import Quantity
from customer_groups.reservations.repository import ReservationRules, ReservationWork
from customer_groups.reservations.store import ReservationStore
from customer_groups.service import create_group
from reservations.promises import DAY, NOW, reservation_store

__all__ = ["BEFORE", "MEMBER", "furnished", "make_group", "replacing"]

MEMBER = "C1"
BEFORE = NOW - DAY
"""When the groups were made."""


def make_group(work: ReservationWork, code: str = "G", *, later: timedelta = DAY * 0) -> None:
    """Make a group with the member, so much later than the others."""
    create_group(
        work.core, f"Group {code}", code=code, customers=[MEMBER], by_key=True, at=BEFORE + later
    )


def furnished(
    on_hand: Mapping[str, Quantity],
    *codes: str,
    rules: ReservationRules | None = None,
    storage: InMemoryStorage | None = None,
) -> ReservationStore:
    """Return a store of a host that has this, with these groups; each has the member."""
    customers = [Customer(MEMBER)]
    store = reservation_store(on_hand, rules=rules, storage=storage, customers=customers)
    with store.transaction() as work:
        for code in codes:
            make_group(work, code)
    return store


class _Replaced:
    """Passes everything on to an object, but for what is given in its place."""

    def __init__(self, real: object, instead: Mapping[str, object]) -> None:
        self._real, self._instead = real, instead

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any attribute
        return self._instead[name] if name in self._instead else getattr(self._real, name)


def replacing(
    work: ReservationWork,
    *,
    groups: Mapping[str, object] | None = None,
    reservations: Mapping[str, object] | None = None,
) -> ReservationWork:
    """Return a unit of work in which these methods of its repositories are replaced."""
    core = _Replaced(work.core, {"groups": _Replaced(work.core.groups, groups or {})})
    other = _Replaced(work.reservations, reservations or {})
    return cast("ReservationWork", _Replaced(work, {"core": core, "reservations": other}))

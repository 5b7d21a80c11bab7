"""What a host does from time to time, in as many transactions as it takes."""

from datetime import datetime
from functools import partial

from customer_groups.model import time_or_now
from customer_groups.reservations.expiring import Expiry, expire_due
from customer_groups.reservations.reconciling import BypassedGate, Reconciliation, reconcile
from customer_groups.reservations.store import ReservationStore

__all__ = ["expire_all", "reconcile_all"]


def expire_all(
    store: ReservationStore,
    *,
    request_id: str,
    at: datetime | None = None,
    by: str | None = None,
) -> Expiry:
    """Expire and begin all reservations of a tenant whose time has come.

    It calls `expire_due` in short transactions, as the requests ``REQUEST_ID:1``,
    ``REQUEST_ID:2`` and so on. Called again with the same id after a failure, it goes on.

    Args:
        store: The store.
        request_id: What the ids of the requests begin with, at most 70 characters; another one
            for each run, such as one with the date.
        at: When.
        by: Who does it.

    Returns:
        All that came to its time.
    """
    ask = partial(expire_due, at=time_or_now(at), by=by)
    total, number = store.run(partial(ask, request_id=f"{request_id}:1")), 1
    while total.next is not None:
        number += 1
        turn = partial(ask, request_id=f"{request_id}:{number}", after=total.next)
        part = store.run(turn)
        total = Expiry(total.expired + part.expired, total.begun + part.begun, part.next)
    return total


def reconcile_all(store: ReservationStore) -> Reconciliation:
    """Look through all stocks of a tenant; see `reconcile`.

    Each 100 of them are locked for a moment, in a transaction of their own.

    Args:
        store: The store.

    Returns:
        All that was found.
    """
    page = store.run(reconcile)
    findings, bypassed = page.findings, set(page.bypassed)
    while page.next is not None:
        page = store.run(partial(reconcile, after=page.next))
        findings += page.findings
        bypassed |= set(page.bypassed)
    return Reconciliation(findings, tuple(sorted(bypassed, key=_by_code)))


def _by_code(gate: BypassedGate) -> str:
    return gate.group

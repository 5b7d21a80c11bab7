"""Groups that are switched off, on, or deleted while stock is held for them.

The groups themselves know nothing of reservations. So these functions stand in front of those of
`customer_groups.service`; who has reservations calls these instead. A group that was switched off
or deleted past them is found by `reconcile`.
"""

import enum
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial

import attrs

from customer_groups.codes import GroupCode, parse_group_code
from customer_groups.errors import RetryableConflictError, StaleGroupError
from customer_groups.model import CustomerGroup
from customer_groups.repository import UnitOfWork
from customer_groups.reservations.errors import ReservationsHeldError
from customer_groups.reservations.model import EntryKind, GroupReservation, ReservationState
from customer_groups.reservations.repository import ReservationWork
from customer_groups.reservations.requests import Request, once
from customer_groups.reservations.shelves import booking_of, lock_shelves
from customer_groups.service import activate_group as activate_in_core
from customer_groups.service import deactivate_group as deactivate_in_core
from customer_groups.service import delete_group as delete_in_core
from customer_groups.text import one_of

__all__ = ["GroupClosing", "Holdings", "activate_group", "deactivate_group", "delete_group"]


class Holdings(enum.StrEnum):
    """What becomes of the stock that is held for a group which is switched off or deleted."""

    REFUSE = "refuse"
    """Nothing: the group stays as it is while anything is held or planned for it. If nothing is,
    its exhausted reservations are closed, and what comes back of them later is free."""
    RELEASE = "release"
    """It is free again."""
    KEEP = "keep"
    """It stays held, and nobody can consume it until the group is switched on again, or until
    it is released or moved to another group."""


@attrs.frozen
class GroupClosing:
    """A group that was switched off or deleted.

    Attributes:
        group: The group as it is now, or was last.
        released: The ids of the reservations that were released with it, in order.
    """

    group: CustomerGroup
    released: tuple[str, ...] = ()


def activate_group(
    work: ReservationWork,
    code: str,
    *,
    request_id: str,
    version: int | None = None,
    at: datetime | None = None,
    by: str | None = None,
) -> CustomerGroup:
    """Switch a group on, and let it gain stock again.

    Args:
        work: The unit of work.
        code: The group.
        request_id: Identifies the request.
        version: The version that the user saw; None for any.
        at: When.
        by: Who does it.

    Returns:
        The group as stored.

    Raises:
        GroupNotFoundError: no group has this code.
        StaleGroupError: somebody changed the group meanwhile.
        RequestReusedError: the same ``request_id`` asked for something else before.
    """
    request, key = Request(request_id, at, by), parse_group_code(code)
    do = partial(_activate, work, request, key, version)
    return once(work, request, {"activate_group": [key, version]}, do, CustomerGroup)


def deactivate_group(
    work: ReservationWork,
    code: str,
    *,
    request_id: str,
    holdings: Holdings | str = Holdings.REFUSE,
    version: int | None = None,
    at: datetime | None = None,
    by: str | None = None,
) -> GroupClosing:
    """Switch a group off, and say what becomes of the stock that is held for it.

    Args:
        work: The unit of work.
        code: The group.
        request_id: Identifies the request.
        holdings: What becomes of the stock.
        version: The version that the user saw; None for any.
        at: When.
        by: Who does it.

    Raises:
        GroupNotFoundError: no group has this code.
        StaleGroupError: somebody changed the group meanwhile.
        ReservationsHeldError: something is held or planned for it, and that is to refuse.
        RetryableConflictError: stock was reserved for it that this transaction cannot see.
        RequestReusedError: the same ``request_id`` asked for something else before.
    """
    request, key = Request(request_id, at, by), parse_group_code(code)
    policy = one_of(Holdings, "holdings", holdings)
    do = partial(_deactivate, work, request, key, version, policy)
    return once(work, request, {"deactivate_group": [key, version, policy]}, do, GroupClosing)


def delete_group(
    work: ReservationWork,
    code: str,
    *,
    request_id: str,
    holdings: Holdings | str = Holdings.REFUSE,
    version: int | None = None,
    at: datetime | None = None,
    by: str | None = None,
) -> GroupClosing:
    """Delete a group, and say what becomes of the stock that is held for it.

    A new group with its code gains no stock before `activate_group` is called for it.

    Arguments, result and errors as for `deactivate_group`.
    """
    request, key = Request(request_id, at, by), parse_group_code(code)
    policy = one_of(Holdings, "holdings", holdings)
    do = partial(_delete, work, request, key, version, policy)
    return once(work, request, {"delete_group": [key, version, policy]}, do, GroupClosing)


def _activate(
    work: ReservationWork, request: Request, code: GroupCode, version: int | None
) -> CustomerGroup:
    is_open = work.reservations.lock_gates([code])[code]
    switch = partial(activate_in_core, version=version, by=request.by, at=request.at)
    group = _switched(work, code, switch, is_open=is_open)
    work.reservations.set_gate(code, is_open=True)
    return group


def _deactivate(
    work: ReservationWork, request: Request, code: GroupCode, version: int | None, policy: Holdings
) -> GroupClosing:
    is_open = work.reservations.lock_gates([code])[code]
    switch = partial(deactivate_in_core, version=version, by=request.by, at=request.at)
    group = _switched(work, code, switch, is_open=is_open)
    return GroupClosing(group, _close(work, request, group, policy))


def _delete(
    work: ReservationWork, request: Request, code: GroupCode, version: int | None, policy: Holdings
) -> GroupClosing:
    work.reservations.lock_gates([code])
    group = work.core.groups.get(code)
    delete_in_core(work.core, code, version=version)
    return GroupClosing(group, _close(work, request, group, policy))


def _switched(
    work: ReservationWork,
    code: GroupCode,
    switch: Callable[[UnitOfWork, str], CustomerGroup],
    *,
    is_open: bool,
) -> CustomerGroup:
    """Switch a group on or off, once its gate is locked."""
    before = work.core.groups.get(code)
    group = switch(work.core, code)
    if group != before or is_open == before.is_active:
        return group
    # It was switched past its gate, or what we see of it is old: storing it tells.
    try:
        return work.core.groups.replace(group)
    except StaleGroupError:
        raise RetryableConflictError(
            "the group was changed by a transaction that this one cannot see; try again"
        ) from None


def _close(
    work: ReservationWork, request: Request, group: CustomerGroup, policy: Holdings
) -> tuple[str, ...]:
    """Close the locked gate of a group, and return what was released."""
    work.reservations.set_gate(group.code, is_open=False)
    if policy is Holdings.KEEP:
        return ()
    # What is kept for another group, which had this code before, stays kept.
    seen = [each for each in work.reservations.of_group(group.code) if each.is_for(group)]
    stocks, ids = {each.stock for each in seen}, [each.id for each in seen]
    shelves = lock_shelves(work, stocks, request.at, also=ids)
    locked = work.reservations.of_group(group.code, lock=True)
    found = [each for each in locked if each.is_for(group)]
    if not {each.id for each in found} <= set(ids):
        raise RetryableConflictError(
            "stock was reserved for the group that this transaction could not see; try again"
        )
    # As they are on their shelves: some have just expired.
    still_open = [
        shelf.reservations[each.id]
        for each in found
        if (shelf := shelves[each.stock]).reservations[each.id].state.is_open
    ]
    if policy is Holdings.REFUSE:
        _refuse_what_is_held(group.code, still_open)
    for each in still_open:
        shelves[each.stock].change(EntryKind.RELEASE, each.ended(ReservationState.RELEASED))
    work.reservations.book(booking_of(request, shelves.values()))
    return tuple(each.id for each in still_open)


def _refuse_what_is_held(code: GroupCode, found: Iterable[GroupReservation]) -> None:
    held = tuple(each.id for each in found if each.state.has_more)
    if held:
        raise ReservationsHeldError(code, held)

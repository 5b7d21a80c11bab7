"""How the model switches groups on and off, and deletes them, with what they hold."""

from datetime import datetime

import attrs

from customer_groups.codes import GroupCode, parse_group_code
from customer_groups.errors import StaleGroupError
from customer_groups.model import CustomerGroup, GroupStatus
from customer_groups.reservations.errors import ReservationsHeldError
from customer_groups.reservations.groups import GroupClosing, Holdings
from customer_groups.reservations.model import EntryKind, ReservationState
from customer_groups.reservations.requests import Request
from customer_groups.testing.reservations.model_state import (
    ENDED,
    PLANNED_OR_ACTIVE,
    ModelState,
)
from customer_groups.text import one_of

__all__ = ["GroupSwitchModel"]

_SHOWN = 5


class GroupSwitchModel(ModelState):
    """What happens to groups, through the functions of reservations."""

    def activate_group(
        self,
        code: str,
        *,
        request_id: str,
        version: int | None = None,
        at: datetime,
        by: str | None = None,
    ) -> CustomerGroup:
        """Switch a group on, and let it gain stock."""
        request, key = Request(request_id, at, by), parse_group_code(code)

        def activate() -> CustomerGroup:
            group = self._switched(key, GroupStatus.ACTIVE, version, request)
            self.closed -= {key}
            return group

        return self._once(request, ("activate_group", key, version), activate)

    def deactivate_group(
        self,
        code: str,
        *,
        request_id: str,
        holdings: Holdings | str = Holdings.REFUSE,
        version: int | None = None,
        at: datetime,
        by: str | None = None,
    ) -> GroupClosing:
        """Switch a group off."""
        request, key = Request(request_id, at, by), parse_group_code(code)
        policy = one_of(Holdings, "holdings", holdings)

        def deactivate() -> GroupClosing:
            group = self._switched(key, GroupStatus.INACTIVE, version, request)
            return GroupClosing(group, self._close(request, key, policy))

        return self._once(request, ("deactivate_group", key, version, policy), deactivate)

    def delete_group(
        self,
        code: str,
        *,
        request_id: str,
        holdings: Holdings | str = Holdings.REFUSE,
        version: int | None = None,
        at: datetime,
        by: str | None = None,
    ) -> GroupClosing:
        """Delete a group."""
        request, key = Request(request_id, at, by), parse_group_code(code)
        policy = one_of(Holdings, "holdings", holdings)

        def delete() -> GroupClosing:
            group = self.groups.get(key)
            self.groups.remove(key, version=version)
            return GroupClosing(group, self._close(request, key, policy))

        return self._once(request, ("delete_group", key, version, policy), delete)

    def _switched(
        self, code: GroupCode, status: GroupStatus, version: int | None, request: Request
    ) -> CustomerGroup:
        group = self.groups.get(code)
        if version not in {None, group.version}:
            raise StaleGroupError(code, expected=version or 0, actual=group.version)
        if group.status is status:
            was_told = group.is_active != (code in self.closed)
            return group if was_told else self.groups.replace(group)
        return self.groups.replace(
            attrs.evolve(group, status=status, updated_at=request.at, updated_by=request.by)
        )

    def _close(self, request: Request, code: GroupCode, policy: Holdings) -> tuple[str, ...]:
        self.closed |= {code}
        if policy is Holdings.KEEP:
            return ()
        theirs = {key for key, each in self.promises.reservations.items() if each.group == code}
        named = sorted(key for key in theirs if self._is_still_open(key))
        stocks = {self.promises.reservations[key].stock for key in named}
        self.promises.meet(stocks, request, named=named)
        if policy is Holdings.REFUSE:
            self._refuse_what_is_held(code)
        released = tuple(key for key in named if self._is_still_open(key))
        for key in released:
            ended = attrs.evolve(self.promises.reservations[key], state=ReservationState.RELEASED)
            self.promises.change(EntryKind.RELEASE, request, ended)
        return released

    def _is_still_open(self, key: str) -> bool:
        return self.promises.reservations[key].state not in ENDED

    def _refuse_what_is_held(self, code: GroupCode) -> None:
        held = sorted(
            each.id
            for each in self.promises.reservations.values()
            if each.group == code and each.state in PLANNED_OR_ACTIVE
        )
        if held:
            raise ReservationsHeldError(code, tuple(held[:_SHOWN]))

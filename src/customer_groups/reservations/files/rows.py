"""What a row asks for."""

from collections.abc import Mapping
from datetime import datetime, tzinfo

import attrs

from customer_groups.errors import InvalidValueError
from customer_groups.files.cells import has_text
from customer_groups.files.flags import yes_or_no
from customer_groups.model import parse_actor, time_or_now
from customer_groups.reservations.files.cells import number_in, quantity_in, text_in, time_in
from customer_groups.reservations.files.stock_keys import StockKeyOf, stock_in
from customer_groups.reservations.model import (
    DEFAULT_PRIORITY,
    GroupReservation,
    parse_request_id,
)
from customer_groups.reservations.quantities import Quantity
from customer_groups.reservations.repository import ReservationWork
from customer_groups.reservations.reserving import reserve

__all__ = ["AskedRow", "RowForm"]

_LAST_LINE = 10**9


@attrs.frozen(kw_only=True)
class AskedRow:
    """What a row asks `reserve` for."""

    request_id: str = attrs.field(converter=parse_request_id)
    group: str
    stock: str
    quantity: Quantity
    valid_from: datetime | None
    valid_to: datetime | None
    priority: int
    holds_before_start: bool

    def reserve(self, work: ReservationWork, *, at: datetime, by: str | None) -> GroupReservation:
        """Set the stock aside; see `reserve`."""
        asked = attrs.asdict(self, recurse=False)
        return reserve(work, **asked, at=at, by=by)


def _prefix(request_id: str) -> str:
    prefix = parse_request_id(request_id)
    parse_request_id(f"{prefix}:{_LAST_LINE}")
    return prefix


def _zone(time_zone: tzinfo) -> tzinfo:
    if not isinstance(time_zone, tzinfo):
        reason = "is no tzinfo; pass one, such as zoneinfo.ZoneInfo('Europe/Vienna')"
        raise InvalidValueError("time_zone", time_zone, reason)
    return time_zone


@attrs.frozen(kw_only=True)
class RowForm:
    """Makes requests of the rows of a file.

    Attributes:
        request_id: What the id of a row without one begins with.
        stock_key: Makes keys of items and locations.
        time_zone: The time zone of what names none.
        at: When all of it happens.
        by: Who does it.
    """

    request_id: str = attrs.field(converter=_prefix)
    stock_key: StockKeyOf
    time_zone: tzinfo = attrs.field(converter=_zone)
    at: datetime = attrs.field(converter=time_or_now)
    by: str | None = attrs.field(converter=parse_actor)

    def asked(self, line: int, fields: Mapping[str, object]) -> AskedRow:
        """Return what a row asks for.

        Args:
            line: Where it stands.
            fields: Its cells.

        Raises:
            InvalidValueError: a cell cannot be what it has to be.
        """
        said = {field: cell for field, cell in fields.items() if has_text([cell])}
        return AskedRow(
            request_id=text_in("id", said.get("id")) or f"{self.request_id}:{line}",
            group=text_in("group", said.get("group")),
            stock=stock_in(said, self.stock_key),
            quantity=quantity_in(said.get("quantity")),
            valid_from=self._time("valid_from", said),
            valid_to=self._time("valid_to", said),
            priority=_priority(said),
            holds_before_start=_holds_before_start(said),
        )

    def _time(self, field: str, said: Mapping[str, object]) -> datetime | None:
        return time_in(field, said[field], self.time_zone) if field in said else None


def _priority(said: Mapping[str, object]) -> int:
    return number_in("priority", said["priority"]) if "priority" in said else DEFAULT_PRIORITY


def _holds_before_start(said: Mapping[str, object]) -> bool:
    field = "holds_before_start"
    return field not in said or yes_or_no(field, said[field])
